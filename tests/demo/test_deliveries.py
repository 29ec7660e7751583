"""The files: in their senders' formats, the same on every run, with as many faults as are written down."""

import codecs
import csv
import hashlib
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine

from innozone.demo import UnsuitablePack, faults, generate
from innozone.demo.sheets import columns_of

from .conftest import FIRMS, TODAY, opened


def table_of(pack, folder: Path, file) -> list[dict[str, object]]:
    """The rows of a file by header, read by other means than those it was written with."""
    form = pack.datasets[file.dataset].format
    path = folder / file.filename
    if form.type == "jsonl":
        return [json.loads(line) for line in path.read_text(encoding=form.encoding).splitlines()]
    if form.type == "csv":
        return list(csv.DictReader(io.StringIO(path.read_bytes().decode(form.encoding))))
    rows = python_calamine.load_workbook(path).get_sheet_by_name(form.sheet).to_python()
    lowest, above = rows[form.header_rows - 1], rows[0]
    headers = [low or high for low, high in zip(lowest, above, strict=True)]
    return [dict(zip(headers, row, strict=True)) for row in rows[form.header_rows :]]


def test_same_seed_and_day_same_bytes(pack, tmp_path) -> None:
    digests = []
    for name in ("a", "b"):
        generate(pack, tmp_path / name, 60, seed=7, today=TODAY)
        digests.append(
            {
                str(path.relative_to(tmp_path / name)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted((tmp_path / name).rglob("*"))
                if path.is_file()
            }
        )
    assert digests[0] == digests[1]
    other = generate(pack, tmp_path / "c", 60, seed=8, today=TODAY)
    assert {file.sha256 for file in other.files}.isdisjoint(digests[0].values())


def test_figures_stay_current(pack, tmp_path) -> None:
    manifest = generate(pack, tmp_path / "demo", 40, today=date(2028, 3, 1))
    assert "2027" in {file.filename.split("_")[-1][:4] for file in manifest.files}
    firms = opened(tmp_path / "demo", manifest).firms
    assert "revenue@2027" in firms.columns
    assert firms["established_on"].max() <= date(2028, 3, 1)


def test_the_manifest_tells_what_is_there(pack, demonstration) -> None:
    folder, manifest = demonstration.folder, demonstration.manifest
    written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (written["seed"], written["firms"], written["today"]) == (20261123, FIRMS, TODAY.isoformat())
    assert [file["filename"] for file in written["files"]] == [file.filename for file in manifest.files]
    assert {path.name for path in folder.iterdir()} == {
        *(file.filename for file in manifest.files),
        "manifest.json",
        "truth",
    }
    assert {file.dataset for file in manifest.files} == set(pack.datasets)
    for file in manifest.files:
        assert hashlib.sha256((folder / file.filename).read_bytes()).hexdigest() == file.sha256
        assert len(table_of(pack, folder, file)) == file.rows
    assert [file.received for file in manifest.files] == sorted(file.received for file in manifest.files)
    assert manifest.files[-1].received < TODAY.isoformat()
    assert manifest.files[0].dataset == "market_registry"


def test_some_files_are_late_one_comes_twice_and_one_is_set_right(demonstration) -> None:
    files = demonstration.manifest.files
    late = [file for file in files if file.late]
    assert 2 <= len(late) < len(files) / 2
    assert all(file.received[:10] > file.due[:10] for file in late)
    assert all(file.received == file.due for file in files if not file.late)
    times = Counter(file.sha256 for file in files)
    assert [file.note for file in files if times[file.sha256] == 2] == ["", "repeat"]
    corrections = [file for file in files if file.note == "correction"]
    assert {file.dataset for file in corrections} >= {"operations"}


def test_every_file_keeps_the_headers_and_the_format_of_its_contract(pack, demonstration) -> None:
    for file in demonstration.manifest.files:
        contract = pack.datasets[file.dataset]
        rows = table_of(pack, demonstration.folder, file)
        assert list(rows[0]) == [column.header for column in columns_of(contract)], file.filename
        assert file.filename.endswith(contract.format.type)


def test_chinese_files_are_in_gb_18030_and_say_so_in_no_way(pack, demonstration) -> None:
    file = next(
        file for file in demonstration.manifest.files if pack.datasets[file.dataset].format.encoding == "gb18030"
    )
    raw = (demonstration.folder / file.filename).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    frame = pl.read_csv(io.BytesIO(raw.decode("gb18030").encode()), infer_schema=False)
    assert frame.height == file.rows
    assert not raw.startswith(codecs.BOM_UTF8)


def test_upper_headers_are_merged(pack, demonstration) -> None:
    contract = next(contract for contract in pack.datasets.values() if contract.format.header_rows == 2)
    file = next(file for file in demonstration.manifest.files if file.dataset == contract.code)
    sheet = python_calamine.load_workbook(demonstration.folder / file.filename).get_sheet_by_name(contract.format.sheet)
    groups = Counter(column.group for column in columns_of(contract) if column.group)
    merged = {end[1] - start[1] + 1 for start, end in sheet.merged_cell_ranges if start[0] == end[0] == 0}
    assert merged == {count for count in groups.values() if count > 1}
    above = [start for start, end in sheet.merged_cell_ranges if end[0] - start[0] == 1]
    assert len(above) == sum(not column.group for column in columns_of(contract))


def test_good_cells_say_what_is_true(pack, demonstration) -> None:
    """Registered capital in 万元 and revenue in 万元, read back and compared with the truth."""
    firms = demonstration.firms
    last = TODAY.year - 1
    for dataset, column, name, code in (
        ("market_registry", "注册资本(万元)", "registered_capital", "统一社会信用代码"),
        ("operations", "营业收入", f"revenue@{last}", "统一社会信用代码"),
    ):
        file = next(
            entry
            for entry in demonstration.manifest.files
            if entry.dataset == dataset and (str(last) in entry.filename or dataset == "market_registry")
        )
        spoiled = {fault["row"] for fault in demonstration.faults if fault["file"] == file.filename}
        start = pack.datasets[dataset].format.header_rows + 1
        true = dict(zip(firms["credit_code"], firms[name], strict=True))
        compared = 0
        for number, row in enumerate(table_of(pack, demonstration.folder, file), start):
            if number not in spoiled:
                assert float(str(row[column]).replace(",", "")) * 10_000 == pytest.approx(true[row[code]], abs=0.5)
                compared += 1
        assert compared > FIRMS / 3


def test_every_fault_stands_where_the_truth_says(pack, demonstration) -> None:
    tables = {
        file.filename: table_of(pack, demonstration.folder, file)
        for file in demonstration.manifest.files
        if file.note != "repeat"
    }
    checked = Counter()
    for fault in demonstration.faults:
        contract = pack.datasets[fault["dataset"]]
        start = 1 if contract.format.type == "jsonl" else contract.format.header_rows + 1
        row = tables[fault["file"]][fault["row"] - start]
        if fault["kind"] == "totals_row":
            assert "合计" in row.values()
        elif fault["column"]:
            found = row[fault["column"]]
            shown = (
                ""
                if found is None
                else str(int(found))
                if isinstance(found, float) and found == int(found)
                else str(found)
            )
            wanted = fault["written"].removesuffix(".0") if contract.format.type == "xlsx" else fault["written"]
            assert shown == wanted, fault
        checked[fault["kind"]] += 1
    assert len(checked) >= 15


def test_faults_are_as_frequent_as_the_rates_say(pack, tmp_path) -> None:
    demonstration = opened(tmp_path / "demo", generate(pack, tmp_path / "demo", 2500, today=TODAY))
    files = {file.filename: file for file in demonstration.manifest.files if file.note == ""}
    rows = sum(file.rows for file in files.values() if file.dataset != "market_registry")
    kinds = Counter(fault["kind"] for fault in demonstration.faults if fault["dataset"] != "market_registry")
    for kind, rate in (
        ("code_missing", faults.CODE_MISSING),
        ("code_mistyped", faults.CODE_MISTYPED),
        ("name_spelled", faults.NAME_SPELLED),
        ("repeated", faults.REPEATED),
        ("stranger", faults.STRANGER),
    ):
        # A row has one fault at most, so the later ones find fewer rows free.
        assert 0.7 * rate < kinds[kind] / rows < 1.15 * rate, kind
    assert {"impossible_date", "future_date", "negative", "unknown_code", "contradicts_itself", "old_name"} <= set(
        kinds
    )
    assert {"contradicts_other_source", "unit_named", "outdated", "totals_row", "blank"} <= set(kinds)


def test_a_changed_contract_changes_the_file(pack, tmp_path) -> None:
    contract = pack.datasets["social_security"]
    fields = tuple(
        replace(entry, column="Insured", unit="万人") if entry.name == "insured_staff" else entry
        for entry in contract.fields
    )
    other = replace(contract, fields=fields[:2], format=replace(contract.format, type="jsonl", encoding="utf-8"))
    zone = replace(pack, datasets={"market_registry": pack.datasets["market_registry"], "social_security": other})
    manifest = generate(zone, tmp_path / "demo", 80, today=TODAY)
    file = next(file for file in manifest.files if file.dataset == "social_security")
    rows = table_of(zone, tmp_path / "demo", file)
    assert list(rows[0]) == ["统一信用代码", "参保单位名称", "缴费年度", "职工总数", "Insured"]
    assert sum(isinstance(row["Insured"], float) and row["Insured"] < 0.1 for row in rows) > 30


def test_an_unknown_variable_is_refused_with_the_nearest_known_one(pack, tmp_path) -> None:
    contract = pack.datasets["operations"]
    fields = (replace(contract.fields[1], variable="revenues", column="收入"), *contract.fields[2:])
    zone = replace(pack, datasets={"operations": replace(contract, fields=fields)})
    with pytest.raises(UnsuitablePack, match=r"no values for the variable revenues .*nearest that it knows is revenue"):
        generate(zone, tmp_path / "demo", 10, today=TODAY)
    assert not (tmp_path / "demo").exists()


def test_an_unknown_record_field_is_refused(pack, tmp_path) -> None:
    contract = pack.datasets["ip"]
    fields = (*contract.fields, replace(contract.fields[0], field="colour", column="颜色"))
    zone = replace(pack, datasets={"ip": replace(contract, fields=fields)})
    with pytest.raises(UnsuitablePack, match="no values for the record field colour"):
        generate(zone, tmp_path / "demo", 10, today=TODAY)


def test_what_a_broken_off_run_left_is_removed(pack, tmp_path) -> None:
    (tmp_path / ".demo.unfinished").mkdir()
    (tmp_path / ".demo.unfinished" / "half.csv").write_text("…", encoding="utf-8")
    generate(pack, tmp_path / "demo", 10, today=TODAY)
    assert not (tmp_path / ".demo.unfinished").exists()
    assert not (tmp_path / "demo" / "half.csv").exists()
    with pytest.raises(FileExistsError, match="holds a demonstration already"):
        generate(pack, tmp_path / "demo", 10, today=TODAY)


@pytest.mark.parametrize("firms", [1, 2, 9])
def test_small_demonstrations_are_made_too(pack, tmp_path, firms) -> None:
    assert generate(pack, tmp_path / "demo", firms, today=TODAY).firms == firms


def test_none_is_refused(pack, tmp_path) -> None:
    with pytest.raises(ValueError, match="0 enterprises cannot be made"):
        generate(pack, tmp_path / "demo", 0, today=TODAY)
