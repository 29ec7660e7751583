"""Accounts, memberships with roles, API tokens."""

import hashlib
import secrets
from datetime import timedelta

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in. What the person may do follows from the memberships, never from the account."""

    display_name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.display_name or self.username


class Role(models.TextChoices):
    """What a member does for the party. A visitor is nobody's member."""

    ENTERPRISE = "enterprise", _("enterprise")
    OFFICER = "officer", _("department officer")
    EDITOR = "editor", _("policy editor")
    SUPERVISOR = "supervisor", _("supervisor")
    ADMINISTRATOR = "administrator", _("administrator")


@pghistory.track()
class Membership(models.Model):
    """One person, one role, for one party (the enterprise, the department); the zone itself where party is empty."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True, related_name="memberships")
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint("user", "role", "party", name="membership_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=~models.Q(role__in=["enterprise", "officer"]) | models.Q(party__isnull=False),
                name="membership_enterprise_and_officer_name_a_party",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class ApiToken(models.Model):
    """A key to the API, shown once and kept as a digest. It may do what its user may do, nothing more."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User, name: str, days: int = 90) -> tuple["ApiToken", str]:
        """A new token and its secret, which is not kept and cannot be shown again."""
        secret = "izn_" + secrets.token_urlsafe(32)
        expires = timezone.now() + timedelta(days=days)
        return cls.objects.create(user=user, name=name, digest=cls.digest_of(secret), expires_at=expires), secret
