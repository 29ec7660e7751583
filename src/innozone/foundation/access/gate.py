"""The one gate: who may do what. Pages and API ask here and nowhere else.

A right is named `app.action_model` and follows from the user's memberships alone; which role has which right stands
in `rules.py` beside this module, as one table. `scope` is the same right asked of a whole list in one query.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import rules
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from innozone.foundation.access.models import Membership, Role, User

Account = User | AnonymousUser
Row = TypeVar("Row", bound=Model)

#: right → what of a list the user may see, as a filter; rights without an entry here are all or nothing.
_SCOPES: dict[str, Callable[[Account], Q]] = {}


def memberships(user: Account) -> list[Membership]:
    """The user's memberships, read once per request; none for a visitor or a closed account."""
    if not user.is_authenticated or not user.is_active:
        return []
    kept = getattr(user, "_memberships", None)
    if kept is None:
        kept = list(user.memberships.select_related("party"))
        user._memberships = kept
    return kept


def roles(user: Account) -> frozenset[str]:
    """The roles that the user has for anyone."""
    return frozenset(member.role for member in memberships(user))


def parties(user: Account, role: str) -> frozenset[int]:
    """The ids of the parties for which the user has the role."""
    return frozenset(member.party_id for member in memberships(user) if member.role == role and member.party_id)


def enterprises(user: Account) -> list[Any]:
    """The enterprises for which the user speaks, by name."""
    found = [member.party for member in memberships(user) if member.role == Role.ENTERPRISE]
    return sorted(found, key=lambda party: party.name)


def allows(user: Account, permission: str, obj: object = None) -> bool:
    """True when the user has the right, on `obj` where one is given. An unknown right is an error, never a yes."""
    if not rules.perm_exists(permission):
        raise KeyError(f"no such right: {permission}")
    return bool(rules.has_perm(permission, user, obj))


def require(user: Account, permission: str, obj: object = None) -> None:
    """Raises PermissionDenied unless the user has the right; the portal sends a visitor to sign in."""
    if not allows(user, permission, obj):
        raise PermissionDenied(permission)


def scope(user: Account, permission: str, rows: QuerySet[Row]) -> QuerySet[Row]:
    """The rows on which the user has the right, as one query; none when the user has it on none."""
    if permission in _SCOPES:
        return rows.filter(_SCOPES[permission](user))
    return rows if allows(user, permission) else rows.none()


def scoped(permission: str) -> Callable[[Callable[[Account], Q]], Callable[[Account], Q]]:
    """Registers the filter that says on which rows a user has the right."""

    def register(function: Callable[[Account], Q]) -> Callable[[Account], Q]:
        _SCOPES[permission] = function
        return function

    return register
