"""Versions of a policy's text: every one is kept, with what was made of it."""

from __future__ import annotations

import hashlib
from typing import Any

from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies.models import Policy, PolicyVersion


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def add_version(
    policy: Policy,
    text: str,
    *,
    gist: str,
    keywords: list[str],
    tags: list[str],
    user: Any = None,
    note: str = "",
) -> PolicyVersion:
    """The newest version if nothing changed (text, what was made of it, the wording of the items), or a new one."""
    newest = policy.versions.order_by("-number").first()
    items = [
        {"rule": code, "version": number}
        for code, number in RuleVersion.objects.filter(
            rule__item__policy=policy, rule__item__ended=False, status__in=["active", "draft"]
        )
        .order_by("rule__item__position", "number")
        .values_list("rule__code", "number")
    ]
    items = list({item["rule"]: item for item in items}.values())
    made = (digest_of(text), gist[:400], keywords, tags, items)
    if newest and (newest.digest, newest.gist, newest.keywords, newest.tags, newest.items) == made:
        return newest
    return PolicyVersion.objects.create(
        policy=policy,
        number=newest.number + 1 if newest else 1,
        text=text,
        digest=made[0],
        gist=gist[:400],
        keywords=keywords,
        tags=tags,
        items=items,
        created_by=user,
        note=note[:200],
    )


def current(policy: Policy) -> PolicyVersion:
    """The newest version of the text."""
    return policy.versions.order_by("-number")[:1].get()
