"""The cockpit's figures: each with its definition and the list of records it is made of.

Counts of enterprises and verdicts come from the newest run and its snapshot, so that they agree with each other;
deliveries, conflicts and objections are as they stand now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.facts import snapshots
from innozone.foundation.facts.models import Delivery, Fact, Objection, PackLoad, Record
from innozone.foundation.parties.models import Party, PartyKind
from innozone.foundation.verdicts import runs
from innozone.foundation.verdicts.models import Run
from innozone.kernel.columns import Codes, Sets
from innozone.kernel.columns import Snapshot as Columns
from innozone.kernel.rules import Matcher, load_condition
from innozone.kernel.terms import CodeList, Dictionary, Label
from innozone.wings.supervision.models import Target


@dataclass(frozen=True, slots=True)
class Link:
    """The list behind a figure: a named address of the portal and its query."""

    name: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One slice of a figure."""

    code: str
    label: Label
    value: Decimal
    link: Link | None = None


@dataclass(frozen=True)
class Figure:
    """A figure of the cockpit. `value` None: nothing counts it yet. Money in 元; `unit` as of the dictionary.

    Targets carry `target` and `deadline`; `reached` is their share (1 = reached), None where it cannot be said.
    """

    code: str
    label: str | Promise | Label
    value: Decimal | None
    unit: str
    definition: str | Promise
    link: Link | None = None
    parts: list[Part] = field(default_factory=list)
    target: Decimal | None = None
    deadline: int | None = None
    section: str = ""

    @property
    def reached(self) -> Decimal | None:
        if self.value is None or not self.target:
            return None
        return self.value / self.target

    def label_in(self, language: str) -> str:
        """The label in a language; lazy texts follow the active one."""
        return self.label.get(language) if isinstance(self.label, Label) else str(self.label)


def cockpit() -> list[Figure]:
    """The first figures: enterprises, what they are entitled to, the state of the data. A bounded number of queries."""
    run = runs.latest()
    found = _enterprises(run)
    if run is not None:
        found += _verdicts(run)
    return found + _data()


def targets() -> list[Figure]:
    """The targets of the plan with what has been reached, where departments' data can say it."""
    rows = list(Target.objects.all())
    run = runs.latest()
    actuals = _actuals(rows, run) if run is not None else {}
    return [
        Figure(
            row.code,
            Label(row.indicator, row.indicator_en),
            actuals.get(row.code),
            row.unit,
            _counted(row),
            _behind(row),
            target=row.value,
            deadline=row.deadline,
            section=row.section,
        )
        for row in rows
    ]


def _enterprises(run: Run | None) -> list[Figure]:
    everyone = Link("desk", {"name": "enterprises"})
    total = Party.objects.filter(kind=PartyKind.ENTERPRISE, redirect__isnull=True).count()
    figures = [
        Figure("enterprises", _("Enterprises"), Decimal(total), "家", _("legal persons on file in the zone"), everyone)
    ]
    if run is None:
        return figures
    columns, dictionary = snapshots.open(run.snapshot), facts_dictionary.current()
    figures.append(
        Figure(
            "enterprises_by_region",
            _("Enterprises by new city"),
            Decimal(columns.rows),
            "家",
            _("by the region of registration"),
            everyone,
            _by_region(columns, dictionary.codelists.get("regions")),
        )
    )
    parts = _by_designation(columns, dictionary.codelists.get("designations"))
    figures.append(
        Figure(
            "enterprises_by_title",
            _("Enterprises by title held"),
            Decimal(columns.rows),
            "家",
            _("titles in force on the day of the snapshot; an enterprise counts under each of its titles"),
            everyone,
            parts,
        )
    )
    return figures


def _by_region(columns: Columns, regions: CodeList | None) -> list[Part]:
    column = columns.column("registration_region")
    zone = PackLoad.objects.order_by("-id").values_list("data__pack__region", flat=True).first()
    if not isinstance(column, Codes) or regions is None or not zone or zone not in regions:
        return []
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.categories))
    per_code = dict(zip(column.categories, counts.tolist(), strict=True))
    parts = []
    for code in regions.children.get(zone, ()):
        number = sum(per_code.get(below, 0) for below in regions.subtree(code))
        link = Link("desk", {"name": "enterprises", "region": code})
        parts.append(Part(code, regions.by_code[code].label, Decimal(number), link))
    return parts


def _by_designation(columns: Columns, designations: CodeList | None) -> list[Part]:
    column = columns.column("designations")
    if not isinstance(column, Sets) or designations is None:
        return []
    parts = []
    for entry in designations:
        number = int(column.holds(designations.subtree(entry.code)).sum())
        if number:
            link = Link("desk", {"name": "enterprises", "title": entry.code})
            parts.append(Part(entry.code, entry.label, Decimal(number), link))
    return parts


def _verdicts(run: Run) -> list[Figure]:
    reached = runs.reached(run)
    unknown = run.verdicts.filter(version__rule__kind="support").aggregate(number=Sum("benefit_unknown"))["number"]
    items = Link("desk", {"name": "enterprises"})
    return [
        Figure(
            "entitled",
            _("Entitled enterprises"),
            Decimal(reached["true"]),
            "家",
            _("meet every condition of at least one support item in force"),
            items,
            _per_rule(run, "true"),
        ),
        Figure(
            "ready",
            _("Enterprises that only wait for a person's check"),
            Decimal(reached["ready"]),
            "家",
            _("meet every condition of a support item that facts can decide; a person still judges the rest"),
            items,
            _per_rule(run, "ready"),
        ),
        Figure(
            "near",
            _("Enterprises that narrowly miss"),
            Decimal(reached["near"]),
            "家",
            _("one condition away from at least one support item"),
            items,
            _per_rule(run, "near"),
        ),
        Figure(
            "benefits",
            _("Sum of benefits of the entitled"),
            run.best_total,
            "元",
            _(
                "the best set of items of each enterprise: the highest of a group, exclusions and caps kept, before budgets "
                "and quotas; %(number)d amounts cannot be worked out"
            )
            % {"number": unknown or 0},
            items,
        ),
        Figure(
            "benefits_ready",
            _("Sum of benefits that wait for a person's check"),
            run.best_more,
            "元",
            _("what the best sets would grow by if every open check turned out well"),
            items,
        ),
    ]


def _per_rule(run: Run, kind: str) -> list[Part]:
    rows = (
        run.verdicts.filter(version__rule__kind="support", **{f"{kind}_count__gt": 0})
        .order_by(f"-{kind}_count", "version__rule__code")
        .values_list("version__rule__code", "version__rule__name", "version__rule__name_en", f"{kind}_count")
    )
    return [
        Part(
            code, Label(name, name_en), Decimal(number), Link("desk", {"name": "enterprises", "item": f"{code}:{kind}"})
        )
        for code, name, name_en, number in rows
    ]


def _data() -> list[Figure]:
    taken = Delivery.objects.filter(status=Delivery.Status.TAKEN).aggregate(
        number=Count("pk"), rows=Sum("rows_taken"), rejected=Sum("rows_rejected")
    )
    conflicts = Fact.objects.filter(conflicting=True).count()
    objections = Objection.objects.filter(status=Objection.Status.OPEN).count()
    deliveries = Link("desk", {"name": "deliveries", "status": "taken"})
    return [
        Figure(
            "deliveries",
            _("Deliveries taken in"),
            Decimal(taken["number"] or 0),
            "个",
            _("files of departments and providers"),
            deliveries,
        ),
        Figure(
            "rows_taken",
            _("Rows taken in"),
            Decimal(taken["rows"] or 0),
            "行",
            _("rows that keep the contract of their dataset and belong to a known enterprise"),
            deliveries,
        ),
        Figure(
            "rows_rejected",
            _("Rows rejected"),
            Decimal(taken["rejected"] or 0),
            "行",
            _("rows kept aside with the reason"),
            Link("desk", {"name": "rejected-rows"}),
        ),
        Figure(
            "conflicts",
            _("Open conflicts"),
            Decimal(conflicts),
            "个",
            _("facts on which two sources disagree"),
            Link("desk", {"name": "conflicts"}),
        ),
        Figure(
            "objections",
            _("Open objections"),
            Decimal(objections),
            "个",
            _("facts that an enterprise says are wrong and nobody has decided on"),
            Link("desk", {"name": "objections", "status": "open"}),
        ),
    ]


def _actuals(rows: list[Target], run: Run) -> dict[str, Decimal]:
    """Counts for all targets at once: one match over the snapshot, one query for records."""
    columns, dictionary = snapshots.open(run.snapshot), facts_dictionary.current()
    conditions, sums = {}, {}
    for row in rows:
        actual = row.actual or {}
        if "records" in actual or not actual:
            continue
        conditions[row.code] = load_condition(actual.get("count", actual.get("where", "true")))
        if "sum" in actual:
            sums[row.code] = str(actual["sum"])
        if "ratio" in actual:
            for at, text in enumerate(actual["ratio"]):
                conditions[f"{row.code}:{at}"] = conditions[row.code]
                sums[f"{row.code}:{at}"] = _where_known(actual["ratio"], str(text))
    matches = Matcher(columns, dictionary).match(conditions, sums, members=False, near=False) if conditions else {}
    found = {}
    for row in rows:
        actual = row.actual or {}
        if not actual:
            continue
        scale = Decimal(actual.get("scale", "1"))
        if "records" in actual:
            found[row.code] = Decimal(_records(actual, dictionary, run.snapshot.as_of))
        elif "count" in actual:
            found[row.code] = Decimal(matches[row.code].counts["true"])
        elif "sum" in actual:
            found[row.code] = _exact(matches[row.code].benefit.total) / scale
        else:
            above, below = (_exact(matches[f"{row.code}:{at}"].benefit.total) for at in (0, 1))
            if below:
                found[row.code] = above / below / scale
    return {code: round(value, 4) for code, value in found.items()}


def _where_known(both: list[Any], text: str) -> str:
    """The part of a ratio only where both parts are known, so that above and below speak of the same enterprises."""
    other = " + ".join(f"0 * ({part})" for part in both)
    return f"({text}) + {other}"


def _records(actual: Mapping[str, Any], dictionary: Dictionary, as_of: date) -> int:
    """Enterprises with a record of one of the codes, or below them, since the day named."""
    codes = set(actual["codes"])
    for codelist in dictionary.codelists.values():
        if all(code in codelist for code in actual["codes"]):
            codes |= codelist.subtree(*actual["codes"])
    rows = Record.objects.filter(
        dataset__code=actual["records"],
        superseded_at__isnull=True,
        date__lte=as_of,
        **{f"data__{actual['field']}__in": sorted(codes)},
    )
    if actual.get("from"):
        rows = rows.filter(date__gte=date.fromisoformat(actual["from"]))
    return rows.values("party").distinct().count()


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _counted(row: Target) -> str | Promise:
    actual = row.actual or {}
    if "records" in actual:
        return _("enterprises with such a record since the day the plan began")
    if "count" in actual:
        return _("enterprises for which this holds in the newest snapshot")
    if "sum" in actual:
        return _("total over all enterprises of the newest snapshot")
    if "ratio" in actual:
        return _("share over the enterprises of the newest snapshot for which both figures are known")
    return _("no delivery carries this figure yet")


def _behind(row: Target) -> Link | None:
    return Link("desk", {"name": "enterprises"}) if row.actual else None
