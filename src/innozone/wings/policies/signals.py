"""New facts are matched without being asked for."""

from typing import Any

from innozone.foundation import jobs
from innozone.foundation.facts.signals import facts_changed


def on_facts_changed(sender: Any, **kwargs: Any) -> None:
    """Queues one matching, however many deliveries end before it starts."""
    from innozone.wings.policies import tasks

    jobs.enqueue(tasks.match)


def listen() -> None:
    facts_changed.connect(on_facts_changed, dispatch_uid="policies.match")
