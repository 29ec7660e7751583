"""S21 corrections of single items: what is not named stays as it is. Every one is a new version that waits for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import library, texts
from innozone.wings.policies.drafts import DraftRefused, ItemDraft, save_version
from innozone.wings.policies.models import Policy, PolicyVersion

#: Fields of an ItemDraft that a correction may name; all others are parts of its data.
PLAIN = ("name", "name_en", "kind", "summary", "summary_en", "opens", "closes", "department", "papers")


@dataclass(frozen=True)
class ItemCorrection:
    """What is said anew of one item. changed: of PLAIN and of RuleVersion.data, only what changes; code: empty for a
    new item, which then needs a name and conditions; drop: the item ends once the correction is confirmed."""

    code: str
    changed: Mapping[str, Any]
    drop: bool = False


@transaction.atomic
def amend(
    policy: Policy,
    base: str,
    corrections: Sequence[ItemCorrection],
    user: Any,
    *,
    text: str | None = None,
    note: str = "",
    gist: str | None = None,
    keywords: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
) -> PolicyVersion:
    """A new version with these corrections, everything else as it stands.

    base: library.stamp of the paper that the corrections were made on. Raises DraftRefused: `stale` when it has changed
    since, else as save_version does, with the places of the corrections.
    """
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    newest = texts.current(policy)
    found = library.items(policy, drafts_first=True)
    if library.stamp(newest.number, found) != base:
        message, cure = _("The policy has been changed meanwhile."), _("Read it again, and repeat your change on it.")
        raise DraftRefused("stale", message, "base", cure)
    items = {each.item.rule.code: unchanged(each) for each in found}
    # Where each item was sent; empty for those that stay as they are.
    places = dict.fromkeys(items, "")
    for at, correction in enumerate(corrections):
        place, code = f"items[{at}]", correction.code
        if not code:
            items[place], places[place] = _new(correction, place), place
        elif code not in items or places[code]:
            message = _("%(code)s is no item of this policy, or is named twice.") % {"code": code}
            raise DraftRefused("unknown_item", message, f"{place}.rule")
        elif correction.drop:
            del items[code], places[code]
        else:
            items[code], places[code] = _corrected(items[code], correction.changed), place
    try:
        return save_version(
            policy,
            newest.text if text is None else text,
            list(items.values()),
            user,
            note,
            gist=gist,
            keywords=keywords,
            tags=tags,
        )
    except DraftRefused as refused:
        raise _as_sent(refused, [place or code for code, place in places.items()]) from None


@transaction.atomic
def with_data(policy: Policy, base: RuleVersion, data: Mapping[str, Any], user: Any, note: str) -> PolicyVersion:
    """A new version in which the item of `base` says `data` instead, and everything else what it said.

    Raises DraftRefused; `stale` when the item's newest wording is no longer that of `base`.
    """
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    found = library.items(policy, drafts_first=True)
    own = next((each.version for each in found if each.item.rule_id == base.rule_id), None)
    code = base.rule.code
    if own is None:
        raise DraftRefused("unknown_item", _("%(code)s is no item of this policy.") % {"code": code}, code)
    if own.digest != base.digest:
        message, cure = _("This item has been changed meanwhile."), _("Move the figures of its newest wording.")
        raise DraftRefused("stale", message, code, cure)
    items = [unchanged(each) for each in found]
    changed = [replace(item, data=data) if item.code == code else item for item in items]
    return save_version(policy, texts.current(policy).text, changed, user, note)


def unchanged(each: library.ItemInForce) -> ItemDraft:
    """An item as it stands, to be saved again."""
    item, rule = each.item, each.item.rule
    return ItemDraft(
        name=rule.name,
        data=each.version.data if each.version is not None else {},
        code=rule.code,
        name_en=rule.name_en,
        kind=rule.kind,
        summary=item.summary,
        summary_en=item.summary_en,
        opens=item.opens,
        closes=item.closes,
        department=item.department,
        papers=tuple(item.papers),
    )


def _as_sent(refused: DraftRefused, places: Sequence[str]) -> DraftRefused:
    """The refusal with the places of what was sent instead of those in the whole paper."""

    def named(path: str) -> str:
        found = re.match(r"items\[(\d+)\]", path)
        return places[int(found[1])] + path[found.end() :] if found else path

    problems = [replace(problem, path=named(problem.path)) for problem in refused.problems]
    return DraftRefused(refused.code, refused.message, named(refused.place), refused.cure, problems)


def _corrected(item: ItemDraft, changed: Mapping[str, Any]) -> ItemDraft:
    data = {**item.data, **{key: value for key, value in changed.items() if key not in PLAIN}}
    return replace(item, data=data, **{key: value for key, value in changed.items() if key in PLAIN})


def _new(correction: ItemCorrection, place: str) -> ItemDraft:
    for field in ("name", "conditions"):
        if not correction.changed.get(field):
            raise DraftRefused(
                "incomplete",
                _("A new item needs a name and conditions."),
                f"{place}.{field}",
                _("Give both; name an item by its rule to change it."),
            )
    empty = {"conditions": None, "benefit": None, "grants": None, "stacking": None, "scores": {}}
    return _corrected(ItemDraft(name="", data=empty), correction.changed)
