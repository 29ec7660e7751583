"""What has been awarded, won, recognised, passed or joined: designations with their levels, prizes, projects, titles."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import depth, split_list
from innozone.kernel.reading.hits import Hit, listed

LEVEL = r"(?:国家|全国|部|省部|省|市|区|县|地市|州)级?"
_LEVELS = re.compile(rf"^(?P<levels>{LEVEL}(?:[、和及或与]+{LEVEL})*)(?P<above>(?:及其?)?以上)?(?P<rest>[^级].*)$")
_LEVEL_LIST = re.compile(rf"{LEVEL}(?:[、和及或与]+{LEVEL})+")
_VERB = (
    r"(?:被|经|获|新|首次|初次|自主申报|成功|新申报)*"
    r"(?:评选为|评定为|认定为|评为|授予|命名为|备案为|列为|确定为|晋升为|认定的?|获评|荣获|获得|获批|取得|入选|列入|纳入|通过|创成|新?建成|建成|创建(?:成功)?(?:为)?|引进|当选|获(?!取|利|益|准|悉|奖后))(?:过|了)?"
)
_GRANTED = re.compile(rf"(?P<verb>{_VERB})(?P<object>[^，；。]+)")
_GRANTED_AFTER = re.compile(
    r"(?P<object>[^，；。]{2,40}?)(?:称号|荣誉|认定|资质|备案|认证|创建|奖项|立项)(?:的|后|成功|，|$)"
)
_FIRST = re.compile(r"首次|初次|首个|新(?:认定|评定|获评?|获得|入选|备案|晋级|创建|评为|增|评选|通过|取得)|第一次")
_TAIL = re.compile(
    r"(?:荣誉称号|称号|荣誉|资格认定|资格|认定|认证|评定|备案|奖项|支持|扶持|资助|立项|认可)?(?:的|后|并|且)*"
    r"(?:(?:工业|规上|本地|我[市区县]|软件|建筑业?|各类)?(?:企业|单位|机构|项目|个人|人员|专家|人才|团队|组织|企事业单位|园区|主体|法人)(?:和(?:机构|个人|单位))?)?(?:的|，)?$"
)
_HEAD_NOUN = re.compile(
    r"(?:企业|单位|中心|平台|基地|园区|孵化器|空间|工作站|实验室|研究院|机构|示范|试点|工厂|车间|产品|品牌|商标|小巨人|独角兽|瞪羚|工作室|服务商|项目|街区|酒店|景区|体系|贯标|技师|规上|站)"
)
_PRIZE = re.compile(r"奖|杯|金牌|银牌|工法|标准化工地|名次|冠军|亚军|百强|推广项目")
_PROJECT = re.compile(r"(?:项目|专项|计划|工程|课题|任务|专项资金)$")
_PERSON_TITLE = re.compile(
    r"职称|职业资格|工程师|导游证|资格证|技能等级|职业(?:技能)?证书|执业|技师证|资格认证|证书|相应资质|导游"
)
_TALENT = re.compile(r"人才|专家|院士|领军|拔尖|学术技术带头人|带头人|团队$|高层次")
_LEARNING = re.compile(r"学历|学位|本科|硕士|博士|大专|专科|研究生|毕业生")
_TEST = re.compile(r"验收|鉴定|评审|评估|复评|审核|备案|查验|认证|审定|结题")
_ASSESS = re.compile(
    r"(?P<when>(?:[一二三四五\d]年后|年度|绩效|复评|综合|周期|期满)?)(?:考核|考评|评价|评估|复评|评审|评审结果|绩效评价)(?:结果)?(?:等级|等次)?(?:被评)?(?:为|达到?|在)?[“]?(?P<grade>优秀|合格|良好|优良|[A-D]\+?类|[A-D]级|[A-D]\+?(?=[^a-zA-Z]|$)|通过|不合格|未完成等级)[”]?(?:等级|等次|以上|及以上)?"
    r"|(?P<passed>通过(?:年度|绩效|期满)?(?:复评|考核|评估|复审|年审|年检))|经(?P<after>年度|绩效)?考核(?P<ok>合格|后|通过)"
)
_GRADE = re.compile(
    r"(?P<branch>总承包|专业承包|施工总承包|勘察|设计|监理)[^，；。]{0,8}?(?:资质)?[^，；。]{0,8}?(?P<grades>(?:特|一|二|三|甲|乙)级(?:[、和或](?:特|一|二|三|甲|乙)级)*)|(?P<grades2>(?:特|一|二|甲)级(?:[、和或](?:特|一|二|甲)级)*)(?P<branch2>总承包|专业承包|建筑业?|施工总承包|资质)"
)
_STANDARD = re.compile(
    r"(?P<role>主导|牵头|主持|参与|主要参与|负责)(?:[^，；。]{0,6}?)(?:制定?、?（?修?）?订?|制（修）订|制修订|修订|起草|研制|编制)[^，；。]{0,24}标准"
)
_BOARD = re.compile(
    r"(?:主板|中小板|创业板|科创板|北交所|北京证券交易所|新三板|“新三板”|境外(?:（[^）]*）)?(?:各)?(?:资本市场|证券市场|上市)?|香港联交所|区域性?股权(?:交易)?(?:市场|中心)|四板|精选层|创新层)"
)
_STAGES: tuple[tuple[str, str], ...] = (
    (r"辅导[^，；。]{0,4}验收", "辅导验收"), (r"辅导备案|辅导登记", "辅导备案"), (r"(?:IPO|上市申请|申报|首发)[^，；。]{0,6}材料[^，；。]{0,6}受理|(?:申请|材料)[^，；。]{0,6}受理", "IPO材料受理"),
    (r"发审委?会?[^，；。]{0,6}通过|过会", "发审会通过"), (r"股票[^，；。]{0,4}上市|成功上市|完成上市|首发上市|实现上市", "股票上市"),
    (r"启动上市", "启动上市"), (r"股份制?改(?:造|制)|股改", "股改"), (r"(?:上市企业|上市公司|已上市)", "已上市"), (r"挂牌", "挂牌"),
)  # fmt: skip


def honours(text: str) -> list[Hit]:
    """Designations and the like in one segment of folded text, with level and first-time marks."""
    found = [*_assessments(text), *_grades(text), *_listing(text)]
    standard = _STANDARD.search(text)
    if standard:
        role = "参与" if "参与" in standard["role"] else "牵头" if standard["role"] == "牵头" else "主导"
        found.append(Hit("standard_role", "==", role, *standard.span()))
        return found
    taken = {hit.variable for hit in found}
    granted = _granted(text) if not taken & {"construction_grade", "listing_stage", "assessment_result"} else []
    found.extend(granted)
    names = [hit for hit in granted if hit.variable in {"qualification", "award", "project_won"}]
    first = _FIRST.search(text)
    if first and (names or re.search(r"首次", first[0])):
        found.append(Hit("first_time", "exists", True, *first.span()))
    return found


def _granted(text: str) -> list[Hit]:
    match = _object(text)
    if match is None:
        return []
    verb, words, start, end = match
    if (
        not words
        or len(words) > 90
        or re.match(r"(?:本|该|上级|以下|上述|下列|的|国家或|财政|区级财政)(?:规定|政策|办法|条件|奖励|$)", words)
    ):
        return []
    variable = classify(words, verb)
    if variable == "project_result":
        return [Hit(variable, "==", _result(text, words, verb), start, end)]
    names = _names(words)
    if not names:
        return []
    if variable == "person_education":
        return [listed(variable, names, start, end, single="==")]
    return [listed(variable, names, start, end)]


def _object(text: str) -> tuple[str, str, int, int] | None:
    """The verb of recognition and what it recognises, freed of the holder behind it."""
    levels = depth(text)
    best: tuple[str, str, int, int] | None = None
    for match in re.finditer(_VERB, text):
        if levels[match.start()]:
            continue
        rest = text[match.end() :]
        words = _trim(rest)
        if len(words) >= 2 and words not in {"认定", "称号"}:
            best = (match[0], words, match.start(), match.end() + len(rest))
            if not re.search(r"引进|通过|建成|取得|认定$", match[0]):
                break
    if best:
        return best
    after = _GRANTED_AFTER.search(text)
    if after and _HEAD_NOUN.search(after["object"]):
        words = _trim(re.sub(r"^(?:对|凡|经|给予|于|首次|新|在)+", "", after["object"]))
        return ("", words, *after.span())
    return None


def _trim(words: str) -> str:
    words = words.strip("的，、 ")
    words = re.sub(r"^(?:为|成|过|的|（[^）]*）的?)+", "", words)
    shorter = _TAIL.sub("", words)
    # 小型微利企业 keeps its 企业, 省级示范项目的企业 loses it.
    if shorter != words and re.search(
        r"(?:的|称号|荣誉|认定|奖|资格|支持|扶持)[^的]*$", words[len(shorter) :] + words[-1:]
    ):
        words = shorter if len(shorter) >= 2 else words
    words = re.sub(r"(?:荣誉称号|称号|荣誉|认定|奖项)?的?$", "", words)
    return words.strip("的，、 ")


def classify(words: str, verb: str = "") -> str:
    """The variable that a recognised thing belongs to, by its head noun."""
    if re.search(r"通过|经", verb) and _TEST.search(words) and not re.search(r"贯标|体系", words):
        return "assessment_result" if "考核" in words else "project_result"
    if _LEARNING.search(words) and not re.search(r"工作站|基地|流动站|人才", words):
        return "person_education"
    if _PERSON_TITLE.search(words) and not re.search(r"企业|中心|体系", words):
        return "person_title"
    if _PRIZE.search(words) and not re.search(r"奖励|示范企业", words):
        return "award"
    if re.search(r"(?:[A-H]类|人才|专家|院士|带头人)$", words) and not re.search(
        r"工作站|基地|中心|企业|计划|项目", words
    ):
        return "talent_class"
    if _PROJECT.search(words) and not re.search(r"示范|试点|产品|智能工厂|园区|车间", words):
        return "project_won"
    return "qualification"


def _names(words: str) -> list[str]:
    """Members of 国家级、省级A、B and 三星级、四星级酒店 with their common parts given to each."""
    words = re.sub(r"^(?:年度|当年度|各类|有关)", "", words)
    levels = _LEVELS.match(words)
    if levels and _LEVEL_LIST.match(words):
        words = levels["rest"]
    names = split_list(words)
    stars = re.fullmatch(r"(?P<one>[一二三四五\d][星A]级?)(?P<rest>.*)", names[-1]) if names else None
    if stars and stars["rest"] and len(names) > 1:
        names = [name if name.endswith(stars["rest"]) else name + stars["rest"].lstrip("的") for name in names]
    titles = re.search(r"(工程师|职称|导游证?|技师|人才|首席技师)$", names[-1]) if names else None
    if titles and len(names) > 1:
        names = [name if name.endswith(titles[1]) or len(name) > 5 else name + titles[1] for name in names]
    return [name for name in (re.sub(r"^(?:其|的|为)", "", name).strip() for name in names) if name]


def level_hit(text: str) -> Hit | None:
    """国家级、省级 where the levels are listed without one name of their own."""
    found = _LEVEL_LIST.search(text)
    if not found:
        return None
    names = [name if name.endswith("级") else name + "级" for name in split_list(found[0])]
    return Hit("qualification_level", "in", names, *found.span())


def _result(text: str, words: str, verb: str) -> str:
    name = re.sub(r"^(?:对|凡)", "", words)
    return f"{name}通过" if "通过" in verb else name


def _assessments(text: str) -> list[Hit]:
    found = _ASSESS.search(text)
    if not found:
        return []
    denied = re.search(r"(?:不能为|不得为|不为|非)[“]?$", text[: found.start("grade")]) if found["grade"] else None
    value = (
        found["grade"]
        or found["passed"]
        or f"{found['after'] or ''}考核{'通过' if found['ok'] == '后' else found['ok']}"
    )
    if found["grade"] and re.match(r"[一二三四五\d]年后", found["when"] or ""):
        value = f"{found['when']}考核{value}"
    if denied or re.search(r"不(?:能|得)为", found[0]) or value in {"不合格", "未完成等级"}:
        return [Hit("assessment_result", "not_in", [value], *found.span())]
    return [Hit("assessment_result", "==", value, *found.span())]


def _grades(text: str) -> list[Hit]:
    found = _GRADE.search(text)
    if not found:
        return []
    branch = found["branch"] or found["branch2"] or ""
    values = [f"{branch}{grade}" for grade in split_list(found["grades"] or found["grades2"])]
    if re.search(r"以外|除外", text):
        return [Hit("construction_grade", "not_in", values, *found.span())]
    return [listed("construction_grade", values, *found.span(), single="in" if "晋升" in text else "==")]


def _listing(text: str) -> list[Hit]:
    if not re.search(r"上市|挂牌|IPO|股改|股份制|发审|辅导|新三板|过会|资本市场", text) or re.search(
        r"上市服务|上市后备|首次市场|新产品上市|未上市", text
    ):
        return []
    board = _BOARD.search(text)
    if board and re.search(r"上市|挂牌", text):
        return [listed("listing_board", [board[0].strip("“”")], *board.span(), single="==")]
    for pattern, stage in _STAGES:
        found = re.search(pattern, text)
        if found:
            return [Hit("listing_stage", "==", stage, *found.span())]
    return []
