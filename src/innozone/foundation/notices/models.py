"""Messages with reasons and receipts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A message to a party. `key` makes sending twice impossible; `data` holds what the text is rendered from."""

    class Kind(models.TextChoices):
        ENTITLED = "entitled", _("newly entitled")
        READY = "ready", _("entitled after a person's check")
        OBJECTION = "objection", _("answer to an objection")
        OPINION = "opinion", _("answer to an opinion")

    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="notices", verbose_name=_("enterprise"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.CharField(max_length=200, unique=True)
    version = models.ForeignKey("verdicts.RuleVersion", models.PROTECT, null=True, verbose_name=_("rule"))
    run = models.ForeignKey("verdicts.Run", models.PROTECT, null=True, verbose_name=_("run"))
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("sent"), db_default=models.functions.Now())
    read_at = models.DateTimeField(_("read"), null=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("read by"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["party", "-created_at"], name="notice_party")]

    def __str__(self) -> str:
        return self.key
