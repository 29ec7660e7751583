"""Versions of a policy's text: every one is kept, with what was made of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies.models import Policy, PolicyVersion

GIST = 120
MOST_KEYWORDS = 12
_CLAUSE = re.compile(r"[。；;\n]")
_SUPPORT = re.compile(r"给予|奖励|补助|补贴|资助|减免|贴息|支持|认定")
_MARKER = re.compile(r"^\s*(?:第[一二三四五六七八九十百\d]+[章条]|[（(]?[一二三四五六七八九十\d]+[）)、.．])\s*")


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


def gist_of(text: str) -> str:
    """The first clauses that say what is given, up to 120 characters."""
    found = ""
    clauses = [_MARKER.sub("", clause).strip() for clause in _CLAUSE.split(text)]
    for clause in [clause for clause in clauses if _SUPPORT.search(clause)] or clauses[:1]:
        if found and len(found) + len(clause) > GIST:
            break
        found = f"{found}；{clause}" if found else clause
    return found if len(found) <= GIST else found[: GIST - 1] + "…"


def keywords_of(text: str, names: Iterable[str]) -> list[str]:
    """Names of the items and the words of the text that the zone's code lists know are what people search by."""
    seen = dict.fromkeys(name for name in names if name)
    for word in re.findall(r"“([^“”]{2,16})”|《([^《》]{2,30})》", text):
        seen.setdefault(word[0] or word[1])
    return list(seen)[:MOST_KEYWORDS]
