"""What is declared of an item besides its conditions, in words: with what it may be had, caps, budget, places, order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.kernel.rules.solve.stacking import AllocationRule, Cap, Group, Stacking, load_allocation, load_stacking
from innozone.portal import sharing, wording
from innozone.portal.best import listed, money


@dataclass(frozen=True)
class LimitShown:
    """One declared limit: the sentence, the words of the paper, the code under which it is shared out (empty for none)."""

    text: str
    quote: str = ""
    source: str = ""
    shared: str = ""


def of(version: RuleVersion, names: Mapping[str, str]) -> list[LimitShown]:
    """The limits of one item; `names` are those of items and groups that it may name."""
    stacking = load_stacking(version.data.get("stacking"))[0] or Stacking()
    allocation = load_allocation(version.data.get("allocation"))[0]
    found = [limit for group in stacking.groups for limit in _of_group(group)]
    if stacking.excludes:
        text = _("not together with %(by)s") % {"by": listed([names.get(code, code) for code in stacking.excludes])}
        found.append(LimitShown(text, stacking.quote, stacking.source))
    if stacking.cap is not None:
        found.append(LimitShown(_cap("", stacking.cap), stacking.quote, stacking.source))
    if allocation is not None:
        found.append(LimitShown(_shared(allocation), allocation.quote, allocation.source, version.rule.code))
    return found


def names_of(versions: Iterable[RuleVersion | None]) -> dict[str, str]:
    """The names of the items and groups that these exclude. At most one query."""
    stackings = [load_stacking(version.data.get("stacking"))[0] for version in versions if version is not None]
    codes = {code for stacking in stackings if stacking is not None for code in stacking.excludes}
    if not codes:
        return {}
    groups = {group.code: group.label for stacking in stackings if stacking for group in stacking.groups}
    named = {code: groups[code].get(wording.language()) for code in codes & groups.keys()}
    return named | {rule.code: wording.local_text(rule, "name") for rule in Rule.objects.filter(code__in=codes)}


def _of_group(group: Group) -> list[LimitShown]:
    values = {"group": group.label.get(wording.language()), "most": str(group.most or "")}
    found = []
    if group.most == 1:
        found.append(_("of “%(group)s” only the highest counts") % values)
    elif group.most is not None:
        found.append(_("of “%(group)s” no more than %(most)s count") % values)
    if group.cap is not None:
        found.append(_cap(values["group"], group.cap))
    shown = [LimitShown(text, group.quote, group.source) for text in found]
    if group.allocation is not None:
        rule = group.allocation
        text = _("%(group)s: %(limit)s") % {"group": values["group"], "limit": _shared(rule)}
        shown.append(LimitShown(text, rule.quote, rule.source, group.code))
    return shown


def _cap(group: str, cap: Cap) -> str:
    values = {"sum": money(cap.amount), "years": str(cap.years or "")}
    if cap.years == 1:
        text = _("at most %(sum)s a year for one enterprise") % values
    elif cap.years is None:
        text = _("at most %(sum)s in all for one enterprise") % values
    else:
        text = _("at most %(sum)s in %(years)s years for one enterprise") % values
    return _("%(group)s: %(limit)s") % {"group": group, "limit": text} if group else text


def _shared(rule: AllocationRule) -> str:
    return sharing.joined([sharing.limits(rule), sharing.order(rule)])
