"""`innozone policies evaluate DIR`: how well the reader reads, against texts whose conditions people have annotated.

A folder holds NAME.txt beside NAME.gold.json (the gold format). Levels of a condition: located = the spans overlap;
typed = located and the same variable; exact = typed, same operator and value; numeric = exact over conditions whose
value is a number; benefit = spans overlap, same kind and same amounts. Only what lies in an annotated clause counts
against the reader, so that a text annotated in part is scored fairly. Figures are means over the texts.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from innozone.kernel.reading.reader import read_file

Part = dict[str, Any]
LEVELS = ("located", "typed", "exact", "numeric", "benefit")
#: How a miss shows, the mildest last.
FAULTS = ("missed", "invented", "wrong variable", "wrong value")
_EXAMPLES = 3
# Kinds of sentences by what they speak of, for the analysis; the first that holds a variable counts.
_KINDS: tuple[tuple[str, str], ...] = (
    ("place", r"_region$|^park_|^own_premises|^leased_premises"),
    ("designation", r"^qualification|^award|^project_won|^listing_|^construction_grade|^assessment|^standard_role|^not_recog|^first_time"),
    ("project or activity", r"^project_|^equipment_type|^rd_activity|^local_supply|^settlement|^duplicate_support"),
    ("person", r"^person_|^talent|^graduate|^housing|^founder|^overseas|^criminal|^fundraising"),
    ("kind of applicant", r"^entity_type|^enterprise_|^industry|^above_scale|^legal_person|^newly_registered|^tech_field"),
    ("intellectual property", r"^ip_|^core_ip|^novelty|^dispute"),
    ("standing", r"_record$|^credit|_list$|^env_credit|^wage_arrears|^social_insurance_paid|_system$|^rd_accounting|^rd_deduction|^bank_deposit|^project_plan"),
)  # fmt: skip


@dataclass
class Fault:
    """One condition that went wrong. kind: of sentence; gold, read: what people and the reader say, either may be None."""

    name: str
    kind: str
    fault: str
    gold: Part | None
    read: Part | None

    def __str__(self) -> str:
        part = self.gold or self.read
        assert part is not None
        said = " / ".join(
            f"{label} {p['variable']} {p['op']} {p['value']}"
            for label, p in (("gold", self.gold), ("read", self.read))
            if p is not None
        )
        return f"{self.name}: {said} «{part['quote'][:60]}»"


@dataclass
class Scores:
    """(precision, recall, F1) by level for every text that has something to score at that level."""

    rows: dict[str, dict[str, tuple[float, float, float] | None]] = field(default_factory=dict)
    ungrounded: int = 0
    quotes: int = 0
    faults: list[Fault] = field(default_factory=list)

    def mean(self, level: str) -> tuple[float, float, float]:
        values = [row[level] for row in self.rows.values()]
        found = [value for value in values if value is not None]
        return tuple(sum(value[at] for value in found) / len(found) for at in range(3)) if found else (0.0, 0.0, 0.0)  # type: ignore[return-value]

    def to_data(self) -> dict[str, Any]:
        by_kind: dict[str, Counter[str]] = defaultdict(Counter)
        for fault in self.faults:
            by_kind[fault.kind][fault.fault] += 1
        return {
            "documents": len(self.rows),
            "levels": {
                level: dict(zip(("precision", "recall", "f1"), self.mean(level), strict=True)) for level in LEVELS
            },
            "ungrounded": self.ungrounded,
            "quotes": self.quotes,
            "faults": {kind: dict(counts) for kind, counts in by_kind.items()},
            "rows": {
                name: {level: figures[2] if figures else None for level, figures in row.items()}
                for name, row in self.rows.items()
            },
        }


def evaluate(folder: Path) -> Scores:
    """Reads every text of the folder that has annotations beside it. Raises ReadingError, OSError, ValueError."""
    scores = Scores()
    for path in sorted(folder.glob("*.gold.json")):
        name = path.name.removesuffix(".gold.json")
        gold = json.loads(path.read_text(encoding="utf-8"))
        reading = read_file(path.with_name(f"{name}.txt"))
        _score(name, gold, json.loads(json.dumps(reading.to_gold())), reading.body, scores)
    return scores


def _score(name: str, gold: Part, read: Part, body: str, scores: Scores) -> None:
    clauses = [tuple(item["clause_span"]) for item in gold["items"] if item.get("clause_span")]
    row: dict[str, tuple[float, float, float] | None] = {}
    for key, levels in (("conditions", ("located", "typed", "exact")), ("benefits", ("benefit",))):
        expected, found = _parts(gold, body, key), _parts(read, body, key)
        scores.quotes += len(found)
        scores.ungrounded += sum(part.get("quote", "\0") not in body for part in found)
        inside = [*clauses, *(part["_span"] for part in expected)]
        found = [part for part in found if any(_overlap(part["_span"], span) for span in inside)]
        for level in levels:
            row[level] = _f1(_pairs(found, expected, _AGREES[level]), len(found), len(expected))
        if key == "conditions":
            numbers, read_numbers = [p for p in expected if _number(p)], [p for p in found if _number(p)]
            hits = _pairs(read_numbers, numbers, _AGREES["exact"])
            row["numeric"] = _f1(hits, len(read_numbers), len(numbers)) if numbers else None
            scores.faults.extend(_faults(name, expected, found))
    scores.rows[name] = row


def _parts(document: Part, body: str, key: str) -> list[Part]:
    return [
        {**part, "_span": tuple(part["span"]) if part.get("span") else _place(part.get("quote", "\0"), body)}
        for item in document.get("items", [])
        for part in item.get(key, [])
    ]


def _place(quote: str, body: str) -> tuple[int, int] | None:
    at = body.find(quote)
    return (at, at + len(quote)) if at >= 0 else None


def _number(part: Part) -> bool:
    return isinstance(part.get("value"), (int, float)) and not isinstance(part.get("value"), bool)


def _overlap(one: Sequence[int] | None, two: Sequence[int] | None) -> bool:
    return one is not None and two is not None and one[0] < two[1] and two[0] < one[1]


def _f1(hits: int, found: int, expected: int) -> tuple[float, float, float]:
    precision = hits / found if found else float(expected == 0)
    recall = hits / expected if expected else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(found: list[Part], expected: list[Part], agrees: Callable[[Part, Part], bool]) -> int:
    """The number of one-to-one pairs: a maximum matching of what overlaps and agrees."""
    edges = [
        [at for at, gold in enumerate(expected) if _overlap(part["_span"], gold["_span"]) and agrees(part, gold)]
        for part in found
    ]
    owner: dict[int, int] = {}

    def augment(part: int, seen: set[int]) -> bool:
        for gold in edges[part]:
            if gold not in seen:
                seen.add(gold)
                if gold not in owner or augment(owner[gold], seen):
                    owner[gold] = part
                    return True
        return False

    return sum(augment(part, set()) for part in range(len(found)))


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float)):
        return round(float(value), 6)
    if isinstance(value, (list, tuple)):
        return tuple(sorted((_plain(each) for each in value), key=str))
    return re.sub(r"[\s“”\"'《》（）()]", "", str(value))


def _same_value(one: Part, two: Part) -> bool:
    for key in ("value_yuan", "value"):
        if one.get(key) is None or two.get(key) is None:
            continue
        x, y = _plain(one[key]), _plain(two[key])
        if x == y:
            return key == "value_yuan" or one.get("unit") == two.get("unit") or not isinstance(x, float)
        if isinstance(x, str) and isinstance(y, str) and (x in y or y in x):
            return True
        if isinstance(x, tuple) and isinstance(y, tuple) and x and y:
            names, others = set(map(str, x)), set(map(str, y))
            return len(names & others) / len(names | others) >= 0.5
        if key == "value_yuan":
            return False
    return one.get("op") in ("exists", "not_exists") and one.get("op") == two.get("op")


def _sums(formula: Any) -> set[tuple[str, float]]:
    found: set[tuple[str, float]] = set()
    for key, value in _entries(formula):
        if key in ("value_yuan", "cap_yuan", "rate") and isinstance(value, (int, float)):
            found.add((key, round(float(value), 6)))
    return found


def _entries(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from _entries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _entries(value)


def _typed(part: Part, gold: Part) -> bool:
    return bool(part.get("variable") == gold.get("variable"))


def _exact(part: Part, gold: Part) -> bool:
    return _typed(part, gold) and part.get("op") == gold.get("op") and _same_value(part, gold)


_AGREES: dict[str, Callable[[Part, Part], bool]] = {
    "located": lambda part, gold: True,
    "typed": _typed,
    "exact": _exact,
    "benefit": lambda part, gold: (
        part.get("kind") == gold.get("kind") and _sums(part.get("formula")) == _sums(gold.get("formula"))
    ),
}


def _faults(name: str, expected: list[Part], found: list[Part]) -> list[Fault]:
    """What went wrong, each gold condition set beside the reading that comes closest to it."""
    open_gold, open_read = list(range(len(expected))), list(range(len(found)))
    faults = []
    for agrees, fault in ((_exact, ""), (_typed, "wrong value"), (_AGREES["located"], "wrong variable")):
        for at in list(open_read):
            for gold in open_gold:
                if _overlap(found[at]["_span"], expected[gold]["_span"]) and agrees(found[at], expected[gold]):
                    open_gold.remove(gold)
                    open_read.remove(at)
                    if fault:
                        faults.append(Fault(name, _kind(expected[gold]), fault, expected[gold], found[at]))
                    break
    faults += [Fault(name, _kind(expected[at]), "missed", expected[at], None) for at in open_gold]
    return faults + [Fault(name, _kind(found[at]), "invented", None, found[at]) for at in open_read]


def _kind(part: Part) -> str:
    if _number(part) or (part["op"] == "between" and part.get("unit")):
        return "figure with a bound"
    return next((kind for kind, names in _KINDS if re.search(names, part["variable"])), "other")


def shown(scores: Scores, worst: int = 0) -> str:
    """The figures as lines of text; then faults by kind of sentence with examples, and the `worst` texts."""
    lines = []
    for level in LEVELS:
        precision, recall, f1 = scores.mean(level)
        number = sum(row[level] is not None for row in scores.rows.values())
        lines.append(f"{level:8} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f} over {number} documents")
    lines.append(f"ungrounded quotes: {scores.ungrounded} of {scores.quotes}")
    kinds = Counter(fault.kind for fault in scores.faults)
    for kind, number in kinds.most_common():
        of_kind = [fault for fault in scores.faults if fault.kind == kind]
        counts = Counter(fault.fault for fault in of_kind)
        lines.append(f"\n{kind}: {number}  ({', '.join(f'{name} {counts[name]}' for name in FAULTS if counts[name])})")
        lines.extend(f"  {fault.fault:14} {fault}" for fault in of_kind[:_EXAMPLES])
    if worst:
        lines.append("")
        order = sorted(scores.rows.items(), key=lambda entry: (entry[1]["exact"] or (0, 0, 0))[2])
        lines.extend(
            f"  {(row['exact'] or (0, 0, 0))[2]:.3f} exact, {(row['located'] or (0, 0, 0))[2]:.3f} located: {name}"
            for name, row in order[:worst]
        )
    return "\n".join(lines)
