"""S21 where texts come from by themselves, and what a language model proposes for them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from innozone.wings.policies.models.papers import Item, Level, Policy


class Source(models.Model):
    """Where policy texts come from by themselves: a watched folder, a feed, or pages that are looked at again.

    address: a folder below INNOZONE_POLICY_FOLDER (empty: that folder), the address of a feed, or addresses of pages,
    one a line. seen: address → what tells whether it changed: [size, mtime in ns] of a file, [ETag, Last-Modified] of
    a page. outcome of the newest look: see sources.Outcome.
    """

    class Kind(models.TextChoices):
        FOLDER = "folder", _("watched folder")
        FEED = "feed", _("feed (RSS, Atom)")
        PAGES = "pages", _("list of pages")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    address = models.TextField(_("address"), blank=True)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    issuer_name = models.CharField(_("issuer"), max_length=200, blank=True)
    active = models.BooleanField(_("active"), default=True)
    every = models.PositiveSmallIntegerField(
        _("looked at every (hours)"), default=24, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )
    due_at = models.DateTimeField(_("next look"), null=True, blank=True)
    looked_at = models.DateTimeField(_("last look"), null=True, blank=True)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)
    seen = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("source of texts")
        verbose_name_plural = _("sources of texts")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from innozone.wings.policies import sources

        sources.check(self)


class Arrival(models.Model):
    """One text that a source brought, and what became of it. The same text at the same place arrives once.

    changes: the policy that an earlier text of this address became. reason: of a refusal, see ReadingError.
    """

    class State(models.TextChoices):
        READ = "read", _("read into a draft")
        CHANGED = "changed", _("changed since, read into a draft")
        DUPLICATE = "duplicate", _("known already")
        REFUSED = "refused", _("could not be read")

    source = models.ForeignKey(Source, models.PROTECT, related_name="arrivals", verbose_name=_("source"))
    address = models.CharField(_("address"), max_length=500)
    title = models.CharField(_("title"), max_length=200, blank=True)
    published = models.DateField(_("published"), null=True, blank=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    policy = models.ForeignKey(
        Policy, models.SET_NULL, null=True, blank=True, related_name="arrivals", verbose_name=_("policy")
    )
    changes = models.ForeignKey(
        Policy, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changes")
    )
    arrived_at = models.DateTimeField(_("arrived"), auto_now_add=True)

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")
        ordering = ["-arrived_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["source", "address", "digest"], name="arrival_once")]

    def __str__(self) -> str:
        return self.title or self.address


class Proposal(models.Model):
    """What a language model proposes for a clause that the grammar left to a person; no part of any rule.

    clause: the words of the manual leaf, by which it is found again in later versions. quote: the part of the clause
    that the expression says. reason: why an answer was refused or did not come, a word of proposals.REASONS; detail:
    what it is about. A person takes it or refuses it, once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the model")
        OPEN = "open", _("to be judged")
        TAKEN = "taken", _("taken over")
        REFUSED = "refused", _("refused by a person")
        INVALID = "invalid", _("unusable answer")
        FAILED = "failed", _("no answer")

    item = models.ForeignKey(Item, models.CASCADE, related_name="proposals", verbose_name=_("item"))
    clause = models.TextField(_("clause"))
    digest = models.CharField(max_length=64)
    expression = models.CharField(_("condition"), max_length=400, blank=True)
    quote = models.TextField(_("words of the text"), blank=True)
    model = models.CharField(_("language model"), max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("proposal of a model")
        verbose_name_plural = _("proposals of models")
        ordering = ["item__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "digest"], name="proposal_clause_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"
