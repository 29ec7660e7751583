"""What is kept of policies: papers, rounds, arrivals, follows."""

from innozone.wings.policies.models.arrivals import Arrival, Proposal, Source
from innozone.wings.policies.models.follows import CalendarLink, Follow, Visit
from innozone.wings.policies.models.papers import Item, Level, Part, Policy, PolicyVersion
from innozone.wings.policies.models.rounds import Consultation, Evaluation, Opinion, Reply

__all__ = [
    "Arrival",
    "CalendarLink",
    "Consultation",
    "Evaluation",
    "Follow",
    "Item",
    "Level",
    "Opinion",
    "Part",
    "Policy",
    "PolicyVersion",
    "Proposal",
    "Reply",
    "Source",
    "Visit",
]
