"""A page does its work in a bounded number of queries: the counts stand in query_counts.json.

A page that needs more fails here. Write the file anew, after looking at the difference, with
`INNOZONE_WRITE_QUERY_COUNTS=1 pytest tests/portal/test_queries.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from innozone.foundation.parties.models import Party, PartyKind
from tests import zone
from tests.portal.people import client_of
from tests.portal.test_rights import PAGES, address

pytestmark = pytest.mark.django_db
KEPT = Path(__file__).with_name("query_counts.json")
OWN = "enterprise"


def role_of(name: str) -> str:
    """Who uses the page most: the role with most to load."""
    if PAGES[name].get("administrator") == 200 and not name.startswith("enterprise_m"):
        return "administrator"
    return OWN


def count(client, url: str) -> int:
    # What is kept in memory (dictionary, parsed rules, the zone's name) is there from the second request on.
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code in (200, 302)
    return len(queries)


def test_every_page_keeps_to_its_number_of_queries(place):
    counts = {}
    for name in PAGES:
        counts[name] = count(client_of(place.users, role_of(name)), address(name, place))
    if os.environ.get("INNOZONE_WRITE_QUERY_COUNTS") == "1":
        KEPT.write_text(json.dumps(counts, indent=2) + "\n")
    kept = json.loads(KEPT.read_text())
    changed = {name: (kept.get(name), counts[name]) for name in PAGES if kept.get(name) != counts[name]}
    assert not changed, f"page: (queries kept, queries now): {changed}"


def test_a_longer_list_needs_no_more_queries(place):
    client = client_of(place.users, "administrator")
    urls = [reverse(name) for name in ("enterprises", "deliveries", "objections", "conflicts", "rejected")]
    before = [count(client, url) for url in urls]
    for number in range(30):
        zone.enterprise(f"第{number}号有限公司", {"registration_region": "east", "revenue": {zone.YEAR: 5_0000}})
    assert Party.objects.filter(kind=PartyKind.ENTERPRISE).count() == 34
    place.delivery.pk = None
    place.delivery.sha256 = "0" * 64
    place.delivery.save(force_insert=True)
    assert [count(client, url) for url in urls] == before
