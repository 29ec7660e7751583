"""Which leaves stand between a verdict and true: the smallest sets that would turn it, and the reasons that keep it false.

Every leaf stands once in its tree. So the minimal sets of an `all` are the unions of those of its children, of an `any`
those of each child, and nothing has to be searched: the sets are counted exactly, and the smallest come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from innozone.kernel.rules.condition import Condition, Test
from innozone.kernel.rules.explain import Explanation
from innozone.kernel.rules.settle import settled
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import Dictionary

MOST_SETS = 32


@dataclass(frozen=True, slots=True)
class LeafSet:
    """Leaves by number (see Condition.leaves): `change` are decided by facts as they are, `find_out` are unknown."""

    change: tuple[int, ...]
    find_out: tuple[int, ...] = ()

    @property
    def leaves(self) -> tuple[int, ...]:
        return tuple(sorted(self.change + self.find_out))


@dataclass(frozen=True, slots=True)
class LeafSets:
    """Minimal sets, the smallest first; `count` is how many there are altogether."""

    sets: tuple[LeafSet, ...]
    count: int

    @property
    def complete(self) -> bool:
        return len(self.sets) == self.count


def failing_sets(explanation: Explanation, dictionary: Dictionary, most: int = MOST_SETS) -> LeafSets:
    """The minimal sets of leaves which, turned, make the verdict true; manual leaves are taken as confirmed.

    Those with fewer leaves come first, then those with less to find out. One empty set where nothing need be turned
    (the verdict is true, or only manual leaves are open), none where no leaf can help.
    """

    def own(leaf: Explanation) -> _Family:
        if leaf.manual or leaf.truth is Truth.of(leaf.asked):
            return _NOTHING
        return _one(leaf)

    return _told(_family(explanation, dictionary, own, True, most))


def reasons(explanation: Explanation, dictionary: Dictionary, most: int = MOST_SETS) -> LeafSets:
    """The minimal sets of leaves that keep a verdict false, whatever all the other leaves may be.

    None where the verdict is true or unknown; one empty set where it is false by the words of the rule alone.
    """

    def own(leaf: Explanation) -> _Family:
        return _one(leaf) if leaf.truth is Truth.of(not leaf.asked) else _NEVER

    return _told(_family(explanation, dictionary, own, False, most))


#: (how many leaves, how many of them unknown, the leaves, the unknown ones)
_Set = tuple[int, int, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Family:
    """The smallest of the minimal sets of a node in order, and how many there are."""

    sets: list[_Set]
    count: int


_NOTHING = _Family([(0, 0, (), ())], 1)
_NEVER = _Family([], 0)


def _one(leaf: Explanation) -> _Family:
    number = leaf.leaf or 0
    unknown = leaf.truth is Truth.UNKNOWN
    return _Family([(1, int(unknown), (number,), (number,) if unknown else ())], 1)


def _told(family: _Family) -> LeafSets:
    found = [LeafSet(tuple(sorted(set(leaves) - set(open_))), open_) for _, _, leaves, open_ in family.sets]
    return LeafSets(tuple(found), family.count)


def _family(
    node: Explanation, dictionary: Dictionary, own: Callable[[Explanation], _Family], wanted: bool, most: int
) -> _Family:
    """The sets that give a node the truth it should have (`wanted`), or the contrary."""
    fixed = _settled(node.condition, dictionary)
    if fixed is not None:
        return _NOTHING if (fixed is node.asked) is wanted else _NEVER
    if node.leaf is not None:
        return own(node)
    below = [_family(child, dictionary, own, wanted, most) for child in node.children]
    if node.kind == "not":
        return below[0]
    # Under a negation the node should fail; whatever is to be kept from failing needs the rest of the children.
    needed = node.n if node.asked else len(below) - node.n + 1
    return _least(needed if wanted else len(below) - needed + 1, below, most)


def _settled(condition: Condition | None, dictionary: Dictionary) -> bool | None:
    if condition is None:
        return None
    return settled(condition.expr if isinstance(condition, Test) else condition, dictionary)


def _least(n: int, below: list[_Family], most: int) -> _Family:
    """n of the children: those that hold by themselves, and of the others exactly as many as are still needed."""
    n -= sum(child is _NOTHING for child in below)
    if n <= 0:
        return _NOTHING
    # chosen[k]: the sets that turn k of the children seen so far.
    chosen = [_NOTHING] + [_NEVER] * n
    for child in below:
        if child is _NOTHING:
            continue
        for k in range(n, 0, -1):
            chosen[k] = _either(chosen[k], _both(chosen[k - 1], child, most), most)
    return chosen[n]


def _either(a: _Family, b: _Family, most: int) -> _Family:
    return _Family(sorted(a.sets + b.sets)[:most], a.count + b.count)


def _both(a: _Family, b: _Family, most: int) -> _Family:
    """Unions of a set of each. Of the `most` smallest, none is of the i-th and the j-th where i times j is above."""
    pairs = [
        (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])
        for at, one in enumerate(a.sets, 1)
        for other in b.sets[: most // at]
    ]
    return _Family(sorted(pairs)[:most], a.count * b.count)
