"""Work on facts that is left to the worker."""

from innozone.foundation.facts import intake
from innozone.foundation.facts.models import Delivery
from innozone.foundation.jobs import task


@task("facts.take_delivery", lock="facts")
def take_delivery(delivery: int) -> None:
    """Takes a received delivery in."""
    intake.take(Delivery.objects.select_related("dataset").get(pk=delivery))
