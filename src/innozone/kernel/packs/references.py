"""References between the files of a pack: every name used must be a name given, with the nearest one as cure."""

from __future__ import annotations

from typing import Any

from innozone.kernel.packs.folders import Draft
from innozone.kernel.packs.marked import Context, nearest
from innozone.kernel.packs.model import DatasetContract, Origin
from innozone.kernel.terms import Dictionary


def check_references(
    context: Context,
    draft: Draft,
    dictionary: Dictionary,
    datasets: dict[str, DatasetContract],
    failed: set[str],
    base: bool,
) -> None:
    tables: dict[str, Any] = {
        "variable": dictionary.variables,
        "codelist": {**dictionary.codelists, **dict.fromkeys(failed)},
        "dataset": datasets,
        "organisation": draft.organisations,
        "park": draft.parks,
        "policy": draft.policies,
    }
    for origin, kind, code, of in context.references:
        if kind in tables:
            if code not in tables[kind] and not (base and kind == "dataset"):
                context.problem(origin, f"there is no {kind} {code}", nearest(code, tables[kind]))
        elif kind == "code":
            codelist = dictionary.codelists.get(of)
            if codelist is None:
                if of not in failed:
                    context.problem(
                        origin, f"{code} is a code of the list {of}, which no file holds", f"add the list {of}"
                    )
            elif code not in codelist:
                found = codelist.find(code)
                cure = f"did you mean {found}?" if found else nearest(code, codelist.by_code)
                context.problem(origin, f"there is no code {code} in the list {of}", cure)
        else:
            _check_dataset_part(context, origin, kind, code, of, dictionary, datasets)


def _check_dataset_part(
    context: Context,
    origin: Origin,
    kind: str,
    code: str,
    of: str,
    dictionary: Dictionary,
    datasets: dict[str, DatasetContract],
) -> None:
    """References of an aggregate into its dataset: a field, a value of a field, a date of its validity."""
    contract = datasets.get(of.split(".", 1)[0])
    if contract is None:
        return
    if kind == "field":
        if contract.kind != "records":
            context.problem(origin, f"{contract.code} holds attributes; an aggregate needs records")
        elif contract.field(code) is None:
            names = [entry.name for entry in contract.fields]
            context.problem(origin, f"the dataset {of} has no field {code}", nearest(code, names))
    elif kind == "field value":
        entry = contract.field(of.split(".", 1)[1])
        codelist = dictionary.codelists.get(entry.codelist) if entry and entry.codelist else None
        if codelist is not None and code not in codelist:
            found = codelist.find(code)
            cure = f"did you mean {found}?" if found else nearest(code, codelist.by_code)
            context.problem(origin, f"there is no code {code} in the list {codelist.code} of {of}", cure)
    elif kind == "validity" and getattr(contract.validity, code) is None:
        context.problem(origin, f"the dataset {of} names no {code}", f"add validity: {{{code}: <field>}} to it")
