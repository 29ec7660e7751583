"""Gist, key words and tags: drawn from the text itself, never worded anew."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from typing import Any

from innozone.kernel.reading.fold import fold
from innozone.kernel.reading.giving import KINDS
from innozone.kernel.reading.model import Item, Reading

GIST_LENGTH = 120
LONGEST_SEARCHED = 60_000  # key words show in the first pages or not at all
_STOP = frozenset(
    "的了和与及或在于为对由从到向按其该本各等可应须将以并且但如若被所者之也都均不无未有是把让使每再另单个此上下前后内外中间时年月日元万亿%第条项款章节一二三四五六七八九十〇零0123456789"
)
_VAGUE = frozenset(
    [
        "给予",
        "予以",
        "以上",
        "以下",
        "企业",
        "单位",
        "项目",
        "有关",
        "相关",
        "规定",
        "要求",
        "进行",
        "通过",
        "符合",
        "条件",
        "支持",
        "鼓励",
        "奖励",
        "补助",
        "补贴",
        "资助",
        "申请",
        "申报",
        "认定",
        "实施",
        "工作",
        "管理",
        "部门",
        "材料",
        "情况",
        "提供",
        "不超过",
        "最高",
        "其中",
        "一次性",
        "分别",
        "万元",
        "本办法",
        "本意见",
        "办理",
    ]
)
# kind of tag → (name, words that call for it)
_TAGS: dict[str, tuple[tuple[str, str], ...]] = {
    "object": (
        ("企业", r"企业|公司"), ("个人", r"人才|毕业生|个人|专家|技师|人员申[请报]|申请人"), ("机构", r"机构|协会|院所|高校|事业单位|社会组织|社会团体"),
        ("平台载体", r"孵化器|众创空间|加速器|园区|平台|基地"), ("个体工商户", r"个体工商户"), ("农业主体", r"合作社|家庭农场|农户|种植|养殖"),
    ),
    "stage": (
        ("初创", r"初创|孵化|创业|新注册|新设立|种子"), ("成长", r"成长|瞪羚|倍增|小升规|规模以上|规上|专精特新|小巨人"), ("成熟", r"总部|龙头|领军企业|骨干企业|强企"),
        ("上市", r"上市|挂牌|IPO|新三板|科创板|北交所"), ("迁入", r"新迁入|引进|落户|招商"),
    ),
    "industry": (
        ("制造业", r"制造|工业"), ("软件和信息服务", r"软件|信息服务|互联网|云计算|大数据"), ("人工智能", r"人工智能|大模型|智能体|具身"), ("建筑业", r"建筑"), ("文化旅游", r"旅游|文化创意|会展"),
        ("农业", r"农业|种植|养殖|渔"), ("金融", r"金融|银行|担保|基金|(?<!社会)(?<!养老)(?<!医疗)(?<!失业)保险"), ("生物医药", r"医药|医疗器械|药品|制药"), ("新能源新材料", r"新能源|新材料|光伏|储能"), ("集成电路", r"集成电路|芯片|半导体"),
    ),
    "topic": (
        ("研发投入", r"研发(?:投入|费用)|研究开发"), ("高新技术企业", r"高新技术企业|高企"), ("知识产权", r"专利|知识产权|商标|著作权"), ("技术改造", r"技术改造|技改|设备购置|智能化改造|数字化"), ("人才", r"人才|博士|院士|技能"),
        ("成果转化", r"成果转化|技术转让|技术交易|中试"), ("创新券", r"创新券|算力券|服务券"), ("首台套", r"首台|首批次|首版次"), ("融资", r"贷款|贴息|融资|担保|股权投资"), ("上市", r"上市|挂牌"),
        ("场地租金", r"租金|房租|租赁|厂房"), ("标准品牌", r"标准(?:制定|化)|制(?:修)?订|品牌|商标"), ("税收优惠", r"所得税|增值税|减免|加计扣除"), ("平台载体", r"孵化器|众创空间|实验室|工程中心|平台建设"),
        ("应用场景", r"场景"), ("出口", r"出口|外贸|跨境"), ("就业", r"就业|招用|毕业生"),
    ),
}  # fmt: skip
_PATTERNS = {kind: tuple((name, re.compile(words)) for name, words in rows) for kind, rows in _TAGS.items()}


def describe(reading: Reading) -> None:
    """Fill in gist, key words and tags of a reading and of its items."""
    for item in reading.items:
        words = reading.body[slice(*item.span)]
        item.gist = _item_gist(reading.body, item)
        item.tags = tags(words, 1)
        item.tags["support"] = sorted({benefit.kind for benefit in item.benefits})
    reading.keywords = keywords(reading.title + "\n" + reading.body)
    reading.tags = tags(reading.title * 3 + reading.body, 3)
    reading.tags["support"] = [
        kind for kind, _ in Counter(b.kind for item in reading.items for b in item.benefits).most_common()
    ]
    reading.gist = gist(reading)


def tags(text: str, least: int) -> dict[str, list[str]]:
    """Names of the tag dictionary whose words stand in the text at least `least` times, the most frequent first."""
    found: dict[str, list[str]] = {}
    for kind, rows in _PATTERNS.items():
        counts = [(len(pattern.findall(text)), name) for name, pattern in rows]
        most = max((count for count, _ in counts), default=0)
        kept = [(count, name) for count, name in counts if count >= max(least, most * 0.15)]
        found[kind] = [name for _, name in sorted(kept, key=lambda pair: -pair[0])[:4]]
    return found


def place_of(name: str, text: str) -> tuple[int, int] | None:
    """Where a text first says what a key word or tag names: the name itself, else the words that call for the tag."""
    at = text.find(name)
    if at >= 0:
        return at, at + len(name)
    rows = (row for kind in _PATTERNS.values() for row in kind)
    patterns = [*(pattern for tag, pattern in rows if tag == name), *(re.compile(w) for k, w in KINDS if k == name)]
    return next((found.span() for pattern in patterns if (found := pattern.search(text))), None)


def places_of_gist(gist: str, text: str) -> list[tuple[int, int]]:
    """Where the clauses of a gist stand in the text, in the order of the gist; those that were shortened are left out."""
    found = []
    for clause in re.split(r"[。；…\n]+", gist):
        at = text.find(clause) if len(clause) >= 6 else -1
        if at >= 0:
            found.append((at, at + len(clause)))
    return found


def _item_gist(body: str, item: Item) -> str:
    """The clause that promises, from its guard on; else the one with the first condition."""
    spans = [b.span for b in item.benefits] + [c.span for c in item.conditions] + [m.span for m in item.manual]
    anchor = next((span for span in spans if item.span[0] <= span[0] < item.span[1]), spans[0])
    words = _around(body, anchor, "。\n")
    return shorten(words if len(words) < GIST_LENGTH else _around(body, anchor, "。；\n"))


def gist(reading: Reading) -> str:
    """At most 120 characters: who gets what. The clauses of the text that promise most, whole and in their order; where
    nothing is promised those that ask for most."""
    asked = Counter(_clause(reading.body, c.span, "。；\n") for c in reading.conditions())
    promised: dict[tuple[int, int], float] = {}
    for benefit in (each for item in reading.items for each in item.benefits):
        at = _clause(reading.body, benefit.span, "。；\n")
        promised[at] = max(promised.get(at, 0.0), _weight(benefit.formula))
    chosen: list[tuple[int, str]] = []
    scored: list[tuple[float, int, str]] = []
    for at in promised or asked:
        words = _bare(reading.body[slice(*at)])
        score = promised.get(at, 0.0) + min(asked[at], 2) + 0.5 * sum(word in words for word in reading.keywords)
        scored.append((score + 2.0 * bool(_WHO.match(words)) - 0.01 * len(words), at[0], words))
    for _, begin, words in sorted(scored, key=lambda row: (-row[0], row[1])):
        if (
            len(words) >= 8
            and _whole(words)
            and (not (promised and chosen) or _WHO.match(words))
            and sum(len(w) + 1 for _, w in chosen) + len(words) < GIST_LENGTH
        ):
            chosen.append((begin, words))
    if chosen:
        return "；".join(words for _, words in sorted(chosen)) + "。"
    return shorten(max(scored)[2] if scored else reading.title or _bare(reading.body))


_WHO = re.compile(
    r"(?!每|最高|单个|按|下列|其中|上述)(?:对|凡|支持|鼓励|向|给予|经认定|新|符合|获|[^，；。]{0,16}(?:企业|单位|机构|人才|个人|项目))"
)
_MARKER = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]+条|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d{1,2}[.、．](?!\d)|[①-⑳]|其中[，,：:]?|同时[，,]|方向[一二三四\d][：:])\s*"
)


def _weight(formula: dict[str, Any]) -> float:
    """How much a promise is worth telling: the power of ten of its largest sum."""
    sums = [formula, *formula.get("tiers", [])]
    figures = [each.get(key) for each in sums for key in ("cap_yuan", "value_yuan")]
    known = [float(figure) for figure in figures if isinstance(figure, (int, float)) and figure > 0]
    return math.log10(max(known, default=10_000.0))


def _clause(body: str, span: tuple[int, int], ends: str) -> tuple[int, int]:
    """The stretch around a span between the signs of `ends`."""
    start = max(body.rfind(sign, 0, span[0]) for sign in ends) + 1
    stops = [at for at in (body.find(sign, max(span[1] - 1, span[0])) for sign in ends) if at >= 0]
    return start, min(stops, default=len(body))


def _around(body: str, span: tuple[int, int], ends: str) -> str:
    return _bare(body[slice(*_clause(body, span, ends))])


def _bare(text: str) -> str:
    """Without blanks, the number in front and the sign behind."""
    text = re.sub(r"\s+", "", text)
    while marker := _MARKER.match(text):
        text = text[marker.end() :]
    return text.rstrip("。；：:，,、")


def _whole(words: str) -> bool:
    return all(words.count(a) == words.count(b) for a, b in ("（）", "()", "《》", "“”"))


def shorten(text: str) -> str:
    """At most 120 characters, cut behind a clause or comma where one is near, never within brackets."""
    text = re.sub(r"\s+", "", text)
    if len(text) <= GIST_LENGTH:
        return text
    cut = text[: GIST_LENGTH - 1]
    for signs in ("。；", "，、"):
        for at in sorted((i for i, sign in enumerate(cut) if sign in signs and i > GIST_LENGTH // 3), reverse=True):
            if _whole(cut[:at]):
                return cut[:at] + "…"
    return cut + "…"


def keywords(text: str, most: int = 12) -> list[str]:
    """Terms of 2 to 8 characters that recur and stand free: frequent, cohesive, with varied neighbours."""
    text = fold(text[:LONGEST_SEARCHED]).text
    counts: Counter[str] = Counter()
    left: dict[str, Counter[str]] = defaultdict(Counter)
    right: dict[str, Counter[str]] = defaultdict(Counter)
    characters: Counter[str] = Counter()
    for run in re.findall(r"[\u4e00-\u9fffA-Za-z+]+", text):
        characters.update(run)
        for size in range(2, 9):
            for at in range(len(run) - size + 1):
                word = run[at : at + size]
                if word[0] in _STOP or word[-1] in _STOP:
                    continue
                counts[word] += 1
                left[word][run[at - 1] if at else "^"] += 1
                right[word][run[at + size] if at + size < len(run) else "$"] += 1
    total = sum(characters.values()) or 1
    scored: dict[str, float] = {}
    for word, count in counts.items():
        if count < 3 or word in _VAGUE or sum(c in _STOP for c in word) > 1:
            continue
        cohesion = min(
            math.log(
                count
                * total
                / ((counts[word[:i]] or characters[word[:i]] or 1) * (counts[word[i:]] or characters[word[i:]] or 1))
            )
            for i in range(1, len(word))
        )
        freedom = min(_entropy(left[word]), _entropy(right[word]))
        if cohesion > 0.5 and freedom > 0.6:
            scored[word] = (
                math.log(count + 1)
                * freedom
                * (0.8 + 0.25 * len(word))
                * (0.3 if any(v in word for v in _VAGUE) else 1)
            )
    chosen: list[str] = []
    for word in sorted(scored, key=lambda w: -scored[w]):
        if not any(word in other or other in word for other in chosen):
            chosen.append(word)
        if len(chosen) == most:
            break
    return chosen


def _entropy(counter: Counter[str]) -> float:
    total = sum(counter.values())
    return -sum(n / total * math.log(n / total) for n in counter.values()) + (0.5 if counter.keys() & {"^", "$"} else 0)
