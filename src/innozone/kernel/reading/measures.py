"""Which words announce which measured variable. A table, first fit on equal distance; patterns never cross a full stop."""

from __future__ import annotations

import re

# (variable, kinds of quantity it may have, units it must have or None, words that announce it)
_TABLE: tuple[tuple[str, str, str | None, str], ...] = (
    # shares
    ("rd_domestic_ratio", "percent", None, r"(?:境内|省内|国内|市内|本[省市区]|内)[^，；]{0,10}(?:研究与?试?验?发展?开发|研究开发|研发)[^，；]{0,16}占[^，；]{0,6}(?:全部|总)?(?:研究开发|研发)[^，；]*"),
    ("rd_ratio", "percent", None, r"(?:研究与?开发|研究与试验发展|研发|R&D|科技)(?:活动)?(?:费用?|投入|经费|支出|费用支出)[^；]{0,40}占[^；]{0,30}(?:收入|产值|销售额|成本|营收)[^，；]*|(?:研究开发|研发)(?:费用?|投入|经费)(?:占比|强度)"),
    ("hitech_revenue_ratio", "percent", None, r"(?:高新技术|高新|新|核心|主导|主营)产?品?(?:（服务）)?(?:产品)?(?:（服务）)?(?:的)?(?:业务)?(?:销售)?(?:收入|产值)[^，；]{0,12}占[^，；]*"),
    ("licensed_staff_ratio", "percent", None, r"持证(?:上岗)?率|(?:执业|持证|职业资格|从业资格|专业资质|专业(?:孵化|创业)?服务人员)[^，；]{0,16}(?:占|比例)[^，；]*|专业(?:孵化|创业)?服务人员□*占[^，；]*"),
    ("disabled_staff_ratio", "percent", None, r"残疾[^，；]{0,16}(?:占|比例)[^，；]*|残疾人?(?:职工)?(?:就业)?(?:人数)?(?:超过|达到|不低于)[^，；]{0,10}(?:职工|员工)[^，；]{0,4}"),
    ("hk_macao_youth_ratio", "percent", None, r"(?:港澳|香港|澳门)(?:(?!持股|股份|股权|出资|占股)[^，；]){0,20}(?:占|比例)[^，；]*"),
    ("target_hire_ratio", "percent", None, r"(?:招用|新招|新增|吸纳|招录|招收)[^；]{0,40}(?:占|达到?)[^；]{0,20}(?:职工|员工|人员|人数)[^，；]*"),
    ("tech_staff_ratio", "percent", None, r"(?:科技|研发|研究开发|技术|科研|R&D|研究)[^，；]{0,10}人员?[^；]{0,20}占(?:(?!其中)[^；])*"),
    ("local_contribution_growth", "percent", None, r"(?:贡献|财力|税收|纳税|入库税)[^；]{0,24}(?:增长|增幅|增速|递增)[^，；]*"),
    ("revenue_growth", "percent", None, r"(?:收入|产值|销售额?|零售额|业务量|营收|营业额|增加值|业绩)[^；]{0,20}(?:增长|增幅|增速|递增|提高)[^，；]*|(?:新增|净增)[^，；]{0,8}(?:收入|产值|销售额?|营收)"),
    ("export_ratio", "percent", None, r"出口[^，；]{0,16}(?:占|比例)[^，；]*"),
    ("local_tax_rate", "percent", None, r"(?:属地|落地|注册|税收)(?:纳税|注册|入库|登记)?率"),
    ("occupancy_rate", "percent", None, r"(?:入驻|入住|出租|使用|利用)率|(?:在孵|入驻|入园)企业[^，；]{0,8}面积[^，；]*"),
    ("dominant_industry_ratio", "percent", None, r"(?:主导|特色|重点|优势|同类|相关)(?:产业|行业|领域)[^，；]{0,20}(?:占|比例|比重|集聚|率)[^，；]*"),
    ("tax_burden_ratio", "percent", None, r"税负(?:率)?"),
    ("sales_price_discount", "percent", None, r"(?:优惠|让利|折扣)"),
    ("person_holding", "percent", None, r"(?:本人|个人|创业人才|申请人|申报人|核心成员|团队|创始人|领军人才|毕业生|人才)[^；]{0,16}(?:持股|股份|股权|出资|占股)[^，；]*"),
    ("ownership_share", "percent", None, r"(?:持股|持有[^，；]{0,8}股|股份|股权|出资|控股|占股)[^，；]*"),
    # money
    ("tax_per_mu", "money", None, r"(?:亩均|每亩)[^，；]{0,6}税[^，；]*"),
    ("investment_per_mu", "money", None, r"(?:亩均|每亩)[^，；]{0,6}投[^，；]*|投资强度"),
    ("taxable_income", "money", None, r"应纳税所得额"),
    ("technology_transfer_income", "money", None, r"技术转让(?:所得|收入)"),
    ("building_tax", "money", None, r"(?:楼宇|商务楼)[^，；]{0,14}税[^，；]*"),
    ("tax_paid", "money", None, r"(?:入库|缴纳|上缴|实缴|实际缴纳|年|纳)[^，；]{0,8}(?:税收|税金|税款|税额|所得税|增值税|税)(?:总额|收入|合计|额)?|纳税(?:总)?额|税收(?:总额|收入|贡献)?|税额"),
    ("local_contribution", "money", None, r"(?:地方|区级|市级|财政|经济|综合)[^，；]{0,6}(?:贡献|财力|留成)(?:度|额|总额)?"),
    ("product_revenue", "money", None, r"(?:单品种|单个?产品|单款产品|单一产品|该产品|品种|首台)[^，；]{0,8}(?:销售|收入|产值)[^，；]*|票房(?:收入)?|流水"),
    ("farm_income", "money", None, r"(?:养殖|种植|渔|农)[^，；]{0,12}(?:销售)?(?:总)?收入"),
    ("person_monthly_income", "money", None, r"月(?:均)?(?:收入|薪|工资|薪酬)[^，；]{0,4}"),
    ("person_income", "money", None, r"(?:年(?:度)?(?:报酬|薪酬?|工资薪?金?|收入总?额?)|工资薪金|薪酬|税前收入)(?:所得|总额|收入)?"),
    ("revenue_increase", "money", None, r"(?:收入|产值|销售额?|营收)[^，；]{0,10}(?:增加|新增|净增|增量|增长)(?:额)?"),
    ("trade_increment", "money currency", None, r"进出口[^，；]{0,12}(?:增|净增)[^，；]*"),
    ("export_value", "money currency", None, r"(?:自营)?(?:进?出口|外贸)(?:总)?(?:额|值|业绩|交货值)?|(?:跨境电商|服务外包|离岸外包|服务贸易)[^，；]{0,8}(?:额|值)|离岸(?:执行|合同)额"),
    ("import_value", "money currency", None, r"(?:自营)?进口(?:总)?(?:额|值)?"),
    ("foreign_capital", "money currency", None, r"(?:实到|到位|到账|实际利用|实际到位|合同|利用|注册)?外资|外商投资|外方投资"),
    ("outbound_investment", "money currency", None, r"(?:境外|中方|对外)[^，；]{0,8}投资"),
    ("revenue", "money", None, r"(?:主营业务|营业|销售|经营|服务|业务|年产品销售|年|零售|批发|带货)(?:总)?(?:收入|销售额|额|营收|产值)(?:总额)?|(?:年|年度|网络|平台|电商)(?:交易|成交)额|营业额|销售额|产值|营收|收入(?:规模)?"),
    ("profit_total", "money", None, r"(?:利润|净利)(?:总额|润)?"),
    ("total_assets", "money", None, r"(?:资产总额|总资产|资产规模|净资产|资产)"),
    ("paid_in_capital", "money", None, r"实缴(?:注册|货币)?(?:资本金?|资金|出资)|实收资本|到位注册资本"),
    ("registered_capital", "money", None, r"注册(?:资本|资金)|认缴出资"),
    ("technology_contract_value", "money", None, r"技术(?:合同|交易)[^，；]{0,8}(?:额|金额)?|登记技术合同额"),
    ("fund_size", "money", None, r"(?:实缴|到位|募集)[^，；]{0,4}规模|(?:种子|孵化)(?:资金|基金)[^，；]{0,6}|基金[^，；]{0,10}(?:规模|资本|总额|实缴)[^，；]*|(?:管理|募集)[^，；]{0,6}(?:资金|基金)[^，；]{0,6}"),
    ("capital_invested_local", "money percent", None, r"投资(?:于)?[^，；]{0,14}(?:企业|项目)[^，；]{0,8}(?:资金|金额|投资额|累计|总额)[^，；]*"),
    ("equity_received", "money", None, r"(?:股权|风险|创业|天使|机构|战略|[A-D]\+?轮|天使轮)(?:投资|融资)(?:总?额|资金)?|融资(?:总)?额"),
    ("fundraising", "money percent", None, r"(?:自主投入|自有资金|自筹资金|投入资金|创业投资|筹[资集]资金)(?:额)?"),
    ("cloud_spend", "money", None, r"上云(?:费用?|支出|投入)"),
    ("fixed_asset_investment", "money", None, r"固定资产(?:投资|投入)(?:总?额)?"),
    ("equipment_investment", "money", None, r"(?:生产性|生产|技改|核心|技术)?(?:设备|软硬件|软件|仪器|装备|农机具?)(?:（[^）]*）)?(?:[^，；]{0,8}(?:购置|投入|投资|采购|额|金额|费用?|原值|价值?))?|单个中心[^，；]*投入"),
    ("rd_expense", "money", None, r"(?:研发|研究开发|研究与开发|科技)(?:费用?|投入|经费|支出|总额|活动经费)[^，；]{0,4}"),
    ("loan_balance", "money", None, r"单户余额|(?:贷款|授信|融资|担保)(?:总?额|余额|金额|本金|规模)?"),
    ("project_investment", "money", None, r"(?:总投资|投资总额|投资规模|项目投资|实际投资|投资|总投入|资金投入|实际投入|投入|并购金?额|采购金?额|合同金?额|成交额|交易额)(?:总?额|资金|金额|规模)?"),
    # people and counts
    ("tourist_count", "count", "人次 人 名", r"游客[^，；]*|组团[^，；]*|带团人数|接待[^，；]{0,8}(?:人数|人次)?|旅客[^，；]*|(?:包机|专列)[^，；]*"),
    ("event_scale", "count", "人 人次 名 批次 场 场次 展位 个 家", r"(?:会议|参会|活动|论坛|赛事|展会|会展|大赛|培训|演出|观众|参展|境外专家|嘉宾)[^，；]{0,8}(?:人数|规模|人员|次数)?[^，；]{0,6}|带团批次[^，；]*"),
    ("jobs_created", "count", "人 名", r"(?:吸纳|带动|招用|招录|新增|安置|解决|提供|创造)[^，；]{0,14}(?:就业|岗位|人员|职工|员工|毕业生)[^，；]*|(?:吸纳|招用|招录|安置|安排)[^，；]{0,6}|安[置排][^，；]{0,20}残疾[^，；]{0,6}|引进[^，；]{0,12}(?:专家|人才|博士|硕士|博士后|毕业生)"),
    ("staff_total", "count", "人 名", r"(?:从业人员|从业人数|雇员(?:总)?(?:人)?数?|职工(?:总)?(?:人)?数?|员工(?:总)?(?:人)?数?|在职人员|人员规模|用工|参保(?:人数|职工)?|缴纳?(?:社会保险|社保)(?:的)?人数|在岗人员|团队成员|核心成员|签约主播|按摩师|护理员|代理师|工作人员|人员)[^，；]{0,6}"),
    ("group_size", "count", "家 个", r"(?:组织|组团)[^，；]{0,16}(?:企业|单位|参展|参会)?[^，；]{0,6}"),
    ("service_clients", "count", "家 户 个 人次", r"服务[^，；]{0,6}(?:老年人|群众|学员)|服务[^，；]{0,12}(?:企业|客户|用户|中小|单位)[^，；]{0,8}|上云(?:企业)?数|(?:在孵|在园|入驻|入孵|入园|孵化|集聚|新注册|新引进|毕业)[^，；]{0,16}(?:企业|团队|项目|机构|商户|实体|主体)[^，；]{0,8}"),
    ("branch_count", "count", "家 个", r"(?:门店|直营店|连锁店|分店|网点|分支机构|专卖店|加盟店|连锁(?:运营|经营)|(?:投资|控股|全资|下属|授权管理)的?(?:企业|公司|子公司))[^，；]{0,6}"),
    ("bed_count", "count", "家 张 间 个", r"(?:床位|托位|学位|客房|民宿|房间|标准间|农家乐)[^，；]{0,6}"),
    ("invention_patents", "count", "项 件 个", r"发明专利[^，；]{0,8}"),
    ("software_copyrights", "count", "项 件 个", r"软件著作权[^，；]{0,8}"),
    ("patent_count_person", "count", "项 件 个", r"(?:发明专利|专利|知识产权|软件著作权)[^，；]{0,10}"),
    ("innovation_score", "count", "分", r"(?:评价|评分|得分|综合|评审|考核|测评)[^，；]{0,10}"),
    ("guarantee_multiple", "multiple", None, r"(?:担保|余额|净资产|放大)[^，；]{0,14}"),
    ("engine_power", "count", "千瓦", r"(?:功率|主机|马力|双控)[^，；]{0,6}"),
    ("vessel_length", "count", "米", r"(?:船长|船舶?|渔船)[^，；]{0,10}"),
    # areas
    ("planting_area", "area", "亩 公顷", r"(?:种植|基地|面积|连片|流转|新发展|经营|养殖|规模)[^，；]{0,8}|"),
    ("leased_area", "area", "平方米", r"(?:租赁|租用|承租|核定|人均|租)[^，；]{0,12}(?:面积)?[^，；]{0,6}|补[贴助]的?面积"),
    ("area_size", "area", "平方米 平方公里", r"(?:营业|经营|建筑|使用|场地|展览|展示|孵化|办公|生产|厂房)[^，；]{0,8}面积[^，；]{0,4}|面积"),
    # durations and ages
    ("person_age", "count", "岁", r"(?:年龄)?[^，；]{0,10}"),
    ("social_insurance_months", "time", "年 月", r"(?:社会保险|社保|养老保险|五险|保险费?)[^，；]{0,12}|申报单位工作满?"),
    ("labor_contract_years", "time", "年 月", r"(?:劳动|聘用|服务|工作)[^，；]{0,10}(?:合同|协议)[^，；]{0,8}|签订|聘期"),
    ("graduate_years", "time", "年 月", r"(?:毕业|离校)[^，；]{0,6}"),
    ("overseas_study_years", "time", "年 月", r"(?:留学(?!回国|人员)|(?:国|境|海)(?:（境）)?外[^，；]{0,8}学习|进修)[^，；]{0,6}"),
    ("overseas_experience_years", "time", "年 月", r"(?:境外|国外|海外|国（境）外)[^，；]{0,14}(?:工作|从业|经验|经历|从事)[^，；]{0,6}"),
    ("operating_months", "time", "月", r"(?:经营|运营|营业|运行|投运|开业)[^，；]{0,8}"),
    ("operating_years", "time", "年", r"(?:经营|运营|营业|从业|开业)(?:年限)?[^，；]{0,6}"),
    ("person_tenure", "time", "年 月", r"(?:任职|工作|就业|从事|服务|在岗|担任|实习|见习)[^，；]{0,10}"),
    ("registered_years", "time", "年 月", r"(?:注册|成立|设立|登记|创办|开办)[^，；]{0,10}"),
    ("continuous_years", "time", "年 月", r"(?:连续|累计|持有|持续|种植|流转|投资|盈利|租赁)[^，；]*"),
)  # fmt: skip

MEASURES: tuple[tuple[str, frozenset[str], frozenset[str] | None, re.Pattern[str]], ...] = tuple(
    (variable, frozenset(kinds.split()), frozenset(units.split()) if units else None, re.compile(words))
    for variable, kinds, units, words in _TABLE
)
# The words stand behind the figure: 3年以上境外从业经验, 5名以上员工.
TRAILING: tuple[tuple[str, str, str, re.Pattern[str]], ...] = tuple(
    (variable, kind, units, re.compile(words))
    for variable, kind, units, words in (
        ("overseas_experience_years", "time", "年", r"^(?:的)?(?:在)?[^，；。]{0,8}(?:境外|国外|海外)[^，；。]{0,14}(?:经验|经历|工作)"),
        ("person_tenure", "time", "年", r"^(?:的)?[^，；。]{0,12}(?:工作|从业|管理)(?:经历|经验)"),
        ("labor_contract_years", "time", "年", r"^(?:的|期限的?)?[^，；。]{0,4}(?:劳动|聘用|服务)(?:（[^）]*）)?(?:合同|协议)"),
        ("tech_staff_ratio", "percent", "%", r"^的?(?:科技|研发|技术)人员"),
        ("capital_invested_local", "percent", "%", r"^的?(?:资金)?(?:须|应)?(?:投资|投入|用|投|落地)(?:于|到|在)?(?:本|我|全)[省市区县]"),
        ("fundraising", "percent", "%", r"^的?(?:自筹|自有|配套)资金"),
        ("staff_total", "count", "人 名", r"^(?:的)?(?:专职|全职)?(?:从业人员|职工|员工|工作人员|技术人员)"),
        ("patent_count_person", "count", "项 件", r"^(?:的)?[^，；。]{0,8}(?:发明专利|专利|知识产权|软件著作权)"),
        ("tourist_count", "count", "人次", r"^(?:的)?(?:游客|旅客)"),
        ("bed_count", "count", "张 间 家", r"^(?:的)?(?:床位|客房|民宿)"),
    )
)  # fmt: skip
# 年 for these is given in months, 月 for those in years.
IN_MONTHS = frozenset({"social_insurance_months", "operating_months"})
PERIOD = re.compile(
    r"(?:最?近|前|过去)[一二两三四五\d]{1,2}个?(?:会计)?年(?:度)?(?:内|以来)?|上一?(?:个)?(?:会计|纳税)?年度?|当年度?|本年度|申[请报](?:认定)?(?:之日)?前[一二三四五\d]{1,2}年内?|申[请报]前连续[一二三四五\d]{1,2}年|"
    r"(?:19|20)\d{2}年(?:至今|以来|度)?|连续[一二三四五\d]{1,2}年(?:累计)?|一个纳税年度|每年度?|年度"
)
