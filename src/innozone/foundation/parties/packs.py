"""Organisations and places of a zone pack as parties and places."""

from __future__ import annotations

from innozone.foundation.parties.models import Party, PartyKind, PartyName, Place
from innozone.foundation.parties.names import name_key
from innozone.kernel.packs import Pack
from innozone.kernel.packs.model import Measure

# Top of the pack's list `organisation_kinds` → kind of party. Companies that the plan names are no enterprises of the
# registry: they bear no figures until the registry delivers them under their credit code.
_KINDS = {"government": PartyKind.DEPARTMENT, "institution": PartyKind.INSTITUTION}


def load_organisations(pack: Pack) -> None:
    """Departments, institutions and providers of the pack become parties; their aliases become names."""
    kinds = pack.codelists.get("organisation_kinds")

    def kind_of(code: str) -> PartyKind:
        for top, kind in _KINDS.items():
            if kinds is not None and top in kinds and kinds.within(code, top):
                return kind
        return PartyKind.PROVIDER

    Party.objects.bulk_create(
        [
            Party(kind=kind_of(entry.kind), code=entry.code, name=entry.title.zh, name_en=entry.title.en)
            for entry in pack.organisations.values()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["kind", "name", "name_en"],
    )
    ids = dict(Party.objects.filter(code__in=list(pack.organisations)).values_list("code", "id"))
    PartyName.objects.bulk_create(
        [
            PartyName(party_id=ids[entry.code], name=name, key=name_key(name), kind=kind)
            for entry in pack.organisations.values()
            for name, kind in (
                (entry.title.zh, PartyName.Kind.CURRENT),
                *((alias, PartyName.Kind.SHORT) for alias in entry.aliases),
            )
        ],
        ignore_conflicts=True,
    )


def load_places(pack: Pack) -> None:
    """Parks and carriers of the pack become places. `data` holds areas in m² and investment in 元."""
    Place.objects.bulk_create(
        [
            Place(
                code=park.code,
                kind=park.kind,
                name=park.title.zh,
                name_en=park.title.en,
                region=park.region or "",
                data={
                    key: value
                    for key, value in {
                        "part_of": park.part_of,
                        "hosts": list(park.hosts),
                        "industries": list(park.industries),
                        "buildings": park.buildings,
                        "area": _measure(park.area),
                        "floor_area": _measure(park.floor_area),
                        "investment": _measure(park.investment),
                        "source": park.source,
                    }.items()
                    if value
                },
            )
            for park in pack.parks.values()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["kind", "name", "name_en", "region", "data"],
    )


def _measure(measure: Measure | None) -> dict[str, object] | None:
    if measure is None:
        return None
    return {
        "value": str(measure.value),
        "unit": measure.unit,
        "base": float(measure.base),
        "approximate": measure.approximate,
    }
