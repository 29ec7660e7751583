"""A language model may propose; a person decides. Asked over HTTP of a server that this test starts."""

import logging
import time

import pytest

from innozone.foundation import jobs
from innozone.foundation.access.models import User
from innozone.wings.policies import drafts, library, proposals, texts
from innozone.wings.policies.drafts import DraftRefused, ItemDraft
from innozone.wings.policies.models import Proposal
from tests.wings.policies.model_server import proposal, said, serving

pytestmark = pytest.mark.django_db
RECORD = "无严重失信行为"
SALES = "上年度营业收入一千万元以上，且经营状况良好"
TEXT = f"第一条 申报企业{RECORD}。\n第二条 {SALES}。\n"


@pytest.fixture
def user():
    return User.objects.create_user("editor", password="x" * 12)


@pytest.fixture
def policy(parties, user):
    made = drafts.read("示范新区奖励办法\n第一条 在新区注册的企业，给予10万元奖励。", user)
    leaves = [{"manual": "诚信", "quote": RECORD, "id": "a"}, {"manual": "营收", "quote": SALES, "source": "第二条"}]
    drafts.save_version(made, TEXT, [ItemDraft(name="奖励", data={"conditions": {"all": leaves}})], user)
    return made


@pytest.fixture
def ask(settings, policy, user, monkeypatch):
    """Asks with this server and works the job off; the proposals by clause."""
    settings.MODEL_NAME = "small"
    monkeypatch.setenv("INNOZONE_MODEL_KEY", "hush-hush")

    def go(answer, seconds=5.0):
        settings.MODEL_SECONDS = seconds
        with serving(answer) as server:
            settings.MODEL_URL = server.url
            proposals.ask(policy, user)
            jobs.run_pending()
        go.calls = server.calls
        return {each.clause: each for each in proposals.of(policy)}

    return go


def good(clause, body):
    if clause == RECORD:
        return proposal("not serious_breach", RECORD)
    return proposal("revenue[-1] >= 1000万", "上年度营业收入一千万元以上")


def conditions(policy):
    return library.items(policy, drafts_first=True)[0].version.data["conditions"]


def test_without_a_model_nobody_is_asked(policy, user):
    with pytest.raises(DraftRefused) as refused:
        proposals.ask(policy, user)
    assert refused.value.code == "no_model"
    assert jobs.waiting() == 0


def test_answers_become_proposals_and_change_no_rule(ask, policy):
    before = conditions(policy), texts.current(policy).number
    found = ask(good)
    assert {each.state for each in found.values()} == {"open"}
    assert found[SALES].expression == "revenue[-1] >= 1000万"
    assert (conditions(policy), texts.current(policy).number) == before
    call = ask.calls[0]
    assert call.path == "/v1/chat/completions"
    assert call.headers["Authorization"] == "Bearer hush-hush"
    assert call.body["response_format"]["type"] == "json_schema"


def test_what_is_taken_is_a_new_version_with_both_names(ask, policy, user):
    found = ask(good)
    proposals.take(found[RECORD], user)
    assert conditions(policy)["all"][0] == {"test": "not serious_breach", "quote": RECORD, "id": "a"}
    note = texts.current(policy).note
    assert "small" in note
    assert "editor" in note
    kept = proposals.of(policy).get(clause=RECORD)
    assert (kept.state, kept.decided_by) == ("taken", user)
    assert library.items(policy, drafts_first=True)[0].version.status == "draft"


def test_what_the_quote_leaves_out_stays_with_a_person(ask, policy, user):
    proposals.take(ask(good)[SALES], user)
    test, manual = conditions(policy)["all"][1]["all"]
    assert test == {"test": "revenue[-1] >= 1000万", "quote": "上年度营业收入一千万元以上", "source": "第二条"}
    assert manual == {"manual": "营收", "quote": SALES, "source": "第二条"}


def test_a_decision_is_made_once_and_not_asked_for_again(ask, policy, user):
    found = ask(good)
    proposals.refuse(found[RECORD], user)
    for again in (proposals.take, proposals.refuse):
        with pytest.raises(DraftRefused) as refused:
            again(found[RECORD], user)
        assert refused.value.code == "decided"
    assert ask(good)[RECORD].state == "refused"
    assert not ask.calls


def test_a_clause_that_is_gone_takes_no_proposal(ask, policy, user):
    found = ask(good)
    drafts.save_version(policy, TEXT, [ItemDraft(name="奖励", data={"conditions": "serious_breach == false"})], user)
    with pytest.raises(DraftRefused) as refused:
        proposals.take(found[RECORD], user)
    assert refused.value.code == "gone"
    assert proposals.of(policy).get(clause=RECORD).state == "open"


def test_a_proposal_altered_in_the_database_is_judged_again(ask, policy, user):
    found = ask(good)[RECORD]
    Proposal.objects.filter(pk=found.pk).update(expression="true")
    with pytest.raises(DraftRefused) as refused:
        proposals.take(found, user)
    assert refused.value.code == "unsound"


def test_a_server_without_response_format_is_asked_without(ask):
    def answer(clause, body):
        return (400, b"{}") if "response_format" in body else good(clause, body)

    assert {each.state for each in ask(answer).values()} == {"open"}
    assert ["response_format" in call.body for call in ask.calls] == [True, False, False]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (said("I would rather write a poem."), "json"),
        (said('{"expression": "true", "quote": "无严重失信行为"}'), "quote"),
        (proposal("revenue[-1] >= 9000万", "上年度营业收入一千万元以上"), "figure"),
        (proposal("revenue[-1] >= 9000万", "上年度营业收入九千万元以上"), "quote"),
        (proposal("profit[-1] >= 1000万", "上年度营业收入一千万元以上"), "variable"),
        (proposal("true", SALES), "empty"),
        (proposal("<script>alert(1)</script>\x00", SALES), "syntax"),
        (said('{"expression": "true", "quote": "\\ud800\\u0000"}'), "quote"),
        (said("- !!python/object/apply:os.system ['id']"), "json"),
    ],
)
def test_an_unusable_answer_says_why_and_is_not_asked_for_again(ask, answer, reason):
    found = ask(lambda clause, body: good(clause, body) if clause == RECORD else answer)
    assert (found[SALES].state, found[SALES].reason, found[SALES].expression) == ("invalid", reason, "")
    assert found[RECORD].state == "open"
    ask(good)
    assert not ask.calls


@pytest.mark.parametrize(
    ("answer", "reason", "calls"),
    [
        ((429, b"{}"), "busy", 1),
        ((500, b"oops"), "status", 1),
        ((302, b""), "status", 1),
        (b"no json", "protocol", 2),
        (b'{"choices": []}', "protocol", 2),
        (said(None), "protocol", 2),
        (b"[" * 100_000, "protocol", 2),
        (said("x" * 300_000), "huge", 2),
    ],
)
def test_a_server_that_fails_is_told_of_and_asked_again_later(ask, answer, reason, calls):
    found = ask(lambda clause, body: answer)
    assert {(each.state, each.reason) for each in found.values()} == {("failed", reason)}
    assert len(ask.calls) == calls
    assert {each.state for each in ask(good).values()} == {"open"}


def test_a_server_that_drips_is_cut_off(ask):
    def drip(file):
        for _ in range(100):
            file.write(b" ")
            file.flush()
            time.sleep(0.1)

    started = time.monotonic()
    found = ask(lambda clause, body: (200, drip), seconds=0.5)
    assert {each.reason for each in found.values()} == {"slow"}
    assert time.monotonic() - started < 4


def test_a_server_that_is_not_there(settings, policy, user):
    settings.MODEL_URL, settings.MODEL_NAME = "http://127.0.0.1:9/v1", "small"
    proposals.ask(policy, user)
    jobs.run_pending()
    assert {each.reason for each in proposals.of(policy)} == {"connection"}


def test_no_more_calls_than_allowed(ask, settings):
    settings.MODEL_REQUESTS = 1
    found = ask(good)
    assert len(found) == len(ask.calls) == 1


def test_neither_key_nor_text_is_logged(ask, caplog):
    with caplog.at_level(logging.DEBUG):
        ask(lambda clause, body: (500, b"secret words of the answer"))
    assert "the language model gave no answer: status HTTP 500" in caplog.text
    for word in ("hush-hush", RECORD, "secret words"):
        assert word not in caplog.text
