"""What a policy came to in a period, and what follows; its place in the 1+N tree."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from innozone.foundation import jobs
from innozone.foundation.access.models import Membership, Role, User
from innozone.foundation.facts import intake
from innozone.foundation.facts.models import Delivery
from innozone.foundation.notices import services as notices
from innozone.foundation.notices.models import Notice
from innozone.kernel.packs import Column, DatasetContract, Field, FileFormat, Subject, Validity
from innozone.kernel.terms import Label
from innozone.wings.policies import corrections, drafts, evaluations, library, matching, system, texts
from innozone.wings.policies.drafts import ItemDraft
from innozone.wings.policies.evaluations import Refused
from innozone.wings.policies.models import Policy
from tests import zone

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
START = TODAY - timedelta(days=365)
PAYMENTS = DatasetContract(
    code=evaluations.PAYMENTS,
    title=Label("政策兑现台账", "Payments"),
    owner="science",
    kind="records",
    format=FileFormat("csv"),
    subject=Subject(Column("统一社会信用代码"), Column("企业名称")),
    fields=(
        Field("文号", "text", field="voucher", required=True),
        Field("条款", "text", field="item", required=True),
        Field("金额", "money", field="amount", unit="元", stored_unit="元", required=True),
        Field("日期", "date", field="paid_on", required=True),
    ),
    key=("voucher",),
    coverage="complete",
    validity=Validity(date="paid_on", valid_from="paid_on"),
)
HEAD = "统一社会信用代码,企业名称,文号,条款,金额,日期\n"


def load():
    zone.load(zone.pack(datasets={**zone.pack().datasets, evaluations.PAYMENTS: PAYMENTS}))
    return zone.populate()


def pay(*rows: tuple[str, str, int, date]) -> None:
    text = HEAD + "".join(f",{name},P{at},{item},{sum},{day}\n" for at, (name, item, sum, day) in enumerate(rows))
    made = intake.receive(evaluations.PAYMENTS, io.BytesIO(text.encode()), "payments.csv", None)
    taken = intake.take(Delivery.objects.get(pk=made.pk))
    assert (taken.status, taken.rows_rejected) == ("taken", 0), list(taken.rejected.values_list("problems", flat=True))


@pytest.fixture
def people(settings, tmp_path):
    settings.DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    firms = load()
    editor = User.objects.create_user("editor", password="x" * 12)
    Membership.objects.create(user=editor, role=Role.EDITOR)
    matching.run()
    return editor, firms


def test_figures_count_use_and_money_per_item(people):
    editor, (first, second, *_rest) = people
    in_period, before = TODAY - timedelta(days=30), START - timedelta(days=1)
    pay(
        (first.name, "rd_grant", 200_000, in_period),
        (first.name, "rd_grant", 50_000, TODAY),
        (second.name, "rd_safe", 50_000, in_period),
        (second.name, "rd_grant", 999, before),
        (second.name, "no_such_item", 1, in_period),
    )
    notice = Notice.objects.get(party=first, version__rule__code="rd_grant")
    notices.mark_read(notice, editor)
    policy = Policy.objects.get(code="rd")
    made = evaluations.evaluate(policy, START, TODAY, editor)
    rows = {row["rule"]: evaluations.ItemFigures(**row) for row in made.figures}
    grant, safe = rows["rd_grant"], rows["rd_safe"]
    # One run says nothing of the way from one day to the other.
    assert (grant.before, grant.after, grant.told, grant.opened) == (None, 1, 1, 1)
    assert (grant.payments, grant.paid_to, Decimal(grant.paid)) == (2, 1, Decimal(250_000))
    assert grant.share_paid == 1.0
    assert Decimal(grant.low) <= Decimal(grant.high)
    assert (safe.after, safe.payments, Decimal(safe.paid)) == (0, 1, Decimal(50_000))
    assert safe.share_paid is None
    assert safe.ready > 0
    # Every figure opens to its records.
    records = evaluations.payment_records("rd_grant", START, TODAY)
    assert sum(Decimal(record.data["amount"]) for record in records) == Decimal(grant.paid)
    # Frozen: what comes later changes nothing; the same period is the same evaluation.
    pay(*[(first.name, "rd_grant", 1, TODAY)] * 1)
    assert evaluations.evaluate(policy, START, TODAY, editor).figures == made.figures


def test_decisions_are_made_once_and_lead_to_a_version_or_the_end(people):
    editor, _firms = people
    policy = Policy.objects.get(code="rd")
    made = evaluations.evaluate(policy, START, TODAY, editor)
    for wrong in (("burn", "x"), ("keep", "  ")):
        with pytest.raises(Refused):
            evaluations.decide(made, editor, *wrong)
    made = evaluations.decide(made, editor, "adjust", "门槛过高")
    with pytest.raises(Refused):
        evaluations.decide(made, editor, "keep", "再想想")
    assert made.outcome is None

    grant = next(each for each in library.items(policy) if each.item.rule.code == "rd_grant")
    data = dict(grant.version.data) | {"benefit": {"kind": "补贴", "amount": "min(10% * rd_expense[-1], 30万)"}}
    corrections.with_data(policy, grant.version, data, editor, "上限调整为30万元")
    made.refresh_from_db()
    assert made.outcome is None, "a draft is no adjustment yet"
    drafts.confirm(policy, editor)
    made.refresh_from_db()
    assert made.outcome == texts.current(policy)

    ended = evaluations.evaluate(policy, START + timedelta(days=1), TODAY, editor)
    evaluations.decide(ended, editor, "end", "目标已实现")
    policy.refresh_from_db()
    assert policy.status == "ended"
    run = matching.run()
    assert not run.verdicts.filter(version__rule__item__policy=policy).exists()


def test_a_period_must_be_one_and_a_draft_has_no_use(people):
    editor, _firms = people
    policy = Policy.objects.get(code="rd")
    for start, end in ((TODAY, TODAY), (TODAY, START), (START, TODAY + timedelta(days=1))):
        with pytest.raises(Refused):
            evaluations.evaluate(policy, start, end, editor)
    with pytest.raises(Refused):
        evaluations.evaluate(drafts.read("办法\n第一条 企业奖励10万元。", editor), START, TODAY, editor)


def test_a_policy_is_due_after_a_year_without_evaluation(people):
    editor, _firms = people
    Policy.objects.filter(code="rd").update(valid_from=START - timedelta(days=10))
    Policy.objects.filter(code="sme").update(valid_from=TODAY - timedelta(days=10))
    assert [policy.code for policy in evaluations.due()] == ["rd"]
    evaluations.evaluate(Policy.objects.get(code="rd"), START, TODAY, editor)
    assert list(evaluations.due()) == []


def test_the_tree_has_places_levels_and_no_ring(people):
    editor, _firms = people
    rd, sme = Policy.objects.get(code="rd"), Policy.objects.get(code="sme")
    general = drafts.read("总纲\n第一条 企业奖励1万元。", editor)
    system.place(general, "general", None)
    system.place(rd, "special", general)
    system.place(sme, "measure", rd)
    (root,) = system.tree([rd, sme, general])
    assert [root.policy, root.children[0].policy, root.children[0].children[0].policy] == [general, rd, sme]
    assert (root.children[0].items, root.children[0].entitled) == (3, 4)
    # Without the upper one, its children are roots.
    assert {branch.policy.code for branch in system.tree([rd, sme])} == {"rd"}
    with pytest.raises(system.Misplaced):
        system.place(general, "general", sme)
    deep = sme
    for number in range(3):
        below = drafts.read(f"细则{number}\n第一条 企业奖励1万元。", editor)
        if number == 0:
            deep = system.place(below, "measure", deep)
            continue
        with pytest.raises(system.Misplaced):
            system.place(below, "measure", deep)


def test_themes_without_a_policy_are_named(people):
    assert system.gaps(Policy.objects.all()) == []
    Policy.objects.filter(code="rd").update(status="ended")
    assert system.gaps(Policy.objects.all()) == ["rd"]


def test_items_of_two_policies_that_say_the_same_are_found(people):
    editor, _firms = people
    assert system.overlaps() == []
    text = "又一个办法\n在新区注册的企业，上年度营业收入100万元以上、研发费用占营业收入5%以上的，给予补助。"
    policy = drafts.read(text, editor)
    conditions = {"all": [{key: leaf[key] for key in ("test", "quote")} for leaf in zone.RD_CONDITIONS["all"]]}
    item = ItemDraft(
        "重复补助", {"conditions": conditions, "benefit": {"kind": "补贴", "amount": "min(10% * rd_expense[-1], 50万)"}}
    )
    drafts.save_version(policy, text, [item], editor)
    drafts.confirm(policy, editor)
    jobs.run_pending()
    assert {each.version.rule.name for each in system.overlaps()} & {"重复补助", "研发投入补助"}
