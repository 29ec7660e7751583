"""Facts made from records: what counts on which day, and what it means that there is none."""

from datetime import date
from decimal import Decimal

import pytest

from innozone.foundation.facts import aggregates, dictionary, unlinked
from innozone.foundation.facts.models import Fact
from innozone.foundation.facts.values import subject
from innozone.foundation.parties.models import Party
from innozone.kernel.terms import UNKNOWN
from tests.foundation.facts.zone import FIRMS, credit_code, csv, deliver, registry, registry_row

DAY = date(2026, 6, 30)
FINES = "信用代码,名称,文号,日期,金额"
TITLES = "信用代码,名称,资质,认定日期,有效期至"
IP = "信用代码,名称,号,类型,授权日"


def values(party, as_of=DAY):
    """What rules see on a day, and that the facts written for that day are the same."""
    seen = subject(party, as_of)
    aggregates.refresh(dictionary.current(), as_of)
    made = {entry.code for entry in aggregates.aggregated(dictionary.current())}
    written = set(Fact.objects.filter(party=party, variable__in=made).values_list("variable", "year"))
    assert {(name, year or 0) for name in made for year in seen.values.get(name, ())} == written
    return {name: seen.get(name, None) for name in made}


def test_before_the_first_delivery_nobody_knows(firms):
    assert values(firms[1])["penalties_3y"] is UNKNOWN


def test_a_complete_dataset_says_none_of_everyone_else(firms):
    deliver("penalties", csv(FINES, f"{credit_code(2)},,A1,2025-05-01,500", f"{credit_code(2)},,A2,2020-05-01,300"))
    assert [values(firms[number])["penalties_3y"] for number in FIRMS] == [0, 1, 0]
    assert [values(firms[number])["fined"] for number in FIRMS] == [0, 800, 0]
    assert [values(firms[number])["punished"] for number in FIRMS] == [False, True, False]
    assert Fact.objects.get(party=firms[1], variable="penalties_3y").origin == "penalties"


def test_an_enterprise_that_comes_later_has_none_either(firms):
    deliver("penalties", csv(FINES, f"{credit_code(2)},,A1,2025-05-01,500"))
    deliver("registry", registry(registry_row(9)), "later.csv")
    newcomer = Party.objects.get(credit_code=credit_code(9))
    assert Fact.objects.get(party=newcomer, variable="penalties_3y").number == 0


def test_who_may_be_meant_by_a_row_put_aside_is_not_said_to_have_none(firms):
    """A bad row of firm 1, a row that may be firm 3's: of both nobody knows that there is nothing."""
    deliver(
        "penalties",
        csv(FINES, f"{credit_code(1)},,A1,2025-02-31,500", ",西安丙软见有限公司,A2,2025-03-01,5"),
    )
    assert [values(firms[number])["penalties_3y"] for number in FIRMS] == [UNKNOWN, 0, UNKNOWN]


def test_a_mended_row_or_a_person_ends_the_doubt(firms, django_user_model):
    bad = deliver(
        "penalties", csv(FINES, f"{credit_code(1)},,A1,2025-02-31,500", f"{credit_code(3)},,A3,heute,5"), "a.csv"
    )
    assert [values(firms[number])["penalties_3y"] for number in FIRMS] == [UNKNOWN, 0, UNKNOWN]
    deliver("penalties", csv(FINES, f"{credit_code(1)},,A1,2022-02-28,500"), "b.csv")
    assert [values(firms[number])["penalties_3y"] for number in FIRMS] == [0, 0, UNKNOWN]
    officer = django_user_model.objects.create(username="officer")
    assert unlinked.dismiss(bad.rejected.get(row=3), officer)
    assert not unlinked.dismiss(bad.rejected.get(row=3), officer)
    assert Fact.objects.get(party=firms[3], variable="penalties_3y").number == 0


def test_of_a_partial_dataset_no_record_means_unknown(firms):
    deliver("ip", csv(IP, f"{credit_code(1)},,Z1,发明专利,2024-05-01", f"{credit_code(2)},,Z2,商标,2024-05-01"))
    assert [values(firms[number])["patents"] for number in FIRMS] == [1, UNKNOWN, UNKNOWN]


def test_a_sum_over_a_record_without_an_amount_is_unknown(firms):
    deliver("penalties", csv(FINES, f"{credit_code(1)},,A1,2025-05-01,500", f"{credit_code(1)},,A2,2025-05-02,"))
    found = values(firms[1])
    assert (found["penalties_3y"], found["fined"]) == (2, UNKNOWN)


@pytest.mark.parametrize(
    ("as_of", "titles"),
    [
        (date(2023, 12, 31), set()),
        (date(2024, 1, 1), {"tech_sme"}),
        (date(2026, 12, 31), {"tech_sme", "gazelle"}),
        (date(2027, 1, 1), {"gazelle"}),
    ],
)
def test_what_holds_on_the_day_is_counted(firms, as_of, titles):
    deliver(
        "titles",
        csv(
            TITLES, f"{credit_code(1)},,科技型中小企业,2024-01-01,2026-12-31", f"{credit_code(1)},,瞪羚企业,2025-06-01,"
        ),
    )
    assert values(firms[1], as_of)["titles"] == titles


@pytest.mark.parametrize(("as_of", "count"), [(date(2028, 4, 30), 1), (date(2028, 5, 1), 0), (date(2025, 4, 30), 0)])
def test_within_years_counts_back_from_the_day_and_not_ahead(firms, as_of, count):
    deliver("penalties", csv(FINES, f"{credit_code(1)},,A1,2025-05-01,500"))
    assert values(firms[1], as_of)["penalties_3y"] == count


def test_the_newest_record_speaks(firms):
    deliver("ip", csv(IP, f"{credit_code(1)},,Z1,发明专利,2024-05-01", f"{credit_code(1)},,Z2,商标,2025-05-01"))
    assert values(firms[1])["last_patent"] == date(2025, 5, 1)
    assert values(firms[1], date(2025, 1, 1))["last_patent"] == date(2024, 5, 1)


def test_records_by_year_of_their_date(firms):
    deliver(
        "ip",
        csv(IP, *(f"{credit_code(1)},,Z{at},商标,{year}-05-01" for at, year in enumerate((2024, 2024, 2025)))),
    )
    seen = subject(firms[1], DAY)
    assert seen.values["patents_of_year"] == {2024: Decimal(2), 2025: Decimal(1)}


def test_counting_again_writes_nothing_when_nothing_changed(firms):
    deliver("penalties", csv(FINES, f"{credit_code(2)},,A1,2025-05-01,500"))
    known = dictionary.current()
    aggregates.refresh(known, DAY)
    before = list(Fact.objects.order_by("id").values_list("id", "recorded_at"))
    assert aggregates.refresh(known, DAY) == set()
    assert list(Fact.objects.order_by("id").values_list("id", "recorded_at")) == before
