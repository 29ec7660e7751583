"""Items of one policy held against each other: what is paid twice, falls between two of them, or can never come about.

Each item may be sound by itself. Only what follows from the items as they stand is said: an error where the policy then
does what nobody can mean, a warning where its author should look again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from innozone.kernel.rules.bounded import Bounded
from innozone.kernel.rules.check import Problem
from innozone.kernel.rules.condition import Condition, Test
from innozone.kernel.rules.dead import dead_parts
from innozone.kernel.rules.domains import Domain, NumberSet, inside, join, meet
from innozone.kernel.rules.meaning import codelist_of, subtree
from innozone.kernel.rules.parts import Part, conjuncts, implies
from innozone.kernel.rules.settle import possible
from innozone.kernel.rules.solve.stacking import Group, Stacking
from innozone.kernel.rules.tree import DESIGNATIONS, Expr, Has, Ref
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Dictionary


@dataclass(frozen=True)
class Item:
    """What an item says, as far as others may contradict it.

    kind: of the benefit; only benefits of one kind add up. grants: the designation of a recognition.
    """

    code: str
    condition: Condition
    name: str = ""
    benefit: Expr | None = None
    kind: str = ""
    grants: str | None = None
    stacking: Stacking = field(default=Stacking())

    @property
    def shown(self) -> str:
        return f"“{self.name or self.code}”"

    @property
    def groups(self) -> dict[str, Group]:
        return {group.code: group for group in self.stacking.groups}

    def excludes(self, other: Item) -> bool:
        """Is it declared that both cannot be had together, by this item or by the other."""
        named = ({other.code, *other.groups}, self.stacking), ({self.code, *self.groups}, other.stacking)
        return any(codes & set(stacking.excludes) for codes, stacking in named)


def check_items(items: Sequence[Item | None], dictionary: Dictionary) -> list[Problem]:
    """The problems that the items of one policy have with each other; paths begin with `items[n]`.

    The items have been checked and have no errors of their own; None stands in the place of one that has.
    """
    reader = Bounded(dictionary)
    read = [_Read(at, item, reader) for at, item in enumerate(items) if item is not None]
    found: list[Problem] = []
    for each in read:
        found += _benefit_beside_condition(each, dictionary)
    for one, other in combinations(read, 2):
        found += _pair(one, other)
    found += _gaps(read)
    found += _out_of_reach(read, dictionary)
    return found


class _Read:
    """An item with what its condition says, taken apart."""

    def __init__(self, at: int, item: Item, reader: Bounded) -> None:
        self.at, self.item, self.reader = at, item, reader
        self.part = reader.read(item.condition)
        told = list(conjuncts(self.part))
        self.atoms = [part for part in told if part.single is not None]
        self.mixed = [part for part in told if part.single is None]
        self.said: dict[Expr, Domain] = {}
        for part in self.atoms:
            assert part.single is not None
            key, domain = part.single
            self.said[key] = meet(self.said[key], domain) if key in self.said else domain

    def problem(self, severity: str, message: str, part: Part | None = None) -> Problem:
        place = f"items[{self.at}]"
        if part is not None:
            place += f".conditions.{part.path}" if part.path else ".conditions"
        return Problem("error" if severity == "error" else "warning", message, place, part.span if part else None)

    def of(self, key: Expr, like: Domain) -> Domain:
        """The values that the condition leaves to a quantity."""
        return self.said.get(key, self.reader.universe(key, like))

    def on(self, key: Expr) -> Part | None:
        """The last part that speaks of the quantity alone."""
        return next((part for part in reversed(self.atoms) if part.single is not None and part.single[0] == key), None)


def _benefit_beside_condition(each: _Read, dictionary: Dictionary) -> Iterator[Problem]:
    """Branches of the benefit that nobody gets to who fulfils the condition."""
    benefit = each.item.benefit
    known = possible(each.part, {})
    if benefit is None or known is None:
        return
    alone = dead_parts(benefit, dictionary, Problem)
    for problem in dead_parts(benefit, dictionary, Problem, known):
        if problem not in alone:
            yield replace(problem, severity="warning", path=f"items[{each.at}].benefit.amount")


def _pair(one: _Read, other: _Read) -> Iterator[Problem]:
    a, b = one.item, other.item
    if a.excludes(b):
        yield from _excluded(one, other)
        yield from _excluded(other, one)
        return
    if a.grants and a.grants == b.grants:
        yield from _read_in_two_ways(one, other)
    if a.groups.keys() & b.groups.keys():
        yield from _never_counts(one, other)
        yield from _never_counts(other, one)
        return
    paid = a.benefit is not None and b.benefit is not None and a.kind == b.kind
    if not paid and not (a.grants and b.grants):
        return
    apart = _apart(one, other)
    if apart is None:
        return
    if not apart:
        if paid:
            amount = say("the same") if a.benefit == b.benefit else say("another amount")
            message = say("{} gives {} under the same conditions: both are paid", a.shown, amount)
            yield other.problem("error", say("{}; leave one out, make one item of them, or name a group", message))
        return
    (key, mine, theirs) = apart
    both = meet(mine, theirs)
    if not isinstance(both, NumberSet) or not both:
        return
    where, values = other.on(key) or one.on(key), one.reader.in_words(key, both)
    place = other if other.on(key) else one
    rival = a if place is other else b
    if all(one.reader.only(key, *cuts) is not None for cuts in both.spans):
        message = say("{} of {} fits {} too; write < or > on one side, or name a group", values, key, rival.shown)
        yield place.problem("error", message, where)
    elif paid:
        message = say("whoever has {} {} gets {} too, and both are paid", key, values, rival.shown)
        yield place.problem("warning", say("{}; name a group if only one is meant", message), where)


def _apart(one: _Read, other: _Read) -> tuple[Expr, Domain, Domain] | tuple[()] | None:
    """The one number in which two conditions differ, with the values each leaves it; () when they say the same, None
    when they differ in more or otherwise."""
    if len(one.mixed) != len(other.mixed) or len(one.said.keys() ^ other.said.keys()) > 1:
        return None
    for left, right in ((one, other), (other, one)):
        if not all(any(implies(mine, theirs) for mine in left.mixed) for theirs in right.mixed):
            return None
    differ: list[tuple[Expr, Domain, Domain]] = []
    for key in dict.fromkeys((*one.said, *other.said)):
        like = one.said.get(key) or other.said[key]
        mine, theirs = one.of(key, like), other.of(key, like)
        if not (inside(mine, theirs) and inside(theirs, mine)):
            differ.append((key, mine, theirs))
    if not differ:
        return ()
    return differ[0] if len(differ) == 1 and isinstance(differ[0][1], NumberSet) else None


def _never_counts(low: _Read, high: _Read) -> Iterator[Problem]:
    """Of a group one item counts: never the one that gives less and asks no less."""
    one_counts = [code for code, group in low.item.groups.items() if group.most == 1 and code in high.item.groups]
    if not one_counts or low.item.benefit is None or high.item.benefit is None:
        return
    less, more = (low.reader.constant(benefit) for benefit in (low.item.benefit, high.item.benefit))
    if isinstance(less, float) and isinstance(more, float) and less < more and implies(low.part, high.part):
        message = say("never counts: whoever fulfils it fulfils {} too, which gives more", high.item.shown)
        yield low.problem("error", say("{}, and of the group {} only one counts", message, one_counts[0]))


def _excluded(one: _Read, other: _Read) -> Iterator[Problem]:
    """An item that cannot be had together with another, and asks for what the other gives."""
    for part, accepted in _asked(one):
        if other.item.grants in accepted and len(accepted) == 1:
            message = say(
                "asks for {}, which {} grants; yet the two exclude each other", other.item.grants, other.item.shown
            )
            yield one.problem("error", message, part)


def _asked(each: _Read) -> Iterator[tuple[Part, frozenset[str]]]:
    """The designations that the condition asks for: the part, and the codes any one of which will do."""
    for part in each.atoms:
        match part.node:
            case Has(Ref(name, None) as held, roots) if name == DESIGNATIONS and not part.negated:
                yield part, subtree(codelist_of(held, each.reader.dictionary), roots)


def _read_in_two_ways(one: _Read, other: _Read) -> Iterator[Problem]:
    """Two ways to one designation that rest on the same words and contradict each other."""
    words = dict(_quotes(one))
    for key, quote in _quotes(other):
        if words.get(key) == quote and not meet(one.said[key], other.said[key]):
            message = say("{} reads the same words “{}” otherwise: nobody can fulfil both", one.item.shown, quote)
            yield other.problem("error", say("{}, and both grant {}", message, one.item.grants), other.on(key))


def _quotes(each: _Read) -> Iterator[tuple[Expr, str]]:
    """The quantities of leaves that speak of one, with the words they rest on."""
    for path, node in each.item.condition.walk():
        if isinstance(node, Test) and node.anchor.quote:
            part = each.reader.read(node, path)
            if part.single is not None and part.single[0] in each.said:
                yield part.single[0], node.anchor.quote


def _gaps(read: Sequence[_Read]) -> Iterator[Problem]:
    """A single value that falls between the tiers of a policy, each an item of its own."""
    families: list[tuple[Expr, list[_Read]]] = []
    for one, other in combinations(read, 2):
        alike = one.item.kind == other.item.kind and bool(one.item.grants) == bool(other.item.grants)
        apart = _apart(one, other) if alike else None
        if not apart:
            continue
        family = next((members for key, members in families if key == apart[0] and one in members), None)
        if family is None:
            families.append((apart[0], [one, other]))
        elif other not in family:
            family.append(other)
    for key, members in families:
        taken = join(*(member.of(key, members[0].said.get(key) or members[1].said[key]) for member in members))
        left = meet(members[0].reader.universe(key, taken), ~taken)
        assert isinstance(left, NumberSet)
        for low, high in left.spans:
            only = members[0].reader.only(key, low, high)
            # Above and below zero are two things, and zero is neither.
            if only:
                value = members[0].reader.in_words(key, NumberSet(((low, high),)))
                last = members[-1]
                names = ", ".join(member.item.shown for member in members[:-1])
                message = say("{} of {} fits neither this item nor {}; write <= or >= on one side", value, key, names)
                yield last.problem("warning", message, last.on(key))


def _out_of_reach(read: Sequence[_Read], dictionary: Dictionary) -> Iterator[Problem]:
    """Recognitions that ask for designations which only they themselves lead to."""
    granting = {each.item.grants for each in read if each.item.grants}
    reached: set[str] = set()
    waiting = [each for each in read if each.item.grants]

    def open_to(each: _Read) -> bool:
        return all(accepted - granting or accepted & reached for _, accepted in _asked(each))

    while ready := [each for each in waiting if open_to(each)]:
        reached |= {each.item.grants for each in ready if each.item.grants}
        waiting = [each for each in waiting if each not in ready]
    for each in waiting:
        if each.item.grants in reached:
            continue
        part, accepted = next((part, accepted) for part, accepted in _asked(each) if not accepted & reached)
        message = say(
            "asks for {}, which the policy grants only to those who hold {} already",
            ", ".join(sorted(accepted & granting)),
            each.item.grants,
        )
        yield each.problem("warning", message, part)
