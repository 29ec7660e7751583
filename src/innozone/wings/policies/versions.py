"""S21 两个版本对照: what a policy said and what it says, word by word and condition by condition; restoring, ending.

Every version stays. To restore one is to save what it said as a new version, which counts once it is confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from innozone.foundation import jobs
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Snapshot
from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import RuleVersion
from innozone.kernel.rules import Manual, Matcher, Test, load_condition, to_text
from innozone.kernel.rules.bulk import bits
from innozone.wings.policies import drafts, following, library, packs, texts
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.models import Item, Policy, PolicyVersion

Change = Literal["same", "added", "gone", "changed"]
#: Paragraphs longer than this are compared as a whole: letter by letter they would take seconds.
LONGEST_PARAGRAPH = 4000


@dataclass(frozen=True)
class Words:
    """A stretch of a text that stands in both versions (`same`), only in the new one or only in the old one."""

    change: Change
    text: str


@dataclass(frozen=True)
class LeafChange:
    """A condition before and after; `was` or `now` is None for one that was added or taken out. Each is a leaf of the
    rule's condition (Test or Manual)."""

    change: Change
    was: Any
    now: Any


@dataclass(frozen=True)
class ItemChange:
    """An item before and after. amount, grants: (before, after) where they differ. joined: the same conditions count
    together in another way."""

    change: Change
    code: str
    name: str
    name_en: str
    was: RuleVersion | None
    now: RuleVersion | None
    leaves: list[LeafChange] = field(default_factory=list)
    amount: tuple[str, str] | None = None
    kind: tuple[str, str] | None = None
    grants: tuple[str, str] | None = None
    limits: bool = False
    joined: bool = False


@dataclass(frozen=True)
class Comparison:
    """Two versions of one policy. paragraphs: of the text, each a list of stretches; unchanged ones too."""

    old: PolicyVersion
    new: PolicyVersion
    paragraphs: list[list[Words]]
    items: list[ItemChange]

    @property
    def text_changed(self) -> bool:
        return any(words.change != "same" for paragraph in self.paragraphs for words in paragraph)


def compare(old: PolicyVersion, new: PolicyVersion) -> Comparison:
    """What is different between two versions of a policy, in the order of the new one. Two queries."""
    return Comparison(old, new, list(paragraphs(old.text, new.text)), _items(old, new))


def paragraphs(old: str, new: str) -> Iterator[list[Words]]:
    """Two texts as one, with what changed. Line by line first, so that long papers stay quick; within a line that changed, letter by letter."""
    before, after = ([line for line in text.split("\n") if line.strip()] for text in (old, new))
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from ([Words("same", line)] for line in after[c:d])
            continue
        gone, came = before[a:b], after[c:d]
        for line, other in zip(gone, came, strict=False):
            yield letters(line, other)
        yield from ([Words("gone", line)] for line in gone[len(came) :])
        yield from ([Words("added", line)] for line in came[len(gone) :])


def letters(old: str, new: str) -> list[Words]:
    """Two lines letter by letter; figures and Latin words are compared whole, as half a number says nothing."""
    if len(old) > LONGEST_PARAGRAPH or len(new) > LONGEST_PARAGRAPH:
        return [Words("gone", old), Words("added", new)]
    one, two = _tokens(old), _tokens(new)
    found: list[Words] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Words("same", "".join(one[a:b])))
            continue
        if b > a:
            found.append(Words("gone", "".join(one[a:b])))
        if d > c:
            found.append(Words("added", "".join(two[c:d])))
    return found


def _tokens(line: str) -> list[str]:
    tokens: list[str] = []
    for letter in line:
        whole = letter.isascii() and (letter.isalnum() or letter in ".,%")
        if whole and tokens and tokens[-1][-1].isascii() and (tokens[-1][-1].isalnum() or tokens[-1][-1] in ".,%"):
            tokens[-1] += letter
        else:
            tokens.append(letter)
    return tokens


def _items(old: PolicyVersion, new: PolicyVersion) -> list[ItemChange]:
    wanted = [{entry["rule"]: entry["version"] for entry in version.items} for version in (old, new)]
    rows = RuleVersion.objects.filter(rule__code__in={*wanted[0], *wanted[1]}).select_related("rule")
    known = {(row.rule.code, row.number): row for row in rows}
    before, after = ({code: known.get((code, number)) for code, number in each.items()} for each in wanted)
    changes = [_item(code, before.get(code), now) for code, now in after.items()]
    return changes + [_item(code, was, None) for code, was in before.items() if code not in after]


def _item(code: str, was: RuleVersion | None, now: RuleVersion | None) -> ItemChange:
    rule = (now or was).rule if (now or was) else None
    names = (rule.name, rule.name_en) if rule else (code, "")
    if was is None or now is None:
        return ItemChange("gone" if now is None else "added", code, *names, was, now, _leaves(was, now))
    if was.digest == now.digest:
        return ItemChange("same", code, *names, was, now)
    leaves = _leaves(was, now)
    joined = all(leaf.change == "same" for leaf in leaves) and _shape(was) != _shape(now)
    benefit = [(version.data.get("benefit") or {}) for version in (was, now)]
    return ItemChange(
        "changed",
        code,
        *names,
        was,
        now,
        leaves,
        _pair(*(str(each.get("amount") or "") for each in benefit)),
        _pair(*(str(each.get("kind") or "") for each in benefit)),
        _pair(*(str(version.data.get("grants") or "") for version in (was, now))),
        any(was.data.get(key) != now.data.get(key) for key in ("stacking", "allocation")),
        joined,
    )


def _pair(was: str, now: str) -> tuple[str, str] | None:
    return (was, now) if was != now else None


def _leaves(was: RuleVersion | None, now: RuleVersion | None) -> list[LeafChange]:
    """Leaf beside leaf: those that say the same stand together, of the others those that rest on the same words or
    speak of the same quantity."""
    one, two = _read(was), _read(now)
    left = dict(enumerate(one))
    made: list[LeafChange] = []
    partners: dict[int, int] = {}
    for same in (_said, lambda leaf: leaf.anchor.quote or None, _subject):
        for at, leaf in enumerate(two):
            key = same(leaf)
            if at in partners or key is None:
                continue
            found = next((number for number, other in left.items() if same(other) == key), None)
            if found is not None:
                partners[at] = found
                del left[found]
    for at, leaf in enumerate(two):
        before = one[partners[at]] if at in partners else None
        equal = before is not None and (_said(before), before.anchor.quote) == (_said(leaf), leaf.anchor.quote)
        made.append(LeafChange("added" if before is None else "same" if equal else "changed", before, leaf))
    return made + [LeafChange("gone", leaf, None) for leaf in left.values()]


def _read(version: RuleVersion | None) -> list[Test | Manual]:
    return list(load_condition(version.data["conditions"]).leaves()) if version else []


def _said(leaf: Test | Manual) -> str:
    return to_text(leaf.expr) if isinstance(leaf, Test) else f"manual {leaf.text}"


def _subject(leaf: Test | Manual) -> str | None:
    """The name that a test begins with: 500万 and 400万 of one revenue belong together."""
    if not isinstance(leaf, Test):
        return None
    text = to_text(leaf.expr)
    name = text.removeprefix("not ").split("(")[-1] if text.startswith(("holds", "age")) else text.split(" ")[0]
    return name.split("[")[0] or None


def _shape(version: RuleVersion) -> str:
    """How the conditions join, without what they say."""

    def shape(data: Any) -> str:
        if isinstance(data, dict):
            for key in ("all", "any"):
                if key in data:
                    return f"{key}({','.join(shape(part) for part in data[key])})"
            if "not" in data:
                return f"not({shape(data['not'])})"
            if "at_least" in data:
                part = data["at_least"]
                return f"{part['n']}({','.join(shape(each) for each in part['of'])})"
        return "."

    return shape(version.data["conditions"])


@dataclass(frozen=True)
class Consequence:
    """What confirming does to one item over the newest snapshot. gained, lost: who would be entitled, or would not be
    any more, against the wording in force; unsound: errors stand against it, so that nothing can be counted."""

    item: Item
    version: RuleVersion | None
    before: int
    after: int
    gained: int
    lost: int
    unsound: bool = False


def consequences(policy: Policy) -> list[Consequence]:
    """What the waiting draft changes, item by item; items that stay as they are left out. None without a snapshot."""
    snapshot = Snapshot.objects.order_by("-recorded_at", "-id").first()
    if snapshot is None:
        return []
    dictionary = facts_dictionary.current()
    in_force = {
        version.rule_id: version for version in rules.in_force(snapshot.as_of).filter(rule__item__policy=policy)
    }
    waiting = [
        each
        for each in library.items(policy, drafts_first=True)
        if each.version is not None and each.version.status == RuleVersion.Status.DRAFT
    ]
    ending = policy.items.filter(ended=True, rule__in=in_force).select_related("rule")
    conditions: dict[str, Any] = {}
    for rule, version in in_force.items():
        conditions[f"old{rule}"] = rules.parsed(version).condition
    unsound = set()
    for each in waiting:
        read, _problems = rules.inspect(each.version.data, dictionary=dictionary)  # type: ignore[union-attr]
        if read is None:
            unsound.add(each.item.rule_id)
        else:
            conditions[f"new{each.item.rule_id}"] = read.condition
    found = Matcher(snapshots.open(snapshot), dictionary).match(conditions, members=True, near=False)

    def words(name: str) -> Any:
        return found[name].words("true") if name in found else None

    made = []
    for item, version in [*((each.item, each.version) for each in waiting), *((item, None) for item in ending)]:
        was, now = words(f"old{item.rule_id}"), words(f"new{item.rule_id}") if version is not None else None
        gained = bits.count(now if was is None else now & ~was) if now is not None else 0
        lost = bits.count(was if now is None else was & ~now) if was is not None else 0
        before = bits.count(was) if was is not None else 0
        made.append(Consequence(item, version, before, before + gained - lost, gained, lost, item.rule_id in unsound))
    return made


@transaction.atomic
def restore(policy: Policy, version: PolicyVersion, user: Any) -> PolicyVersion:
    """What the version said, as a new version; it counts once it is confirmed. Raises DraftRefused."""
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    if texts.current(policy).pk == version.pk:
        raise DraftRefused("newest", _("This is the newest version already."), policy.code)
    wanted = {entry["rule"]: entry["version"] for entry in version.items}
    items = {item.rule.code: item for item in Item.objects.filter(policy=policy).select_related("rule", "department")}
    rows = RuleVersion.objects.filter(rule__code__in=wanted).select_related("rule")
    kept: Mapping[str, RuleVersion] = {row.rule.code: row for row in rows if row.number == wanted[row.rule.code]}
    made = []
    for code in wanted:
        item, row = items.get(code), kept.get(code)
        if item is None or row is None:
            continue
        made.append(
            ItemDraft(
                name=item.rule.name,
                data=row.data,
                code=code,
                name_en=item.rule.name_en,
                kind=item.rule.kind,
                summary=item.summary,
                summary_en=item.summary_en,
                opens=item.opens,
                closes=item.closes,
                department=item.department,
                papers=tuple(item.papers),
            )
        )
    # An item that had ended comes back as one of the policy's own.
    Item.objects.filter(policy=policy, rule__code__in=wanted).update(ended=False)
    note = _("restored from version %(number)d") % {"number": version.number}
    return drafts.save_version(
        policy, version.text, made, user, note, gist=version.gist, keywords=version.keywords, tags=version.tags
    )


@transaction.atomic
def end(policy: Policy, user: Any, reason: str, replaced_by: Policy | None = None) -> Policy:
    """废止: the policy and its rules end today, with the reason and the paper in its place. Raises DraftRefused."""
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    if policy.status != Policy.Status.CONFIRMED:
        raise DraftRefused("not_in_force", _("Only a policy that is in force can be ended."), policy.code)
    if not reason.strip():
        raise DraftRefused("no_reason", _("Say why the policy ends: everybody will read it."), "reason")
    if replaced_by is not None and replaced_by.pk == policy.pk:
        raise DraftRefused("itself", _("A policy cannot take its own place."), "replaced_by")
    packs.end(policy, reason.strip(), replaced_by)
    from innozone.wings.policies import tasks

    jobs.enqueue(tasks.match)
    following.announce()
    return policy
