"""`innozone match`: verdicts of an enterprise, of a policy, or of all, on the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils import translation

from innozone.foundation.facts import dictionary as facts_dictionary
from innozone.foundation.parties.models import Party
from innozone.foundation.verdicts import live, results, runs, ways, wording
from innozone.foundation.verdicts.models import Run, Verdict
from innozone.kernel.rules.solve.repair import Repairs
from innozone.kernel.terms import format_number
from innozone.wings.enterprises import services as enterprises
from innozone.wings.policies import exchange, library, matching
from innozone.wings.policies.drafts import DraftRefused
from innozone.wings.policies.exchange_files import LARGEST
from innozone.wings.policies.models import Policy

#: What a state is called on the terminal; the words of the data stay as they are.
_MARKS = {"met": "✓", "unmet": "✗", "unknown": "?", "manual": "□"}
_NEAR_SHOWN = 10


def match(
    enterprise: str | None = None, policy: str | None = None, as_json: bool = False, keep: Path | None = None
) -> int:
    """Prints verdicts. Without arguments the newest run, made first when there is none. 0; 1 for an unknown name.

    enterprise: credit code or name, judged by the facts of this moment. policy: code of a policy, a rule or the
    number of a policy, over the newest run. Both: that enterprise under that policy, with the ways there. keep: a new folder for a copy of
    the run's results.
    """
    with translation.override("zh-hans"):
        try:
            facts_dictionary.current()
            if enterprise:
                return _enterprise(enterprises.find(enterprise), policy, as_json)
            run = runs.latest() or matching.run(lambda text: print(text, file=sys.stderr))
            if keep is not None:
                results.copy(run, keep.resolve())
            return _policy(run, policy, as_json) if policy else _summary(run, as_json)
        except (enterprises.NotOne, facts_dictionary.NoPack, _NoPolicy, FileExistsError, results.ResultsGone) as error:
            print(f"innozone: {error}", file=sys.stderr)
            return 1


def read(files: Sequence[str | Path], out: str | Path | None = None) -> int:
    """`innozone policies read`: texts to annotations."""
    from innozone.kernel.reading import command

    return command.main([*map(str, files), *(["--out", str(out)] if out else [])])


def fetch(code: str | None = None) -> int:
    """`innozone policies fetch`: looks at one source, or at all that are active, now. 1 when one could not be read."""
    from innozone.wings.policies import sources
    from innozone.wings.policies.models import Source

    chosen = Source.objects.filter(code=code) if code else Source.objects.filter(active=True)
    if code and not chosen:
        print(f"innozone: there is no source “{code}”; the page /sources/ lists them", file=sys.stderr)
        return 1
    failed = False
    for source in chosen:
        try:
            outcome = sources.look(source)
        except facts_dictionary.NoPack as error:
            print(f"innozone: {error}", file=sys.stderr)
            return 1
        counts = "  ".join(f"{state} {outcome[state]}" for state in sources.COUNTED)
        print(f"{source.code}  {counts}{'  (more at the next look)' if outcome['more'] else ''}")
        for address, message in outcome["failed"]:
            print(f"    {address}: {message}")
        failed |= bool(outcome["failed"])
    return int(failed)


def export(codes: Sequence[str], out: Path | None = None) -> int:
    """`innozone policies export`: 0; 1 for a code that is not known or a file that is there already."""
    known = Policy.objects.select_related("issuer", "parent").in_bulk(codes, field_name="code")
    if unknown := [code for code in codes if code not in known]:
        print(f"innozone: no policy is called {', '.join(unknown)}; `innozone match` lists the items", file=sys.stderr)
        return 1
    text = exchange.export([known[code] for code in dict.fromkeys(codes)])
    if out is None:
        print(text, end="")
        return 0
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"innozone: {out} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def take(file: Path) -> int:
    """`innozone policies import`: what became of each policy. 0; 1 with every problem, then nothing has changed."""
    try:
        with file.open("rb") as source:
            found = exchange.take(source.read(LARGEST + 1), None, file.name)
    except OSError as error:
        print(f"innozone: {file} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    except DraftRefused as refused:
        print(f"innozone: {refused}", file=sys.stderr)
        for problem in refused.problems:
            print(f"  {problem}", file=sys.stderr)
        return 1
    for each in found:
        became = f"draft, version {each.version.number}" if each.version else "nothing new"
        left = f"; not known here, left open: {', '.join(each.left_open)}" if each.left_open else ""
        print(f"{each.policy.code}  {each.policy.title}: {became}{left}")
    return 0


class _NoPolicy(LookupError):
    pass


def _rules_of(policy: str) -> list[int]:
    found = Verdict.objects.filter(
        Q(version__rule__code=policy)
        | Q(version__rule__item__policy__code=policy)
        | Q(version__rule__item__policy__number=policy)
    )
    rules = list(found.values_list("version__rule", flat=True).distinct())
    if not rules:
        raise _NoPolicy(f"no policy or item in force is called “{policy}”; `innozone match` lists them")
    return rules


def _enterprise(party: Party, policy: str | None, as_json: bool) -> int:
    wanted = set(_rules_of(policy)) if policy else None
    dictionary = facts_dictionary.current()
    every = live.for_party(party)
    found = [item for item in every if wanted is None or item.rule.pk in wanted]
    items = library.of_rules(item.rule.pk for item in found)
    grants = ways.granting(item.version for item in every)
    names = {item.rule.code: item.rule.name for item in every}
    if as_json:
        data = {
            "enterprise": {"id": party.pk, "name": party.name, "credit_code": party.credit_code},
            "verdicts": [
                _verdict_data(item, items, dictionary) | (_ways_data(item, grants, names) if wanted else {})
                for item in found
            ],
        }
        print(json.dumps(data, ensure_ascii=False, indent=1))
        return 0
    print(f"{party.name}  {party.credit_code or ''}")
    counted = {state: sum(item.state == state for item in found) for state in live.STATES}
    print("  ".join(f"{state}: {number}" for state, number in counted.items()))
    for item in found:
        if item.state in ("not", "unknown") and wanted is None:
            continue
        money = f"  {format_number(item.benefit, '元')}" if item.benefit else ""
        paper = items[item.rule.pk].policy.title if item.rule.pk in items else ""
        print(f"\n[{item.state}] {item.rule.code}  {item.rule.name}{money}  《{paper}》")
        for leaf in wording.leaves(item.explanation, dictionary, "zh-hans"):
            facts = "；".join(f"{fact.label}：{fact.text or '?'}" for fact in leaf.facts)
            lacks = f"  {leaf.lacks}" if leaf.lacks else ""
            print(f"  {_MARKS[leaf.state]} {leaf.sentence}{f'（{facts}）' if facts else ''}{lacks}")
        if wanted is not None and (repairs := ways.of(item, grants)) is not None:
            _print_ways(repairs, item, names)
    return 0


def _print_ways(repairs: Repairs, item: live.ItemVerdict, names: dict[str, str]) -> None:
    """Up to three ways, the cheapest first, and how sure that is."""
    for way in repairs.ways:
        told = ways.told(way, item, "zh-hans", names)
        more = "，".join([*([told.effort] if told.effort else []), *told.notes])
        print(f"  → {told.line}{f'（{more}）' if more else ''}")
    if alone := ways.by_itself(repairs):
        print(f"  → by itself from {alone}")
    if not (repairs.ways or alone):
        print("  → no way: nothing that can still be changed makes it hold" if repairs.proved else "  → no way found")
    if not repairs.proved:
        print("    (the search could not cover everything: there may be a cheaper way)")


def _ways_data(item: live.ItemVerdict, grants: ways.Grants, names: dict[str, str]) -> dict[str, Any]:
    repairs = ways.of(item, grants)
    return {"ways": ways.as_data(repairs, item, "zh-hans", names) if repairs is not None else None}


def _verdict_data(item: live.ItemVerdict, items: dict[int, Any], dictionary: Any) -> dict[str, Any]:
    return {
        "rule": item.rule.code,
        "version": item.version.number,
        "name": item.rule.name,
        "policy": items[item.rule.pk].policy.code if item.rule.pk in items else None,
        "state": item.state,
        "truth": item.truth.value,
        "benefit": None if item.benefit is None else float(item.benefit),
        "conditions": [
            {
                "sentence": leaf.sentence,
                "state": leaf.state,
                "near": leaf.near,
                "lacks": leaf.lacks,
                "facts": {fact.label: fact.text for fact in leaf.facts},
                "quote": leaf.quote,
                "source": leaf.source,
            }
            for leaf in wording.leaves(item.explanation, dictionary, "zh-hans")
        ],
    }


def _policy(run: Run, policy: str, as_json: bool) -> int:
    verdicts = [verdict for verdict in _verdicts(run) if verdict.version.rule_id in set(_rules_of(policy))]
    dictionary = facts_dictionary.current()
    data = []
    for verdict in verdicts:
        verdict.run = run
        near = runs.members(verdict, "near", 0, _NEAR_SHOWN)
        names = Party.objects.in_bulk(near)
        leaves = _near_leaves(verdict, dictionary)
        data.append(_counts(verdict) | {"near_by_condition": leaves, "near": [names[key].name for key in near]})
    policies = {item.policy_id for item in library.of_rules(verdict.version.rule_id for verdict in verdicts).values()}
    delays = matching.delays(list(policies))
    if as_json:
        found = {
            "as_of": run.snapshot.as_of.isoformat(),
            "notices": sum(delay.notices for delay in delays.values()),
            "seconds_to_first_notice": next((delay.seconds for delay in delays.values()), None),
            "items": data,
        }
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    for delay in delays.values():
        since = f"{delay.days} days after the day of issue, " if delay.days is not None else ""
        print(f"{delay.notices:,} notices; the first {since}{delay.seconds or 0:,.0f} s after coming into force here")
    for entry in data:
        print(f"{entry['rule']}  {entry['name']}")
        print(_counted(entry))
        for sentence, number in entry["near_by_condition"].items():
            print(f"    {number:>7,}  {sentence}")
        if entry["near"]:
            print(f"    near: {'；'.join(entry['near'])}{' …' if entry['counts']['near'] > _NEAR_SHOWN else ''}")
    return 0


def _near_leaves(verdict: Verdict, dictionary: Any) -> dict[str, int]:
    """What keeps those near from it, the most frequent first."""
    from innozone.foundation.verdicts import rules
    from innozone.kernel.rules import render

    leaves = rules.parsed(verdict.version).condition.leaves()
    counts = sorted(verdict.near_leaves.items(), key=lambda entry: -entry[1])
    return {render(leaves[int(leaf)], dictionary, "zh-hans"): number for leaf, number in counts}


def _summary(run: Run, as_json: bool) -> int:
    data = [_counts(verdict) for verdict in _verdicts(run)]
    head = {
        "as_of": run.snapshot.as_of.isoformat(),
        "enterprises": run.snapshot.rows,
        "rules": run.rules,
        "seconds": run.seconds,
    }
    if as_json:
        print(json.dumps(head | {"items": data}, ensure_ascii=False, indent=1))
        return 0
    print(f"{head['as_of']}: {run.snapshot.rows:,} enterprises × {run.rules} rules in {run.seconds} s")
    for entry in data:
        print(f"{entry['rule']}  {entry['name']}")
        print(_counted(entry))
    return 0


def _verdicts(run: Run) -> list[Verdict]:
    return list(run.verdicts.select_related("version__rule").order_by("version__rule__item__policy", "version__rule"))


def _counts(verdict: Verdict) -> dict[str, Any]:
    return {
        "rule": verdict.version.rule.code,
        "name": verdict.version.rule.name,
        "version": verdict.version.number,
        "counts": {
            "entitled": verdict.true_count,
            "ready": verdict.ready_count,
            "near": verdict.near_count,
            "unknown": verdict.unknown_count,
        },
        "benefit_total": None if verdict.benefit_total is None else float(verdict.benefit_total),
    }


def _counted(entry: dict[str, Any]) -> str:
    text = "  ".join(f"{state} {number:,}" for state, number in entry["counts"].items())
    money = entry["benefit_total"]
    return f"    {text}" + (f"  {format_number(money, '元')}" if money else "")
