"""Policies leave as one file and arrive in another zone as drafts with the same rules."""

import pytest
import yaml
from django.db import connection

from innozone.foundation.access.models import User
from innozone.foundation.verdicts.models import Rule, RuleVersion
from innozone.kernel.packs import load_pack
from innozone.wings.policies import commands, drafts, exchange, matching, texts
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.exchange_files import LARGEST
from innozone.wings.policies.models import Item, Policy, PolicyVersion
from tests import zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create_user("editor", password="x" * 12)


def exported(*codes) -> str:
    return exchange.export(list(Policy.objects.filter(code__in=codes).order_by("code")))


def forget():
    """As in a zone that has the same enterprises and no policy."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE policies_policy, verdicts_rule, verdicts_run CASCADE")


def rows():
    return {
        row.rule.code: (row.data, row.digest, row.rule.kind, row.rule.name, row.rule.name_en)
        for row in RuleVersion.objects.select_related("rule")
    }


def counts(run):
    return {
        each.version.rule.code: (each.true_count, each.ready_count, each.near_count, each.unknown_count, each.benefit_total)
        for each in run.verdicts.select_related("version__rule")
    }  # fmt: skip


def problems(text, user) -> list[str]:
    with pytest.raises(DraftRefused) as refused:
        exchange.take(text.encode(), user, "rd.yaml")
    return [str(problem) for problem in refused.value.problems]


def test_rules_texts_and_verdicts_are_the_same_after_the_round(parties, user):
    before, said = rows(), counts(matching.run())
    words = {version.policy.code: version.text for version in PolicyVersion.objects.select_related("policy")}
    items = list(Item.objects.values("rule__code", "position", "summary", "opens", "closes", "department", "papers"))
    file = exported("rd", "sme")
    forget()
    taken = exchange.take(file.encode(), user)
    assert [(each.policy.code, each.policy.status, each.left_open) for each in taken] == [
        ("rd", "draft", []), ("sme", "draft", [])
    ]  # fmt: skip
    assert not RuleVersion.objects.exclude(status="draft").exists()
    assert "imported from" in taken[0].version.note or "导入" in taken[0].version.note
    assert zone.pack().title.zh in taken[0].version.note
    assert taken[0].version.created_by == user
    assert rows() == before
    assert {each.policy.code: each.version.text for each in taken} == words
    back = list(Item.objects.values("rule__code", "position", "summary", "opens", "closes", "department", "papers"))
    assert sorted(back, key=str) == sorted(items, key=str)
    for each in taken:
        drafts.confirm(each.policy, user)
    assert counts(matching.run()) == said
    assert exported("rd", "sme") == file


def test_every_policy_of_the_zone_comes_back_as_it_was(db, user, settings, tmp_path):
    settings.DATA = tmp_path
    zone.load(load_pack("xixian"))
    before = rows()
    everything = list(Policy.objects.order_by("code"))
    file = exchange.export(everything)
    assert len(everything) > 8
    forget()
    taken = exchange.take(file.encode(), user)
    assert rows() == before
    assert len(taken) == len(everything)
    parents = dict(Policy.objects.values_list("code", "parent__code"))
    assert parents["xixian-conversion"] == "xixian-system"
    assert exchange.export([each.policy for each in taken]) == file


def test_the_same_file_twice_is_nothing_new(parties, user):
    file = exported("rd")
    assert exchange.take(file.encode(), user)[0].version is None
    forget()
    first = exchange.take(file.encode(), user)[0]
    texts_before, rules_before = PolicyVersion.objects.count(), RuleVersion.objects.count()
    assert first.version.number == 1
    assert exchange.take(file.encode(), user)[0].version is None
    # What an editor has corrected since is not thrown back by it.
    drafts.save_version(first.policy, zone.RD_TEXT + "\n附则", [], user)
    assert exchange.take(file.encode(), user)[0].version is None
    assert (PolicyVersion.objects.count(), RuleVersion.objects.count()) == (texts_before + 1, rules_before)


def test_a_policy_that_is_here_gets_a_version_that_waits(parties, user):
    changed = edited(exported("rd"), lambda policy: policy.update(gist="新的要点"))
    taken = exchange.take(changed.encode(), user)[0]
    assert (taken.version.number, taken.version.gist) == (2, "新的要点")
    assert Policy.objects.get(code="rd").status == "confirmed"


def edited(text, change) -> str:
    """The file with a policy changed by hand, its digest taken out."""
    data = yaml.safe_load(text)
    del data["digest"]
    change(data["policies"][0])
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def test_a_file_that_was_changed_on_the_way_says_so(parties, user):
    file = exported("rd").replace("code: rd_grant", "code: rd_other")
    (told,) = problems(file, user)
    assert told.startswith("rd.yaml:6")
    assert "export it again" in told


def test_what_is_wrong_is_named_with_line_and_cure(parties, user):
    def unknown(policy):
        policy["items"][0]["conditions"] = {"all": [{"test": "revenu[-1] >= 5万", "quote": "无此语"}]}
        policy["items"][1]["grants"] = "no_such_title"
        policy["level"] = "village"
        policy["surprise"] = 1

    file = edited(exported("rd"), unknown)
    told = problems(file, user)
    lines = file.split("\n")

    def line(words):
        return next(number for number, text in enumerate(lines, 1) if words in text)

    assert any(problem.startswith(f"rd.yaml:{line('无此语')}") or "quote" in problem for problem in told)
    assert any(f"rd.yaml:{line('no_such_title')}" in problem for problem in told)
    assert any(f"rd.yaml:{line('village')}" in problem and "national" in problem for problem in told)
    assert any("surprise" in problem for problem in told)
    assert PolicyVersion.objects.filter(policy__code="rd").count() == 1


def test_an_unknown_variable_is_named_with_the_one_that_is_meant(parties, user):
    def unknown(policy):
        policy["items"][0]["conditions"]["all"][1]["test"] = "revenu[-1] >= 5万"

    told = problems(edited(exported("rd"), unknown), user)
    assert any("revenu" in problem and "revenue" in problem for problem in told), told


def test_a_quantity_that_is_counted_otherwise_here_is_refused(parties, user):
    file = exported("rd").split("\n")
    at = next(number for number, line in enumerate(file) if line.strip() == "revenue:")
    data = yaml.safe_load("\n".join(file))
    assert data["terms"]["revenue"]["period"] == "year"
    del data["digest"]
    data["terms"]["revenue"]["period"] = "none"
    told = problems(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), user)
    assert any("revenue has the period none there and year here" in problem for problem in told)
    assert at > 0


def test_an_item_of_another_policy_is_not_taken_from_it(parties, user):
    def another(policy):
        policy["code"] = "rd2"

    told = problems(edited(exported("rd"), another), user)
    assert any("rd_grant belongs to" in problem and "another code" in problem for problem in told)
    assert Rule.objects.get(code="rd_grant").item.policy.code == "rd"


def test_an_office_that_is_not_known_is_left_open_and_named(parties, user):
    def other(policy):
        policy["items"][0]["department"] = "外地科技局"

    taken = exchange.take(edited(exported("rd"), other).encode(), user)[0]
    assert taken.left_open == ["外地科技局"]
    assert Item.objects.get(rule__code="rd_grant").department is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a: 1",
        "format: innozone-policies",
        "format: innozone-policies\nversion: 2\npolicies: []",
        "format: innozone-policies\nversion: 1\npolicies: 5",
        "format: innozone-policies\nversion: 1\npolicies: [5, [], {}]",
        "format: innozone-policies\nversion: 1\npolicies: [{code: ../x, title: {zh: x}, text: x, level: zone}]",
        "format: innozone-policies\nversion: 1\npolicies: [{code: tree, title: {zh: x}, text: x, level: zone}]",
        'format: innozone-policies\nversion: 1\npolicies: [{code: x, title: {zh: x}, text: "x\\0", level: zone}]',
        'format: innozone-policies\nversion: 1\npolicies: [{code: x, title: {zh: "\\ud800"}, text: x, level: zone}]',
        "format: innozone-policies\nversion: 1\npolicies: [{code: x, title: {zh: x}, text: x, url: 'javascript:x'}]",
        "a: &a [1]\nb: [*a, *a]",
        "a: !!python/object/apply:os.system [ls]",
        "[" * 50_000,
        "format: innozone-policies\nversion: 1\npolicies: " + "[" * 400 + "]" * 400,
        "a: " + "{a: " * 900 + "1" + "}" * 900,
        "\x00",
    ],
)
def test_hostile_files_are_refused(parties, user, text):
    before = Policy.objects.count()
    with pytest.raises(DraftRefused) as refused:
        exchange.take(text.encode(), user)
    assert refused.value.place
    assert Policy.objects.count() == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[(key, value) for key in ("conditions", "benefit", "stacking", "scores", "allocation", "grants", "window")
          for value in ("x", 5, [1], {"a": {"b": [None]}}, {"all": 5}, {"all": [{"test": {}}]})],
        ("conditions", None),
        ("name", {"zh": "x" * 900}),
        ("scores", {"a": 5}),
        ("benefit", {"kind": "奖励", "amount": {"a": 1}}),
        ("benefit", {"kind": "奖励", "amount": "revenu * 2"}),
        ("benefit", {"kind": "奖励", "note": [1]}),
    ],
)  # fmt: skip
def test_a_misshapen_item_is_refused_with_its_line(parties, user, key, value):
    def bend(policy):
        policy["items"][0][key] = value

    assert all("rd.yaml:" in problem for problem in problems(edited(exported("rd"), bend), user))


def test_a_file_that_is_too_large_or_in_another_writing_is_refused(parties, user):
    for source, code in ((b"a" * (LARGEST + 1), "too_large"), ("政策".encode("gbk"), "encoding")):
        with pytest.raises(DraftRefused) as refused:
            exchange.take(source, user)
        assert refused.value.code == code


def test_the_newest_text_of_a_policy_goes_with_the_rules_that_rest_on_it(parties, user):
    policy = Policy.objects.get(code="rd")
    assert yaml.safe_load(exported("rd"))["policies"][0]["text"] == texts.current(policy).text


def test_the_commands_write_a_file_and_take_it_in(parties, tmp_path, capsys):
    path = tmp_path / "rd.yaml"
    assert commands.export(["rd"], path) == 0
    assert path.read_text(encoding="utf-8") == exported("rd")
    assert commands.export(["rd"], path) == 1
    assert commands.export(["rd", "nothing"]) == 1
    assert "nothing" in capsys.readouterr().err
    assert commands.take(path) == 0
    assert "rd  " in (told := capsys.readouterr().out)
    assert "nothing new" in told
    forget()
    assert commands.take(path) == 0
    assert "draft, version 1" in capsys.readouterr().out
    path.write_text(path.read_text(encoding="utf-8").replace("level: zone", "level: village"), encoding="utf-8")
    assert commands.take(path) == 1
    assert "village" in capsys.readouterr().err
    assert commands.take(tmp_path / "none.yaml") == 1
