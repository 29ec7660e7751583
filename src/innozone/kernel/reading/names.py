"""Names in a list: members, what they share in front and behind, their levels."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import split_list

_PLACE = r"[\u4e00-\u9fff]{2,3}[省市区县]"
LEVEL = rf"(?:(?:国家|全国|部|省部|省|市|区|县|地市|州|{_PLACE})级?)"
_PLACES = re.compile(r"(?P<places>[特一二三四](?:[、和][特一二三四])+)等奖|(?P<metals>[金银铜](?:[、和][金银铜])+)奖")
_STEP = r"[一二三四五\d甲乙丙]级|[1-5一二三四五]星级?|[A-E1-5]\+?[A类级]+"
_RUNG = r"(?:国家|全国)?(?:[一二三四五\d][星A]级?|A级|[甲乙丙丁一二三四五]级|第?[甲乙丙丁A-E一二三]类)"
_ALIASES = {"高企": "高新技术企业", "国高企业": "高新技术企业"}
HEAD_NOUN = re.compile(
    r"企业|单位|中心|平台|基地|园区|孵化器|空间|工作站|实验室|研究院|机构|示范|试点|\d强|百强|工厂|车间|产品|品牌|商标|小巨人|独角兽|瞪羚|工作室|服务商|项目|街区|酒店|景区|体系|贯标|技师|站$|称号|行业|高企|资质|名录|库|榜"
)
PRIZE = re.compile(
    r"奖(?:项)?(?:$|、|（|”)|(?:科学技术|科技)(?:进步)?奖励|杯|金牌|银牌|工法|标准化工地|名次|前[一二三四五六七八九十\d]+名|第[一二三]名|(?<!单项)(?<!隐形)(?<!形”)冠军(?!”)|亚军|推广项目|奖$"
)


def level_names(words: str) -> list[str]:
    """国家、省级 → 国家级, 省级."""
    return [name if name.endswith("级") else name + "级" for name in split_list(words)]


def names_of(words: str) -> list[str]:
    """Members of a list with their common part given to each: 三星级、四星级酒店; quoted prizes by their own name."""
    words = re.sub(r"^(?:年度|当年度|各类|有关)", "", words.replace("以及", "及"))
    if re.fullmatch(r"(?:“[^”]+”){2,}", words):
        words = words.replace("”“", "”、“")
    words = re.sub(r"（(?:包括|含|不含|如)[^）]*）", "", words)
    words = _PLACES.sub(_each_place, words)
    names: list[str] = []
    for part in split_list(words, "、"):
        pieces = [piece for either in split_list(part, "或") for piece in split_list(either, "和与及")]
        whole = (
            len(pieces) > 1
            and "或" not in part
            and not all(
                HEAD_NOUN.search(piece) or PRIZE.search(piece) or re.search(r"[级类]$|称号$", piece) for piece in pieces
            )
        )
        names.extend([part.strip("等的")] if whole else pieces)
    if len(names) > 1:
        names[-1] = re.sub(r"等(?:国家|国际|相关|有关)?(?:认证|资质|称号|荣誉)$", "", names[-1])
        if not any(name.endswith("认证") for name in names[:-1]):
            names[-1] = re.sub(r"(?<=.{2})认证$", "", names[-1])
        names[-1] = re.sub(r"(?<=.{2})（[^）]{1,4}）$", "", names[-1])
        ladder = re.fullmatch(rf"(?P<lead>[^、]{{2,}}?)(?:{_STEP})", names[0])
        if ladder and all(re.fullmatch(_STEP, name) for name in names[1:]):
            names = [names[0], *(ladder["lead"] + name for name in names[1:])]
    stars = re.fullmatch(rf"(?P<one>{_RUNG})的?(?P<rest>.*)", names[-1]) if names else None
    if stars and stars["one"].endswith("级"):
        # 5A、4A、3A级景区: the word of rank is that of all.
        names = [f"{name}级" if re.fullmatch(r"\dA", name) else name for name in names]
    if stars and stars["rest"] and all(re.match(_RUNG, name) for name in names) and len(names) > 1:
        names = [name if name.endswith(stars["rest"]) else name + stars["rest"] for name in names]
    names = _shared_lead(names)
    cleaned = []
    for name in names:
        prize = re.search(r"^(?P<lead>.*)“(?P<inner>[^”]+)”(?:奖|杯)?$", name)
        if prize and re.search(r"杯|奖", name) and not re.fullmatch(r"(?:国家|[省市区县])级?|", prize["lead"]):
            name = prize["inner"]
        cleaned.append(re.sub(r"^(?:其|的|为|被?评定为|被?评为)", "", name).strip())
    # 列入目录、近两年累计销售2000万元的: what follows is no name.
    return [_ALIASES.get(name, name) for name in cleaned if name and not re.match(r"(?:最?近|上)\S{0,2}年|累计", name)]


def _each_place(match: re.Match[str]) -> str:
    """一、二等奖 → 一等奖、二等奖; 金、银奖 → 金奖、银奖."""
    prize = "等奖" if match["places"] else "奖"
    return "、".join(place + prize for place in split_list(match["places"] or match["metals"]))


def _shared_lead(names: list[str]) -> list[str]:
    """国家科技进步奖一等奖、二等奖 and 省级重点实验室、工程研究中心: what the first member leads with holds for all."""
    first = names[0] if names else ""
    place = r"(?:[特一二三四]等|金|银|铜|优秀|入围)奖"
    prize = re.fullmatch(rf"(?P<lead>.{{2,}}?){place}", first)
    if prize:
        return [prize["lead"] + name if re.fullmatch(place, name) else name for name in names]
    kind = re.fullmatch(r"(?P<lead>(?:国家|全国|省|市).{2,}?)(?P<kind>示范|优势|试点|标杆|领军|龙头)企业", first)
    if kind and all(re.fullmatch(r"(?:示范|优势|试点|标杆|领军|龙头)企业", name) for name in names[1:]):
        return [first, *(kind["lead"] + name for name in names[1:])]
    level = re.match(r"(?:国家|省|市|区|县)级(?![及以])", first)
    if level and not any(re.match(LEVEL, name) or PRIZE.search(name) for name in names[1:]):
        return [first, *(level[0] + name for name in names[1:])]
    return names
