"""S21 政策交换: policies with their rules as one file that a person can read and another zone takes in as drafts.

The file is YAML. Each policy stands there in the shape of a zone pack's (docs/zones.md), with gist, key words and tags
besides, in its newest version; earlier versions stay with the house that wrote them. `terms` says how the quantities
that the conditions name are counted, so that 万元 here never meets 元 there. `digest` is that of terms and policies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts.models import PackLoad
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import RuleVersion
from innozone.kernel.packs.read_policies import plain
from innozone.kernel.rules.reads import expressions, references
from innozone.kernel.terms import Dictionary
from innozone.wings.policies import drafts, library, texts
from innozone.wings.policies.exchange_files import FORMAT, RULE_KEYS, VERSION, Paper, read
from innozone.wings.policies.models import Item, Policy, PolicyVersion


@dataclass(frozen=True)
class Taken:
    """What became of one policy of a file. version: the draft that came of it; None where nothing was new.

    left_open: names of offices that this zone does not know, for a person to fill in.
    """

    policy: Policy
    version: PolicyVersion | None
    left_open: list[str] = field(default_factory=list)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are, nothing by reference: the file is there to be read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _string)


def export(policies: Sequence[Policy]) -> str:
    """The file of these policies, each in its newest version, drafts as they stand. Who may read drafts may call it."""
    dictionary = facts_dictionary.current()
    entries, terms = [], {}
    for policy in policies:
        entry, found = _entry(policy, dictionary)
        entries.append(entry)
        terms |= found
    body = {"terms": dict(sorted(terms.items())), "policies": entries}
    pack = PackLoad.objects.order_by("-id").values_list("data__pack", flat=True).first() or {}
    zone = {"code": settings.ZONE, "title": (pack.get("title") or {}).get("zh") or settings.ZONE}
    head = {"format": FORMAT, "version": VERSION, "zone": zone, "digest": rules.digest_of(plain(body))}
    return yaml.dump(head | body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)


def _entry(policy: Policy, dictionary: Dictionary) -> tuple[dict[str, Any], dict[str, Any]]:
    """A policy as it stands in a file, and the terms that its rules name."""
    newest = texts.current(policy)
    wanted = {entry["rule"]: entry["version"] for entry in newest.items}
    rows = RuleVersion.objects.filter(rule__code__in=wanted).select_related("rule")
    versions = {row.rule.code: row for row in rows if row.number == wanted[row.rule.code]}
    items = Item.objects.filter(policy=policy, rule__code__in=versions).select_related("rule", "department")
    found = sorted(items, key=lambda item: list(wanted).index(item.rule.code))
    entry = {
        "code": policy.code,
        "title": {"zh": policy.title, "en": policy.title_en},
        "number": policy.number,
        "issuer": policy.issuer.code or policy.issuer.name if policy.issuer else "",
        "issuer_name": policy.issuer_name or (policy.issuer.name if policy.issuer else ""),
        "level": policy.level,
        "issued": policy.issued,
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
        "url": policy.url,
        "proposal": policy.proposal,
        "themes": policy.themes,
        "part": policy.part,
        "parent": policy.parent.code if policy.parent else "",
        "gist": newest.gist,
        "keywords": newest.keywords,
        "tags": newest.tags,
        "text": newest.text,
    }
    kept = {key: value for key, value in entry.items() if value not in ("", None, [], False)}
    terms: dict[str, Any] = {}
    for item in found:
        terms |= _terms(versions[item.rule.code].data, dictionary)
    return kept | {"items": [_item_entry(item, versions[item.rule.code].data) for item in found]}, terms


def _item_entry(item: Item, data: Mapping[str, Any]) -> dict[str, Any]:
    window = {"opens": item.opens, "closes": item.closes}
    department = item.department
    entry = {
        "code": item.rule.code,
        "name": {"zh": item.rule.name, "en": item.rule.name_en},
        "kind": item.rule.kind,
        "summary": {"zh": item.summary, "en": item.summary_en} if item.summary else None,
        "window": {name: day for name, day in window.items() if day} or None,
        "department": (department.code or department.name) if department else None,
        "papers": item.papers or None,
    }
    # The rule stands as it is, down to what it leaves empty: the same data is the same version of a rule.
    kept = {key: value for key, value in entry.items() if value is not None}
    return kept | {key: data[key] for key in RULE_KEYS if key in data}


def _terms(data: Mapping[str, Any], dictionary: Dictionary) -> dict[str, Any]:
    """How the quantities are counted that conditions, benefit and scores name."""
    parsed, _problems = rules.inspect(data, dictionary=dictionary)
    if parsed is None:
        return {}
    benefit = [parsed.benefit] if parsed.benefit is not None else []
    parts = [*expressions(parsed.condition), *benefit, *parsed.scores.values()]
    names = {ref.name for part in parts for ref in references(part)}
    found = {name: variable for name in names if (variable := dictionary.get(name)) is not None}
    return {
        name: {"label": variable.label.zh, "type": variable.type}
        | ({"unit": variable.unit} if variable.unit else {})
        | {"period": variable.period}
        | ({"codelist": variable.codelist} if variable.codelist else {})
        for name, variable in found.items()
    }


def take(source: bytes, user: Any, name: str = "file") -> list[Taken]:
    """The policies of a file as drafts, all or none. What the house has already, word by word, or took from the same
    entry before, is nothing new. A policy of that code gets a further version that waits to be confirmed; its head
    (title, number, days) stays as it is. Raises DraftRefused with every problem, each by line and with its cure.
    """
    zone, papers = read(source, name)
    with transaction.atomic():
        taken = [_take(paper, zone, user) for paper in papers]
        # A paper may stand under one that comes later in the file.
        for paper, each in zip(papers, taken, strict=True):
            if paper.parent and each.version is not None and each.version.number == 1:
                each.policy.parent = Policy.objects.filter(code=paper.parent).exclude(pk=each.policy.pk).first()
                each.policy.save(update_fields=["parent"])
    return taken


def _take(paper: Paper, zone: str, user: Any) -> Taken:
    mark = paper.digest[:16]
    policy, new = Policy.objects.get_or_create(
        code=paper.code,
        defaults={**paper.columns, "status": Policy.Status.DRAFT, "origin": Policy.Origin.READ},
    )
    if not new:
        if policy.versions.filter(note__contains=mark).exists():
            return Taken(policy, None)
        entry, _terms = _entry(policy, facts_dictionary.current())
        if rules.digest_of(plain(entry)) == paper.digest:
            return Taken(policy, None)
    before = library.newest(policy)
    note = _("imported from %(zone)s, entry %(mark)s") % {"zone": zone[:120], "mark": mark}
    version = drafts.save_version(
        policy,
        paper.text,
        paper.items,
        user,
        note,
        gist=paper.gist,
        keywords=paper.keywords,
        tags=paper.tags,
        named=True,
    )
    return Taken(policy, None if before and before.pk == version.pk else version, paper.left_open)
