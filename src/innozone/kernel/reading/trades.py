"""Trades and fields of business that the applicant must be in."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import split_list
from innozone.kernel.reading.hits import Hit, listed
from innozone.kernel.reading.setting import Setting

_TRADE = (
    r"(?:[\u4e00-\u9fff]{0,8}?(?:制造业|服务业|建筑业|工业|旅游业|种植业|养殖业|加工业|运输业|物流业|零售业|批发业|住宿业|餐饮业|金融业|渔业|林业|畜牧业|农业|商贸业|会展业|租赁业)"
    r"|[\u4e00-\u9fff]{2,4}加工|软件(?:和信息(?:技术)?服务业?|业)?|信息服务业?|电子商务|跨境电商|房地产|集成电路|人工智能|生物医药|数字经济|大数据|文化创意|新能源|新材料|高端装备制造|工业互联网)"
)
# Fields that make a trade only with 企业 and the like behind them.
_FIELD_NAMES = (
    "文化旅游 文化体育 文化 旅游 体育 影视 演艺 动漫 游戏 电竞 出版 会展 教育 医疗健康 医疗器械 医疗 医药 养老 康养 家政 现代物流 物流 快递 商贸流通 商贸 电商 直播电商 "
    "建筑 建材 化工 纺织服装 纺织 服装 食品 汽车 智能网联汽车 新能源汽车 机器人 半导体 芯片 光伏 储能 氢能 航空航天 航空 航天 低空经济 网络安全 信息安全 区块链 物联网 云计算 "
    "新一代信息技术 信息技术 航运 货代 港口 冷链物流 仓储 交通运输 批发 零售 住宿 餐饮 节能环保 环保 海洋 服务外包 装备制造 工业设计 文创 科技服务 检验检测"
)
_FIELD_NAME = "|".join(sorted(_FIELD_NAMES.split(), key=len, reverse=True))
_FIELD_FIRM = re.compile(
    rf"(?:^|[的、对和及或为是]|[市区县内年元%度]|规上|限上|民营|重点|首次纳入“四上”统计的)(?P<names>(?:{_FIELD_NAME})(?:(?:[、和及或与]|以及)(?:{_FIELD_NAME}))*)(?:类|行业|领域|产业|生产|制造|研发|流通|运营)?(?:的)?(?:企业|单位|项目单位)(?!家|的?商会|协会)"
)
# Firms that are served, gathered or founded are not the applicant: 园区入驻跨境电商企业50家, 创办小微企业.
_OBJECT = re.compile(r"(?:入驻|(?<!新)引进|服务|培育|在孵|孵化|领办|投资|推荐|带动|新增|帮助|辅导)$")
_SERVED = re.compile(r"(?:^|[^，；。认评定作])为[^，；。]{0,6}$")
_SERVING = re.compile(r"^[^，；。]{0,6}(?:提供|融资|贷款|担保|服务)")
_TRADE_FIRM = re.compile(
    rf"(?P<names>{_TRADE}(?:设计|制造|研发|封测|生产)?(?:企业)?(?:(?:[、和及或与]|以及)+{_TRADE}(?:设计|制造|研发|封测|生产)?(?:企业)?)*)(?P<of>企业|类企业|领域(?:的)?(?:企业|机构|单位)|行业(?:的)?企业|(?<=业)项目|单位|法人)"
)
_FIELD = re.compile(
    r"(?:从事|属于|归属|隶属)(?:于)?(?P<names>[^，；。的]{2,40}?)(?P<head>领域|产业|行业|业)(?=的|，|方向|$|企|范围|、?相关)"
)
_ENGAGED = re.compile(
    r"(?:主要)?从事(?P<names>[^，；。的]{2,20}?)(?:(?:的)?(?:研究|研发|开发|生产|制造|加工|销售|经营|服务|[、和及])+)?(?:等|类)?的?(?:独立法人)?(?:企业|单位|机构)(?=，|$|的|开展)"
)
_GUIDED = re.compile(
    r"(?:符合|属于)(?P<who>[^，；。]*?)(?P<kind>主导|重点|战略性新兴|特色|优势)?产业(?:发展)?(?:的)?(?P<how>导向|方向|规划|定位|政策|目录|重点)"
)
# 航运企业、货代企业、港口企业: three of a kind are trades, also where none is known.
_FIRMS = re.compile(
    r"(?:^|[的、对为])(?P<names>(?:[\u4e00-\u9fff]{2,5}企业[、和及或]){2,}[\u4e00-\u9fff]{2,5}企业)(?=，|$|的|、)"
)
_NO_TRADES = re.compile(
    r"小巨人|高新|瞪羚|独角兽|龙头|骨干|示范|重点|规上|上市|小微|中小|微型|民营|国有|外资|优秀|先进|领军|初创|科技型|创新型|农业"
)
_FAVOURED = re.compile(r"属于(?P<who>国家|本[省市区县]|我[省市区县])?(?:重点|优先)(?:发展|支持|扶持|鼓励)的?产业")
_STRATEGIC = re.compile(
    r"^(?:对|支持|扶持|鼓励)*(?P<names>[^，；。在以]{2,40}?)等(?P<head>[^，；。]{0,8}?(?:产业|行业|领域))(?:企业|项目|的|，|$)"
)
# A list of everything says nothing.
_EVERYTHING = {"工业", "农业", "服务业"}


def clean(name: str, setting: Setting | None = None) -> str:
    """A trade or thing without the place and the verb in front of it."""
    name = re.sub(
        r"^.*(?:为|的|对|是|以|在|从事|属于|鼓励|支持|引导|落户|引进|新建|新设立?|获得|面向|围绕|重点|小微|中小)",
        "",
        name,
    )
    name = re.sub(
        r"^(?:和|与|及|或|各类|本地|规上|(?:规模|限额)?以?上(?=工业|服务业|建筑业|制造业)|我?[省市区县])", "", name
    )
    name = re.sub(r"^(?:规上|民营|本地|上(?!海|市|游|下))(?=.{2})", "", name)
    for region in setting.regions if setting else ():
        name = name.removeprefix(region).removeprefix(region[:-1])
    return name


def acted_on(text: str, start: int, end: int) -> bool:
    """The firms named in text[start:end] are served, gathered or left out by somebody else: they are not the applicant."""
    before = text[:start]
    return bool(
        _OBJECT.search(before)
        or re.search(r"除|不含|不包括|以外", before[-6:])
        or (_SERVED.search(before) and _SERVING.match(text[end:]))
    )


def trades(text: str, setting: Setting) -> list[Hit]:
    """Trades and fields the applicant must be in."""
    guided = _GUIDED.search(text)
    if guided and not (guided["how"] == "政策" and (_TRADE_FIRM.search(text) or _FIELD_FIRM.search(text))):
        if re.fullmatch(r"国家(?:和[省市])?", guided["who"]) and not guided["kind"]:
            return [Hit("industry", "in", [f"国家产业{guided['how']}"], *guided.span())]
        name = clean(re.sub(r"^.*?(?:区域|地区|本市|本区|[省市区县])", "", guided["who"]), setting)
        if guided["kind"] or not 2 <= len(name) <= 8:
            return [
                Hit(
                    "industry",
                    "in",
                    [f"{setting.home}{guided['kind'] or ''}产业{'' if guided['kind'] else '导向'}"],
                    *guided.span(),
                )
            ]
        return [Hit("industry", "==", name, *guided.span())]
    firm = _TRADE_FIRM.search(text)
    left_out = firm and re.search(r"（(?:除|不含|不包括)[^）]{0,60}$", text[: firm.start()] + firm[0])
    if (
        firm
        and not left_out
        and not re.search(r"除|不含|不包括|以外", text[max(0, firm.start() - 6) : firm.start()] + firm[0])
    ):
        names = [clean(name.replace("企业", ""), setting) for name in split_list(firm["names"])]
        names = [name for name in names if name]
        if names[-2:] == ["软件", "信息技术服务业"]:
            names[-2:] = ["软件和信息技术服务业"]  # one trade by its official name
        if firm["of"] == "项目" and names in (["工业"], ["农业"], ["服务业"]):
            return []
        if names and not set(names) >= _EVERYTHING:
            # The match may begin in the words before: the name itself is what counts.
            start = max(text.find(names[0], firm.start()), firm.start())
            if acted_on(text, start, firm.end()):
                return []
            return [listed("industry", names, start, firm.end(), single="==")]
    row = _FIRMS.search(text)
    if row and not _NO_TRADES.search(row[0]):
        names = [name.removesuffix("企业") for name in split_list(row["names"])]
        return [Hit("industry", "in", names, *row.span("names"))]
    field = _FIELD_FIRM.search(text)
    if field and not acted_on(text, field.start("names"), field.end()):
        return [listed("industry", split_list(field["names"]), field.start("names"), field.end(), single="==")]
    field = _FIELD.search(text)
    if field and not re.search(r"企业$|单位|人才|相关|重大|限制|禁止|活动|工作", field["names"]):
        words = re.sub(r"等[^、]*$", "", field["names"]) + ("业" if field["head"] == "业" else "")
        names = [clean(re.sub(r"领域$", "", name), setting) for name in split_list(words)]
        if not set(names) >= _EVERYTHING:
            return [listed("industry", [name for name in names if name], *field.span(), single="==")]
    favoured = _FAVOURED.search(text)
    if favoured:
        who = (
            setting.resolve(favoured["who"]) if favoured["who"] and favoured["who"] != "国家" else favoured["who"] or ""
        )
        return [Hit("industry", "in", [f"{who}重点发展的产业"], *favoured.span())]
    engaged = _ENGAGED.search(text)
    if engaged and not re.search(r"相关|重大|限制|禁止|活动|工作|服务$|研究|研发|经营", engaged["names"]):
        return [listed("industry", split_list(engaged["names"]), *engaged.span(), single="==")]
    strategic = _STRATEGIC.search(text)
    if strategic and not re.search(r"围绕|聚焦|面向", strategic[0]) and "、" in strategic["names"]:
        names = [clean(name, setting) for name in split_list(strategic["names"])]
        if not set(names) >= _EVERYTHING:
            return [Hit("industry", "in", names, *strategic.span())]
    return []
