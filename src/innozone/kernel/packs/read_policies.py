"""Policies of a pack: documents, items, conditions anchored to the words of the document, golden cases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import (
    BENEFIT_KINDS,
    LEVELS,
    POLICY_PARTS,
    Benefit,
    GoldenCase,
    ItemData,
    PolicyData,
    Score,
    Window,
)
from innozone.kernel.packs.read_stacking import read_allocation, read_stacking
from innozone.kernel.packs.rulecheck import read_condition, read_expression
from innozone.kernel.rules.solve.stacking import Group
from innozone.kernel.terms import UNKNOWN, Dictionary, Label, Value, Variable, parse_value

_POLICY_KEYS = (
    *("code", "title", "number", "issuer", "level", "issued", "valid_from", "valid_to", "url", "replaces"),
    *("proposal", "text", "themes", "groups", "items", "part", "parent"),
)
_ITEM_KEYS = (
    *("code", "name", "kind", "summary", "conditions", "benefit", "grants", "scores", "stacking", "window"),
    *("allocation", "department", "papers", "cases"),
)
_CASE_KEYS = ("name", "as_of", "facts", "records", "expect", "value", "scores")
_LONGEST_SUMMARY = 120


def read_policy(context: Context, root: Node, dictionary: Dictionary, groups: Mapping[str, Group]) -> PolicyData | None:
    """The policy in one file. Its conditions and formulas are checked against the dictionary; `groups` are those of the
    whole pack."""
    form = Form(context, root, "a policy", _POLICY_KEYS)
    code = form.text("code", required=True)
    form.what = f"the policy {code}" if code else form.what
    issuer, replaces = form.optional("issuer"), form.optional("replaces")
    if issuer:
        context.refer(form.place("issuer"), "organisation", issuer)
    if replaces:
        context.refer(form.place("replaces"), "policy", replaces)
    themes = form.texts("themes")
    for theme in themes:
        context.refer(form.place("themes"), "code", theme, of="themes")
    parent = form.optional("parent")
    if parent:
        context.refer(form.place("parent"), "policy", parent)
        if parent == code:
            context.problem(form.place("parent"), f"{form.what} stands under itself")
    part = form.choice("part", POLICY_PARTS)
    text = form.text("text", required=True)
    items = tuple(
        _item(context, entry, dictionary, text, groups)
        for entry in form.forms("items", "an item", _ITEM_KEYS, required=part != "general")
    )
    starts, ends = form.day("valid_from"), form.day("valid_to")
    if starts and ends and ends < starts:
        context.problem(form.place("valid_to"), f"{form.what} ends before it begins")
    title = form.label("title", required=True) or Label(code, code)
    if not code:
        return None
    return PolicyData(
        code=code,
        title=title,
        text=text,
        items=items,
        groups=tuple(groups[name] for name in root.at(["groups"]).entries or () if name in groups),
        number=form.text("number"),
        issuer=issuer,
        level=form.choice("level", LEVELS, default="zone"),  # type: ignore[arg-type]
        issued=form.day("issued"),
        valid_from=starts,
        valid_to=ends,
        url=form.text("url"),
        replaces=replaces,
        proposal=form.flag("proposal"),
        themes=themes,
        part=part,
        parent=parent,
        origin=root.origin,
    )


def _item(context: Context, form: Form, dictionary: Dictionary, text: str, groups: Mapping[str, Group]) -> ItemData:
    code = form.text("code", required=True)
    form.what = f"the item {code}" if code else form.what
    grants, department = form.optional("grants"), form.optional("department")
    if grants:
        context.refer(form.place("grants"), "code", grants, of="designations")
    if department:
        context.refer(form.place("department"), "organisation", department)
    summary = form.label("summary")
    if summary and len(summary.zh) > _LONGEST_SUMMARY:
        message = f"the summary of {form.what} has {len(summary.zh)} characters"
        context.problem(form.place("summary").at(["zh"]), message, f"say it in {_LONGEST_SUMMARY}")
    data, condition = None, None
    if "conditions" in form:
        node = form.place("conditions")
        data = plain(node.data())
        condition = read_condition(context, node, data, dictionary, text)
    else:
        form.missing("conditions")
    scores = _scores(context, form, dictionary)
    return ItemData(
        code=code,
        name=form.label("name", required=True) or Label(code, code),
        kind=form.choice("kind", ("support", "recognition"), required=True, default="support"),  # type: ignore[arg-type]
        conditions=data,
        condition=condition,
        summary=summary,
        benefit=_benefit(context, form, dictionary),
        grants=grants,
        scores=scores,
        stacking=read_stacking(context, form, groups, text),
        allocation=read_allocation(context, form, dictionary, text),
        window=_window(context, form),
        department=department,
        papers=form.texts("papers"),
        cases=tuple(
            _case(context, entry, dictionary, scores)
            for entry in form.forms("cases", f"a case of {form.what}", _CASE_KEYS)
        ),
        origin=form.node.origin,
    )


def plain(data: Any) -> Any:
    """A tree of data fit for JSON: dates as ISO texts."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data.isoformat() if hasattr(data, "isoformat") else data


def _benefit(context: Context, parent: Form, dictionary: Dictionary) -> Benefit | None:
    form = parent.form("benefit", f"the benefit of {parent.what}", ("kind", "amount", "note"))
    if form is None:
        return None
    amount = form.optional("amount")
    expr = read_expression(context, form.place("amount"), amount, dictionary, "money") if amount else None
    kind = form.choice("kind", BENEFIT_KINDS, required=True, default="奖励")
    return Benefit(kind, amount, form.label("note"), expr)  # type: ignore[arg-type]


def _scores(context: Context, parent: Form, dictionary: Dictionary) -> tuple[Score, ...]:
    form = parent.form("scores", f"scores of {parent.what}", parent.place("scores").entries or ())
    found = []
    for code in form.entries if form else ():
        inner = Form(context, parent.place("scores").at([code]), f"the score {code}", ("label", "expr"))
        text = inner.text("expr", required=True)
        parsed = read_expression(context, inner.place("expr"), text, dictionary, "number") if text else None
        found.append(Score(code, inner.label("label", required=True) or Label(code, code), text, parsed))
    return tuple(found)


def _window(context: Context, parent: Form) -> Window | None:
    form = parent.form("window", f"the window of {parent.what}", ("opens", "closes"))
    if form is None:
        return None
    window = Window(form.day("opens"), form.day("closes"))
    if window.opens and window.closes and window.closes < window.opens:
        context.problem(form.place("closes"), f"{form.what} closes before it opens")
    return window


def _case(context: Context, form: Form, dictionary: Dictionary, scores: tuple[Score, ...]) -> GoldenCase:
    name = form.text("name", required=True)
    form.what = f"the case {name}" if name else form.what
    as_of = form.day("as_of", required=True)
    facts: dict[str, Mapping[int | None, Value]] = {}
    node = form.place("facts")
    for code, value in (node.entries or {}).items() if "facts" in form else ():
        variable = dictionary.get(code)
        if variable is None:
            line = Node(node.file, (node.key_lines or {}).get(code, value.line))
            context.problem(line, f"there is no variable {code}", nearest(code, dictionary.variables))
        elif not value.null:
            facts[code] = _fact(context, form, dictionary, variable, value)
    records = {
        code: _records(context, form, dictionary, code, value)
        for code, value in ((form.place("records").entries or {}).items() if "records" in form else ())
    }
    expected = form.choice("expect", ("true", "false", "unknown"), required=True, default="unknown")
    points = {}
    known = [score.code for score in scores]
    for code, value in (form.place("scores").entries or {}).items() if "scores" in form else ():
        if code not in known:
            context.problem(
                value, f"{form.what} expects the score {code}, which the item has not", nearest(code, known)
            )
        number = form.number_of(value, code)
        if number is not None:
            points[code] = number
    return GoldenCase(
        name=name,
        as_of=as_of or date.min,
        facts=facts,
        records=records,
        expect={"true": True, "false": False}.get(expected),
        value=form.decimal("value"),
        scores=points,
        origin=form.node.origin,
    )


def _fact(
    context: Context, form: Form, dictionary: Dictionary, variable: Variable, node: Node
) -> Mapping[int | None, Value]:
    """The values of one variable in a case: {None: value}, or {year: value} for a yearly one."""
    if variable.period == "none":
        value = _value(context, form, dictionary, variable, node)
        return {} if value is None else {None: value}
    if node.entries is None:
        context.problem(node, f"{variable.code} has one value a year", f"write {variable.code}: {{2025: …}}")
        return {}
    found: dict[int | None, Value] = {}
    for year, entry in node.entries.items():
        if not re.fullmatch(r"(19|20)\d\d", year):
            context.problem(entry, f"{year} is not a year")
        elif not entry.null:
            value = _value(context, form, dictionary, variable, entry)
            if value is not None:
                found[int(year)] = value
    return found


def _records(
    context: Context, form: Form, dictionary: Dictionary, code: str, node: Node
) -> tuple[Mapping[str, Value], ...]:
    """The records of one kind in a case: a list with the known fields of each."""
    terms = dictionary.record_terms(code)
    if terms is None:
        context.problem(node, f"there are no records {code}", nearest(code, dictionary.records))
        return ()
    found = []
    for entry in node.items or ():
        record: dict[str, Value] = {}
        for name, value in (entry.entries or {}).items():
            variable = terms.get(name)
            if variable is None:
                context.problem(value, f"the records {code} have no field {name}", nearest(name, terms.variables))
            elif not value.null:
                known = _value(context, form, terms, variable, value)
                if known is not None:
                    record[name] = known
        found.append(record)
    if node.items is None:
        context.problem(node, f"{code} holds a list of records", "write a line with - for each")
    return tuple(found)


def _value(context: Context, form: Form, dictionary: Dictionary, variable: Variable, node: Node) -> Value | None:
    codelist = dictionary.codelist_of(variable)
    try:
        if variable.type == "codes":
            parts = [entry.text for entry in node.items] if node.items is not None else [node.text]
            codes = [parse_value(variable, part, codelist=codelist) for part in parts]
            return frozenset().union(*(code for code in codes if isinstance(code, frozenset)))
        if node.items is not None or node.entries is not None:
            context.problem(node, f"{variable.code} in {form.what} must be one value")
            return None
        # In YAML 2_0000_0000 is a number: the groups are for the eye.
        text = node.text.replace("_", "") if variable.numeric else node.text
        value = parse_value(variable, text, variable.unit, codelist)
    except ValueError as error:
        cure = nearest(node.text, codelist.by_code) if codelist and node.text else ""
        context.problem(node, f"{variable.code} in {form.what}: {error}", cure)
        return None
    return None if value is UNKNOWN else value
