"""What holds, or fails, whatever an unknown fact may be: `revenue[-1] < 500万 or revenue[-1] >= 500万` is true of a firm
whose revenue nobody has told.

Kleene's rules look at one comparison at a time and call that unknown. Here the sets of values of each quantity are put
together. Only what the rule itself says is believed: numbers may be of any size, whole or not, and there may be codes
that no list names; and only quantities count that have a value as soon as their fact is told, so that no division by
zero hides behind a verdict. Every engine asks here, so that all give the same verdict.
"""

from __future__ import annotations

from innozone.kernel.rules.condition import Condition, Test
from innozone.kernel.rules.domains import Domain, in_at_least, meet
from innozone.kernel.rules.parts import Part, Reader, conjuncts
from innozone.kernel.rules.tree import Expr, Ref, Years, children
from innozone.kernel.terms import Dictionary

Node = Condition | Expr
Possible = dict[Expr, Domain]

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
        found = self._found(node) if repeats(node) else None
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[id(node)] = node, found
        return found

    def _found(self, node: Node) -> bool | None:
        if possible(self.reader.read(node), {}) is None:
            return False
        return True if possible(self.reader.read(node, negate=True), {}) is None else None


_settlers: dict[int, _Settler] = {}


def possible(part: Part, around: Possible) -> Possible | None:
    """For each quantity the values with which the part may hold where the values `around` it hold too; None when it
    never does. A quantity that is left out may have any value."""
    told = list(conjuncts(part))
    named: dict[Expr, list[Domain]] = {key: [domain] for key, domain in around.items()}
    for each in told:
        if each.key is not None and each.domain is not None:
            named.setdefault(each.key, []).append(each.domain)
    within = {key: meet(*domains) for key, domains in named.items()}
    if not all(within.values()):
        return None
    # Comparisons first: they rule out alternatives.
    for each in told:
        found = _alternatives(each, within) if each.children else within
        if found is None:
            return None
        within = found
    return within


def _alternatives(part: Part, around: Possible) -> Possible | None:
    found = [each for each in (possible(child, around) for child in part.children) if each is not None]
    told: dict[Expr, list[Domain]] = {}
    for each in found:
        for key, domain in each.items():
            told.setdefault(key, []).append(domain)
    together: Possible = {}
    for key, domains in told.items():
        # So many of those that speak of the quantity must hold, even if all that do not speak of it do.
        least = part.n - (len(found) - len(domains))
        if least > 0:
            together[key] = in_at_least(least, domains)
    return together if len(found) >= part.n and all(together.values()) else None


def repeats(node: Node) -> bool:
    """Does a variable stand twice in it? Most rules name each once: nothing of them is settled."""
    seen: set[str] = set()
    todo: list[Node] = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, Ref | Years):
            if each.name in seen:
                return True
            seen.add(each.name)
        elif isinstance(each, Expr):
            todo.extend(children(each))
        elif isinstance(each, Test):
            todo.append(each.expr)
        else:
            todo.extend(each.items)
    return False
