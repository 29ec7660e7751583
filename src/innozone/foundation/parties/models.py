"""Organisations of every kind, their names, the zone's places."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartyKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("enterprise")
    DEPARTMENT = "department", _("department")
    INSTITUTION = "institution", _("institution")
    PROVIDER = "provider", _("provider")


class Party(models.Model):
    """A legal person or office. Its id is permanent: a merge sets `redirect`, nothing is deleted."""

    kind = models.CharField(_("kind"), max_length=20, choices=PartyKind)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, null=True, blank=True, unique=True)
    code = models.CharField(_("code in the zone pack"), max_length=60, null=True, blank=True, unique=True)
    redirect = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="redirected")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        indexes = [
            models.Index(fields=["kind", "name"], name="party_kind_name"),
            models.Index(fields=["kind", "id"], name="party_kind_id"),
        ]

    def __str__(self) -> str:
        return self.name


class PartyName(models.Model):
    """A name that a party bears or bore. `key` is the folded name that linking compares."""

    class Kind(models.TextChoices):
        CURRENT = "current", _("current name")
        FORMER = "former", _("former name")
        SHORT = "short", _("short name")

    party = models.ForeignKey(Party, models.CASCADE, related_name="names")
    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        constraints = [models.UniqueConstraint(fields=["party", "key"], name="party_name_once")]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A park, carrier or new city of the zone, with what the pack says of it."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    data = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")

    def __str__(self) -> str:
        return self.name
