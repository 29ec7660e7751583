"""S21 政策结构化解析: a text becomes a draft of items and conditions, an editor corrects it, a person confirms it.

Every correction is a new version of the text and of the rules that changed; nothing is written over. A draft takes
part in nothing until it is confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation import jobs
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.foundation.verdicts.rules import Problem, RuleRefused
from innozone.kernel.reading import Reading, ReadingError, draft_policy, read_bytes, read_file, read_text
from innozone.kernel.rules.errors import without_unseen
from innozone.kernel.terms import Dictionary
from innozone.wings.policies import evaluations, following, library, texts
from innozone.wings.policies.models import Item, Policy, PolicyVersion


class DraftRefused(ValueError):
    """A text, correction or confirmation that cannot be taken: nothing changed. `code` is a stable word."""

    def __init__(
        self, code: str, message: str, place: str = "", cure: str = "", problems: Sequence[Problem] = ()
    ) -> None:
        self.code, self.message, self.place, self.cure = code, message, place, cure
        self.problems = list(problems)
        super().__init__(" ".join(part for part in (f"{place}:" if place else "", message, cure) if part))


@dataclass(frozen=True)
class ItemDraft:
    """An item as an editor leaves it. `code` is empty for a new one.

    data: as of RuleVersion.data (conditions, benefit, grants, stacking, scores).
    """

    name: str
    data: Mapping[str, Any]
    code: str = ""
    name_en: str = ""
    kind: str = Rule.Kind.SUPPORT
    summary: str = ""
    summary_en: str = ""
    opens: date | None = None
    closes: date | None = None
    department: Party | None = None
    papers: Sequence[str] = field(default_factory=tuple)


def read(source: UploadedFile | Path | str, user: Any, *, title: str = "") -> Policy:
    """Reads a file (docx, pdf, html, txt) or a pasted text into a draft policy. The same text gives the same draft.

    Raises DraftRefused with the place and the cure.
    """
    try:
        reading = _read(source, title)
    except ReadingError as error:
        raise DraftRefused(error.reason, error.problem, error.place, error.cure) from error
    if not reading.body.strip():
        raise DraftRefused("empty", _("The text is empty."), "", _("Paste the text of the policy."))
    return keep(reading, user)


def _read(source: UploadedFile | Path | str, title: str) -> Reading:
    limit = settings.POLICY_MAX_BYTES
    if isinstance(source, str):
        if len(source.encode()) > limit:
            raise ReadingError("too_large", "text", f"The text is larger than {limit >> 20} MB.", "Read it in parts.")
        return read_text(without_unseen(source.replace("\r\n", "\n").replace("\r", "\n")), title or None)
    if isinstance(source, Path):
        return read_file(source, limit=limit)
    if (source.size or 0) > limit:
        raise ReadingError(
            "too_large",
            source.name or "file",
            f"The file is larger than {limit >> 20} MB.",
            "Split it, or paste the text.",
        )
    # What the browser calls it is not trusted further than the ending of its name.
    given = Path((source.name or "policy.txt").replace("\\", "/").replace("\x00", ""))
    name = f"{given.stem.strip('.')[:60] or 'policy'}{given.suffix[:10]}"
    return read_bytes(b"".join(source.chunks()), name, limit=limit)


@transaction.atomic
def keep(reading: Reading, user: Any) -> Policy:
    """The draft that a reading makes; user: None for what nobody sent."""
    made = draft_policy(reading, facts_dictionary.current())
    document = reading.document
    title, title_en = _names(made["title"])
    issuer = Party.objects.filter(name=document.issuer).exclude(kind="enterprise") if document.issuer else None
    policy, new = Policy.objects.get_or_create(
        code=made["code"],
        defaults={
            "title": title[:200],
            "title_en": title_en[:200],
            "number": document.number[:80],
            "issuer": issuer.first() if issuer is not None else None,
            "issuer_name": document.issuer[:200],
            "level": made["level"],
            "status": Policy.Status.DRAFT,
            "origin": Policy.Origin.READ,
            "issued": _day(document.issued),
            "valid_from": _day(document.valid_from),
            "valid_to": _day(document.valid_to),
            "themes": made.get("themes", []),
        },
    )
    if new:
        items = [_item(entry) for entry in made.get("items", ())]
        tags = list(dict.fromkeys(tag for words in reading.tags.values() for tag in words))
        _save(policy, reading.body, items, user, "", reading.gist, list(reading.keywords), tags)
    return policy


def _item(entry: Mapping[str, Any]) -> ItemDraft:
    """An item as the reader drafts it (the shape of the packs)."""
    name, name_en = _names(entry["name"])
    summary, summary_en = _names(entry.get("summary") or {})
    benefit, window = entry.get("benefit"), entry.get("window") or {}
    office = entry.get("office")
    return ItemDraft(
        name=name[:200],
        name_en=name_en[:200],
        kind=entry.get("kind", Rule.Kind.SUPPORT),
        data={
            "conditions": entry["conditions"],
            "benefit": {"kind": benefit["kind"], "amount": benefit.get("amount"), "note": benefit.get("note")}
            if benefit
            else None,
            "grants": entry.get("grants"),
            "stacking": entry.get("stacking"),
            "scores": {},
        },
        summary=summary,
        summary_en=summary_en,
        opens=_day(window.get("opens", "")),
        closes=_day(window.get("closes", "")),
        department=Party.objects.filter(name=office).exclude(kind="enterprise").first() if office else None,
        papers=tuple(entry.get("papers", ())),
    )


def _names(label: Mapping[str, str]) -> tuple[str, str]:
    """Both names; an English one that only repeats the Chinese is none."""
    chinese, english = label.get("zh", ""), label.get("en", "")
    return chinese, "" if english == chinese else english


def save_version(
    policy: Policy,
    text: str,
    items: Sequence[ItemDraft],
    user: Any,
    note: str = "",
    *,
    gist: str | None = None,
    keywords: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
    named: bool = False,
) -> PolicyVersion:
    """An editor's corrections as a new version; the old ones are kept. Unchanged items keep their version.

    An item that is not among `items` ends. Rules of a confirmed policy stay in force until the correction is
    confirmed too. Raises DraftRefused with the problems of every item (place: `items[0].conditions.all[1]`).
    named: a new item comes with a code of its own, as those of a file do.
    """
    before = library.newest(policy)
    return _save(
        policy,
        text.replace("\r\n", "\n"),
        items,
        user,
        note,
        gist if gist is not None else before.gist if before else "",
        list(keywords if keywords is not None else before.keywords if before else []),
        list(tags if tags is not None else before.tags if before else []),
        named=named,
    )


@transaction.atomic
def _save(
    policy: Policy,
    text: str,
    items: Sequence[ItemDraft],
    user: Any,
    note: str,
    gist: str,
    keywords: list[str],
    tags: list[str],
    named: bool = False,
) -> PolicyVersion:
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    if policy.status == Policy.Status.ENDED:
        raise DraftRefused(
            "ended", _("This policy has ended."), policy.code, _("Read the new text as a policy of its own.")
        )
    dictionary = facts_dictionary.current()
    problems: list[Problem] = []
    kept = set()
    taken = set(Rule.objects.filter(code__startswith=f"{policy.code}.").values_list("code", flat=True))
    own = set(policy.items.values_list("rule__code", flat=True))
    named_codes = [item.code for item in items if item.code]
    others = set(Rule.objects.filter(code__in=named_codes).values_list("code", flat=True)) - own
    for position, item in enumerate(items):
        code = item.code or _free_code(policy, taken)
        if item.code and item.code not in own and not (named and item.code not in others):
            raise DraftRefused(
                "unknown_item", _("%(code)s is no item of this policy.") % {"code": item.code}, f"items[{position}]"
            )
        taken.add(code)
        try:
            version = rules.draft(
                code,
                item.kind,
                item.name,
                item.name_en,
                item.data,
                document=text,
                valid_from=policy.valid_from,
                valid_to=policy.valid_to,
                dictionary=dictionary,
            )
        except RuleRefused as refused:
            problems += _placed(refused, position)
            continue
        kept.add(version.rule_id)
        _save_item(policy, version, position, item)
    if problems:
        raise DraftRefused(
            "unsound", _("A condition or amount is not sound."), problems[0].path, problems[0].message, problems
        )
    policy.items.exclude(rule__in=kept).update(ended=True)
    return texts.add_version(policy, text, gist=gist, keywords=keywords, tags=tags, user=user, note=note)


def confirm(policy: Policy, user: Any, valid_from: date | None = None, valid_to: date | None = None) -> Policy:
    """A person answers for the draft: its rules come into force, those of ended items end, matching starts.

    valid_from, valid_to: when the new wording holds, both days included; without them as the paper says. What begins
    later waits, and the wording before it holds until then. Raises DraftRefused with every problem of every item; then
    nothing has changed.
    """
    if valid_from and valid_to and valid_to < valid_from:
        raise DraftRefused("dates", _("The policy ends before it begins."), "valid_to", _("Choose a later last day."))
    with transaction.atomic():
        policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
        if policy.status == Policy.Status.ENDED:
            raise DraftRefused("ended", _("This policy has ended."), policy.code)
        text = texts.current(policy).text
        dictionary = facts_dictionary.current()
        found = library.items(policy, drafts_first=True)
        if not found:
            raise DraftRefused(
                "no_items", _("The policy has no item to confirm."), policy.code, _("Add an item with its conditions.")
            )
        gone = policy.items.filter(ended=True, rule__versions__status="active").select_related("rule").distinct()
        waiting = any(each.version is not None and each.version.status == "draft" for each in found)
        if policy.status == Policy.Status.CONFIRMED and not waiting and not gone:
            # Sent twice: who answered for it first, and when, stays.
            return policy
        if policy.status == Policy.Status.DRAFT:
            policy.valid_from, policy.valid_to = valid_from or policy.valid_from, valid_to or policy.valid_to
        problems: list[Problem] = []
        for position, each in enumerate(found):
            if each.version is None:
                continue
            if each.version.status == RuleVersion.Status.DRAFT and (valid_from or valid_to):
                each.version.valid_from, each.version.valid_to = valid_from, valid_to or each.version.valid_to
                each.version.save(update_fields=["valid_from", "valid_to"])
            try:
                rules.activate(each.version, text, dictionary=dictionary)
            except RuleRefused as refused:
                problems += _placed(refused, position)
        if not problems:
            problems = _contradictions(found, dictionary)
        if problems:
            message = _("Some conditions cannot be decided as they stand.")
            raise DraftRefused("unsound", message, problems[0].path, problems[0].message, problems)
        for item in gone:
            rules.retire(item.rule)
        policy.status = Policy.Status.CONFIRMED
        policy.confirmed_at, policy.confirmed_by = timezone.now(), user
        policy.save(update_fields=["status", "confirmed_at", "confirmed_by", "valid_from", "valid_to"])
        evaluations.adjusted(policy, texts.current(policy))
        from innozone.wings.policies import tasks

        jobs.enqueue(tasks.match)
        following.announce()
    return policy


def problems(policy: Policy) -> dict[str, list[Problem]]:
    """What still stands against confirming, warnings included: item code → problems."""
    text = texts.current(policy).text
    dictionary = facts_dictionary.current()
    versions = [each.version for each in library.items(policy, drafts_first=True) if each.version is not None]
    read = [rules.inspect(version.data, document=text, dictionary=dictionary) for version in versions]
    pairs = [(version, parsed) for version, (parsed, _) in zip(versions, read, strict=True)]
    beside = rules.inspect_together(pairs, dictionary=dictionary)
    return {version.rule.code: own + other for version, (_, own), other in zip(versions, read, beside, strict=True)}


def _contradictions(found: Sequence[library.ItemInForce], dictionary: Dictionary) -> list[Problem]:
    """What the items of a policy say against each other that nobody can mean; every item by itself is sound."""
    there = [(position, each.version) for position, each in enumerate(found) if each.version is not None]
    told = rules.inspect_together([(version, rules.parsed(version)) for _, version in there], dictionary=dictionary)
    return [
        replace(problem, path=f"items[{position}].{problem.path}".rstrip("."))
        for (position, _), problems in zip(there, told, strict=True)
        for problem in problems
        if problem.severity == "error"
    ]


def _save_item(policy: Policy, version: RuleVersion, position: int, item: ItemDraft) -> None:
    Item.objects.update_or_create(
        rule_id=version.rule_id,
        defaults={
            "policy": policy,
            "position": position,
            "summary": item.summary[:400],
            "summary_en": item.summary_en[:600],
            "opens": item.opens,
            "closes": item.closes,
            "department": item.department,
            "papers": list(item.papers),
            "ended": False,
        },
    )


def _free_code(policy: Policy, taken: set[str]) -> str:
    number = 1
    while f"{policy.code}.{number}" in taken:
        number += 1
    return f"{policy.code}.{number}"


def _placed(refused: RuleRefused, position: int) -> list[Problem]:
    return [
        Problem(f"items[{position}].{problem.path}", problem.message, problem.position, problem.severity, problem.fatal)
        for problem in refused.problems
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
