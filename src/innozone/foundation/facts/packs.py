"""Taking a zone pack into the database: organisations, places, datasets, the dictionary. All of it or nothing."""

from __future__ import annotations

import hashlib

from django.db import transaction

from innozone.foundation.facts import dictionary
from innozone.foundation.facts.models import Dataset, PackLoad
from innozone.foundation.facts.plain import to_data
from innozone.foundation.parties.models import Party
from innozone.foundation.parties.packs import load_organisations, load_places
from innozone.kernel.packs import Pack

# Changes when the shape of what is stored changes, so that an unchanged pack is loaded again.
_SHAPE = "1"


@transaction.atomic
def load(pack: Pack) -> PackLoad:
    """Put the pack in force. A pack that is in force already is not loaded again.

    A dataset that the pack no longer has goes out of use; what it delivered stays.
    """
    digest = hashlib.sha256(f"{_SHAPE}:{pack.version}".encode()).hexdigest()
    newest = PackLoad.objects.order_by("-id").first()
    if newest and newest.digest == digest and newest.zone == pack.code:
        return newest
    load_organisations(pack)
    load_places(pack)
    owners = dict(Party.objects.filter(code__isnull=False).values_list("code", "id"))
    Dataset.objects.bulk_create(
        [
            Dataset(
                code=contract.code,
                title=contract.title.zh,
                title_en=contract.title.en,
                owner_id=owners[contract.owner],
                contract=to_data(contract),
                active=True,
            )
            for contract in pack.datasets.values()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["title", "title_en", "owner", "contract", "active"],
    )
    Dataset.objects.exclude(code__in=list(pack.datasets)).update(active=False)
    head = {
        "code": pack.code,
        "title": to_data(pack.title),
        "subtitle": to_data(pack.subtitle),
        "currency": pack.currency,
        "timezone": pack.timezone,
        "colour": pack.colour,
        "region": pack.region,
        "centre": pack.centre,
        "bounds": pack.bounds,
        "version": pack.version,
    }
    loaded = PackLoad.objects.create(
        zone=pack.code, digest=digest, data={"pack": head, **dictionary.dictionary_data(pack.dictionary)}
    )
    dictionary.forget()
    return loaded
