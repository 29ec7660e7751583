"""Dictionary, datasets, deliveries, statements, facts, objections, snapshots.

Statements are append-only: what a source said, in which row of which delivery. A fact is the statement that won.
Years: 0 stands for a variable without period, so that one unique key serves both.
"""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

_UNCHECKED = {"db_index": False, "db_constraint": False}


class Dataset(models.Model):
    """A dataset that an organisation delivers, with its contract as loaded from the zone pack."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    owner = models.ForeignKey("parties.Party", models.PROTECT, related_name="datasets", verbose_name=_("owner"))
    contract = models.JSONField(_("contract"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


class PackLoad(models.Model):
    """A zone pack as it was loaded: the newest is in force. `data` is enough to rebuild the dictionary."""

    zone = models.CharField(_("zone"), max_length=60)
    digest = models.CharField(max_length=64)
    data = models.JSONField()
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("zone pack")
        verbose_name_plural = _("zone packs")
        get_latest_by = "loaded_at"

    def __str__(self) -> str:
        return f"{self.zone} {self.digest[:12]}"


class CodeTable(models.Model):
    """A whole official code table taken in by hand; from `valid_from` it stands in place of the pack's list."""

    list = models.CharField(_("code list"), max_length=60)
    version = models.CharField(_("version"), max_length=40)
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("code table")
        verbose_name_plural = _("code tables")
        constraints = [models.UniqueConstraint(fields=["list", "version"], name="code_table_version_once")]

    def __str__(self) -> str:
        return f"{self.list} {self.version}"


class Code(models.Model):
    """One entry of a code table."""

    table = models.ForeignKey(CodeTable, models.CASCADE, related_name="codes")
    position = models.PositiveIntegerField()
    code = models.CharField(_("code"), max_length=40)
    parent = models.CharField(_("parent"), max_length=40, blank=True)
    label = models.CharField(_("label"), max_length=200)
    label_en = models.CharField(_("English label"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["table", "code"], name="code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class Delivery(models.Model):
    """One file of one dataset. Taken in whole or not at all; bad rows are kept aside."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        TAKING = "taking", _("being taken in")
        TAKEN = "taken", _("taken in")
        REFUSED = "refused", _("refused")

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="deliveries", verbose_name=_("dataset"))
    filename = models.CharField(_("file"), max_length=255)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField(_("bytes"))
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.RECEIVED)
    message = models.TextField(_("message"), blank=True)
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    rows_total = models.IntegerField(_("rows"), default=0)
    rows_taken = models.IntegerField(_("rows taken"), default=0)
    rows_rejected = models.IntegerField(_("rows rejected"), default=0)
    rows_unlinked = models.IntegerField(_("rows not linked"), default=0)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    # What the sender should know though nothing was refused for it, and the refusal as data: see facts.problems.
    notes = models.JSONField(_("notes"), default=dict)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-received_at", "-id"]
        constraints = [
            # The same file twice changes nothing: the second is refused before a row is read.
            models.UniqueConstraint(
                fields=["dataset", "sha256"], condition=~models.Q(status="refused"), name="delivery_file_once"
            )
        ]

    def __str__(self) -> str:
        return self.filename


class RejectedRow(models.Model):
    """A row kept aside, with the reason and the cure for each cell.

    `parties`: whom the row may speak of (one for a bad row of a known enterprise, the candidates of an uncertain one).
    `settled_at`: later taken in after all, because the enterprise became known or a person said which it is.
    """

    class Kind(models.TextChoices):
        INVALID = "invalid", _("does not keep the contract")
        UNLINKED = "unlinked", _("belongs to no known enterprise")
        UNCERTAIN = "uncertain", _("a person must say which enterprise")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="rejected", verbose_name=_("delivery"))
    row = models.PositiveIntegerField(_("row"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    raw = models.JSONField(_("row as delivered"))
    problems = models.JSONField(_("problems"))
    # By these the row is found again when the registry delivers its enterprise.
    credit_code = models.CharField(_("unified social credit code"), max_length=200, blank=True)
    name_key = models.CharField(max_length=200, blank=True)
    parties = ArrayField(models.BigIntegerField(), verbose_name=_("possible enterprises"), default=list)
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("settled by"))

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        ordering = ["delivery", "row"]
        indexes = [
            models.Index(fields=["delivery", "row"], name="rejected_delivery_row"),
            models.Index(fields=["kind"], condition=models.Q(settled_at__isnull=True), name="rejected_open"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}:{self.row}"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete))
class Statement(models.Model):
    """What one source said of one variable of one party for one year. Exactly one of number and text is set.

    number holds money in 元, numbers, ratios (1 = 100 %) and bools (0, 1); text holds text, codes, ISO dates
    and, as a JSON list, sets of codes. `raw` is the cell as delivered, `grain` the worth of its last printed digit
    in the stored unit (10000 for 1,200 in a column of 万元): two sources disagree only beyond half of it.
    """

    # The indexes below serve every question; one for each foreign key besides would only slow the COPY, and so would
    # the database's check of each row (a third of the time): rows come from a stage that was joined with these tables,
    # whose rows are never deleted.
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="statements", **_UNCHECKED)
    variable = models.CharField(_("variable"), max_length=60)
    year = models.SmallIntegerField(_("year"), default=0)
    # The year of the row that said so, also where the variable has none: a late file about an earlier year is no news.
    period = models.SmallIntegerField(_("year of the row"), default=0)
    number = models.DecimalField(_("number"), max_digits=24, decimal_places=6, null=True)
    text = models.TextField(_("text"), null=True)
    raw = models.TextField(_("as delivered"), blank=True)
    grain = models.DecimalField(_("last printed digit"), max_digits=24, decimal_places=6, null=True)
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, verbose_name=_("dataset"), **_UNCHECKED)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, verbose_name=_("delivery"), **_UNCHECKED)
    row = models.PositiveIntegerField(_("row"), null=True)
    objection = models.ForeignKey("facts.Objection", models.PROTECT, null=True, db_index=False)
    recorded_at = models.DateTimeField(_("recorded"), db_default=models.functions.Now())

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        indexes = [
            models.Index(fields=["party", "variable", "year"], name="statement_key"),
            # Statements of a delivery lie side by side, so a few bytes for each stretch of the table are enough.
            BrinIndex(fields=["delivery"], name="statement_delivery", pages_per_range=16),
            models.Index(fields=["objection"], name="statement_objection", condition=models.Q(objection__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.variable} {self.year or ''}"


class Record(models.Model):
    """One record of a records dataset (a patent, a designation, a penalty); a later delivery replaces it by key."""

    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="records", **_UNCHECKED)
    dataset = models.ForeignKey(Dataset, models.PROTECT, verbose_name=_("dataset"), **_UNCHECKED)
    key = models.CharField(_("key"), max_length=200)
    data = models.JSONField(_("fields"))
    date = models.DateField(_("date"), null=True)
    valid_from = models.DateField(_("valid from"), null=True)
    valid_to = models.DateField(_("valid to"), null=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, verbose_name=_("delivery"), db_constraint=False)
    row = models.PositiveIntegerField(_("row"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=models.functions.Now())
    superseded_at = models.DateTimeField(_("superseded"), null=True)

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "key"], condition=models.Q(superseded_at__isnull=True), name="record_current_once"
            )
        ]
        indexes = [models.Index(fields=["party", "dataset"], name="record_party_dataset")]

    def __str__(self) -> str:
        return self.key


class Fact(models.Model):
    """The value in force of one variable of one party for one year.

    `statement` is the one that won; it is empty for a value made from records (`origin` names the dataset).
    """

    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="facts", **_UNCHECKED)
    variable = models.CharField(_("variable"), max_length=60)
    year = models.SmallIntegerField(_("year"), default=0)
    number = models.DecimalField(_("number"), max_digits=24, decimal_places=6, null=True)
    text = models.TextField(_("text"), null=True)
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, verbose_name=_("statement"), **_UNCHECKED)
    origin = models.CharField(_("origin"), max_length=60, blank=True)
    statements = models.PositiveSmallIntegerField(_("statements"), default=1)
    conflicting = models.BooleanField(_("sources disagree"), default=False)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [models.UniqueConstraint(fields=["party", "variable", "year"], name="fact_once")]
        indexes = [
            # Only the beginning of a text: an entry of an index has 2,700 bytes at most.
            models.Index(
                "variable", "year", Left("text", 100), name="fact_text", condition=models.Q(text__isnull=False)
            ),
            models.Index(
                fields=["variable", "year", "number"], name="fact_number", condition=models.Q(number__isnull=False)
            ),
            models.Index(fields=["variable"], condition=models.Q(conflicting=True), name="fact_conflicting"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.variable} {self.year or ''}"


@pghistory.track()
class Objection(models.Model):
    """An enterprise says that a fact of its own is wrong. Accepted, it becomes a statement that wins."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="objections", verbose_name=_("enterprise"))
    variable = models.CharField(_("variable"), max_length=60)
    year = models.SmallIntegerField(_("year"), default=0)
    disputed = models.ForeignKey(
        Statement, models.PROTECT, null=True, related_name="disputes", verbose_name=_("disputed statement")
    )
    # Its owner decides: the dataset that told the fact, for a fact that nobody told the first that should.
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, verbose_name=_("dataset in charge"))
    claimed = models.CharField(_("claimed value"), max_length=200)
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="objections")
    raised_at = models.DateTimeField(_("raised"), auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decisions")
    decided_at = models.DateTimeField(_("decided"), null=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "variable", "year"], condition=models.Q(status="open"), name="objection_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.variable} {self.year or ''}: {self.claimed}"


class Change(models.Model):
    """Something that a snapshot is made from has changed since the newest one (triggers write it, see migration 0003).

    txid: the transaction that did so.
    """

    txid = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return str(self.txid)


class Snapshot(models.Model):
    """A frozen columnar copy of all facts: a folder of Parquet files under the data folder, never changed."""

    as_of = models.DateField(_("as of"))
    folder = models.CharField(max_length=200, unique=True)
    rows = models.IntegerField(_("enterprises"))
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        get_latest_by = "recorded_at"

    def __str__(self) -> str:
        return self.folder
