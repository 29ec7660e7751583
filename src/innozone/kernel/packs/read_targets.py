"""Targets of the plan: what is to be reached by when, and how the figure is counted from facts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import DatasetContract, TargetData
from innozone.kernel.packs.rulecheck import read_condition, read_expression
from innozone.kernel.terms import UNITS, Dictionary, Label

_KEYS = ("code", "section", "indicator", "value", "unit", "deadline", "actual")
_ACTUAL_KEYS = ("count", "sum", "ratio", "where", "records", "field", "codes", "from")
_WAYS = ("count", "sum", "ratio", "records")
#: What rules count in for each kind of unit of a target.
_BASES = {"money": "元", "ratio": "", "persons": "人", "items": "个"}


def read_targets(context: Context, root: Node) -> list[tuple[TargetData, Node]]:
    """The file `targets.yaml`: a list under `targets`, each with its place."""
    top = Form(context, root, "targets.yaml", ("targets",))
    found = []
    for form in top.forms("targets", "a target", _KEYS, required=True):
        code = form.text("code", required=True)
        form.what = f"the target {code}" if code else form.what
        deadline = form.integer("deadline")
        if deadline is None or not 2000 <= deadline <= 2100:
            context.problem(form.place("deadline"), f"deadline of {form.what} must be a year", "write deadline: 2025")
            deadline = 2000
        unit = form.text("unit")
        target = TargetData(
            code=code,
            section=form.text("section", required=True),
            indicator=form.label("indicator", required=True) or Label(code, code),
            deadline=deadline,
            value=form.decimal("value"),
            unit=unit,
            actual=_actual(form),
            scale=UNITS[unit].factor if unit in UNITS and UNITS[unit].kind in _BASES else Decimal(1),
            origin=form.node.origin,
        )
        if code:
            found.append((target, form.node))
    return found


def check_target(
    context: Context,
    node: Node,
    target: TargetData,
    dictionary: Dictionary,
    datasets: Mapping[str, DatasetContract],
) -> None:
    """The expressions are sound and the records are those of a dataset of the pack."""
    actual = target.actual or {}
    for key in ("count", "where"):
        if key in actual:
            read_condition(context, node.at(["actual", key]), actual[key], dictionary, "")
    if "sum" in actual:
        read_expression(context, node.at(["actual", "sum"]), str(actual["sum"]), dictionary, "number")
    for position, text in enumerate(actual.get("ratio", ())):
        read_expression(context, node.at(["actual", "ratio", position]), str(text), dictionary, "number")
    if "records" in actual:
        dataset = datasets.get(actual["records"])
        here = node.at(["actual", "records"])
        if dataset is None or dataset.kind != "records":
            known = [code for code, contract in datasets.items() if contract.kind == "records"]
            context.problem(
                here, f"there is no dataset of records {actual['records']}", nearest(actual["records"], known)
            )
            return
        field = dataset.field(actual.get("field", ""))
        if field is None:
            names = [entry.name for entry in dataset.fields]
            context.problem(
                here, f"{dataset.code} has no field {actual.get('field')}", nearest(str(actual.get("field")), names)
            )
            return
        codelist = dictionary.codelists.get(field.codelist or "")
        for code in actual.get("codes", ()):
            if codelist is not None and code not in codelist:
                context.problem(
                    node.at(["actual", "codes"]),
                    f"there is no code {code} in {codelist.code}",
                    nearest(code, codelist.by_code),
                )


def _actual(parent: Form) -> dict[str, Any] | None:
    form = parent.form("actual", f"actual of {parent.what}", _ACTUAL_KEYS)
    if form is None:
        return None
    ways = [way for way in _WAYS if way in form]
    if len(ways) != 1:
        form.context.problem(form.node, f"{form.what} has exactly one of {', '.join(_WAYS)}")
        return None
    data = form.node.data()
    if "ratio" in data and not (isinstance(data["ratio"], list) and len(data["ratio"]) == 2):
        form.context.problem(form.place("ratio"), f"ratio of {form.what} holds two expressions", "write [above, below]")
        return None
    if "records" in data and not ("field" in data and isinstance(data.get("codes"), list)):
        form.context.problem(form.node, f"{form.what} says not which records", "add field: and codes: […]")
        return None
    if "from" in data:
        day = form.day("from")
        data["from"] = day.isoformat() if day else None
    return dict(data)
