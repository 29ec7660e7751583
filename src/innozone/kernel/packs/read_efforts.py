"""What it takes to change a fact: `efforts` and `record_efforts` of the files in `variables/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from innozone.kernel.packs.marked import Context, Form, Node
from innozone.kernel.packs.model import DatasetContract
from innozone.kernel.terms import Effort, Variable, parse_number
from innozone.kernel.terms.effort import DIRECTIONS

#: The keys of a file of variables that are read here.
EFFORT_KEYS = ("efforts", "record_efforts", "proposal")

_KEYS = ("fixed", "each", "unit", "share", "direction", "codes")


def read_efforts(context: Context, root: Node) -> Iterator[tuple[str, str, Node, bool]]:
    """(kind, code, node, proposal) for every effort of a file; the kind is "variable" or "dataset" (of records)."""
    if root.entries is None:
        return
    top = Form(context, root, "a file of variables", root.entries)
    for key, kind in (("efforts", "variable"), ("record_efforts", "dataset")):
        node = root.entries.get(key)
        if node is None:
            continue
        if node.entries is None:
            context.problem(node, f"{key} must be a mapping of codes to efforts")
        for code, entry in (node.entries or {}).items():
            context.refer(entry, kind, code)
            yield kind, code, entry, top.flag("proposal")


def with_effort(context: Context, variable: Variable, node: Node, proposal: bool) -> Variable:
    """The variable with its effort; what does not fit its type is noted."""
    form = Form(context, node, f"the effort of {variable.code}", _KEYS)
    each, unit, share = _points(form, "each"), _amount(form, "unit", variable.unit), _amount(form, "share", "")
    measured = variable.numeric or variable.type == "date"
    if variable.formula is not None:
        cure = "give efforts to the facts that its formula reads"
        context.problem(node, f"{variable.code} is computed: it changes only with other facts", cure)
    if not measured and any(key in form for key in ("each", "unit", "share")):
        context.problem(node, f"{variable.code} is {variable.type} and has no units or shares", "write fixed: …")
    elif each and (unit is None) is (share is None):
        context.problem(
            node, f"{form.what} says not for how much each is", "write unit: 10万 or share: 10%, one of them"
        )
    elif not each and not (unit is None and share is None):
        context.problem(node, f"{form.what} says not what each unit or share takes", "add each: …")
    return replace(
        variable,
        effort=Effort(
            fixed=_points(form, "fixed"),
            each=each,
            unit=unit,
            share=share,
            direction=form.choice("direction", DIRECTIONS, default="both"),  # type: ignore[arg-type]
            codes=_codes(context, form, variable.codelist),
            proposal=proposal,
        ),
    )


def with_record_effort(context: Context, contract: DatasetContract, node: Node, proposal: bool) -> DatasetContract:
    """The dataset with what one more of its records takes."""
    form = Form(context, node, f"the effort of a record of {contract.code}", ("fixed",))
    if contract.kind != "records":
        cure = "write it under efforts, by variable"
        context.problem(node, f"{contract.code} holds attributes and no records", cure)
    effort = Effort(fixed=_points(form, "fixed"), direction="up", proposal=proposal)
    return replace(contract, effort=effort)


def _points(form: Form, key: str) -> float:
    found = form.number(key) or 0.0
    if found < 0:
        form.context.problem(form.place(key), f"{key} of {form.what} is below zero")
    return max(found, 0.0)


def _amount(form: Form, key: str, unit: str) -> float | None:
    """An amount as people write it, `10万` or `10%`."""
    if key not in form:
        return None
    try:
        found = float(parse_number(form.text(key), unit, unit))
    except ValueError as error:
        form.context.problem(form.place(key), f"{key} of {form.what}: {error}")
        return None
    if found <= 0:
        form.context.problem(form.place(key), f"{key} of {form.what} must be above zero")
        return None
    return found


def _codes(context: Context, form: Form, codelist: str | None) -> dict[str, float]:
    inner = (
        form.form("codes", f"codes of {form.what}", form.entries["codes"].entries or ()) if "codes" in form else None
    )
    if inner is None:
        return {}
    if codelist is None:
        context.problem(form.place("codes"), f"{form.what} has codes, but the variable has no code list")
        return {}
    for code in inner.entries:
        context.refer(inner.place(code), "code", code, of=codelist)
    return {code: _points(inner, code) for code in inner.entries}
