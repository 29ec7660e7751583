"""Dataset contracts of a pack (in the shape of the Open Data Contract Standard, kept small)."""

from __future__ import annotations

import codecs
import re

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import (
    FILE_TYPES,
    QUALITY_KINDS,
    RHYTHMS,
    Cadence,
    Column,
    DatasetContract,
    Field,
    FileFormat,
    QualityRule,
    Subject,
    Validity,
)
from innozone.kernel.terms import UNITS, Label, Variable
from innozone.kernel.terms.dictionary import TYPES

_KEYS = (
    *("code", "title", "owner", "kind", "purpose", "legal_basis", "cadence", "classification", "personal", "coverage"),
    *("format", "subject", "period", "key", "fields", "validity", "quality", "file_name", "creates"),
)
_FIELD_KEYS = (
    *("column", "aliases", "group", "variable", "field", "label", "type", "unit", "codelist", "required", "values"),
    *("classification", "minimum", "maximum"),
)
_QUALITY_KEYS = ("rule", "columns", "severity", "minimum", "maximum", "pattern", "message")
_BASE_UNIT = {unit.kind: code for code, unit in reversed(UNITS.items()) if unit.factor == 1}


def read_dataset(context: Context, root: Node) -> DatasetContract | None:
    """The contract in one file."""
    form = Form(context, root, "a dataset", _KEYS)
    code = form.text("code", required=True)
    form.what = f"the dataset {code}" if code else form.what
    owner = form.text("owner", required=True)
    if owner:
        context.refer(form.place("owner"), "organisation", owner)
    kind = form.choice("kind", ("attributes", "records"), required=True, default="attributes")
    fields = tuple(
        _field(context, entry, code, kind) for entry in form.forms("fields", "a field", _FIELD_KEYS, required=True)
    )
    names = [entry.name for entry in fields]
    for position, name in enumerate(names):
        if name and name in names[:position]:
            context.problem(
                form.nodes("fields")[position], f"{form.what} fills {name} from two columns", "keep one of them"
            )
    _headers(context, form, fields)
    key = form.texts("key")
    if kind == "records" and not key:
        context.problem(
            root, f"{form.what} holds records and names no key", "add key: [the fields that identify a record]"
        )
    _known(context, form, "key", key, names)
    title = form.label("title", required=True) or Label(code, code)
    if not code:
        return None
    return DatasetContract(
        code=code,
        title=title,
        owner=owner,
        kind=kind,  # type: ignore[arg-type]
        format=_format(context, form),
        subject=_subject(context, form),
        fields=fields,
        purpose=form.label("purpose"),
        legal_basis=form.text("legal_basis"),
        cadence=_cadence(form),
        classification=form.choice("classification", ("public", "internal", "sensitive", "secret"), default="internal"),  # type: ignore[arg-type]
        personal=form.flag("personal"),
        coverage=form.choice("coverage", ("complete", "partial"), default="partial"),  # type: ignore[arg-type]
        period=_column(context, form, "period"),
        key=key,
        validity=_validity(context, form, names),
        quality=tuple(
            _quality(context, entry, names) for entry in form.forms("quality", "a quality rule", _QUALITY_KEYS)
        ),
        file_name=form.text("file_name"),
        creates=form.choice("creates", ("enterprise",)) or None,  # type: ignore[arg-type]
        origin=root.origin,
    )


def _known(context: Context, form: Form, key: str, used: tuple[str, ...], names: list[str]) -> None:
    for name in used:
        if name not in names:
            context.problem(
                form.place(key), f"{key} of {form.what} names {name}, which no column fills", nearest(name, names)
            )


def _headers(context: Context, form: Form, fields: tuple[Field, ...]) -> None:
    seen: dict[tuple[str, str], str] = {}
    nodes = form.nodes("fields")
    for position, entry in enumerate(fields):
        for header in (entry.column, *entry.aliases):
            other = seen.setdefault((entry.group, header), entry.name)
            if other != entry.name:
                context.problem(
                    nodes[position], f"the header {header} stands for both {other} and {entry.name}", "rename one"
                )


def _field(context: Context, form: Form, dataset: str, kind: str) -> Field:
    column = form.text("column", required=True)
    form.what = f"the column {column} of {dataset}"
    variable, field = form.optional("variable"), form.optional("field")
    if kind == "attributes":
        if not variable:
            form.missing("variable")
        if field:
            context.problem(form.place("field"), f"{form.what} names a field", "datasets of attributes fill variables")
        for key in ("type", "codelist"):
            if key in form:
                context.problem(form.place(key), f"{key} of {form.what} is that of the variable", f"leave {key} out")
    else:
        if not field:
            form.missing("field")
        if variable:
            context.problem(form.place("variable"), f"{form.what} names a variable", "datasets of records fill fields")
    unit = form.text("unit")
    if unit not in UNITS:
        context.problem(form.place("unit"), f"unit of {form.what} is unknown: {unit}", nearest(unit, UNITS))
        unit = ""
    data_type = form.choice("type", TYPES, required=kind == "records", default="text")
    stored = {"money": "元", "ratio": ""}.get(data_type, _BASE_UNIT[UNITS[unit].kind] if unit else "")
    if kind == "records" and data_type == "money" and not unit:
        context.problem(form.node, f"{form.what} is money and names no unit", "add unit: 元 or 万元")
    if unit and kind == "records" and UNITS[unit].kind != UNITS[stored].kind:
        context.problem(form.place("unit"), f"{form.what} is {data_type} and cannot be in {unit}")
    codelist = form.optional("codelist")
    if codelist:
        context.refer(form.place("codelist"), "codelist", codelist)
    elif kind == "records" and data_type in {"code", "codes"}:
        context.problem(form.node, f"{form.what} is of type {data_type} and names no codelist", "add codelist: <code>")
    if variable:
        context.refer(form.place("variable"), "variable", variable)
    values = form.pairs("values")
    if codelist:
        for code in values.values():
            context.refer(form.place("values"), "code", code, of=codelist)
    return Field(
        column=column,
        type=data_type,  # type: ignore[arg-type]
        aliases=form.texts("aliases"),
        group=form.text("group"),
        variable=variable,
        field=field,
        label=form.label("label") or Label(column, field or variable or column),
        unit=unit,
        stored_unit=stored,
        codelist=codelist,
        required=form.flag("required"),
        values=values,
        classification=form.choice("classification", ("public", "internal", "sensitive", "secret"), default="internal"),  # type: ignore[arg-type]
        minimum=form.number("minimum"),
        maximum=form.number("maximum"),
    )


def finish_field(context: Context, place: Node, field: Field, variable: Variable, dataset: str) -> Field:
    """A column of an attributes dataset takes type, stored unit, code list and bounds from its variable."""
    unit = field.unit or variable.unit
    if variable.numeric and UNITS[unit].kind != UNITS[variable.unit].kind:
        context.problem(
            place.at(["unit"]),
            f"the column {field.column} of {dataset} is in {unit}, but {variable.code} is in {variable.unit or 'a ratio'}",
            "give a unit of the same kind",
        )
    if variable.derived:
        context.problem(
            place.at(["variable"]), f"{variable.code} is derived; a dataset cannot deliver it", "choose another"
        )
    return Field(
        column=field.column,
        type=variable.type,
        aliases=field.aliases,
        group=field.group,
        variable=field.variable,
        label=variable.label,
        unit=unit,
        stored_unit=variable.unit,
        codelist=variable.codelist,
        required=field.required,
        values=field.values,
        classification=variable.classification,
        minimum=variable.minimum,
        maximum=variable.maximum,
    )


def _column(context: Context, form: Form, key: str) -> Column | None:
    """`key: 年度`, or `key: {column: 年度, aliases: [年份]}`."""
    if key not in form:
        return None
    node = form.entries[key]
    if node.entries is None:
        return Column(form.text(key))
    inner = Form(context, node, f"{key} of {form.what}", ("column", "aliases", "group"))
    return Column(inner.text("column", required=True), inner.texts("aliases"), inner.text("group"))


def _subject(context: Context, form: Form) -> Subject:
    inner = form.form("subject", f"subject of {form.what}", ("credit_code", "name", "former_name"))
    if inner is None:
        form.missing("subject")
        return Subject()
    found = Subject(
        _column(context, inner, "credit_code"), _column(context, inner, "name"), _column(context, inner, "former_name")
    )
    if found.credit_code is None and found.name is None:
        context.problem(
            inner.node, f"{inner.what} names neither credit_code nor name", "name the column of one of them"
        )
    return found


def _format(context: Context, form: Form) -> FileFormat:
    inner = form.form("format", f"format of {form.what}", ("type", "encoding", "sheet", "header_rows", "delimiter"))
    if inner is None:
        form.missing("format")
        return FileFormat("csv")
    encoding = inner.text("encoding", default="utf-8")
    try:
        codecs.lookup(encoding)
    except LookupError:
        context.problem(inner.place("encoding"), f"the encoding {encoding} is unknown", nearest(encoding, _ENCODINGS))
    rows = inner.integer("header_rows") if "header_rows" in inner else 1
    if rows not in {1, 2, 3}:
        context.problem(inner.place("header_rows"), f"header_rows of {form.what} must be 1, 2 or 3")
    return FileFormat(
        inner.choice("type", FILE_TYPES, required=True, default="csv"),  # type: ignore[arg-type]
        encoding,
        inner.text("sheet"),
        rows or 1,
        inner.text("delimiter", default=","),
    )


_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")


def _cadence(form: Form) -> Cadence | None:
    inner = form.form("cadence", f"cadence of {form.what}", ("every", "due_day"))
    if inner is None:
        return None
    return Cadence(inner.choice("every", RHYTHMS, required=True, default="month"), inner.integer("due_day") or 0)  # type: ignore[arg-type]


def _validity(context: Context, form: Form, names: list[str]) -> Validity:
    inner = form.form("validity", f"validity of {form.what}", ("valid_from", "valid_to", "date"))
    if inner is None:
        return Validity()
    for key in ("valid_from", "valid_to", "date"):
        if key in inner:
            _known(context, inner, key, (inner.text(key),), names)
    return Validity(inner.optional("valid_from"), inner.optional("valid_to"), inner.optional("date"))


def _quality(context: Context, form: Form, names: list[str]) -> QualityRule:
    rule = form.choice("rule", QUALITY_KINDS, required=True, default="required")
    form.what = f"the quality rule {rule}"
    columns = form.texts("columns")
    if not columns and rule != "credit_code":
        form.missing("columns")
    _known(context, form, "columns", columns, [*names, "credit_code", "name", "former_name", "period"])
    if rule in {"date_order", "not_above"} and len(columns) < 2:
        context.problem(form.place("columns"), f"{form.what} compares two columns or more", "name them in order")
    if rule == "range" and "minimum" not in form and "maximum" not in form:
        context.problem(form.node, f"{form.what} has neither minimum nor maximum", "add one of them")
    pattern = form.text("pattern", required=rule == "pattern")
    try:
        re.compile(pattern)
    except re.error as error:
        context.problem(form.place("pattern"), f"the pattern {pattern} is not a regular expression: {error}")
    return QualityRule(
        rule,  # type: ignore[arg-type]
        columns,
        form.choice("severity", ("error", "warning"), default="error"),  # type: ignore[arg-type]
        form.number("minimum"),
        form.number("maximum"),
        pattern,
        form.label("message"),
    )
