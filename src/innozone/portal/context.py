"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    """The zone's code."""
    return {"zone": settings.ZONE}
