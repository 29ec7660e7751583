"""Policies of the zone pack into the library: texts, items, rules. What left the pack is ended, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import Rule
from innozone.kernel.packs import ItemData, Pack, PolicyData
from innozone.kernel.reading import read_text
from innozone.kernel.terms import Label
from innozone.wings.policies import following, texts
from innozone.wings.policies.models import Item, Policy


@transaction.atomic
def load(pack: Pack) -> int:
    """Takes the pack's policies in; the number of rules that changed. Loading the same pack again changes nothing.

    Raises rules.RuleRefused when a rule does not fit the dictionary.
    """
    parties = dict(Party.objects.filter(code__isnull=False).values_list("code", "pk"))
    known = {policy.code: policy for policy in Policy.objects.filter(origin=Policy.Origin.PACK)}
    before, today = _in_force(), timezone.localdate()
    replaced = {
        data.replaces for data in pack.policies.values() if data.replaces and (data.valid_from or today) <= today
    }
    for data in pack.policies.values():
        policy = known.get(data.code)
        # What has been replaced stays as it was: taking it in again would put its rules in force again.
        if policy is None or policy.status != Policy.Status.ENDED or data.code not in replaced:
            _load_policy(data, policy, parties, pack)
    _connect(pack)
    gone = [policy for code, policy in known.items() if code not in pack.policies]
    for policy in gone:
        end(policy)
    for policy in Policy.objects.filter(code__in=replaced).exclude(status=Policy.Status.ENDED):
        end(policy)
    changed = len(before ^ _in_force())
    if changed or gone:
        following.announce()
    return changed


def _connect(pack: Pack) -> None:
    """Which paper stands under which, and which takes the place of which."""
    known = {policy.code: policy for policy in Policy.objects.filter(origin=Policy.Origin.PACK)}
    successors = {data.replaces: data.code for data in pack.policies.values() if data.replaces}
    changed = []
    for code, policy in known.items():
        data = pack.policies.get(code)
        parent = known.get(data.parent or "") if data else policy.parent
        successor = known.get(successors.get(code, ""), policy.replaced_by)
        if (policy.parent, policy.replaced_by) != (parent, successor):
            policy.parent, policy.replaced_by = parent, successor
            changed.append(policy)
    for policy in changed:
        policy.save(update_fields=["parent", "replaced_by"])


def end(policy: Policy, reason: str = "", replaced_by: Policy | None = None) -> None:
    """The policy holds no longer: its rules take no part in later runs, everything stays to be read."""
    if policy.status != Policy.Status.ENDED:
        policy.status, policy.ended_on, policy.ended_reason = Policy.Status.ENDED, timezone.localdate(), reason[:400]
        policy.replaced_by = replaced_by or policy.replaced_by
        policy.save(update_fields=["status", "ended_on", "ended_reason", "replaced_by"])
    for item in policy.items.select_related("rule"):
        rules.retire(item.rule)


def rule_data(item: ItemData) -> dict[str, Any]:
    """An item in the shape of RuleVersion.data."""
    benefit = item.benefit
    data = {
        "conditions": item.conditions,
        "benefit": {"kind": benefit.kind, "amount": benefit.amount, "note": _label(benefit.note)} if benefit else None,
        "grants": item.grants,
        "stacking": item.stacking.to_data() if item.stacking else None,
        "scores": {score.code: {"label": _label(score.label), "expr": score.expr} for score in item.scores},
    }
    return data | {"allocation": item.allocation.to_data()} if item.allocation else data


def _load_policy(data: PolicyData, policy: Policy | None, parties: Mapping[str, int], pack: Pack) -> None:
    fields: dict[str, Any] = {
        "title": data.title.zh,
        "title_en": data.title.en,
        "number": data.number,
        "issuer_id": parties.get(data.issuer or ""),
        "issuer_name": _name_of(data.issuer, pack),
        "level": data.level,
        "proposal": data.proposal,
        "issued": data.issued,
        "valid_from": data.valid_from,
        "valid_to": data.valid_to,
        "url": data.url,
        "themes": list(data.themes),
        "part": data.part,
        "status": Policy.Status.CONFIRMED,
    }
    if policy is None:
        policy = Policy(code=data.code, origin=Policy.Origin.PACK, confirmed_at=timezone.now())
    changed = {name for name, value in fields.items() if getattr(policy, name) != value}
    if changed or policy.pk is None:
        for name in changed:
            setattr(policy, name, fields[name])
        policy.save()
    for position, item in enumerate(data.items):
        _load_item(policy, position, item, data, parties, pack)
    codes = [item.code for item in data.items]
    for item in policy.items.exclude(rule__code__in=codes).filter(ended=False).select_related("rule"):
        item.ended = True
        item.save(update_fields=["ended"])
        rules.retire(item.rule)
    themes = pack.codelists.get("themes")
    named = [themes.by_code[code].label.zh if themes and code in themes else code for code in data.themes]
    reading = read_text(data.text, data.title.zh)
    texts.add_version(
        policy,
        data.text,
        gist=reading.gist,
        keywords=list(reading.keywords),
        tags=list(dict.fromkeys([*named, *(tag for words in reading.tags.values() for tag in words)])),
        note="zone pack",
    )


def _load_item(
    policy: Policy, position: int, data: ItemData, paper: PolicyData, parties: Mapping[str, int], pack: Pack
) -> None:
    version = rules.publish(
        data.code,
        Rule.Kind(data.kind),
        data.name.zh,
        data.name.en,
        rule_data(data),
        document=paper.text,
        valid_from=paper.valid_from,
        valid_to=paper.valid_to,
        dictionary=pack.dictionary,
    )
    Item.objects.update_or_create(
        rule_id=version.rule_id,
        defaults={
            "policy": policy,
            "position": position,
            "summary": data.summary.zh if data.summary else "",
            "summary_en": data.summary.en if data.summary else "",
            "opens": data.window.opens if data.window else None,
            "closes": data.window.closes if data.window else None,
            "department_id": parties.get(data.department or ""),
            "papers": list(data.papers),
            "ended": False,
        },
    )


def _in_force() -> set[int]:
    return set(rules.active().values_list("pk", flat=True))


def _label(label: Label | None) -> dict[str, str] | None:
    return {"zh": label.zh, "en": label.en} if label else None


def _name_of(code: str | None, pack: Pack) -> str:
    organisation = pack.organisations.get(code or "")
    return organisation.title.zh if organisation else ""
