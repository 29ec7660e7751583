"""A worker killed between sending and keeping the outcome: the same call comes again, under the same key."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.notices import post, routes, services
from innozone.foundation.notices.models import Delivery
from tests import zone
from tests.foundation.notices.test_post import OK, server

# The call has been taken; the worker is held before it keeps that.
HOLD = """
import time
import django
django.setup()
from innozone.foundation.notices import post, webhooks

send = webhooks.send

def hold(*given):
    send(*given)
    print("holding", flush=True)
    time.sleep(120)

post.webhooks.send = hold
post.post_due()
"""


@pytest.mark.django_db(transaction=True)
def test_kill_minus_9_between_sending_and_keeping_it(settings):
    zone.load()
    party, *_ = zone.populate()
    user = User.objects.create_user("anna")
    Membership.objects.create(user=user, role=Role.ENTERPRISE, party=party)
    settings.TRUSTED_HOSTS = ["127.0.0.1"]
    with server(OK) as (port, calls):
        routes.set_webhook(party.pk, user, f"http://127.0.0.1:{port}/hook")
        routes.change(party.pk, "webhook", user, {"quiet_from": 0, "quiet_to": 0})
        services.send([services.Draft(party.pk, "objection", "k", {"variable": "revenue"})])
        process = start()
        try:
            assert process.stdout.readline() == "holding\n"
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(30)
        # While its claim is young nobody takes it over.
        assert post.post_due() == 0
        assert Delivery.objects.get().state == "sending"
        Delivery.objects.update(claimed_at=timezone.now() - post.CLAIM - timedelta(seconds=1))
        assert post.post_due() == 1
        assert post.post_due() == 0
    assert Delivery.objects.get().state == "sent"
    keys = {line for call in calls for line in call.split(b"\r\n") if line.startswith(b"Idempotency-Key: ")}
    assert (len(calls), len(keys)) == (2, 1)


def start():
    given = connection.settings_dict
    url = f"postgresql://{given['USER']}@/{given['NAME']}?host={given['HOST'] or given['OPTIONS']['host']}"
    more = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "innozone.settings", "INNOZONE_TRUSTED_HOSTS": "127.0.0.1"}
    return subprocess.Popen([sys.executable, "-c", HOLD], env={**os.environ, **more}, stdout=subprocess.PIPE, text=True)
