"""One stretch of text, all detectors, and who wins where two of them read the same words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from innozone.kernel.reading.claims import catalogues, claims
from innozone.kernel.reading.doings import doing, equipment, results, scopes
from innozone.kernel.reading.fold import depth
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.honours import honours
from innozone.kernel.reading.measures import PERIOD
from innozone.kernel.reading.numeric import measured
from innozone.kernel.reading.places import parks, places
from innozone.kernel.reading.quantities import Quantity
from innozone.kernel.reading.setting import Setting
from innozone.kernel.reading.subjects import bodies, employed, kinds, persons, rights, scale
from innozone.kernel.reading.trades import trades

# Named things give way to a plain statement about the same words.
_NAMED = frozenset({"qualification", "award", "project_won", "project_result", "person_title", "talent_class"})
_SUBJECTS = frozenset(
    {"industry", "entity_type", "enterprise_kind", "enterprise_scale", "above_scale", "newly_registered"}
)
SUBJECT_VARIABLES = _SUBJECTS | frozenset(
    {"registration_region", "tax_region", "operating_region", "project_region", "first_time"}
)
_PLAIN_FIRST = frozenset(
    ["core_ip_ownership", "rd_accounting", "rd_deduction_enjoyed", "financial_system", "management_system", "legal_person", "violation_record", "accident_record", "abnormal_list", "credit_good", "duplicate_support", "housing_owned", "housing_benefit", "criminal_record", "not_recognised_before", "social_insurance_paid", "tech_field", "ip_certificate", "dispute", "wage_arrears", "bank_deposit", "novelty_report", "innovation_score", "industry_negative"]
)  # fmt: skip
# A named thing holds the words of its own name: 软件企业 in 省级软件企业示范基地 is no trade.
_WEAKER = {
    "qualification": frozenset({"industry", "entity_type", "enterprise_scale", "person_type", "park_resident", "ip_type", "person_title", "equipment_type", "newly_registered"}),
    "award": frozenset({"industry", "entity_type", "enterprise_scale", "person_type", "person_title", "equipment_type"}),
    "project_won": frozenset({"industry", "entity_type", "enterprise_scale", "person_type", "equipment_type"}),
    "project_result": frozenset({"qualification", "industry", "enterprise_scale", "equipment_type"}),
    "talent_class": frozenset({"qualification", "person_type", "person_title", "person_education", "industry"}),
    "person_title": frozenset({"qualification", "person_type"}),
    "person_education": frozenset({"qualification", "person_type"}),
    "person_type": frozenset({"entity_type"}),
    "construction_grade": frozenset({"qualification", "industry"}),
    "listing_stage": frozenset({"qualification", "project_won", "project_result"}),
    "listing_board": frozenset({"qualification", "project_won", "project_result"}),
    "above_scale": frozenset({"qualification"}),
    "assessment_result": frozenset({"project_result"}),
    "ip_grant_date": frozenset({"ip_type", "qualification", "project_result", "award", "industry"}),
    "ip_filing_date": frozenset({"ip_type", "qualification", "project_result"}),
    "core_ip_ownership": frozenset({"ip_type"}),
    "person_employed_local": frozenset({"enterprise_scale"}),
    "park_resident": frozenset({"entity_type"}),
    "project_type": frozenset({"qualification", "first_time", "entity_type", "project_won"}),
    "disabled_staff_ratio": frozenset({"person_type"}),
    "tech_staff_ratio": frozenset({"rd_activity"}),
    "industry": frozenset({"rd_activity"}),
    "tech_field": frozenset({"industry", "rd_activity", "project_type"}),
}  # fmt: skip
# Bodies that are counted are not the applicant: 园区入驻跨境电商企业50家以上.
_COUNTS_BODIES = frozenset({"service_clients", "group_size"})
_COUNTED = frozenset({"industry", "entity_type", "enterprise_scale", "newly_registered"})
_OF_PERSONS = {
    "invention_patents": "patent_count_person",
    "equity_received": "fundraising",
    "ownership_share": "person_holding",
}
_JOIN = re.compile(
    r"(?:并且|而且|且)(?=[^，；。]{2})|、(?=(?:未|没有|不存在)[^，；。、]{4})|并(?=(?:符合[^，；。]{0,8}(?:产业|条件|要求)|将|签订|依法缴|按规定缴|承诺|落户|达到|具有|具备)[^，；。]{3})|、(?=\d[\d.]*[百千万亿]*元?(?:及?以上|以下)的[^，；。、]{2,8}企业)|以及(?=(?:入驻|符合|经|获得|具有|在)[^，；。]{2})|或者?(?=(?:纳入|获得|获评|入选|评定为|被评|累计|通过|具有|持有|取得|属于|拥有|列入|认定为|经|被认定|享受|存在|近|年|已|被列入|办理|完成|持有)[^，；。]{2})"
)
_ASIDE = re.compile(r"（(?:其中|包括|不包括|以|如|指|获|需|但|即|实际|个人|对于|特指|原则|一般|具体|详见|下同)[^）]*）")
_TITLE = re.compile(r"《[^》]*》")
_SOFT = re.compile(
    r"^其中[^，；。]*可(?:以|适当)?放宽|^(?:其中[，：]?)?(?:[^，；。]{2,12}，)?(?:侧重|优先|优先支持|优先考虑|可适当|可放宽)|^[^，；。]{2,}的?(?:予以|给予)?优先(?:支持|推荐|考虑|安排)$|^[^，；。]{2,}的?可(?:以)?(?:适当)?放宽$"
)


def soft(words: str) -> bool:
    """What is only preferred or may be waived: 优先支持, 可适当放宽."""
    return bool(_SOFT.search(words))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a stretch stands: what was said before it, and whether it speaks of persons."""

    setting: Setting
    context: str = ""
    person: bool = False


def understand(text: str, start: int, end: int, quantities: list[Quantity], scope: Scope) -> list[Hit]:
    """Hits of text[start:end], spans into `text`; parts joined by 且 or 或 are read by themselves."""
    found: list[Hit] = []
    if soft(text[start:end]):
        return found
    for number, (a, b, joint) in enumerate(_parts(text, start, end)):
        context = scope.context + text[start:a]
        hits = _part(text, a, b, quantities, replace(scope, context=context))
        if joint == "or" and found and hits:
            found = _either(found, hits, f"{start}.{number}")
        elif joint == "each" and found and hits:
            found = _each(found, hits, f"{start}.e")
        else:
            found.extend(hits)
    return _unique(found)


def _parts(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    levels = depth(text[start:end])
    parts: list[tuple[int, int, str]] = []
    at, joint = start, ""
    for match in _JOIN.finditer(text, start, end):
        if levels[match.start() - start] or match.start() - at < 4 or end - match.end() < 3:
            continue
        parts.append((at, match.start(), joint))
        kind = "or" if match[0].startswith(("或", "以及")) else "and"
        # 2000万元以上的工业企业、1000万元以上的服务业企业: each kind of firm with its own bound.
        at, joint = match.end(), "each" if match[0] == "、" and text[match.end()].isdigit() else kind
    return [*parts, (at, end, joint)]


def _each(found: list[Hit], hits: list[Hit], name: str) -> list[Hit]:
    """Kinds of firms, each with a bound of its own: ways of one choice."""
    way = str(max(int(hit.way or "1") for hit in found) + 1)
    left = [hit if hit.choice else replace(hit, choice=name, way="1") for hit in found]
    return left + [replace(hit, choice=name, way=way) for hit in hits]


def _either(found: list[Hit], hits: list[Hit], name: str) -> list[Hit]:
    """Alternatives: lists of one variable become one list, anything else an `any` group."""
    last = found[-1]
    for hit in hits:
        if (
            hit.variable == last.variable
            and hit.op == last.op == "in"
            and isinstance(hit.value, list)
            and isinstance(last.value, list)
        ):
            merged = replace(last, value=[*last.value, *hit.value], end=hit.end)
            return [
                *found[:-1],
                merged,
                *(other for other in hits if other is not hit and other.variable != "first_time"),
            ]
    left = [replace(hit, choice=name) if hit is last else hit for hit in found]
    return left + [replace(hit, choice=name) for hit in hits]


def _part(text: str, start: int, end: int, quantities: list[Quantity], scope: Scope) -> list[Hit]:
    words = text[start:end]
    plain = _blank(_ASIDE, words)
    masked = _blank(_TITLE, plain)
    asides = [
        (start + m.start(), start + m.end())
        for m in _ASIDE.finditer(words)
        if re.search(r"[按可]|放宽|下同|指|除外", m[0])
    ]
    inside = [q for q in quantities if start <= q.start < end and not any(a <= q.start < b for a, b in asides)]
    figures = measured(text, start, end, inside, scope.context)
    if not scope.person and "从事" in words and not re.search(r"[人员]|专家|博士|硕士", words):
        figures = [hit for hit in figures if hit.variable != "person_tenure"]
    if scope.person:
        figures = [replace(hit, variable=_OF_PERSONS.get(hit.variable, hit.variable)) for hit in figures]
        figures = [
            replace(hit, variable="person_tenure") if hit.variable == "continuous_years" and "从事" in words else hit
            for hit in figures
        ]
    others = [hit.moved(start) for hit in [*catalogues(plain, scope.setting), *_words(masked, scope)]]
    if figures:
        others = [hit for hit in others if hit.variable != "rd_activity"]
    if any(_open(quantity, figures) for quantity in inside):
        # 拥有专利的企业占50%以上: a share that is not understood leaves its words open as well.
        others = [hit for hit in others if hit.variable in SUBJECT_VARIABLES]
    counted = max((hit.end for hit in figures if hit.variable in _COUNTS_BODIES), default=0)
    others = [
        hit
        for hit in others
        if hit.variable not in _COUNTED
        or hit.start >= counted
        or (hit.variable == "entity_type" and hit.start == start)
    ]
    names = {hit.variable for hit in figures}
    others = [
        hit
        for hit in others
        if hit.variable not in names and not any(_over(hit, figure) and not _beside(hit, figure) for figure in figures)
    ]
    hits = _settle(figures + others)
    hits += _then(text, end, hits)
    period = PERIOD.search(words)
    hits = [
        replace(hit, period=period[0]) if period and hit.period is None and hit.unit is None else hit for hit in hits
    ]
    # The whole part is the quote: a figure or a name torn out of it would not carry its own meaning.
    return [replace(hit, start=start, end=end) for hit in hits]


def _beside(hit: Hit, figure: Hit) -> bool:
    """Who is meant may stand in the same words as a figure: 规上企业, 毕业5年内的高校毕业生."""
    return hit.variable in SUBJECT_VARIABLES - {"first_time"} or (
        hit.variable in {"person_type", "person_gender", "person_education", "person_region"}
        and figure.unit in {"年", "月", "岁"}
    )


def _open(quantity: Quantity, figures: list[Hit]) -> bool:
    heads = quantity.kind == "count" and quantity.unit in {"人", "名"}
    return (
        (quantity.kind == "percent" or heads)
        and bool(quantity.op)
        and not any(f.start <= quantity.start < f.end for f in figures)
    )


def _then(text: str, end: int, hits: list[Hit]) -> list[Hit]:
    """众创空间承办创业活动的: what the holder of a designation does is asked for as well."""
    held = next((hit for hit in hits if hit.variable == "qualification"), None)
    rest = text[held.end : end] if held else ""
    if held and re.match(r"(?:承办|举办|组织开展|开展|建设|购置|引进|自主研发)[^，；。]{4,}", rest):
        return [hit.moved(held.end) for hit in doing(rest)]
    return []


def _blank(pattern: re.Pattern[str], words: str) -> str:
    return pattern.sub(lambda match: "□" * len(match[0]), words)


def _words(words: str, scope: Scope) -> list[Hit]:
    setting = scope.setting
    return [
        *places(words, setting), *parks(words), *claims(words), *honours(words, scope.context), *trades(words, setting), *bodies(words),
        *persons(words, setting), *rights(words), *scale(words), *kinds(words), *employed(words, setting), *equipment(words), *scopes(words), *results(words),
    ]  # fmt: skip


def _settle(hits: list[Hit]) -> list[Hit]:
    plain = [hit for hit in hits if hit.variable in _PLAIN_FIRST]
    kept = [hit for hit in hits if not (hit.variable in _NAMED and any(_over(hit, other) for other in plain))]

    def beaten(hit: Hit, by: list[Hit]) -> bool:
        return any(hit.variable in _WEAKER.get(other.variable, ()) and _over(hit, other) for other in by)

    # 农业企业、合作社、家庭农场: a list of bodies names no trade.
    bodies_listed = [
        hit for hit in kept if hit.variable == "entity_type" and isinstance(hit.value, list) and len(hit.value) > 2
    ]
    kept = [
        hit
        for hit in kept
        if hit.variable not in {"industry", "enterprise_kind"} or not any(_over(hit, other) for other in bodies_listed)
    ]

    # 规模以上工业企业 is one class of firms.
    if any(hit.variable in {"above_scale", "enterprise_scale"} for hit in kept):
        kept = [hit for hit in kept if not (hit.variable == "industry" and hit.value == "工业")]

    # What is beaten itself beats nothing.
    strong = [hit for hit in kept if not beaten(hit, kept)]
    return _unique([hit for hit in kept if not beaten(hit, strong)])


def _unique(hits: list[Hit]) -> list[Hit]:
    """One statement of each variable; figures may stand side by side."""
    result: list[Hit] = []
    for hit in hits:
        same = [other for other in result if other.variable == hit.variable]
        figure = isinstance(hit.value, (int, float)) and not isinstance(hit.value, bool)
        if (
            hit.choice is None
            and same
            and not (figure and all((o.op, o.value, o.unit) != (hit.op, hit.value, hit.unit) for o in same))
        ):
            continue
        result.append(hit)
    return result


def _over(one: Hit, two: Hit) -> bool:
    return one.start < two.end and two.start < one.end


_DENIED = {
    "==": "not_in", "in": "not_in", "not_in": "in", "exists": "not_exists", "not_exists": "exists", ">=": "<", ">": "<=", "<": ">=", "<=": ">",
}  # fmt: skip


def deny(hits: list[Hit]) -> list[Hit]:
    """The same statements as grounds for refusal."""
    result = []
    for hit in hits:
        op = _DENIED.get(hit.op)
        if op is None or hit.variable in {"founder_role", "first_time"}:
            continue
        value = hit.value
        if op == "not_in" and not isinstance(value, list):
            value = [str(value)]
        elif op == "not_exists":
            value = None
        elif op == "exists":
            value = True
        # Whoever is refused for this or that must be free of both.
        result.append(replace(hit, op=op, value=value, choice=None))
    return result
