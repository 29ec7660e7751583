"""A text becomes a draft, an editor corrects it, a person confirms it: every version stays."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from innozone.foundation import jobs
from innozone.foundation.access.models import User
from innozone.foundation.notices.models import Notice
from innozone.foundation.verdicts.models import RuleVersion
from innozone.wings.policies import drafts, library
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.models import Policy, PolicyVersion
from tests import zone

pytestmark = pytest.mark.django_db
TEXT = """示范新区研发投入补助实施细则
第一条 申报条件：上年度营业收入1000万元以上，研发费用占营业收入比例5%以上。申报企业未发生重大安全事故。
第二条 对符合条件的企业，给予20万元奖励。
"""


@pytest.fixture
def user():
    return User.objects.create_user("editor", password="x" * 12)


def as_drafts(policy):
    return [
        ItemDraft(
            name=found.item.rule.name,
            name_en=found.item.rule.name_en,
            code=found.item.rule.code,
            kind=found.item.rule.kind,
            data=found.version.data,
            summary=found.item.summary,
        )
        for found in library.items(policy, drafts_first=True)
    ]


def test_a_text_is_read_into_items_with_conditions_tied_to_their_words(parties, user):
    policy = drafts.read(TEXT, user)
    assert (policy.status, policy.origin) == ("draft", "read")
    version = library.newest(policy)
    assert (version.text, version.created_by) == (TEXT, user)
    assert version.gist
    found = library.items(policy)
    assert found[0].version.status == "draft"
    leaves = found[0].version.data["conditions"]["all"]
    tests = [leaf["test"] for leaf in leaves if "test" in leaf]
    assert any("revenue[-1] >= 1000万" in test for test in tests)
    assert any("manual" in leaf for leaf in leaves)
    for leaf in leaves:
        assert leaf["quote"] in TEXT


def test_the_same_text_is_the_same_draft(parties, user):
    first = drafts.read(TEXT, user)
    assert drafts.read(TEXT, user) == first
    assert PolicyVersion.objects.filter(policy=first).count() == 1


def test_a_draft_takes_part_in_nothing(parties, user):
    drafts.read(TEXT, user)
    assert jobs.waiting() == 0
    assert not RuleVersion.objects.filter(rule__item__policy__origin="read", status="active").exists()


def test_a_file_is_read_by_what_it_is(parties, user):
    upload = SimpleUploadedFile("细则.txt", TEXT.encode("gb18030"))
    assert drafts.read(upload, user).title == "示范新区研发投入补助实施细则"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"  \n ", "empty"),
        ("a.exe", b"MZ", "kind"),
        ("a.docx", b"PK\x03\x04 broken", ""),
        ("a.pdf", b"%PDF-1.4 broken", ""),
        ("a.txt", b"\xff\xfe\x00\xd8", ""),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_cure(parties, user, name, content, code):
    with pytest.raises(DraftRefused) as refused:
        drafts.read(SimpleUploadedFile(name, content), user)
    assert refused.value.message
    assert refused.value.cure
    assert code in refused.value.code
    assert Policy.objects.filter(origin="read").count() == 0


def test_a_text_that_is_too_large_is_refused(parties, user, settings):
    settings.POLICY_MAX_BYTES = 100
    for source in (TEXT, SimpleUploadedFile("a.txt", TEXT.encode())):
        with pytest.raises(DraftRefused, match="larger"):
            drafts.read(source, user)


def test_a_correction_is_a_new_version_and_the_old_one_stays(parties, user):
    policy = drafts.read(TEXT, user)
    items = as_drafts(policy)
    changed = dict(items[0].data) | {"conditions": {"all": ["revenue[-1] >= 2000万"]}}
    version = drafts.save_version(policy, TEXT, [replace(items[0], data=changed)], user, "收入改为2000万元")
    assert (version.number, version.note) == (2, "收入改为2000万元")
    assert policy.versions.count() == 2
    old, new = policy.versions.order_by("number")
    assert old.items != new.items
    data = [
        RuleVersion.objects.get(rule__code=each["rule"], number=each["version"]).data["conditions"]
        for version in (old, new)
        for each in version.items[:1]
    ]
    assert data[0] == items[0].data["conditions"]
    assert data[1] == changed["conditions"]


def test_an_unsound_correction_is_refused_with_its_places_and_changes_nothing(parties, user):
    policy = drafts.read(TEXT, user)
    items = as_drafts(policy)
    bad = replace(items[0], data={"conditions": {"all": ["revenue[-1] >="]}})
    worse = ItemDraft("新项目", {"conditions": {"test": "true", "quote": "文中没有的话"}})
    with pytest.raises(DraftRefused) as refused:
        drafts.save_version(policy, TEXT, [bad, worse], user)
    assert {problem.path.split(".")[0] for problem in refused.value.problems} == {"items[0]", "items[1]"}
    assert policy.versions.count() == 1
    assert policy.items.filter(ended=False).count() == len(items)


def test_items_are_added_and_ended(parties, user):
    policy = drafts.read(TEXT, user)
    drafts.save_version(policy, TEXT, [ItemDraft("新项目", {"conditions": "serious_breach"})], user)
    codes = [found.item.rule.code for found in library.items(policy)]
    assert len(codes) == 1
    assert codes[0].startswith(policy.code)
    assert policy.items.filter(ended=True).exists()


def test_a_confirmed_draft_takes_part_in_the_matching(parties, user):
    policy = drafts.read(TEXT, user)
    item = ItemDraft("研发补助", {"conditions": zone.RD_CONDITIONS["all"][1]["test"], "benefit": None})
    drafts.save_version(policy, TEXT, [item], user)
    confirmed = drafts.confirm(policy, user)
    assert (confirmed.status, confirmed.confirmed_by) == ("confirmed", user)
    assert confirmed.confirmed_at is not None
    jobs.run_pending()
    assert set(Notice.objects.filter(version__rule__item__policy=policy).values_list("party__name", flat=True)) == {
        "甲科技有限公司",
        "乙制造有限公司",
        "丁服务有限公司",
    }


def test_what_cannot_be_decided_is_not_confirmed(parties, user):
    policy = drafts.read(TEXT, user)
    drafts.save_version(policy, TEXT, [ItemDraft("出口", {"conditions": "export_value[-1] > 0"})], user)
    assert drafts.problems(policy)
    with pytest.raises(DraftRefused, match="export_value"):
        drafts.confirm(policy, user)
    policy.refresh_from_db()
    assert policy.status == "draft"
    assert jobs.waiting() == 0


def test_items_that_contradict_each_other_are_told_to_the_editor_and_not_confirmed(parties, user):
    policy = drafts.read(TEXT, user)
    amounts = {"一等奖励": "10万", "二等奖励": "20万"}
    items = [
        ItemDraft(name, {"conditions": "revenue[-1] >= 1000万", "benefit": {"kind": "奖励", "amount": amount}})
        for name, amount in amounts.items()
    ]
    drafts.save_version(policy, TEXT, items, user)
    first, second = (found.item.rule.code for found in library.items(policy))
    told = drafts.problems(policy)
    assert told[first] == []
    (problem,) = told[second]
    assert (problem.severity, problem.path) == ("error", "")
    assert "“一等奖励” gives another amount under the same conditions" in problem.message
    with pytest.raises(DraftRefused) as refused:
        drafts.confirm(policy, user)
    assert [each.path for each in refused.value.problems] == ["items[1]"]
    policy.refresh_from_db()
    assert policy.status == "draft"
    assert not RuleVersion.objects.filter(rule__code=first, status="active").exists()


def test_a_correction_of_a_confirmed_policy_waits_while_the_old_wording_counts(parties, user):
    policy = Policy.objects.get(code="rd")
    items = as_drafts(policy)
    harder = dict(items[0].data) | {"conditions": {"all": ["revenue[-1] >= 9000万"]}}
    drafts.save_version(policy, zone.RD_TEXT, [replace(items[0], data=harder), *items[1:]], user)
    in_force = library.items(policy)[0].version
    waiting = library.items(policy, drafts_first=True)[0].version
    assert (in_force.number, waiting.number) == (1, 2)
    drafts.confirm(policy, user)
    assert library.items(policy)[0].version.number == 2
