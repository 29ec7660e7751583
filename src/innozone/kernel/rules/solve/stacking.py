"""What may be combined, and how a budget is shared, as declared: groups of items, exclusions, caps, budgets, quotas, orders.

The data of an item says (the packs in YAML, RuleVersion.data in JSON):

    stacking:
      groups: [rd_support]                  # in JSON each group in full
      excludes: [loan_support]              # items or groups that cannot be had together with it
      cap: {amount: 50万, years: 1}         # per enterprise; years: all = ever
    allocation:
      budget: 3000万
      quota: 50                             # enterprises
      order: [{highest: "rd_ratio[-1]"}, time, lottery]
      last: cut                             # what becomes of the first that no longer fits: cut, skip, stop

A group: {label, most, cap, allocation}. `most: 1` is 就高不重复: of its items one counts. Everything may carry `quote` and
`source`. Money is in fen inside, in 元 in the data. What is not declared is not limited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from innozone.kernel.rules.condition import locate
from innozone.kernel.rules.errors import RuleSyntaxError
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.tree import Expr
from innozone.kernel.rules.words import say
from innozone.kernel.terms import Label
from innozone.kernel.terms.units import parse_number

KeyKind = Literal["time", "lottery", "highest", "lowest", "pro_rata"]
Last = Literal["cut", "skip", "stop"]

LASTS: tuple[Last, ...] = get_args(Last)
#: Keys that stand alone, and keys that carry an expression.
_BARE = ("time", "lottery", "pro_rata")
_WITH_EXPRESSION = ("highest", "lowest", "pro_rata")

_STACKING_KEYS = ("groups", "excludes", "cap", "quote", "source")
_GROUP_KEYS = ("code", "label", "most", "cap", "allocation", "quote", "source")
_CAP_KEYS = ("amount", "years")
_ALLOCATION_KEYS = ("budget", "quota", "order", "last", "floor", "quote", "source")

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class StackingProblem:
    """What is wrong with a declaration: the place in its data (`groups[0].cap.years`) and the sentence with its cure."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that one enterprise may get, in fen, within `years` calendar years up to the present one; None = ever."""

    amount: int
    years: int | None = 1

    def to_data(self) -> dict[str, Any]:
        return {"amount": yuan(self.amount), "years": "all" if self.years is None else self.years}


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an order. time: the earliest first; lottery: drawn; highest, lowest: by the value of `expr`.

    pro_rata stands alone: everyone gets a share, in proportion to `expr` or, without one, to what is claimed.
    """

    kind: KeyKind
    expr: str = ""

    @property
    def parsed(self) -> Expr | None:
        return parse(self.expr) if self.expr else None

    def to_data(self) -> str | dict[str, str]:
        return {self.kind: self.expr} if self.expr else self.kind


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """How much there is and who comes first. budget, floor: fen; quota: enterprises; None = no limit.

    A later key of `order` decides between those that are equal in all before it. last: the first claim that no longer
    fits is cut to what is left, skipped, or ends it. floor: the least that anyone gets of a budget shared pro rata.
    """

    budget: int | None = None
    quota: int | None = None
    order: tuple[OrderKey, ...] = ()
    last: Last = "stop"
    floor: int = 0
    quote: str = ""
    source: str = ""

    @property
    def pro_rata(self) -> bool:
        return bool(self.order) and self.order[0].kind == "pro_rata"

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self.budget is not None:
            data["budget"] = yuan(self.budget)
        if self.quota is not None:
            data["quota"] = self.quota
        data["order"] = [key.to_data() for key in self.order]
        if not self.pro_rata:
            data["last"] = self.last
        if self.floor:
            data["floor"] = yuan(self.floor)
        return data | _anchor(self)


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are looked at together. most: how many of them one enterprise may have (1 = 就高不重复); None = all."""

    code: str
    label: Label
    most: int | None = None
    cap: Cap | None = None
    allocation: AllocationRule | None = None
    quote: str = ""
    source: str = ""

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"code": self.code, "label": {"zh": self.label.zh, "en": self.label.en}}
        if self.most is not None:
            data["most"] = self.most
        if self.cap is not None:
            data["cap"] = self.cap.to_data()
        if self.allocation is not None:
            data["allocation"] = self.allocation.to_data()
        return data | _anchor(self)


@dataclass(frozen=True, slots=True)
class Stacking:
    """What one item may be combined with. excludes: codes of items and groups; an exclusion holds both ways."""

    groups: tuple[Group, ...] = ()
    excludes: tuple[str, ...] = ()
    cap: Cap | None = None
    quote: str = ""
    source: str = ""

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self.groups:
            data["groups"] = [group.to_data() for group in self.groups]
        if self.excludes:
            data["excludes"] = list(self.excludes)
        if self.cap is not None:
            data["cap"] = self.cap.to_data()
        return data | _anchor(self)


def yuan(fen: int) -> str:
    """Fen as 元 in digits: 150 → `1.5`."""
    whole, rest = divmod(abs(fen), 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"-{text}" if fen < 0 else text


def _anchor(declared: AllocationRule | Group | Stacking) -> dict[str, str]:
    return {key: getattr(declared, key) for key in ("quote", "source") if getattr(declared, key)}


def load_stacking(
    data: Any, groups: Mapping[str, Group] | None = None, document: str | None = None
) -> tuple[Stacking | None, list[StackingProblem]]:
    """The declaration of an item and all that is wrong with it. `groups`: those that may be named by their code alone."""
    return _loaded(data, document, lambda reader: reader.stacking(data, groups or {}))


def load_group(code: str, data: Any, document: str | None = None) -> tuple[Group | None, list[StackingProblem]]:
    """The group of that code and all that is wrong with it."""
    return _loaded(data, document, lambda reader: reader.group(code, data, ""))


def load_allocation(data: Any, document: str | None = None) -> tuple[AllocationRule | None, list[StackingProblem]]:
    """The rule of an allocation and all that is wrong with it."""
    return _loaded(data, document, lambda reader: reader.allocation(data, ""))


def _loaded(
    data: Any, document: str | None, read: Callable[[_Reader], Found]
) -> tuple[Found | None, list[StackingProblem]]:
    if data is None:
        return None, []
    reader = _Reader(document)
    found = read(reader)
    return (None if reader.problems else found), reader.problems


class _Reader:
    """Reads declared data and notes every problem with its place."""

    def __init__(self, document: str | None) -> None:
        self.document = document
        self.problems: list[StackingProblem] = []

    def stacking(self, data: Any, groups: Mapping[str, Group]) -> Stacking:
        if isinstance(data, Mapping) and set(data) == {"group", "rule"}:
            # Versions kept before groups had figures of their own: highest and exclusive allowed one, sum all.
            most = None if data["rule"] == "sum" else 1
            return Stacking((Group(str(data["group"]), Label(str(data["group"]), ""), most),))
        form = self._form(data, "", _STACKING_KEYS)
        named = tuple(
            found
            for at, entry in enumerate(self._list(form, "groups", ""))
            if (found := self._group_of(entry, f"groups[{at}]", groups)) is not None
        )
        codes = [group.code for group in named]
        for at, code in enumerate(codes):
            if code in codes[:at]:
                self._wrong(f"groups[{at}]", say("the group {} stands twice", code))
        excludes = []
        for at, entry in enumerate(self._list(form, "excludes", "")):
            if not isinstance(entry, str):
                self._wrong(f"excludes[{at}]", say("name an item or a group by its code"))
            elif entry in codes:
                self._wrong(f"excludes[{at}]", say("it belongs to the group {}; write most: 1 at the group", entry))
            else:
                excludes.append(entry)
        return Stacking(named, tuple(excludes), self._cap(form, ""), *self._words(form, ""))

    def group(self, code: str, data: Any, path: str) -> Group:
        form = self._form(data, path, _GROUP_KEYS)
        label = form.get("label")
        if not isinstance(label, Mapping) or not label.get("zh"):
            self._wrong(_join(path, "label"), say("name the group in both languages: {{zh: …, en: …}}"))
            label = {}
        allocation = self.allocation(form["allocation"], _join(path, "allocation")) if "allocation" in form else None
        most, cap = self._whole(form, "most", path), self._cap(form, path)
        if most is None and cap is None and allocation is None:
            self._wrong(path, say("the group limits nothing; give it most, cap or allocation"))
        names = Label(str(label.get("zh", code)), str(label.get("en", "")))
        return Group(code, names, most, cap, allocation, *self._words(form, path))

    def allocation(self, data: Any, path: str) -> AllocationRule:
        form = self._form(data, path, _ALLOCATION_KEYS)
        order = self._order(form, path)
        rule = AllocationRule(
            self._money(form, "budget", path),
            self._whole(form, "quota", path),
            order,
            self._last(form, path),
            self._money(form, "floor", path) or 0,
            *self._words(form, path),
        )
        if rule.budget is None and rule.quota is None:
            self._wrong(path, say("there is nothing to share; give it a budget or a quota"))
        if rule.pro_rata and (rule.budget is None or rule.quota is not None):
            self._wrong(_join(path, "order"), say("pro_rata shares a budget among all; a quota needs an order"))
        if rule.floor and not rule.pro_rata:
            self._wrong(_join(path, "floor"), say("a floor belongs to a budget shared pro_rata"))
        if rule.budget is not None and not rule.pro_rata and "last" not in form:
            self._wrong(path, say("say what becomes of the first that no longer fits: last: cut, skip or stop"))
        return rule

    def _group_of(self, entry: Any, path: str, groups: Mapping[str, Group]) -> Group | None:
        if isinstance(entry, Mapping):
            return self.group(str(entry.get("code", "")), entry, path)
        if isinstance(entry, str) and entry in groups:
            return groups[entry]
        known = say("; known here: {}", ", ".join(sorted(groups))) if groups else ""
        self._wrong(path, say("there is no group {}{}", entry, known))
        return None

    def _order(self, form: Mapping[str, Any], path: str) -> tuple[OrderKey, ...]:
        place = _join(path, "order")
        if "order" not in form:
            self._wrong(path, say("say who comes first; give it an order such as [time, lottery]"))
            return ()
        entries = self._list(form, "order", path)
        keys = tuple(key for at, entry in enumerate(entries) if (key := self._key(entry, f"{place}[{at}]")) is not None)
        for at, key in enumerate(keys):
            if key.kind == "pro_rata" and len(keys) > 1:
                self._wrong(f"{place}[{at}]", say("pro_rata stands alone: nobody comes first"))
            if key.kind == "lottery" and at < len(keys) - 1:
                self._wrong(
                    f"{place}[{at + 1}]", say("a lottery leaves nothing open; what stands behind it says nothing")
                )
        if not entries:
            self._wrong(place, say("the order is empty; write for example [time, lottery]"))
        return keys

    def _key(self, entry: Any, path: str) -> OrderKey | None:
        if entry in _BARE:
            return OrderKey(entry)
        if isinstance(entry, Mapping) and len(entry) == 1:
            ((kind, text),) = entry.items()
            if kind in _WITH_EXPRESSION and isinstance(text, str):
                try:
                    parse(text)
                except RuleSyntaxError as error:
                    self._wrong(f"{path}.{kind}", error.said)
                    return None
                return OrderKey(kind, text)
        cure = say("write time, lottery, pro_rata, {{highest: expression}} or {{lowest: expression}}")
        self._wrong(path, say("“{}” is no key of an order; {}", entry, cure))
        return None

    def _last(self, form: Mapping[str, Any], path: str) -> Last:
        last = form.get("last", "stop")
        if last not in LASTS:
            self._wrong(_join(path, "last"), say("last cannot be {}; write cut, skip or stop", last))
            return "stop"
        return last

    def _cap(self, form: Mapping[str, Any], path: str) -> Cap | None:
        if "cap" not in form:
            return None
        place = _join(path, "cap")
        inner = self._form(form["cap"], place, _CAP_KEYS)
        amount = self._money(inner, "amount", place)
        years = inner.get("years")
        if amount is None and "amount" not in inner:
            self._wrong(place, say("a cap names its amount: {{amount: 50万, years: 1}}"))
        if years != "all" and not (isinstance(years, int) and not isinstance(years, bool) and years >= 1):
            self._wrong(
                _join(place, "years"), say("say for how many years the cap holds: years: 1, years: 3 or years: all")
            )
            return None
        return None if amount is None else Cap(amount, None if years == "all" else years)

    def _money(self, form: Mapping[str, Any], key: str, path: str) -> int | None:
        if key not in form:
            return None
        text, place = str(form[key]), _join(path, key)
        try:
            fen = parse_number(text, "元", "元") * 100
        except ValueError as error:
            self._wrong(place, say("{}; write a sum of money such as 50万", error))
            return None
        if fen <= 0 or fen != fen.to_integral_value():
            self._wrong(place, say("{} is no sum of money; write one above zero, to the fen", text))
            return None
        return int(fen)

    def _whole(self, form: Mapping[str, Any], key: str, path: str) -> int | None:
        value = form.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            self._wrong(_join(path, key), say("{} is a whole number from 1", key))
            return None
        return value

    def _words(self, form: Mapping[str, Any], path: str) -> tuple[str, str]:
        quote, source = str(form.get("quote", "")).strip(), str(form.get("source", "")).strip()
        if quote and self.document is not None and locate(quote, self.document, source) is None:
            self._wrong(_join(path, "quote"), say("the quote “{}” is not in the document{}", quote, ""))
        return quote, source

    def _form(self, data: Any, path: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(data, Mapping):
            self._wrong(path, say("this must be a mapping with {}", ", ".join(keys)))
            return {}
        for key in data:
            if key not in keys:
                self._wrong(_join(path, str(key)), say("there is no key {}; known here: {}", key, ", ".join(keys)))
        return data

    def _list(self, form: Mapping[str, Any], key: str, path: str) -> list[Any]:
        value = form.get(key, [])
        if not isinstance(value, list):
            self._wrong(_join(path, key), say("{} must be a list", key))
            return []
        return value

    def _wrong(self, path: str, message: str) -> None:
        self.problems.append(StackingProblem(path, message))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
