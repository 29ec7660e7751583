"""What becomes of a delivery: good rows, bad rows, rows of nobody, rows that contradict."""

import io
import json

import pytest
from django.conf import settings
from django.db import transaction

from innozone.foundation.facts import intake, signals, unlinked
from innozone.foundation.facts.models import Delivery, Fact, Record, RejectedRow, Statement
from innozone.foundation.facts.problems import DeliveryRefused, DeliveryRepeated, delivery_texts, problem_text
from innozone.foundation.parties.models import Party, PartyName
from tests.foundation.facts.zone import (
    FIRMS,
    REGISTRY_HEAD,
    credit_code,
    csv,
    deliver,
    registry,
    registry_row,
)


def fact(party, variable, year=0):
    return Fact.objects.get(party=party, variable=variable, year=year)


def rejected(delivery):
    return {row.row: row for row in delivery.rejected.all()}


def test_a_registry_founds_enterprises_and_keeps_what_it_says(zone):
    delivery = deliver("registry", registry(registry_row(1), registry_row(2, capital="2亿元")), "登记.csv")
    assert (delivery.status, delivery.rows_total, delivery.rows_taken) == ("taken", 2, 2)
    party = Party.objects.get(credit_code=credit_code(1))
    assert (party.kind, party.name) == ("enterprise", FIRMS[1])
    capital = fact(party, "capital")
    assert capital.number == 12_000_000
    assert capital.statement.raw == "1,200"
    assert (capital.statement.row, capital.statement.delivery) == (2, delivery)
    assert fact(party, "founded").text == "2020-01-31"
    assert fact(party, "region").text == "610112"
    assert fact(Party.objects.get(credit_code=credit_code(2)), "capital").number == 200_000_000


def test_bad_rows_are_kept_aside_with_the_cure_and_the_good_ones_are_taken(zone):
    delivery = deliver(
        "registry",
        registry(
            registry_row(1),
            registry_row(2, founded="2020-02-30", capital="一千"),
            registry_row(3, region="未央曲", name=""),
        ),
    )
    assert (delivery.rows_taken, delivery.rows_rejected) == (1, 2)
    rows = rejected(delivery)
    assert rows[3].raw["成立日期"] == "2020-02-30"
    assert {entry["code"]: entry["column"] for entry in rows[3].problems} == {
        "no_such_day": "成立日期",
        "not_a_number": "注册资本(万元)",
    }
    said = {entry["code"]: problem_text(entry, "zh-hans") for entry in rows[4].problems}
    assert said["unknown_code"] == "“未央曲”不在代码表“regions”中；是否为 未央区 (610112)？"
    assert said["missing"] == "必填单元格为空；请填写"
    assert any(problem_text(entry, "en").endswith("did you mean 未央区 (610112)?") for entry in rows[4].problems)
    assert not Party.objects.filter(credit_code=credit_code(2)).exists()


def test_a_mistyped_credit_code_of_the_registry_is_refused_with_the_one_that_was_meant(zone):
    right = credit_code(1)
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    delivery = deliver("registry", registry(registry_row(1, code=wrong), registry_row(2, code=wrong[:17])))
    (first,), (second,) = rejected(delivery)[2].problems, rejected(delivery)[3].problems
    assert first["code"] == "code_check_digit"
    assert wrong in problem_text(first, "zh")
    assert second["code"] == "code_length"
    assert "has 17 characters, not 18" in problem_text(second, "en")


def test_the_same_file_twice_changes_nothing(firms):
    before = (Statement.objects.count(), Fact.objects.count(), Delivery.objects.count())
    content = registry(*(registry_row(number) for number in FIRMS))
    with pytest.raises(DeliveryRepeated) as refusal:
        deliver("registry", content, "again.csv")
    assert refusal.value.delivery == Delivery.objects.get()
    assert "nothing needs to be done" in str(refusal.value)
    assert (Statement.objects.count(), Fact.objects.count(), Delivery.objects.count()) == before


def test_taking_a_delivery_again_changes_nothing(firms):
    delivery, before = Delivery.objects.get(), Statement.objects.count()
    assert intake.take(delivery).status == "taken"
    assert Statement.objects.count() == before


def test_rows_that_contradict_are_both_kept_aside_with_the_other_rows_number(firms):
    delivery = deliver(
        "social",
        csv(
            "信用代码,名称,年度,人数,足额",
            f"{credit_code(1)},,2025,40,是",
            f",{FIRMS[1]},2025,50,是",
            f"{credit_code(2)},,2025,7,是",
            f"{credit_code(2)},,2025,7,是",
            f"{credit_code(2)},,2024,6,是",
        ),
    )
    rows = rejected(delivery)
    assert set(rows) == {2, 3}
    (problem,) = rows[2].problems
    assert problem_text(problem, "zh") == "第 3 行对同一事项填写为“50”；请核实后发送正确的一行；两行均未采用"
    assert rows[3].problems[0]["params"]["rows"] == "2"
    assert rows[3].parties == [firms[1].pk]
    assert not Fact.objects.filter(party=firms[1], variable="staff").exists()
    # A row that only repeats another does no harm and is told.
    assert (delivery.rows_taken, delivery.rows_total) == (3, 5)
    assert fact(firms[2], "staff", 2025).number == 7
    assert any("1 rows say only what other rows" in text for text in delivery_texts(delivery, "en"))


def test_rows_are_linked_by_name_when_the_code_is_missing_or_mistyped(firms):
    wrong = credit_code(2)[:-1] + ("A" if credit_code(2)[-1] != "A" else "B")
    delivery = deliver(
        "social",
        csv(
            "信用代码,名称,年度,人数,足额",
            ",西安 甲光电科技有限公司,2025,40,是",
            f"{wrong},{FIRMS[2]},2025,50,否",
            f"{credit_code(3).lower()},,2025,60,",
        ),
    )
    assert (delivery.rows_taken, delivery.rows_total) == (3, 3)
    assert fact(firms[1], "staff", 2025).number == 40
    assert fact(firms[2], "insured").number == 0
    assert fact(firms[3], "staff", 2025).number == 60
    assert any(wrong in text for text in delivery_texts(delivery, "zh")), delivery.notes


def test_rows_of_nobody_wait_for_the_registry(firms):
    delivery = deliver(
        "social",
        csv(
            "信用代码,名称,年度,人数,足额",
            f"{credit_code(7)},,2025,40,是",
            ",西安丁生物医药研究院有限公司,2025,50,是",
            ",上海戊航运有限公司,2025,60,是",
        ),
    )
    assert (delivery.rows_taken, delivery.rows_unlinked) == (0, 3)
    assert {row.kind for row in delivery.rejected.all()} <= {"unlinked", "uncertain"}
    deliver("registry", registry(registry_row(7), registry_row(8, name="西安丁生物医药研究院有限公司")), "later.csv")
    delivery.refresh_from_db()
    assert (delivery.rows_taken, delivery.rows_unlinked) == (2, 1)
    assert fact(Party.objects.get(credit_code=credit_code(7)), "staff", 2025).number == 40
    late = fact(Party.objects.get(credit_code=credit_code(8)), "staff", 2025)
    assert (late.number, late.statement.delivery, late.statement.row) == (50, delivery, 3)
    assert delivery.rejected.filter(settled_at__isnull=True).count() == 1


def test_the_order_of_deliveries_of_different_datasets_does_not_matter(zone):
    """Once with the registry first, once with it last: the same facts."""
    social = csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,是", f",{FIRMS[2]},2025,5,否")
    survey = json.dumps({"信用代码": credit_code(1), "年度": 2025, "注册资本": 1500, "人数": 41}).encode()
    fines = csv("信用代码,名称,文号,日期,金额", f",{FIRMS[2]},A1,2026-01-05,500")
    files = [
        ("registry", registry(registry_row(1), registry_row(2))),
        ("social", social),
        ("survey", survey),
        ("penalties", fines),
    ]
    outcomes = []
    for order in (files, files[::-1], [files[1], files[0], files[3], files[2]]):
        with transaction.atomic():
            for name, content in order:
                deliver(name, content)
            columns = ("party__credit_code", "variable", "year", "number", "text", "conflicting", "statements")
            outcomes.append(sorted(Fact.objects.values_list(*columns), key=str))
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert len(outcomes[0]) > 15


def test_a_close_name_is_left_to_a_person(firms, django_user_model):
    delivery = deliver("social", csv("信用代码,名称,年度,人数,足额", ",西安甲光点科技有限公司,2025,40,是"))
    row = delivery.rejected.get()
    assert (row.kind, row.parties) == ("uncertain", [firms[1].pk])
    assert FIRMS[1] in problem_text(row.problems[0], "zh")
    officer = django_user_model.objects.create(username="officer")
    assert unlinked.settle(row, firms[1], officer)
    assert fact(firms[1], "staff", 2025).number == 40
    row.refresh_from_db()
    assert row.settled_by == officer
    assert not unlinked.settle(row, firms[2], officer)


def test_a_renamed_enterprise_keeps_its_old_name_for_linking(firms):
    deliver("registry", registry(registry_row(1, name="秦创甲光电股份有限公司", former="西安老甲公司")), "renamed.csv")
    firms[1].refresh_from_db()
    assert firms[1].name == "秦创甲光电股份有限公司"
    assert PartyName.objects.get(party=firms[1], name=FIRMS[1]).kind == "former"
    delivery = deliver(
        "social", csv("信用代码,名称,年度,人数,足额", f",{FIRMS[1]},2025,40,是", ",西安老甲公司,2024,30,是")
    )
    assert delivery.rows_taken == 2
    assert fact(firms[1], "staff", 2025).number == 40


def test_records_are_replaced_by_their_key(firms):
    head = "信用代码,名称,号,类型,授权日"
    deliver("ip", csv(head, f"{credit_code(1)},,ZL1,发明专利,2024-05-01", f"{credit_code(1)},,ZL2,商标,2024-06-01"))
    assert fact(firms[1], "patents").number == 1
    deliver("ip", csv(head, f"{credit_code(1)},,ZL2,发明专利,2024-06-01"), "ip2.csv")
    assert fact(firms[1], "patents").number == 2
    assert Record.objects.filter(superseded_at__isnull=False).count() == 1
    # A patent that is handed on leaves its old owner.
    deliver("ip", csv(head, f"{credit_code(2)},,ZL1,发明专利,2024-05-01"), "ip3.csv")
    assert fact(firms[1], "patents").number == 1
    assert fact(firms[2], "patents").number == 1


def test_two_firms_may_own_one_patent(firms):
    delivery = deliver(
        "ip",
        csv("信用代码,名称,号,类型,授权日", f"{credit_code(1)},,ZL1,发明专利,", f"{credit_code(2)},,ZL1,发明专利,"),
    )
    assert (delivery.rows_taken, Record.objects.count()) == (2, 2)


def test_a_total_below_the_table_is_no_enterprise(firms):
    delivery = deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,是", ",合计,2025,40,"))
    assert delivery.rows_taken == 1
    assert delivery.rejected.get().problems[0]["code"] == "totals_row"


def test_a_refused_file_is_kept_in_the_list_with_its_reason(zone):
    with pytest.raises(DeliveryRefused) as refusal:
        deliver("registry", b"", "empty.csv")
    delivery = Delivery.objects.get()
    assert (delivery.status, refusal.value.delivery) == ("refused", delivery)
    assert delivery_texts(delivery, "zh") == ["文件是空的；请重新发送，可能在传输中断了"]
    # The mended file is taken, although it has the same name.
    assert deliver("registry", registry(registry_row(1)), "empty.csv").status == "taken"


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(zone, settings):
    settings.DELIVERY_MAX_BYTES = 100
    with pytest.raises(DeliveryRefused, match="more than the 100 B"):
        deliver("registry", registry(registry_row(1)))
    assert not list((settings.MEDIA_ROOT / "deliveries").glob("*.part"))


def test_a_fault_deep_in_the_file_takes_nothing_in(firms):
    """The 400th line is broken: the whole delivery is refused, with the line."""
    before = Statement.objects.count()
    good = [f"{credit_code(1 + at % 3)},,{2000 + at // 20},{at},是" for at in range(400)]
    content = csv("信用代码,名称,年度,人数,足额", *good)
    delivery = intake.receive("social", io.BytesIO(content + b'"' + content), "half.csv")
    taken = intake.take(delivery)
    assert taken.status == "refused"
    assert "line 402" in taken.message
    assert Statement.objects.count() == before
    assert not RejectedRow.objects.filter(delivery=delivery).exists()


def test_columns_that_nobody_asked_for_are_told(firms):
    delivery = deliver("social", csv("备注,信用代码,名称,年度,人数,足额", f"x,{credit_code(1)},,2025,40,是"))
    assert delivery_texts(delivery, "zh") == ["约定之外的列未采用：备注；无需处理"]


def test_who_listens_learns_which_enterprises_changed(firms, django_capture_on_commit_callbacks):
    heard = []

    def listen(party_ids, **_):
        heard.append(party_ids)

    signals.facts_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            deliver("social", csv("信用代码,名称,年度,人数,足额", f"{credit_code(1)},,2025,40,是"))
        with django_capture_on_commit_callbacks(execute=True):
            deliver("social", csv("名称,信用代码,年度,人数,足额", f",{credit_code(1)},2025,40,是"), "same_values.csv")
    finally:
        signals.facts_changed.disconnect(listen)
    assert heard == [frozenset({firms[1].pk})]


def test_a_pending_delivery_is_taken_at_the_next_start(zone):
    received = intake.receive("registry", io.BytesIO(registry(registry_row(1))), "a.csv")
    Delivery.objects.filter(pk=received.pk).update(status="taking", progress=40)
    assert [delivery.status for delivery in intake.resume_pending()] == ["taken"]
    assert intake.resume_pending() == []


def test_a_file_that_is_gone_from_the_store_is_refused(zone):
    received = intake.receive("registry", io.BytesIO(registry(registry_row(1))), "a.csv")
    (settings.MEDIA_ROOT / received.path).unlink()
    assert "no longer in the store" in intake.take(received).message


def test_the_registry_head_is_what_the_tests_say():
    assert REGISTRY_HEAD.count(",") == registry_row(1, capital="1").count(",")
