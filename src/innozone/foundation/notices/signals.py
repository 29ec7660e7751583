"""An enterprise whose objection was decided is told so, in the transaction of the decision."""

from typing import Any

from django.db.models.signals import post_save

from innozone.foundation.facts.models import Objection
from innozone.foundation.notices import services
from innozone.foundation.notices.models import Notice


def on_objection(sender: Any, instance: Objection, **kwargs: Any) -> None:
    """One notice per objection, once it is no longer open."""
    if instance.status == Objection.Status.OPEN:
        return
    data = {
        "objection": instance.pk,
        "variable": instance.variable,
        "year": instance.year or None,
        "claimed": instance.claimed,
        "accepted": instance.status == Objection.Status.ACCEPTED,
        "answer": instance.answer,
    }
    key = f"objection:{instance.pk}"
    services.send([services.Draft(instance.party_id, Notice.Kind.OBJECTION, key, data)])


def listen() -> None:
    post_save.connect(on_objection, sender=Objection, dispatch_uid="notices.objection")
