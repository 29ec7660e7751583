"""S21 the policy workbench: texts read into conditions, corrected by a person, confirmed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from innozone.foundation.desks.views import desk_page
from innozone.portal.desks import WORKBENCH


def workbench(request: HttpRequest) -> HttpResponse:
    """All papers, drafts among them."""
    return desk_page(request, WORKBENCH, "workbench/list.html")
