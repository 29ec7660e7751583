"""How the conditions of an item join: all of them, one of a list, one tier of several, one way to each promise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from innozone.kernel.reading.assemble import Branch, Parsed
from innozone.kernel.reading.document import Document
from innozone.kernel.reading.hits import Hit, bounds_of
from innozone.kernel.reading.model import Group
from innozone.kernel.reading.numerals import number as number_of
from innozone.kernel.reading.understand import SUBJECT_VARIABLES

_ONE_OF = re.compile(r"之一|任一|其中一项|任意一")
_N_OF = re.compile(
    r"(?:任意|任何|至少|其中|不少于)(?:满足|具备|符合|达到)?(?:其中)?(?:的)?(?P<n>[一二两三四五六七八九\d])(?:项|个|条)|(?P<m>[二两三四五六七八九\d])(?:项|个|条)(?:及?以上)|(?:条件|情形|指标)中的?(?P<k>[二两三四五六七八九\d])(?:项|个|条)"
)
# What kind of firm is meant, and that it is one for the first time.
_FIRMS = frozenset({"industry", "entity_type", "enterprise_kind", "enterprise_scale", "above_scale", "first_time"})
_OTHERS = re.compile(r"^[^，；。]{0,3}其[他它余](?:企业|行业|情形|单位|类型)")


@dataclass(frozen=True, slots=True)
class Joined:
    """One branch of an item with the group of each of its statements; `name` is set where it is an alternative."""

    part: Parsed
    branch: Branch
    hits: list[Hit]
    groups: list[Group]
    rest: Group  # of what stays open
    name: str | None
    ways: dict[tuple[int, int], Group] = field(default_factory=dict)  # of what stays open within an alternative


def join(document: Document, number: int, branches: list[tuple[Parsed, Branch]], tiered: list[Hit]) -> list[Joined]:
    """Put the branches of item `number` into groups; `tiered` are their hits in one list, end points settled."""
    keys = _keys(document, branches, tiered)
    sizes = {key: sum(key == other for other in keys) for key in keys if key}
    counts: dict[str, int] = {}
    joined: list[Joined] = []
    at = 0
    for place, ((part, branch), key) in enumerate(zip(branches, keys, strict=True), 1):
        hits, at = tiered[at : at + len(branch.hits)], at + len(branch.hits)
        whole = Group("all", f"{number}.all")
        if key is None or sizes[key] < 2:
            head = f"{number}.or{place}_"
            groups = [_choice(head, hit, hits) if hit.choice else whole for hit in hits]
            ways = {span: Group("any", head + choice, way, way) for span, (choice, way) in branch.ways.items()}
            joined.append(Joined(part, branch, hits, groups, whole, None, ways))
            continue
        counts[key] = counts.get(key, 0) + 1
        name = str(counts[key])
        shared = [key == "any" and name == "1" and _shared(hit, branches, branch) for hit in hits]
        members = len(hits) - sum(shared)
        n = int(key[1:].partition("_")[0]) if key.startswith("n") else None
        kind = "any" if n is None else "n_of"
        one = Group(kind, f"{number}.{key}", name if members > 1 else None, name, n)
        if kind == "any" and hits and all(hit.way for hit in hits):
            # One clause of the list is itself this or that: each is one more way in.
            groups = [Group(kind, one.id, f"{name}.{hit.way}", f"{name}.{hit.way}") for hit in hits]
            ways = {
                span: Group(kind, one.id, f"{name}.{way}", f"{name}.{way}") for span, (_, way) in branch.ways.items()
            }
            joined.append(Joined(part, branch, hits, groups, one, None, ways))
            continue
        groups = [whole if common else one for common in shared]
        rest = Group(kind, f"{number}.{key}", name, name, n)
        joined.append(Joined(part, branch, hits, groups, rest, name if key == "any" else None))
    return joined


def _choice(head: str, hit: Hit, hits: list[Hit]) -> Group:
    """The group of a choice inside a clause; a way of one member needs no name."""
    among = sum((other.choice, other.way) == (hit.choice, hit.way) for other in hits)
    return Group("any", f"{head}{hit.choice}", hit.way if hit.way and among > 1 else None, hit.way)


def _keys(document: Document, branches: list[tuple[Parsed, Branch]], hits: list[Hit]) -> list[str | None]:
    """The group of alternatives that each branch belongs to, None for what always holds."""
    parents: dict[int, str] = {}
    keys: list[str | None] = []
    for part, branch in branches:
        parent = part.node.parent
        if branch.payments:
            keys.append("any")
        elif parent is not None and (n := _n_of(document, part)) > 1:
            keys.append(parents.setdefault(id(parent), f"n{n}_{len(parents) + 1}"))
        elif parent is not None and _one_of(document, part):
            keys.append(parents.setdefault(id(parent), f"one{len(parents) + 1}"))
        else:
            keys.append(None)
    for siblings in _siblings(branches, keys):
        tiers = _exclusive(branches, siblings)
        if not tiers and any(_begins_with_others(branches[i][0]) for i in siblings):
            tiers = siblings
        for i in tiers:
            keys[i] = f"tier{siblings[0] + 1}"
    return keys


def _siblings(branches: list[tuple[Parsed, Branch]], keys: list[str | None]) -> list[list[int]]:
    """Branches without a group whose clauses stand under one head."""
    under: dict[int, list[int]] = {}
    for i, ((part, _), key) in enumerate(zip(branches, keys, strict=True)):
        if key is None and part.node.parent is not None and part.node.parent.kind != "root":
            under.setdefault(id(part.node.parent), []).append(i)
    return [found for found in under.values() if len(found) > 1]


def _exclusive(branches: list[tuple[Parsed, Branch]], siblings: list[int]) -> list[int]:
    """The clauses that name ranges of one variable of which no two meet: tiers, of which one applies."""
    ranges: dict[str, dict[int, tuple[float, float]]] = {}
    for i in siblings:
        for hit in branches[i][1].hits:
            bounds = bounds_of(hit)
            if bounds is not None:
                ranges.setdefault(hit.variable, {}).setdefault(i, bounds)
    for found in ranges.values():
        spans = sorted(found.values())
        if len(spans) > 1 and all(one[1] <= two[0] for one, two in pairwise(spans)):
            return sorted(found)
    return []


def _begins_with_others(part: Parsed) -> bool:
    return bool(_OTHERS.search(part.folded.text.strip()))


def _head(document: Document, part: Parsed) -> str:
    """The sentence that opens the list of conditions which the clause belongs to, empty where there is none."""
    parent = part.node.parent
    if part.mode != "condition" or parent is None:
        return ""
    own = document.body[parent.start : parent.own_end].rstrip()
    return re.split(r"[。；\n]", own)[-1] if own.endswith(("：", ":")) else ""


def _one_of(document: Document, part: Parsed) -> bool:
    return bool(_ONE_OF.search(_head(document, part))) or _one_of_named(document, part)


def _one_of_named(document: Document, part: Parsed) -> bool:
    """The clause stands under 个人条件, and the sentence above has said 满足以下个人条件之一."""
    parent = part.node.parent
    if part.mode != "condition" or parent is None or parent.parent is None or not 2 < len(parent.heading) <= 12:
        return False
    above = document.body[parent.parent.start : parent.parent.own_end]
    return bool(re.search(rf"{re.escape(parent.heading)}(?:之一|中的?(?:任意)?一[项条]|任一)", above))


def _n_of(document: Document, part: Parsed) -> int:
    """How many of the list must hold: 任意两项, 至少3项; 0 where the head does not say."""
    found = _N_OF.search(_head(document, part))
    value = number_of(found["n"] or found["m"] or found["k"]) if found else None
    return int(value) if value is not None else 0


def _shared(hit: Hit, branches: list[tuple[Parsed, Branch]], first: Branch) -> bool:
    """A subject named once, in the first branch, is that of all branches."""
    if hit.variable not in SUBJECT_VARIABLES:
        return False
    others = {other.variable for _, branch in branches if branch is not first for other in branch.hits}
    # A branch that names firms of its own is not about those of the first.
    return hit.variable not in others and not (hit.variable in _FIRMS and others & _FIRMS)
