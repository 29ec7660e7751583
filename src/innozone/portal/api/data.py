"""Datasets, the dictionary, deliveries, objections."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import File, Router, Status
from ninja.files import UploadedFile

from innozone.foundation import jobs
from innozone.foundation.access import gate
from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import intake, objections, tasks
from innozone.foundation.facts.models import Dataset, Delivery, Objection, RejectedRow
from innozone.foundation.facts.problems import DeliveryRefused, delivery_texts, problem_text
from innozone.portal.api import schemas
from innozone.portal.api.enterprises import visible
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.portal.api.paging import page

router = Router()
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}


@router.get("/datasets", tags=["data"], response={200: list[schemas.Dataset]} | REFUSED, summary="Datasets")
def list_datasets(request: HttpRequest) -> list[dict[str, Any]]:
    """What departments and providers deliver, each with its contract."""
    rows = gate.scope(request.user, "facts.view_dataset", Dataset.objects.select_related("owner"))
    return [_dataset(row) for row in rows]


@router.get("/datasets/{code}", tags=["data"], response={200: schemas.Dataset} | REFUSED, summary="One dataset")
def get_dataset(request: HttpRequest, code: schemas.Text) -> dict[str, Any]:
    rows = gate.scope(request.user, "facts.view_dataset", Dataset.objects.select_related("owner"))
    found = rows.filter(code=code).first()
    if found is None:
        raise not_found("dataset")
    return _dataset(found)


@router.get("/dictionary", tags=["data"], response={200: schemas.Dictionary} | REFUSED, summary="The data dictionary")
def get_dictionary(request: HttpRequest) -> dict[str, Any]:
    """Every variable that facts and rules speak of."""
    gate.require(request.user, "facts.view_dataset")
    known = _dictionary()
    return {
        "variables": [
            {
                "code": variable.code,
                "label": variable.label.zh,
                "label_en": variable.label.en,
                "type": variable.type,
                "unit": variable.unit,
                "period": variable.period,
                "category": variable.category,
                "codelist": variable.codelist,
                "formula": variable.formula,
                "classification": variable.classification,
            }
            for variable in known
        ],
        "codelists": {code: len(codelist) for code, codelist in known.codelists.items()},
    }


@router.get(
    "/codelists/{code}", tags=["data"], response={200: schemas.Page[schemas.CodeEntry]} | REFUSED, summary="A code list"
)
def get_codelist(
    request: HttpRequest, code: schemas.Text, offset: schemas.Offset = 0, limit: schemas.Limit = 200
) -> dict[str, Any]:
    gate.require(request.user, "facts.view_dataset")
    codelist = _dictionary().codelists.get(code)
    if codelist is None:
        raise not_found("codelist")
    return {
        "items": [
            {"code": entry.code, "parent": entry.parent, "label": entry.label.zh, "label_en": entry.label.en}
            for entry in codelist.entries[offset : offset + limit]
        ],
        "total": len(codelist),
        "offset": offset,
        "limit": limit,
    }


@router.get(
    "/deliveries", tags=["data"], response={200: schemas.Page[schemas.Delivery]} | REFUSED, summary="Deliveries"
)
def list_deliveries(
    request: HttpRequest,
    dataset: schemas.Text = "",
    status: Literal["received", "taking", "taken", "refused"] | None = None,
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> dict[str, Any]:
    """Those of your department (supervisors: all), newest first."""
    gate.require(request.user, "facts.list_delivery")
    rows = gate.scope(request.user, "facts.view_delivery", Delivery.objects.select_related("dataset"))
    if dataset:
        rows = rows.filter(dataset__code=dataset)
    if status:
        rows = rows.filter(status=status)
    return page(rows, offset, limit, lambda row: _delivery(row, 3))


@router.post("/deliveries", tags=["data"], response={201: schemas.Delivery} | REFUSED, summary="Deliver a file")
def deliver(request: HttpRequest, dataset: schemas.Text, file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """Kept at once, taken in by the worker: ask for its state. The same file twice is refused."""
    found = Dataset.objects.filter(code=dataset, active=True).first()
    if found is None:
        raise not_found("dataset")
    gate.require(request.user, "facts.add_delivery", found)
    try:
        delivery = intake.receive(found, file, file.name or "upload", request.user)
    except DeliveryRefused as refused:
        raise Problem(422, refused.problem["code"], refused.text(get_language() or "zh-hans"), "file") from None
    jobs.enqueue(tasks.take_delivery, delivery=delivery.pk)
    return Status(201, _delivery(delivery))


@router.get(
    "/deliveries/{delivery}", tags=["data"], response={200: schemas.Delivery} | REFUSED, summary="State of a delivery"
)
def get_delivery(request: HttpRequest, delivery: schemas.Id) -> dict[str, Any]:
    return _delivery(_seen(request, delivery))


@router.get(
    "/deliveries/{delivery}/rejected",
    tags=["data"],
    response={200: schemas.Page[schemas.RejectedRow]} | REFUSED,
    summary="Rows kept aside",
)
def list_rejected(
    request: HttpRequest, delivery: schemas.Id, offset: schemas.Offset = 0, limit: schemas.Limit = 50
) -> dict[str, Any]:
    """Each with its place, the reason and the cure for every cell."""
    rows = RejectedRow.objects.filter(delivery=_seen(request, delivery)).order_by("row", "pk")
    return page(
        rows,
        offset,
        limit,
        lambda row: {
            "row": row.row,
            "kind": row.kind,
            "raw": row.raw,
            "problems": [_cell(problem) for problem in row.problems],
        },
    )


@router.get(
    "/objections", tags=["objections"], response={200: schemas.Page[schemas.Objection]} | REFUSED, summary="Objections"
)
def list_objections(
    request: HttpRequest,
    status: Literal["open", "accepted", "rejected"] | None = None,
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> dict[str, Any]:
    """Those of your enterprise; officers see those to their department's statements."""
    rows = gate.scope(request.user, "facts.view_objection", Objection.objects.select_related("party"))
    if status:
        rows = rows.filter(status=status)
    return page(rows, offset, limit, _objection)


@router.post(
    "/objections", tags=["objections"], response={201: schemas.Objection} | REFUSED, summary="Object to a fact"
)
def object_to(request: HttpRequest, body: schemas.ObjectionIn) -> Status[dict[str, Any]]:
    """Says that a fact of your own enterprise is wrong, what is right, and why."""
    party = visible(request, body.enterprise)
    gate.require(request.user, "facts.add_objection", party)
    try:
        made = objections.raise_objection(party, body.variable, body.year, body.claimed, body.reason, request.user)
    except ValueError as refused:
        raise Problem(422, "objection_refused", str(refused), "claimed") from None
    return Status(201, _objection(made))


@router.post(
    "/objections/{objection}/decide",
    tags=["objections"],
    response={200: schemas.Objection} | REFUSED,
    summary="Decide on an objection",
)
def decide(request: HttpRequest, objection: schemas.Id, body: schemas.DecisionIn) -> dict[str, Any]:
    """Accepted, the claimed value stands from now on. For the department whose statement is disputed."""
    rows = gate.scope(request.user, "facts.view_objection", Objection.objects.select_related("party"))
    found = rows.filter(pk=objection).first()
    if found is None:
        raise not_found("objection")
    gate.require(request.user, "facts.decide_objection", found)
    try:
        objections.decide(found, body.accept, body.answer, request.user)
    except ValueError as refused:
        raise Problem(422, "decision_refused", str(refused), "objection") from None
    found.refresh_from_db()
    return _objection(found)


def _cell(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem of a cell in the reader's language."""
    said = problem_text(problem, get_language() or "zh-hans")
    return {"code": problem["code"], "column": problem["column"], "value": problem["value"], "message": said}


def _seen(request: HttpRequest, delivery: int) -> Delivery:
    rows = gate.scope(request.user, "facts.view_delivery", Delivery.objects.select_related("dataset"))
    found = rows.filter(pk=delivery).first()
    if found is None:
        raise not_found("delivery")
    return found


def _dictionary() -> Any:
    try:
        return facts_dictionary.current()
    except facts_dictionary.NoPack as error:
        raise Problem(404, "no_pack", str(error)) from None


def _dataset(row: Dataset) -> dict[str, Any]:
    return {
        "code": row.code,
        "title": row.title,
        "title_en": row.title_en,
        "owner": row.owner.name,
        "active": row.active,
        "contract": row.contract,
    }


def _delivery(row: Delivery, most: int | None = None) -> dict[str, Any]:
    """A schemas.Delivery; lists hold only the first `most` lines of what its sender should know."""
    return {
        "id": row.pk,
        "dataset": row.dataset.code,
        "filename": row.filename,
        "status": row.status,
        "message": "\n".join(delivery_texts(row, get_language() or "zh-hans")[:most]),
        "received_at": row.received_at,
        "finished_at": row.finished_at,
        "rows": row.rows_total,
        "taken": row.rows_taken,
        "rejected": row.rows_rejected,
        "unlinked": row.rows_unlinked,
        "progress": row.progress,
    }


def _objection(row: Objection) -> dict[str, Any]:
    return {
        "id": row.pk,
        "enterprise": row.party_id,
        "enterprise_name": row.party.name,
        "variable": row.variable,
        "year": row.year or None,
        "claimed": row.claimed,
        "reason": row.reason,
        "status": row.status,
        "raised_at": row.raised_at,
        "decided_at": row.decided_at,
        "answer": row.answer,
    }
