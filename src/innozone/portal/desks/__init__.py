"""The lists of the portal: enterprises, policies, allocations, deliveries, objections, conflicts, datasets."""

from innozone.portal.desks.allocations import ALLOCATION
from innozone.portal.desks.data import CONFLICTS, DATASETS, DELIVERIES, OBJECTIONS, REJECTED
from innozone.portal.desks.enterprises import ENTERPRISES
from innozone.portal.desks.entitlements import ENTITLEMENTS
from innozone.portal.desks.notices import NOTICES, PUSHES
from innozone.portal.desks.policies import POLICIES, WORKBENCH
from innozone.portal.desks.rounds import EVALUATIONS, PAYMENTS, ROUNDS
from innozone.portal.desks.sandboxes import SANDBOX
from innozone.portal.desks.sources import ARRIVALS, SOURCES

#: desk → name of its page, for links that name a desk.
PAGES = {
    "enterprises": "enterprises",
    "policies": "policies",
    "policy-workbench": "workbench",
    "deliveries": "deliveries",
    "rejected-rows": "rejected",
    "conflicts": "conflicts",
    "objections": "objections",
    "datasets": "datasets",
    "rounds": "rounds",
    "evaluations": "evaluations",
    "policy-payments": "payments",
    "pushes": "pushes",
    "notices": "notices_sent",
    "policy-sources": "sources",
    "arrivals": "arrivals",
    "members": "access:members",
}

__all__ = [
    "ALLOCATION",
    "ARRIVALS",
    "CONFLICTS",
    "DATASETS",
    "DELIVERIES",
    "ENTERPRISES",
    "ENTITLEMENTS",
    "EVALUATIONS",
    "NOTICES",
    "OBJECTIONS",
    "PAGES",
    "PAYMENTS",
    "POLICIES",
    "PUSHES",
    "REJECTED",
    "ROUNDS",
    "SANDBOX",
    "SOURCES",
    "WORKBENCH",
]
