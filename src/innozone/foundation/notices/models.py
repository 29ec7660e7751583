"""Messages with reasons and receipts; the routes by which they leave the house; each notice on each route."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A message to a party, or to a person for themselves: exactly one of the two. `key` makes sending twice
    impossible; `data` holds what the text is rendered from.

    In the application it is there at once, and `read_at` is its receipt. `quiet`: the party has muted its kind; it
    stands in the list and asks for nobody's attention.
    """

    class Kind(models.TextChoices):
        ENTITLED = "entitled", _("newly entitled")
        READY = "ready", _("entitled after a person's check")
        CHANGED = "changed", _("amount changed")
        LOST = "lost", _("no longer entitled")
        DEADLINE = "deadline", _("deadline near")
        OBJECTION = "objection", _("answer to an objection")
        OPINION = "opinion", _("answer to an opinion")
        WEBHOOK = "webhook", _("webhook switched off")
        FOLLOWED = "followed", _("news of what is followed")

    #: What goes to persons, never to a party.
    PERSONAL = (Kind.FOLLOWED,)
    #: The answer to what a party has asked for by law reaches it in the application, whatever is muted.
    UNMUTABLE = (Kind.OBJECTION, Kind.OPINION, Kind.WEBHOOK)

    party = models.ForeignKey(
        "parties.Party", models.CASCADE, null=True, related_name="notices", verbose_name=_("enterprise")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.CharField(max_length=200, unique=True)
    version = models.ForeignKey("verdicts.RuleVersion", models.PROTECT, null=True, verbose_name=_("rule"))
    run = models.ForeignKey("verdicts.Run", models.PROTECT, null=True, verbose_name=_("run"))
    data = models.JSONField(default=dict)
    quiet = models.BooleanField(_("muted"), db_default=False)
    created_at = models.DateTimeField(_("sent"), db_default=models.functions.Now())
    read_at = models.DateTimeField(_("read"), null=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("read by"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["party", "-created_at"], name="notice_party"),
            models.Index(fields=["user", "-created_at"], name="notice_user", condition=models.Q(user__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(party__isnull=True) ^ models.Q(user__isnull=True), name="notice_has_one_addressee"
            )
        ]

    def __str__(self) -> str:
        return self.key


class Route(models.Model):
    """How notices reach a party by one channel: for mail one route a person, for the others one for all. A person's own
    route, for what goes to them alone, is mail without a party.

    muted: kinds that do not come this way. quiet_from, quiet_to: hours of the zone's day in which nothing leaves; equal
    ones are none. hour, weekday (0 = Monday): when the digest leaves. url, nonce: of a webhook; its secret is made from
    the nonce and the server's key and never stored (webhooks.secret_of). failures: in a row.
    """

    class Channel(models.TextChoices):
        APP = "app", _("in the application")
        MAIL = "mail", _("mail")
        WEBHOOK = "webhook", _("webhook")

    class Digest(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")

    party = models.ForeignKey(
        "parties.Party", models.CASCADE, null=True, related_name="routes", verbose_name=_("enterprise")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="routes", verbose_name=_("account")
    )
    on = models.BooleanField(_("on"), db_default=True)
    muted = models.JSONField(_("muted kinds"), db_default=models.Value([], models.JSONField()))
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), db_default=22)
    quiet_to = models.PositiveSmallIntegerField(_("quiet until"), db_default=8)
    digest = models.CharField(_("rhythm"), max_length=10, choices=Digest, db_default=Digest.AT_ONCE)
    hour = models.PositiveSmallIntegerField(_("hour"), db_default=9)
    weekday = models.PositiveSmallIntegerField(_("weekday"), db_default=0)
    language = models.CharField(_("language"), max_length=10, blank=True, db_default="")
    url = models.CharField(_("address"), max_length=500, blank=True, db_default="")
    nonce = models.CharField(max_length=40, blank=True, db_default="")
    failures = models.PositiveSmallIntegerField(_("failures in a row"), db_default=0)
    disabled_at = models.DateTimeField(_("switched off"), null=True)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [
            models.UniqueConstraint("party", "channel", "user", name="route_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(channel="mail", user__isnull=False)
                | models.Q(~models.Q(channel="mail"), user__isnull=True),
                name="route_of_mail_is_a_persons",
            ),
            models.CheckConstraint(
                condition=models.Q(party__isnull=False) | models.Q(channel="mail"),
                name="route_without_party_is_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.channel}"


class Delivery(models.Model):
    """One notice on one route out of the house; once only, by its constraint. Written with the notice, sent afterwards.

    due_at: not before. parcel: the message in which it travels, kept for every attempt: receivers know a repetition by
    it. claimed_at: when a worker last took it. opened_at: its link was followed (mail).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("on its way")
        SENT = "sent", _("delivered")
        FAILED = "failed", _("failed, to be tried again")
        GIVEN_UP = "given_up", _("given up")
        HELD = "held", _("held back")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries", verbose_name=_("message"))
    route = models.ForeignKey(Route, models.CASCADE, related_name="deliveries", verbose_name=_("route"))
    state = models.CharField(_("state"), max_length=10, choices=State, db_default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    due_at = models.DateTimeField(_("due"), db_default=models.functions.Now())
    parcel = models.CharField(_("parcel"), max_length=40, blank=True, db_default="")
    claimed_at = models.DateTimeField(_("last tried"), null=True)
    sent_at = models.DateTimeField(_("delivered at"), null=True)
    opened_at = models.DateTimeField(_("opened"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = _("delivery of a message")
        verbose_name_plural = _("deliveries of messages")
        constraints = [models.UniqueConstraint(fields=["notice", "route"], name="delivery_of_notice_once")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="delivery_open",
                condition=models.Q(state__in=["waiting", "failed", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} → {self.route_id}"
