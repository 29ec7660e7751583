"""Rules compiled once, to be run over any snapshot of their day: whole, part by part, some rows of it, or one firm alone.

program = Program({"a": condition, "b": other}, dictionary, as_of, {"a": "min(10% * rd_expense[-1], 50万)"})
program = program.changed({"b": reworded, "c": added, "a": None})     # only b and c are compiled, a is gone
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from innozone.kernel.rules.bulk.compare import source_of
from innozone.kernel.rules.bulk.lower import Atom, Lowering, Node
from innozone.kernel.rules.bulk.machine import Step, shared
from innozone.kernel.rules.condition import Condition
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr
from innozone.kernel.terms import Dictionary


class Program:
    """Rules over one dictionary and reference day. It is never changed: `changed` and `only` give others, which share
    what has been compiled.

    rules: the conditions by id. amounts: the benefit of some of them. steps: the compiled conditions. atoms: all
    distinct comparisons that were ever compiled, by number; `groups` holds those in use, one list for each source, by
    the number of the source.
    """

    def __init__(
        self,
        rules: Mapping[str, Condition],
        dictionary: Dictionary,
        as_of: date,
        benefits: Mapping[str, Expr | str] | None = None,
    ) -> None:
        """Raises ValueError for a benefit without a rule."""
        self.dictionary = dictionary
        self.as_of = as_of
        self.rules: dict[str, Condition] = {}
        self.amounts: dict[str, Expr] = {}
        self.steps: dict[str, Step] = {}
        self._atoms: dict[Atom, int] = {}
        self._sources: dict[object, int] = {}
        self._source_of: list[int] = []
        self._slots: dict[Node, int] = {}
        self._compile(rules, benefits or {})

    @property
    def atoms(self) -> list[Atom]:
        return list(self._atoms)

    def changed(
        self, rules: Mapping[str, Condition | None], benefits: Mapping[str, Expr | str] | None = None
    ) -> Program:
        """The program with these rules added or in place of those of the same id, or taken away (None).

        Only they are compiled; a benefit goes with its rule and is given anew. Raises ValueError for a benefit
        without a rule.
        """
        made = self._kept([id for id in self.rules if id not in rules])
        made._compile({id: rule for id, rule in rules.items() if rule is not None}, benefits or {})
        return made

    def only(self, ids: Iterable[str]) -> Program:
        """The part of the program for these rules. Raises KeyError for an unknown id."""
        made = self._kept(list(ids))
        made._use()
        return made

    def _kept(self, ids: list[str]) -> Program:
        made = object.__new__(Program)
        made.dictionary, made.as_of = self.dictionary, self.as_of
        made.rules = {id: self.rules[id] for id in ids}
        made.amounts = {id: self.amounts[id] for id in ids if id in self.amounts}
        made.steps = {id: self.steps[id] for id in ids}
        made._atoms, made._sources, made._slots = dict(self._atoms), dict(self._sources), dict(self._slots)
        made._source_of = list(self._source_of)
        return made

    def _compile(self, rules: Mapping[str, Condition], benefits: Mapping[str, Expr | str]) -> None:
        unknown = benefits.keys() - rules.keys()
        if unknown:
            raise ValueError(f"benefits without a rule: {', '.join(sorted(unknown))}")
        lowering = Lowering(self.dictionary, self.as_of, self._atoms)
        nodes = {id: lowering.condition(rule) for id, rule in rules.items()}
        for atom in list(self._atoms)[len(self._source_of) :]:
            self._source_of.append(self._sources.setdefault(source_of(atom), len(self._sources)))
        for node in shared(nodes.values()):
            self._slots.setdefault(node, len(self._slots))
        self.rules |= rules
        self.steps |= {id: Step(node, self._source_of, self._slots) for id, node in nodes.items()}
        self.amounts |= {id: parse(expr) if isinstance(expr, str) else expr for id, expr in benefits.items()}
        self._use()

    def _use(self) -> None:
        """Notes which comparisons the rules still ask for."""
        groups: dict[int, dict[int, None]] = {}
        for step in self.steps.values():
            for literal in step.literals():
                groups.setdefault(literal.source, {})[literal.atom] = None
        self.groups = {source: list(atoms) for source, atoms in groups.items()}
