"""Version 1 of the API, put together."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from ninja import NinjaAPI, Swagger

from innozone.portal.api import (
    allocations,
    cockpit,
    data,
    desks,
    enterprises,
    errors,
    following,
    me,
    policies,
    proposals,
    pushes,
    rounds,
    sandboxes,
    sources,
    system,
    versions,
)
from innozone.portal.api.auth import SIGNED_IN

DESCRIPTION = (
    "Everything that pages show, for programs. Send `Authorization: Bearer …` with a token from your account page, or "
    "use the session of the browser (unsafe methods then need the CSRF token). A token may do what its user may do. "
    "Money is in 元, ratios with 1 = 100 %, days and times in ISO 8601. Errors have one form: "
    "`{code, message, place, cure, problems}`. What you may not know of is answered like what is not there: 404."
)

api = NinjaAPI(
    title="Innozone API",
    version="1",
    description=DESCRIPTION,
    auth=SIGNED_IN,
    urls_namespace="api",
    docs=Swagger(settings={"persistAuthorization": True, "docExpansion": "list"}),
)
errors.register(api)
api.add_router("", me.router)
api.add_router("", following.router)
api.add_router("/enterprises", enterprises.router)
api.add_router("/enterprises", pushes.routes_router)
api.add_router("/policies", policies.router)
api.add_router("/policies", versions.router)
api.add_router("/policies", proposals.router)
api.add_router("/pushes", pushes.router)
api.add_router("/rules", policies.rules_router)
api.add_router("/allocations", allocations.router)
api.add_router("/sandbox", sandboxes.router)
api.add_router("/sources", sources.router)
api.add_router("", rounds.router)
api.add_router("", system.router)
api.add_router("", data.router)
api.add_router("/cockpit", cockpit.router)
api.add_router("/desks", desks.router)


@api.get("/healthz", auth=None, tags=["operation"], summary="Is the API up?")
def healthz(request: HttpRequest) -> dict[str, str]:
    return {"status": "ok"}


def missing(request: HttpRequest, path: str) -> JsonResponse:
    """An address below the API that leads nowhere, answered in the API's own form."""
    return JsonResponse(errors.not_found(path).body, status=404)
