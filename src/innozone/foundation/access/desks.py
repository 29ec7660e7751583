"""The members as a desk."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access.gate import Account
from innozone.foundation.access.models import Membership, Role
from innozone.foundation.desks.columns import Column
from innozone.foundation.desks.desk import Desk, register
from innozone.foundation.desks.filters import Choice


class Members(Desk):
    name = "members"
    title = _("Members")
    permission = "access.change_membership"
    columns = [
        Column("user", "user__username", label=_("account"), ordering="user__username"),
        Column("name", "user__display_name", label=_("full name"), ordering="user__display_name"),
        Column("role", "role", kind="choice", ordering="role"),
        Column("party", "party__name", label=_("for"), ordering="party__name"),
        Column("since", "created_at", kind="datetime", ordering="created_at"),
        Column("last_login", "user__last_login", label=_("last sign-in"), kind="datetime", shown=False),
    ]
    filters = [Choice("role", "role", label=_("role"), choices=Role.choices)]
    search = ["user__username", "user__display_name", "party__name"]
    ordering = "user"
    detail_template = "access/member_drawer.html"
    empty = _("Nobody has a role yet: add the first member above.")

    def queryset(self, user: Account) -> QuerySet[Membership]:
        return Membership.objects.select_related("user", "party")


MEMBERS = register(Members())
