"""What the whole document settles for each of its clauses: its own regions, how it reads 以下, its short names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from innozone.kernel.reading.document import Document

_LEVELS = (
    "新区",
    "地区",
    "自治区",
    "自治州",
    "示范区",
    "高新区",
    "开发区",
    "经开区",
    "管理区",
    "园区",
    "省",
    "市",
    "县",
    "区",
    "州",
    "旗",
    "镇",
    "乡",
)
_NAME = r"[\u4e00-\u9fff]{2,6}?"
_REGION = re.compile(
    rf"(?P<name>{_NAME})(?P<level>{'|'.join(_LEVELS)})(?!域|场|政|民|级|委|长|外|内|别|位|间|块|分|划)"
)
_PROVINCES = (
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海"
)
_NOISE = re.compile(
    r"^.*(?:关于|支持|推动|促进|鼓励|加快|实施|印发|落实|在|于|为|对|和|与|及|或|由|从|到|向|按|的|各|本|全|我|该|所|是|以|至|驻|来|内|外|组织|申报|开展|年|度|中国|建设|聚焦|深化|完善|打造|国家|获|评|含|跨|等|上|下|同)"
)
_NO_PLACE = re.compile(
    r"强$|高新|技术|产业|经济|工业|科技|示范|综合|行政|辖|主城|集聚|试验|保税|功能|服务|商业|生活|办公|先导|核心|民族|自由|自贸|单列|景|计划|其他|有关|重点|特色|级|类|型|部|财政"
    r"|(?:社|街|园|片|库|厂|校|小|郊|灾|战|专|展|市|地|区|县|省|超|上|门|夜|股|黑)$"
)
_DEICTIC = re.compile(
    r"(?:本|我|全|该)(?P<level>省|市|县|区|州|旗|镇|新区|地区|园区|自治区)|(?<![\u4e00-\u9fff])(?P<bare>省|市|县|区)内|(?P<there>新区|辖区|主城区)"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """`regions`: the document's own places, widest first; `exclusive_below`: 以下 leaves its bound out."""

    regions: tuple[str, ...] = ()
    exclusive_below: bool = False
    short_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    title: str = ""

    def resolve(self, words: str) -> str:
        """The place that 本市, 我区, 新区, 莞 or a name stands for; the words themselves where the document does not say."""
        if words == "本地":
            return self.home or words
        if words.endswith("境内") and len(words) < 5:
            return "中国境内"
        found = _DEICTIC.fullmatch(words) or _DEICTIC.search(words)
        for region in self.regions:
            inner = words.removeprefix(region) if words != region and words.startswith(region) else ""
            if len(inner) > 1 and not _NO_PLACE.search(inner.rstrip("区市县")):
                return next((known for known in reversed(self.regions) if known.endswith(inner)), inner)
        level = (found["level"] or found["bare"] or found["there"]) if found else None
        if level:
            level = level.replace("辖区", "区").replace("主城区", "区")
            for region in reversed(self.regions):
                if region.endswith(level):
                    return region
            if found and found["there"] and self.regions:
                return self.regions[-1]
        for region in reversed(self.regions):
            stem = _stem(region)
            if (
                words == region
                or (len(words) == 1 and words in stem)
                or (len(words) > 1 and (words in region or region in words))
            ):
                return region
        return words

    @property
    def home(self) -> str:
        return self.regions[-1] if self.regions else ""

    def place(self) -> str:
        """A pattern for the places a clause may name."""
        own = sorted({_stem(r) for r in self.regions} | set(self.regions), key=len, reverse=True)
        single = {c for region in self.regions[-2:] for c in _stem(region)[-2:]}
        named = "|".join(map(re.escape, own))
        # 在某市某区: the narrower place that follows is the one that counts.
        parts = (
            [
                rf"(?:{named})(?:(?:(?![的新和或及财统片辖])[\u4e00-\u9fff]){{1,4}}?(?:新区|区|县|市)(?![域政场级内]|和|、))?"
            ]
            if named
            else []
        )
        parts.append(
            r"(?:本|我|全|该)(?:省|市|县|区|州|旗|镇|新区|地区|园区|自治区)(?:行政区域)?|(?:省|市|县|区)内|(?:新区|辖区)"
        )
        parts.append(
            r"(?:(?![的新和或及符合财政]|本市|本区|我市|我区)[\u4e00-\u9fff]){2,5}?(?:新区|地区|省|(?<!上)市|县|区)(?![域政场级])"
        )
        parts.append(r"本地(?=注册|登记|入库|纳税)|(?:中国|我国)?(?:大陆)?境内")
        parts.append(r"(?:国家级?|省级|市级)?(?:高新|经开|经济技术开发|高新技术产业开发|自贸|综保|示范|开发)区")
        if single:
            parts.append(
                rf"(?:(?<=在)|(?<=来)|(?<=驻)|(?<=到))[{''.join(sorted(single))}](?=注册|登记|创|工作|就业|企|内|纳|新|建|办|落|投|实|全|购|缴|参|生|经|，|、)"
            )
        return f"(?:{'|'.join(parts)})"


def _stem(region: str) -> str:
    for level in _LEVELS:
        if region.endswith(level) and len(region) > len(level) + 1:
            return region[: -len(level)]
    return region


def settle(document: Document) -> Setting:
    """Read from title and body what holds for the whole document."""
    body = document.body
    exclusive = bool(
        re.search(
            r"“?以下”?均?(?:不包?含|不包括)本数|以[上内][^。；]{0,12}含本数[^。；]{0,6}以下[^。；]{0,4}不含", body
        )
    )
    # 300人及以上为中型，300人以下为小型: where one figure ends a class and begins the next, 以下 leaves it out.
    shared = set(re.findall(r"(?<!\d)(\d{1,9}[\u4e00-\u9fff]{1,2})及以上", body)) & set(
        re.findall(r"(?<!\d)(\d{1,9}[\u4e00-\u9fff]{1,2})以下", body)
    )
    exclusive = exclusive or len(shared) > 2
    names: dict[str, tuple[str, ...]] = {}
    for found in re.finditer(
        r"(?P<list>(?:《[^》]+》[^《》。；]{0,12})+)（以下(?:统称|简称|称)(?:为|“)?[“《]?(?P<short>[^”》）]+)[”》]?）",
        body,
    ):
        titles = re.findall(r"《([^》]+)》", found["list"])
        names[found["short"]] = tuple(titles if "统称" in found[0] else titles[-1:])
    return Setting(_regions(document), exclusive, names, document.title)


def _regions(document: Document) -> tuple[str, ...]:
    """Places named in the title, then the ones the body names most, one of each level; widest first."""
    chosen: list[str] = []
    if re.search(r"[本我全]省", document.body):
        # 我省 in a paper of 广东某协会: the province is named without 省.
        named = Counter(re.findall(_PROVINCES, document.title + document.body))
        chosen.extend(f"{name}省" for name, count in named.most_common(1) if count > 1 or name in document.title)
    # 宁新区管规字〔2026〕4号 names an office, not a place.
    for text in (re.sub(r"（[^）]*号[^）]*）", "", document.title), document.issuer):
        for name in _names(text):
            if name not in chosen:
                chosen.append(name)
    counts = Counter(_names(document.body))
    for name, count in counts.most_common(8):
        if (
            count >= 3
            and len(name) <= 5
            and not any(_level(name) == _level(known) for known in chosen)
            and len(chosen) < 3
        ):
            chosen.append(name)
    rank = {"省": 0, "自治区": 0, "市": 1, "州": 1, "自治州": 1}
    return tuple(sorted(dict.fromkeys(chosen), key=lambda name: rank.get(_level(name), 2)))


def _level(region: str) -> str:
    return next((level for level in _LEVELS if region.endswith(level)), "")


def _names(text: str) -> list[str]:
    found = []
    at = 0
    while match := _REGION.search(text, at):
        name = _NOISE.sub("", match["name"])
        at = match.end()
        if 2 <= len(name) <= 5 and not _NO_PLACE.search(name):
            found.append(name + match["level"])
    return found
