"""A party's facts for rules, and for people with their source."""

from datetime import date
from decimal import Decimal

from django.utils import translation

from innozone.foundation.facts.values import history, plain, subject, views
from innozone.kernel.rules import Truth, evaluate, load_condition
from innozone.kernel.terms import UNKNOWN
from tests.foundation.facts.zone import credit_code, csv, deliver


def test_rules_see_values_by_their_type(firms):
    deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,是"))
    deliver("titles", csv("信用代码,名称,资质,认定日期,有效期至", f"{credit_code(1)},,科技型中小企业,2024-01-01,"))
    seen = subject(firms[1], date(2026, 6, 30))
    assert seen.get("capital", None) == Decimal(12_000_000)
    assert seen.get("staff", 2025) == 40
    assert seen.get("insured", None) is True
    assert seen.get("founded", None) == date(2020, 1, 31)
    assert seen.get("region", None) == "610112"
    assert seen.get("titles", None) == {"tech_sme"}
    condition = load_condition(
        {"all": ['region within "610100"', "capital >= 1000万", "staff[-1] < 50", 'titles has "tech"', "insured"]}
    )
    assert evaluate(condition, seen) is Truth.TRUE


def test_people_see_the_value_in_their_words_with_source_row_and_date(firms, django_assert_max_num_queries):
    deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,是"), "参保.csv")
    with django_assert_max_num_queries(3):
        found = views(firms[1])
    capital = found["capital", None]
    assert (capital.display, capital.dataset, capital.owner) == ("1,200万元", "登记", "登记局")
    assert (capital.row, capital.statements, capital.conflicting, capital.origin) == (2, 1, False, "")
    assert found["staff", 2025].display == "40人"
    assert found["region", None].display == "未央区"
    assert found["insured", None].display == "是"
    with translation.override("en"):
        assert views(firms[1], [("insured", None)])["insured", None].display == "yes"
        assert views(firms[1], [("capital", None)])["capital", None].owner == "Registry office"


def test_programs_get_values_as_json_takes_them():
    day = date(2026, 6, 30)
    given = [UNKNOWN, True, Decimal("5.5"), day, "C39", frozenset({"b", "a"}), ((("kind", "invention"), ("on", day)),)]
    assert [plain(value) for value in given] == [
        None, True, 5.5, "2026-06-30", "C39", ["a", "b"], [{"kind": "invention", "on": "2026-06-30"}]
    ]  # fmt: skip


def test_a_fact_from_records_names_its_dataset(firms):
    deliver("titles", csv("信用代码,名称,资质,认定日期,有效期至", f"{credit_code(1)},,科技型中小企业,2024-01-01,"))
    titles = views(firms[1], [("titles", None)])["titles", None]
    assert (titles.display, titles.dataset, titles.owner, titles.origin) == (
        "科技型中小企业",
        "资质",
        "登记局",
        "titles",
    )
    assert (titles.delivery, titles.row) == (None, None)


def test_the_history_of_a_fact_marks_what_is_in_force(firms):
    deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,"), "a.csv")
    deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,41,"), "b.csv")
    assert [(entry.display, entry.filename, entry.in_force) for entry in history(firms[1], "staff", 2025)] == [
        ("41人", "b.csv", True),
        ("40人", "a.csv", False),
    ]
