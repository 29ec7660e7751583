"""What every page knows: the zone, its colour, the tree on the left."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from innozone.foundation.access import gate
from innozone.foundation.facts.models import PackLoad
from innozone.portal import navigation

# The zone's name and colour change with a pack, which is loaded at start: a minute's delay is nothing to wait for.
_KEEP_SECONDS = 60
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_lock = threading.Lock()
_kept: tuple[Any, float, dict[str, Any]] | None = None


def portal(request: HttpRequest) -> dict[str, object]:
    """Zone, theme, tree, unread messages."""
    user = getattr(request, "user", None)
    match = getattr(request, "resolver_match", None)
    chosen = request.COOKIES.get("theme")
    return {
        "zone": zone_head(),
        "theme": chosen if chosen in ("light", "dark") else "",
        "theme_choice": chosen if chosen in ("light", "dark") else "auto",
        "tree": navigation.tree(user, request.path) if user is not None and match is not None else [],
        "my_enterprises": gate.enterprises(user) if user is not None else [],
    }


def zone_head() -> dict[str, Any]:
    """Title and colours of the zone as the newest pack has them; the zone's code where none is loaded."""
    global _kept
    key, now = connection.settings_dict["NAME"], time.monotonic()
    with _lock:
        if _kept is not None and _kept[0] == key and now - _kept[1] < _KEEP_SECONDS:
            return _kept[2]
    data = PackLoad.objects.order_by("-id").values_list("data__pack", flat=True).first() or {}
    title = data.get("title") or {"zh": settings.ZONE, "en": settings.ZONE}
    colour = data.get("colour") or ""
    head = {
        "title": title,
        "subtitle": data.get("subtitle") or {},
        "colour": colour if _COLOUR.fullmatch(colour) else "#2f5d8a",
        "map_approval": data.get("map_approval", ""),
    }
    with _lock:
        _kept = (key, now, head)
    return head


def forget() -> None:
    """Drops what is kept, so that the next page reads the newest pack."""
    global _kept
    with _lock:
        _kept = None
