"""What is to be built, held, bought, done or come to: projects, activities, equipment."""

from __future__ import annotations

import re
from dataclasses import replace

from innozone.kernel.reading.fold import depth, split_list
from innozone.kernel.reading.hits import Hit, listed
from innozone.kernel.reading.subjects import names_right

_VERBS = r"(?:新?建设|新建|自建|投保|应对|组织开展|开展|举办|承办|组织|购买|购置|采购|租用|租赁|使用|实施|打造|形成|建立|共建|搭建|新?开设|设立|开发|并购|创建|参加|参展|研制|推广|改造|提供|浇灌|发展|引进|投资|新增|承担|完成|从事|运营|推进|推动|加强|应用)"
_AIM = re.compile(
    r"^(?:其中|同时|此外|另外)?[，：]?(?:重点|大力|积极|进一步)?(?:支持|鼓励|引导|推动|推进|扶持|加大|加强|聚焦|围绕|发挥|探索|优化|完善)"
)
_DOING_LEAD = re.compile(
    r"^(?:其中|同时|此外|另外)?[，：]?(?:重点|大力|积极)?(?:支持|鼓励|引导|扶持|对|凡|经|向|为|给予|推进|推动|加大|加强)*(?:积极)?(?:主动)?(?:属于)?"
)
_NOT_DOING = re.compile(
    r"^由[^，；。]{2,16}(?:局|委|厅|部门|办公室|财政)|^(?:落实|安排)[^，；。]{0,6}预算|^自[^，；。]*(?:之日|起)|审定$|并报|^按|损失的?$|^对?(?:入园|入驻|在园|符合条件)的[^，；。]{0,8}(?:企业|人员)$|连续[^，；。]{1,3}年$|^给予[^，；。]*(?:费用|补贴|补助|奖励)$|^对?(?:具有|具备)[^，；。]*(?:效应|作用|影响力?|效益|意义|特色|优势)的?(?:项目|基地|平台|企业|产品|单位|成果|机构)?$|^(?:项目|企业)?(?:建成|正式)?(?:投产|竣工|开业|开工|达产)后|^其[他它余]|可以?(?:申[请报]|享受)$|^在?[\d一二三四五]+年内$|^对[^，；。]*(?:费用?|支出|利息|租金|经费)$|^每|^(?:对|向|为)?(?:科技型|创新型|民营|本地|中小微?|小微|各类|相关|有关|上述)(?:中小微?)?(?:企业|机构|单位)?的?$|^[^，；。]{0,8}资金$|每[^，；。]{0,6}\d+[家个名件项]|^[^，；。]{0,6}每[次人家名件个届场条座辆亩团]$|^(?:贷款|授信|补贴|奖励)?(?:额度|金额|标准|总额)|重新认定|^(?:根据|按照|依据|围绕|结合|为了?|经|其中|继续|同一|优先|参照|可|提供|以及在|在[^，；。]*基础上|\d)|等级为|为[A-D]级|推荐申[报请]|直接授予|一事一议|公式|×|授权|所称|^(?:加[强大]|强化)[^，；。]*(?:支持|力度|投入|保障)$|□|部分$|^(?:法人(?:组织|单位)?|自然人|个人|申[请报]人)(?:的)?$"
)

# A figure with a bound that no measure knows is for a person, not the name of an activity.
BOUNDED = re.compile(
    r"[\d%][^，；。\d]{0,4}以[上下]|(?:不低于|不少于|不超过|不高于|低于|高于|超过)(?:百分之)?[\d一二三四五六七八九十]"
)

# 对符合第二条规定的企业 points to what is asked elsewhere and asks nothing more.
_REFERS = re.compile(
    r"(?:对|凡|经)?(?:于)?(?:符合|满足|具备|达到)(?:上述|以上|前述|前款|下列|本办法|本政策|本意见|本措施|本细则|第[一二三四五六七八九十百\d]+条)?(?:第[一二三四五六七八九十\d]+款)?(?:规定|所列|申[报请]|认定|扶持|支持|资助|奖励|补助)*的?(?:相关|有关)?(?:条件|要求|规定)?的?(?:申[报请])?(?:企业|单位|机构|项目|个人|人才|主体)?(?:的)?"
)


def refers(text: str) -> bool:
    """The words only point to conditions that stand elsewhere: 对符合第二条规定的企业."""
    return bool(_REFERS.fullmatch(text))


_SIZED = re.compile(
    r"(?:以[上下]|达到?[\d.]+[^，；。\d]{1,3})的(?P<what>[^，；。的]{3,20}?(?:基地|项目|库|中心|平台|工程|园|场|站|厂房))(?:，|$|的$)"
)
# 新建智算中心算力规模达到100P以上的: what is done, beside the size that stays open.
_GROWN = re.compile(
    r"^(?P<head>对?(?:新建|自建|建设|组织|开展)[^，；。\d]{3,16}?)(?:[\u4e00-\u9fff]{2}(?:规模|容量|数量|能力)|库容|容积|容量|面积|规模|年?[\u4e00-\u9fff]{0,2}量)?(?:达到?|不低于|不少于|超过)?[\d.]+[^，；。\d]{1,5}以上[^，；。\d]{0,10}$"
)
_FIRST_SETS = re.compile(
    r"(?:首台（套）|首台套|首版次|首批次)(?:(?:重大)?(?:技术|成套|高端)?(?:装备|产品|设备|软件|新材料|材料|仪器|硬件|系统|零?部件|药品))?"
)


def equipment(text: str) -> list[Hit]:
    """First sets, first batches, first versions."""
    found = list(_FIRST_SETS.finditer(text))
    if found:
        names = list(dict.fromkeys(match[0] for match in found))
        return [listed("equipment_type", names, found[0].start(), found[-1].end(), single="==")]
    named = re.search(
        r"(?:购置|购买|采购|引进)(?P<name>[^，；。、的]{2,18}?(?:机械|农机具?|机具|车辆|冷藏车|公交车|货车|船舶|生产线|(?<!进口)(?<!和)(?<!及)(?<!相关)设备|(?<![停用])车(?!间|位|站|辆)))(?:\d+[辆台套艘])?(?:及?以上)?(?:并[^，；。]*)?(?:的)?$",
        text,
    )
    if named:
        return [Hit("equipment_type", "==", named["name"], *named.span())]
    kinds = re.search(
        r"(?:购置|购买|采购|使用)(?:[^，；。]*的)?(?P<names>(?:[^，；。、的]{2,8}、)+[^，；。、]{2,8}?)等(?P<head>[^，；。]{0,4}设备)",
        text,
    )
    if kinds:
        return [
            Hit("equipment_type", "in", [name + kinds["head"] for name in split_list(kinds["names"])], *kinds.span())
        ]
    return []


def scopes(text: str) -> list[Hit]:
    """支持范围包括A、B、C; 具备A、B、C等的一项."""
    found = re.search(
        r"(?:范围|内容|方向|领域)(?:主要)?(?:包括|为|涵盖|：)(?P<names>[^，；。]*、[^，；。]*)", text
    ) or re.search(
        r"(?:具备|具有|符合|属于|从事)(?P<names>(?:[^，；。、]{2,12}、){2,}[^，；。、]{2,12}?)等[^，；。]*(?:之一|一项|任一)",
        text,
    )
    bought = re.search(
        r"可?用于(?:购买|支付|开展)(?P<names>[^，；。]*、[^，；。]*?)(?:等)?(?:专业|科技|技术|创新)*(?:服务|费用|支出|活动)?$",
        text,
    )
    found = found or bought
    done = re.match(
        r"^对?(?P<what>(?:承办|举办|组织|开展|从事)[^，；。的]{3,24})的(?:各|相关)?[^，；。]*(?:协会|团体|机构|企业|单位|院校)$",
        text,
    )
    if done:
        names = split_list(re.sub(r"^(?:承办|举办|组织|开展|从事)|等(?:[^、]{0,8})$", "", done["what"]), "、")
        return [listed("project_type", names if len(names) > 1 else [done["what"]], *done.span("what"), single="==")]
    if not found:
        return []
    return [Hit("project_type", "in", split_list(re.sub(r"等$", "", found["names"]), "、或及"), *found.span())]


def results(text: str) -> list[Hit]:
    """对完成…改造的, 达到…要求的, 验收结题的: what a project must have come to."""
    found = (
        re.search(
            r"(?:^|对)(?P<what>(?:完成|达到|符合)[^，；。]{4,}?(?:要求|标准|验证|验收|改造|建设|签约|任务|目标))(?=的|$)",
            text,
        )
        or re.search(
            r"(?:^|对)(?:首次)?(?P<what>完成(?![^，；。]*(?:备案|登记|手续))[^，；。\d]{3,18}?)(?=的(?:企业|单位|项目|机构)(?:，|$)|的$)",
            text,
        )
        or re.search(
            r"(?:履行|办理|完成|通过)(?P<what>(?![^，；。]*(?:工商|税务|注册))[^，；。]{0,12}?(?:备案|登记)(?:[、和及](?:备案|登记))?)(?:等)?(?:手续)?(?=的|$|，)",
            text,
        )
        or re.search(
            r"(?P<what>验收结题|结题验收|验收合格|验收通过|(?<=并)通过验收|竣工验收|备案立项|取得备案证?|接入[^，；。]{2,12}平台|上线运营|首播|公映)",
            text,
        )
    )
    if not found or re.search(r"平均|条件|相应要求|规定(?:的)?标准", found["what"]):
        return []
    return [Hit("project_result", "==", found["what"], *found.span("what"))]


def aims(text: str) -> bool:
    """支持…, 鼓励…: what the authority wants, a condition only where nothing else stands before the promise."""
    return bool(_AIM.match(text))


def doing(text: str) -> list[Hit]:
    """What is to be built, held, bought or done: the last reading of a guard that nothing else understood."""
    who = re.fullmatch(r"(?:对|向)(?P<who>[^，；。的、]{2,10}(?:单位|机构))", text)
    if who and not re.search(r"企事业|申报|相关|有关|符合|获", who["who"]):
        return [Hit("entity_type", "==", who["who"], *who.span("who"))]
    sized = _SIZED.search(text)
    if sized:
        # 新建年产能10万立方米以上的生产基地: what it is, beside the size that stays open.
        return [listed("project_type", [sized["what"]], *sized.span(), single="==")]
    grown = _GROWN.match(text)
    if grown:
        return [replace(hit, end=len(text)) for hit in doing(grown["head"])]
    if _NOT_DOING.search(text) or BOUNDED.search(text) or refers(text) or names_right(text) or len(text) < 4:
        return []
    both = re.search(
        r"(?P<a>购买|购置|采购|建设|新建)(?:或|、|和)(?P<b>租用|租赁|改造|改建|扩建)(?P<what>[^，；。]{2,20}?)(?:的|(?:进行|用于|开展)[^，；。]*)?$",
        text,
    )
    if both:
        return [
            Hit("project_type", "in", [both["a"] + both["what"], both["b"] + both["what"]], both.start(), len(text))
        ]
    words = (
        re.sub(r"(?:的)?(?:企业或园区|项目单位|企业|单位|机构|创新主体|个人|主体|社会资本)?(?:的)?$", "", text) or text
    )
    lead = _DOING_LEAD.match(words)
    begin = lead.end() if lead else 0
    levels = depth(words)
    listing = words.find("、") if "、" in words and words[begin : begin + 1] != "在" else len(words)
    for match in re.finditer(_VERBS, words[:listing]):
        # A verb in front of its own 的 is part of a name: 自主建设的平台.
        if (
            not levels[match.start()]
            and match.end() < len(words) - 1
            and not re.match(r"[，的与和及、]|等|项目$|体系|平台|基地|中心", words[match.end() :])
        ):
            begin = max(begin, match.end())
    if re.match(r"(?:对)?(?:完成|达到|符合|实现|取得)", text):
        return [
            Hit("project_result", "==", re.sub(r"^对|的?(?:企业或园区|企业|园区|单位)?的?$", "", text), 0, len(text))
        ]
    said = re.match(rf"{_DOING_LEAD.pattern[1:]}(?:具有|具备|拥有|可|能够?)[^，；。]*的(?=[^的、，；。]{{3,}}$)", words)
    words = words[said.end() :] if said else words[begin:]
    if re.match(r"(?:具有|具备|拥有|可|能够?)", words) and re.search(r"的[^的、，；。]{3,}$", words):
        words = words[words.rfind("的") + 1 :]  # what is said of it does not name it
    tail = re.search(r"^(?P<list>.*?、.*?)等(?:[^、]{0,16})$", words)
    words = tail["list"] if tail else words
    flat = depth(words)
    first = next((i for i, c in enumerate(words) if c in "、" and not flat[i]), len(words))
    cut = words.rfind("的", 0, first if "、" in words else len(words))
    if cut > 0 and len(words) - cut > 4:
        words = words[cut + 1 :]
    words = re.sub(r"^[^，；。]{2,24}领域(?=.{4})", "", words)
    words = re.sub(r"^(?:国家级?和市级|市级以上)(?=.{4})", "", words)
    # 和 alone joins a name (技术和标准研发); beside 、 it closes a list.
    names = [name for name in split_list(words, "、和与及或" if "、" in words else "、") if 1 < len(name) <= 26]
    if not names or len("".join(names)) < 3:
        # 以作价投资实施转化的: what is left behind the verbs says nothing, the whole does.
        whole = re.sub(r"^(?:对|凡)?(?:以|通过|采取)?|(?:方式)?的?$", "", text)
        names = [whole] if 6 <= len(whole) <= 26 and re.match(r"对?(?:以|通过|采取)", text) else []
    if not names:
        return []
    return [listed("project_type", names, 0, len(text), single="==")]
