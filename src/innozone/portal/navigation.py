"""The tree on the left: what each role works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from innozone.foundation.access import gate
from innozone.foundation.access.gate import Account
from innozone.foundation.notices import services as notices


@dataclass(frozen=True)
class Entry:
    """One line of the tree. `count` is a number worth a look (unread messages); 0 shows nothing."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Group:
    """A titled part of the tree."""

    title: str
    entries: list[Entry]


def tree(user: Account, path: str) -> list[Group]:
    """The groups and entries that the user may open; the entry of the present page is marked."""
    firms = gate.enterprises(user)
    unread = notices.unread_counts(user.pk, [party.pk for party in firms]) if user.is_authenticated else {}
    groups: list[tuple[str, list[tuple[str, str, str, int]]]] = [
        (
            _("Public"),
            [
                (_("Home"), reverse("home"), "home", 0),
                (_("Policies"), reverse("policies"), "file-text", 0),
                (_("The 1+N system"), reverse("policy_tree"), "sitemap", 0),
                (_("Opinions and surveys"), reverse("rounds"), "message-circle", 0),
            ],
        )
    ]
    if gate.allows(user, "policies.add_follow"):
        groups[0][1].append((_("What I follow"), reverse("following"), "bell", unread.get(None, 0)))
    groups += [
        (
            party.name,
            [
                (_("What I am entitled to"), reverse("enterprise", args=[party.pk]), "circle-check", 0),
                (_("My facts"), reverse("enterprise_facts", args=[party.pk]), "database", 0),
                (_("Messages"), reverse("enterprise_messages", args=[party.pk]), "mail", unread.get(party.pk, 0)),
                (_("My objections"), reverse("enterprise_objections", args=[party.pk]), "message-report", 0),
            ],
        )
        for party in firms
    ]
    groups += [(title, [(*entry, 0) for entry in entries]) for title, entries in _staff(user)]
    found = [entry for _title, entries in groups for entry in entries]
    here = max(
        (url for _label, url, _icon, _count in found if path == url or (url != "/" and path.startswith(url))),
        key=len,
        default="",
    )
    return [
        Group(title, [Entry(label, url, icon, url == here, count) for label, url, icon, count in entries])
        for title, entries in groups
        if entries
    ]


def _staff(user: Account) -> list[tuple[str, list[tuple[str, str, str]]]]:
    def may(permission: str, *entry: Any) -> list[tuple[Any, ...]]:
        label, name, icon = entry
        return [(label, reverse(name), icon)] if gate.allows(user, permission) else []

    return [
        (
            _("Enterprises"),
            [
                *may("parties.list_party", _("All enterprises"), "enterprises", "building"),
                *may("facts.list_objection", _("Objections"), "objections", "message-report"),
                *may("facts.view_conflict", _("Conflicts"), "conflicts", "arrows-split-2"),
            ],
        ),
        (
            _("Policy workbench"),
            [
                *may("policies.change_policy", _("Drafts and papers"), "workbench", "pencil"),
                *may("policies.change_source", _("Sources of texts"), "sources", "rss"),
                *may("notices.list_push", _("Pushes"), "pushes", "send"),
                *may("verdicts.try_rule", _("Sandbox"), "sandboxes", "adjustments-horizontal"),
                *may("policies.view_evaluation", _("Evaluations"), "evaluations", "report-analytics"),
            ],
        ),
        (
            _("Data"),
            [
                *may("facts.list_delivery", _("Deliveries"), "deliveries", "inbox"),
                *may("facts.view_dataset", _("Datasets"), "datasets", "table"),
                *may("facts.view_dataset", _("Dictionary"), "variables", "book"),
            ],
        ),
        (
            _("Zone"),
            [
                *may("supervision.view_cockpit", _("Cockpit"), "cockpit", "gauge"),
                *may("parties.list_party", _("Budgets and places"), "allocations", "coins"),
                *may("parties.list_party", _("Payments"), "payments", "cash"),
                *may("access.change_membership", _("Members"), "access:members", "users"),
            ],
        ),
    ]
