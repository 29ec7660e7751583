"""Forms of accounts: tokens, members."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.parties.models import Party, PartyKind

# Which kind of party each role is held for; the others are held for the zone itself.
PARTY_KINDS = {
    Role.ENTERPRISE: (PartyKind.ENTERPRISE,),
    Role.OFFICER: (PartyKind.DEPARTMENT, PartyKind.INSTITUTION, PartyKind.PROVIDER),
}


class TokenForm(forms.ModelForm):
    """A new token: what it is for and how long it lives."""

    days = forms.TypedChoiceField(
        label=_("valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year"))],
        initial=90,
    )

    class Meta:
        model = ApiToken
        fields = ["name"]
        help_texts = {"name": _("What the key is for, for example “nightly export”.")}


class MemberForm(forms.Form):
    """One person, one role, for one party. An unknown user name opens an account with a first password."""

    username = forms.CharField(
        label=_("user name"), max_length=150, validators=[User.username_validator], help_text=_("New or existing.")
    )
    display_name = forms.CharField(label=_("full name"), max_length=80, required=False)
    role = forms.ChoiceField(label=_("role"), choices=Role.choices)
    party = forms.CharField(
        label=_("for"),
        max_length=200,
        required=False,
        help_text=_(
            "Enterprise: its credit code or full name. Department officer: the department's name. Others: leave empty."
        ),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        kinds = PARTY_KINDS.get(Role(values["role"])) if values.get("role") else None
        named = (values.get("party") or "").strip()
        values["party"] = None
        if kinds and not named:
            self.add_error("party", _("This role is held for an organisation: name it."))
        elif kinds:
            values["party"] = self._find(named, kinds)
        elif named:
            self.add_error("party", _("This role is held for the whole zone: leave the field empty."))
        return values

    def _find(self, named: str, kinds: tuple[PartyKind, ...]) -> Party | None:
        known = Party.objects.filter(kind__in=kinds, redirect__isnull=True)
        found = known.filter(credit_code=named.upper()).first() or known.filter(code=named).first()
        if found:
            return found
        by_name = list(known.filter(name=named)[:2])
        if len(by_name) == 1:
            return by_name[0]
        if by_name:
            self.add_error("party", _("Two organisations bear this name: give the credit code."))
        else:
            self.add_error("party", _("There is no such organisation: give its credit code or its full name."))
        return None

    @transaction.atomic
    def save(self) -> tuple[Membership, str]:
        """The membership and, for an account just opened, its first password (shown once, else empty)."""
        values = self.cleaned_data
        user, opened = User.objects.get_or_create(
            username=values["username"], defaults={"display_name": values["display_name"]}
        )
        password = ""
        if opened:
            password = secrets.token_urlsafe(12)
            user.set_password(password)
            user.save(update_fields=["password"])
        member, added = Membership.objects.get_or_create(user=user, role=values["role"], party=values["party"])
        if not added:
            raise ValidationError(_("This person has this role already."))
        return member, password
