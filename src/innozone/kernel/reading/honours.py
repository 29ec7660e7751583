"""What has been awarded, won, recognised, passed or joined: designations with their levels, prizes, projects, titles."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from innozone.kernel.reading.fold import depth, split_list
from innozone.kernel.reading.hits import Hit, listed
from innozone.kernel.reading.names import HEAD_NOUN, LEVEL, PRIZE, level_names, names_of
from innozone.kernel.reading.stages import assessments, grades, listing

_LEVEL_LIST = re.compile(
    rf"^(?P<levels>{LEVEL}(?:[、和及或与]+{LEVEL})+)(?P<above>(?:及其?)?以上)?(?:的)?(?P<rest>.*)$"
)
_BY_LEVEL = re.compile(
    rf"经(?P<levels>{LEVEL}(?:[、和及或与]+{LEVEL})+)(?:[^，；。]{{0,6}}?)(?:认定|评定|批准|授予|评为)"
)
_VERB = (
    r"(?:被|新|首次|初次|自主申报|成功|新申报|新近)*"
    r"(?:评选为|评定为|认定为|评为|授予|命名为|备案为|列为|确定为|晋升为|升格为|升级为|认定的?|获评为?|荣获|获得|获批|取得|入选|列入|纳入|承担|通过|创成|入库(?=国家|全国|省|科技型)|(?:新|首次)认证|新备案(?:的)?(?!为)|新评定(?=[国省市区三四五金银])|(?:设立|建立|组建|建有)(?:的)?(?=(?:国家|省|市|区|县)级|[^，；。、]{0,4}(?:院士|博士后|专家)[^，；。、]{0,4}工作站)|进入(?=[^，；。]{0,30}(?:\d强|百强|榜单?|名单))|建成|创建(?:成功)?(?:为)?|引进|当选|获(?!取|利|益|准|悉|奖[励后的]))(?:过|了)?"
)
_SECOND_VERB = re.compile(r"(?:并|且|和|及)(?:入选|获得|获批|获评|列入|纳入|通过|被?认定|被?评为)")
_AFTER_NAME = re.compile(r"(?P<object>[^，；。]{2,40}?)(?:称号|荣誉|认定|资质|认证)(?:的|后|，|$)")
_PRAISED = re.compile(r"受(?P<object>[^，；。]{2,16}(?:表彰|嘉奖|通报表扬)的?[^，；。]*)")
# A licence or standing to act is held, not awarded: 具有进出口经营资格.
_HELD = re.compile(
    r"(?:具有|具备|持有|取得|拥有)(?:有效的?|相应的?|合法的?)?(?P<object>[^，；。法]{2,20}?(?:(?<!法人)(?<!主体)资格|资质(?:证书)?|许可证|牌照|版号))(?=的|$|或|并|且|，)"
)
_QUOTED = re.compile(r"^对?(?:于)?(?:我[省市区县])?“(?P<name>[^”]*(?:项目|计划|工程|专项))”(?=在|的|$|，|入选)")
# Designations that every reader knows stand for themselves: 对独角兽企业.
_KNOWN = r"(?:国家级?|省级?|市级?)?(?:高新技术企业|科技型中小企业|创新型中小企业|“?专精特新”?(?:中小)?企业|(?:“?专精特新”?)?“?小巨人”?企业|(?:潜在)?瞪羚企业|(?:潜在)?独角兽企业|雏鹰企业|(?:制造业)?单项冠军企业?|技术先进型服务企业|“?链主”?企业|“?隐形冠军”?企业|科技小巨人企业)"
_TITLED = re.compile(
    rf"^(?:[^，；。]{{0,10}}(?:对象|范围)(?:为|是|包括))?(?:对|凡|支持|鼓励)*(?:符合条件的|我[省市区县]|本[省市区县]|有效期内的?)?(?P<names>{_KNOWN}(?:[、和或及]+{_KNOWN})*)(?!认定|培育|管理|申[报请]|评价|称号|资格|库|资质|奖|的(?:认定|申[报请]|培育))"
)
_TITLED_LAST = re.compile(rf"(?:的|，)(?P<names>{_KNOWN}(?:[、和或及]+{_KNOWN})*)(?:可以?[^，；。]*)?$")
# 绿色食品、有机食品通过认证的; …的市级以上示范基地.
_QUOTED_FIRM = re.compile(r"^对?“(?P<name>(?!小巨人|专精特新|链主|隐形冠军)[^”]{2,10})”企业(?!认定|培育|申报)")
_CERTIFIED = re.compile(
    r"^(?:对|凡)?(?P<names>(?![^，；。]*(?:采购|购买|使用|企业))[^，；。\d]{2,40}?)(?:通过|获得|取得)(?:国家|国际)?认证(?=的|，|$)"
)
# 引智项目获批立项的; 达到智能制造能力成熟度三级的
_WON = re.compile(r"^(?:对)?(?P<names>[^，；。获]{2,24}?(?:项目|课题|专项))获批?(?:立项|批准)的?$")
_RIPE = re.compile(r"达到(?P<names>[^，；。\d]{4,20}?[一二三四五\d]级(?:[、和][一二三四五\d]级)*(?:及以上)?)")
_LEVELLED = re.compile(
    r"(?:^|^对|的)(?P<names>(?:国家|省|市|区|县)级(?:及)?以上[^，；。的]{2,16}?(?:企业|基地|园区|平台|中心|合作社|实验室|工作站|景区|街区|工作室))(?=，|$|的(?:，|$))"
)
_RANKED = re.compile(
    rf"^对?(?P<names>{LEVEL}[^，；。、的]{{2,16}}?(?:中心|研究院|实验室|工作站|工作室|基地|平台|孵化器|众创空间)(?:[、和]{LEVEL}[^，；。、的]{{2,16}}?(?:中心|研究院|实验室|工作站|工作室|基地|平台|孵化器|众创空间))+)(?:的)?$"
)
# 国家知识产权示范企业、优势企业: classes of firms that somebody has named.
_MODEL = r"(?:示范|优势|试点|标杆|领军|龙头|领航|骨干|首批)企业"
_MODEL_FIRMS = re.compile(
    rf"(?:对|凡)?(?P<names>{LEVEL}[^，；。、的\d]{{2,14}}{_MODEL}(?:[、和][^，；。、的\d]{{0,12}}{_MODEL})*)(?:的)?"
)
_APPROVED = re.compile(
    r"(?:^|且|，)经(?P<who>[^，；。获]{0,24}?)(?P<what>认定|批准|核准|审核备案|备案|验收|考核认定|确认)(?P<then>后|的[^，；。]*|合格|通过|成功)?$"
)
# 经综合认定, 经专家审核: how the authority decides, nothing that the applicant must have.
_BY_PROCEDURE = re.compile(r"综合$|专家|集体|研究|联席会议|严格|公示|程序")
# No name is longer, no stretch of honest text holds more verbs of recognition.
_LONGEST = 400
_MOST_VERBS = 40
_WITHOUT = re.compile(r"(?:未曾?|没有|尚未|从未|不得|不能)(?:被|能)?$")
_JUST = re.compile(r"^被认定的?$")
_FIRST = re.compile(
    r"首次(?!在|公开|落户|迁入|入驻|注册|设立)|初次|首个|(?<!重)新(?:认定|评定|获评?|获得|入选|晋级|评为|增(?=[国省市区“高专软规])|评选|通过|取得)|第一次"
)
_TAIL = re.compile(
    r"(?:荣誉称号|称号|荣誉|资格认定|认定|认证|评定|备案|奖项|支持|扶持|资助|立项|认可)?(?:的|后|并|且)+"
    r"(?:(?:工业|工程|规上|本地|我[市区县]|软件|建筑业?|制造业|服务业|各类|外国|外籍)?(?:企业|单位|机构|项目|品种|个人|人员|专家|人才|选手|团队|组织|企事业单位|园区|主体|法人)(?:(?:和|或|、)(?:机构|个人|单位|企业|团队))*(?:（[^）]*）)?)?(?:的|，)?$"
)
_ACTION = re.compile(
    r"(?<=.{3})(?:承办|举办|开展|组织|购置|承担|从事|运营|采购|使用|自主申报|实施|参与|参加|销售|生产|引进|研发|投资)(?=[^，；。]{3,})"
)
# What is said besides the name: X并上线运营, X登记保护, X企业名单, 高企复审.
_ADDED = re.compile(
    r"(?<=.{2})(?:并|且)(?:上线|投入|对外|正式|实际|完成|实现|运营|在|接入|用于|开展).*$|(?<=资格)备案$|(?<=.{4})(?:登记保护|重新|行政)$|(?<=企业)(?:复审|重新认定)$|(?<=医院)评审$|(?<=[业厂区心台])(?:名单|名录)$|(?<=高企)(?:复审|重新认定)$"
)
_INCOMER = re.compile(
    r"^(?:(?!示范|高新技术|小巨人|独角兽|瞪羚|百强|\d强|专精特新)[^，；。])*?(?:企业|公司|项目|总部|会议|会展|展会|赛事|活动|门店|首店|综合体|机构|服务商|店|技师|工程师|博士|硕士)(?!技术中心|研究院|研究中心)"
)
_NOTHING_NAMED = re.compile(r"(?:部门)?(?:授牌|认定|立项|荣誉(?:称号)?|称号|奖项|表彰|命名|认可)?")
_PROJECT = re.compile(r"(?:项目|专项|计划|工程|课题|任务|专项资金|资金)”?$")
_PERSON_TITLE = re.compile(
    r"职称|(?:职业|技术|从业)资格|工程师|导游证?|资格证|技能等级|职业(?:技能)?证书|执业|员执照|技师证|资格认证|(?<!专利)(?<!登记)(?<!注册)(?<!商标)证书|相应资质|任职资格"
)
_RANKED_TITLE = re.compile(r"(?<!等)级|工程师|导游")
_LEARNING = re.compile(r"学历|学位|本科|硕士|博士|大专|(?<!重点)专科|研究生")
_TEST = re.compile(r"验收|鉴定|评审|评估|审核|查验|审定|结题")
# What follows the word of recognition makes it one of procedure: 认定管理, 认定申请, 通过后激活.
_NOT_GRANTED = re.compile(
    r"[率证书]|时$|后$|之日|(?:后)?(?:申报|申请|管理|工作|办法|机构|条件|程序|标准(?!化)|材料|环节|审核|意见|复审|结果)(?!的)|后(?:激活|报送|提交|上报|公示|拨付|予以|给予)"
)
_NO_OBJECT = re.compile(
    r"^(?:当年|本年|首次|初次|重新|新)(?:入库|认定|备案|评定)?$|(?:补偿|支持|补助|保障|支出)范围$|方式带动|利益联结|^建立(?!健全)|每[人年家]|排名|^奖单位|^(?:毕业生|人才|人员|企业|项目|机构|单位|资金)$|^(?:条件|标准|办法|程序|管理|工作|范围|对象|本|该|上级|以上|上述|下列|的|国家有关|财政|区级财政|其他|相关规定|有关规定|同等|不同)|公式|计算|(?:方式|途径|渠道|手段|办法|网站|系统|窗口|审查|审核|程序|培训|措施|竞争|数据)$|成绩$|^专利权的|^投[运产]|\d+[名人家个](?:以上|$)|^时间|^年度?起?$|^起|^[一\d]+[家个名]|失信|异常名录|黑名单|营业执照|所得$|收入(?!百强|前|\d)|资金按|补助资金|补贴|利润|信息(?!技术|化|安全|系统|服务)|知识产权(?![^，；。]{0,6}(?:体系|贯标|示范|优势|试点|强企))|专利(?:权|证书)?$|著作权$|授权|统计|^经|设备|工作岗位|岗位|(?:材料|资料|证明)$|(?:贷款|信贷|融资|投资|订单|名次|报告)(?:的|$|并|用于)"
)


def honours(text: str, context: str = "") -> list[Hit]:
    """Designations and the like in one stretch of folded text, with level and first-time marks.

    `context`: what the sentence said before.
    """
    found = [*assessments(text), *grades(text, context), *listing(text, context)]
    standard = _standard(text) or _standard_before(text, context)
    if standard:
        return [*found, standard]
    by_level = _BY_LEVEL.search(text)
    if by_level:
        found.append(Hit("qualification_level", "in", level_names(by_level["levels"]), *by_level.span("levels")))
    taken = {hit.variable for hit in found}
    granted = [] if taken & {"construction_grade", "listing_stage", "assessment_result"} else _granted(text)
    # 未取得…的: the same thing denied.
    granted = [
        replace(hit, op="not_in", value=hit.value if isinstance(hit.value, list) else [str(hit.value)])
        if hit.op in {"in", "=="} and _WITHOUT.search(text[: hit.start])
        else hit
        for hit in granted
    ]
    found.extend(granted)
    named = any(hit.variable in {"qualification", "award", "project_won"} for hit in granted)
    first = _FIRST.search(text)
    if first and (named or first[0] == "首次") and "小升规" not in text:
        found.append(Hit("first_time", "exists", True, *first.span()))
    approved = _APPROVED.search(text)
    if (
        not granted
        and approved
        and not _BY_PROCEDURE.search(approved["who"])
        and len(approved["who"]) + len(approved["what"]) > 2
    ):
        found.append(Hit("project_result", "==", approved["who"] + approved["what"], *approved.span()))
    elif not granted and _JUST.match(text):
        found.append(Hit("project_result", "==", "认定", 0, len(text)))
    return found


def _granted(text: str) -> list[Hit]:
    quoted = _QUOTED.match(text)
    if quoted:
        return [Hit("project_won", "in", [quoted["name"]], *quoted.span())]
    praised = _PRAISED.search(text)
    if praised:
        return [Hit("qualification", "in", [praised["object"].strip("的")], *praised.span())]
    if re.search(r"推荐申[报请]|直接授予|所称", text):
        return []
    firm = _QUOTED_FIRM.match(text)
    if firm:
        return [Hit("qualification", "in", [firm["name"]], *firm.span())]
    certified = _CERTIFIED.search(text)
    if certified:
        return [listed("qualification", names_of(certified["names"]), *certified.span("names"))]
    project = _WON.match(text)
    if project:
        return named(project["names"], "获批", *project.span("names"))
    ripe = _RIPE.search(text)
    if ripe:
        return [Hit("qualification", "in", names_of(ripe["names"]), *ripe.span())]
    levelled = _LEVELLED.search(text)
    if levelled and not _object(text):
        return [Hit("qualification", "in", [levelled["names"]], *levelled.span("names"))]
    ranked = _RANKED.match(text)
    if ranked:
        return [Hit("qualification", "in", names_of(ranked["names"]), *ranked.span("names"))]
    model = _MODEL_FIRMS.fullmatch(text)
    if model:
        return [Hit("qualification", "in", names_of(model["names"]), *model.span("names"))]
    titled, last = _TITLED.match(text), _TITLED_LAST.search(text)
    titled = titled or last
    if titled and re.search(r"^[^，；。]{0,4}(?:获批|获评|获得|认定为|入选|获认定)", text[titled.end("names") :]):
        titled = None  # 瞪羚企业新获批的省级研发机构: what the firm has won, not the firm
    if titled and not re.search(
        r"投资|(?:认定|获得|入选|纳入|列入)的$" if titled is last else r"认定为|获得|入选|纳入|列入|评为|投资",
        text[: titled.start("names")],
    ):
        return [listed("qualification", names_of(titled["names"]), *titled.span("names"))]
    match = _object(text)
    held = _HELD.search(text)
    if held and (match is None or held.start("object") < match[3]) and not _PERSON_TITLE.search(held[0]):
        return [Hit("qualification", "in", split_list(held["object"], "、"), *held.span("object"))]
    if match is None:
        return []
    verb, words, start, end = match
    if len(words) > 90 or _NO_OBJECT.search(words):
        return []
    return named(words, verb, start, end)


def named(words: str, verb: str, start: int, end: int) -> list[Hit]:
    """The statement that a thing called `words` has been granted."""
    variable = classify(words, verb)
    if "承担" in verb and variable != "project_won" and not re.search(r"秘书处|工作组", words):
        return []
    levels = _LEVEL_LIST.match(words)
    if variable == "person_title" and not _RANKED_TITLE.search(words):
        return [Hit(variable, "exists", True, start, end)]
    if variable in {"person_title", "person_education"} or (
        variable == "talent_class" and re.search(r"[A-H]类", words)
    ):
        return []  # read with ranks, degrees and classes by `persons`
    if variable == "project_result":
        return [_result(words, verb, levels, start, end)]
    tail = re.match(r"^(?P<list>[^等]*、[^等]*)等(?:有关|相关)?(?P<tail>.{4,})$", words)
    if tail:
        graded = re.search(rf"({LEVEL}(?:[、和及或与]+{LEVEL})+)(?:荣誉|称号|奖项)?$", tail["tail"])
        if graded:
            return [Hit("qualification_level", "in", level_names(graded[1]), start, end)]
        if HEAD_NOUN.search(tail["tail"]):
            words, levels = tail["tail"], None
    # 国家、市级重大专项: projects keep their level in the name, designations carry it beside.
    if levels and _NOTHING_NAMED.fullmatch(levels["rest"]):
        return [Hit("qualification_level", "in", level_names(levels["levels"]), start, end)]
    if re.fullmatch(rf"{LEVEL}(?:及?以上)?", words) and "级" in words:
        return [Hit("qualification_level", "in", [words], start, end)]
    names = names_of(levels["rest"] if levels else words)
    if not names:
        return []
    if variable == "project_won" and levels and len(names) == 1:
        names = [level + names[0] for level in split_list(levels["levels"])]
        return [Hit(variable, "in", names, start, end)]
    marks = tuple(level_names(levels["levels"])) if levels else ()
    return [replace(listed(variable, names, start, end), members=marks)]


def _object(text: str) -> tuple[str, str, int, int] | None:
    """The verb of recognition and what it recognises, freed of the holder behind it."""
    levels = depth(text)
    weak: tuple[str, str, int, int] | None = None
    for match in islice(re.finditer(_VERB, text), _MOST_VERBS):
        if levels[match.start()] or _NOT_GRANTED.match(text, match.end()):
            continue
        before = text[max(0, match.start() - 6) : match.start()]
        # 申请认定市级中心的企业: what is applied for is not held yet; 可认定为 is promised.
        if "认定" in match[0] and re.search(r"申[请报]$|可以?(?:直接)?$|予以$", before):
            continue
        # 积分60分以上的企业列入培育名单: what is promised, not what is held.
        if re.search(r"列入|纳入", match[0]) and re.search(r"的(?:企业|单位|机构|项目)(?:可|将)?$", before):
            continue
        if "引进" in match[0] and (before.endswith("每") or _INCOMER.search(text[match.end() : match.end() + 40])):
            continue
        # 通过某体系取得国际注册: the second verb tells what is held.
        if match[0] == "通过" and re.search(
            r"(?:取得|获得|完成|实现|开展|进行|销售|购买)[^，；。]{2}", text[match.end() : match.end() + 40]
        ):
            continue
        words = _trim(text[match.end() : match.end() + _LONGEST])
        if len(words) < 2 or words in {"认定", "称号", "授权"} or _SECOND_VERB.match(words):
            continue
        # The span ends with the name, so that the holder (工业企业) is still read by others.
        end = match.end() + max(text[match.end() :].find(words), 0) + len(words)
        best = (match[0], words, match.start(), end)
        if re.search(r"引进$|认定的?$", match[0]) and not re.match(r"首次|新", match[0]):
            weak = weak or best
            continue
        return best
    if weak:
        return weak
    after = _AFTER_NAME.search(text)
    if after and HEAD_NOUN.search(after["object"]) and "经" not in after["object"]:
        words = _trim(re.sub(r"^(?:对于?|凡|经|给予|于|首次|新|在|通过)+", "", after["object"]))
        return ("", words, *after.span())
    return None


def _trim(words: str) -> str:
    whole = words
    words = re.sub(
        r"^(?:为|成|过|的|(?:认定|批准|评定)的|(?:建设|组建|筹建)(?=国家|全国|省|市)|（[^）]*）的?)+",
        "",
        words.replace("□", "").strip("的，、 "),
    )
    words = re.sub(r"（[^）]*(?:名单|附件|详见|以下)[^）]*）|(?:给予|予以|进行)[^，；。]*$", "", words)
    action = _ACTION.search(words)
    if action and not depth(words)[action.start()] and HEAD_NOUN.search(words[: action.start()]):
        words = words[: action.start()]
    holder = re.search(r"(?<=项目|课题|专项|任务)的[^，；。的]{0,4}(?:方|者|人|单位|企业|机构|团队|主体|公司)$", words)
    if holder:
        words = words[: holder.start()]
    words = re.sub(r"(?<=商标)(?:司法|行政|或)+(?:认定)?$", "", words)
    words = re.sub(r"的?(?:第一|主要|牵头|主持)?(?:完成|主持|承担|获奖)(?:单位|人|企业|机构)$", "", words)
    words = re.sub(r"(?<=.{2})\d+[项件个次](?:及?以上)?$", "", words)
    quoted = re.search(r"”的((?:中小)?企业)$", words)
    if quoted:
        # “小巨人”的企业 is the name of a class of firms.
        return words[: quoted.start()] + "”" + quoted[1]
    words = re.sub(r"(?<=[”》])的[\u4e00-\u9fff]{2,4}企业$", "", words)
    funded = re.search(r"(?P<fund>[^，；。]*资金)(?:支持|扶持|资助)的?项目$", words)
    if funded:
        return funded["fund"] + "项目"
    shorter = _TAIL.sub("", words)
    if len(shorter) >= 2:
        words = shorter
    words = re.sub(r"(?:认定|认证)的?(?:企业|单位|机构)$", "", words) if len(words) > 8 else words
    words = re.sub(r"(?:荣誉称号|称号|荣誉|认定|奖项|支持|扶持|立项|(?<=计划)资助)?的?(?:后|时)?$", "", words)
    words = _ADDED.sub("", words.strip("的，、 "))
    graded = re.fullmatch(rf"{LEVEL}(?:及?以上)?", words)
    prize = re.search(rf"{re.escape(words)}(?:奖项|荣誉|称号)", whole) if graded else None
    return prize[0] if prize else words


def classify(words: str, verb: str = "") -> str:
    """The variable that a recognised thing belongs to, by its head noun."""
    if re.search(r"(?:评估|测评|评价)(?:（[^）]*）)?[一二三四五\d]级|[一二三]级[甲乙]等", words):
        return "qualification"
    if re.search(r"通过|经", verb) and _TEST.search(words) and not re.search(r"贯标|体系", words):
        return "assessment_result" if "考核" in words else "project_result"
    if _LEARNING.search(words) and not re.search(r"工作站|基地|流动站|人才|企业", words):
        return "person_education"
    if _PERSON_TITLE.search(words) and not re.search(r"企业|中心|体系|产品|示范", words):
        return "person_title"
    if PRIZE.search(words) and not re.search(r"示范企业", words):
        return "award"
    if re.search(r"(?:[A-H]类|人才|专家|院士|带头人)$", words) and not re.search(
        r"工作站|基地|中心|企业|计划|项目", words
    ):
        return "talent_class"
    if re.search(r"专项(?:资金项目)?$", words) or (
        _PROJECT.search(words) and not re.search(r"示范|试点|产品|智能工厂|园区|车间", words)
    ):
        return "project_won"
    if re.search(r"(?:成果|业绩|订单|合同|突破|成效|进展)$", words):
        return "project_result"
    if re.search(r"团队$", words) and re.search(r"计划|工程|领军|创新创业|引才", words):
        return "project_won"
    return "qualification"


def _result(words: str, verb: str, levels: re.Match[str] | None, start: int, end: int) -> Hit:
    words = re.sub(r"项目(?=鉴定|验收)", "", words)
    if levels:
        rest = re.sub(r"项目(?=鉴定|验收)", "", levels["rest"])
        return Hit("project_result", "in", [name + rest for name in level_names(levels["levels"])], start, end)
    words = re.sub(r"^(?:一定|较好|良好|明显)的?", "", words)
    value = f"{words}通过" if "通过" in verb else f"取得{words}" if "取得" in verb else words
    return Hit("project_result", "==", value, start, end)


def _standard_before(text: str, context: str) -> Hit | None:
    """主导制定国家标准的，…；参与制定的: the standards were named before."""
    found = re.search(r"^(?:对)?(?P<role>主导|牵头|参与)(?:制[修定（]|修订|起草)[^，；。]{0,6}的?$", text)
    if found is None or "标准" not in context[-80:]:
        return None
    return Hit("standard_role", "==", found["role"], *found.span())


def _standard(text: str) -> Hit | None:
    found = re.search(
        r"(?P<role>主导|牵头|主持|参与|主要参与|负责|主|参)(?:[^，；。]{0,6}?)(?:编(?=国家|行业|省|地方|国际)|制定?、?（?修?）?订?|制（修）订|制修订|修订|起草|研制|编制)[^，；。]{0,24}标准",
        text,
    )
    if not found:
        return None
    role = "参与" if "参" in found["role"] else "牵头" if found["role"] == "牵头" else "主导"
    kinds = tuple(re.findall(r"(?:国际|国家|行业|地方|团体|企业)标准", found[0]))
    return Hit("standard_role", "==", role, *found.span(), members=kinds)
