"""A process killed while it takes a delivery in leaves nothing half done, and the next start continues."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from innozone.foundation.facts import dictionary, intake, packs
from innozone.foundation.facts.files import open_table
from innozone.foundation.facts.models import Delivery, Fact, RejectedRow, Statement
from innozone.foundation.parties.models import Party
from tests.foundation.facts import zone as small

# The transaction has written everything and is about to settle the facts, when it is held.
HOLD = """
import sys, time
import django
django.setup()
from innozone.foundation.facts import intake
from innozone.foundation.facts.models import Delivery

def hold(*_):
    print("holding", flush=True)
    time.sleep(120)

intake.settle_facts = hold
intake.take(Delivery.objects.get(pk=int(sys.argv[1])))
"""


def start(delivery):
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST'] or settings['OPTIONS']['host']}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "innozone.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(delivery.pk)], env=environment, stdout=subprocess.PIPE, text=True
    )


def others():
    """Sessions of the database besides our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_kill_minus_9_in_the_middle_of_a_delivery():
    dictionary.forget()
    packs.load(small.pack())
    rows = [small.registry_row(number) for number in range(1, 400)] + [small.registry_row(500, founded="heute")]
    delivery = intake.receive("registry", io.BytesIO(small.registry(*rows)), "a.csv")
    process = start(delivery)
    try:
        assert process.stdout.readline() == "holding\n"
        # What is going on can be seen from outside, what is not finished cannot.
        delivery.refresh_from_db()
        assert delivery.status == "taking"
        assert (Statement.objects.count(), Party.objects.filter(kind="enterprise").count()) == (0, 0)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    until = time.monotonic() + 30
    while others() and time.monotonic() < until:
        time.sleep(0.1)
    delivery.refresh_from_db()
    assert delivery.status == "taking"
    assert (
        Statement.objects.count(),
        RejectedRow.objects.count(),
        Party.objects.filter(kind="enterprise").count(),
    ) == (
        0,
        0,
        0,
    )
    assert [taken.status for taken in intake.resume_pending()] == ["taken"]
    delivery = Delivery.objects.get()
    assert (delivery.rows_taken, delivery.rows_rejected) == (399, 1)
    assert Party.objects.filter(kind="enterprise").count() == 399
    assert Fact.objects.filter(variable="capital").count() == 399
    dictionary.forget()


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_by_others_while_the_delivery_is_open(monkeypatch):
    dictionary.forget()
    packs.load(small.pack())
    monkeypatch.setattr("innozone.foundation.facts.progress._EVERY", 0)
    delivery = intake.receive(
        "registry", io.BytesIO(small.registry(*(small.registry_row(number) for number in range(1, 200)))), "a.csv"
    )

    def in_small_chunks(path, contract):
        table = open_table(path, contract)
        table.size = 50
        return table

    monkeypatch.setattr(intake, "open_table", in_small_chunks)
    seen = []
    other = connection.copy()

    def look(percent, message):
        with other.cursor() as cursor:
            cursor.execute("select status, progress from facts_delivery where id = %s", [delivery.pk])
            seen.append((percent, message, *cursor.fetchone()))

    try:
        intake.take(delivery, look)
    finally:
        other.close()
    reading = [entry for entry in seen if entry[1] == "reading"]
    assert len(reading) >= 2
    assert [entry[1] for entry in seen[len(reading) :]] == ["storing", "comparing sources", "done"]
    # Each look sees what was told before it.
    assert [entry[2] for entry in seen] == ["taking"] * (len(seen) - 1) + ["taken"]
    assert [entry[3] for entry in seen[1:-1]] == [entry[0] for entry in seen[:-2]]
    dictionary.forget()


@pytest.mark.django_db(transaction=True)
def test_an_error_of_ours_leaves_the_delivery_for_the_next_start(monkeypatch):
    dictionary.forget()
    packs.load(small.pack())
    delivery = intake.receive("registry", io.BytesIO(small.registry(small.registry_row(1))), "a.csv")
    with monkeypatch.context() as patch:
        patch.setattr(intake, "settle_facts", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            intake.take(delivery)
        assert intake.resume_pending() == []
    delivery.refresh_from_db()
    assert (delivery.status, Statement.objects.count()) == ("received", 0)
    assert [taken.status for taken in intake.resume_pending()] == ["taken"]
    dictionary.forget()
