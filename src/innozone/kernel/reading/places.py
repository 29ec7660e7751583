"""Where: registered, taxed, at work, carried out, settled in."""

from __future__ import annotations

import re
from functools import lru_cache

from innozone.kernel.reading.fold import split_list
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.setting import Setting

_IN = r"(?:行政区域|辖区|范围|辖区范围|市域|区域|境)?(?:范围)?(?:以?内)?(?:（[^）]{0,12}）)?"
_REGISTER = r"(?:依法)?(?:办理)?(?:工商)?(?:、?税务)?(?:登记)?(?:注册(?:登记|成立|的|，|、|纳税|满|并|且|一年|$|企业|设立)?|登记注册|工商登记|登记设立|设立登记|登记|注册|落户|办理工商|设立)"
_FLAT = re.compile(r"(?:注册|纳税|经营|工商|登记|税收|税务|财政|统计)")


@lru_cache(maxsize=64)
def _patterns(place: str) -> dict[str, re.Pattern[str]]:
    return {
        "registration_region": re.compile(
            rf"(?:在|于)(?P<p>{place}){_IN}(?:依法)?(?:合法)?(?:办理)?[^，；。]{{0,4}}(?:注册|登记|工商|设立|成立|落户)"
            rf"|(?:注册|登记|工商)(?!批件|证|申请)[^，；。]{{0,24}}?(?:在|于|属于|迁入|迁至|归属)(?P<q>{place})"
            rf"|以(?P<r>{place})地址|(?:首次)?(?:落户|迁入)(?P<s>{place})"
            rf"|(?P<t>{place}){_IN}(?:登记)?注册(?!地)|总部(?:设|位)(?:在|于)(?P<u>{place})|在(?P<v>{place})[^，；。]{{0,14}}部门(?:依法)?(?:登记|注册)(?!的[^，；。]{{0,4}}(?:标准|合同|技术|商标))"
        ),
        "tax_region": re.compile(
            rf"(?:在|于)(?P<p>{place}){_IN}[^，；。]{{0,8}}(?:纳税|缴税|缴纳税)"
            rf"|(?:纳税|税收|税务|财政|统计|税收户管)[^，；。]{{0,16}}?(?:在|归属|属于|属|迁入|至)(?P<q>{place})(?!统计)"
            rf"|(?:归属|隶属|属)(?P<r>{place})(?:财政|税收|税务)"
        ),
        "operating_region": re.compile(
            rf"(?:经营|创新活动|活动|运营|办公|生产)(?:地|场所|活动|地址)?[^，；。]{{0,10}}?(?:在|于)(?P<p>{place})"
            rf"|(?:在|于)(?P<q>{place}){_IN}(?:实际)?(?:运营|经营|生产经营|办公|从事|开展(?:生产)?经营)"
        ),
        "project_region": re.compile(
            rf"(?:实施|建设|项目(?!单位|法人|申报|承担)|转化|产业化)(?:地|地点)?[^，；。]{{0,10}}?(?:在|位于|落户)(?P<p>{place})"
            rf"|(?:在|于)(?P<q>{place}){_IN}(?:新)?(?:建设|开发|研制|实施|投资|新建|改建|产业化|转化|落地|组织|的工程|的项目|建成|完成)"
        ),
        "exhibition_region": re.compile(rf"(?:在|于)(?P<p>{place}){_IN}(?:举办|举行|承办|召开)"),
    }


_OWN_FIRM = r"^(?:对|凡|向)*(?P<p>{place}){inside}(?:的)?(?:各类|有关|相关|重点)?(?P<of>[\u4e00-\u9fff]{{0,8}}?)(?:企业|企事业单位|单位|机构|公司)(?!的[\u4e00-\u9fff]{{2}})"


def places(text: str, setting: Setting) -> list[Hit]:
    """Statements about where, in one segment of folded text."""
    place = setting.place()
    found: list[Hit] = []
    for variable, pattern in _patterns(place).items():
        match = pattern.search(text)
        if not match or re.search(r"(?:尚未|从未|没有|未)$", text[: match.start()]):
            continue
        name = next(v for v in match.groupdict().values() if v)
        found.append(Hit(variable, "==", _clean(setting.resolve(name), setting), *match.span()))
    found = _shared(text, found)
    if not any(hit.variable == "registration_region" for hit in found):
        own = re.search(_OWN_FIRM.format(place=place, inside=_IN), text)
        if own and not re.search(r"在$|于$", text[: own.start()]) and not _FLAT.search(text):
            resolved = setting.resolve(own["p"])
            # 我区企业 is whom the policy is for anyway; a place by its name is said of the applicant.
            if (
                resolved in setting.regions
                and own["p"][0] not in "本我全该"
                and not any(hit.variable == "project_region" for hit in found)
            ):
                found.append(Hit("registration_region", "==", resolved, *own.span()))
    return found


def _shared(text: str, found: list[Hit]) -> list[Hit]:
    """在某区注册、纳税、合法经营: one place for each of the verbs."""
    by_variable = {hit.variable: hit for hit in found}
    base = next((h for h in found if h.variable in {"registration_region", "tax_region", "operating_region"}), None)
    if base is None:
        return found
    words = text[max(0, base.start - 14) : base.end + 14]
    if "tax_region" not in by_variable and re.search(
        r"(?:注册|登记|经营)[、和及，且并]{1,2}(?:依法)?(?:纳税|缴税)|纳税登记地|税收户管地", words
    ):
        found.append(Hit("tax_region", "==", base.value, base.start, base.end))
    if "registration_region" not in by_variable and re.search(r"注册地|登记地|工商注册", words):
        found.append(Hit("registration_region", "==", base.value, base.start, base.end))
    return found


def _clean(name: str, setting: Setting) -> str:
    name = re.sub(r"^.*在(?=.{2})|^(?:于|均|至|到|已|且|并)", "", name)
    return re.sub(r"(?:行政区域|辖区|范围|境)?内?$", "", name) or name


_PARK_NOUN = r"(?:孵化器|众创空间|加速器|产业园|科技园|创业园|园区|基地|街区|小镇|美食街|楼宇|大厦)"
_PARK = re.compile(
    rf"(?:入驻|进驻|入孵)(?:于|在)?(?P<a>[^，；。的]{{2,20}}?{_PARK_NOUN}(?:[、或和](?:[^，；。、的]{{0,8}}?{_PARK_NOUN}))*)|(?:注册地|场所|办公)[^，；。]{{0,12}}(?:须|应|均)?(?:在|位于)(?P<x>(?:本|该|所在)?{_PARK_NOUN})|(?:位于|在)(?P<c>[^，；。的]{{1,20}}?{_PARK_NOUN})内"
    rf"|^(?:对|为)?(?P<b>[^，；。]{{2,24}}?{_PARK_NOUN})(?:内(?:的)?|[，]?其?(?:入孵|入驻|在孵|孵化)|的(?:入孵|入驻|在孵))(?=企业|创新主体|项目|，|$|[^，；。]{{0,6}}企业)"
)
_PARK_ALONE = re.compile(r"^(?P<b>[^，；。对]{2,24}(?:孵化器|众创空间|加速器))$")
_MAKING = re.compile(r"建设|培育|认定|创建|支持|鼓励|打造|运营|新建|备案|评为|成功|获")


def parks(text: str) -> list[Hit]:
    """Statements about the park or incubator a firm sits in."""
    found = _PARK.search(text) or _PARK_ALONE.search(text)
    if not found:
        return []
    name = next(value for value in found.groupdict().values() if value)
    if _MAKING.search(name):
        return []
    name = re.sub(r"^(?:于|在)|(?<=.)的(?=国家级|省级|市级|区级)", "", name)
    return [Hit("park_resident", "in", split_list(name, "、或和"), *found.span())]
