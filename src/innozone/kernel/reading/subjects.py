"""Who: kinds of bodies, kinds of persons, talents, kinds of rights."""

from __future__ import annotations

import re

from innozone.kernel.reading.fold import split_list
from innozone.kernel.reading.hits import Hit, listed
from innozone.kernel.reading.setting import Setting
from innozone.kernel.reading.trades import acted_on

_BODIES = (
    r"[\u4e00-\u9fff]{2,4}(?:培训|代理|检测|认证)机构|(?:普惠性?)?(?:托育|养老|助残|护理)机构|[\u4e00-\u9fff]{2,5}服务机构|(?:种养|种粮|种植|养殖|专业)大户|农机(?:专业)?合作社|农业企业|(?:增值税)?(?:一般|小规模)纳税人|小型微利企业|[\u4e00-\u9fff]{2,4}服务公司|融资性?担保(?:公司|机构)|担保公司|股权投资(?:机构|企业|基金)|创业?投资?(?:机构|企业)|天使投资(?:人|机构|(?=、))|保险(?:公司|机构)|证券公司|小额贷款公司|融资租赁(?:公司|企业)|(?:持牌)?法人金融机构|银行(?:业)?机构|人力资源(?:服务)?(?:机构|企业|公司)|"
    r"(?:专业|技术|第三方|咨询)?服务机构|职业(?:体育)?俱乐部|商业综合体|购物中心|文艺院团|演艺团体|创新联合体|联合体|创业团队|集体经济组织|(?:新型)?农业经营主体|职业院校|技工院校|企事业单位|企、事业(?:单位)?|事业单位|企业|社会团体|社会组织|民间组织(?:机构)?|行业协会|行业组织|协会|商会|民办非(?:企业|主体)(?:单位)?|个体工商户|农民专业合作社|专业合作社|合作社|家庭农场|科研(?:院所|机构)|高等院校|高校|高等学校|"
    r"(?:融资|商业性|投资)?(?:担保|中介|投资|金融|培训|检测|认证|代理|猎头|评估|(?:人力资源|人才|科技|知识产权|法律|财务|创业)服务|专利代理|技术转移(?:示范)?)机构|(?:[一二三]级|公立|民营)?医院|银行业金融机构|商业银行|银行|创业投资企业|居民企业|非居民企业|基金管理(?:公司|人|企业)|基金|旅行社|户外团队|园区|律师事务所|会计师事务所|医疗机构|养老机构|学校"
)
_BODY_LIST = re.compile(
    rf"(?:各|各类|有关)?(?P<names>(?:(?:[区市省县]级(?:及)?以上)?(?:{_BODIES}))(?:(?:[、和及或与]|以及)+(?:各类|其他)?(?:{_BODIES}|个人|机构|单位|组织|团队|自然人))*)(?P<rest>等)?"
)
# 会计、律师等专业服务机构; 合作银行向…发放: a body at the head of the sentence acts.
_SUCH = re.compile(
    r"(?:^|[的为对])(?P<names>(?:[\u4e00-\u9fff]{2,6}、)+[\u4e00-\u9fff]{2,6})等[\u4e00-\u9fff]{0,6}(?:机构|组织|团体)(?=，|$|的|年|给予|为)"
)
_SUBJECT = re.compile(
    r"^(?P<who>(?!各|本|对|该|其|有关|经|在|同|由|与|向|为|鼓励|支持)(?:(?!企业|单位|的|开展|建设|组织|引进|支持)[\u4e00-\u9fff]){2,12}?(?:机构|协会|商会|俱乐部|银行|(?<!上市)(?<!有限)公司))(?=服务|通过|全职|获|租|护理|安[排置]|年|当年|上年|为|开展|举办|组织|投资|提供|新|向|发放|接收|帮助|首次)"
)
_GENERIC = {"企业", "单位", "机构", "高校", "学校", "园区", "基金", "协会", "银行", "中介机构", "金融机构"}
_OR_PERSON = re.compile(r"(?<=的)(?P<body>单位|机构|企业|组织)(?:（|或者?|和|、)(?P<person>个人)(?:）|(?=，|的|$))")
_PERSONS = (
    r"(?:全日制)?(?:中小学|高等院校|高校|大专院校|普通高校)(?:和(?:高等院校|高校))?在校大?学生|(?:全日制)?在校大?学生|高校毕业生|应届(?:高校)?毕业生|退役军人|退役士兵|现役军人|就业困难人员|登记失业人员|登记失业[^，；。]{1,3}以上的?(?:人员|劳动者)|失业人员|留学(?:回国)?人员|"
    r"(?:高等院校|高校|普通高校|中高?职院校|职业院校|技工院校)(?:[、和及](?:高等院校|高校|中高?职院校|职业院校|技工院校))*毕业生|返乡(?:入乡)?创业大学生|技术经(?:纪|理)人|高级管理人员|(?<=企业)高管(?=，|和|、|的|$)|核心技术人员|博士后(?:研究人员)?(?=，|$|的)|科技特派员|外国专家|(?:返乡)?农民工|残疾人(?:员)?|港澳(?:台)?(?:青年|居民)|教师|医务人员|公务员|企业高管|贫困(?:户|人口|劳动力)|脱贫人口|返乡(?:创业)?人员|[^，；。的]{2,8}的?正式员工|女职工|渔民|农户|大学生村官"
)
_PERSON_LIST = re.compile(rf"(?P<names>(?:{_PERSONS})(?:[、和及或与]+(?:{_PERSONS}))*)")
_TALENT_CLASS = re.compile(
    r"(?P<names>[A-H]类?(?:[、和及或][A-H]类?)*(?:类|类以上|类及以上)?)(?=[^，；。A-Za-z]{0,10}?人才|$)"
)
_TALENT_NAMED = re.compile(r"(?:人才|专家)（(?P<letter>[A-H])类")
_TALENT_MEMBER = re.compile(r"(?:院士|人才|专家|带头人|津贴专家)$")
_OFFICE = re.compile(
    r"(?P<names>(?:副?教授|副?研究员|副?董事长|副?总裁|副?总经理|合伙人|[^，；。、的]{0,4}总监)(?:(?:、|或|和)(?:副?董事长|副?总裁|副?总经理|合伙人|[^，；。、的]{0,4}总监|高级管理人员))*(?:及以上)?)"
)
_RIGHTS = r"(?:国内|境外|国外|有效|PCT|核心|高价值)?(?:发明专利|实用新型(?:专利)?|外观设计(?:专利)?|软件著作权|计算机软件著作权|注册商标|商标专用权|专利权(?![人属]|的单位|有效期)|集成电路布图设计|植物新品种|PCT(?:专利)?申请|国际专利|地理标志)"
_RIGHT_LIST = re.compile(rf"(?P<names>{_RIGHTS}(?:[、和及或]+{_RIGHTS})*)")
# Grant and application are events that a promise is paid for, not something the applicant must hold.
_EVENT = re.compile(r"授权|申请|审查|检索|代理|资助")
_HOUSEHOLD = re.compile(r"(?P<place>[\u4e00-\u9fff]{1,6}?)(?:户籍|常住户口)(?:的)?(?:居民|人员|人口|毕业生|人才)?")
_SETTLED = re.compile(r"户籍(?:地|或居住证|、居住证)?在(?P<place>[本我][省市区县])")
_ABROAD = re.compile(
    r"境外人员|外籍(?:人员|人才|专家)|华侨|(?:香港|澳门)(?:或|、|和)?(?:香港|澳门)?(?:特别行政区)?永久性?居民|港澳台(?:人员|居民)"
)
_SMALL = re.compile(
    r"小型微利企业|小微(?:工业|制造业|服务业|商贸)企业|中小微型?企业|小微企业|中小企业|大型企业|微型企业|小型企业|中型企业"
)
_KINDS = (
    r"(?:(?:世界|中国|全国|民营企业|制造业|服务业)+\d{3}强(?:企业)?|(?:跨国公司|综合型|职能型|区域性?|地区|外资)?(?:地区)?总部(?:型)?企业|外贸(?:综合服务)?企业|外商投资企业|外资企业|国有企业|民营企业|初创(?:型|期)?企业"
    r"|(?:农业)?龙头企业|骨干企业|平台企业|老字号企业|加盟店|(?:品牌)?连锁(?:企业|店)|百年老店)"
)
_KIND = re.compile(
    rf"(?:^|的|、|对|进|引进|新设立?|方为|应为|年|[元%月])(?P<names>{_KINDS}(?:[、和或及]{_KINDS})*)(?=，|$|的$|当年|年度|上年|在[本我全]|购置|租|及其)"
)
_DEGREE = re.compile(
    r"(?P<full>全日制|普通高校|“双一流”[^，；。]{0,3}?)?(?:大学)?(?P<level>专科|大专|本科|学士|硕士|博士)(?:研究生)?(?P<up>）?及?以上)?"
)
_SKILL = r"(?:初级工|中级工|高级工|高级技师|特级技师|首席技师|技师)"
_SKILLS = re.compile(
    rf"(?P<names>{_SKILL}(?:（[^）]*）)?(?:[、和或]{_SKILL}(?:（[^）]*）)?)+|{_SKILL}(?=及?以上))(?P<up>及?以上)?"
)
# Licences to practise: 一级注册建筑师、一级建造师.
_PRACTICE = r"(?:[一二]级)?(?:注册)?(?:建筑师|结构工程师|建造师|造价工程师|监理工程师|会计师|税务师|资产评估师|城乡规划师|安全工程师|专利代理师)"
_PRACTISING = re.compile(
    rf"(?P<names>{_PRACTICE}(?:[、和或]{_PRACTICE})*)(?=[^，；。]{{0,4}}(?:执业|资格|证书|人才|人员))"
)
_LEFT_OUT = re.compile(r"(?P<who>[^，；。]{2,24}?(?:人员|学生|职工|干部|公务员|人才))(?:除外|不在此列)$")
_RANK = r"(?:正高级|副高级|高级|中级|初级|(?:国家)?[一二三四五]级)"
_RANKED = re.compile(
    rf"(?P<names>{_RANK}(?:(?:、|或|和){_RANK})*(?P<mid>及?以上)?(?P<head>(?:专业)?(?:技术)?(?:职称|职务|职业资格|技师|工程师|导游证?|工))(?:（[^）]*）)?(?P<up>及?以上)?)"
)


def bodies(text: str) -> list[Hit]:
    """Kinds of bodies: said only where several are listed or a particular one is named, at an end of the stretch."""
    plain = re.sub(r"（[^）]*）|(?:培育|发展|做大)壮大|做大做强", lambda match: "□" * len(match[0]), text)
    for match in _BODY_LIST.finditer(plain):
        lead = re.fullmatch(
            r"(?:□|对于?|为|向|由|支持|鼓励|引导|凡|本市|我[市区县]|[^，；。]{0,20}的|\S{0,4}?具有独立法人资格的)*",
            plain[: match.start()],
        )
        tail = re.fullmatch(
            r"(?:等|的|□|和个人|进行|给予|予以|奖励|补助|补贴|从事[^，；。]*|业务的|开展[^，；。]*|建设[^，；。]*|技术转让[^，；。]*|采取[^，；。]*|以及[^，；。]*)*",
            plain[match.end() :],
        )
        if not (lead or tail):
            continue
        names: list[str] = []
        for name in split_list(
            match["names"]
            .replace("及其他", "、")
            .replace("企、事业单位", "企业、事业单位")
            .replace("企、事业", "企业、事业单位")
        ):
            names.extend(
                ["企业", "事业单位"]
                if name == "企事业单位"
                else [re.sub(r"^(?:.*(?:的|等|知名|以上|内外)|各类|其他|各)", "", name)]
            )
        names = ["民办非企业单位" if name.startswith("民办非") else name for name in names if name]
        if set(names) <= {"企业", "机构", "单位", "小型微利企业"}:
            continue
        if len(names) > 1 or (names and names[0] not in _GENERIC and (tail or lead)):
            return [listed("entity_type", names, *match.span(), single="==")]
    row = _SUCH.search(text)
    if row:
        return [Hit("entity_type", "in", split_list(row["names"], "、"), *row.span())]
    subject = _SUBJECT.match(text)
    if subject and subject["who"] not in _GENERIC:
        return [Hit("entity_type", "==", subject["who"], *subject.span("who"))]
    either = _OR_PERSON.search(text)
    return [Hit("entity_type", "in", [either["body"], either["person"]], *either.span())] if either else []


def persons(text: str, setting: Setting) -> list[Hit]:
    """Kinds of natural persons, their talent class, degree, title, office and household."""
    found: list[Hit] = []
    left_out = _LEFT_OUT.search(text)
    if left_out:
        return [Hit("person_type", "not_in", split_list(left_out["who"]), *left_out.span())]
    members = _mixed(text)
    if members:
        return members
    talent = _TALENT_CLASS.search(text)
    classes = list(_TALENT_NAMED.finditer(text))
    if len(classes) > 1:
        # 国家级领军人才（B类）、省级领军人才（C类）: the class stands behind each name.
        values = [f"{match['letter']}类" for match in classes]
        found.append(Hit("talent_class", "in", values, classes[0].start(), classes[-1].end()))
    elif talent:
        letters = re.findall(r"[A-H]", talent["names"])
        values = [f"{letters[0]}类以上人才"] if "以上" in talent["names"] else [f"{letter}类" for letter in letters]
        found.append(Hit("talent_class", "in", values, *talent.span()))
    people = _PERSON_LIST.search(text)
    # Whom the whole paper is for by its title is no test of one of its clauses.
    if people and not (len(people["names"]) > 2 and people["names"] in setting.title):
        names = [name.replace("的", "") for name in _people(people["names"])]
        found.append(
            listed("person_type", names, *people.span(), single="==" if re.search(r"[须需]为|应为", text) else "in")
        )
    gender = re.search(r"(?:应?为|是|^对?|、)(?P<gender>女性|男性)(?=，|、|的|且|年满|年龄|\d|$)", text)
    if gender:
        found.append(Hit("person_gender", "==", gender["gender"], *gender.span("gender")))
    settled = _SETTLED.search(text)
    household = None if settled else _HOUSEHOLD.search(text)
    if settled:
        found.append(Hit("person_region", "==", f"{setting.resolve(settled['place'])}户籍", *settled.span()))
    if household:
        named = re.sub(r"^.*(?:取得|具有|属于|收住|招用|为|是|有|非)|^.*?(?=[本我][省市区县]$)", "", household["place"])
        place = setting.resolve(named) if len(named) <= 2 else named
        foreign = household["place"].startswith("非")
        value = f"{place}户籍"
        found.append(
            Hit("person_region", "not_in" if foreign else "==", [value] if foreign else value, *household.span())
        )
    abroad = _ABROAD.search(text)
    if abroad:
        found.append(Hit("person_region", "in", [abroad[0]], *abroad.span()))
    office = _OFFICE.search(text)
    if office and re.search(r"管理人|人才|合伙人|及以上|担任|高管", text):
        found.append(Hit("person_title", "in", split_list(office["names"]), *office.span()))
    skills = _SKILLS.search(text)
    practising = _PRACTISING.search(text)
    ranked = _RANKED.search(text)
    if skills:
        up = "及以上" if skills["up"] else ""
        names = [name + up for name in split_list(re.sub(r"（[^）]*）", "", skills["names"]))]
        found.append(Hit("person_title", "in", names, *skills.span()))
    elif practising:
        found.append(Hit("person_title", "in", split_list(practising["names"]), *practising.span("names")))
    elif ranked and not re.search(r"企业|中心|考核|站$", text[ranked.end() : ranked.end() + 6]):
        ranks = re.findall(_RANK, ranked["names"])
        up = "及以上" if ranked["up"] or re.match(r"[^，；。]{0,8}及?以上", text[ranked.end() :]) else ""
        found.append(
            Hit(
                "person_title",
                "in",
                [f"{rank}{'及以上' if ranked['mid'] else ''}{ranked['head']}{up}" for rank in ranks],
                *ranked.span(),
            )
        )
    if re.search(
        r"学历|学位|(?:本科|专科|研究生|硕士|博士)(?:[^，；。]{0,8}(?:毕业生|人才)|$|者|生$|(?:年龄)?(?:原则上)?(?:在|不超过|不高于|[一二三四五\d]+周?岁))",
        text,
    ) and not re.search(r"证书复印|博士后", text):
        degrees = [
            f"{'全日制' if m['full'] == '全日制' else ''}{m['level']}{'及以上' if m['up'] else ''}"
            for m in _DEGREE.finditer(text)
        ]
        if degrees:
            span = (next(_DEGREE.finditer(text)).start(), len(text))
            found.append(
                listed(
                    "person_education", list(dict.fromkeys(degrees)), *span, single="==" if "全日制" in text else "in"
                )
            )
    return found


def talents(text: str) -> list[Hit]:
    """A whole sentence that only lists kinds of talent."""
    return [hit for hit in _mixed(text.rstrip("，；。")) if hit.variable == "talent_class"]


def _mixed(text: str) -> list[Hit]:
    """D类以上人才、正高级职称人才、博士研究生: several kinds of talent that stand for one class."""
    words = re.sub(
        r"^(?:其中|对|向|给予|入选|引进|每[^，；。]{1,3}年(?:选拔|评选|遴选|评定|认定)(?:一[轮次批届])?|[^，；。]{0,24}的)*",
        "",
        text,
    )
    parts = split_list(words, "、和及，")
    if all(re.fullmatch(r"[A-H]", part) for part in parts[:-1]) and re.match(r"[A-H]类", parts[-1] if parts else ""):
        return []  # A、B、C类 says 类 once for all
    if len(parts) < 2 or len(words) > 120:
        return []
    named = sum(bool(_TALENT_MEMBER.search(part)) for part in parts)
    classed = any(re.search(r"[A-H]类", part) for part in parts)
    kinds = len(
        {
            kind
            for kind, rule in (("class", r"[A-H]类"), ("title", r"职称|级工"), ("degree", r"硕士|博士|本科"))
            for part in parts
            if re.search(rule, part)
        }
    )
    if kinds >= 2:
        values = [
            re.sub(r"^其他", "", part if re.search(r"[A-H]类", part) else re.sub(r"(?:人才|毕业生)$", "", part))
            for part in parts
        ]
        start = text.find(parts[0])
        return [Hit("talent_class" if classed else "person_education", "in", values, max(start, 0), len(text))]
    if (
        named == len(parts)
        and not classed
        and all(len(part) <= 26 for part in parts)
        and not re.search(r"工作站|称号|认定", words)
    ):
        values, plan = [], ""
        for part in parts:
            quoted = re.match(r"“([^”]+计划)”", part)
            plan = quoted[1] if quoted else plan if re.fullmatch(r"[\u4e00-\u9fff]{0,6}人才", part) else ""
            values.append(part if quoted or not plan else plan + part)
        return [Hit("talent_class", "in", [re.sub(r"^享受", "", value) for value in values], 0, len(text))]
    return []


def _people(words: str) -> list[str]:
    both = re.fullmatch(r"(?P<full>全日制)?(?P<a>中小学)和(?P<b>高等院校|高校)(?P<c>在校大?学生)", words)
    if both:
        return [f"{both['full'] or ''}{both['a']}{both['c']}", f"{both['b']}{both['c']}"]
    return split_list(words)


def rights(text: str) -> list[Hit]:
    """Kinds of intellectual property that the applicant must hold."""
    found = _RIGHT_LIST.search(text)
    if not found or _EVENT.search(text[found.end() :][:12]):
        return []
    return [listed("ip_type", split_list(found["names"]), *found.span())]


def names_right(text: str) -> bool:
    return bool(_RIGHT_LIST.search(text))


def scale(text: str) -> list[Hit]:
    """小型微利企业 and other classes of size."""
    found = _SMALL.search(text)
    if not found or re.search(
        r"(?:服务|专精特新|科技型|科创型|创新型|高新技术|成长型)[”“的]*$|股份转让", text[: found.start()]
    ):
        return []
    if (
        acted_on(text, *found.span())
        or text[found.end() : found.end() + 1] == "园"
        or re.match(r"[^，；。的]{0,4}(?:贷款|信贷|提供|股份转让)", text[found.end() :])
    ):
        return []
    variable = "enterprise_kind" if "微利" in found[0] else "enterprise_scale"
    return [Hit(variable, "==", found[0], *found.span())]


def kinds(text: str) -> list[Hit]:
    """总部企业, 外商投资企业 and other kinds of firms that are neither trade nor size."""
    found = _KIND.search(text)
    return [listed("enterprise_kind", split_list(found["names"]), *found.span("names"))] if found else []


def employed(text: str, setting: Setting) -> list[Hit]:
    """In work here, or with a named kind of employer."""
    found = re.search(
        rf"(?:在|向|到|来)(?P<p>{setting.place()})?[^，；。]{{0,16}}?(?:工作|就业|任职)(?!中(?!心)|人员|站|室|方案|经验|经历|年|满|中心|网)",
        text,
    )
    if not found or re.search(r"就业困难|就业岗位|从业|吸纳|带动|满\d", text):
        return []
    kind = re.search(r"中小微企业|小微企业|中小企业|民营企业|规上企业|重点企业", found[0])
    if kind:
        return [Hit("person_employed_local", "==", kind[0], *found.span())]
    if found["p"] and len(found["p"]) > 1 and "须" in text:
        return [Hit("person_employed_local", "==", setting.resolve(found["p"]), *found.span())]
    return [Hit("person_employed_local", "exists", True, *found.span())]
