"""S25 drafts put before enterprises, surveys, what policies came to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from innozone.wings.policies.models.papers import Policy, PolicyVersion


class Consultation(models.Model):
    """S25 征求意见, 需求调研: a draft is put before founders, or questions are asked; each opinion is answered.

    version: the text that it is about; none for a survey of demand. rule: only those entitled to it are asked (of the
    newest run when it opens); none = every enterprise. questions: [{"code", "text", "kind", "options"}], kinds as of
    QUESTION_KINDS. Open from `opens` to `closes`, both days included; concluded by a person.
    """

    QUESTION_KINDS = ("single", "multiple", "scale", "number", "text")

    title = models.CharField(_("title"), max_length=200)
    intro = models.TextField(_("what it is about"), blank=True)
    version = models.ForeignKey(
        PolicyVersion, models.PROTECT, null=True, blank=True, related_name="consultations", verbose_name=_("draft")
    )
    rule = models.ForeignKey(
        "verdicts.Rule", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who is asked")
    )
    questions = models.JSONField(_("questions"), default=list)
    opens = models.DateField(_("opens"))
    closes = models.DateField(_("closes"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("entered"), auto_now_add=True)
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True)
    concluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    summary = models.TextField(_("what came of it"), blank=True)

    class Meta:
        verbose_name = _("round of opinions")
        verbose_name_plural = _("rounds of opinions")
        ordering = ["-closes", "-pk"]

    def __str__(self) -> str:
        return self.title


class Opinion(models.Model):
    """What an enterprise says of a draft, and the answer to it. A later one on the same item supersedes the earlier."""

    class Stance(models.TextChoices):
        SUPPORT = "support", _("for it")
        AMEND = "amend", _("change it")
        OPPOSE = "oppose", _("against it")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("taken up")
        PARTLY = "partly", _("taken up in part")
        REFUSED = "refused", _("not taken up")

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="opinions")
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    item = models.CharField(_("item"), max_length=100, blank=True)
    stance = models.CharField(_("stance"), max_length=10, choices=Stance)
    text = models.TextField(_("opinion"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("given"), auto_now_add=True)
    superseded_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "party", "item"],
                condition=models.Q(superseded_at__isnull=True),
                name="opinion_current_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.stance}"


class Reply(models.Model):
    """The answers of one enterprise to the questions of a round: {code of the question: value}."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="replies")
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    answers = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "party"],
                condition=models.Q(superseded_at__isnull=True),
                name="reply_current_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.party_id}"


class Evaluation(models.Model):
    """S25 政策评估: what a policy did from `start` to `end` per item, frozen as it was worked out, and what follows.

    figures: see evaluations.ItemFigures. outcome: the version that the adjustment led to, set when it is confirmed.
    """

    class Decision(models.TextChoices):
        KEEP = "keep", _("keep as it is")
        ADJUST = "adjust", _("adjust")
        END = "end", _("end it")

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="evaluations", verbose_name=_("policy"))
    start = models.DateField(_("from"))
    end = models.DateField(_("to"))
    figures = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("worked out"), auto_now_add=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.ForeignKey(
        PolicyVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("version that came of it")
    )

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-end", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(start__lt=models.F("end")), name="evaluation_has_days"),
            models.UniqueConstraint(fields=["policy", "start", "end"], name="evaluation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.start}/{self.end}"
