"""The money of a step, added up span by span: what the entitled get, what the unknown might, who wins and who loses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innozone.kernel.rules.bulk.amounts import SPAN_ROWS, AmountMaker, Amounts
from innozone.kernel.rules.bulk.outcome import Money, Verdicts
from innozone.kernel.rules.bulk.tally import LARGEST
from innozone.kernel.rules.functions import Floats
from innozone.kernel.rules.tree import Expr

#: The bulk evaluator takes more rows at once: each call of it costs more than a numpy operation.
LARGE_SPAN_ROWS = 8 * SPAN_ROWS

#: Verdicts of the present version, in the order of the segments.
TRUE, READY, UNKNOWN, FALSE = range(4)

Mask = NDArray[np.uint8]
Places = slice | NDArray[np.int64]
#: What is paid at least and at most at live places: no less than nothing, inf where nothing bounds it.
Ends = Callable[[Expr, NDArray[np.int64]], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Adjoining live rows of one present verdict. exact: the present amount of each is known exactly."""

    start: int
    stop: int
    then: int
    exact: bool

    @property
    def whole(self) -> slice:
        return slice(self.start, self.stop)

    def spans(self, size: int = SPAN_ROWS) -> list[slice]:
        """The rows in spans that fit the cache."""
        return [slice(at, min(at + size, self.stop)) for at in range(self.start, self.stop, size)]


class Ledger:
    """Adds up versions of a benefit over the rows that any version may pay, which come first among the live rows.

    Nobody gets less than nothing, and no amount of LARGEST or more is believed: it has no upper end.
    amounts: the present amounts of these rows, NaN where one is not known exactly. groups: for each of those a number, rows of one
    number having the same known facts; and for each number the place of one of its rows.
    """

    def __init__(
        self,
        maker: AmountMaker,
        segments: Sequence[Segment],
        benefit: Expr,
        amounts: Floats,
        groups: tuple[NDArray[np.int64], NDArray[np.int64]],
        ends: Ends,
    ) -> None:
        self.maker = maker
        self.segments = segments
        self.benefit = benefit
        self.amounts = amounts
        self.ends = ends
        self._open = np.flatnonzero(np.isnan(amounts))
        self._groups, self._representatives = groups
        self._then = self._ends_of_open(benefit)

    def account(self, verdicts: Verdicts, benefit: Expr) -> Account:
        """The sums of a version with these verdicts and this benefit."""
        account = Account(verdicts, len(self.amounts))
        if benefit is self.benefit:
            self._plain(account, Amounts(lambda span: self.amounts[span]), self._then, moved=False)
            return account
        self.maker.values.keep_unmoved(benefit, self.benefit)
        plain = self.maker.plain(benefit)
        if plain is not None:
            try:
                with np.errstate(over="raise", invalid="ignore"):
                    self._plain(account, plain, self._ends_of_open(benefit), moved=True)
                return account
            except FloatingPointError:  # too large for some row: the bulk evaluator says for which
                account = Account(verdicts, len(self.amounts))
        self._any(account, benefit)
        return account

    def _plain(self, account: Account, amounts: Amounts, ends: tuple[Floats, Floats], *, moved: bool) -> None:
        """Where an amount is known exactly as long as its parts are, which are the same as in the present version."""
        for segment in self.segments:
            if not segment.exact:
                self._open_rows(account, segment, ends)
                continue
            for span in segment.spans():
                if account.looks(segment.then, span):
                    now = _paid(amounts.of(span)) if account.pays(span) else None
                    account.exact(segment.then, span, now, self.amounts[span], moved=moved)

    def _any(self, account: Account, benefit: Expr) -> None:
        amounts, ends = self.maker.any(benefit), self._ends_of_open(benefit)
        for segment in self.segments:
            if not segment.exact:
                self._open_rows(account, segment, ends)
                continue
            apart: list[NDArray[np.int64]] = []
            for span in segment.spans(LARGE_SPAN_ROWS):
                now = np.maximum(amounts.of(span), 0.0)
                unknown = ~(now < LARGEST)
                if unknown.any():
                    apart.append(np.flatnonzero(unknown) + span.start)
                    now = np.where(unknown, 0.0, now)
                for part in Segment(0, len(now), segment.then, True).spans():
                    inner = slice(span.start + part.start, span.start + part.stop)
                    if account.looks(segment.then, inner):
                        account.exact(
                            segment.then, inner, now[part], self.amounts[inner], moved=True, apart=unknown[part]
                        )
            if apart:
                places = np.concatenate(apart)
                before = self.amounts[places]
                account.between(segment.then, places, self.ends(benefit, places), (before, before))

    def _open_rows(self, account: Account, segment: Segment, ends: tuple[Floats, Floats]) -> None:
        first, last = np.searchsorted(self._open, (segment.start, segment.stop))
        account.between(segment.then, segment.whole, ends, self._then, self._groups[first:last])

    def _ends_of_open(self, benefit: Expr) -> tuple[Floats, Floats]:
        """The ends of each group."""
        return self.ends(benefit, self._representatives) if len(self._open) else (np.empty(0), np.empty(0))


def _paid(amounts: Floats) -> Floats:
    """What is paid: no less than nothing. Raises FloatingPointError for an amount that nobody is paid."""
    if not amounts.max() < LARGEST:
        raise FloatingPointError
    return np.maximum(amounts, 0.0) if amounts.min() < 0 else amounts


class Account:
    """Sums of one step. `money` holds low and high of sure, ready, cost, gained, lost, raised and lowered, `unbounded`
    the rows without an end; raised, lowered and unsettled count rows."""

    def __init__(self, verdicts: Verdicts, length: int) -> None:
        self._true, self._false = (
            np.unpackbits(words.view(np.uint8), count=length, bitorder="little")
            for words in (verdicts.true, verdicts.false)
        )
        # Without a person's check the same rows, and then one mask does for both.
        self._granted = self._true
        if verdicts.granted is not verdicts.true:
            self._granted = np.unpackbits(verdicts.granted.view(np.uint8), count=length, bitorder="little")
        self._ones, self._change = np.empty(SPAN_ROWS), np.empty(SPAN_ROWS)
        self.low: defaultdict[str, float] = defaultdict(float)
        self.high: defaultdict[str, float] = defaultdict(float)
        self.unbounded: Counter[str] = Counter()
        self.raised = self.lowered = self.unsettled = 0

    def money(self, name: str) -> Money:
        return Money(self.low[name], self.high[name], self.unbounded[name])

    def looks(self, then: int, span: slice) -> bool:
        """Is there a row in the span that gets something, might, or loses it."""
        return then in (TRUE, READY) or self.pays(span)

    def pays(self, span: slice) -> bool:
        """Is there a row in the span that is not false."""
        return int(np.count_nonzero(self._false[span])) < span.stop - span.start

    def exact(
        self,
        then: int,
        span: slice,
        now: Floats | None,
        before: Floats,
        *,
        moved: bool,
        apart: NDArray[np.bool_] | None = None,
    ) -> None:
        """Rows whose amounts are known exactly, before and now; None = all of them are false now. `apart` are left out."""
        true, false = self._true[span], self._false[span]
        granted = true if self._granted is self._true else self._granted[span]
        here = None
        if apart is not None and apart.any():
            here = (~apart).view(np.uint8)
            same = granted is true
            true, false = true & here, false & here
            granted = true if same else granted & here
        if then in (TRUE, READY):
            lost = self._total(before, self._weights(false))
            self._put("lost", lost, lost)
        if now is None:
            return
        weights = self._weights(true)
        sure = ready = self._total(now, weights)
        self._put("sure", sure, sure)
        self._put("cost", sure, sure)
        if granted is not true:
            weights = self._weights(granted)
            ready = self._total(now, weights)
            self._put("ready", ready - sure, ready - sure)
        if then == FALSE:
            self._put("gained", ready, ready)
        elif moved and then in (TRUE, READY):
            self._changes(now, before, weights)
        open_ = (true | false) ^ (np.uint8(1) if here is None else here)
        weights = self._weights(open_)
        if weights is not None and not weights.size:
            return
        self._put("cost", 0.0, self._total(now, weights))

    def between(
        self,
        then: int,
        places: Places,
        now: tuple[Floats, Floats],
        before: tuple[Floats, Floats],
        groups: NDArray[np.int64] | None = None,
    ) -> None:
        """Rows whose amounts lie between two ends, now and before: the ends of each row, or of each group of rows."""
        low, high = now
        true, granted, false = (
            self._rows(each[places], groups, len(low)) for each in (self._true, self._granted, self._false)
        )
        everyone = self._rows(np.ones(len(groups), dtype=np.uint8), groups, len(low)) if groups is not None else 1.0
        open_ = everyone - true - false
        self._ends("sure", low, high, true)
        self._ends("cost", low, high, true)
        self._ends("cost", np.zeros_like(low), high, open_)
        self._ends("ready", low, high, granted - true)
        if then == FALSE:
            self._ends("gained", low, high, granted)
        elif then in (TRUE, READY):
            self._ends("lost", *before, false)
            differs = (low != before[0]) | (high != before[1])
            self.unsettled += int(granted[differs].sum())

    @staticmethod
    def _rows(mask: Mask, groups: NDArray[np.int64] | None, number: int) -> Floats:
        """How many rows of each group are chosen."""
        if groups is None:
            return mask.astype(np.float64)
        if number == 1:
            return np.array([float(np.count_nonzero(mask))])
        return np.bincount(groups, weights=mask, minlength=number).astype(np.float64)

    def _changes(self, now: Floats, before: Floats, weights: Floats | None) -> None:
        if weights is not None and not weights.size:
            return
        change = np.subtract(now, before, out=self._change[: len(now)])
        if weights is not None:
            change *= weights
        up, down = float(change.max()) > 0, float(change.min()) < 0
        net = size = float(change.sum()) if up or down else 0.0
        if up:
            self.raised += int(np.count_nonzero(change > 0))
        if down:
            self.lowered += int(np.count_nonzero(change < 0))
            size = float(np.abs(change, out=change).sum()) if up else -net
        self._put("raised", (size + net) / 2, (size + net) / 2)
        self._put("lowered", (size - net) / 2, (size - net) / 2)

    def _weights(self, mask: Mask) -> Floats | None:
        """The chosen rows as ones among zeros; None for all of them, an empty array for none."""
        chosen = int(np.count_nonzero(mask))
        if chosen == len(mask):
            return None
        weights = self._ones[: len(mask) if chosen else 0]
        np.copyto(weights, mask if chosen else mask[:0])
        return weights

    @staticmethod
    def _total(amounts: Floats, weights: Floats | None) -> float:
        if weights is None:
            return float(amounts.sum())
        return float(np.dot(amounts, weights)) if weights.size else 0.0

    def _ends(self, name: str, low: Floats, high: Floats, rows: Floats) -> None:
        some = rows > 0
        low, high, rows = low[some], high[some], rows[some]
        told, bounded = low < LARGEST, high < LARGEST
        self._put(name, float((low[told] * rows[told]).sum()), float((high[bounded] * rows[bounded]).sum()))
        self.unbounded[name] += int(rows[~bounded].sum())

    def _put(self, name: str, low: float, high: float) -> None:
        self.low[name] += low
        self.high[name] += high
