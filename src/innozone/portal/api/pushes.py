"""How an enterprise is told, and what became of the pushes of each policy."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from innozone.foundation.access import gate
from innozone.foundation.notices import routes, webhooks
from innozone.foundation.notices.models import Route
from innozone.foundation.parties.models import Party
from innozone.portal.api import push_schemas as schemas
from innozone.portal.api.errors import Problem, ProblemOut, not_found
from innozone.portal.api.schemas import Id, Text
from innozone.wings.policies import reports
from innozone.wings.policies.models import Policy

routes_router = Router(tags=["messages"])
router = Router(tags=["messages"])
REFUSED = {401: ProblemOut, 403: ProblemOut, 404: ProblemOut, 422: ProblemOut}
Channel = Literal["app", "mail", "webhook"]


def _party(request: HttpRequest, enterprise: int) -> Party:
    found = gate.scope(
        request.user, "parties.view_party", Party.objects.filter(kind="enterprise", pk=enterprise)
    ).first()
    if found is None or not gate.allows(request.user, "notices.change_route", found):
        raise not_found("enterprise")
    return found


@routes_router.get(
    "/{enterprise}/routes", response={200: list[schemas.Route]} | REFUSED, summary="How messages reach an enterprise"
)
def list_routes(request: HttpRequest, enterprise: Id) -> list[dict[str, Any]]:
    """In the application, by mail (your own), by webhook. Only for those who speak for the enterprise."""
    party = _party(request, enterprise)
    return [_shape(route) for route in routes.of(party.pk, request.user).values()]


@routes_router.post(
    "/{enterprise}/routes/{channel}", response={200: schemas.Route} | REFUSED, summary="Set how messages reach it"
)
def set_route(request: HttpRequest, enterprise: Id, channel: Channel, body: schemas.RouteIn) -> dict[str, Any]:
    """Only what is given changes. Setting another address of a webhook gives its secret, once."""
    party = _party(request, enterprise)
    given = body.model_dump(exclude_unset=True)
    try:
        secret = ""
        url = given.pop("url", None)
        if url is not None and channel != Route.Channel.WEBHOOK:
            raise routes.RouteRefused("url", "Only a webhook has an address.")
        if url:
            route, new = routes.set_webhook(party.pk, request.user, url)
            secret = webhooks.secret_of(route) if new else ""
        return _shape(routes.change(party.pk, channel, request.user, given), secret)
    except routes.RouteRefused as refused:
        raise _refused(refused) from None


@routes_router.post(
    "/{enterprise}/webhook/{action}",
    response={200: schemas.WebhookDone} | REFUSED,
    summary="Test, switch on, new secret",
)
def webhook(request: HttpRequest, enterprise: Id, action: Literal["test", "enable", "secret"]) -> dict[str, Any]:
    """`test` calls once with an empty message and tells what went wrong; `enable` switches on again what was switched
    off after failures; `secret` makes a new one, shown once."""
    party = _party(request, enterprise)
    problem = secret = ""
    try:
        route = routes.webhook(party.pk)
        if action == "test":
            problem = webhooks.test(route)
        elif action == "enable":
            route = routes.enable(party.pk)
        else:
            route = routes.new_secret(party.pk)
            secret = webhooks.secret_of(route)
    except routes.RouteRefused as refused:
        raise _refused(refused) from None
    return {"route": _shape(route, secret), "problem": problem}


@router.get("/{code}", response={200: schemas.Push} | REFUSED, summary="The pushes of a policy")
def push(request: HttpRequest, code: Text) -> dict[str, Any]:
    """How soon its messages went out, and what became of them by channel. Only for staff; `desks/pushes` lists all."""
    gate.require(request.user, "notices.list_push")
    policy = gate.scope(request.user, "policies.view_policy", Policy.objects.filter(code=code)).first()
    if policy is None:
        raise not_found("policy")
    found = reports.of_policies([policy.pk]).get(policy.pk)
    delay = found.delay if found else None
    return {
        "policy": policy.code,
        "issued": policy.issued,
        "notices": found.notices if found else 0,
        "days_from_issue": delay.days if delay else None,
        "seconds_from_force": delay.seconds if delay else None,
        "first_push": delay.first_push if delay else None,
        "last_push": delay.last_push if delay else None,
        "channels": [
            {
                "channel": each.channel,
                "delivered": each.delivered,
                "waiting": each.waiting,
                "failed": each.failed,
                "opened": each.opened,
                "share_opened": each.share,
                "median_seconds": each.median,
                "p90_seconds": each.p90,
            }
            for each in (found.channels.values() if found else ())
        ],
    }


def _refused(refused: routes.RouteRefused) -> Problem:
    return Problem(422, "refused", str(refused), refused.place)


def _shape(route: Route, secret: str = "") -> dict[str, Any]:
    names = (*routes.SETTINGS, "channel", "url", "failures", "disabled_at")
    return {name: getattr(route, name) for name in names} | {"secret": secret or None}
