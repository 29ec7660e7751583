"""Policies, the versions of their texts, their items."""

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
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
