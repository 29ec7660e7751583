"""New facts are matched without being asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from innozone.foundation import jobs
from innozone.foundation.facts.signals import facts_changed

_silent: ContextVar[bool] = ContextVar("policies_silent", default=False)


def on_facts_changed(sender: Any, **kwargs: Any) -> None:
    """Queues one matching, however many deliveries end before it starts."""
    from innozone.wings.policies import tasks

    if not _silent.get():
        jobs.enqueue(tasks.match)


@contextmanager
def silent() -> Iterator[None]:
    """Within it, facts that this thread itself brings up to date ask for no matching: the caller is one."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def listen() -> None:
    facts_changed.connect(on_facts_changed, dispatch_uid="policies.match")
