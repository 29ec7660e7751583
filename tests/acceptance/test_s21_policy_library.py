"""S21 政策汇聚与结构化解析.

Accept: a new policy text is put in: within the run its gist, key words, tags and testable clauses stand there, each
linked to its place in the text; an editor corrects one and both versions are kept.
"""

import pytest
from django.test import Client

from innozone.foundation import jobs
from innozone.foundation.access.models import ApiToken, Membership, Role, User
from innozone.foundation.verdicts import rules
from innozone.wings.policies import library
from innozone.wings.policies.models import Policy
from tests import zone

pytestmark = pytest.mark.django_db
TEXT = """示范新区支持企业研发投入办法
示范发〔2026〕9号
第一条 为鼓励企业加大研发投入，制定本办法。
第二条 申报条件：
（一）上年度营业收入1000万元以上；
（二）研发费用占营业收入比例5%以上；
（三）未发生重大安全事故。
第三条 对符合条件的企业，按上年度研发费用的10%给予补助，最高50万元。
第四条 申报材料：营业执照复印件、上年度审计报告。
"""


@pytest.fixture
def editor(settings, tmp_path):
    settings.DATA = tmp_path
    zone.load()
    zone.populate()
    user = User.objects.create_user("editor", password="x" * 12)
    Membership.objects.create(user=user, role=Role.EDITOR)
    return user


def test_a_text_is_put_in_stands_there_in_parts_and_is_corrected_by_version(editor):
    api = {"HTTP_AUTHORIZATION": f"Bearer {ApiToken.issue(editor, 'test')[1]}"}
    client = Client()
    made = client.post("/api/v1/policies/read", {"text": TEXT}, content_type="application/json", **api)
    assert made.status_code == 201, made.content
    data = made.json()

    # Gist, key words, tags.
    assert "研发" in data["gist"]
    assert len(data["gist"]) <= 400
    assert data["keywords"]
    assert data["tags"]
    assert data["number"] == "示范发〔2026〕9号"

    # Testable clauses, each with its place in the text; what facts cannot say is left to a person, nothing is dropped.
    policy = Policy.objects.get(code=data["code"])
    found = library.items(policy)[0]
    leaves = rules.anchored(found.version, data["text"]).leaves()
    tests = [str(leaf.expr) for leaf in leaves if hasattr(leaf, "expr")]
    assert "revenue[-1] >= 1000万元" in tests or "revenue[-1] >= 1000万" in tests
    assert any("5%" in test for test in tests)
    assert any(hasattr(leaf, "text") and "安全事故" in leaf.text for leaf in leaves)
    for leaf in leaves:
        start, end = leaf.anchor.span
        assert data["text"][start:end] == leaf.anchor.quote
    assert "rd_expense[-1]" in found.version.data["benefit"]["amount"]

    # An editor corrects one clause: both versions are kept.
    draft = client.get(f"/api/v1/policies/{policy.code}?draft=true", **api).json()
    conditions = draft["items"][0]["conditions"]
    conditions["all"] = [
        leaf | {"test": "rd_ratio[-1] >= 6%"} if "5%" in leaf.get("test", "") else leaf for leaf in conditions["all"]
    ]
    body = {
        "base": draft["stamp"],
        "note": "研发占比改为6%",
        "items": [{"rule": found.item.rule.code, "conditions": conditions}],
    }
    corrected = client.post(
        f"/api/v1/policies/{policy.code}/versions", body, content_type="application/json", **api
    ).json()
    assert corrected["version"] == 2, corrected
    versions = list(found.item.rule.versions.order_by("number"))
    assert [version.number for version in versions] == [1, 2]
    assert "5%" in str(versions[0].data["conditions"])
    assert "6%" in str(versions[1].data["conditions"])
    assert policy.versions.count() == 2
    told = client.get(f"/api/v1/policies/{policy.code}/compare", **api).json()
    (item,) = told["items"]
    (changed,) = [leaf for leaf in item["conditions"] if leaf["change"] == "changed"]
    assert ("5%" in changed["was"]["test"], "6%" in changed["now"]["test"]) == (True, True)

    # A person confirms it and it takes part.
    confirmed = client.post(f"/api/v1/policies/{policy.code}/confirm", {}, content_type="application/json", **api)
    assert confirmed.json()["status"] == "confirmed"
    assert jobs.run_pending() >= 1
    counts = client.get(f"/api/v1/policies/{policy.code}/counts", **api).json()
    assert (counts[0]["entitled"], counts[0]["ready"]) == (0, 1)
