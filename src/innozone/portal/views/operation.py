"""What those who run the zone's servers ask: does it answer, and how is it."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from innozone.foundation.access import gate, tokens

_FIGURES = """
select
    (select count(*) from parties_party where kind = 'enterprise' and redirect_id is null),
    (select count(*) from facts_fact where conflicting),
    (select count(*) from facts_objection where status = 'open'),
    (select count(*) from notices_notice where read_at is null),
    (select extract(epoch from now() - max(finished_at)) from verdicts_run),
    (select seconds from verdicts_run where finished_at is not null order by finished_at desc limit 1),
    pg_database_size(current_database())
"""
_NAMES = (
    ("innozone_enterprises", "Enterprises on file"),
    ("innozone_conflicts", "Facts on which sources disagree"),
    ("innozone_objections_open", "Objections that nobody has decided"),
    ("innozone_notices_unread", "Messages not read yet"),
    ("innozone_matching_age_seconds", "Time since the newest matching ended"),
    ("innozone_matching_seconds", "How long the newest matching took"),
    ("innozone_database_bytes", "Size of the database"),
)


class _Zone(Collector):
    """Read when asked, so that every web process tells the same."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with connection.cursor() as cursor:
            cursor.execute(_FIGURES)
            for (name, text), value in zip(_NAMES, cursor.fetchone(), strict=True):
                if value is not None:
                    yield GaugeMetricFamily(name, text, value=float(value))
            for name, text, query in (
                ("innozone_deliveries", "Deliveries", "select status, count(*) from facts_delivery group by 1"),
                ("innozone_jobs", "Jobs", "select status::text, count(*) from procrastinate_jobs group by 1"),
            ):
                family = GaugeMetricFamily(name, f"{text} by status", labels=["status"])
                cursor.execute(query)
                for status, number in cursor.fetchall():
                    family.add_metric([status], number)
                yield family


def healthz(request: HttpRequest) -> HttpResponse:
    """Answers 200 once the server answers and the database does."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: for administrators, signed in or with a token of theirs (bearer)."""
    header = request.headers.get("Authorization", "")
    user = tokens.user_of(header.removeprefix("Bearer ")) if header.startswith("Bearer ") else request.user
    if user is None or not gate.allows(user, "access.change_membership"):
        raise PermissionDenied
    registry = CollectorRegistry()
    registry.register(_Zone())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
