"""What time alone brings: the same day that the search for ways finds, and that a walk through all days finds."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from innozone.kernel.rules import Manual, Subject, Test, Truth, evaluate, load_condition, parse
from innozone.kernel.rules.solve.repair import repair
from innozone.kernel.rules.solve.waiting import comes_true
from tests.kernel.rules.sample import AS_OF, DICTIONARY, subject
from tests.kernel.rules.solve.test_repair_days import AGES, DATES

UNTIL = AS_OF + timedelta(days=730)


@settings(max_examples=40, deadline=None)
@given(AGES, DATES, st.lists(DATES, max_size=2))
def test_it_is_the_first_day_on_which_the_evaluator_says_so(text: str, since: date, granted: list[date]) -> None:
    firm = subject(established_on=since, ip=[{"granted_on": day} for day in granted])
    rule = Test(parse(text))
    days = (AS_OF + timedelta(days=step) for step in range((UNTIL - AS_OF).days + 1))
    true = (day for day in days if evaluate(rule, Subject(DICTIONARY, firm.values, day, firm.records)) is Truth.TRUE)
    first = next(true, None)
    found = comes_true(rule, firm, UNTIL)
    assert found == (None if first == AS_OF else first)
    by_itself = repair(rule, firm).by_itself
    assert found == (by_itself if by_itself is not None and by_itself <= UNTIL else None)


def test_a_persons_check_counts_as_made_and_what_is_not_told_stays_unknown() -> None:
    firm = subject(established_on=date(AS_OF.year - 2, 1, 1))
    rule = load_condition({"all": ["age(established_on) >= 3", {"manual": "无不良记录"}]})
    assert isinstance(rule.leaves()[1], Manual)
    assert comes_true(rule, firm, UNTIL) == date(AS_OF.year + 1, 1, 1)
    rule = load_condition({"all": ["age(established_on) >= 3", "revenue[-1] >= 1"]})
    assert comes_true(rule, firm, UNTIL) is None
    assert comes_true(load_condition("age(established_on) >= 9"), firm, UNTIL) is None, "beyond what is asked for"
    assert comes_true(load_condition("age(established_on) >= 1"), firm, UNTIL) is None, "true already"
