"""What a form of the workbench says of combination, caps and budgets, and the declaration made of it.

Of an item: `i{item}-limits` (sent with the section), `-excludes` (codes, several), `-exclude` (one more code), `-cap`,
`-years`, `-budget`, `-quota`, `-order`, `-last`. Of a group of items: `g{n}-code|label|most|cap|years` and `-in` (the
names of the items that belong to it); `gnew-…` is one that does not exist yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.kernel.rules.solve.stacking import (
    LASTS,
    AllocationRule,
    Cap,
    Group,
    Stacking,
    load_allocation,
    load_stacking,
)
from innozone.portal import wording
from innozone.wings.policies.library import ItemInForce

MOST_GROUPS = 30
EVER = "all"


@dataclass(frozen=True)
class GroupForm:
    """Items that are looked at together. members: names of the items of this paper; elsewhere: those of other papers,
    with which the figures of the group are shared."""

    name: str
    code: str
    label: str
    most: str
    cap: str
    years: str
    members: frozenset[str]
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True)
class LimitForm:
    """The limits of one item. excludes: (code, name, chosen) of what it could exclude."""

    excludes: list[tuple[str, str, bool]] = field(default_factory=list)
    cap: str = ""
    years: str = ""
    budget: str = ""
    quota: str = ""
    order: str = ""
    last: str = ""

    @property
    def given(self) -> bool:
        return any((self.cap, self.budget, self.quota, *(chosen for _code, _name, chosen in self.excludes)))


def orders() -> dict[str, str]:
    """The keys of an order as they are written on the page."""
    return {
        "time": _("first come"),
        "lottery": _("lottery"),
        "highest": _("highest"),
        "lowest": _("lowest"),
        "pro_rata": _("in proportion"),
    }


def _stacking(each: ItemInForce) -> Stacking:
    return load_stacking(each.version.data.get("stacking"))[0] or Stacking() if each.version else Stacking()


def groups_of(found: Sequence[ItemInForce]) -> list[GroupForm]:
    """The groups to which items of a paper belong. At most one query."""
    stackings = {f"i{at}": _stacking(each) for at, each in enumerate(found)}
    groups = {group.code: group for stacking in stackings.values() for group in stacking.groups}
    others = _elsewhere(found, groups)
    return [
        GroupForm(
            f"g{at}",
            code,
            group.label.zh,
            str(group.most or ""),
            *_cap_text(group.cap),
            members=frozenset(
                name for name, stacking in stackings.items() if code in {each.code for each in stacking.groups}
            ),
            elsewhere=tuple(others.get(code, ())),
        )
        for at, (code, group) in enumerate(groups.items())
    ]


def _elsewhere(found: Sequence[ItemInForce], groups: Mapping[str, Group]) -> dict[str, list[str]]:
    """Items of other papers that belong to these groups: code of the group → names."""
    if not groups:
        return {}
    own = {each.item.rule_id for each in found}
    names: dict[str, list[str]] = {}
    versions = RuleVersion.objects.filter(status=RuleVersion.Status.ACTIVE, data__stacking__has_key="groups")
    for version in versions.exclude(rule__in=own).select_related("rule"):
        for group in (load_stacking(version.data.get("stacking"))[0] or Stacking()).groups:
            if group.code in groups:
                names.setdefault(group.code, []).append(wording.local_text(version.rule, "name"))
    return names


def _cap_text(cap: Cap | None) -> tuple[str, str]:
    if cap is None:
        return "", ""
    data = cap.to_data()
    return str(data["amount"]), str(data["years"])


def forms_of(found: Sequence[ItemInForce]) -> list[LimitForm]:
    """The limits of the items of a paper, in their order. At most one query."""
    stackings = [_stacking(each) for each in found]
    groups = {group.code: group.label.get(wording.language()) for each in stackings for group in each.groups}
    own = {each.item.rule.code: wording.local_text(each.item.rule, "name") for each in found}
    strange = {code for each in stackings for code in each.excludes} - own.keys() - groups.keys()
    names = (
        {rule.code: wording.local_text(rule, "name") for rule in Rule.objects.filter(code__in=strange)}
        if strange
        else {}
    )
    known = own | groups | {code: names.get(code, code) for code in strange}
    return [_form(each, stacking, known) for each, stacking in zip(found, stackings, strict=True)]


def _form(each: ItemInForce, stacking: Stacking, known: Mapping[str, str]) -> LimitForm:
    apart = {each.item.rule.code, *(group.code for group in stacking.groups)}
    rule = load_allocation(each.version.data.get("allocation"))[0] if each.version else None
    data = rule.to_data() if rule else {}
    return LimitForm(
        [(code, name, code in stacking.excludes) for code, name in known.items() if code not in apart],
        *_cap_text(stacking.cap),
        budget=str(data.get("budget", "")),
        quota=str(data.get("quota", "")),
        order=_order_text(rule),
        last=str(data.get("last", "")),
    )


def _order_text(rule: AllocationRule | None) -> str:
    said = orders()
    return "；".join(
        f"{said[key.kind]}：{key.expr}" if key.expr else said[key.kind] for key in (rule.order if rule else ())
    )


def members(post: QueryDict, found: Sequence[ItemInForce]) -> dict[str, list[dict[str, Any]]] | None:
    """The groups of each item by its name, in full; None where the form does not hold them. Raises ValueError."""
    if "groups" not in post:
        return None
    before = {group.code: group for each in found for group in _stacking(each).groups}
    shared = {form.code for form in groups_of(found) if form.elsewhere}
    joined: dict[str, list[dict[str, Any]]] = {}
    for name in [*(f"g{at}" for at in range(min(MOST_GROUPS, len(before)))), "gnew"]:
        label, code = post.get(f"{name}-label", "").strip()[:100], post.get(f"{name}-code", "")
        if name == "gnew":
            code = next(free for at in range(1, 1000) if (free := f"{_stem(found)}_g{at}") not in before)
            if not label:
                continue
        old = before.get(code)
        if old is None and name != "gnew":
            raise ValueError(_("There is no group of items %(code)s: load the page again.") % {"code": code[:40]})
        data = old.to_data() if old else {"code": code}
        if code not in shared:
            data["label"] = {"zh": label, "en": old.label.en if old and old.label.zh == label else label}
            data["most"] = _whole(post.get(f"{name}-most", ""), label)
            data["cap"] = _cap(post, name)
        data = {key: value for key, value in data.items() if value is not None}
        for item in post.getlist(f"{name}-in"):
            joined.setdefault(item, []).append(data)
    return joined


def _stem(found: Sequence[ItemInForce]) -> str:
    return found[0].item.rule.code if found else "items"


def stacking_of(
    post: QueryDict, name: str, before: Any, groups: Mapping[str, list[dict[str, Any]]] | None
) -> dict[str, Any] | None:
    """The declaration of an item after the edits; as it was where the form does not hold it. Raises ValueError."""
    read, problems = load_stacking(before)
    data: dict[str, Any] = read.to_data() if read else {} if before is None else before
    if problems:
        return data or None
    if groups is not None:
        data["groups"] = groups.get(name, [])
    if f"{name}-limits" in post:
        more = post.get(f"{name}-exclude", "").strip()
        if more and not Rule.objects.filter(code=more).exists():
            raise ValueError(_("There is no item %(code)s that could be excluded.") % {"code": more[:40]})
        data["excludes"] = list(dict.fromkeys([*post.getlist(f"{name}-excludes"), *([more] if more else [])]))
        data["cap"] = _cap(post, name)
    kept = {key: value for key, value in data.items() if value not in (None, [])}
    # Words without anything that they would say are none.
    made = kept if kept.keys() - {"quote", "source"} else None
    # What says the same is left as it was written: an item that nobody changed keeps its version.
    again, wrong = load_stacking(made)
    return before if not wrong and (again or Stacking()) == (read or Stacking()) else made


def allocation_of(post: QueryDict, name: str, before: Any) -> dict[str, Any] | None:
    """How a budget is shared, after the edits; as it was where the form does not hold it. Raises ValueError."""
    if f"{name}-limits" not in post:
        return dict(before) if before else None
    budget, quota = post.get(f"{name}-budget", "").strip(), post.get(f"{name}-quota", "").strip()
    if not budget and not quota:
        return None
    data = {key: value for key, value in (before or {}).items() if key in ("floor", "quote", "source")}
    if budget:
        data["budget"] = budget
    if quota:
        data["quota"] = _whole(quota, _("places"))
    data["order"] = order = _order(post.get(f"{name}-order", ""))
    if order and "pro_rata" in order[0]:
        return _same(before, data)
    data.pop("floor", None)
    if post.get(f"{name}-last") in LASTS:
        data["last"] = post[f"{name}-last"]
    return _same(before, data)


def _same(before: Any, made: dict[str, Any]) -> dict[str, Any]:
    """As it was written where it says the same."""
    old, new = load_allocation(before)[0], load_allocation(made)[0]
    return before if old is not None and old == new else made


def _order(text: str) -> list[str | dict[str, str]]:
    """`first come；highest：rd_ratio[-1]` as data; words that are no key are left for the check to name."""
    codes = {said: code for code, said in orders().items()}
    found: list[str | dict[str, str]] = []
    for part in text.replace("；", ";").split(";"):
        said, _colon, expr = (each.strip() for each in part.replace("：", ":", 1).partition(":"))
        if said:
            code = codes.get(said, said)
            found.append({code: expr} if expr else code)
    return found


def _cap(post: QueryDict, name: str) -> dict[str, Any] | None:
    amount = post.get(f"{name}-cap", "").strip()
    if not amount:
        return None
    years = post.get(f"{name}-years", "").strip() or "1"
    return {"amount": amount, "years": EVER if years == EVER else _whole(years, _("years"))}


def _whole(text: str, what: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not int(text[:12]) >= 1:
        raise ValueError(_("%(what)s: “%(value)s” is no whole number from 1.") % {"what": what, "value": text[:20]})
    return int(text[:12])
