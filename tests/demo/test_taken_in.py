"""The deliveries go through the real intake: what is bad is kept aside, row by row as the truth says, the rest is true."""

import json
from collections import defaultdict
from datetime import date

import numpy as np
import polars as pl
import pytest
from django.db import connection

from innozone.demo import generate
from innozone.foundation.facts import aggregates, dictionary, intake, packs, records
from innozone.foundation.facts.models import Dataset, Delivery, Fact, Record, RejectedRow
from innozone.foundation.facts.problems import DeliveryRepeated
from innozone.foundation.parties.models import Party, PartyKind
from innozone.kernel.columns import Numbers, records_name
from innozone.kernel.packs import Pack
from innozone.kernel.packs.aggregates import made_from
from innozone.kernel.terms import UNKNOWN

from .conftest import Demonstration, opened

FIRMS = 300
# A row of nobody that is known, or a row that is wrong: both are kept aside.
ASIDE = {"aside", "unlinked"}


@pytest.fixture(scope="module")
def current(pack, tmp_path_factory) -> Demonstration:
    folder = tmp_path_factory.mktemp("taken in") / "demo"
    return opened(folder, generate(pack, folder, FIRMS, today=date.today()))


@pytest.fixture
def taken(pack, current, db) -> Demonstration:
    """The zone after all files came in the order of the manifest."""
    packs.load(pack)
    for file in current.manifest.files:
        path = current.folder / file.filename
        if file.note == "repeat":
            with pytest.raises(DeliveryRepeated):
                intake.receive(file.dataset, path, file.filename)
            continue
        delivery = intake.take(intake.receive(file.dataset, path, file.filename))
        assert delivery.status == Delivery.Status.TAKEN, delivery.message
        assert delivery.rows_total == file.rows
    return current


def test_what_comes_in_is_what_is_true(pack, taken) -> None:
    """One test for all, since taking the files in is what takes time."""
    _rows_kept_aside(taken)
    known = _parties(pack, taken)
    _facts(pack, taken)
    _records(taken, known)
    _made_from_records(pack, taken)


def _rows_kept_aside(taken: Demonstration) -> None:
    expected: dict[str, dict[int, str]] = defaultdict(dict)
    for fault in taken.faults:
        if fault["effect"] in ASIDE:
            expected[fault["file"]][fault["row"]] = f"{fault['kind']} {fault['column']} {fault['written']}"
    for file in taken.manifest.files:
        if file.note == "repeat":
            continue
        rejected = {
            row.row: json.dumps(row.problems, ensure_ascii=False)
            for row in RejectedRow.objects.filter(delivery__filename=file.filename)
        }
        more = {row: why for row, why in rejected.items() if row not in expected[file.filename]}
        less = {row: why for row, why in expected[file.filename].items() if row not in rejected}
        assert not more, f"{file.filename}: kept aside without a fault: {more}"
        assert not less, f"{file.filename}: taken in spite of a fault: {less}"


def _parties(pack: Pack, taken: Demonstration) -> set[str]:
    """The enterprises of the register, but for those of which every row was bad."""
    register = next(contract.code for contract in pack.datasets.values() if contract.creates)
    aside = {
        (fault["file"], fault["credit_code"])
        for fault in taken.faults
        if fault["dataset"] == register and fault["effect"] in ASIDE
    }
    again = {fault["credit_code"] for fault in taken.faults if fault["kind"] == "not_registered"}
    parties = Party.objects.filter(kind=PartyKind.ENTERPRISE)
    known = set(parties.values_list("credit_code", flat=True))
    codes = set(taken.firms["credit_code"])
    assert known <= codes
    assert codes - known <= {code for _, code in aside}
    assert not known & again, "a row was said to be of nobody, but its enterprise is known"
    assert len(known) >= 0.98 * FIRMS
    # Firms that were renamed since the first file have their new name.
    names = dict(zip(taken.firms["credit_code"], taken.firms["name"], strict=True))
    assert [party.name for party in parties] == [names[party.credit_code] for party in parties]
    return known


def _facts(pack: Pack, taken: Demonstration) -> None:
    """The fact in force is the true value wherever no fault stands in its way; what was set right is right."""
    last = date.fromisoformat(taken.manifest.today).year - 1
    compared = 0
    for variable, year in (
        ("registered_capital", 0),
        ("established_on", 0),
        ("industry", 0),
        ("registration_region", 0),
        ("legal_representative", 0),
        ("revenue", last),
        ("rd_expense", last - 1),
        ("staff_total", last),
        ("insured_staff", last),
        ("layoff_ratio", last),
        ("innovation_score", 0),
        ("niche_share", 0),
        ("own_brand", 0),
    ):
        name = f"{variable}@{year}" if year else variable
        true = dict(zip(taken.firms["credit_code"], taken.firms[name], strict=True))
        doubtful = _doubtful(pack, taken, variable)
        facts = Fact.objects.filter(variable=variable, year=year).values_list("party__credit_code", "number", "text")
        certain = [fact for fact in facts if fact[0] not in doubtful]
        for code, number, text in certain:
            if number is not None:
                assert float(number) == pytest.approx(float(true[code]), abs=0.01), (variable, code)
            else:
                assert text == str(true[code]), (variable, code)
        assert len(certain) > FIRMS / 4, variable
        compared += len(certain)
    assert compared > 8 * FIRMS


def _doubtful(pack: Pack, taken: Demonstration, variable: str) -> set[str]:
    """Firms for which a file says something wrong or nothing of the variable."""
    columns = {
        (contract.code, entry.column)
        for contract in pack.datasets.values()
        for entry in contract.fields
        if entry.variable == variable
    }
    datasets = {dataset for dataset, _ in columns}
    return {
        fault["credit_code"]
        for fault in taken.faults
        if (fault["effect"] in {"wrong", "overruled", "blank"} and (fault["dataset"], fault["column"]) in columns)
        or (fault["effect"] in ASIDE and fault["dataset"] in datasets)
    }


def _records(taken: Demonstration, known: set[str]) -> None:
    codes = taken.firms["credit_code"].to_list()
    for topic in ("ip", "designations", "financing", "credit", "bids"):
        true = taken.records(topic).filter(
            pl.col("firm").map_elements(lambda firm: codes[firm] in known, return_dtype=pl.Boolean)
        )
        lost = {
            (fault["file"], fault["row"])
            for fault in taken.faults
            if fault["dataset"] == topic and fault["effect"] in ASIDE
        }
        held = Record.objects.filter(dataset__code=topic, superseded_at=None).count()
        assert true.height - len(lost) <= held <= true.height, topic


def _made_from_records(pack: Pack, taken: Demonstration) -> None:
    """What the database counts of the records is what the kernel counts of their columns, for every aggregate."""
    known, as_of = dictionary.current(), date.fromisoformat(taken.manifest.today)
    parties = np.array(sorted(Party.objects.filter(kind=PartyKind.ENTERPRISE).values_list("id", flat=True)))
    held = records.columns_of(known, parties, as_of)
    aggregates.refresh(known, as_of)
    functions = set()
    for variable in aggregates.aggregated(known):
        contract = pack.datasets[variable.aggregate.dataset]
        with connection.cursor() as cursor:
            cursor.execute(aggregates.in_doubt("%(dataset)s"), {"dataset": Dataset.objects.get(code=contract.code).pk})
            doubtful = [row[0] for row in cursor.fetchall()]
        complete = ~np.isin(parties, doubtful) & (contract.coverage == "complete")
        column = made_from(variable, contract, held[records_name(contract.code)], known, as_of, complete)
        facts = dict(Fact.objects.filter(variable=variable.code).values_list("party", "number"))
        texts = dict(Fact.objects.filter(variable=variable.code).values_list("party", "text"))
        for row, party in enumerate(parties.tolist()):
            value = column.get(row)
            if value is UNKNOWN:
                assert party not in facts, (variable.code, party)
            elif isinstance(value, frozenset):
                assert value == set(json.loads(texts[party])), (variable.code, party)
            elif isinstance(column, Numbers) and column.kind == "number":
                assert float(value) == pytest.approx(float(facts[party]), abs=1e-6), (variable.code, party)
            elif isinstance(value, bool):
                assert value == bool(facts[party]), (variable.code, party)
            else:
                assert str(value) == texts[party], (variable.code, party)
        assert facts, variable.code
        functions.add(variable.aggregate.function)
    assert functions == {"count", "sum", "codes", "latest", "exists"}
