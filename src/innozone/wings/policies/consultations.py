"""S25 政策需求调研, 企业家参与政策制定: drafts put before founders, questions asked, every opinion answered.

An enterprise may correct what it said until the round closes; what was said before is kept. A round is concluded only
when each opinion has its answer, and then everybody may read what came of it, without names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import runs
from innozone.foundation.verdicts.models import RuleVersion, Verdict
from innozone.wings.policies.models import Consultation, Opinion, Policy, PolicyVersion, Reply

LONGEST = 4000
MOST_QUESTIONS, MOST_OPTIONS = 40, 20
SCALE = ("1", "2", "3", "4", "5")


class Refused(ValueError):
    """What cannot be taken, as a sentence for the one who sent it. `place`: the field or question."""

    def __init__(self, message: str, place: str = "") -> None:
        self.place = place
        super().__init__(message)


def open_round(
    title: str,
    user: Any,
    *,
    closes: date,
    opens: date | None = None,
    intro: str = "",
    version: PolicyVersion | None = None,
    rule: Any = None,
    questions: Sequence[Mapping[str, Any]] = (),
) -> Consultation:
    """Puts a draft (`version`) or questions before the enterprises, or those of a rule. Raises Refused."""
    opens = opens or timezone.localdate()
    title = title.strip()
    if not title:
        raise Refused(_("A round needs a title."), "title")
    if closes < max(opens, timezone.localdate()):
        raise Refused(_("A round closes on a day to come, not before it opens."), "closes")
    asked = _questions(questions)
    if version is None and not asked:
        raise Refused(_("Put a draft or at least one question before them."), "questions")
    return Consultation.objects.create(
        title=title[:200],
        intro=intro.strip()[:LONGEST],
        version=version,
        rule=rule,
        questions=asked,
        opens=opens,
        closes=closes,
        created_by=user,
    )


def _questions(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(given) > MOST_QUESTIONS:
        raise Refused(_("At most %(most)d questions can be asked.") % {"most": MOST_QUESTIONS}, "questions")
    made = []
    for number, question in enumerate(given, 1):
        place = f"questions[{number - 1}]"
        text, kind = str(question.get("text", "")).strip(), str(question.get("kind", ""))
        options = [str(option).strip() for option in question.get("options") or () if str(option).strip()]
        if not text:
            raise Refused(_("Question %(number)d has no words.") % {"number": number}, place)
        if kind not in Consultation.QUESTION_KINDS:
            raise Refused(_("“%(kind)s” is no kind of question.") % {"kind": kind}, place)
        chooses = kind in ("single", "multiple")
        if chooses and not 2 <= len(set(options)) == len(options) <= MOST_OPTIONS:
            raise Refused(
                _("Question %(number)d needs 2 to %(most)d different answers to choose from.")
                % {"number": number, "most": MOST_OPTIONS},
                place,
            )
        made.append({"code": f"q{number}", "text": text[:400], "kind": kind, "options": options if chooses else []})
    return made


def is_open(found: Consultation, day: date | None = None) -> bool:
    """It may be spoken to on this day."""
    day = day or timezone.localdate()
    return found.concluded_at is None and found.opens <= day <= found.closes


def for_parties(parties: Iterable[int]) -> QuerySet[Consultation]:
    """The rounds that any of these enterprises is asked in: those for all, and those of rules that it fulfils."""
    held = list(parties)
    run = runs.latest()
    fulfilled: list[int] = []
    rules = list(Consultation.objects.filter(rule__isnull=False).values_list("rule", flat=True).distinct())
    if run is not None and rules:
        for verdict in Verdict.objects.filter(run=run, version__rule__in=rules).select_related(
            "version__rule", "run__snapshot"
        ):
            members = runs.member_ids(verdict, "true")
            if any(party in members for party in held):
                fulfilled.append(verdict.version.rule_id)
    spoken = Q(opinions__party__in=held) | Q(replies__party__in=held)
    return (
        Consultation.objects.filter(Q(rule__isnull=True) | Q(rule__in=fulfilled) | spoken)
        .filter(opens__lte=timezone.localdate())
        .select_related("version__policy")
        .distinct()
    )


@transaction.atomic
def opine(found: Consultation, party: Party, user: Any, stance: str, text: str, item: str = "") -> Opinion:
    """What the enterprise says of the draft or of one of its items; the same words again change nothing."""
    found = Consultation.objects.select_for_update(no_key=True).get(pk=found.pk)
    _still_open(found)
    if found.version is None:
        raise Refused(_("This round asks questions; there is no draft to speak of."))
    if stance not in Opinion.Stance.values:
        raise Refused(_("Say whether you are for it, against it, or want it changed."), "stance")
    text = text.strip()
    if not text and stance != Opinion.Stance.SUPPORT:
        raise Refused(_("Say in words what should change."), "text")
    if len(text) > LONGEST:
        raise Refused(_("An opinion holds at most %(most)d characters.") % {"most": LONGEST}, "text")
    if item and item not in {entry["rule"] for entry in found.version.items}:
        raise Refused(_("This item does not stand in the draft."), "item")
    before = found.opinions.filter(party=party, item=item, superseded_at__isnull=True).first()
    if before is not None:
        if (before.stance, before.text) == (stance, text):
            return before
        before.superseded_at = timezone.now()
        before.save(update_fields=["superseded_at"])
    return Opinion.objects.create(consultation=found, party=party, item=item, stance=stance, text=text, created_by=user)


@transaction.atomic
def reply(found: Consultation, party: Party, user: Any, answers: Mapping[str, Any]) -> Reply:
    """The answers of the enterprise to the questions; a later reply takes the place of the earlier, which is kept."""
    found = Consultation.objects.select_for_update(no_key=True).get(pk=found.pk)
    _still_open(found)
    kept = {}
    for question in found.questions:
        value = _answer(question, answers.get(question["code"]))
        if value is not None:
            kept[question["code"]] = value
    if not kept:
        raise Refused(_("Answer at least one question."))
    before = found.replies.filter(party=party, superseded_at__isnull=True).first()
    if before is not None:
        if before.answers == kept:
            return before
        before.superseded_at = timezone.now()
        before.save(update_fields=["superseded_at"])
    return Reply.objects.create(consultation=found, party=party, answers=kept, created_by=user)


def _answer(question: Mapping[str, Any], given: Any) -> Any:
    """The value as kept; None when the question was left open. Raises Refused with the code of the question."""
    words = [str(each).strip() for each in given] if isinstance(given, (list, tuple)) else [str(given or "").strip()]
    words = [word for word in words if word]
    if not words:
        return None
    kind, place = question["kind"], question["code"]
    if kind == "multiple":
        if strange := [word for word in words if word not in question["options"]]:
            raise Refused(_("“%(value)s” is none of the answers.") % {"value": strange[0][:60]}, place)
        return [option for option in question["options"] if option in words]
    word = words[0]
    if kind in ("single", "scale"):
        if word not in (question["options"] if kind == "single" else SCALE):
            raise Refused(_("“%(value)s” is none of the answers.") % {"value": word[:60]}, place)
        return word
    if kind == "number":
        try:
            number = Decimal(word.replace(",", "").replace("，", ""))
        except InvalidOperation:
            raise Refused(_("“%(value)s” is not a number.") % {"value": word[:60]}, place) from None
        if not number.is_finite() or abs(number) > 10**15:
            raise Refused(_("“%(value)s” is not a number.") % {"value": word[:60]}, place)
        return str(number)
    if len(word) > LONGEST:
        raise Refused(_("An answer holds at most %(most)d characters.") % {"most": LONGEST}, place)
    return word


def _still_open(found: Consultation) -> None:
    if not is_open(found):
        raise Refused(_("This round is not open: nothing can be said in it any more."))


@transaction.atomic
def answer(opinion: Opinion, user: Any, outcome: str, words: str) -> Opinion:
    """The answer to an opinion; the enterprise is told. Once the round is concluded, answers stand."""
    found = Consultation.objects.select_for_update(no_key=True).get(pk=opinion.consultation_id)
    opinion = Opinion.objects.select_for_update(no_key=True).get(pk=opinion.pk)
    if found.concluded_at is not None:
        raise Refused(_("This round is concluded: its answers stand."))
    if opinion.superseded_at is not None:
        raise Refused(_("The enterprise has changed this opinion meanwhile: answer the new one."))
    if outcome not in Opinion.Outcome.values:
        raise Refused(_("Say whether the opinion is taken up."), "outcome")
    words = words.strip()
    if not words:
        raise Refused(_("An answer gives the reason in words."), "answer")
    opinion.outcome, opinion.answer = outcome, words[:LONGEST]
    opinion.answered_at, opinion.answered_by = timezone.now(), user
    opinion.save(update_fields=["outcome", "answer", "answered_at", "answered_by"])
    data = {
        "opinion": opinion.pk,
        "round": found.pk,
        "title": found.title,
        "outcome": outcome,
        "answer": opinion.answer,
    }
    # One notice an answer: a corrected answer is told again, the same one is not.
    key = f"opinion:{opinion.pk}:{outcome}:{hash_of(opinion.answer)}"
    notices.send([notices.Draft(opinion.party_id, Notice.Kind.OPINION, key, data)])
    return opinion


def hash_of(words: str) -> str:
    """A short stable word for some text."""
    from innozone.wings.policies.texts import digest_of

    return digest_of(words)[:16]


@transaction.atomic
def conclude(found: Consultation, user: Any, summary: str) -> Consultation:
    """Ends the round and publishes what came of it. Refused while an opinion has no answer."""
    found = Consultation.objects.select_for_update(no_key=True).get(pk=found.pk)
    if found.concluded_at is not None:
        return found
    if open_ := unanswered(found).count():
        raise Refused(_("%(number)d opinions have no answer yet.") % {"number": open_})
    if not summary.strip():
        raise Refused(_("Say in words what came of it: everybody will read it."), "summary")
    found.summary, found.concluded_at, found.concluded_by = summary.strip()[:LONGEST], timezone.now(), user
    found.save(update_fields=["summary", "concluded_at", "concluded_by"])
    return found


def unanswered(found: Consultation) -> QuerySet[Opinion]:
    """The opinions that stand and have no answer."""
    return found.opinions.filter(superseded_at__isnull=True, answered_at__isnull=True)


def readable(policy: Policy, parties: Iterable[int]) -> bool:
    """A draft that is put before one of these enterprises may be read by it."""
    held = list(parties)
    return bool(held) and for_parties(held).filter(version__policy=policy).exists()


@dataclass(frozen=True)
class ItemOpinions:
    """What was said of one item of a draft (of the whole where `code` is empty), by stance."""

    code: str
    name: str
    opinions: list[Opinion]
    counts: dict[str, int]


def by_item(found: Consultation) -> list[ItemOpinions]:
    """The opinions that stand, item by item in the order of the draft, the whole first; items without one are left in."""
    opinions: dict[str, list[Opinion]] = {}
    for opinion in found.opinions.filter(superseded_at__isnull=True).select_related("party", "answered_by"):
        opinions.setdefault(opinion.item, []).append(opinion)
    rows = [("", "")] + [(version.rule.code, version.rule.name) for version in versions(found)]
    return [
        ItemOpinions(code, name, opinions.get(code, []), dict(Counter(each.stance for each in opinions.get(code, []))))
        for code, name in rows
    ]


def versions(found: Consultation) -> list[RuleVersion]:
    """The wordings of the items as they stood in the draft that was put before them, in its order. One query."""
    if found.version is None:
        return []
    wanted = {entry["rule"]: (at, entry["version"]) for at, entry in enumerate(found.version.items)}
    rows = RuleVersion.objects.filter(rule__code__in=wanted).select_related("rule")
    kept = [row for row in rows if row.number == wanted[row.rule.code][1]]
    return sorted(kept, key=lambda row: wanted[row.rule.code][0])
