"""Policies, the versions of their texts, their items."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    NATIONAL = "national", _("national")
    PROVINCE = "province", _("provincial")
    CITY = "city", _("municipal")
    ZONE = "zone", _("zone")


class Part(models.TextChoices):
    """What a paper is in the 1+N system: the general policy, a special one of a theme, measures or rules under one."""

    GENERAL = "general", _("general policy")
    SPECIAL = "special", _("special policy")
    MEASURE = "measure", _("measures and rules")


@pghistory.track()
class Policy(models.Model):
    """A policy paper. Only a confirmed one takes part in the matching."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        CONFIRMED = "confirmed", _("confirmed")
        ENDED = "ended", _("ended")

    class Origin(models.TextChoices):
        PACK = "pack", _("zone pack")
        READ = "read", _("read from a text")

    code = models.CharField(_("code"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    number = models.CharField(_("document number"), max_length=80, blank=True)
    issuer = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True, verbose_name=_("issuer"))
    issuer_name = models.CharField(_("issuer as printed"), max_length=200, blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    proposal = models.BooleanField(_("figures are our proposal"), default=False)
    issued = models.DateField(_("issued"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    url = models.URLField(_("source"), blank=True)
    part = models.CharField(_("part of the 1+N system"), max_length=10, choices=Part, blank=True)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("stands under")
    )
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_reason = models.CharField(_("why it ended"), max_length=400, blank=True)
    themes = models.JSONField(_("themes"), default=list)
    created_at = models.DateTimeField(_("entered"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


class PolicyVersion(models.Model):
    """One version of the text, with gist, key words and tags. Corrections add a version; both are kept.

    items: the items as they stood, [{"rule": code, "version": number}].
    """

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    digest = models.CharField(max_length=64)
    gist = models.CharField(_("gist"), max_length=400, blank=True)
    keywords = models.JSONField(_("key words"), default=list)
    tags = models.JSONField(_("tags"), default=list)
    items = models.JSONField(_("items"), default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    created_at = models.DateTimeField(_("entered"), auto_now_add=True)
    note = models.CharField(_("what changed"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("version of a text")
        verbose_name_plural = _("versions of texts")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"{self.policy_id} v{self.number}"


class Item(models.Model):
    """A support item or recognition of a policy. Its conditions and benefit are the versions of its rule.

    An item that the policy no longer has is `ended` and stays.
    """

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="items")
    rule = models.OneToOneField("verdicts.Rule", models.PROTECT, related_name="item")
    position = models.PositiveIntegerField()
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    summary_en = models.CharField(_("English summary"), max_length=600, blank=True)
    opens = models.DateField(_("opens"), null=True, blank=True)
    closes = models.DateField(_("closes"), null=True, blank=True)
    department = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True)
    papers = models.JSONField(_("papers"), default=list)
    ended = models.BooleanField(_("ended"), default=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["policy", "position"]

    def __str__(self) -> str:
        return self.rule.name
