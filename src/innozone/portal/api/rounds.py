"""S25 policy making: rounds of opinions and surveys, evaluations, the 1+N tree."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from innozone.foundation.access import gate
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts.models import Rule
from innozone.portal.api import schemas
from innozone.portal.api.auth import ANYONE
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.portal.api.paging import page
from innozone.portal.desks.rounds import round_state
from innozone.wings.policies import answers, consultations, evaluations, texts
from innozone.wings.policies.models import Consultation, Evaluation, Opinion, Policy

router = Router(tags=["policy making"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}
Words = Annotated[schemas.Text, Field(max_length=4000)]


class QuestionIn(Schema):
    text: Annotated[schemas.Text, Field(max_length=400)]
    kind: Literal["single", "multiple", "scale", "number", "text"] = "text"
    options: list[Annotated[schemas.Text, Field(max_length=200)]] = Field(default_factory=list, max_length=20)


class RoundIn(Schema):
    """A draft (`policy`) or questions, put before every enterprise or those entitled to `rule`."""

    title: Annotated[schemas.Text, Field(max_length=200)]
    closes: date
    opens: date | None = None
    intro: Words = ""
    policy: schemas.Text = ""
    rule: schemas.Text = ""
    questions: list[QuestionIn] = Field(default_factory=list, max_length=40)


class OpinionOut(Schema):
    """`enterprise` is named to staff only."""

    id: int
    enterprise: int | None
    item: str
    stance: str
    text: str
    given_at: datetime
    outcome: str
    answer: str
    answered_at: datetime | None


class GroupOut(Schema):
    code: str
    answered: int
    counts: dict[str, int]


class ResultOut(Schema):
    """How a question was answered; `counts` hold null where a number would tell of fewer than five."""

    code: str
    text: str
    kind: str
    answered: int
    counts: dict[str, int | None]
    mean: float | None
    texts: list[str]
    groups: dict[str, list[GroupOut]] = Field(description="by variable, those in which nobody is recognised")


class RoundHead(Schema):
    id: int
    title: str
    intro: str
    policy: str | None
    version: int | None
    rule: str | None
    opens: date
    closes: date
    state: Literal["coming", "open", "answering", "done"]
    questions: list[dict[str, Any]]
    summary: str


class RoundOut(RoundHead):
    opinions: list[OpinionOut]
    results: list[ResultOut]


class OpinionIn(Schema):
    """What an enterprise says of a draft, or of one of its items."""

    enterprise: schemas.Id
    stance: Literal["support", "amend", "oppose"]
    text: Words = ""
    item: schemas.Text = ""


class ReplyIn(Schema):
    """The answers of an enterprise: {code of the question: value, or values}."""

    enterprise: schemas.Id
    answers: dict[str, Words | list[Words]]


class AnswerIn(Schema):
    outcome: Literal["accepted", "partly", "refused"]
    answer: Words


class SummaryIn(Schema):
    summary: Words


class EvaluationIn(Schema):
    policy: schemas.Text
    start: date
    end: date


class DecisionIn(Schema):
    decision: Literal["keep", "adjust", "end"]
    reason: Words


class EvaluationOut(Schema):
    """Figures per item as they were worked out; money in 元, null where no run or no sum says."""

    id: int
    policy: str
    start: date
    end: date
    items: list[dict[str, Any]]
    decision: str
    reason: str
    version: int | None = Field(description="the version that came of an adjustment")


@router.get("/consultations", auth=ANYONE, response={200: schemas.Page[RoundHead], 422: ProblemOut}, summary="Rounds")
def list_rounds(request: HttpRequest, offset: schemas.Offset = 0, limit: schemas.Limit = 50) -> dict[str, Any]:
    """Staff see all, an enterprise those in which it is asked and the concluded ones, everybody the concluded ones."""
    rows = Consultation.objects.select_related("version__policy", "rule")
    seen = gate.scope(request.user, "policies.view_consultation", rows)
    own = [party.pk for party in gate.enterprises(request.user)]
    if own:
        asked = consultations.for_parties(own).values("pk")
        seen = rows.filter(pk__in=asked) | seen
    return page(seen.distinct().order_by("-closes", "-pk"), offset, limit, _head)


@router.post("/consultations", response={201: RoundOut} | REFUSED, summary="Open a round")
def open_round(request: HttpRequest, body: RoundIn) -> Status[dict[str, Any]]:
    """Puts the newest version of a draft, or questions, before the enterprises."""
    gate.require(request.user, "policies.add_consultation")
    policy = Policy.objects.filter(code=body.policy).first() if body.policy else None
    rule = Rule.objects.filter(code=body.rule, versions__status="active").first() if body.rule else None
    if body.policy and policy is None:
        raise not_found("policy")
    if body.rule and rule is None:
        raise not_found("rule")
    try:
        made = consultations.open_round(
            body.title,
            request.user,
            closes=body.closes,
            opens=body.opens,
            intro=body.intro,
            version=texts.current(policy) if policy else None,
            rule=rule,
            questions=[question.dict() for question in body.questions],
        )
    except consultations.Refused as refused:
        raise _refused(refused) from None
    return Status(201, _whole(request, made))


@router.get("/consultations/{round}", auth=ANYONE, response={200: RoundOut} | REFUSED, summary="One round")
def get_round(request: HttpRequest, round: schemas.Id) -> dict[str, Any]:
    """With opinions and answers as far as the reader may see them: one's own, all for staff, without names once
    concluded."""
    return _whole(request, _seen(request, round))


@router.post(
    "/consultations/{round}/opinions", response={201: OpinionOut} | REFUSED, summary="Say something of a draft"
)
def opine(request: HttpRequest, round: schemas.Id, body: OpinionIn) -> Status[dict[str, Any]]:
    """A later opinion of the enterprise on the same item takes the place of the earlier one."""
    party, found = _asked(request, round, body.enterprise)
    try:
        made = consultations.opine(found, party, request.user, body.stance, body.text, body.item)
    except consultations.Refused as refused:
        raise _refused(refused) from None
    return Status(201, _opinion(made, named=True))


@router.post("/consultations/{round}/replies", response={201: dict[str, Any]} | REFUSED, summary="Answer the questions")
def reply(request: HttpRequest, round: schemas.Id, body: ReplyIn) -> Status[dict[str, Any]]:
    """The answers as they are kept."""
    party, found = _asked(request, round, body.enterprise)
    try:
        made = consultations.reply(found, party, request.user, body.answers)
    except consultations.Refused as refused:
        raise _refused(refused) from None
    return Status(201, made.answers)


@router.post("/opinions/{opinion}/answer", response={200: OpinionOut} | REFUSED, summary="Answer an opinion")
def answer(request: HttpRequest, opinion: schemas.Id, body: AnswerIn) -> dict[str, Any]:
    """The enterprise is told."""
    gate.require(request.user, "policies.answer_opinion")
    found = Opinion.objects.filter(pk=opinion).first()
    if found is None:
        raise not_found("opinion")
    try:
        return _opinion(consultations.answer(found, request.user, body.outcome, body.answer), named=True)
    except consultations.Refused as refused:
        raise _refused(refused) from None


@router.post("/consultations/{round}/conclude", response={200: RoundOut} | REFUSED, summary="Conclude a round")
def conclude(request: HttpRequest, round: schemas.Id, body: SummaryIn) -> dict[str, Any]:
    """Refused while an opinion has no answer. What came of it is public from then on, without names."""
    gate.require(request.user, "policies.answer_opinion")
    found = Consultation.objects.filter(pk=round).first()
    if found is None:
        raise not_found("round")
    try:
        return _whole(request, consultations.conclude(found, request.user, body.summary))
    except consultations.Refused as refused:
        raise _refused(refused) from None


@router.get("/evaluations", response={200: schemas.Page[EvaluationOut]} | REFUSED, summary="Evaluations")
def list_evaluations(
    request: HttpRequest, policy: schemas.Text = "", offset: schemas.Offset = 0, limit: schemas.Limit = 50
) -> dict[str, Any]:
    """Of all policies, or of one; the newest first."""
    gate.require(request.user, "policies.view_evaluation")
    rows = Evaluation.objects.select_related("policy", "outcome")
    return page(rows.filter(policy__code=policy) if policy else rows, offset, limit, _evaluation)


@router.post("/evaluations", response={201: EvaluationOut} | REFUSED, summary="Evaluate a policy")
def evaluate(request: HttpRequest, body: EvaluationIn) -> Status[dict[str, Any]]:
    """Use and money of every item in a period; the same period again gives the evaluation there is."""
    gate.require(request.user, "policies.add_evaluation")
    policy = Policy.objects.filter(code=body.policy).first()
    if policy is None:
        raise not_found("policy")
    try:
        return Status(201, _evaluation(evaluations.evaluate(policy, body.start, body.end, request.user)))
    except evaluations.Refused as refused:
        raise _refused(refused) from None


@router.post("/evaluations/{evaluation}/decide", response={200: EvaluationOut} | REFUSED, summary="Keep, adjust or end")
def decide(request: HttpRequest, evaluation: schemas.Id, body: DecisionIn) -> dict[str, Any]:
    """An adjustment waits for the next version of the policy that is confirmed."""
    gate.require(request.user, "policies.add_evaluation")
    found = Evaluation.objects.filter(pk=evaluation).first()
    if found is None:
        raise not_found("evaluation")
    try:
        return _evaluation(evaluations.decide(found, request.user, body.decision, body.reason))
    except evaluations.Refused as refused:
        raise _refused(refused) from None


def _seen(request: HttpRequest, key: int) -> Consultation:
    found = Consultation.objects.filter(pk=key).select_related("version__policy", "rule").first()
    if found is None:
        raise not_found("round")
    if gate.allows(request.user, "policies.view_consultation", found):
        return found
    own = [party.pk for party in gate.enterprises(request.user)]
    if not own or not consultations.for_parties(own).filter(pk=key).exists():
        raise not_found("round")
    return found


def _asked(request: HttpRequest, key: int, enterprise: int) -> tuple[Party, Consultation]:
    """The enterprise of the user and the round in which it is asked; the same 404 for everything that is not so."""
    party = Party.objects.filter(pk=enterprise).first()
    if party is None or not gate.allows(request.user, "policies.add_opinion", party):
        raise not_found("enterprise")
    found = consultations.for_parties([party.pk]).filter(pk=key).first()
    if found is None:
        raise not_found("round")
    return party, found


def _refused(refused: consultations.Refused | evaluations.Refused) -> Problem:
    return Problem(422, "refused", str(refused), refused.place)


def _head(row: Consultation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "intro": row.intro,
        "policy": row.version.policy.code if row.version else None,
        "version": row.version.number if row.version else None,
        "rule": row.rule.code if row.rule else None,
        "opens": row.opens,
        "closes": row.closes,
        "state": round_state(row),
        "questions": row.questions,
        "summary": row.summary,
    }


def _whole(request: HttpRequest, row: Consultation) -> dict[str, Any]:
    own = {party.pk for party in gate.enterprises(request.user)}
    all_ = gate.allows(request.user, "policies.view_consultation", row)
    named = gate.allows(request.user, "policies.answer_opinion") or gate.allows(request.user, "parties.list_party")
    rows = row.opinions.filter(superseded_at__isnull=True)
    return _head(row) | {
        "opinions": [
            _opinion(each, named=named or each.party_id in own) for each in rows if all_ or each.party_id in own
        ],
        "results": [
            {
                "code": result.question["code"],
                "text": result.question["text"],
                "kind": result.question["kind"],
                "answered": result.answered,
                "counts": result.counts,
                "mean": None if result.mean is None else float(result.mean),
                "texts": result.texts,
                "groups": {code: [asdict(group) for group in groups] for code, groups in result.groups.items()},
            }
            for result in (answers.results(row) if all_ else ())
        ],
    }


def _opinion(row: Opinion, *, named: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "enterprise": row.party_id if named else None,
        "item": row.item,
        "stance": row.stance,
        "text": row.text,
        "given_at": row.created_at,
        "outcome": row.outcome,
        "answer": row.answer,
        "answered_at": row.answered_at,
    }


def _evaluation(row: Evaluation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "policy": row.policy.code,
        "start": row.start,
        "end": row.end,
        "items": row.figures,
        "decision": row.decision,
        "reason": row.reason,
        "version": row.outcome.number if row.outcome else None,
    }
