"""Work that is left to the worker: two functions of our own, `task` and `enqueue`, over procrastinate.

A job is queued in the caller's transaction: it is there exactly when the change it follows from is there. One job of
a task with the same arguments waits at most once; queueing it again changes nothing. Tasks may run twice (a killed
worker's jobs are taken up again), so they must be repeatable.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from procrastinate import exceptions, sql
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

logger = logging.getLogger("innozone.jobs")

P = ParamSpec("P")
R = TypeVar("R")

#: Waits in seconds before a task that met a database error (deadlock, lost connection) is tried again.
BACKOFF = (0.2, 1.0, 3.0, 8.0)
HEARTBEAT = 5.0
#: A worker that has not been heard of for so long is dead; its jobs are taken up again.
DEAD_AFTER = 20.0
POLLING = 2.0


class Task(Generic[P, R]):
    """A function that the worker may run. Called directly it runs at once, in the caller's process."""

    def __init__(self, name: str, function: Callable[P, R], queue: str, lock: str | None) -> None:
        self.name, self.function, self.queue, self.lock = name, function, queue, lock
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)


def task(
    name: str, *, lock: str | None = None, queue: str = "default", every: str | None = None
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Makes the decorated function a task. Two jobs with one `lock` never run at the same time.

    `every` (cron, UTC): workers queue it at these times too, without arguments. Tasks live in the module `tasks` of their
    app, where the worker finds them; arguments are JSON values.
    """

    def wrap(function: Callable[P, R]) -> Task[P, R]:
        def patient(**arguments: Any) -> None:
            # What the clock queues says for which minute.
            arguments.pop("timestamp", None)
            _patiently(function, arguments)

        made = app.task(name=name, queue=queue, lock=lock)(patient)
        if every is not None:
            # One that waits already is enough.
            app.periodic(cron=every, queueing_lock=name)(made)
        return Task(name, function, queue, lock)

    return wrap


def enqueue(task: Task[Any, Any], **arguments: Any) -> bool:
    """Queues the task in the transaction that is open. False when the same job was waiting already.

    A waiting job is held until this transaction ends: the worker must not start it before our change is there to see.
    """
    waiting = _queueing_lock(task.name, arguments)
    while True:
        try:
            # A savepoint of its own, since the refusal of the unique index would end the caller's transaction.
            with transaction.atomic():
                app.configure_task(task.name, allow_unknown=False, queueing_lock=waiting).defer(**arguments)
            return True
        except exceptions.AlreadyEnqueued:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "select 1 from procrastinate_jobs where queueing_lock = %s and status = 'todo' for key share",
                    [waiting],
                )
                if cursor.fetchone():
                    return False
            # The worker took it meanwhile and may not have seen our change: queue another.


def run_worker(*, concurrency: int = 2) -> None:
    """Runs jobs of all queues until SIGTERM or SIGINT, which let running jobs end.

    The database may go away and come back: the worker starts again, and jobs of dead workers are taken up.
    """
    wait = 1.0
    while True:
        started = time.monotonic()
        try:
            with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
                stopped = asyncio.run(_serve(concurrency))
            if stopped:
                return
        except (exceptions.ConnectorException, OSError):
            logger.exception("the worker lost the database; it starts again")
        wait = 1.0 if time.monotonic() - started > 60 else min(wait * 2, 30.0)
        time.sleep(wait)


def run_pending() -> int:
    """Runs what is queued and due, and what that queues, here and now; the number of jobs run.

    For tests and for commands that must not return before the work is done. An error of a task is raised, the job
    counts as failed.
    """
    done = 0
    with connection.cursor() as cursor:
        cursor.execute(sql.queries["register_worker"])
        worker = cursor.fetchone()[0]
        try:
            while True:
                cursor.execute(sql.queries["fetch_job"], {"queues": None, "worker_id": worker})
                columns = [column[0] for column in cursor.description]
                job = dict(zip(columns, cursor.fetchone(), strict=True))
                if job["id"] is None:
                    return done
                arguments = job["args"] if isinstance(job["args"], dict) else json.loads(job["args"])
                status = "failed"
                try:
                    app.tasks[job["task_name"]].func(**arguments)
                    status = "succeeded"
                finally:
                    if connection.is_usable() and not connection.needs_rollback:
                        cursor.execute(
                            sql.queries["finish_job"], {"job_id": job["id"], "status": status, "delete_job": False}
                        )
                done += 1
        finally:
            if not connection.needs_rollback:
                cursor.execute(sql.queries["unregister_worker"], {"worker_id": worker})


def forget(task: Task[Any, Any]) -> int:
    """Takes waiting jobs of a task out of the queue, because the caller does the work now; how many there were.

    A job that another transaction holds for a change of its own (see enqueue) stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where id in (select id from procrastinate_jobs where task_name = %s "
            "and status = 'todo' for update skip locked)",
            [task.name],
        )
        return int(cursor.rowcount)


def waiting(task: Task[Any, Any] | None = None) -> int:
    """How many jobs wait or run now, of one task or of all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where status in ('todo', 'doing') and (%(name)s::text is null "
            "or task_name = %(name)s)",
            {"name": task.name if task else None},
        )
        return int(cursor.fetchone()[0])


def _queueing_lock(name: str, arguments: dict[str, Any]) -> str:
    text = json.dumps(arguments, sort_keys=True, ensure_ascii=False)
    return f"{name}:{hashlib.sha256(text.encode()).hexdigest()[:24]}" if arguments else name


def _patiently(function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    for wait in (*BACKOFF, None):
        try:
            function(**arguments)
            return
        except (OperationalError, InterfaceError):
            # Inside a caller's transaction (run_pending in a test) nothing can be tried again: it is broken.
            if wait is None or connection.in_atomic_block:
                raise
            logger.warning("%s met a database error and is tried again in %s s", function.__qualname__, wait)
            time.sleep(wait)
            close_old_connections()


async def _serve(concurrency: int) -> bool:
    """Runs the worker; True when a signal asked it to stop, False when it gave up because of the database."""
    asked = False
    async with app.open_async():
        worker = app._worker(
            concurrency=concurrency,
            fetch_job_polling_interval=POLLING,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD_AFTER,
            delete_jobs="successful",
            install_signal_handlers=False,
        )

        def stop() -> None:
            nonlocal asked
            asked = True
            worker.stop()

        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stop)
        rescue = asyncio.create_task(_rescue())
        try:
            await worker.run()
        finally:
            rescue.cancel()
    return asked


async def _rescue() -> None:
    """Puts the jobs of dead workers back into the queue."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                logger.warning("job %s was left by a dead worker and is queued again", job.call_string)
                try:
                    await app.job_manager.retry_job(job)
                except exceptions.ConnectorException:
                    # The same job waits already: that one does the work.
                    await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        except exceptions.ConnectorException:
            logger.exception("the queue could not be read")
        await asyncio.sleep(DEAD_AFTER / 2)
