"""Words that somebody has marked in a text, read by themselves."""

import pytest

from innozone.kernel.reading import conditions_in


@pytest.mark.parametrize(
    ("words", "test"),
    [
        ("上年度营业收入500万元以上", "revenue[-1] >= 500万"),
        ("研发费用不低于200万元的企业，", "rd_expense[-1] >= 200万"),
        ("具有独立法人资格", "legal_person"),
        ("近三年未发生重大安全事故", "not accident_record_3y"),
        ("获得高新技术企业称号", 'holds("high_tech")'),
    ],
)
def test_a_clause_becomes_a_condition_with_its_words(dictionary, words, test):
    (found,) = conditions_in(words, dictionary)
    assert found["test"] == test
    assert found["quote"] in words


def test_several_conditions_come_each_with_words_of_its_own(dictionary):
    found = conditions_in("具有独立法人资格，上年度营业收入500万元以上，职工总数20人以上", dictionary)
    assert [leaf["test"] for leaf in found] == ["legal_person", "revenue[-1] >= 500万", "staff_total[-1] >= 20"]


def test_what_nobody_can_read_stays_for_a_person_and_nothing_is_nothing(dictionary):
    assert conditions_in("具有较强的示范带动作用", dictionary) == [
        {"manual": "具有较强的示范带动作用", "quote": "具有较强的示范带动作用"}
    ]
    assert conditions_in(" \n ", dictionary) == []
    assert conditions_in("。；", dictionary) == []
