"""What holds, or fails, whatever an unknown fact may be: `revenue[-1] < 500万 or revenue[-1] >= 500万` is true of a firm
whose revenue nobody has told.

Kleene's rules look at one comparison at a time and call that unknown. Here the sets of values of each quantity are put
together. Only what the rule itself says is believed: numbers may be of any size, whole or not, and there may be codes
that no list names; and only quantities count that have a value as soon as their fact is told, so that no division by
zero hides behind a verdict. Every engine asks here, so that all give the same verdict.
"""

from __future__ import annotations

from innozone.kernel.rules.condition import Condition, Test
from innozone.kernel.rules.domains import Domain, join, meet
from innozone.kernel.rules.parts import Part, Reader
from innozone.kernel.rules.tree import Expr, Ref, Years, walk
from innozone.kernel.terms import Dictionary

Node = Condition | Expr

#: Answers kept per dictionary, by node.
MOST_KEPT = 65_536
MOST_DICTIONARIES = 64


def settled(node: Node, dictionary: Dictionary) -> bool | None:
    """True or False when the node has that truth whatever the facts that nobody has told; None when it depends on them.

    Asked of every node that joins others (all, any, at_least, and, or, each, some) before it is called unknown.
    """
    settler = _settlers.get(id(dictionary))
    if settler is None:
        if len(_settlers) >= MOST_DICTIONARIES:
            _settlers.clear()
        settler = _settlers[id(dictionary)] = _Settler(dictionary)
    return settler.settled(node)


class _Settler:
    """Keeps the answers of one dictionary, which it holds: no other one can have its identity meanwhile."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.reader = Reader(dictionary)
        # By identity: an equal node asks again, which costs less than to compare trees. The node is kept with the answer.
        self._kept: dict[int, tuple[Node, bool | None]] = {}

    def settled(self, node: Node) -> bool | None:
        kept = self._kept.get(id(node))
        if kept is not None:
            return kept[1]
        found = self._found(node) if _repeats(node) else None
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[id(node)] = node, found
        return found

    def _found(self, node: Node) -> bool | None:
        if possible(self.reader.read(node)) is None:
            return False
        return True if possible(self.reader.read(node, negate=True)) is None else None


_settlers: dict[int, _Settler] = {}


def possible(part: Part) -> dict[Expr, Domain] | None:
    """For each quantity the values with which the part may hold, those left out may have any; None when it never holds."""
    if part.domain is not None and part.key is not None:
        return {part.key: part.domain} if part.domain else None
    if not part.children:
        return {}
    found = [each for each in (possible(child) for child in part.children) if each is not None]
    if len(found) < part.n:
        return None
    told: dict[Expr, list[Domain]] = {}
    for each in found:
        for key, domain in each.items():
            told.setdefault(key, []).append(domain)
    if len(found) == part.n:
        together = {key: meet(*domains) for key, domains in told.items()}
        return together if all(together.values()) else None
    # Whichever n hold: one that speaks of the quantity is among them when fewer than n do not.
    return {key: join(*domains) for key, domains in told.items() if len(found) - len(domains) < part.n}


def _repeats(node: Node) -> bool:
    """Does a variable stand twice in it? Most rules name each once and need no closer look."""
    seen: set[str] = set()
    todo: list[Node] = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, Condition):
            todo.extend(each.items)
            if isinstance(each, Test):
                todo.append(each.expr)
            continue
        for below in walk(each):
            if isinstance(below, Ref | Years):
                if below.name in seen:
                    return True
                seen.add(below.name)
    return False
