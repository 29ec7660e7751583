"""The best set of one enterprise in words: what counts of each item, what cut it, why the rest does not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.verdicts import portfolios, rules
from innozone.foundation.verdicts.live import ItemVerdict, State
from innozone.kernel.rules.solve.portfolio import Between, Left, Open, Portfolio, Taken
from innozone.kernel.rules.solve.stacking import Group
from innozone.kernel.terms.units import format_number
from innozone.portal import wording

#: In this order items stand in a list.
Place = Literal["taken", "open", "left"]
PLACES: tuple[Place, ...] = ("taken", "open", "left")


@dataclass(frozen=True)
class Line:
    """What one item does in the best set. counts: the amount that counts where it is not the claimed one; why: what cut
    it, or keeps it out."""

    place: Place
    counts: str = ""
    why: str = ""


@dataclass(frozen=True)
class BestShown:
    """The best set. total: what is known to count; range: between which sums it lies while amounts are not known; more:
    what it would come to if every open check turned out well; lines: item → what it does; problem: why there is no set."""

    total: str = ""
    range: str = ""
    more: str = ""
    lines: Mapping[str, Line] = field(default_factory=dict)
    problem: str = ""

    def count(self, place: Place) -> int:
        return sum(line.place == place for line in self.lines.values())

    @property
    def taken(self) -> int:
        return self.count("taken")

    @property
    def others(self) -> int:
        return self.count("left") + self.count("open")


def of(found: Sequence[ItemVerdict]) -> BestShown:
    """The best set of what an enterprise is entitled to; `found` are its verdicts on all rules."""
    words = Words(found)
    try:
        portfolio = best(found)
        both = best(found, ("entitled", "ready"))
    except portfolios.Unsolved as error:
        names = listed([words.name(code) for code in error.codes])
        return BestShown(problem=_("The limits of these items contradict each other: %(items)s.") % {"items": names})
    return BestShown(
        total=money(portfolio.total) if portfolio.total else "",
        range=words.range(portfolio),
        more=money(both.total) if both.total > portfolio.total else "",
        lines={
            **{each.code: words.taken(each) for each in portfolio.taken},
            **{each.code: words.left(each) for each in portfolio.left},
            **{each.code: words.open(each) for each in portfolio.open},
        },
    )


def best(found: Sequence[ItemVerdict], states: Sequence[State] = ("entitled",)) -> Portfolio:
    """The best set of this year."""
    return portfolios.best(found, states, year=timezone.localdate().year)


class Words:
    """Says in the reader's language what a portfolio says in codes."""

    def __init__(self, found: Sequence[ItemVerdict]) -> None:
        self.names = {item.rule.code: wording.local_text(item.rule, "name") for item in found}
        self.groups: dict[str, Group] = {
            group.code: group for item in found for group in rules.parsed(item.version).stacking.groups
        }

    def name(self, code: str) -> str:
        """The name of an item or a group; its code when nothing in force bears it."""
        if code in self.groups:
            return self.groups[code].label.get(wording.language()) or code
        return self.names.get(code, code)

    def taken(self, taken: Taken) -> Line:
        if not taken.cut_by:
            return Line("taken")
        return Line("taken", _amount(taken.amount), self.cut(taken))

    def cut(self, taken: Taken) -> str:
        """What cut an amount."""
        if taken.cut_by == taken.code:
            return _("cut from %(claimed)s: the cap of this item") % {"claimed": _amount(taken.claimed)}
        values = {"claimed": _amount(taken.claimed), "group": self.name(taken.cut_by)}
        return _("cut from %(claimed)s: the cap of “%(group)s”") % values

    def left(self, left: Left) -> Line:
        return Line("left", why=self.why(left))

    def why(self, left: Left) -> str:
        """Why an item does not count."""
        most = self.groups[left.group].most if left.group in self.groups else None
        values = {
            "group": self.name(left.group),
            "by": listed([self.name(code) for code in left.by]),
            "most": str(most or ""),
        }
        match left.why:
            case "group" if most == 1:
                return _("only the highest of “%(group)s” counts: %(by)s") % values
            case "group":
                return _("no more than %(most)s of “%(group)s” count: %(by)s") % values
            case "excluded":
                return _("cannot be had together with %(by)s") % values
            case "cap" if left.group == left.code:
                return _("the cap of this item is used up")
            case "cap":
                return _("the cap of “%(group)s” is used up: %(by)s") % values
            case "quota":
                return _("all places are taken")
            case "received":
                return _("received already this year")
            case "nothing":
                return _("the formula gives nothing")

    def open(self, unsettled: Open) -> Line:
        return Line("open", why=self.depends(unsettled))

    def depends(self, unsettled: Open) -> str:
        """From which amount on an item of unknown amount would count."""
        values = {"by": listed([self.name(code) for code in unsettled.by]), "above": money(unsettled.above)}
        if unsettled.above:
            return _("its amount is not known yet; above %(above)s it counts in place of %(by)s") % values
        return _("its amount is not known yet; it cannot be had together with %(by)s") % values

    def range(self, portfolio: Portfolio) -> str:
        """Between which sums the best set lies; empty when all amounts are known."""
        if not any(isinstance(each.amount, Between) for each in (*portfolio.taken, *portfolio.open)):
            return ""
        values = {"low": money(portfolio.low), "high": money(portfolio.high or 0)}
        if portfolio.high is None and portfolio.low == portfolio.total:
            return _("some amounts are not known yet and come on top")
        if portfolio.high is None:
            return _("at least %(low)s: some amounts are not known yet") % values
        return _("%(low)s to %(high)s: some amounts are not known yet") % values


def money(fen: int) -> str:
    """Fen as people read it."""
    return format_number(Decimal(fen) / 100, "元", wording.language())


def _amount(amount: int | Between | None) -> str:
    return money(amount) if isinstance(amount, int) else ""


def listed(names: Sequence[str]) -> str:
    """Names with the comma of the language between them."""
    return ("、" if wording.language().startswith("zh") else ", ").join(names)
