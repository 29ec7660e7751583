"""Official code tables stand in place of the pack's lists from their first day."""

from datetime import date, timedelta

from django.utils import timezone

from innozone.foundation.facts import codes, dictionary
from tests.foundation.facts.zone import credit_code, deliver, registry, registry_row


def table(tmp_path, *lines):
    path = tmp_path / "industries.csv"
    path.write_text("\n".join(("代码,上级代码,名称", *lines)), encoding="gb18030")
    return path


def test_an_official_table_stands_in_place_of_the_list_and_keeps_what_the_pack_says_besides(zone, tmp_path):
    path = table(tmp_path, "I,,信息传输、软件和信息技术服务业", "65,I,软件和信息技术服务业", "6599,65,其他")
    made = codes.import_table(path, "industries", "2027", date(2026, 1, 1), "GB/T 4754")
    assert made.dropped == ("6513", "C")
    known = dictionary.current().codelists["industries"]
    assert set(known.by_code) == {"I", "65", "6599"}
    assert (known.version, known.valid_from, known.source) == ("2027", "2026-01-01", "GB/T 4754")
    # The pack's shorter name still finds the code.
    assert known.find("软件") == "65"
    assert known.by_code["65"].label.en == "65"
    taken = deliver("registry", registry(registry_row(1, industry="6599"), registry_row(2, industry="6513")))
    assert (taken.rows_taken, taken.rows_rejected) == (1, 1)
    assert taken.rejected.get().raw["信用代码"] == credit_code(2)


def test_a_table_of_the_future_waits_for_its_day(zone, tmp_path):
    tomorrow = timezone.localdate() + timedelta(days=1)
    codes.import_table(table(tmp_path, "X,,新"), "industries", "next", tomorrow)
    assert "65" in dictionary.current().codelists["industries"]
    codes.import_table(table(tmp_path, "X,,新"), "industries", "now", timezone.localdate())
    assert list(dictionary.current().codelists["industries"].by_code) == ["X"]


def test_of_several_tables_the_newest_valid_one_counts(zone, tmp_path):
    codes.import_table(table(tmp_path, "B,,乙"), "industries", "2017", date(2017, 10, 1))
    codes.import_table(table(tmp_path, "A,,甲"), "industries", "2011", date(2011, 10, 1))
    assert list(dictionary.current().codelists["industries"].by_code) == ["B"]
