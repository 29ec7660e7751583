"""Results kept as a folder give back what was matched: whole or not at all, memory-mapped, straight from part files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.columns import Snapshot, SnapshotWriter
from innozone.kernel.rules import Matcher, Program, Results, ResultsError, load_condition, write_results
from innozone.kernel.rules.bulk.results import ResultsWriter
from innozone.kernel.terms import CodeList, Dictionary
from tests.kernel.rules.sample import AS_OF, DICTIONARY, MONEY, REGIONS, condition, conditions, facts
from tests.kernel.rules.test_matcher import snapshot
from tests.kernel.rules.test_program import named, told


def score(*values: float | None) -> Snapshot:
    return Snapshot.from_columns({"score": list(values)}, as_of=AS_OF, dictionary=DICTIONARY, version="v1")


def program(**rules: str) -> Program:
    return Program({id: condition(text) for id, text in rules.items()}, DICTIONARY, AS_OF)


@settings(max_examples=40, deadline=None)
@given(st.lists(facts(), min_size=1, max_size=5), st.lists(conditions(peeking=True), max_size=4), MONEY, st.booleans())
def test_what_is_read_is_what_was_matched(rows, rules, amount, near) -> None:
    shot = snapshot([rows[at % len(rows)] for at in range(150)])
    made = Program(named(rules), DICTIONARY, AS_OF, dict.fromkeys(named(rules), amount))
    wanted = Matcher(shot, DICTIONARY).run(made, near=near)
    with tempfile.TemporaryDirectory() as folder:
        written = write_results(Path(folder) / "results", shot, made, near=near, block_rows=64)
        for results in (written, Results.open(Path(folder) / "results", verify=True)):
            assert told(results) == told(wanted)
            assert results.party.tolist() == shot.party.tolist()
            assert (results.rows, results.as_of, results.near) == (150, AS_OF, near)
            for id, match in wanted.items():
                assert [results[id].truth(row) for row in range(150)] == [match.truth(row) for row in range(150)]
                assert results.condition(id) == made.rules[id]
                assert results.amount(id) == made.amounts[id]
            held = results.held("true", np.array([3, 149, 70]))
            assert held.tolist() == [[row in match.true for row in (3, 149, 70)] for match in wanted.values()]


def test_parts_of_any_size_are_written_one_after_the_other(tmp_path) -> None:
    values = np.arange(1000) % 7 * 20.0
    with SnapshotWriter(tmp_path / "shot", as_of=AS_OF, dictionary=DICTIONARY, version="v") as writer:
        for start, end in ((0, 130), (130, 131), (131, 800), (800, 1000)):
            writer.append(np.arange(start, end) + 5, {"score": values[start:end]})
    shot = Snapshot.open(tmp_path / "shot")
    results = write_results(tmp_path / "results", shot, program(a="score >= 60", b="score < 20"), block_rows=64)
    assert results["a"].rows("true").tolist() == np.flatnonzero(values >= 60).tolist()
    assert results["b"].rows("false").tolist() == np.flatnonzero(values >= 20).tolist()
    assert results.party[results["b"].rows("near")[0]] == 6
    assert results.snapshot == "v"
    assert results.matched().party.tolist() == shot.party.tolist()
    (tmp_path / "shot").rename(tmp_path / "elsewhere")
    assert results.matched() is None
    assert results.row_of(1004) == 999
    assert results.row_of(4) is None


def test_nothing_to_match_is_kept_as_well(tmp_path) -> None:
    nobody = write_results(tmp_path / "nobody", score(), program(a="score >= 60"))
    assert nobody["a"].counts == {"true": 0, "unknown": 0, "manual_only": 0, "near": 0, "false": 0}
    assert nobody["a"].rows("false").tolist() == []
    nothing = write_results(tmp_path / "nothing", score(50, 60), program())
    assert list(nothing) == []
    assert nothing.rows == 2
    assert nothing.held("true", np.array([0])).shape == (0, 1)


def test_kinds_of_which_there_is_nobody_take_no_room(tmp_path) -> None:
    shot = score(*[60.0] * 400_000)
    results = write_results(tmp_path / "results", shot, program(a="score >= 60", b="score >= 50"), near=False)
    files = {path.name: path.stat() for path in results.folder.iterdir()}
    assert files["near.bits"].st_size == files["true.bits"].st_size == 2 * 50_000
    assert files["near.bits"].st_blocks * 512 <= 8192 < 100_000 <= files["true.bits"].st_blocks * 512


def test_a_folder_appears_whole_or_not_at_all(tmp_path) -> None:
    shot, rules = score(50, 60), program(a="score >= 60")
    with ResultsWriter(tmp_path / "results", shot, rules) as writer:
        Matcher(shot, DICTIONARY).run(rules, store=writer.store)
        assert [path.name[:9] for path in tmp_path.iterdir()] == [".results."]
    assert list(tmp_path.iterdir()) == []
    other = Program(rules.rules, DICTIONARY, AS_OF.replace(year=2025))
    with pytest.raises(ValueError, match="the snapshot of 2026-06-30"):
        write_results(tmp_path / "results", shot, other)
    assert list(tmp_path.iterdir()) == []
    write_results(tmp_path / "results", shot, rules)
    with pytest.raises(FileExistsError, match="never written over"):
        write_results(tmp_path / "results", shot, rules)


def test_a_folder_that_is_not_whole_is_not_opened(tmp_path) -> None:
    with pytest.raises(ResultsError, match=r"no manifest\.json"):
        Results.open(tmp_path)
    results = write_results(tmp_path / "results", score(50, 60), program(a="score >= 60"))
    bits = results.folder / "true.bits"
    kept = bits.read_bytes()
    bits.write_bytes(bytes(8))
    Results.open(results.folder)
    with pytest.raises(ResultsError, match=r"true\.bits does not have the checksum"):
        Results.open(results.folder, verify=True)
    bits.write_bytes(kept[:4])
    with pytest.raises(ResultsError, match=r"true\.bits is missing or not whole"):
        Results.open(results.folder)
    manifest = results.folder / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    with pytest.raises(ResultsError, match="not a manifest of format 1"):
        Results.open(results.folder)
    manifest.write_text("{")
    with pytest.raises(ResultsError, match="damaged"):
        Results.open(results.folder)
    with pytest.raises(KeyError, match="there is no kind entitled"):
        results["a"].rows("entitled")


def test_the_digest_of_a_rule_is_of_what_it_means(tmp_path) -> None:
    def digest(name: str, data: object, amount: str = "1万", terms: Dictionary = DICTIONARY) -> str:
        made = Program({"a": load_condition(data)}, terms, AS_OF, {"a": amount})
        return write_results(tmp_path / name, score(50), made)["a"].digest

    asked = {"all": [{"test": 'region within "xixian"'}, {"test": "rd_ratio[-1] >= 5%"}]}
    first = digest("1", asked)
    quoted = {"all": [asked["all"][0] | {"quote": "在西咸新区注册", "label": "注册地"}, asked["all"][1]]}
    assert digest("2", quoted) == first
    assert digest("3", asked, "2万") != first
    assert digest("4", {"any": asked["all"]}) != first
    lists = dict(DICTIONARY.codelists) | {"regions": CodeList("regions", REGIONS.label, REGIONS.entries[:-1])}
    assert digest("5", asked, terms=Dictionary(DICTIONARY.variables, lists, DICTIONARY.records)) != first
    formula = {"rd_ratio": DICTIONARY["rd_ratio"].__class__("rd_ratio", REGIONS.label, "ratio", period="year")}
    changed = Dictionary(dict(DICTIONARY.variables) | formula, DICTIONARY.codelists, DICTIONARY.records)
    assert digest("6", asked, terms=changed) != first
    without = {name: each for name, each in DICTIONARY.variables.items() if name != "score"}
    assert digest("7", asked, terms=Dictionary(without, DICTIONARY.codelists, DICTIONARY.records)) == first
