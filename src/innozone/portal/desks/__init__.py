"""The lists of the portal: enterprises, policies, deliveries, objections, conflicts, datasets."""

from innozone.portal.desks.data import CONFLICTS, DATASETS, DELIVERIES, OBJECTIONS, REJECTED
from innozone.portal.desks.enterprises import ENTERPRISES
from innozone.portal.desks.policies import POLICIES, WORKBENCH

__all__ = [
    "CONFLICTS",
    "DATASETS",
    "DELIVERIES",
    "ENTERPRISES",
    "OBJECTIONS",
    "POLICIES",
    "REJECTED",
    "WORKBENCH",
]
