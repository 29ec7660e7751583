"""Security headers on every answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from innozone.portal import wording

# Styles may stand in elements: the chart and component libraries set them. Scripts only come from files of ours;
# Alpine's ordinary build evaluates expressions, so its CSP build is the one that the pages load.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "worker-src 'self' blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class SecurityHeadersMiddleware:
    """Content security policy and permissions policy; htmx partials must not be cached under the page's address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Vary", "HX-Request")
        return response


class OneDictionaryMiddleware:
    """A page speaks by one dictionary from its first word to its last, and asks for it once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with wording.one_dictionary():
            return self.get_response(request)
