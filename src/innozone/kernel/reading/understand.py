"""One stretch of text, all detectors, and who wins where two of them read the same words."""

from __future__ import annotations

import re
from dataclasses import replace

from innozone.kernel.reading.claims import claims
from innozone.kernel.reading.hits import Hit
from innozone.kernel.reading.honours import honours, level_hit
from innozone.kernel.reading.numeric import measured
from innozone.kernel.reading.places import parks, places
from innozone.kernel.reading.quantities import Quantity
from innozone.kernel.reading.setting import Setting
from innozone.kernel.reading.subjects import bodies, doing, persons, rights, scale, trades

# Named things give way to a plain statement about the same words.
_NAMED = frozenset({"qualification", "award", "project_won", "project_result", "person_title", "talent_class"})
_SUBJECTS = frozenset(
    {"industry", "entity_type", "enterprise_kind", "enterprise_scale", "above_scale", "newly_registered"}
)
SUBJECT_VARIABLES = _SUBJECTS | {
    "registration_region",
    "tax_region",
    "operating_region",
    "project_region",
    "first_time",
}
_PLAIN_FIRST = frozenset(
    ["core_ip_ownership", "rd_accounting", "rd_deduction_enjoyed", "financial_system", "management_system", "legal_person", "violation_record", "accident_record", "abnormal_list", "credit_good", "duplicate_support", "housing_owned", "housing_benefit", "criminal_record", "not_recognised_before", "social_insurance_paid", "tech_field", "ip_certificate", "dispute", "wage_arrears", "bank_deposit", "novelty_report", "innovation_score", "industry_negative"]
)  # fmt: skip


def understand(
    text: str,
    start: int,
    end: int,
    quantities: list[Quantity],
    setting: Setting,
    context: str = "",
    *,
    guard: bool = False,
) -> list[Hit]:
    """Hits of text[start:end], spans into `text`. `guard`: the words in front of a promise, so doing is a condition too."""
    words = text[start:end]
    inside = [q for q in quantities if start <= q.start < end]
    figures = measured(text, start, end, inside, context)
    others = [hit.moved(start) for hit in _words(words, setting)]
    if figures:
        kept = _SUBJECTS | {
            "registration_region",
            "tax_region",
            "project_region",
            "park_resident",
            "talent_class",
            "leased_premises",
            "own_premises",
        }
        names = {hit.variable for hit in figures}
        if names & {
            "person_holding",
            "person_tenure",
            "social_insurance_months",
            "graduate_years",
            "person_age",
            "fundraising",
            "person_income",
        }:
            kept = kept | {"person_type", "person_education", "person_employed_local"}
        others = [hit for hit in others if hit.variable in kept and hit.variable not in names]
    hits = _settle(figures + others)
    if guard and not hits:
        hits = [hit.moved(start) for hit in doing(words)]
    # The whole stretch is the quote: a figure or a name torn out of it would not carry its own meaning.
    return [replace(hit, start=start, end=end) for hit in hits]


def _words(words: str, setting: Setting) -> list[Hit]:
    return [
        *places(words, setting), *parks(words), *claims(words, setting), *honours(words), *trades(words, setting), *bodies(words),
        *persons(words, setting), *rights(words), *scale(words), *_employed(words, setting),
    ]  # fmt: skip


def _employed(words: str, setting: Setting) -> list[Hit]:
    """In work here, or with a named kind of employer."""
    found = re.search(
        rf"(?:在|向|到|来)(?P<p>{setting.place()})?[^，；。]{{0,16}}?(?:工作|就业|任职)(?!人员|站|室|方案|经验|经历|年|满|中心|网)",
        words,
    )
    if not found or re.search(r"就业困难|就业岗位|从业|吸纳|带动|满\d", words):
        return []
    kind = re.search(r"(中小微企业|小微企业|中小企业|民营企业|规上企业|重点企业)", found[0])
    if kind:
        return [Hit("person_employed_local", "==", kind[1], *found.span())]
    if found["p"] and len(found["p"]) > 1 and "须" in words:
        return [Hit("person_employed_local", "==", setting.resolve(found["p"]), *found.span())]
    return [Hit("person_employed_local", "exists", True, *found.span())]


def _settle(hits: list[Hit]) -> list[Hit]:
    variables = {hit.variable for hit in hits}
    plain = [hit for hit in hits if hit.variable in _PLAIN_FIRST]
    dates = variables & {"ip_grant_date", "ip_filing_date"}
    result: list[Hit] = []
    for hit in hits:
        if hit.variable in _NAMED and any(_over(hit, other) for other in plain):
            continue
        if hit.variable == "ip_type" and (dates or "core_ip_ownership" in variables):
            continue
        if hit.variable in {"qualification", "project_result"} and (
            dates or variables & {"ip_type", "patent_count_person"}
        ):
            continue
        if (
            hit.variable == "qualification"
            and variables
            & {
                "talent_class",
                "person_title",
                "person_education",
                "construction_grade",
                "listing_stage",
                "listing_board",
            }
            and any(_over(hit, other) for other in hits if other is not hit and other.variable != "first_time")
        ):
            continue
        if hit.variable in {
            "industry",
            "entity_type",
            "enterprise_scale",
            "core_ip_ownership",
            "person_type",
            "rights",
        } and any(
            _over(hit, other)
            for other in hits
            if other.variable in {"qualification", "award", "project_won", "talent_class"}
        ):
            continue
        if hit.variable == "first_time" and "newly_registered" in variables:
            continue
        if any(hit.variable == other.variable for other in result):
            continue
        result.append(hit)
    return result


def _over(one: Hit, two: Hit) -> bool:
    return one.start < two.end and two.start < one.end


def deny(hits: list[Hit]) -> list[Hit]:
    """The same statements as grounds for refusal."""
    turned = {
        "==": "not_in",
        "in": "not_in",
        "not_in": "in",
        "exists": "not_exists",
        "not_exists": "exists",
        ">=": "<",
        ">": "<=",
        "<": ">=",
        "<=": ">",
    }
    result = []
    for hit in hits:
        op = turned.get(hit.op)
        if op is None:
            continue
        value = hit.value
        if op == "not_in" and not isinstance(value, list):
            value = [str(value)]
        elif op == "not_exists":
            value = None
        elif op == "exists":
            value = True
        result.append(replace(hit, op=op, value=value))
    return result


def levels_of(words: str) -> list[Hit]:
    found = level_hit(words)
    return [found] if found else []
