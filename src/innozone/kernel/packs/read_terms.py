"""Variables and code lists of a pack."""

from __future__ import annotations

from dataclasses import dataclass, field

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import Origin
from innozone.kernel.packs.read_efforts import EFFORT_KEYS
from innozone.kernel.terms import UNITS, Aggregate, Code, Label, Variable
from innozone.kernel.terms.dictionary import TYPES

_VARIABLE_KEYS = (
    *("code", "label", "type", "unit", "period", "category", "entity", "classification", "codelist"),
    *("formula", "aggregate", "precedence", "mutable", "breakdown", "description", "minimum", "maximum", "papers"),
)
_AGGREGATE_KEYS = ("dataset", "function", "of", "where", "valid", "within_years")
_DEFAULTS = ("type", "unit", "period", "category", "entity", "classification", "codelist", "precedence", "mutable")
_PERIODS = ("none", "year")
_CLASSIFICATIONS = ("public", "internal", "sensitive", "secret")
_FUNCTIONS = ("count", "sum", "codes", "latest", "exists")
_LIST_KEYS = ("code", "label", "version", "valid_from", "source", "extends", "streets_of", "entries")
_ENTRY_KEYS = ("code", "zh", "en", "parent", "aliases", "below")
# The unit in which values of a type are stored; other types take any unit of the table, or none.
_FIXED_UNIT = {"money": "元", "ratio": ""}


@dataclass(slots=True)
class ListDraft:
    """A code list as one file gives it: its own entries, and what it is built upon."""

    code: str
    label: Label | None
    entries: list[Code]
    origin: Origin
    origins: dict[str, Origin] = field(default_factory=dict)
    version: str = ""
    valid_from: str = ""
    source: str = ""
    extends: bool = False
    streets_of: tuple[str, ...] = ()


def read_variables(context: Context, root: Node) -> list[tuple[Variable, Node]]:
    """The variables of one file: `category`, `defaults` for all of them, `variables`; a file may hold efforts alone."""
    top = Form(context, root, "a file of variables", ("category", "defaults", "variables", *EFFORT_KEYS))
    defaults = top.form("defaults", "defaults", _DEFAULTS)
    shared = dict(defaults.entries) if defaults else {}
    if "category" in top:
        shared.setdefault("category", top.entries["category"])
    found = []
    alone = "efforts" in top or "record_efforts" in top
    for form in top.forms("variables", "a variable", _VARIABLE_KEYS, required=not alone):
        own = set(form.entries)
        form.entries = {**shared, **form.entries}
        if "type" in own and "unit" not in own:
            # The default unit belongs to the default type.
            form.entries.pop("unit", None)
        variable = _variable(context, form)
        if variable:
            found.append((variable, form.node))
    return found


def _variable(context: Context, form: Form) -> Variable | None:
    code = form.text("code", required=True)
    form.what = f"the variable {code}" if code else form.what
    if code and not (code.isidentifier() and code.islower()):
        context.problem(form.place("code"), f"{code} is not a code for a variable", "use small letters, digits and _")
    kind = form.choice("type", TYPES, required=True, default="text")
    unit = form.text("unit", default=_FIXED_UNIT.get(kind, ""))
    if unit not in UNITS:
        context.problem(form.place("unit"), f"unit of {form.what} is unknown: {unit}", nearest(unit, UNITS))
    elif kind in _FIXED_UNIT and unit != _FIXED_UNIT[kind]:
        wanted = _FIXED_UNIT[kind] or '""'
        context.problem(
            form.place("unit"), f"{form.what} is {kind}, so it is stored in {wanted}", f"write unit: {wanted}"
        )
        unit = _FIXED_UNIT[kind]
    codelist = form.optional("codelist")
    if kind in {"code", "codes"} and not codelist:
        context.problem(form.node, f"{form.what} is of type {kind} and names no codelist", "add codelist: <code>")
    if codelist and kind not in {"code", "codes"}:
        context.problem(form.place("codelist"), f"{form.what} is of type {kind}", "a codelist needs type code or codes")
    if codelist:
        context.refer(form.place("codelist"), "codelist", codelist)
    category = form.text("category")
    if category:
        context.refer(form.place("category"), "code", category, of="variable_categories")
    precedence = form.texts("precedence")
    for dataset in precedence:
        context.refer(form.place("precedence"), "dataset", dataset)
    formula, aggregate = form.optional("formula"), _aggregate(context, form)
    breakdown = form.flag("breakdown", False)
    if breakdown and kind not in ("code", "codes"):
        context.problem(form.place("breakdown"), f"{form.what} has no codes to break figures down by", "leave it out")
    if formula and aggregate:
        context.problem(form.place("formula"), f"{form.what} has both a formula and an aggregate", "keep one of them")
    label = form.label("label", required=True) or Label(code, code)
    if not code:
        return None
    return Variable(
        code=code,
        label=label,
        type=kind,  # type: ignore[arg-type]
        unit=unit,
        period=form.choice("period", _PERIODS, default="none"),  # type: ignore[arg-type]
        category=category,
        entity=form.text("entity", default="enterprise"),
        classification=form.choice("classification", _CLASSIFICATIONS, default="internal"),  # type: ignore[arg-type]
        codelist=codelist,
        formula=formula,
        aggregate=aggregate,
        precedence=precedence,
        mutable=form.flag("mutable", True),
        description=form.label("description"),
        minimum=form.number("minimum"),
        maximum=form.number("maximum"),
        breakdown=breakdown,
        papers=form.texts("papers"),
    )


def _aggregate(context: Context, parent: Form) -> Aggregate | None:
    form = parent.form("aggregate", f"the aggregate of {parent.text('code')}", _AGGREGATE_KEYS)
    if form is None:
        return None
    dataset = form.text("dataset", required=True)
    function = form.choice("function", _FUNCTIONS, required=True, default="count")
    of = form.optional("of")
    if function in {"sum", "codes", "latest"} and not of:
        form.missing("of")
    where: dict[str, tuple[str, ...]] = {}
    conditions = (
        form.form("where", f"where of {form.what}", form.entries["where"].entries or ()) if "where" in form else None
    )
    if conditions:
        where = {column: conditions.texts(column) for column in conditions.entries}
    if dataset:
        context.refer(form.place("dataset"), "dataset", dataset)
        for column in (of, *where):
            if column:
                context.refer(form.place("of" if column == of else "where"), "field", column, of=dataset)
        for column, codes in where.items():
            for code in codes:
                context.refer(form.place("where"), "field value", code, of=f"{dataset}.{column}")
        if form.flag("valid"):
            context.refer(form.place("valid"), "validity", "valid_to", of=dataset)
        if "within_years" in form:
            context.refer(form.place("within_years"), "validity", "date", of=dataset)
    return Aggregate(dataset, function, of, where, form.flag("valid"), form.integer("within_years"))  # type: ignore[arg-type]


def read_codelists(context: Context, root: Node) -> list[ListDraft]:
    """The code lists of one file: one list, or a sequence of lists."""
    nodes = root.items if root.items is not None else [root]
    found = []
    for node in nodes:
        form = Form(context, node, "a code list", _LIST_KEYS)
        code = form.text("code", required=True)
        form.what = f"the code list {code}" if code else form.what
        extends = form.flag("extends")
        draft = ListDraft(
            code=code,
            label=form.label("label", required=not extends),
            entries=[],
            origin=node.origin,
            version=form.text("version"),
            valid_from=form.text("valid_from"),
            source=form.text("source"),
            extends=extends,
            streets_of=form.texts("streets_of"),
        )
        if not draft.source.startswith("npm:"):
            form.nodes("entries", required=True)
        for entry in form.nodes("entries"):
            _entry(context, draft, entry, None)
        if code:
            found.append(draft)
    return found


def _entry(context: Context, draft: ListDraft, node: Node, above: str | None) -> None:
    form = Form(context, node, f"an entry of {draft.code}", _ENTRY_KEYS)
    code = form.text("code", required=True)
    if above is not None and "parent" in form:
        context.problem(form.place("parent"), f"{code} stands below {above} and names a parent too", "leave parent out")
    parent = above or form.optional("parent")
    if code in draft.origins:
        context.problem(
            node, f"code {code} stands twice in {draft.code}", f"the first is in line {draft.origins[code].line}"
        )
        return
    if not code:
        return
    draft.origins[code] = node.origin
    draft.entries.append(
        Code(code, Label(form.text("zh", required=True), form.text("en")), parent, form.texts("aliases"))
    )
    if above is None and parent:
        context.refer(form.place("parent"), "code", parent, of=draft.code)
    for child in form.nodes("below"):
        _entry(context, draft, child, code)
