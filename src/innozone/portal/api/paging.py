"""Pages of querysets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet


def page(rows: QuerySet[Any], offset: int, limit: int, shape: Callable[[Any], Any]) -> dict[str, Any]:
    """A schemas.Page: the rows must be ordered."""
    return {
        "items": [shape(row) for row in rows[offset : offset + limit]],
        "total": rows.order_by().count(),
        "offset": offset,
        "limit": limit,
    }
