"""S25 政策需求调研与企业家参与: rounds of opinions on drafts, surveys, answers, what came of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from innozone.foundation.access import gate
from innozone.foundation.desks.views import desk_page
from innozone.foundation.facts import dictionary
from innozone.foundation.verdicts.models import Rule
from innozone.portal import conditions, papers, wording
from innozone.portal.desks import ROUNDS
from innozone.portal.desks.rounds import round_state
from innozone.portal.views.enterprises import frame, party_of
from innozone.wings.policies import answers, consultations, texts
from innozone.wings.policies.consultations import Refused
from innozone.wings.policies.models import Consultation, Opinion, Policy

#: Words for the kinds of questions as people write them.
_KINDS = {
    "单选": "single", "single": "single", "多选": "multiple", "multiple": "multiple", "量表": "scale", "scale": "scale",
    "数字": "number", "number": "number", "问答": "text", "text": "text",
}  # fmt: skip


def rounds(request: HttpRequest) -> HttpResponseBase:
    """All rounds; a survey is begun here."""
    may_ask = gate.allows(request.user, "policies.add_consultation")
    problem, given = "", request.POST
    if request.method == "POST":
        gate.require(request.user, "policies.add_consultation")
        try:
            made = consultations.open_round(
                given.get("title", ""),
                request.user,
                closes=_day(given.get("closes", "")),
                intro=given.get("intro", ""),
                rule=_rule(given.get("rule", "")),
                questions=questions_of(given.get("questions", "")),
            )
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("The survey is open."))
            return redirect("round", pk=made.pk)
    context = {"may_ask": may_ask, "problem": problem, "given": given, "rules": _rules() if may_ask else ()}
    return desk_page(request, ROUNDS, "rounds/list.html", context)


def questions_of(text: str) -> list[dict[str, Any]]:
    """Questions as written one a line: `words | kind | answers with 、 or ;`. Raises Refused with the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in re.split(r"[|｜]", line)]
        if not any(parts):
            continue
        kind = _KINDS.get(parts[1].lower() if len(parts) > 1 and parts[1] else "text")
        if kind is None:
            raise Refused(
                _("Line %(number)d: “%(kind)s” is no kind of question.") % {"number": number, "kind": parts[1][:40]}
            )
        options = [option.strip() for option in re.split(r"[、;；]", parts[2])] if len(parts) > 2 else []
        found.append({"text": parts[0], "kind": kind, "options": [option for option in options if option]})
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(_("“%(value)s” is not a day: write it as 2026-03-05.") % {"value": text[:40]}) from None


def _rules() -> list[tuple[str, str]]:
    """Rules whose members may be asked by themselves: those in force."""
    english = wording.language() == "en"
    rows = Rule.objects.filter(versions__status="active").distinct().order_by("code")
    return [(rule.code, (english and rule.name_en) or rule.name) for rule in rows]


def _rule(code: str) -> Rule | None:
    if not code:
        return None
    found = Rule.objects.filter(code=code, versions__status="active").first()
    if found is None:
        raise Refused(_("There is no rule in force with the code “%(code)s”.") % {"code": code[:60]})
    return found


@require_POST
def consult(request: HttpRequest, code: str) -> HttpResponseBase:
    """Puts the newest version of a draft before the enterprises."""
    gate.require(request.user, "policies.add_consultation")
    policy = get_object_or_404(Policy, code=code)
    given = request.POST
    try:
        made = consultations.open_round(
            given.get("title", "") or policy.title,
            request.user,
            closes=_day(given.get("closes", "")),
            intro=given.get("intro", ""),
            version=texts.current(policy),
            rule=_rule(given.get("rule", "")),
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("workbench_policy", code=code)
    messages.success(request, _("The draft has been put before the enterprises."))
    return redirect("round", pk=made.pk)


def _round(pk: int) -> Consultation:
    rows = Consultation.objects.select_related("version__policy", "rule", "created_by", "concluded_by")
    return get_object_or_404(rows, pk=pk)


def one(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One round: for staff every opinion with its answer, for everybody what came of it, without names."""
    found = _round(pk)
    if not gate.allows(request.user, "policies.view_consultation", found):
        raise Http404
    context = {
        "round": found,
        "state": round_state(found),
        "items": [_named(each) for each in consultations.by_item(found)] if found.version else [],
        "results": [_result(each) for each in answers.results(found)],
        "replies": found.replies.filter(superseded_at__isnull=True).count(),
        "open_answers": consultations.unanswered(found).count(),
        "may_answer": gate.allows(request.user, "policies.answer_opinion") and found.concluded_at is None,
        "may_list": gate.allows(request.user, "parties.list_party")
        or gate.allows(request.user, "policies.answer_opinion"),
        "outcomes": Opinion.Outcome.choices,
        "small": answers.SMALL,
    }
    return render(request, "rounds/round.html", context)


def _result(each: answers.QuestionResult) -> dict[str, Any]:
    """A question with its answers; groups in per cent of those who answered in them."""
    known, language = dictionary.current(), wording.language()
    tables = []
    for code, groups in each.groups.items():
        variable = known.variables[code]
        entries = known.codelist_of(variable).by_code  # type: ignore[union-attr]
        rows = [
            (
                entries[group.code].label.get(language),
                group.answered,
                [round(100 * number / group.answered) for number in group.counts.values()],
            )
            for group in groups
        ]
        tables.append((variable.label.get(language), rows))
    return {"result": each, "tables": tables}


def _named(each: consultations.ItemOpinions) -> dict[str, Any]:
    stances = [(value, label, each.counts[value]) for value, label in Opinion.Stance.choices if each.counts.get(value)]
    return {"code": each.code, "name": each.name, "opinions": each.opinions, "stances": stances}


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The answer to one opinion."""
    gate.require(request.user, "policies.answer_opinion")
    key = request.POST.get("opinion", "")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
    opinion = get_object_or_404(Opinion, pk=number, consultation=pk)
    try:
        consultations.answer(
            opinion, request.user, request.POST.get("outcome", ""), request.POST.get("answer", "").replace("\r\n", "\n")
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The opinion has its answer; the enterprise is told."))
    return redirect("round", pk=pk)


@require_POST
def conclude(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ends a round and publishes what came of it."""
    gate.require(request.user, "policies.answer_opinion")
    found = _round(pk)
    try:
        consultations.conclude(found, request.user, request.POST.get("summary", "").replace("\r\n", "\n"))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The round is concluded; everybody may read what came of it."))
    return redirect("round", pk=pk)


# For the enterprise


def of_enterprise(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rounds in which this enterprise is asked, open ones first."""
    party = party_of(request, pk)
    rows = sorted(
        consultations.for_parties([party.pk]), key=lambda row: (not consultations.is_open(row), -row.closes.toordinal())
    )
    spoken = set(Opinion.objects.filter(party=party, superseded_at__isnull=True).values_list("consultation", flat=True))
    spoken |= set(party_replies(party.pk))
    context = frame(request, party, "enterprise_rounds") | {
        "rounds": [{"round": row, "state": round_state(row), "spoken": row.pk in spoken} for row in rows]
    }
    return render(request, "rounds/of_enterprise.html", context)


def party_replies(party: int) -> list[int]:
    """The rounds to whose questions the enterprise has replied."""
    from innozone.wings.policies.models import Reply

    return list(Reply.objects.filter(party=party, superseded_at__isnull=True).values_list("consultation", flat=True))


def speak(request: HttpRequest, pk: int, round: int) -> HttpResponseBase:
    """One round for one enterprise: the draft or the questions, what it said, the answers it got."""
    party = party_of(request, pk)
    found = consultations.for_parties([party.pk]).filter(pk=round).first()
    if found is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        gate.require(request.user, "policies.add_opinion", party)
        try:
            _take(request, found, party)
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Thank you: it has been taken down. You can change it until the round closes."))
            return redirect("enterprise_round", pk=party.pk, round=found.pk)
    said = {each.item: each for each in found.opinions.filter(party=party, superseded_at__isnull=True)}
    replied = found.replies.filter(party=party, superseded_at__isnull=True).first()
    context = frame(request, party, "enterprise_rounds") | {
        "round": found,
        "state": round_state(found),
        "is_open": consultations.is_open(found),
        "may_speak": gate.allows(request.user, "policies.add_opinion", party),
        "items": _draft_items(found, said),
        "marked": conditions.marked(found.version.text, []) if found.version else "",
        "whole": said.get(""),
        "stances": Opinion.Stance.choices,
        "questions": [(question, _given(question, replied)) for question in found.questions],
        "scale": consultations.SCALE,
        "problem": problem,
    }
    return render(request, "rounds/speak.html", context, status=422 if problem else 200)


def _take(request: HttpRequest, found: Consultation, party: Any) -> None:
    given = request.POST
    if given.get("what") == "answers":
        answers = {question["code"]: given.getlist(question["code"]) for question in found.questions}
        consultations.reply(found, party, request.user, answers)
        return
    text = given.get("text", "").replace("\r\n", "\n")
    consultations.opine(found, party, request.user, given.get("stance", ""), text, given.get("item", ""))


def _draft_items(found: Consultation, said: dict[str, Opinion]) -> list[dict[str, Any]]:
    known, language = wording.terms(), wording.language()
    made = []
    for version in consultations.versions(found):
        condition = conditions.load(version.data.get("conditions"), found.version.text if found.version else "")
        benefit = version.data.get("benefit") or {}
        amount = str(benefit.get("amount") or "")
        made.append(
            {
                "rule": version.rule,
                "tree": conditions.asked(condition, known, language, str(version.pk)) if condition and known else None,
                "kind": wording.benefit_kind(benefit["kind"]) if benefit.get("kind") else "",
                "amount": papers.amount_text(amount) if amount else "",
                "note": wording.local_label(benefit.get("note")),
                "said": said.get(version.rule.code),
            }
        )
    return made


def _given(question: dict[str, Any], replied: Any) -> list[str]:
    value = replied.answers.get(question["code"]) if replied else None
    return [] if value is None else list(value) if isinstance(value, list) else [str(value)]
