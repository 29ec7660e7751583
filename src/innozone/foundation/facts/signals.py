"""What the facts tell the floors above."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.dispatch import Signal

# Sent once the change is committed. `party_ids`: a frozenset of the parties whose facts changed, None for too many.
facts_changed = Signal()
_MANY = 10_000


def announce(parties: Collection[int]) -> None:
    """Send `facts_changed` when the transaction that is open commits; nothing when nobody is concerned."""
    if not parties:
        return
    chosen = frozenset(parties) if len(parties) <= _MANY else None
    transaction.on_commit(lambda: facts_changed.send(sender="innozone.facts", party_ids=chosen))
