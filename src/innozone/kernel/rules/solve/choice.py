"""Which items to take: an integer programme, solved by branch and bound in whole fen.

Floating-point solvers take a variable for whole within a millionth. With sums of millions of fen under a cap that millionth
is money: HiGHS calls 0 the optimum of a programme whose optimum is 1 fen. Here every bound is a whole number, so that what
comes out is the best to the fen; the parts that have to be searched are small, as most limits tie only few items together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from innozone.kernel.rules.solve.limits import Limits, Members

#: So many partial choices are looked at for one part. Real limits take tens to hundreds.
MOST_STEPS = 200_000

#: Money in fen, items without a sum, applications for money (fewer are better, so below zero).
Worth = tuple[int, int, int]


class TooEntangled(ValueError):
    """Limits that tie so many items together that the best set is not found in time; `codes` names the items."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        super().__init__(f"the limits of {', '.join(codes)} tie too much together to be solved")


def choose(limits: Limits, amounts: Sequence[int], among: Collection[int]) -> frozenset[int]:
    """The best items to have together. amounts: fen, 0 for an item without a sum, which is taken along where it may.

    Wanted are, one after the other: most money, most items without a sum, fewest others, the items that come first by
    code. The answer is the same whatever the order in which items are given. Raises TooEntangled.
    """
    chosen: set[int] = set()
    full = {item for most in limits.mosts if most.number <= 0 for item in most.members}
    for items, within in limits.parts(frozenset(among) - full, amounts):
        chosen.update(_of_part(items, within, amounts))
    return frozenset(chosen)


def _of_part(items: list[int], within: Limits, amounts: Sequence[int]) -> Collection[int]:
    if not within.rooms and not within.against:
        if not within.mosts:
            return items
        if len(within.mosts) == 1:
            # So many of one group: the highest.
            return sorted(items, key=lambda item: (-amounts[item], item))[: within.mosts[0].number]
    return _Search(items, within, amounts).run()


@dataclass(frozen=True, slots=True)
class _Block:
    """Items of which at most `number` can be had: all of them, and those that lie here, by falling amount. Sets of items
    are bits."""

    all: int
    number: int
    here: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Region:
    """What lies under a cap, but under none within it; `inner` are the numbers of those."""

    blocks: tuple[_Block, ...]
    inner: tuple[int, ...]
    cap: int


class _Search:
    """Goes through the items of a part, each taken before it is left out, and turns back where nothing better can come.

    First by falling amount, which finds out soon how good the best set is; then by code: the first set of that worth that
    is met so is the one that the last wish, that of the codes, prefers.
    """

    def __init__(self, items: list[int], within: Limits, amounts: Sequence[int]) -> None:
        self.items, self.within, self.amounts = items, within, amounts
        bit = {item: 1 << at for at, item in enumerate(items)}
        self.pays = [amounts[item] for item in items]
        self.paying = _bits(bit[item] for item in items if amounts[item])
        self.by_amount = sorted(((amount, 1 << at) for at, amount in enumerate(self.pays)), key=lambda e: (-e[0], e[1]))
        self.mosts = [(_bits(bit[item] for item in most.members), most.number) for most in within.mosts]
        self.against = {bit[item]: _bits(bit[other] for other in within.against.get(item, ())) for item in items}
        blocks = [(_bits(bit[item] for item in members), number) for members, number in _blocks(items, within)]
        everything = (1 << len(items)) - 1
        self.groups = self._region(everything, blocks, (), 0)
        self.regions = self._regions(everything, blocks, bit)
        starts = self._starts(everything)
        #: The set of the best worth met so far; None = only the worth is known.
        self.found: int | None = max(starts, key=self._worth)
        self.best = self._worth(self.found)
        self.steps = 0

    def run(self) -> list[int]:
        everything = (1 << len(self.items)) - 1
        self._visit([bit for _amount, bit in self.by_amount], 0, 0, everything)
        self.found = None
        self._visit([1 << at for at in range(len(self.items))], 0, 0, everything)
        assert self.found is not None
        return self._chosen(self.found)

    def _visit(self, order: list[int], at: int, chosen: int, able: int) -> None:
        """`able` are the items not decided yet that may still be added to the chosen ones."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooEntangled([self.within.codes[item] for item in self.items])
        if not able:
            worth = self._worth(chosen)
            if worth > self.best or (worth == self.best and self.found is None):
                self.best, self.found = worth, chosen
            return
        if not self._promises(chosen, able):
            return
        while not able & order[at]:
            at += 1
        bit = order[at]
        self._visit(order, at + 1, chosen | bit, self._still(chosen, bit, able))
        self._visit(order, at + 1, chosen, able & ~bit)

    def _still(self, chosen: int, bit: int, able: int) -> int:
        """The items that may be added once this one is taken."""
        taken = chosen | bit
        able &= ~(bit | self.against[bit])
        for members, number in self.mosts:
            if members & bit and (members & taken).bit_count() >= number:
                able &= ~members
        return able

    def _promises(self, chosen: int, able: int) -> bool:
        """Can a set with these and some of the able items be better than the best so far, or as good and not met yet?"""
        money = self._most_money(chosen, able)
        if money != self.best[0]:
            return money > self.best[0]
        services = ((chosen | able) & ~self.paying).bit_count()
        needed = money - self.within.paid(self._chosen(chosen), self.amounts)
        applications = (chosen & self.paying).bit_count()
        for amount, bit in self.by_amount:
            if needed <= 0:
                break
            if able & bit:
                needed -= amount
                applications += 1
        bound = (money, services, -applications)
        return bound > self.best or (bound == self.best and self.found is None)

    def _most_money(self, chosen: int, able: int) -> int:
        """No set with these and some of the able items is paid more: by the groups, and by the caps."""
        values: list[int] = []
        for region in self.regions:
            value = _highest(region, chosen, able)
            for inner in region.inner:
                value += values[inner]
            values.append(min(value, region.cap))
        return min(_highest(self.groups, chosen, able), values[-1])

    def _worth(self, chosen: int) -> Worth:
        services = (chosen & ~self.paying).bit_count()
        return self.within.paid(self._chosen(chosen), self.amounts), services, -(chosen & self.paying).bit_count()

    def _chosen(self, bits: int) -> list[int]:
        return [item for at, item in enumerate(self.items) if bits >> at & 1]

    def _starts(self, everything: int) -> list[int]:
        """Good sets to begin with: one of the highest first, then the highest that still fit."""
        found = []
        for first in self.by_amount[:8]:
            chosen, able = 0, everything
            for _amount, bit in (first, *self.by_amount):
                if able & bit:
                    able = self._still(chosen, bit, able)
                    chosen |= bit
            found.append(chosen)
        return found

    def _regions(self, everything: int, blocks: list[tuple[int, int]], bit: dict[int, int]) -> list[_Region]:
        """The caps from the inside out, last what lies under none of them."""
        found: list[_Region] = []
        outermost: dict[int, int] = {}
        rooms = [(_bits(bit[item] for item in room.members), room.amount) for room in self.within.rooms]
        for members, cap in (*rooms, (everything, sum(self.pays))):
            inner = [(at, inside) for at, inside in outermost.items() if inside & members]
            for at, _inside in inner:
                del outermost[at]
            direct = members & ~_bits(inside for _at, inside in inner)
            outermost[len(found)] = members
            found.append(self._region(direct, blocks, tuple(at for at, _inside in inner), cap))
        return found

    def _region(self, direct: int, blocks: list[tuple[int, int]], inner: tuple[int, ...], cap: int) -> _Region:
        here = (
            _Block(members, number, tuple((bit, amount) for amount, bit in self.by_amount if bit & members & direct))
            for members, number in blocks
        )
        return _Region(tuple(block for block in here if block.here), inner, cap)


def _highest(region: _Region, chosen: int, able: int) -> int:
    """The amounts of the chosen items that lie here, and of the able ones, of each block only so many as still fit."""
    total = 0
    for block in region.blocks:
        room = block.number - (block.all & chosen).bit_count()
        for bit, amount in block.here:
            if chosen & bit:
                total += amount
            elif room > 0 and able & bit:
                total += amount
                room -= 1
    return total


def _blocks(items: list[int], within: Limits) -> list[tuple[Members, int]]:
    """Every item in one block of which at most so many can be had: for bounds."""
    free = frozenset(items)
    blocks: list[tuple[Members, int]] = []
    for most in sorted(within.mosts, key=lambda most: (most.number - len(most.members), most.group)):
        members = most.members & free
        if len(members) > most.number:
            blocks.append((members, most.number))
            free -= members
    for item in sorted(free):
        other = min(within.against.get(item, frozenset()) & free, default=None)
        if item in free and other is not None:
            blocks.append((frozenset({item, other}), 1))
            free -= {item, other}
    return blocks + [(frozenset({item}), 1) for item in free]


def _bits(parts: Iterable[int]) -> int:
    found = 0
    for part in parts:
        found |= part
    return found
