"""Wordings met in papers of many places, in our own words: what each asks of the applicant, what it gives."""

import pytest

from innozone.kernel.reading import Reading
from tests.kernel.reading.conftest import read


def asked(reading: Reading) -> set[tuple[str, str, str]]:
    return {(c.variable, c.op, f"{c.value}{c.unit or ''}") for c in reading.conditions()}


# a measure, and some of what it asks
ASKS = (
    # incubators and parks
    ("在孵企业不少于20家的孵化器，奖励20万元。", {("service_clients", ">=", "20家")}),
    ("园区入驻跨境电商企业达到50家以上的，奖励30万元。", {("service_clients", ">=", "50家")}),
    ("自筹资金不低于项目总投入50%的企业，补助20万元。", {("fundraising", ">=", "50%")}),
    ("募集资金80%以上投资于本市的企业，奖励300万元。", {("capital_invested_local", ">=", "80%")}),
    # foreign trade and commerce
    ("离岸服务外包年执行额超过500万美元且同比增长10%以上的企业，奖励20万元。", {("export_value", ">", "500万美元"), ("revenue_growth", ">=", "10%")}),
    ("院线上映票房收入超过5000万元的电影，奖励50万元。", {("product_revenue", ">", "5000万元")}),
    ("组织旅游包机每架次不低于100人的旅行社，每架次奖励2万元。", {("tourist_count", ">=", "100人")}),
    ("平台年交易额达到10亿元以上的，奖励100万元。", {("revenue", ">=", "10亿元")}),
    ("首次纳入“四上”统计的文化、旅游、体育企业，奖励15万元。", {("above_scale", "exists", "True"), ("industry", "in", "['文化', '旅游', '体育']")}),
    ("新设外商投资企业，奖励10万元。", {("newly_registered", "exists", "True"), ("enterprise_kind", "in", "['外商投资企业']")}),
    ("世界500强、中国500强企业在本区设立总部的，奖励200万元。", {("enterprise_kind", "in", "['世界500强', '中国500强企业']")}),
    # finance
    ("在境外主要资本市场上市的企业，奖励300万元。", {("listing_board", "in", "['境外主要资本市场']")}),
    ("在区域性股权交易市场挂牌并完成股份制改造的企业，奖励10万元。", {("listing_board", "==", "区域性股权交易市场"), ("listing_stage", "==", "股改")}),
    ("融资性担保机构为本市小微企业提供担保的，按年度担保额的1%给予补助。", {("entity_type", "==", "融资性担保机构")}),
    # honours
    ("年度考核优秀、良好、合格的平台，分别给予20万元、10万元、5万元补助。", {("assessment_result", "in", "['优秀', '良好', '合格']")}),
    ("通过CMMI3级、4级、5级认证的企业，分别奖励10万元、20万元、30万元。", {("qualification", "in", "['CMMI3级', 'CMMI4级', 'CMMI5级']")}),
    ("新设立的国家级、省级博士后科研工作站，分别资助100万元、50万元。", {("qualification", "in", "['博士后科研工作站']")}),
    ("具有进出口经营资格的企业，补助2万元。", {("qualification", "in", "['进出口经营资格']")}),
    ("软件企业首次入选中国软件业务收入百强的，奖励100万元。", {("qualification", "in", "['中国软件业务收入百强']"), ("first_time", "exists", "True")}),
    ("绿色食品、有机食品通过认证的，每个分别奖励1万元、2万元。", {("qualification", "in", "['绿色食品', '有机食品']")}),
    ("省级重点实验室、省级企业研究院，给予50万元奖励。", {("qualification", "in", "['省级重点实验室', '省级企业研究院']")}),
    ("新认定国家制造业单项冠军企业（产品）奖励200万元。", {("qualification", "in", "['国家制造业单项冠军企业（产品）']")}),
    ("动漫作品获得国家级奖项的，奖励20万元。", {("award", "in", "['国家级奖项']")}),
    ("施工总承包资质由一级升为特级的企业，奖励300万元；由二级升为一级的，奖励50万元。", {("construction_grade", "in", "['施工总承包特级']"), ("construction_grade", "in", "['施工总承包一级']")}),
    # persons
    ("取得高级工、技师、高级技师证书的职工，分别补贴2000元、3000元、5000元。", {("person_title", "in", "['高级工', '技师', '高级技师']")}),
    ("引进一级注册建筑师、一级建造师等执业资格人才的企业，补助1万元。", {("person_title", "in", "['一级注册建筑师', '一级建造师']")}),
    ("离校2年内高校毕业生，给予创业补贴5000元。", {("graduate_years", "<=", "2年"), ("person_type", "in", "['高校毕业生']")}),
    # what is done and built
    ("购置大中型农业机械的，按价格的20%给予补贴。", {("equipment_type", "==", "大中型农业机械")}),
    ("新建库容500吨以上的冷藏保鲜库，每吨补助300元。", {("project_type", "==", "冷藏保鲜库")}),
    ("资产总额和年销售收入均不超过5000万元的企业，补助5万元。", {("total_assets", "<=", "5000万元"), ("revenue", "<=", "5000万元")}),
    ("对在本区从事医疗器械研发、生产的企业，奖励10万元。", {("industry", "==", "医疗器械")}),
    ("银行、保险、担保等机构为科技企业服务的，奖励10万元。", {("entity_type", "in", "['银行', '保险', '担保']")}),
    ("合作银行向企业发放的单户余额1000万元以下的贷款，按损失额的40%给予风险补偿。", {("entity_type", "==", "合作银行"), ("loan_balance", "<=", "1000万元")}),
    ("航运企业、货代企业、港口企业，奖励10万元。", {("industry", "in", "['航运', '货代', '港口']")}),
    ("限上批发企业年销售额5亿元以上的，奖励15万元。", {("above_scale", "exists", "True"), ("industry", "==", "批发"), ("revenue", ">=", "5亿元")}),
    ("成立5年内营业收入突破5亿元的企业，奖励10万元。", {("registered_years", "<=", "5年"), ("revenue", ">", "5亿元")}),
    ("对瞪羚企业新获批的省级研发机构，奖励10万元。", {("qualification", "in", "['省级研发机构']")}),
    ("“中华老字号”企业，奖励10万元。", {("qualification", "in", "['中华老字号']")}),
    ("达到智能制造能力成熟度三级、四级的企业，分别奖励50万元、100万元。", {("qualification", "in", "['智能制造能力成熟度三级', '智能制造能力成熟度四级']")}),
    ("首次公开发行股票的企业，证券交易所受理后奖励300万元。", {("listing_stage", "==", "IPO材料受理")}),
    ("近三年进入“创客之星”中小企业创新创业大赛全国500强企业组名单的，奖励5万元。", {("qualification", "in", "['“创客之星”中小企业创新创业大赛全国500强企业组名单']")}),
    ("从事特定细分市场时间达到2年以上的企业，奖励5万元。", {("operating_years", ">=", "2年")}),
    ("对符合产业政策、用电量大的制造业企业，奖励5万元。", {("industry", "==", "制造业")}),
    ("对年营业收入首次突破100亿元、50亿元的企业，分别奖励100万元、50万元。", {("revenue", ">", "50亿元")}),
    ("首次落户我区的知名人才服务机构，奖励5万元。", {("entity_type", "==", "人才服务机构")}),
    ("对获得国家科学技术奖一等奖、二等奖的第一完成单位，分别奖励100万元、50万元。", {("award", "in", "['国家科学技术奖一等奖', '国家科学技术奖二等奖']")}),
    ("对仪器管理单位，年服务企业20家以上的提高到15%，最高50万元。", {("service_clients", ">=", "20家")}),
    ("获得设计大赛金、银、铜奖的企业，分别奖励3万元、2万元、1万元。", {("award", "in", "['设计大赛金奖', '设计大赛银奖', '设计大赛铜奖']")}),
    ("在本市举办5000人以上大型营业性演出的单位，奖励5万元。", {("event_scale", ">=", "5000人")}),
    ("升格为省级、国家级重点实验室的，分别资助200万元、500万元。", {("qualification", "in", "['重点实验室']")}),
    ("对增值税小规模纳税人、小型微利企业和个体工商户减半征收资源税。", {("entity_type", "in", "['增值税小规模纳税人', '小型微利企业', '个体工商户']")}),
    ("建有市级以上研发机构的企业，奖励5万元。", {("qualification", "in", "['市级以上研发机构']")}),
    ("通过CMMI5级、CMMI3级认证的，分别奖励50万元、20万元。", {("qualification", "in", "['CMMI5级', 'CMMI3级']")}),
    ("首次入库的规上软件和信息技术服务业企业，奖励20万元。", {("industry", "==", "软件和信息技术服务业"), ("above_scale", "exists", "True")}),
    ("研发场地不少于2000平方米的机构，奖励5万元。", {("area_size", ">=", "2000平方米")}),
    ("国家知识产权示范企业、优势企业分别奖励20万元、10万元。", {("qualification", "in", "['国家知识产权示范企业', '国家知识产权优势企业']")}),
    ("新获驰名商标司法或行政认定的，奖励50万元。", {("qualification", "in", "['驰名商标']")}),
    ("首次取得施工总承包特级资质、一级资质的企业，分别奖励500万元、50万元。", {("construction_grade", "in", "['施工总承包特级', '施工总承包一级']")}),
    ("获得鲁班奖、国家优质工程奖的工程项目，奖励承建企业100万元。", {("award", "in", "['鲁班奖', '国家优质工程奖']")}),
    ("户籍或居住证在本市的个人，奖励1万元。", {("person_region", "==", "海西市户籍")}),
    ("获评5A、4A、3A级物流企业的，分别奖励50万元、30万元、10万元。", {("qualification", "in", "['5A级物流企业', '4A级物流企业', '3A级物流企业']")}),
    ("首次通过仿制药一致性评价的品种，奖励300万元。", {("qualification", "in", "['仿制药一致性评价']")}),
    ("新建智算中心算力规模达到100P以上的，补助100万元。", {("project_type", "==", "智算中心")}),
    ("安排残疾人就业超过在职职工总数1.5%的，奖励5000元。", {("disabled_staff_ratio", ">", "1.5%")}),
    ("收住本市户籍老年人的养老机构，补贴1万元。", {("person_region", "==", "海西市户籍")}),
    ("购置新能源物流车10辆以上的，每辆补贴1万元。", {("equipment_type", "==", "新能源物流车")}),
    ("年新增销售收入1000万元以上的企业，奖励20万元。", {("revenue_increase", ">=", "1000万元")}),
)  # fmt: skip


@pytest.mark.parametrize(("sentence", "conditions"), ASKS, ids=[case[0][:14] for case in ASKS])
def test_what_a_measure_asks(sentence: str, conditions: set[tuple[str, str, str]]) -> None:
    assert conditions <= asked(read(f"一、支持措施\n1.{sentence}\n"))


# a measure, and what it must not be taken to ask
NOT_ASKED = (
    ("引进年薪50万元以上人才的，给予企业每人每年5万元补贴。", "qualification"),
    ("载体每培育1家高新技术企业奖励5万元。", "project_type"),
    ("加强启动建设经费支持，给予装修费用50%的补贴。", "project_type"),
    ("从事生物医药的企业孵化期不超过60个月的，奖励1万元。", "person_tenure"),
    ("申请认定市级工程技术研究中心的企业，补助5万元。", "qualification"),
    ("通过专家评审的，可认定为区重点软件企业，奖励5万元。", "qualification"),
    ("新引进的软件企业，奖励10万元。", "qualification"),
    ("对科技型企业，奖励10万元。", "project_type"),
    ("对年零售额超过5亿元且增速高于全市平均水平10个百分点以上的零售企业，奖励30万元。", "revenue_growth"),
    ("对取得新药注册批件并在本区产业化的，奖励30万元。", "registration_region"),
    ("企业通过数据交易所完成数据产品交易的，奖励5万元。", "qualification"),
    ("银行向科技型企业发放的信用贷款纳入风险补偿范围，按损失的50%给予补偿。", "qualification"),
    ("企业参加境外展会，人员费按每人8000元补助，每个展位不超过2人。", "staff_total"),
    ("企业购买成果的，按实际支付额的10%补助，规模以上企业不超过200万元，其他企业不超过100万元。", "project_investment"),
    ("聘用会展策划师的，每人补贴5000元，每家企业不超过10人。", "staff_total"),
    ("团队中具有高级职称的不少于8人的，奖励5万元。", "person_title"),
    ("实际使用外资300万美元以上的新项目（不含房地产业、金融业及类金融业项目），奖励5万元。", "industry"),
    ("规模以上工业企业，奖励10万元。", "industry"),
    ("银行为小微企业提供贷款的，奖励10万元。", "enterprise_scale"),
    ("以知识产权质押获得银行贷款的企业，补助10万元。", "qualification"),
    ("尚未在本市注册的创业团队，补助10万元。", "registration_region"),
    ("签订3年以上租赁合同的，补助10万元。", "labor_contract_years"),
    ("企业新引进高级技师的，奖励2万元。", "qualification"),
    ("园区入驻跨境电商企业达到50家以上的，奖励30万元。", "industry"),
)


@pytest.mark.parametrize(("sentence", "variable"), NOT_ASKED, ids=[case[0][:14] for case in NOT_ASKED])
def test_what_a_measure_does_not_ask(sentence: str, variable: str) -> None:
    assert variable not in {c.variable for c in read(f"一、支持措施\n1.{sentence}\n").conditions()}


# a measure, and the figures it gives: kind, values of 元 (v), caps of 元 (c), shares (r)
GIVES = (
    ("成套装备按售价的30%奖励，成套装备最高1000万元，单台设备最高500万元。", {("奖励", "r", 0.3), ("奖励", "c", 10_000_000), ("奖励", "c", 5_000_000)}),
    ("按赛事支出的30%补贴，最高分别为300万元、100万元。", {("补贴", "r", 0.3), ("补贴", "c", 3_000_000), ("补贴", "c", 1_000_000)}),
    ("评估费用给予全额补助，单个企业每年合计不超过30万元。", {("补贴", "r", 1.0), ("补贴", "c", 300_000)}),
    ("按投资额的10%补助，不超过200万元。", {("补贴", "r", 0.1), ("补贴", "c", 2_000_000)}),
    ("按实缴资本的1%给予补助，最高2000万元，分三年按40%、30%、30%的比例拨付。", {("补贴", "r", 0.01), ("补贴", "c", 20_000_000)}),
    ("前两年租金全免，第三年减半收取。", {("减免", "r", 1.0), ("减免", "r", 0.5)}),
    ("按其实际缴费的三分之二给予补贴。", {("补贴", "r", 0.666667)}),
    ("B类、C类人才按市场租金的30%、50%缴纳。", {("减免", "r", 0.3), ("减免", "r", 0.5)}),
    ("出口每增加100万美元奖励1万元，最高奖励30万元。", {("奖励", "v", 10_000), ("奖励", "c", 300_000)}),
    ("单次兑付额度不超过合同金额的40%。", {("补贴", "r", 0.4)}),
    ("按投入的20%分别给予最高100万元、60万元补助。", {("补贴", "r", 0.2), ("补贴", "c", 1_000_000), ("补贴", "c", 600_000)}),
    ("按照省内每人500元、省外每人1000元的标准给予补贴。", {("补贴", "v", 500), ("补贴", "v", 1000)}),
    ("按装修费用的30%给予补助，每平方米不超过300元，最高50万元。", {("补贴", "r", 0.3), ("补贴", "c", 500_000)}),
    ("首年租金全免，第二、三年减半。", {("减免", "r", 1.0), ("减免", "r", 0.5)}),
    ("前三年按地方经济贡献的80%、后两年按50%给予奖励。", {("奖励", "r", 0.8), ("奖励", "r", 0.5)}),
    ("按当年实际使用外资金额不低于2%的比例予以奖励，最高奖励1亿元。", {("奖励", "r", 0.02), ("奖励", "c", 100_000_000)}),
    ("分别按实际投入的20%给予最高300万元、500万元奖励。", {("奖励", "r", 0.2), ("奖励", "c", 3_000_000), ("奖励", "c", 5_000_000)}),
    ("给予全额贴息。", {("贴息", "r", 1.0)}),
    ("按1：0.5给予配套。", {("补贴", "r", 0.5)}),
    ("应当从转让净收入中提取不低于50%的比例给予奖励。", {("奖励", "r", 0.5)}),
)  # fmt: skip


@pytest.mark.parametrize(("sentence", "figures"), GIVES, ids=[case[0][:14] for case in GIVES])
def test_what_a_measure_gives(sentence: str, figures: set[tuple[str, str, float]]) -> None:
    found = set()
    for benefit in (each for item in read(f"一、支持措施\n1.{sentence}\n").items for each in item.benefits):
        for part in [benefit.formula, *benefit.formula.get("tiers", [])]:
            for sign, key in (("v", "value_yuan"), ("c", "cap_yuan"), ("r", "rate")):
                if part.get(key) is not None:
                    found.add((benefit.kind, sign, float(part[key])))
    assert found == figures


def test_a_rate_that_is_asked_for_is_no_promise() -> None:
    (item,) = read("一、支持措施\n1.担保费率不高于1%的担保机构，补助20万元。\n").items
    assert [benefit.formula.get("value_yuan") for benefit in item.benefits] == [200_000]


@pytest.mark.parametrize("heading", ["能源管理", "新材料", "咨询服务", "清洁生产审核", "绩效奖励"])
def test_a_heading_that_sounds_like_procedure_keeps_its_promise(heading: str) -> None:
    items = read(f"第一条 {heading}。对年营业收入5000万元以上的企业，给予20万元补贴。\n").items
    assert [item.benefits[0].formula["value_yuan"] for item in items] == [200_000]


def test_a_boxed_heading_is_a_heading() -> None:
    (item,) = read("第二条【器械注册】首次取得医疗器械注册证书的企业，奖励50万元。\n").items
    assert item.name == "器械注册"
    assert item.conditions[0].quote == "首次取得医疗器械注册证书的企业"


def test_general_provisions_say_whom_the_paper_is_for() -> None:
    reading = read(
        "第一章 总则\n第一条 本办法适用于在云谷新区注册、具有独立法人资格的企业。\n第二章 附则\n第二条 略。\n"
    )
    assert {"registration_region", "legal_person"} <= {c.variable for c in reading.conditions()}


def test_a_list_that_is_summed_up_is_one_of_conditions() -> None:
    text = "（一）技改奖补\n1.项目已取得备案证；\n2.项目固定资产投资不少于1000万元。\n对符合上述条件的项目，按设备投资额的8%给予补助。\n"
    assert {("fixed_asset_investment", ">=", "1000万元")} <= asked(read(text))


def test_one_figure_between_two_classes_belongs_to_the_upper_one() -> None:
    text = (
        "（一）工业。从业人员300人及以上的为中型企业；从业人员300人以下、20人及以上的为小型企业；从业人员20人以下的为微型企业。\n"
        "（二）餐饮业。从业人员100人及以上的为中型企业；从业人员100人以下的为小型企业。\n"
    )
    found = asked(read(text, "企业划型标准"))
    assert {("staff_total", "<", "20人"), ("staff_total", "<", "100人"), ("industry", "==", "餐饮业")} <= found


def test_what_is_taken_back_does_not_hide_what_is_refused() -> None:
    text = "一、其他\n1.发生重大质量安全事故或者列入严重违法失信名单的，不予奖励；已获奖励的，追回奖金。\n"
    assert asked(read(text)) == {("accident_record", "not_exists", "None"), ("credit_good", "exists", "True")}


def test_first_is_written_once_for_an_item() -> None:
    reading = read("一、支持措施\n1.首次认定的省级工业设计中心，奖励50万元；首次认定的市级工业设计中心，奖励20万元。\n")
    (item,) = reading.to_gold()["items"]
    assert [c["variable"] for c in item["conditions"]].count("first_time") == 1
    assert sum(c.variable == "first_time" for c in reading.conditions()) == 2


def test_what_a_later_sentence_offers_to_other_firms_does_not_ask_what_the_first_one_did() -> None:
    reading = read("1.对首次纳入统计的规模以上工业企业，奖励10万元。对年营业收入10亿元以上的服务业企业，奖励20万元。")
    kinds = {c.variable: c.group.kind for c in reading.conditions()}
    assert (kinds["above_scale"], kinds["first_time"]) == ("any", "any")


def test_what_closing_provisions_ask_of_everybody_is_asked() -> None:
    reading = read(
        "一、奖励\n1.对新认定的高新技术企业奖励10万元。\n二、保障措施\n"
        "2.所称“以上”均含本数。企业注册地、税务征管关系须在本市，有健全的财务制度，无不良信用记录。"
    )
    assert {"registration_region", "tax_region", "financial_system", "credit_good"} <= {
        c.variable for c in reading.conditions()
    }


def test_whom_a_voucher_is_for_is_one_of_several() -> None:
    reading = read("第二条 服务券对象为本市科技型中小企业、高新技术企业以及入驻市级以上孵化器的创业团队。")
    found = {(c.variable, c.group.kind) for c in reading.conditions()}
    assert {("qualification", "any"), ("park_resident", "any")} <= found


def test_how_a_sum_is_paid_out_is_no_promise_of_its_own() -> None:
    reading = read("第五条 按照项目合同额的30%给予补助，最高500万元。\n第六条 立项后拨付50%，验收合格后拨付50%。")
    assert [benefit.formula["rate"] for item in reading.items for benefit in item.benefits] == [0.3]


def test_what_is_owed_is_asked_for_and_what_is_refused_is_turned_round() -> None:
    reading = read("第一条 申报主体须守法经营、信用良好，当年发生较大以上安全事故、欠税欠薪的不予扶持。")
    assert {(c.variable, c.op) for c in reading.conditions()} == {
        ("credit_good", "exists"),
        ("accident_record", "not_exists"),
        ("wage_arrears", "not_exists"),
    }


def test_the_name_of_a_condition_is_no_condition() -> None:
    reading = read(
        "第一条 龙头企业应当符合下列标准：\n（一）企业规模。总资产2000万元以上；\n（二）企业信用。不欠税、不欠职工工资。"
    )
    assert {c.variable for c in reading.conditions()} == {"total_assets", "wage_arrears"}
    assert not any(item.manual for item in reading.items)


def test_grounds_for_refusal_are_read_without_a_comma_and_under_circled_numbers() -> None:
    reading = read("二、有下列情形之一的不得申报：\n①依托单位被列入失信被执行人名单的；\n②近三年发生过重大安全事故的。")
    lettered = read(
        "存在下列情况之一的，不予备案：\na.依托单位被列入失信被执行人名单的；\nb.近三年发生过重大安全事故的。"
    )
    assert not any(item.manual for item in lettered.items)
    assert {(c.variable, c.op) for c in reading.conditions()} == {
        ("credit_good", "exists"),
        ("accident_record", "not_exists"),
    }


def test_trades_that_a_relief_does_not_hold_for() -> None:
    reading = read("七、烟草制造业、住宿和餐饮业、房地产业不适用加计扣除政策。")
    ((condition),) = reading.conditions()
    assert (condition.variable, condition.op) == ("industry_negative", "not_in")
    assert condition.value == ["烟草制造业", "住宿和餐饮业", "房地产业"]


def test_what_is_preferred_or_waived_is_not_asked() -> None:
    reading = read(
        "一、申报条件\n1.注册2年以上；\n2.已建成市级研发中心的优先考虑；\n3.年龄不超过50周岁，业绩突出的可适当放宽。"
    )
    assert {c.variable for c in reading.conditions()} == {"registered_years", "person_age"}
    assert not any(item.manual for item in reading.items)


def test_since_when_a_relief_holds_asks_nothing() -> None:
    reading = read("一、自2023年1月1日至2027年12月31日，对小型微利企业减半征收所得税。")
    assert {c.variable for c in reading.conditions()} == {"enterprise_kind"}
    assert not any(item.manual for item in reading.items)


def test_whom_general_provisions_call_by_a_name_is_read_with_its_list() -> None:
    reading = read(
        "第一章 总则\n第一条 本办法所称科技型企业，是指具有独立法人资格，且符合下列条件之一的企业：\n"
        "（一）有效期内的高新技术企业；\n（二）上年度研发费用占营业收入比重5%以上。\n"
        "第二章 支持\n第二条 对科技型企业获得的贷款，按利息的30%给予贴息。"
    )
    found = {(c.variable, c.group.kind) for c in reading.items[0].conditions}
    assert found == {("legal_person", "all"), ("qualification", "any"), ("rd_ratio", "any")}
    assert reading.items[0].general


def test_a_size_that_no_measure_knows_stays_open_beside_what_it_is_of() -> None:
    (item,) = read("第一条 装配率达到60%以上的装配式建筑项目，奖励50万元。").items
    assert [c.variable for c in item.conditions] == ["project_type"]
    assert ["60%" in manual.quote for manual in item.manual] == [True]


def test_what_stands_beside_a_promise_is_no_condition_of_it_but_a_refusal_is() -> None:
    reading = read(
        "第一条 上年度研发费用80万元以上的企业，奖励5万元；获得联赛前三名的另行奖励；营业收入300万元以下的企业由财政统一投保；"
        "近三年发生过重大安全事故的不予奖励。"
    )
    assert {(c.variable, c.op) for c in reading.conditions()} == {
        ("rd_expense", ">="),
        ("accident_record", "not_exists"),
    }


def test_how_points_are_given_asks_nothing_and_how_many_are_needed_does() -> None:
    reading = read(
        "第一条 评分如下：\n（一）研发费用占营业收入比例：6%以上的得20分，3%以下不得分。\n"
        "第二条 积分60分以上的企业列入培育名单，给予10万元奖励。"
    )
    assert {(c.variable, c.op, c.value) for c in reading.conditions()} == {("innovation_score", ">=", 60)}


def test_grounds_for_refusal_are_read_inside_one_sentence() -> None:
    reading = read(
        "一、申报条件\n以下企业不予支持：一是列入经营异常名录的；二是上年度发生较大以上安全事故的；三是拖欠农民工工资的。"
    )
    assert {(c.variable, c.op) for c in reading.conditions()} == {
        ("abnormal_list", "not_exists"),
        ("accident_record", "not_exists"),
        ("wage_arrears", "not_exists"),
    }


def test_two_of_a_list_is_said_in_more_than_one_way() -> None:
    reading = read(
        "第一条 毕业企业应至少符合下列条件中的两项：\n（一）累计获得风险投资500万元以上；\n"
        "（二）连续2年营业收入累计超过1000万元；\n（三）在资本市场挂牌。"
    )
    assert {(c.group.kind, c.group.n) for c in reading.conditions()} == {("n_of", 2)}


def test_a_price_and_the_cap_of_the_whole_are_one_promise() -> None:
    (item,) = read("1.对制造业企业，按不超过0.05元/千瓦时给予补贴，每户最高50万元。").items
    (given,) = item.benefits
    assert (given.formula["amount"], given.formula["cap"]) == (0.05, 50)


def test_an_end_point_that_is_named_to_be_in_leaves_the_other_end_out() -> None:
    reading = read(
        "1.新注册企业实缴资本1亿元（含）至5亿元的，奖励100万元；5亿元（含）至10亿元的，奖励300万元；10亿元（含）以上的，奖励500万元。"
    )
    found = [(c.op, c.bounds, c.value) for c in reading.conditions() if c.variable == "paid_in_capital"]
    assert found == [("between", "[)", [1, 5]), ("between", "[)", [5, 10]), (">=", None, 10)]
