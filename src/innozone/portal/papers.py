"""What a policy page and the workbench show of a policy: its items with conditions, benefit and counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.db.models import Prefetch
from django.http import HttpResponse
from django.utils import timezone

from innozone.foundation.verdicts import rules
from innozone.foundation.verdicts.models import RuleVersion, Run, Verdict
from innozone.kernel.rules import RuleSyntaxError, parse, render
from innozone.portal import changes, conditions, limits, wording
from innozone.portal.conditions import Node
from innozone.portal.limits import LimitShown
from innozone.wings.policies import exchange
from innozone.wings.policies.models import Item, Policy, PolicyVersion


@dataclass
class ItemShown:
    """One item of a policy: the version of its rule that stands, the tree, the benefit in words, who qualifies."""

    item: Item
    version: RuleVersion | None
    tree: Node | None
    benefit_kind: str
    benefit: str
    note: str
    grants: str
    verdict: Verdict | None
    state: str = ""
    limits: list[LimitShown] = field(default_factory=list)

    @property
    def leaves(self) -> list[Node]:
        return self.tree.leaves() if self.tree else []

    @property
    def changes(self) -> str:
        """What the newest run changed against the one before, and because of what."""
        return changes.text(self.verdict.changes) if self.verdict else ""


def standing(versions: list[RuleVersion], draft_first: bool) -> RuleVersion | None:
    """The version that counts: the one in force, else the newest draft, else the newest; drafts first at the bench."""
    newest = sorted(versions, key=lambda version: -version.number)
    draft = next((version for version in newest if version.status == RuleVersion.Status.DRAFT), None)
    in_force = rules.current(versions, timezone.localdate())
    return (draft if draft_first and draft else None) or in_force or draft or next(iter(newest), None)


def items_of(
    policy: Policy, text: str, run: Run | None, states: dict[int, str] | None = None, draft_first: bool = False
) -> list[ItemShown]:
    """The items in the order of the paper. `states`: {rule version id: state} of the reader's own enterprise."""
    versions = Prefetch("rule__versions", RuleVersion.objects.order_by("-number"), to_attr="all_versions")
    items = list(policy.items.filter(ended=False).select_related("rule", "department").prefetch_related(versions))
    counted = (
        {verdict.version_id: verdict for verdict in Verdict.objects.filter(run=run, version__rule__item__policy=policy)}
        if run
        else {}
    )
    shown = [_shown(item, text, counted, states or {}, draft_first) for item in items]
    names = limits.names_of(each.version for each in shown)
    for each in shown:
        each.limits = limits.of(each.version, names) if each.version else []
    return shown


def _shown(item: Item, text: str, counted: dict[int, Verdict], states: dict[int, str], draft_first: bool) -> ItemShown:
    version = standing(item.rule.all_versions, draft_first)
    data: dict[str, Any] = version.data if version else {}
    known, language = wording.terms(), wording.language()
    tree = None
    if known is not None and version is not None:
        condition = conditions.load(data.get("conditions"), text)
        tree = conditions.asked(condition, known, language, str(item.pk)) if condition else None
    benefit = data.get("benefit") or {}
    amount = benefit.get("amount")
    return ItemShown(
        item,
        version,
        tree,
        wording.benefit_kind(benefit["kind"]) if benefit.get("kind") else "",
        amount_text(str(amount)) if amount else "",
        wording.local_label(benefit.get("note")),
        wording.code_name("designations", data["grants"]) if data.get("grants") else "",
        counted.get(version.pk) if version else None,
        states.get(version.pk, "") if version else "",
    )


def amount_text(amount: str) -> str:
    """The formula of a benefit in words; as written where it cannot be read."""
    known = wording.terms()
    try:
        return render(parse(amount), known, wording.language(), unit="元") if known else amount
    except RuleSyntaxError:
        return amount


def newest_text(policy: Policy) -> PolicyVersion | None:
    """The newest version of the text with who entered it."""
    return policy.versions.select_related("created_by").order_by("-number").first()


def as_file(policy: Policy) -> HttpResponse:
    """The policy with its rules as a file that a browser keeps."""
    response = HttpResponse(exchange.export([policy]), content_type="application/yaml; charset=utf-8")
    name = quote(f"{policy.code}.policies.yaml")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
