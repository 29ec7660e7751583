"""Security headers on every answer."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from innozone.portal import wording

# Styles may stand in elements: the chart and component libraries set them. Scripts only come from files of ours;
# Alpine's ordinary build evaluates expressions, so its CSP build is the one that the pages load.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "worker-src 'self' blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class SecurityHeadersMiddleware:
    """Content security policy and permissions policy; what is kept of an answer, and where.

    A part that htmx asked for must not be kept under the page's address, and nothing of a signed-in person may be
    read from a cache after that person has left the machine.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        patch_vary_headers(response, ["HX-Request"])
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "private, no-store"
        return response


class NoNulMiddleware:
    """Refuses text with a NUL character, which no keyboard types and no database keeps."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The API names the parameter in its own form.
        asked = "" if request.path.startswith("/api/") else request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "%00" in asked:
            raise BadRequest("NUL character in the address")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        """Forms are read by now, for the token of the page; what comes as JSON is the API's to check."""
        if request.method == "POST" and any(
            "\x00" in value for _name, values in request.POST.lists() for value in values
        ):
            raise BadRequest("NUL character in the form")


class OneDictionaryMiddleware:
    """A page speaks by one dictionary from its first word to its last, and asks for it once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with wording.one_dictionary():
            return self.get_response(request)
