"""Organisations and parks of a pack."""

from __future__ import annotations

from decimal import Decimal

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import Measure, Organisation, Park
from innozone.kernel.terms import UNITS, Label

_ORGANISATION_KEYS = ("code", "title", "kind", "aliases", "parent", "region", "level", "source", "fields")
_PARK_KEYS = (
    *("code", "title", "kind", "aliases", "region", "part_of", "hosts", "area", "floor_area", "investment"),
    *("buildings", "industries", "source"),
)


def read_organisations(context: Context, root: Node) -> list[Organisation]:
    """The file `organisations.yaml`: a list under `organisations`."""
    top = Form(context, root, "organisations.yaml", ("organisations",))
    found = []
    for form in top.forms("organisations", "an organisation", _ORGANISATION_KEYS, required=True):
        code = form.text("code", required=True)
        form.what = f"the organisation {code}" if code else form.what
        kind = form.text("kind", required=True)
        if kind:
            context.refer(form.place("kind"), "code", kind, of="organisation_kinds")
        for key, table, of in (
            ("parent", "organisation", ""),
            ("region", "code", "regions"),
            ("level", "code", "levels"),
        ):
            if key in form:
                context.refer(form.place(key), table, form.text(key), of=of)
        title = form.label("title", required=True, english=False) or Label(code, code)
        if code:
            found.append(
                Organisation(
                    code,
                    title,
                    kind,
                    form.texts("aliases"),
                    form.optional("parent"),
                    form.optional("region"),
                    form.text("level"),
                    form.text("source"),
                    form.texts("fields"),
                    form.node.origin,
                )
            )
    return found


def read_parks(context: Context, root: Node) -> list[Park]:
    """The file `parks.yaml`: a list under `parks`."""
    top = Form(context, root, "parks.yaml", ("parks",))
    found = []
    for form in top.forms("parks", "a park", _PARK_KEYS, required=True):
        code = form.text("code", required=True)
        form.what = f"the park {code}" if code else form.what
        kind = form.text("kind", required=True)
        if kind:
            context.refer(form.place("kind"), "code", kind, of="park_kinds")
        if "region" in form:
            context.refer(form.place("region"), "code", form.text("region"), of="regions")
        if "part_of" in form:
            context.refer(form.place("part_of"), "park", form.text("part_of"))
        hosts = form.texts("hosts")
        for host in hosts:
            context.refer(form.place("hosts"), "organisation", host)
        title = form.label("title", required=True, english=False) or Label(code, code)
        if code:
            found.append(
                Park(
                    code,
                    title,
                    kind,
                    form.texts("aliases"),
                    form.optional("region"),
                    form.optional("part_of"),
                    hosts,
                    _measure(form, "area", "area"),
                    _measure(form, "floor_area", "area"),
                    _measure(form, "investment", "money"),
                    form.integer("buildings"),
                    form.texts("industries"),
                    form.text("source"),
                    form.node.origin,
                )
            )
    return found


def _measure(parent: Form, key: str, kind: str) -> Measure | None:
    form = parent.form(key, f"{key} of {parent.what}", ("value", "unit", "approximate"))
    if form is None:
        return None
    unit = form.text("unit", required=True)
    fitting = [code for code, entry in UNITS.items() if entry.kind == kind]
    if unit not in fitting:
        form.context.problem(form.place("unit"), f"unit of {form.what} cannot be {unit}", nearest(unit, fitting))
        unit = fitting[0]
    value = form.decimal("value")
    if value is None:
        if "value" not in form:
            form.missing("value")
        return None
    return Measure(Decimal(value), unit, form.flag("approximate"))
