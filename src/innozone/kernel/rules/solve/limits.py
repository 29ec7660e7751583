"""The declared limits of several items put together: how many of a group, what excludes what, caps within caps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from innozone.kernel.rules.solve.stacking import Cap, Group, Stacking

#: Numbers of items, in the order of their codes.
Members = frozenset[int]


class CapsOverlap(ValueError):
    """Two caps of which neither lies within the other: what is paid under both has no single meaning."""

    def __init__(self, one: str, other: str) -> None:
        self.codes = (one, other)
        super().__init__(
            f"the caps of {one} and {other} overlap; let the items of one all belong to the other, or none of them"
        )


@dataclass(frozen=True, slots=True)
class Received:
    """What an enterprise got for an item in a calendar year, in fen."""

    code: str
    year: int
    amount: int
    stacking: Stacking = field(default_factory=Stacking)


@dataclass(frozen=True, slots=True)
class Most:
    """Of the members at most `number` count; `by` names received items that have taken places already."""

    members: Members
    number: int
    group: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """The members get at most `amount` fen together; `code` is that of the group or of the item that has the cap."""

    members: Members
    amount: int
    code: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """codes: of all items, ascending. rooms: caps, each after those that lie within it. against: item → items it cannot
    be had with. barred: item → received items that exclude it."""

    codes: tuple[str, ...]
    mosts: tuple[Most, ...]
    rooms: tuple[Room, ...]
    against: Mapping[int, Members]
    barred: Mapping[int, tuple[str, ...]]

    @staticmethod
    def of(stackings: Mapping[str, Stacking], *, year: int | None = None, received: Iterable[Received] = ()) -> Limits:
        """The limits of these items, what was received in `year` and before it taken off. Where two wordings of a group
        differ, the stricter one holds. Raises CapsOverlap."""
        codes = tuple(sorted(stackings))
        number = {code: at for at, code in enumerate(codes)}
        paid = list(received)
        everyone = [*stackings.items(), *((each.code, each.stacking) for each in paid)]
        groups: dict[str, list[Group]] = {}
        inside: dict[str, set[str]] = {}
        for code, stacking in everyone:
            for group in stacking.groups:
                groups.setdefault(group.code, []).append(group)
                inside.setdefault(group.code, set()).add(code)
        this_year = {each.code for each in paid if each.year == year}
        mosts, rooms = [], []
        for name, wordings in sorted(groups.items()):
            members = frozenset(number[code] for code in inside[name] if code in number)
            taken = tuple(sorted(this_year & inside[name]))
            numbers = [each.most for each in wordings if each.most is not None]
            if numbers:
                mosts.append(Most(members, max(0, min(numbers) - len(taken)), name, taken))
            caps = [each.cap for each in wordings if each.cap is not None]
            rooms += [_room(members, cap, name, paid, inside[name], year) for cap in dict.fromkeys(caps)]
        for code, stacking in stackings.items():
            if stacking.cap is not None:
                rooms.append(_room(frozenset({number[code]}), stacking.cap, code, paid, {code}, year))
        against, barred = _exclusions(everyone, inside, number, this_year)
        return Limits(codes, tuple(mosts), _nested(rooms), against, barred)

    def allows(self, chosen: Collection[int]) -> bool:
        """May these items be had together; caps cut and forbid nothing."""
        picked = set(chosen)
        return all(len(most.members & picked) <= most.number for most in self.mosts) and not any(
            self.against.get(item, frozenset()) & picked for item in picked
        )

    def pay(self, chosen: Iterable[int], amounts: Sequence[int]) -> dict[int, tuple[int, str]]:
        """What each of the chosen items gets under the caps, and the code of the cap that cut it.

        The larger amount is served first, then the smaller code; as caps lie within each other, no other way pays more.
        """
        left = {at: room.amount for at, room in enumerate(self.rooms)}
        found = {}
        for item in sorted(chosen, key=lambda item: (-amounts[item], item)):
            over = [at for at, room in enumerate(self.rooms) if item in room.members]
            tightest = min(over, key=lambda at: left[at], default=None)
            pays = amounts[item] if tightest is None else min(amounts[item], left[tightest])
            for at in over:
                left[at] -= pays
            cut = tightest is not None and pays < amounts[item]
            found[item] = (pays, self.rooms[tightest].code if cut and tightest is not None else "")
        return found

    def paid(self, chosen: Iterable[int], amounts: Sequence[int]) -> int:
        """The sum of what the chosen items get."""
        return sum(pays for pays, _code in self.pay(chosen, amounts).values())

    def parts(self, among: Collection[int], amounts: Sequence[int]) -> Iterator[tuple[list[int], Limits]]:
        """The items in parts that have nothing to do with each other, each with the limits that bind within it."""
        kept = self._binding(frozenset(among), amounts)
        parent = {item: item for item in among}

        def top(item: int) -> int:
            while parent[item] != item:
                parent[item] = parent[parent[item]]
                item = parent[item]
            return item

        ties = [most.members for most in kept.mosts] + [room.members for room in kept.rooms]
        ties += [others | {item} for item, others in kept.against.items()]
        for members in ties:
            first, *rest = sorted(members)
            for item in rest:
                parent[top(item)] = top(first)
        parts: dict[int, list[int]] = {}
        for item in sorted(among):
            parts.setdefault(top(item), []).append(item)
        for items in parts.values():
            own = frozenset(items)
            yield (
                items,
                Limits(
                    self.codes,
                    tuple(most for most in kept.mosts if most.members <= own),
                    tuple(room for room in kept.rooms if room.members <= own),
                    {item: others for item, others in kept.against.items() if item in own},
                    {},
                ),
            )

    def _binding(self, among: Members, amounts: Sequence[int]) -> Limits:
        """The limits as far as they speak of these items and could forbid or cut anything."""
        mosts = tuple(
            Most(most.members & among, most.number, most.group)
            for most in self.mosts
            if len(most.members & among) > most.number
        )
        rooms: list[Room] = []
        for room in self.rooms:
            members = room.members & among
            within = Limits(self.codes, (), tuple(each for each in rooms if each.members <= members), {}, {})
            if members and within.paid(members, amounts) > room.amount:
                rooms.append(Room(members, room.amount, room.code))
        against = {item: others & among for item, others in self.against.items() if item in among and others & among}
        return Limits(self.codes, mosts, tuple(rooms), against, {})


def _room(
    members: Members, cap: Cap, code: str, paid: Iterable[Received], inside: Collection[str], year: int | None
) -> Room:
    """A cap with what was received of it taken off."""
    counted = [
        each
        for each in paid
        if each.code in inside
        and (cap.years is None or year is None or year - cap.years < each.year <= year)
        and each.amount
    ]
    used = sum(each.amount for each in counted)
    return Room(members, max(0, cap.amount - used), code, tuple(sorted({each.code for each in counted})))


def _exclusions(
    everyone: Iterable[tuple[str, Stacking]],
    inside: Mapping[str, Collection[str]],
    number: Mapping[str, int],
    this_year: Collection[str],
) -> tuple[dict[int, Members], dict[int, tuple[str, ...]]]:
    against: dict[int, set[int]] = {}
    barred: dict[int, set[str]] = {}
    for code, stacking in everyone:
        for named in stacking.excludes:
            for other in inside.get(named, (named,)):
                if other == code:
                    continue
                for one, two in ((code, other), (other, code)):
                    if one in number and two in number:
                        against.setdefault(number[one], set()).add(number[two])
                    if one in number and two in this_year:
                        barred.setdefault(number[one], set()).add(two)
    return (
        {item: frozenset(others) for item, others in against.items()},
        {item: tuple(sorted(by)) for item, by in barred.items()},
    )


def _nested(rooms: Iterable[Room]) -> tuple[Room, ...]:
    """The caps from the inside out. Raises CapsOverlap."""
    inner_first = sorted(rooms, key=lambda room: (len(room.members), room.code))
    for at, room in enumerate(inner_first):
        for outer in inner_first[at + 1 :]:
            if room.members & outer.members and not room.members <= outer.members:
                raise CapsOverlap(room.code, outer.code)
    return tuple(inner_first)
