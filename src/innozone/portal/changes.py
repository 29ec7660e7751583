"""What a run changed against the one before, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from innozone.portal import wording

#: What is kept in Verdict.changes → how it is told.
_STATES = {
    "entitled": _("newly entitled: %(number)s"),
    "no_longer_entitled": _("no longer entitled: %(number)s"),
    "ready": _("newly ready for a check: %(number)s"),
    "no_longer_ready": _("no longer ready for a check: %(number)s"),
}
_CAUSES = {
    "rule": pgettext_lazy("cause", "the rule changed"),
    "facts": pgettext_lazy("cause", "facts changed"),
    "time": pgettext_lazy("cause", "time passed"),
    "new": pgettext_lazy("cause", "new on file"),
    "gone": pgettext_lazy("cause", "no longer on file"),
    "unexplained": pgettext_lazy("cause", "cause not known"),
}


def text(changes: Mapping[str, Mapping[str, int]]) -> str:
    """“Since the run before: newly entitled: 12 (facts changed 9, the rule changed 3); …”; empty without changes."""
    chinese = wording.language().startswith("zh")
    found = []
    for state, said in _STATES.items():
        causes = changes.get(state)
        if causes:
            told = [f"{_cause(label)} {number:,}" for label, number in causes.items()]
            what = str(said) % {"number": f"{sum(causes.values()):,}"}
            found.append(f"{what}（{'，'.join(told)}）" if chinese else f"{what} ({', '.join(told)})")
    since = str(_("Since the run before"))
    colon, between = ("：", "；") if chinese else (": ", "; ")
    return since + colon + between.join(found) if found else ""


def _cause(label: str) -> str:
    """Several causes are named side by side: `rule+facts`."""
    return " + ".join(str(_CAUSES[part]) for part in label.split("+"))
