"""The way there: the cheapest changes of facts that make a verdict true, and the day when time alone does.

    repair(condition, subject) -> Repairs          .ways, cheapest first; .by_itself; .proved
    raise_score(expr, target, subject) -> Repairs  the same for a number to reach

A way is a day, what to change until then, and what must turn out well of that which nobody has told. On its day, with
its changes, the reference evaluator gives true. What a figure costs to change comes from the dictionary (`effort`);
what is marked as not mutable is left out, save designations that some item grants. Manual leaves are taken as confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from innozone.kernel.rules.condition import AllOf, AnyOf, AtLeast, Condition, Manual, Negation, Test
from innozone.kernel.rules.evaluate import Evaluator, evaluate
from innozone.kernel.rules.meaning import with_formulas
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.reads import expressions
from innozone.kernel.rules.solve.repair_days import break_days
from innozone.kernel.rules.solve.repair_findings import findings_of
from innozone.kernel.rules.solve.repair_moves import Mover, named_in
from innozone.kernel.rules.solve.repair_search import Search, State
from innozone.kernel.rules.solve.repair_tree import Builder, Node, atoms
from innozone.kernel.rules.solve.repair_world import Budget, Changes, Key, Names, Outlook, Target
from innozone.kernel.rules.subject import Notes, Scalar, Subject
from innozone.kernel.rules.tree import DESIGNATIONS, Compare, Expr, Flag, Number, Records, walk
from innozone.kernel.rules.truth import Truth
from innozone.kernel.terms import UNKNOWN, Dictionary, Unknown, Value

MOST_WAYS = 3
#: Times that a rule or a part of it is evaluated on one firm, on all days together.
MOST_EVALUATIONS = 1500
#: Ways that cost more than so many times the cheapest, and so many points beyond, are of no interest.
FAR_TIMES, FAR_POINTS = 4, 200
#: Points for a day of waiting: a year weighs as much as some 36 working days.
WAITING = 0.1
#: Years looked ahead for ways that need changes, and for what time alone brings.
PATIENCE = 5
HORIZON = 30
#: Days on which changes are looked for.
MOST_DAYS = 12


@dataclass(frozen=True, slots=True)
class Change:
    """One fact to change, `target` being the least change that will do.

    `year` is the calendar year, None for facts without years. `present` is what it changes from: the figure of
    `known_year` where the year's own is not known yet. A set of codes changes to the whole set; more records (variable
    `ip[]`) are a tuple of them, each (field, value) pairs. `grants`: for each designation gained the items that grant
    it. `leaves`: the leaves of the condition that it serves, by number.
    """

    variable: str
    year: int | None
    present: Value | Unknown
    known_year: int | None
    target: Target
    cost: float
    grants: tuple[tuple[str, tuple[str, ...]], ...] = ()
    leaves: tuple[int, ...] = ()

    @property
    def up(self) -> bool:
        """Does a figure rise."""
        return _number(self.target) > _number(self.present)


@dataclass(frozen=True, slots=True)
class Finding:
    """What nobody has told and must turn out so: an expression in calendar years; `wanted` False says the contrary."""

    expr: Expr
    wanted: bool = True
    leaves: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """What to do and by when. effort: points of all changes and findings; cost: with the points for waiting.

    until: the last day of that year on which it holds, where time ends it before the year is over. assumed: figures of
    years to come (variable, year) that are taken to be as in the year before. manual: leaves that a person still judges.
    """

    day: date
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    effort: float
    cost: float
    until: date | None = None
    assumed: tuple[tuple[str, int], ...] = ()
    manual: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Repairs:
    """truth: the verdict now, manual leaves taken as confirmed. by_itself: the first day on which it is true if nothing
    changes but time, None when it is true already or that never comes within HORIZON years. proved: the first way is
    the cheapest there is within PATIENCE years, or, without ways, there is none; False where the search was cut short or
    could not be sure.
    """

    truth: Truth
    ways: tuple[Way, ...]
    by_itself: date | None
    proved: bool
    evaluations: int = 0


def repair(
    condition: Condition,
    subject: Subject,
    *,
    grants: Mapping[str, Sequence[str]] | None = None,
    most: int = MOST_WAYS,
    most_evaluations: int = MOST_EVALUATIONS,
) -> Repairs:
    """The cheapest ways to a true verdict, at most `most`. grants: designation → codes of the items that grant it."""
    return _Repair(condition, subject, grants or {}, most, most_evaluations).found()


def raise_score(
    expr: Expr | str,
    target: float | Decimal,
    subject: Subject,
    *,
    grants: Mapping[str, Sequence[str]] | None = None,
    most: int = MOST_WAYS,
    most_evaluations: int = MOST_EVALUATIONS,
) -> Repairs:
    """The cheapest ways to a number of at least `target`."""
    score = parse(expr) if isinstance(expr, str) else expr
    test = Test(Compare(">=", score, Number(Decimal(str(target)))))
    return repair(test, subject, grants=grants, most=most, most_evaluations=most_evaluations)


class _Repair:
    def __init__(
        self, condition: Condition, subject: Subject, grants: Mapping[str, Sequence[str]], most: int, evaluations: int
    ) -> None:
        self.condition, self.subject, self.grants, self.most = condition, subject, grants, most
        self.confirmed = confirmed(condition, True)
        self.manual = tuple(at for at, leaf in enumerate(condition.leaves()) if isinstance(leaf, Manual))
        self.budget = Budget(evaluations)
        self.ways: list[_Draft] = []
        self.proved = True
        self.days: tuple[date, ...] = ()
        # The rule in calendar years is the same on all days of a year.
        self._years: dict[int, Node] = {}
        self._names = Names(subject.dictionary)
        self._asked = _asked(condition, subject.dictionary)

    def found(self) -> Repairs:
        truth = evaluate(self.confirmed, self.subject)
        if truth is Truth.TRUE:
            return Repairs(truth, (), None, True)
        by_itself = self._days()
        drafts = sorted(self.ways, key=lambda way: (way.cost, way.search.outlook.day))[: self.most]
        return Repairs(truth, tuple(map(self._way, drafts)), by_itself, self.proved, self.budget.used)

    def _days(self) -> date | None:
        """Searches day by day; the day on which time alone makes it true ends that: later ways only cost more."""
        today = self.subject.as_of
        until = date(min(today.year + HORIZON, date.max.year), 12, 31)
        later = break_days(self.condition, self.subject, until)
        self.days = later.days
        near = [day for day in later.days if day.year <= today.year + PATIENCE]
        self.proved &= later.complete and len(near) < MOST_DAYS
        before: object = None
        for at, day in enumerate((today, *later.days)):
            outlook = Outlook(self.subject, day, self.grants, self._names, self.budget)
            if evaluate(self.confirmed, outlook.world({})) is Truth.TRUE:
                self._take(self._search(outlook), State())
                return day
            if at > MOST_DAYS or day.year > today.year + PATIENCE:
                continue
            bound = self._bound(day)
            if bound <= 0:
                continue
            search = self._search(outlook)
            situation = day.year, tuple(search.truth(atom, State()) for atom in atoms(search.tree))
            if situation != before:
                self._run(outlook, search)
            before = situation
        return None

    def _search(self, outlook: Outlook) -> Search:
        year = outlook.day.year
        if year not in self._years:
            self._years[year] = Builder(outlook).whole(self.condition)
        return Search(outlook, self._years[year], Mover(outlook, *self._asked))

    def _run(self, outlook: Outlook, search: Search) -> None:
        best = self._best(outlook.day)
        told = partial(self._told, search)
        for found, state in enumerate(search.run(self._bound(outlook.day), told), 1):
            self._take(search, state)
            if found >= self.most or state.cost >= self._bound(outlook.day):
                break
        self.proved &= search.certain and not search.cut
        if search.dropped and search.certain and not search.cut:
            # Moves that lead away pay only together with others: looked at in the end, below the best cost found.
            again = Search(outlook, search.tree, search.mover, wide=True)
            for state in again.run(min(best, self._best(outlook.day)), told):
                self._take(again, state)
                break
            self.proved &= again.certain and not again.cut

    def _told(self, search: Search, state: State) -> bool:
        """Is a way known already that is no later, no dearer, and about nothing else."""
        draft = self._draft(search, state) if self.ways and state.changes else None
        return draft is not None and any(way.covers(draft) for way in self.ways)

    def _waiting(self, day: date) -> float:
        return WAITING * (day - self.subject.as_of).days

    def _best(self, day: date) -> float:
        """What a way on that day must cost less than to be the cheapest."""
        return min((way.cost for way in self.ways), default=float("inf")) - self._waiting(day)

    def _bound(self, day: date) -> float:
        """What a way on that day must cost less than to be one of those given."""
        costs = sorted(way.cost for way in self.ways)
        if not costs:
            return float("inf")
        far = FAR_TIMES * costs[0] + FAR_POINTS
        return min([far, *costs[self.most - 1 : self.most]]) - self._waiting(day)

    def _draft(self, search: Search, state: State) -> _Draft:
        cost = round(state.cost + self._waiting(search.outlook.day), 6)
        return _Draft(search, state, cost, _about(search, state))

    def _take(self, search: Search, state: State) -> None:
        """Takes a way up that the evaluator confirms."""
        outlook = search.outlook
        if not state.assumed and evaluate(self.confirmed, outlook.world(state.changes)) is not Truth.TRUE:
            self.proved = False
            return
        way = self._draft(search, state)
        if not any(other.covers(way) for other in self.ways):
            self.ways = [*(other for other in self.ways if not way.covers(other)), way]

    def _way(self, draft: _Draft) -> Way:
        search, state, outlook = draft.search, draft.state, draft.search.outlook
        served: dict[str, dict[int, None]] = {}
        for atom in atoms(search.tree):
            if search.truth(atom, State()) is not Truth.TRUE and search.truth(atom, state) is Truth.TRUE:
                for name in atom.names:
                    served.setdefault(name, {})[atom.leaf] = None
        changes = []
        for key, target in state.changes.items():
            present = outlook.present(key, state.changes)
            if present is not UNKNOWN or isinstance(target, tuple):
                leaves = tuple(served.get(key[0], ()))
                changes.append(self._change(outlook, key, target, present, state.changes, leaves))
        return Way(
            day=outlook.day,
            changes=tuple(changes),
            findings=tuple(Finding(*found) for found in findings_of(search, state)),
            effort=round(state.cost, 6),
            cost=draft.cost,
            until=self._until(outlook, state),
            assumed=self._assumed(outlook, state.changes),
            manual=self.manual if self._judged(outlook, state.changes) else (),
        )

    def _judged(self, outlook: Outlook, changes: Changes) -> bool:
        """Is a person's judgement still needed."""
        return bool(self.manual) and evaluate(self.condition, outlook.world(changes)) is not Truth.TRUE

    def _until(self, outlook: Outlook, state: State) -> date | None:
        for day in () if state.assumed else self.days:
            if outlook.day < day and day.year == outlook.day.year:
                later = Outlook(self.subject, day, self.grants, self._names, self.budget)
                if evaluate(self.confirmed, later.world(state.changes)) is not Truth.TRUE:
                    return day - timedelta(days=1)
        return None

    def _assumed(self, outlook: Outlook, changes: Changes) -> tuple[tuple[str, int], ...]:
        notes = Notes()
        Evaluator(outlook.world(changes), notes).truth(self.confirmed)
        return tuple(
            (name, year)
            for (name, year), value in notes.inputs.items()
            if year is not None and year >= outlook.first and value is not UNKNOWN
            if (name, year) not in changes and self.subject.get(name, year) is UNKNOWN
        )

    def _change(
        self,
        outlook: Outlook,
        key: Key,
        target: Target,
        present: Value | Unknown,
        changes: Changes,
        leaves: tuple[int, ...],
    ) -> Change:
        gained = target - present if isinstance(target, frozenset) and isinstance(present, frozenset) else frozenset()
        grants = tuple((code, tuple(self.grants.get(code, ()))) for code in sorted(gained) if key[0] == DESIGNATIONS)
        return Change(
            variable=key[0],
            year=key[1],
            present=present,
            known_year=outlook.known_year(*key),
            target=target,
            cost=round(outlook.cost_of(key, target, changes), 6),
            grants=grants,
            leaves=leaves,
        )


def _about(search: Search, state: State) -> frozenset[tuple[str, str]]:
    """What a state changes and what it waits for."""
    about = {("found", name) for atom in state.assumed for name in atom.names}
    for key, target in state.changes.items():
        present = search.outlook.present(key, state.changes)
        if isinstance(target, frozenset) and isinstance(present, frozenset):
            about |= {(key[0], code) for code in target ^ present}
        else:
            found = present is UNKNOWN and not isinstance(target, tuple)
            about.add(("found", key[0]) if found else (key[0], ""))
    return frozenset(about)


@dataclass(frozen=True, eq=False)
class _Draft:
    """A state in which the rule holds. `facts` is what it is about; what is about more of the same is no way of its own."""

    search: Search
    state: State
    cost: float
    facts: frozenset[tuple[str, str]]

    def covers(self, other: _Draft) -> bool:
        """Is this no later, no dearer, and about nothing else."""
        earlier = self.search.outlook.day <= other.search.outlook.day
        return earlier and self.cost <= other.cost and self.facts <= other.facts


def confirmed(condition: Condition, asked: bool) -> Condition:
    """The condition with its manual leaves confirmed."""
    match condition:
        case AllOf(of):
            return AllOf(tuple(confirmed(node, asked) for node in of))
        case AnyOf(of):
            return AnyOf(tuple(confirmed(node, asked) for node in of))
        case AtLeast(n, of):
            return AtLeast(n, tuple(confirmed(node, asked) for node in of))
        case Negation(of):
            return Negation(confirmed(of, not asked))
        case Manual():
            return Test(Flag(asked))
    return condition


def _asked(condition: Condition, dictionary: Dictionary) -> tuple[dict[str, list[Expr]], list[str]]:
    """What a rule asks of records, by kind, and the codes and texts that it names."""
    filters: dict[str, list[Expr]] = {}
    codes: dict[str, None] = {}
    for part in dict.fromkeys(part for expr in expressions(condition) for part in with_formulas(expr, dictionary)):
        codes |= dict.fromkeys(named_in(part))
        for node in walk(part):
            if isinstance(node, Records):
                filters.setdefault(node.record, []).append(node.where)
    return filters, list(codes)


def _number(value: Target | Scalar) -> float:
    return float(value) if isinstance(value, int | float | Decimal) else 0.0
