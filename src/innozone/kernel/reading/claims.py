"""Plain statements of administrative Chinese that need no figure: having, lacking, keeping, being in good standing."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import split_list
from innozone.kernel.reading.hits import Hit, flag
from innozone.kernel.reading.measures import PERIOD
from innozone.kernel.reading.setting import Setting

_NOT = r"(?:无|没有|未|未曾|从未|不存在|不得有|不得存在|没有发生|未发生|不属于|不在|非)"
# (variable, negative: the words themselves deny it, pattern)
_STATEMENTS: tuple[tuple[str, bool, str], ...] = (
    ("legal_person", False, r"(?:具有|具备|依法|取得|拥有)?[^，；。、]{0,6}(?:独立)?(?:企业|事业|社团)?法人(?:资格|地位|单位|主体)|(?:独立|具有)法人(?!代表)|独立核算法人"),
    ("financial_system", False, r"(?:健全|规范|完善|完整|严格)(?:的|、规范的)?[^，；。]{0,6}财务[^，；。]{0,16}|财务(?:管理|会计|核算|制度|状况)?[^，；。]{0,10}(?:健全|规范|完善)"),
    ("rd_accounting", False, r"(?:研发|研究开发)(?:投入)?(?:费用?)?(?:准备金|辅助(?:核算)?账|专账|专户)[^，；。]{0,10}|(?:设立|建立)[^，；。]{0,12}(?:辅助账|专账|专户|准备金)[^，；。]{0,6}"),
    ("rd_deduction_enjoyed", False, r"(?:享受|申报|办理)[^，；。]{0,14}加计扣除[^，；。]{0,6}"),
    ("rd_activity", False, r"(?:开展|从事|进行|持续进行|实施|组织)[^，；。]{0,10}(?:研究开发|研发|技术攻关|攻关|技术研究|研究与开发)(?:活动)?|自主可控攻关|(?:技术|核心)攻关$"),
    ("core_ip_ownership", False, r"(?:拥有|具有|获得|享有|取得|具备|形成)[^；。]{0,34}知识产权(?!质押|融资|贷款|保险|服务|运营|托管|维权|示范|优势|贯标|管理|代理)(?:的)?(?:所有权|使用权)?|(?:自主|核心)知识产权(?!质押|融资|贷款|服务)"),
    ("violation_record", True, rf"{_NOT}[^，；。]{{0,24}}(?:违法|违规|违纪|违反|处罚|非正常专利|不良记录|不良行为|失信)[^，；。]{{0,12}}"),
    ("accident_record", True, rf"{_NOT}[^，；。]{{0,24}}(?:安全|质量|环保|生态|环境|责任)[^，；。]{{0,10}}(?:事故|违法|污染|事件)[^，；。]{{0,16}}"),
    ("abnormal_list", True, rf"(?:{_NOT}|不)[^，；。]{{0,12}}(?:异常名录|经营异常)[^，；。]{{0,10}}"),
    ("credit_good", False, rf"诚实守信|守法经营|诚信经营|信用[^，；。]{{0,8}}(?:良好|优良|正常)|(?:良好|较好)的?[^，；。]{{0,10}}(?:信用|信誉|诚信)[^，；。]{{0,6}}|信誉[^，；。]{{0,6}}良好|(?:{_NOT}|不)[^，；。]{{0,12}}(?:严重违法失信|失信被执行|失信(?:联合)?惩戒|黑名单|失信[^，；。]{{0,6}}名单)[^，；。]{{0,10}}|(?:无|没有|不存在)(?:严重|重大)?(?:不良|失信)[^，；。法规]{{0,6}}(?:记录|行为)"),
    ("criminal_record", True, rf"{_NOT}[^，；。]{{0,6}}(?:刑事)?(?:犯罪|刑事处罚)[^，；。]{{0,4}}"),
    ("env_credit_red", True, r"环(?:境|保)信用[^，；。]{0,14}(?:不能?为|未被?评为|不得为|非)[^，；。]{0,6}红[牌标色]?"),
    ("wage_arrears", True, rf"(?:{_NOT}|不)[^，；。]{{0,8}}(?:欠薪|(?:拖欠|欠缴|克扣|(?<=不)欠)[^，；。财]{{0,8}}(?:工资|薪|社保|社会保险|职工)[^，；。]{{0,8}})"),
    ("dispute", True, rf"(?:{_NOT}|不)[^，；。]{{0,10}}(?:纠纷|争议)|(?:权属|产权|产权归属)[^，；。]{{0,4}}(?:清晰|明确|明晰)"),
    ("duplicate_support", True, r"(?:未|没有|不得|未曾)(?:曾)?(?:同时)?(?:重复)?(?:享受|获得|申请|领取|得到)(?:过)?[^，；。]{0,24}(?:补贴|补助|资助|奖励|资金|扶持|支持|优惠)[^，；。]{0,4}|(?:财政|政府)[^，；。]{0,4}不承担[^，；。]{0,4}"),
    ("social_insurance_paid", False, r"在[本我][省市区县]缴纳(?:社会保险|社保)费?(?![^，；。]*(?:满|\d))|(?:依法|按规定|按时|足额|正常|实际|按月)[^，；。]{0,8}缴纳?[^，；。]{0,8}(?:社会保险|社保|五险|养老保险)[^，；。]{0,14}|(?<=[并且、和])(?:为其)?缴纳(?:了)?[^，；。\d]{0,6}(?:社会保险|社保|五险|养老保险)费?(?![^，；。]*(?:满|\d))"),
    ("bank_deposit", False, r"缴(?:存|纳|足)[^，；。]{0,8}(?:保证金|准备金|备付金)|(?:保证金|备付金)[^，；。]{0,8}缴[存纳]"),
    ("management_system", False, r"(?:建立|具有|具备|健全|完善|制定)[^，；。]{0,16}(?:披露|风控|风险|内控|内部|报备|运营|孵化|考核|服务|管理)[^，；。]{0,10}?(?:制度|体系|机制)|(?:管理|内控|规章|风控|治理)[^，；。]{0,6}(?:制度|体系|机制|结构)[^，；。]{0,6}(?:健全|完善|规范)"),
    ("own_premises", True, r"(?:没有|无|未取得|未拥有|不拥有)[^，；。]{0,8}(?:用地|厂房|自有房产|自有用房|自有办公|土地)[^，；。]{0,6}"),
    ("leased_premises", False, r"(?<!融资)(?:租赁|租用|承租)(?!的)[^，；。]{0,8}(?:厂房|场地|办公|用房|房产|物业|场所|经营|楼宇|店面|写字楼)[^，；。]{0,10}"),
    ("housing_benefit", True, r"(?:未|没有|未曾)(?:曾)?(?:享受|购买|申请|承租|租住)(?:过)?[^，；。]{0,16}(?:住房优惠|购房|租房补贴|住房补贴|房改|公租房|保障性?住?房|经济适用|人才(?:公寓|住房)|安居|双定双限|配套商品房|共有产权|限价)[^，；。]{0,10}"),
    ("housing_owned", True, r"(?:无|未|没有|未曾|名下无)(?:曾)?(?:拥有|购买|购置|取得)?(?:过)?(?:自有|产权|商品)?[^，；。]{0,16}(?:住房|房产|产权房|商品房)(?!补贴|优惠|政策|公积金|保障|转让|交易|买卖)"),
    ("not_recognised_before", False, r"(?:从未|未曾|未|不曾)(?:被|获|获得|通过)?(?:过)?认定(?:为)?[^，；。]{0,14}|(?:从未|未曾|未)(?:获得|取得)(?:过)?[^，；。]{0,14}(?:认定|称号|资格)"),
    ("project_plan", False, r"(?:明确|具体|可行|完整|详细|切实)(?:可行)?的?[^，；。]{0,10}(?:方案|计划|经营项目|创业项目|规划)"),
    ("novelty_report", False, r"[^，；。]{0,16}新颖性[^；。]{0,14}"),
    ("ip_certificate", False, r"(?:取得|获得|具有)[^，；。]{0,12}(?:登记证书|检测证明|检测报告|登记证)"),
    ("other_loan", True, r"(?:没有|无|未有)[^，；。]{0,8}其他[^，；。]{0,6}(?:贷款|借款|负债)"),
    ("local_supply", False, r"(?:引进|引入|带动|吸引)[^，；。]{0,14}(?:上下游|产业链|配套)[^，；。]{0,8}企业[^，；。]{0,10}"),
    ("settlement_local", False, r"(?:设立|建立|成立|落户)[^，；。]{0,12}(?:结算中心|结算总部)"),
    ("newly_registered", False, r"首次(?:落户|迁入|入驻|设立)|新(?![^，；。]{0,24}(?:人才|博士|硕士|专家|团队|毕业生|院士|人员))(?:注册|设立|设(?![备施计想定置])|迁入|落户|成立|引进|入驻|办|登记)(?:或新?[^，；。]{2,4})?(?:的|企业|$|[^，；。]{0,10}(?:公司|企业|机构|总部|业项目))"),
    ("operating_months", False, r"(?:经营|运营|运行|生产)(?:状态|状况|情况)?(?:正常|良好|稳定)|正常(?:经营|运营|生产|纳税)"),
    ("above_scale", False, r"(?:规模|限额)以上|限上|(?<![一-龥])规上|规上(?:企业|工业|服务业|统计|入库)|的规上|小升规|升规[上纳入的]|首次升规|规上库|达规|纳统|上规(?:模)?|入规|个转企|(?<!投)入统|统计入库|资质以上|新增入库|“?四上”?(?:企业|统计|入?在?库)|纳入“?四上”?"),
    ("founder_role", False, r"(?:为|是|担任)?(?:企业|公司|本人)?[^，；。]{0,4}(?:法定代表人|主要创始人|发起人|创始人|(?<!不为)(?<!不是)第一大股东|主要负责人|(?<!同一)实际控制人)"),
)  # fmt: skip
_COMPILED = tuple((variable, negative, re.compile(pattern)) for variable, negative, pattern in _STATEMENTS)
# Words of one statement that another one also holds: the first named wins over the second.
_STRONGER = {
    "accident_record": {"violation_record"},
    "abnormal_list": {"violation_record"},
    "credit_good": {"violation_record"},
    "criminal_record": {"violation_record"},
    "housing_benefit": {"housing_owned", "duplicate_support"},
    "rd_accounting": {"financial_system", "management_system"},
    "financial_system": {"management_system"},
    "bank_deposit": {"management_system"},
    "dispute": {"core_ip_ownership"},
    "not_recognised_before": {"violation_record"},
    "novelty_report": {"core_ip_ownership"},
}
_CATALOGUE = re.compile(
    r"(?:符合|属于|列入|纳入|以|依据|在)[^，；。《]{0,10}(?P<names>《[^》]+》(?:[、和及与或以]{1,2}《[^》]+》)*)[^，；。]{0,8}(?:范围|规定|领域|目录|要求|的|内|方向|$)"
)
_PROOF = re.compile(
    r"(?:取得|获得|具有|持有)[^，；。《]{0,32}(?:《[^》]*(?:登记证书|登记证|检测(?:证明|报告))[^》]*》|检测(?:证明|报告)|著作权登记证书?)"
)
_CATALOGUE_NAME = re.compile(r"目录|领域|指南|指导|名录|导向")
_BARRED = re.compile(
    r"(?:(?:不属于|不得属于|不在|不为)[^，；。]{0,6}?(?P<of2>国家|省|市)?|(?P<of>国家|省|市)?(?:规定的?)?非)(?:规定的?|有关)?(?P<what>(?:限制|禁止|淘汰|落后)[^，；。的并]{0,14})"
)
# 除房地产企业以外, 不包括房地产企业: trades that are left out.
_EXCEPT = re.compile(
    r"除(?P<a>[\u4e00-\u9fff、]{2,14}?(?:企业|行业|业))(?:以外|之外|外)|(?:不含|不包括)(?P<b>[\u4e00-\u9fff、]{2,14}?(?:企业|行业|业))(?=）|，|$|等)"
)
_EVALUATION = re.compile(
    r"(?:创新能力|综合)(?:综合)?(?:评价|评估|评分)[^，；。]{0,10}?(?:达到|符合|满足|应达)(?:到)?(?P<level>[^，；。的]{2,10})"
)
_REMOVED = re.compile(r"取消|撤销|追回|追缴|骗取|弄虚作假|虚假|停止|收回|责令|罚款|情节严重|依法追究")

_BLOTS = (
    ("accident_record", re.compile(r"事故|环境违法|重大污染|安全事件|质量事件")),
    ("env_credit_red", re.compile(r"环(?:境|保)信用[^，；。]{0,10}红")),
    ("abnormal_list", re.compile(r"异常名录")),
    ("credit_good", re.compile(r"严重违法失信|失信被执行|失信[^，；。]{0,4}名单|严重失信|失信行为")),
    ("wage_arrears", re.compile(r"拖欠|欠薪|欠缴社")),
    (
        "housing_benefit",
        re.compile(
            r"(?:已经?|曾经?|正在|累计)(?:购买|享受|租赁|承租|申请|租住)[^，；。]{0,24}(?:人才公寓|公租房|保障性?住?房|双定双限|配套商品房|共有产权|(?:住|租|购)房补贴|安居)"
        ),
    ),
    ("housing_owned", re.compile(r"(?:已|已经|名下)(?:拥有|购买|有)[^，；。]{0,12}(?:住房|房产|产权房|商品房)")),
    ("criminal_record", re.compile(r"犯罪|刑事")),
    ("violation_record", re.compile(r"违法|违规|违纪|失信|处罚|不良记录|偷税|逃税|骗税")),
)


def claims(text: str) -> list[Hit]:
    """Statements found in one segment of folded text."""
    found: list[Hit] = []
    barred = _BARRED.search(text)
    if barred:
        found.append(
            Hit("industry_negative", "not_in", [(barred["of"] or barred["of2"] or "") + barred["what"]], *barred.span())
        )
    outside = _EXCEPT.search(text)
    if outside and not barred:
        names = [re.sub(r"(?:类|型)?(?:企业|行业)$|业$", "", name) for name in split_list(outside["a"] or outside["b"])]
        found.append(Hit("industry_negative", "not_in", names, *outside.span()))
    graded = _EVALUATION.search(text)
    if graded:
        found.append(Hit("innovation_score", ">=", graded["level"], *graded.span()))
    flags = {}
    for variable, negative, pattern in _COMPILED:
        match = pattern.search(text)
        if match and match.end() > match.start():
            flags[variable] = flag(variable, match, negative)
    for strong, weaker in _STRONGER.items():
        if strong in flags:
            for variable in weaker:
                other = flags.get(variable)
                if other and other.start < flags[strong].end and flags[strong].start < other.end:
                    del flags[variable]
    if "founder_role" in flags:
        roles = re.search(r"(?:发起人|创始人|法定代表人)(?:或|、)(?:主要)?(?:创始人|负责人|发起人)", text)
        role = roles or re.search(r"法定代表人|主要创始人|发起人|创始人|第一大股东|主要负责人|实际控制人", text)
        if role:
            flags["founder_role"] = Hit("founder_role", "==", role[0], *role.span())
    if barred:
        flags.pop("violation_record", None)
    return [*found, *flags.values()]


def catalogues(text: str, setting: Setting) -> list[Hit]:
    """Fields and catalogues that a product or a firm must belong to."""
    found = []
    for match in _CATALOGUE.finditer(text):
        titles: list[str] = []
        for title in re.findall(r"《([^》]+)》", match["names"]):
            titles.extend(setting.short_names.get(title, (title,)))
        titles = [title for title in titles if _CATALOGUE_NAME.search(title)]
        if titles:
            found.append(Hit("tech_field", "in", titles, *match.span()))
    proof = _PROOF.search(text)
    return [*found, Hit("ip_certificate", "exists", True, *proof.span())] if proof else found


def sanction(text: str) -> bool:
    """The sentence is about losing something granted, not about being admitted."""
    return bool(_REMOVED.search(text))


def blots(text: str, a: int, b: int) -> list[Hit]:
    """出现过违法行为的: blots on the record, said without a denial; each member of a list names one."""
    period = PERIOD.search(text, a, b)
    when = period[0] if period else None
    found: dict[str, Hit] = {}
    for part in re.finditer(r"[^、或]+", text[a:b]):
        name = next((name for name, bad in _BLOTS if bad.search(part[0])), None)
        if name:
            good = name == "credit_good"
            found.setdefault(
                name, Hit(name, "not_exists" if good else "exists", None if good else True, a, b, period=when)
            )
    return list(found.values())
