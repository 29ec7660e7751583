"""Which role has which right: the whole table. Found and loaded by `rules` when the application starts.

Objects are looked at by their attributes, so that this floor need not know the models of others.
An object of None asks for the right as such ("may this user deliver anything at all?").
"""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import Q
from rules import Predicate, predicate

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.access.models import Role


def _has(role: Role) -> Predicate:
    return Predicate(lambda user: role.value in gate.roles(user), name=f"is_{role.value}")


is_enterprise = _has(Role.ENTERPRISE)
is_officer = _has(Role.OFFICER)
is_editor = _has(Role.EDITOR)
is_supervisor = _has(Role.SUPERVISOR)
is_administrator = _has(Role.ADMINISTRATOR)
is_member = predicate(lambda user: bool(gate.memberships(user)), name="is_member")
is_signed_in = predicate(lambda user: user.is_authenticated and user.is_active, name="is_signed_in")
is_staff = is_officer | is_editor | is_supervisor | is_administrator
oversees = is_supervisor | is_administrator


@predicate
def speaks_for(user: Account, obj: Any) -> bool:
    """The enterprise itself, or something that belongs to it."""
    held = gate.parties(user, Role.ENTERPRISE)
    return bool(held) if obj is None else getattr(obj, "party_id", getattr(obj, "pk", None)) in held


@predicate
def answers_for(user: Account, obj: Any) -> bool:
    """An officer of the department that owns the dataset of this delivery, dataset or rejected row."""
    held = gate.parties(user, Role.OFFICER)
    if obj is None:
        return bool(held)
    delivery = getattr(obj, "delivery", obj)
    return getattr(delivery, "dataset", delivery).owner_id in held


@predicate
def answers_for_objection(user: Account, objection: Any) -> bool:
    """An officer of the department in charge of the fact to which the enterprise objects."""
    held = gate.parties(user, Role.OFFICER)
    if objection is None:
        return bool(held)
    return objection.dataset_id is not None and objection.dataset.owner_id in held


@predicate
def is_own(user: Account, obj: Any) -> bool:
    """What the user has made."""
    return obj is None or obj.created_by_id == user.pk


@predicate
def is_public(user: Account, policy: Any) -> bool:
    """A policy that is confirmed or has ended: everyone may read it."""
    return policy is None or policy.status != "draft"


@predicate
def is_concluded(user: Account, found: Any) -> bool:
    """A round of opinions that has ended: everyone may read what came of it."""
    return found is None or found.concluded_at is not None


@predicate
def is_addressee(user: Account, notice: Any) -> bool:
    """A message to the person alone."""
    return is_personal(user, notice) and notice.user_id == user.pk


@predicate
def is_personal(user: Account, notice: Any) -> bool:
    """A message to some person alone, which concerns nobody else."""
    return getattr(notice, "user_id", None) is not None


# Papers and their rules
rules.add_perm("policies.view_policy", is_public | is_editor | oversees)
rules.add_perm("policies.change_policy", is_editor | is_administrator)
rules.add_perm("policies.change_source", is_editor | is_administrator)
rules.add_perm("policies.add_follow", is_signed_in)

# Enterprises: each sees itself; whoever works with facts sees all
rules.add_perm("parties.list_party", is_officer | oversees)
rules.add_perm("parties.view_party", speaks_for | is_officer | oversees)

# Facts, deliveries, objections
rules.add_perm("facts.view_dataset", is_signed_in)
rules.add_perm("facts.list_delivery", is_officer | oversees)
rules.add_perm("facts.view_delivery", answers_for | oversees)
rules.add_perm("facts.add_delivery", answers_for | is_administrator)
rules.add_perm("facts.view_conflict", is_officer | oversees)
rules.add_perm("facts.add_objection", speaks_for)
rules.add_perm("facts.list_objection", is_officer | oversees)
rules.add_perm("facts.view_objection", speaks_for | answers_for_objection | oversees)
rules.add_perm("facts.decide_objection", answers_for_objection | is_administrator)

# Messages, figures, verdicts
rules.add_perm("notices.view_notice", is_addressee | (~is_personal & (speaks_for | is_officer | oversees)))
rules.add_perm("notices.read_notice", is_addressee | speaks_for)
rules.add_perm("notices.change_route", speaks_for)
rules.add_perm("notices.list_push", is_staff)
rules.add_perm("supervision.view_cockpit", is_staff)
rules.add_perm("verdicts.view_run", is_staff)
rules.add_perm("verdicts.add_run", is_editor | is_administrator)

# Rules tried with other figures: whoever writes policies, and whoever answers for the money
rules.add_perm("verdicts.try_rule", is_editor | oversees)
rules.add_perm("verdicts.add_scenario", is_editor | oversees)
rules.add_perm("verdicts.delete_scenario", (is_own & (is_editor | oversees)) | is_administrator)

# Drafts put before enterprises, and what policies came to
rules.add_perm("policies.view_consultation", is_concluded | is_staff)
rules.add_perm("policies.add_consultation", is_editor | is_administrator)
rules.add_perm("policies.add_opinion", speaks_for)
rules.add_perm("policies.answer_opinion", is_editor | is_administrator)
rules.add_perm("policies.view_evaluation", is_staff)
rules.add_perm("policies.add_evaluation", is_editor | oversees)

# Accounts and lists
rules.add_perm("access.change_membership", is_administrator)
rules.add_perm("access.add_apitoken", is_signed_in)
rules.add_perm("desks.add_savedview", is_signed_in)


@gate.scoped("policies.view_policy")
def policies_seen(user: Account) -> Q:
    return Q() if gate.allows(user, "policies.change_policy") or oversees(user) else ~Q(status="draft")


@gate.scoped("policies.view_consultation")
def rounds_seen(user: Account) -> Q:
    return Q() if is_staff(user) else Q(concluded_at__isnull=False)


@gate.scoped("parties.view_party")
def parties_seen(user: Account) -> Q:
    return Q() if gate.allows(user, "parties.list_party") else Q(pk__in=gate.parties(user, Role.ENTERPRISE))


@gate.scoped("facts.view_delivery")
def deliveries_seen(user: Account) -> Q:
    return Q() if oversees(user) else Q(dataset__owner__in=gate.parties(user, Role.OFFICER))


@gate.scoped("facts.add_delivery")
def datasets_delivered(user: Account) -> Q:
    return Q() if is_administrator(user) else Q(owner__in=gate.parties(user, Role.OFFICER))


@gate.scoped("facts.view_objection")
def objections_seen(user: Account) -> Q:
    if oversees(user):
        return Q()
    return Q(party__in=gate.parties(user, Role.ENTERPRISE)) | Q(dataset__owner__in=gate.parties(user, Role.OFFICER))


@gate.scoped("notices.view_notice")
def notices_seen(user: Account) -> Q:
    own = Q(user=user.pk) if user.pk else Q(pk__in=())
    if is_officer(user) or oversees(user):
        return Q(party__isnull=False) | own
    return Q(party__in=gate.parties(user, Role.ENTERPRISE)) | own
