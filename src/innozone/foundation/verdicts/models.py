"""Versions of rules and their verdicts over a snapshot."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Rule(models.Model):
    """A rule that enterprises are held against; what it says stands in its versions. `code` never changes."""

    class Kind(models.TextChoices):
        SUPPORT = "support", _("support item")
        RECOGNITION = "recognition", _("recognition")

    code = models.CharField(_("code"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """One wording of a rule. Versions are added, never edited; `digest` is that of `data`.

    Of the published versions whose time covers a day the newest is in force on it (rules.in_force): one that begins
    next year leaves the present one in force until then. `retired_on`: from this day on the rule holds for nobody.

    data: {"conditions": tree, "benefit": {...} | null, "grants": code | null, "stacking": {...} | null,
    "scores": {...}} in the shape of the zone packs, "allocation": {...} for an item with a budget or places of its own;
    the groups of `stacking` stand there in full (kernel.rules.solve.stacking).
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("in force")
        ENDED = "ended", _("ended")

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    data = models.JSONField(_("rule"))
    digest = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    valid_from = models.DateField(_("valid from"), null=True)
    valid_to = models.DateField(_("valid to"), null=True)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    activated_at = models.DateTimeField(_("in force since"), null=True)
    retired_on = models.DateField(_("retired on"), null=True)

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule.code} v{self.number}"


class Run(models.Model):
    """All active rules met one snapshot. A run without `finished_at` did not end and counts for nothing.

    folder: the name of its results (see results.py); those of old runs are removed, the run and its counts stay.
    best_total: 元 that the best sets of all enterprises come to; best_more: what is added when every open check turns
    out well; None where the limits of the items cannot be solved.
    """

    snapshot = models.ForeignKey("facts.Snapshot", models.PROTECT, related_name="runs")
    folder = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    seconds = models.FloatField(_("seconds"), default=0)
    rules = models.IntegerField(_("rules"), default=0)
    best_total = models.DecimalField(_("sum of the best sets"), max_digits=20, decimal_places=2, null=True)
    best_more = models.DecimalField(_("added by a person's checks"), max_digits=20, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        get_latest_by = "finished_at"

    def __str__(self) -> str:
        return f"{self.snapshot_id} × {self.rules}"


class Verdict(models.Model):
    """What one rule version gave over the run's snapshot; for whom stands in the run's results.

    `ready`: unknown only because a person must still judge. `near`: false, one leaf away from true.
    benefit_total: 元 over the entitled, benefit_ready over the ready, both without `benefit_unknown` of them.
    changes: what is different from the run before, {entitled, no_longer_entitled, ready, no_longer_ready: {cause: parties}}
    with the labels of kernel.rules.Cause; without what nobody came to or left, and empty for a first run.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="verdicts")
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="verdicts")
    true_count = models.IntegerField(_("entitled"), default=0)
    ready_count = models.IntegerField(_("entitled after a person's check"), default=0)
    unknown_count = models.IntegerField(_("facts missing"), default=0)
    near_count = models.IntegerField(_("near misses"), default=0)
    near_leaves = models.JSONField(_("near misses by condition"), default=dict)
    benefit_total = models.DecimalField(_("sum of benefits"), max_digits=20, decimal_places=2, null=True)
    benefit_ready = models.DecimalField(_("sum after a person's check"), max_digits=20, decimal_places=2, null=True)
    benefit_unknown = models.IntegerField(_("amounts that cannot be worked out"), default=0)
    changes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [models.UniqueConstraint(fields=["run", "version"], name="verdict_once")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.true_count}"


class Scenario(models.Model):
    """Moved figures of a rule under a name, to be looked at again, compared, or made a draft.

    figures: {place of the figure (kernel.rules.bulk.knobs.Knob.id): value as text}, those that moved only. version: the
    wording that they were moved in.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="scenarios")
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="scenarios")
    name = models.CharField(_("name"), max_length=100)
    note = models.CharField(_("note"), max_length=400, blank=True)
    figures = models.JSONField(_("figures"), default=dict)
    created_at = models.DateTimeField(_("saved"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="scenarios", verbose_name=_("saved by")
    )

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [models.UniqueConstraint(fields=["rule", "name"], name="scenario_once")]

    def __str__(self) -> str:
        return self.name
