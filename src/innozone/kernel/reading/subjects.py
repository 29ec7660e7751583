"""Who: trades, kinds of bodies, kinds of persons, talents, kinds of rights, and what is to be done."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import depth, split_list
from innozone.kernel.reading.hits import Hit, listed
from innozone.kernel.reading.setting import Setting

_TRADE = (
    r"(?:[\u4e00-\u9fff]{0,8}?(?:制造业|服务业|建筑业|工业|旅游业|种植业|养殖业|加工业|运输业|物流业|零售业|批发业|住宿业|餐饮业|金融业|渔业|林业|畜牧业|农业|商贸业|会展业|租赁业)"
    r"|软件(?:和信息(?:技术)?服务业?|业)?|信息服务业?|电子商务|跨境电商|房地产|集成电路|人工智能|生物医药|数字经济|大数据|文化创意|新能源|新材料|高端装备制造|工业互联网)"
)
_TRADE_FIRM = re.compile(
    rf"(?P<names>{_TRADE}(?:企业)?(?:(?:[、和及或与]|以及)+{_TRADE}(?:企业)?)*)(?P<of>企业|类企业|领域(?:的)?(?:企|机构|单位|项目)?|行业(?:的)?企业|单位|机构|法人)"
)
_FIELD = re.compile(
    r"(?:从事|属于|归属|隶属|围绕|面向|对[^，；。]{0,8}?)(?P<names>[^，；。的]{2,40}?)(?:领域|产业|行业)(?=的|企|，|和|、|方向|范围|机构|单位|项目|$)"
)
_GUIDED = re.compile(
    r"(?:符合|属于)(?P<who>[^，；。]{0,16}?)(?P<what>[\u4e00-\u9fff]{0,10}?)(?:产业|主导产业)(?:发展)?(?:的)?(?:导向|方向|规划|定位|政策|目录|重点)"
)
_STRATEGIC = re.compile(
    r"对?(?:[^，；。、]{0,8}(?:地区|区|市|县))?(?P<names>[^，；。]{2,40}?)等(?:[^，；。]{0,4}(?:产业|行业|领域))"
)
_BODIES = (
    r"企事业单位|企、事业(?:单位)?|事业单位|企业|社会团体|社会组织|民间组织(?:机构)?|行业协会|行业组织|协会|商会|民办非(?:企业|主体)(?:单位)?|个体工商户|农民专业合作社|专业合作社|合作社|家庭农场|科研(?:院所|机构)|高等院校|高校|高等学校|"
    r"(?:[\u4e00-\u9fff]{0,6}?)(?:担保|中介|服务|投资|金融|培训|检测|认证|代理|猎头|评估)机构|银行业金融机构|商业银行|银行|创业投资企业|居民企业|基金管理(?:公司|人|企业)|基金|旅行社|户外团队|园区|律师事务所|会计师事务所|医疗机构|养老机构|学校"
)
_BODY_LIST = re.compile(
    rf"(?:各|各类|有关)?(?P<names>(?:{_BODIES})(?:(?:[、和及或与]|以及)+(?:各类|其他)?(?:{_BODIES}))*)(?P<rest>等)?"
)
_GENERIC = {"企业", "单位", "机构", "高校", "学校", "园区", "基金", "协会", "银行"}
_PERSONS = (
    r"(?:(?:全日制)?(?:[^，；。、的]{0,6})?(?:中小学|高等院校|高校|大专院校|普通高校)?(?:和(?:高等院校|高校))?(?:在校)(?:大?学生))|高校毕业生|应届(?:高校)?毕业生|毕业生|退役军人|退役士兵|现役军人|就业困难人员|登记失业人员|失业人员|留学(?:回国)?人员|"
    r"农民工|残疾人(?:员)?|港澳(?:台)?(?:青年|居民)|教师|医务人员|公务员|技能人才|企业高管|高级管理人员?|贫困(?:户|人口|劳动力)|脱贫人口|返乡(?:创业)?人员|直销企业(?:的)?正式员工|女职工|渔民|农户|大学生村官"
)
_PERSON_LIST = re.compile(rf"(?P<names>(?:{_PERSONS})(?:[、和及或与]+(?:{_PERSONS}))*)")
_TALENT_CLASS = re.compile(
    r"(?P<names>[A-H]类?(?:[、和及或][A-H]类?)*(?:类|类以上|类及以上)?)(?:[^，；。]{0,10}?人才|$|[^A-Za-z]{0,4}人才)"
)
_RIGHTS = r"(?:国内|境外|国外|有效|PCT|核心|高价值)?(?:发明专利|实用新型(?:专利)?|外观设计(?:专利)?|软件著作权|计算机软件著作权|注册商标|商标专用权|专利权|集成电路布图设计|植物新品种|PCT(?:专利)?申请|国际专利|地理标志)"
_RIGHT_LIST = re.compile(rf"(?P<names>{_RIGHTS}(?:[、和及或]+{_RIGHTS})*)")
_HOUSEHOLD = re.compile(r"(?P<place>[\u4e00-\u9fff]{1,6}?)(?:籍|户籍|常住户口)(?:的)?(?:居民|人员|人口|毕业生|人才)?")
_ABROAD = re.compile(r"境外人员|外籍(?:人员|人才|专家)|华侨|港澳台(?:人员|居民)")
_SMALL = re.compile(r"小型微利企业|中小微企业|小微企业|中小企业|大型企业|微型企业|小型企业|中型企业")
_DEGREE = re.compile(
    r"(?P<names>(?:全日制)?(?:“双一流”[^，；。]{0,4}|国家承认的)?(?:大学)?(?:专科|大专|本科|硕士|博士|研究生)[^，；。]{0,12}?(?:及以上)?(?:学历|学位|毕业生|研究生|生)?(?:(?:或|和|、)[^，；。]{0,4}(?:学士|硕士|博士|本科|研究生)[^，；。]{0,8}?(?:学历|学位|研究生)?)*)"
)
_RANKED = re.compile(
    r"(?P<names>(?:具有|取得|获得|持有)?(?:国家)?[^，；。、（]{0,6}?(?:正高级|副高级|高级|中级|初级|[一二三四五]级)[^，；。]{0,14}?(?:职称|职业资格|技师|工程师|证书|资格|人才|导游证)(?:（[^）]*）)?(?:及以上)?)"
)
_DOING = re.compile(
    r"(?:建设|新建|开展|举办|承办|组织开展|组织|购买|购置|租用|租赁|使用|实施|打造|形成|建立|共建|搭建|设立|开设|发展|应用|引进|并购|创建|参加|参展|购入|采购|研制|研发|开发|推广|改造|培育|完成|履行|浇灌|发布|提供|支持|鼓励|对|推进|推动|新增|投资)"
)
_LEAD = re.compile(
    r"^(?:其中|同时|此外|另外)?[，：]?(?:重点|大力|积极)?(?:支持|鼓励|引导|扶持|推动|对|凡|经|向|为|给予|推进|加大|加强)*(?:[^，；。、]{0,10}?(?:企业|创新主体|机构|单位|主体|社会资本|行业协会|企事业单位|园区))?(?:和(?:机构|园区|单位|个人))?(?:通过|在[^，；。]{2,16}?(?:领域|地区|区|市|内)|围绕[^，；。]{2,20}?)?"
    r"(?:积极|主动)?(?:新?建设|新建|开展|举办|承办|组织开展|组织|购买或租用|购买|购置并?(?:实际)?使用|购置|租用|实施|打造|形成|建立|共建|搭建|设立|新?开设|发展|并购|参加|采购使用|采购|研制|开发|浇灌|提供|完成|推广|改造|获得|拥有|使用|新增|引进|具有[^，；。]{2,14}的)?"
)


def trades(text: str, setting: Setting) -> list[Hit]:
    """Trades and fields the applicant must be in."""
    guided = _GUIDED.search(text)
    if guided:
        name = re.sub(r"^.*?(?:区域|地区|本市|本区|[省市区县])", "", guided["who"] + guided["what"]) or "产业导向"
        if name in {"产业导向", "主导", "重点", "战略性新兴", "新区", "主城区"} or not guided["what"] + guided["who"]:
            return [
                Hit(
                    "industry",
                    "in",
                    [f"{setting.home}{'主导产业' if '主导' in guided[0] else '产业导向'}"],
                    *guided.span(),
                )
            ]
        return [Hit("industry", "==", name, *guided.span())]
    firm = _TRADE_FIRM.search(text)
    if firm and not re.search(r"(?:除|不含|不包括|以外)", text[max(0, firm.start() - 6) : firm.start()]):
        names = [re.sub(r"(?:规上|我[市区县]|本地|本[市区]|对|企业)", "", name) for name in split_list(firm["names"])]
        names = [name for name in names if name]
        if names:
            return [listed("industry", names, *firm.span(), single="==")]
    field = _FIELD.search(text)
    if field and not re.search(r"企业|单位|人才|服务|本|我|相关|重大|关键|薄弱|主管", field["names"]):
        names = [
            re.sub(r"(?:产业|领域|行业)$", "", name) if name.endswith("领域") else name
            for name in split_list(field["names"])
        ]
        return [listed("industry", names, *field.span(), single="==")]
    strategic = _STRATEGIC.search(text)
    if strategic and "、" in strategic["names"]:
        return [Hit("industry", "in", split_list(strategic["names"]), *strategic.span())]
    return []


def bodies(text: str) -> list[Hit]:
    """Kinds of bodies: said only where several are listed or a particular one is named."""
    best: Hit | None = None
    for match in _BODY_LIST.finditer(text):
        if text[match.end() : match.end() + 1] in {"称", "家", "产"}:
            continue
        names: list[str] = []
        for name in split_list(
            match["names"].replace("企、事业单位", "企业、事业单位").replace("企、事业", "企业、事业单位")
        ):
            names.extend(
                ["企业", "事业单位"]
                if name == "企事业单位"
                else [re.sub(r"^(?:为|对|各|落户)", "", name).replace("民办非主体", "民办非企业")]
            )
        names = [("民办非企业单位" if name.startswith("民办非") else name) for name in names if name]
        if len(names) > 1 or (names and names[0] not in _GENERIC and names[0] != "服务机构"):
            best = listed("entity_type", names, *match.span(), single="==")
            break
    return [best] if best else []


def persons(text: str, setting: Setting) -> list[Hit]:
    """Kinds of natural persons, their talent class, degree, title and household."""
    found: list[Hit] = []
    talent = _TALENT_CLASS.search(text)
    if talent and re.search(r"[A-H]", talent["names"]):
        letters = re.findall(r"[A-H]", talent["names"])
        if "以上" in talent["names"]:
            found.append(Hit("talent_class", "in", [f"{letters[0]}类以上人才"], *talent.span()))
        else:
            found.append(Hit("talent_class", "in", [f"{letter}类" for letter in letters], *talent.span()))
    people = _PERSON_LIST.search(text)
    if people:
        found.append(listed("person_type", _people(people["names"]), *people.span()))
    household = _HOUSEHOLD.search(text)
    if household and not re.search(r"国籍|书籍|学籍", household[0]):
        place = setting.resolve(household["place"]) if len(household["place"]) <= 2 else household["place"]
        found.append(Hit("person_region", "==", f"{place}户籍", *household.span()))
    abroad = _ABROAD.search(text)
    if abroad:
        found.append(Hit("person_region", "in", [abroad[0]], *abroad.span()))
    if re.search(r"学历|学位|(?:本科|专科|研究生|硕士|博士)[^，；。]{0,6}(?:毕业生|生|人才)", text) and not re.search(
        r"材料|证书复印|博士后", text
    ):
        degree = _DEGREE.search(text)
        if degree:
            found.append(listed("person_education", split_list(degree["names"], "、或和"), *degree.span()))
    ranked = _RANKED.search(text)
    if ranked:
        name = re.sub(r"^(?:具有|取得|获得|持有|对|引进)+", "", ranked["names"])
        found.append(Hit("person_title", "in", [re.sub(r"（[^）]*）|证书", "", name)], *ranked.span()))
    return found


def _people(words: str) -> list[str]:
    both = re.fullmatch(r"(?P<full>全日制)?(?P<a>中小学)和(?P<b>高等院校|高校)(?P<c>在校大?学生)", words)
    if both:
        return [f"{both['full'] or ''}{both['a']}{both['c']}", f"{both['b']}{both['c']}"]
    return split_list(words)


def rights(text: str) -> list[Hit]:
    """Kinds of intellectual property asked for."""
    found = _RIGHT_LIST.search(text)
    if not found:
        return []
    return [listed("ip_type", split_list(found["names"]), *found.span())]


def scale(text: str) -> list[Hit]:
    """小型微利企业 and other classes of size."""
    found = _SMALL.search(text)
    if not found or re.search(
        r"(?:支持|鼓励|服务|专精特新|科技型|科创型|创新型|高新技术)[”“的]*$", text[: found.start()]
    ):
        return []
    variable = "enterprise_kind" if "微利" in found[0] else "enterprise_scale"
    return [Hit(variable, "==", found[0], *found.span())]


def doing(text: str) -> list[Hit]:
    """What is to be built, held, bought or done: the last reading of a guard that nothing else understood."""
    if not _DOING.search(text):
        return []
    lead = _LEAD.match(text)
    begin = lead.end() if lead else 0
    words = text[begin:]
    words = re.sub(r"(?:等)?(?:的)?(?:企业|单位|机构|创新主体|企业或园区|项目单位|个人)?(?:的)?$", "", words)
    tail = re.search(r"^(?P<list>.*、[^，；。]*?)等(?:[^、，；。]{0,14})$", words)
    if tail:
        words = tail["list"]
    # 具有引领作用的技术平台、场景项目 keeps what stands behind the last 的 of its first member.
    levels = depth(words)
    first = next((i for i, c in enumerate(words) if c in "、和或与及" and not levels[i]), len(words))
    cut = words.rfind("的", 0, first)
    if 0 < cut < first - 2:
        words = words[cut + 1 :]
    names = [name for name in split_list(words) if 1 < len(name) <= 24]
    if not names or len("".join(names)) < 3:
        return []
    return [listed("project_type", names, begin, len(text), single="==")]
