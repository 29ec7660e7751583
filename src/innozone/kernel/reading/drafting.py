"""From a reading to a draft policy in the shape of the zone packs, for a person to confirm.

Every leaf keeps its words. What the dictionary can say becomes a `test`; everything else stays a `manual` leaf, so that
nothing of the text is lost and nothing is true by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from innozone.kernel.reading.expressions import expression, find, literal, sound
from innozone.kernel.reading.fold import fold
from innozone.kernel.reading.model import Benefit, Condition, Group, Item, Manual, Reading
from innozone.kernel.reading.numeric import variable_named
from innozone.kernel.reading.quantities import scan
from innozone.kernel.rules import check, load_condition
from innozone.kernel.terms import Dictionary

_LEVELS = (("省", "province"), ("自治区", "province"), ("市", "city"), ("州", "city"))
_NATIONAL = re.compile(
    r"国务院|国家税务总局|财政部|科技部|科学技术部|工业和信息化部|发展改革委|国家|全国|中华人民共和国|国科发|财税"
)
Leaf = dict[str, Any]
# Bases that are not the firm's own yearly quantity.
_OTHERS = re.compile(
    r"[×+]|增长|增量|增加|超过|新增|部分|个人|项目|单个|平台|活动|首笔|首台|合同|无形|土地|贷款|利息|保费|租赁|专项|经费|资金"
)


def draft_policy(reading: Reading, dictionary: Dictionary) -> dict[str, Any]:
    """A policy as the packs write it (policies/*.yaml): code, title, text, items with conditions and benefits.

    Names stand in Chinese in both languages until a person translates them. Conditions that the text states once for
    all of its measures are given to each of them. Offices are left open: their codes are the zone's.
    """
    document = reading.document
    digest = hashlib.sha256(f"{document.title}\n{document.body}".encode()).hexdigest()[:8]
    data: dict[str, Any] = {
        "code": f"draft-{digest}",
        "title": _label(document.title or reading.gist[:40] or "未命名文件"),
        "number": document.number,
        "level": _level(reading),
        "issued": document.issued,
        "valid_from": document.valid_from,
        "valid_to": document.valid_to,
        "text": document.body,
        "themes": _themes(reading, dictionary),
        "items": _items(reading, dictionary, f"draft-{digest}"),
    }
    return {key: value for key, value in data.items() if key == "items" or value not in ("", [], None)}


def _level(reading: Reading) -> str:
    """Whose paper it is: by the place that it speaks of, national only where a national organ is named."""
    if reading.region:
        return next((level for suffix, level in _LEVELS if reading.region.endswith(suffix)), "zone")
    head = reading.document.issuer + reading.document.title + reading.document.number + reading.body[:200]
    return "national" if _NATIONAL.search(head) else "zone"


def _label(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _themes(reading: Reading, dictionary: Dictionary) -> list[str]:
    codelist = dictionary.codelists.get("themes")
    codes = [find(codelist, name) for name in reading.tags.get("topic", [])]
    return list(dict.fromkeys(code for code in codes if code))


def _items(reading: Reading, dictionary: Dictionary, code: str) -> list[dict[str, Any]]:
    promised = any(item.benefits for item in reading.items)
    general = [item for item in reading.items if promised and item.general and not item.benefits]
    measures = [item for item in reading.items if not any(item is rule for rule in general)]
    made: list[dict[str, Any]] = []
    for item in measures:
        shared = [rule for rule in general if rule.scope[0] <= item.span[0] < rule.scope[1]]
        for branch in _branches(item):
            number = len(made) + 1
            made.append(_draft(reading, item, branch, shared, number, dictionary) | _stacking(reading, item, code))
    return made


def _stacking(reading: Reading, item: Item, code: str) -> Leaf:
    """就高不重复 said of the enterprise: of the items it is said of one counts. What is said of one and the same thing
    limits nobody who has two things; its sentence stays in the text for the person who confirms."""
    at = next(i for i, other in enumerate(reading.items) if other is item)
    said = [each for each in reading.stacked if each.scope == "firm" and at in each.items and len(each.items) > 1]
    groups = [
        {
            "code": f"{code}_s{each.span[0]}".replace("-", "_"),
            "label": _label(each.quote[:40]),
            "most": 1,
            "quote": each.quote,
        }
        | ({"source": each.source} if each.source else {})
        for each in said[:1]
    ]
    return {"stacking": {"groups": groups}} if groups else {}


def _branches(item: Item) -> list[str | None]:
    """Ways into an item that have promises of their own become items of their own."""
    names = list(dict.fromkeys(benefit.branch for benefit in item.benefits if benefit.branch is not None))
    return list(names) if len(names) > 1 else [None]


def _draft(
    reading: Reading, item: Item, branch: str | None, shared: list[Item], number: int, dictionary: Dictionary
) -> dict[str, Any]:
    conditions = [c for c in item.conditions if _applies(c.group, branch, item)]
    manual = [m for m in item.manual if _applies(m.group, branch, item)]
    own = _once(_tree(reading, conditions, manual, dictionary, flat=branch is not None))
    said = {leaf["test"] for leaf in own if "test" in leaf}
    # What the item asks in words of its own is not asked again in those that hold for all.
    general = _once(node for rule in shared for node in _tree(reading, rule.conditions, rule.manual, dictionary))
    leaves = [node for node in general if node.get("test") not in said] + own
    benefits = [b for b in item.benefits if branch is None or b.branch in {None, branch}]
    if not leaves:
        words = reading.body[slice(*item.span)].strip()
        first = re.split(r"(?<=[。；\n])", words)[0].strip("\n")
        leaves = [{"manual": first, "quote": first} | ({"source": item.source} if item.source else {})]
    promised = _benefit(benefits, conditions, dictionary)
    name = item.name if branch is None else f"{item.name}（{branch}）"
    data: dict[str, Any] = {
        "code": f"item_{number}",
        "name": _label(name),
        "kind": "support" if any(b.kind != "荣誉" for b in benefits) else "recognition",
        "summary": _label(item.gist),
        "conditions": _consistent(leaves, dictionary),
        "papers": item.materials,
    }
    if promised:
        data["benefit"] = promised
    if item.window:
        data["window"] = {"opens": item.window[0], "closes": item.window[1]}
    elif item.deadline and item.deadline["quote"]:
        data["window"] = {"closes": item.deadline["value"]}
    if item.department and item.department["quote"]:
        data["office"] = item.department["value"]
    return {key: value for key, value in data.items() if value}


def _once(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Without tests that have been made before, in other words."""
    kept: dict[str, Leaf] = {}
    for number, leaf in enumerate(leaves):
        kept.setdefault(leaf.get("test") or f"#{number}", leaf)
    return list(kept.values())


def _consistent(leaves: list[Leaf], dictionary: Dictionary) -> Leaf:
    """The conditions; a test that can never hold beside the others goes back to its words, for a person to sort out."""
    if not _contradicts(leaves, dictionary):
        return {"all": leaves}
    kept: list[Leaf] = []
    for leaf in leaves:
        kept.append(leaf)
        if _contradicts(kept, dictionary):
            kept[-1] = _reopened(leaf)
    return {"all": kept}


def _contradicts(leaves: list[Leaf], dictionary: Dictionary) -> bool:
    return any(problem.severity == "error" for problem in check(load_condition({"all": leaves}), dictionary))


def _reopened(leaf: Leaf) -> Leaf:
    if "test" in leaf:
        return {"manual": leaf["quote"]} | {key: value for key, value in leaf.items() if key != "test"}
    return {key: [_reopened(part) for part in value] if key in {"all", "any"} else value for key, value in leaf.items()}


def _applies(group: Group, branch: str | None, item: Item) -> bool:
    if branch is None or group.kind == "all" or ".or" in group.id:
        return True
    if group.branch is not None:
        return group.branch == branch
    # A branch of one member carries no name: its place among the branches is its name.
    return group.id.endswith(".any") and group.order == branch


def _tree(
    reading: Reading, conditions: list[Condition], manual: list[Manual], dictionary: Dictionary, *, flat: bool = False
) -> list[Leaf]:
    """The members of an `all`: single leaves, and one `any` for each group of alternatives."""
    firsts = {c.span for c in conditions if c.variable == "first_time"}
    held = {c.span for c in conditions if c.variable in {"qualification", "award"}}
    year = next((int(day[:4]) for day in (reading.document.issued, reading.document.valid_from) if day), None)
    nodes: list[Leaf] = []
    choices: dict[str, dict[str, list[Leaf]]] = {}
    counts: dict[str, int] = {}

    def place(group: Group, leaf: Leaf) -> None:
        if group.kind == "all" or (flat and ".or" not in group.id):
            if leaf not in nodes:
                nodes.append(leaf)
            return
        if group.n is not None:
            counts[group.id] = group.n
        branches = choices.setdefault(group.id, {})
        branches.setdefault(group.branch or group.order or f"#{len(branches)}", []).append(leaf)

    for condition in conditions:
        if condition.variable == "first_time" and condition.span in held:
            continue  # said by the designation itself
        text = expression(condition, dictionary, year, first=condition.span in firsts)
        place(condition.group, _leaf(condition.quote, condition.source, text))
    for open_point in manual:
        place(open_point.group, _leaf(open_point.quote, open_point.source, None))
    for id, branches in choices.items():
        members = [leaves[0] if len(leaves) == 1 else {"all": leaves} for leaves in branches.values()]
        n = counts.get(id)
        if n is not None and n < len(members):
            nodes.append({"at_least": {"n": n, "of": members}})
        elif n is not None:
            nodes.extend(members)
        else:
            nodes.append(members[0] if len(members) == 1 else {"any": members})
    return nodes


def _leaf(quote: str, source: str, text: str | None) -> Leaf:
    leaf: Leaf = {"test": text, "quote": quote} if text else {"manual": quote, "quote": quote}
    return leaf | ({"source": source} if source else {})


# promises


def _benefit(benefits: list[Benefit], conditions: list[Condition], dictionary: Dictionary) -> dict[str, Any] | None:
    if not benefits:
        return None
    note = "；".join(dict.fromkeys(benefit.quote.strip() for benefit in benefits))
    data: dict[str, Any] = {"kind": benefits[0].kind, "note": _label(note)}
    amount = _amount(benefits[0], conditions, dictionary) if len(benefits) == 1 else None
    if amount and sound(amount, dictionary, "number"):
        data["amount"] = amount
    return data


def _amount(benefit: Benefit, conditions: list[Condition], dictionary: Dictionary) -> str | None:
    """The sum as an expression, where it hangs on nothing but known variables: 10% of R&D, at most 50万."""
    formula = benefit.formula
    if benefit.per not in {None, "年", "家", "企业"}:
        return None
    cap = _money(formula.get("cap"), benefit.unit) if "cap_yuan" in formula else None
    if formula["type"] == "rate" and isinstance(formula.get("rate"), float):
        base = _base(formula.get("base"), dictionary)
        share = f"{round(formula['rate'] * 100, 4):g}% * {base}" if base else None
        return (f"min({share}, {cap})" if cap else share) if share else None
    if formula["type"] == "fixed" and isinstance(formula.get("value_yuan"), (int, float)):
        return _money(formula["amount"], benefit.unit)
    if formula["type"] == "tiered":
        return _tiers(formula, benefit.unit, conditions, dictionary, cap)
    return None


def _tiers(
    formula: dict[str, Any], unit: str, conditions: list[Condition], dictionary: Dictionary, cap: str | None
) -> str | None:
    """Rising thresholds of one known variable with a sum or a share each, the highest first."""
    ladder = next((c for c in conditions if len(c.members) == len(formula["tiers"])), None)
    variable = dictionary.get(ladder.variable) if ladder else None
    if ladder is None or variable is None or not variable.numeric:
        return None
    base = _base(formula.get("base"), dictionary)
    steps = []
    for words, tier in zip(ladder.members, formula["tiers"], strict=True):
        bounds = scan(fold(words).text)
        step = literal(bounds[0].printed, bounds[0].unit, variable) if bounds else None
        worth = (
            f"{round(tier['rate'] * 100, 4):g}%" if "rate" in tier else _money(tier.get("amount"), _unit(tier, unit))
        )
        if step is None or worth is None or ("rate" in tier and base is None):
            return None
        steps.append(f">= {step}: {worth}")
    place = f"{variable.code}[-1]" if variable.period == "year" else variable.code
    zero = "0%" if base and "rate" in formula["tiers"][0] else "0"
    text = f"tier({place}, {', '.join(reversed(steps))}, else: {zero})"
    text = f"{text} * {base}" if base and "rate" in formula["tiers"][0] else text
    return f"min({text}, {cap})" if cap else text


def _unit(tier: dict[str, Any], unit: str) -> str:
    """The unit of one tier: 5000元、1万元 are listed in their own."""
    for candidate, factor in ((unit, None), ("元", 1), ("万元", 10_000), ("亿元", 100_000_000)):
        scale = factor or {"元": 1, "万元": 10_000, "亿元": 100_000_000}.get(candidate, 0)
        if tier.get("amount") is not None and tier.get("value_yuan") == tier["amount"] * scale:
            return candidate
    return unit


def _money(value: object, unit: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or unit not in {"元", "万元", "亿元"}:
        return None
    return f"{value:g}{unit.removesuffix('元')}" if unit != "元" else f"{value:f}".rstrip("0").rstrip(".")


def _base(words: object, dictionary: Dictionary) -> str | None:
    """`rd_expense[-1]` for 上年度研发投入, where the dictionary has the quantity."""
    if not words or _OTHERS.search(str(words)):
        return None
    name = variable_named(str(words))
    variable = dictionary.get(name) if name else None
    if variable is None or variable.type != "money":
        return None
    return (
        f"{variable.code}[{0 if re.search(r'当年|本年', str(words)) else -1}]"
        if variable.period == "year"
        else variable.code
    )
