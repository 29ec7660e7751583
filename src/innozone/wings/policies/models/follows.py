"""What a person follows, when they last looked, the calendars that they share."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class Follow(models.Model):
    """What a person wants to be told of: a policy (value: its code), a theme (its code) or a level of issuer."""

    class Kind(models.TextChoices):
        POLICY = "policy", _("policy")
        THEME = "theme", _("theme")
        LEVEL = "level", _("level")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("what is followed"), max_length=80)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["kind", "value"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "value"], name="follow_once")]
        indexes = [models.Index(fields=["kind", "value"], name="follow_of")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}:{self.value}"


class Visit(models.Model):
    """The days on which a person last looked at what changed in the policies: the last one, and the one before it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField()
    before = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class CalendarLink(models.Model):
    """A secret address under which a person's calendar program reads the deadlines of an enterprise.

    The word in the address is made from `nonce` and the server's key and never stored (deadlines.token_of).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    party = models.ForeignKey("parties.Party", models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=40)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")
        constraints = [models.UniqueConstraint(fields=["user", "party"], name="calendar_link_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.party_id}"
