"""S21 机器建议: for clauses that the grammar left to a person a language model may propose a condition.

    ask(policy, user)                     one Proposal that waits per clause; the worker asks the model
    take(proposal, user), refuse(…)       a person decides, once

A proposal is no part of a rule. Taken, it becomes a test of a new version, which counts once that is confirmed; what
the proposal leaves unsaid of its clause stays for a person to judge.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from innozone.foundation import jobs
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.kernel.reading import proposals as reading
from innozone.kernel.rules import ConditionError, Manual, load_condition
from innozone.wings.policies import corrections, endpoint, library, tasks
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.models import Item, Policy, PolicyVersion, Proposal

logger = logging.getLogger("innozone.policies")

State = Proposal.State


@dataclass(frozen=True)
class Clause:
    """A clause that a person must judge, with the item it belongs to. text: its words in the paper."""

    item: Item
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def clauses(policy: Policy) -> list[Clause]:
    """The clauses that the newest wording leaves to a person and that have words in the paper, each once. Two queries."""
    found: dict[tuple[int, str], Clause] = {}
    for each in library.items(policy, drafts_first=True):
        if each.version is None:
            continue
        for leaf in _manual(each.version.data):
            text = leaf.anchor.quote.strip()
            if text and len(text) <= reading.LONGEST_CLAUSE:
                found.setdefault((each.item.pk, text), Clause(each.item, text))
    return list(found.values())


def _manual(data: Any) -> Iterator[Manual]:
    try:
        condition = load_condition(data.get("conditions"))
    except ConditionError:
        return
    yield from (leaf for leaf in condition.leaves() if isinstance(leaf, Manual))


def of(policy: Policy) -> QuerySet[Proposal]:
    """All that was ever proposed for the items of a policy."""
    return Proposal.objects.filter(item__policy=policy).select_related("item__rule", "asked_by", "decided_by")


def unasked(policy: Policy, known: Iterable[Proposal]) -> int:
    """How many clauses the model could be asked for, beside these proposals. Two queries."""
    return len(_unasked(policy, known))


def _unasked(policy: Policy, known: Iterable[Proposal]) -> list[Clause]:
    settled = {
        (each.item_id, each.digest)
        for each in known
        if each.state != State.FAILED and not (each.state == State.INVALID and each.model != settings.MODEL_NAME)
    }
    return [clause for clause in clauses(policy) if (clause.item.pk, clause.digest) not in settled]


@transaction.atomic
def ask(policy: Policy, user: Any) -> int:
    """Lets the worker ask the model for every clause it has not answered yet, MODEL_REQUESTS at most; how many wait.

    A clause is asked again after a failed call, and of another model after an unusable answer; what a person has
    decided stays decided. Raises DraftRefused when no model is set up or the policy has ended.
    """
    if not endpoint.configured():
        raise DraftRefused("no_model", _("No language model is set up."), "", _("Ask the administrator."))
    policy = Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    if policy.status == Policy.Status.ENDED:
        raise DraftRefused("ended", _("This policy has ended."), policy.code)
    asked = [
        Proposal(
            item=clause.item,
            clause=clause.text,
            digest=clause.digest,
            model=settings.MODEL_NAME,
            state=State.WAITING,
            asked_by=user,
            asked_at=timezone.now(),
        )
        for clause in _unasked(policy, of(policy))
    ]
    changed = ["model", "state", "reason", "detail", "asked_by", "asked_at"]
    Proposal.objects.bulk_create(
        asked[: settings.MODEL_REQUESTS],
        update_conflicts=True,
        unique_fields=["item", "digest"],
        update_fields=changed,
    )
    waiting = Proposal.objects.filter(item__policy=policy, state=State.WAITING).count()
    if waiting:
        jobs.enqueue(tasks.propose, policy=policy.pk)
    return waiting


def ask_model(policy: int) -> None:
    """The worker's part: one call per waiting clause, each answer kept as it comes. After a failure that the next call
    would meet too, the rest is failed at once; a job that was killed goes on where it stopped."""
    place = endpoint.Endpoint()
    dictionary, today = facts_dictionary.current(), timezone.localdate()
    waiting = Proposal.objects.filter(item__policy=policy, state=State.WAITING).order_by("pk")
    for each in waiting:
        try:
            if not endpoint.configured():
                raise endpoint.CallFailed("off")
            # One more for a server that does not know response_format.
            if place.calls > settings.MODEL_REQUESTS:
                raise endpoint.CallFailed("limit")
            answer = place.ask(reading.question(each.clause, dictionary))
            made = reading.judge(answer, each.clause, dictionary, today)
        except endpoint.CallFailed as failed:
            found = {"state": State.FAILED, "reason": failed.reason, "detail": failed.detail[:200]}
            if failed.over:
                waiting.update(**found)
                logger.warning("the language model gave no answer: %s", failed)
                return
        except reading.Refusal as refused:
            found = {"state": State.INVALID, "reason": refused.code, "detail": refused.detail}
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            # Whatever an answer breaks, it is no proposal, and the next clause gets its turn.
            found = {"state": State.INVALID, "reason": "syntax", "detail": type(error).__name__}
        else:
            found = {
                "state": State.OPEN,
                "expression": made.expression,
                "quote": made.quote,
                "reason": "",
                "detail": "",
            }
        Proposal.objects.filter(pk=each.pk, state=State.WAITING).update(**found)


@transaction.atomic
def take(proposal: Proposal, user: Any) -> PolicyVersion:
    """The manual leaf becomes the proposed test, as a new draft version whose note names model and person.

    The proposal is judged once more, by the dictionary of today. Raises DraftRefused: `decided`, `gone` when the
    newest wording has the clause no longer, `unsound`.
    """
    held = _open(proposal)
    policy = held.item.policy
    own = next(
        (each.version for each in library.items(policy, drafts_first=True) if each.item.pk == held.item_id), None
    )
    if own is None or not any(leaf.anchor.quote.strip() == held.clause for leaf in _manual(own.data)):
        raise DraftRefused(
            "gone", _("The newest wording does not leave this clause to a person any more."), policy.code
        )
    try:
        made = reading.judged(
            held.expression, held.quote, held.clause, facts_dictionary.current(), timezone.localdate()
        )
    except reading.Refusal as refused:
        raise DraftRefused("unsound", _("A condition or amount is not sound."), policy.code, str(refused)) from None
    conditions = _with_test(load_condition(own.data["conditions"]).to_data(), held.clause, made)
    note = _("proposed by the model %(model)s, taken over by %(user)s") % {"model": held.model, "user": user}
    version = corrections.with_data(policy, own, {**own.data, "conditions": conditions}, user, note[:200])
    _decide(held, State.TAKEN, user)
    return version


@transaction.atomic
def refuse(proposal: Proposal, user: Any) -> None:
    """A person does not want it; the clause stays with a person. Raises DraftRefused (`decided`)."""
    _decide(_open(proposal), State.REFUSED, user)


def _open(proposal: Proposal) -> Proposal:
    held = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("item__policy", "item__rule")
        .get(pk=proposal.pk)
    )
    if held.state != State.OPEN:
        raise DraftRefused("decided", _("This proposal has been decided meanwhile."), held.item.rule.code)
    return held


def _decide(held: Proposal, state: str, user: Any) -> None:
    held.state, held.decided_by, held.decided_at = state, user, timezone.now()
    held.save(update_fields=["state", "decided_by", "decided_at"])


def _with_test(data: dict[str, Any], clause: str, made: reading.Proposed) -> dict[str, Any]:
    """The condition data with the manual leaves of this clause replaced; a person keeps what the quote leaves out."""
    for kind in ("all", "any"):
        if kind in data:
            return {**data, kind: [_with_test(child, clause, made) for child in data[kind]]}
    if "not" in data:
        return {**data, "not": _with_test(data["not"], clause, made)}
    if "at_least" in data:
        part = data["at_least"]
        return {**data, "at_least": {**part, "of": [_with_test(child, clause, made) for child in part["of"]]}}
    if "manual" not in data or str(data.get("quote", "")).strip() != clause:
        return data
    notes = {key: value for key, value in data.items() if key != "manual"}
    if made.whole:
        return {"test": made.expression, **notes}
    source = {key: value for key, value in notes.items() if key == "source"}
    return {"all": [{"test": made.expression, "quote": made.quote, **source}, data]}
