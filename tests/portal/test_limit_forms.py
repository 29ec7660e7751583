"""Stacking, caps, budgets and groups of items on the workbench, without YAML."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

from innozone.foundation.verdicts.models import RuleVersion
from innozone.portal import limit_forms
from innozone.wings.policies import library
from innozone.wings.policies.models import Policy
from tests.portal.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(place):
    translation.activate("en")
    return library.items(Policy.objects.get(code="rd"), drafts_first=True)


def sent(page) -> QueryDict:
    """What a browser sends of the page as it is."""
    post = QueryDict(mutable=True)
    post["stamp"] = page.context["stamp"]
    post["text"] = page.context["body"]
    post["groups"] = "1"
    for group in page.context["groups"]:
        for part in ("code", "label", "most", "cap", "years"):
            post[f"{group.name}-{part}"] = getattr(group, part)
        post.setlist(f"{group.name}-in", sorted(group.members))
    for form in page.context["items"]:
        name, limits = form.name, form.limits
        for part in ("title", "title_en", "kind", "summary", "benefit_kind", "amount", "grants", "opens", "closes"):
            post[f"{name}-{part}"] = getattr(form, part)
        post[f"{name}-department"], post[f"{name}-papers"] = form.department, form.papers
        post[f"{name}-shape"] = form.conditions.shape_text
        post[f"{name}-limits"] = "1"
        post.setlist(f"{name}-excludes", [code for code, _label, chosen in limits.excludes if chosen])
        for part in ("cap", "years", "budget", "quota", "order", "last"):
            post[f"{name}-{part}"] = getattr(limits, part)
    return post


def fill(post: QueryDict, values: dict[str, str]) -> QueryDict:
    for name, value in values.items():
        post[name] = value
    return post


def newest(code: str) -> RuleVersion:
    return RuleVersion.objects.filter(rule__code=code).latest("number")


def test_a_page_that_is_saved_untouched_makes_no_new_wording(place):
    editor = client_of(place.users, "editor")
    address = reverse("workbench_policy", args=["rd"])
    before = newest("rd_grant")
    answer = editor.post(address, dict(sent(editor.get(address)).lists()))
    assert answer.status_code == 302, answer.context["problems"]
    assert newest("rd_grant") == before
    assert before.data["allocation"]["order"] == [{"highest": "rd_ratio[-1]"}, "lottery"]


def test_two_items_become_a_group_of_which_one_counts(place):
    editor = client_of(place.users, "editor")
    address = reverse("workbench_policy", args=["rd"])
    post = sent(editor.get(address))
    fill(post, {"gnew-label": "研发类", "gnew-most": "1"})
    post.setlist("gnew-in", ["i0", "i1"])
    fill(post, {"i0-cap": "30万", "i0-years": "3", "i0-budget": "900万", "i0-order": "first come"})
    post.setlist("i0-excludes", ["rd_over"])
    answer = editor.post(address, dict(post.lists()))
    assert answer.status_code == 302, answer.context["problems"]
    grant, safe = newest("rd_grant").data, newest("rd_safe").data
    group = {"code": "rd_grant_g1", "label": {"zh": "研发类", "en": "研发类"}, "most": 1}
    assert grant["stacking"] == {"groups": [group], "excludes": ["rd_over"], "cap": {"amount": "30万", "years": 3}}
    assert safe["stacking"] == {"groups": [group]}
    assert grant["allocation"] == {
        "budget": "900万",
        "order": ["time"],
        "last": "cut",
        "quote": "给予补助",
        "source": "第二条",
    }
    # The page shows it, and it is taken away again.
    page = editor.get(address)
    (shown,) = page.context["groups"]
    assert (shown.label, shown.most, shown.members) == ("研发类", "1", {"i0", "i1"})
    post = sent(page)
    post.setlist("g0-in", [])
    post.setlist("i0-excludes", [])
    fill(post, {"i0-cap": "", "i0-budget": "", "i0-quota": ""})
    assert editor.post(address, dict(post.lists())).status_code == 302
    assert (newest("rd_grant").data["stacking"], newest("rd_grant").data["allocation"]) == (None, None)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"gnew-label": "x", "gnew-most": "1½"}, "no whole number"),
        ({"i0-cap": "3万", "i0-years": "-1"}, "no whole number"),
        ({"i0-exclude": "no_such_item"}, "no item no_such_item"),
    ],
)
def test_what_is_no_limit_is_told_and_nothing_changes(place, changed, told):
    editor = client_of(place.users, "editor")
    address = reverse("workbench_policy", args=["rd"])
    before = newest("rd_grant")
    answer = editor.post(address, dict(fill(sent(editor.get(address)), changed).lists()))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert newest("rd_grant") == before


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"i0-cap": "viel"}, "sum of money"),
        ({"i0-order": "the best"}, "the best"),
        ({"gnew-label": "x", "gnew-in": "i0"}, "limits nothing"),
    ],
)
def test_an_unsound_limit_is_kept_in_the_draft_told_there_and_never_comes_into_force(place, changed, told):
    editor = client_of(place.users, "editor")
    address = reverse("workbench_policy", args=["rd"])
    assert editor.post(address, dict(fill(sent(editor.get(address)), changed).lists())).status_code == 302
    assert told in editor.get(address).context["items"][0].problems[0]
    assert told in editor.get(address).content.decode()
    editor.post(reverse("workbench_confirm", args=["rd"]))
    assert newest("rd_grant").status == RuleVersion.Status.DRAFT


def test_a_group_shared_with_other_papers_keeps_its_figures(found, place):
    other = newest("tech_sme")
    group = {"code": "shared", "label": {"zh": "共用", "en": "shared"}, "most": 1}
    for version in (other, newest("rd_grant")):
        RuleVersion.objects.filter(pk=version.pk).update(data={**version.data, "stacking": {"groups": [group]}})
    found = library.items(Policy.objects.get(code="rd"), drafts_first=True)
    (form,) = limit_forms.groups_of(found)
    assert form.elsewhere == (other.rule.name_en,)
    post = QueryDict(mutable=True)
    fill(post, {"groups": "1", "g0-code": "shared", "g0-label": "别的", "g0-most": "9"})
    post.setlist("g0-in", ["i0", "i1"])
    assert limit_forms.members(post, found) == {"i0": [group], "i1": [group]}
