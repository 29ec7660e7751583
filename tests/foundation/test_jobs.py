"""Work left to the worker: queued with the change it follows from, once, and never lost."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app

from innozone.foundation import jobs
from innozone.foundation.notices import tasks as notices_tasks

done: list[object] = []


@jobs.task("tests.note")
def note(word: str) -> None:
    done.append(word)


@jobs.task("tests.fail")
def fail() -> None:
    raise ValueError("no such thing")


@jobs.task("tests.chain")
def chain(word: str) -> None:
    jobs.enqueue(note, word=word)


@pytest.fixture(autouse=True)
def _empty(db):
    # The queue's tables are not the models', so the flush after a test with transactions leaves them.
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    done.clear()


@pytest.mark.django_db
def test_a_queued_job_runs_with_its_arguments_and_what_it_queues_runs_too():
    jobs.enqueue(chain, word="a")
    assert jobs.run_pending() == 2
    assert done == ["a"]
    assert jobs.waiting() == 0


@pytest.mark.django_db
def test_the_same_job_waits_once():
    assert jobs.enqueue(note, word="a")
    assert not jobs.enqueue(note, word="a")
    assert jobs.enqueue(note, word="b")
    jobs.run_pending()
    assert done == ["a", "b"]
    assert jobs.enqueue(note, word="a")


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_with_the_transaction_that_queued_it():
    with transaction.atomic():
        jobs.enqueue(note, word="gone")
        transaction.set_rollback(True)
    assert jobs.waiting() == 0


@pytest.mark.django_db
def test_an_error_of_a_task_is_raised_and_the_job_counts_as_failed():
    jobs.enqueue(fail)
    with pytest.raises(ValueError, match="no such thing"):
        jobs.run_pending()
    assert jobs.waiting() == 0
    with connection.cursor() as cursor:
        cursor.execute("select status from procrastinate_jobs where task_name = 'tests.fail'")
        assert cursor.fetchone()[0] == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_database_error_is_met_with_patience(monkeypatch):
    monkeypatch.setattr(jobs, "BACKOFF", (0.0, 0.0))
    calls = []

    def flaky() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise OperationalError("deadlock detected")

    jobs._patiently(flaky, {})
    assert len(calls) == 3


@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_does_not_start_before_a_change_that_asked_for_it_is_there():
    """The second asker is told that a job waits; no worker may take it until the second's change is committed."""
    jobs.enqueue(note, word="a")
    with transaction.atomic():
        assert not jobs.enqueue(note, word="a")
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("select id from procrastinate_jobs where status = 'todo' for update skip locked")
                assert cursor.fetchall() == []
        finally:
            other.close()
    assert jobs.run_pending() == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_jobs_takes_up_those_of_a_dead_one_and_stops_when_asked(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os
            import django
            django.setup()
            from innozone.foundation import jobs
            jobs.DEAD_AFTER = 1.0
            jobs.HEARTBEAT = 0.3

            @jobs.task("tests.worker")
            def write(word):
                with open({str(tmp_path / "out")!r}, "a") as file:
                    file.write(word)

            jobs.run_worker()
            print("stopped")
            """
        )
    )
    url = "postgresql://{USER}:@/{NAME}?host={HOST}".format(**connection.settings_dict)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "innozone.settings", "DATABASE_URL": url}
    with connection.cursor() as cursor:
        insert = "insert into procrastinate_jobs (queue_name, task_name, args, status) values ('default', 'tests.worker', %s, %s)"
        cursor.execute(insert, ['{"word": "a"}', "todo"])
        # What a worker leaves that was killed in the middle: running for nobody.
        cursor.execute(insert, ['{"word": "b"}', "doing"])
    worker = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        until = time.monotonic() + 30
        out = tmp_path / "out"
        while time.monotonic() < until and not (out.exists() and len(out.read_text()) == 2):
            time.sleep(0.1)
        worker.send_signal(signal.SIGTERM)
        printed, errors = worker.communicate(timeout=15)
    finally:
        worker.kill()
    assert sorted(out.read_text()) == ["a", "b"], errors
    assert worker.returncode == 0
    assert "stopped" in printed


def test_what_the_clock_queues_runs_once_and_without_the_minute(db):
    every = {key[0]: task.cron for key, task in app.periodic_registry.periodic_tasks.items()}
    assert every["notices.post"] == "* * * * *"
    assert "policies.deadlines" in every
    app.configure_task("notices.post", queueing_lock="notices.post").defer(timestamp=1_790_000_000)
    # One that waits already does the work of the next.
    assert not jobs.enqueue(notices_tasks.post)
    assert jobs.run_pending() == 1
