"""`innozone match --diff OLD NEW`: what changed between two kept results, rule by rule, and because of what."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from innozone.kernel.packs.loader import load_pack
from innozone.kernel.rules import Difference, Results, ResultsError, diff
from innozone.kernel.rules.bulk.difference import Moved, RuleChange
from innozone.kernel.rules.bulk.why import FactChange, Why
from innozone.kernel.terms import UNKNOWN, Dictionary, format_number

STATES = {
    "gained": "newly entitled",
    "lost": "no longer entitled",
    "ready": "newly ready",
    "unready": "no longer ready",
}


def compare(old: Path, new: Path, zone: str, *, policy: str | None = None, as_json: bool = False) -> int:
    """Prints per rule how many came and left, by cause, with an example of each. 0; 1 when the results cannot be compared.

    policy: only this rule, policy or item. The snapshots are read from where they lay when they were matched; without
    them there are no examples, and causes only where there can be but one. Raises PackError for a faulty pack.
    """
    terms = load_pack(zone).dictionary
    try:
        then, now = Results.open(old), Results.open(new)
        before, after = then.matched(), now.matched()
        difference = diff(then, now, before=before, after=after, dictionary=terms)
        ids = [id for id in difference.ids if policy in (None, id, *id.split("/"))]
        if not ids:
            raise ValueError(f"no rule in these results is called “{policy}”")
        explained = before is not None and after is not None
        listed = [_entry(change, difference, terms, explained) for change in difference.changes(ids)]
    except (ResultsError, ValueError) as error:
        print(f"innozone: {error}", file=sys.stderr)
        return 1
    if not explained:
        print("innozone: a snapshot is not where it was matched: causes are told in part, no examples", file=sys.stderr)
    if as_json:
        days = {"old": then.as_of.isoformat(), "new": now.as_of.isoformat()}
        print(json.dumps(days | {"rules": len(ids), "changed": listed}, ensure_ascii=False, indent=1))
        return 0
    print(f"{then.as_of} → {now.as_of}: {len(listed)} of {len(ids)} rules with changes")
    for entry in listed:
        print(entry["id"])
        for state, said in STATES.items():
            causes = entry[state]
            if causes:
                shown = "  ".join(f"{cause} {number:,}" for cause, number in causes.items())
                print(f"    {said} {sum(causes.values()):,}: {shown}")
        for example in entry["examples"]:
            print(f"      {example['party']} ({STATES[example['state']]}, {example['cause']})")
            for line in (*example["facts"], *example["leaves"]):
                print(f"        {line}")
    return 0


def _entry(change: RuleChange, difference: Difference, terms: Dictionary, explained: bool) -> dict[str, Any]:
    moved: dict[str, Moved] = {state: getattr(change, state) for state in STATES}
    entry: dict[str, Any] = {"id": change.id} | {state: each.counts() for state, each in moved.items()}
    entry["examples"] = list(_examples(change.id, moved, difference, terms)) if explained else []
    return entry


def _examples(id: str, moved: dict[str, Moved], difference: Difference, terms: Dictionary) -> Iterator[dict[str, Any]]:
    """The first party of each cause, state by state."""
    for state, each in moved.items():
        for cause in dict.fromkeys(each.causes.tolist()):
            party = int(each.parties[each.causes == cause][0])
            why = difference.why(party, id)
            label = "" if why.cause is None else why.cause.label
            facts = [_fact(fact, terms) for fact in why.facts]
            yield {"party": party, "state": state, "cause": label, "facts": facts, "leaves": list(_leaves(why))}


def _fact(fact: FactChange, terms: Dictionary) -> str:
    variable = terms.get(fact.variable)
    name = variable.label.zh if variable is not None else fact.variable
    year = "" if fact.year is None else f"{fact.year} "
    unit = variable.unit if variable is not None else ""
    return f"{year}{name}: {_shown(fact.before, unit)} → {_shown(fact.after, unit)}"


def _shown(value: Any, unit: str) -> str:
    if value is UNKNOWN:
        return "?"
    if isinstance(value, Decimal):
        return format_number(value, unit)
    if isinstance(value, tuple):
        return f"{len(value)} records"
    return "、".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def _leaves(why: Why) -> Iterator[str]:
    """“score >= 60: false → true”, and for a leaf that was reworded both wordings."""
    for leaf in why.leaves:
        then, now = leaf.before, leaf.after
        if then is not None and now is not None and not leaf.reworded:
            yield f"{now.text}: {then.truth.value} → {now.truth.value}"
            continue
        sides = [f"{side.text}: {side.truth.value}" if side is not None else "nothing" for side in (then, now)]
        yield " ⇒ ".join(sides)
