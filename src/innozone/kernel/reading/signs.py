"""Signs in the wording: which sentence opens a list, asks, refuses or defines, and which clause is a list of conditions."""

from __future__ import annotations

import re

from innozone.kernel.reading.claims import sanction
from innozone.kernel.reading.document import Document, Node
from innozone.kernel.reading.fold import fold

SILENT = frozenset({"papers", "procedure", "office", "supervision", "purpose", "deadline"})
CONDITION_HEAD = re.compile(
    r"(?:符合|具备|满足|达到)[^。；：]{0,16}(?:条件|要求|情形|标准)[^。；：]{0,16}：?\s*$|(?:条件|对象|范围)(?:如下|之一|为|包括)?：?\s*$|(?:条件|情形)之一的?[^。；]{0,24}：\s*$|(?:符合|具备|满足)(?:下列|以下|如下)[^。；：]{0,8}(?:条件|要求|情形)[^。；：]*：\s*$"
)
REFUSAL_HEAD = re.compile(
    r"(?:不得|不予|不能|禁止|不享受)[^。；：，]{0,16}(?:下列|以下)[^。：，]{0,20}：?\s*$|(?:有|存在|属于)(?:下列|以下)[^。：]{0,16}(?:之一)?的?，?[^。：]{0,12}(?:不予|不得|不能|不享受|不纳入)[^。：]{0,12}：?\s*$"
)
_ADMITTED = re.compile(r"(?:符合|具备|满足)[^，。：]{0,8}条件")
REFUSAL = re.compile(
    r"(?:一律|均)?(?:不予|不得|不再|不能|不可以?|不给予|不)(?:再|进行)?(?:给予|享受|申报|申请|纳入|列入|予以|重复)?(?:[^，；。不]{0,8}?)(?:补助|补贴|奖励|资助|支持|扶持|享受|申报|申请|推荐|受理|奖补|优惠|政策|贴息|(?<=不予)认定|(?<=不得)认定|(?<=不予)备案|(?<=不予)立项|(?<=可以进行)评估)|不适用(?=本|于|。|$)|不适用[^，；。]{2,16}(?:政策|优惠|办法|规定)"
)
MUST = re.compile(
    r"(?:须|必须|需)(?:同时)?(?:在|为|是|由)|(?:须|应当?|必须|需)(?:同时)?(?:符合|具备|满足|具有|达到|依法|诚实|属于|在|为(?!了)|是|已|占|入驻|拥有|取得|持有|登记|注册|遵守|不[低少超高])|适用于|(?<!不)适用本(?:办法|政策|意见|措施|细则|规定)|适用对象为|对象为|主要对象|所(?:指|称)[^。]{0,30}(?:为|是指|系指|指|包括)"
    r"|条件为|(?:申[请报]人|申[请报]单位|申[请报]企业)(?:须|需|应(?!当?(?:提|填|在规|按|向|于)))|申请时|(?:对象|本人)[^，。]{0,12}(?:未曾|未享受|未获|无)|(?:除外|不在此列)$|[均都]可(?:以)?(?:申[请报]|享受)|可?用于(?:购买|支付)|支持范围"
)
# General provisions say whom the paper is for: 本办法适用于在本区注册的企业.
SCOPE = re.compile(r"适用(?:于|对象|范围)|(?:支持|扶持|资助|奖励|申报|补助)(?:的)?对象(?:为|是|包括)")
APPLICANT = re.compile(r"申请的?(?:人|单位|企业|人才|项目)[^，。]{0,16}(?:未|无|须|应|不得)")
AIM = re.compile(
    r"^(?:为|根据|按照|贯彻|结合)|以本(?:意见|办法|政策)为准|从其规定|解释|废止|另行制定|印发之日|规定的?其他|就高|从优|从高|^(?![^。]*已(?:经)?(?:享受|获得))[^。]*不重复"
)
# How to hand in an application asks nothing of the applicant.
BY_FORM = re.compile(r"平台|网站|系统|账号|登录|填写|填报|上传|网上|加盖公章|纸质|一式")
OF_PROMISE = re.compile(
    r"^自?(?:19|20)\d{2}年\d{1,2}月\d{1,2}日起?至|^(?:其中)?(?:[^，；。]*所称|最高|最多|期限|补贴期|补贴时间|补助期限|时间|贴息(?:计算)?时间|分\S{0,3}(?:年|期)|可分|累计|连续奖励|连续\S{0,2}年奖励|年限|有效期|同一(?!行政村|区域|园区|地块)|以上|上述|补贴标准|根据|按照)|^不含|^包括|为准$"
)


_AS_ABOVE = re.compile(r"(?:符合|满足|具备)(?:上述|以上|前述|前款)[^。；，]{0,8}(?:条件|要求)的")
# 通过…等方式 leads in what follows; 不足三年的，按实际年限计算 says how to count.
LEAD_IN = re.compile(
    r"^(?:企业|单位|申报单位)?通过[^，；。]*(?:方式|途径|手段)$|^自?(?:19|20)\d{2}年\d{1,2}月\d{1,2}日起?至(?:19|20)\d{2}年\d{1,2}月\d{1,2}日(?:止|期间)?$|^按(?:照)?实际[^，；。]*计算$|(?:时间|年限|期)不[足满][^，；。]*的$"
)
# 所称企业为…: whom the paper speaks of, asked for also where the sentence ends in a refusal.
DEFINES = re.compile(
    r"所(?:指|称)[^，。]{0,12}，?(?:为|是指|系指|指).{4}|(?:适用于|适用对象为|(?:支持|扶持)对象为).{4}"
)
# 前款所称人员包括：脱贫人口
NAMES = re.compile(r"所[称指][^，；。：]{0,12}(?:包括|是指|系指)：?(?=.{2})")
# What is said of an applicant at large; two of them make a sentence of conditions.
STANDING = frozenset(
    [
        "registration_region",
        "tax_region",
        "operating_region",
        "legal_person",
        "financial_system",
        "credit_good",
        "violation_record",
        "accident_record",
        "abnormal_list",
        "wage_arrears",
    ]
)
_GIVEN_SUM = re.compile(r"(?:给予|予以|奖励|补助|补贴|资助)[^，；。拨]{0,16}[\d.]+(?:万元|亿元|元|%)")
# 对认定为省级机构的，给予补助: a promise without a figure.
_BARRED = re.compile(
    r"(?:不予|不得|不享受)(?:支持|受理|补[贴助]|资助|奖励|认定|申报|申请|享受)?(?:政策)?的?(?:情形|范围|对象|事项|项目)|负面清单"
)
GRANTED = re.compile(r"^(?:对|凡)[^。]{6,}?(?:给予|予以)[^。，；\d]{0,8}(?:奖励|补助|补贴|资助|贴息|扶持)(?=；|$)")
# 工业。从业人员300人及以上的为中型企业: the trade is said by the heading.
SIZED = re.compile(r"的?为(?:中小微|大|中|小|微)型企业")
# What a government or a bank is to do with its own budget: nobody applies for it.
_PUBLIC = r"(?:人民政府|(?:政府|行政|主管)[^，；。]{0,4}部门|财政部门|金融(?:监管)?机构|银行)"
_DUTY = re.compile(
    rf"^[^，；。]{{0,24}}{_PUBLIC}(?:[及和][^，；。]{{2,12}})?(?:每年)?(?:应当?|负责|要|可以?)"
    r"|(?:财政|预算|贷款余额)[^，；。]{0,12}(?:比例|增长幅度)[^，；。]{0,40}(?:安排|应当?达到|不低于|不得低于)"
    r"|(?:经费|费用|资金|投入)[^，；。]{0,6}应当?占[^，；。]{0,30}(?:预算|财政)"
)
_FAVOUR = re.compile(r"给予|予以|奖励|补助|补贴|资助|贴息|减免|免征|免收|扶持|返还|抵扣|优惠")
# 6%以上的得20分: how points are given, not what must be.
_SCORED = re.compile(r"(?:^|[^，；。]{0,2})(?:得|计|加)\s?\d+(?:\.\d+)?分(?:$|，|；|。)|不得分")
# 特别重大项目可“一事一议”: who that is, nobody has written down.
_CASE_BY_CASE = re.compile(r"[“]?(?:一事一议|一企一策|一案一策)[”]?")
# （三）企业规模。总资产2000万元以上: the first sentence of a condition may be no more than its name.
LABEL = re.compile(
    r"^[^，；。、\d]{2,9}(?:形式|产品|规模|效益|信用|能力|竞争力|情况|水平|基础|指标|投入|管理|团队|场地|性质|成果|质量)$"
)
BARRED_TRADES = re.compile(
    r"(?P<names>(?!对|已|未|同一|其他|上述|以下|下列|有|本)[^，；。的已未获A-E]{2,24}?)(?:型|类|行业)?(?:企业|公司|项目)(?:均|一律|等)*"
    r"|(?P<listed>(?:[^，；。、的]{2,10}业、){1,10}[^，；。、的]{2,10}业)(?:等|均|一律)*"
)


# 以下企业不予支持：一是列入经营异常名录的；二是拖欠工资的。
INLINE_REFUSAL = re.compile(
    r"[^，；。：]{0,16}(?:以下|下列)[^，；。：]{0,16}(?:之一)?的?，?[^，；。：]{0,12}(?:不予|不得|不能|不享受|不纳入)[^，；。：]{0,12}：(?=.{4})"
)
ORDINAL = re.compile(r"^(?:[一二三四五六七八九]是|[（(]?[一二三四五六七八九\d][）)、.．])")


def _last_words(document: Document, node: Node) -> str:
    """The last sentence of a clause's own text, with the colon that opens its list."""
    own = document.body[node.start : node.own_end].rstrip()
    return fold(re.split(r"[。；\n]", own)[-1]).text


def heads_list(document: Document, node: Node) -> bool:
    """The clause opens a list of conditions or of grounds for refusal."""
    last = _last_words(document, node)
    return bool(CONDITION_HEAD.search(last) or REFUSAL_HEAD.search(last)) and not sanction(last)


def _summed_up(document: Document, node: Node) -> bool:
    """The list that the clause is in ends with 对符合上述条件的…: its members were the conditions."""
    over = node.parent
    if over is None or over.kind in {"root", "chapter", "section"} or node.kind == "article":
        return False
    last = over.children[-1].text_start
    return bool(_AS_ABOVE.search(document.body, last, min(over.end, last + 1000)))


def gives(document: Document, node: Node) -> bool:
    """A heading that sounds like one of procedure stands over a sum that is promised: 咨询服务。给予20万元补贴."""
    own = document.body[node.heading_end : node.own_end] if node.heading_end else ""
    inherited = node.parent is not None and node.parent.role == node.role
    return not inherited and bool(_GIVEN_SUM.search(own)) and not sanction(own)


def no_offer(words: str) -> bool:
    """The sentence offers nothing that can be applied for by a rule: duties of the authorities, points, 一事一议 alone."""
    if _CASE_BY_CASE.search(words):
        return not re.search(r"\d", words) and not REFUSAL.search(words)
    if _SCORED.search(words):
        return True
    return bool(_DUTY.search(words)) and not _FAVOUR.search(words)


def opens(words: str) -> bool:
    """应符合下列条件：and the like open a list and ask for nothing themselves."""
    return bool(CONDITION_HEAD.search(words)) and bool(re.search(r"：\s*$|下列|以下|如下|之一", words))


def mode_of(document: Document, node: Node) -> str:
    """`condition` where the clause lists conditions, `refusal` where it lists what rules out, else empty."""
    parent: Node | None = node
    while parent is not None:
        last = _last_words(document, parent) if parent is not node else ""
        if last and REFUSAL_HEAD.search(last) and not _ADMITTED.search(last):
            return "" if sanction(last) else "refusal"
        if parent is not node and _BARRED.fullmatch(parent.heading):
            return "refusal"
        if last and CONDITION_HEAD.search(last) and not sanction(last) and "不符合" not in last:
            return "condition"
        # General provisions may say of whom the paper speaks: 所称…是指符合下列条件之一的企业.
        if parent.role in SILENT - {"purpose"} and parent.kind != "chapter":
            return ""
        parent = parent.parent
    return "condition" if node.role == "condition" or _summed_up(document, node) else ""
