"""Targets of the plan from the zone pack."""

from __future__ import annotations

from django.db import transaction

from innozone.kernel.packs import Pack
from innozone.wings.supervision.models import Target


@transaction.atomic
def load(pack: Pack) -> int:
    """Takes the pack's targets in, those it no longer has out; their number."""
    Target.objects.exclude(code__in=list(pack.targets)).delete()
    Target.objects.bulk_create(
        [
            Target(
                code=data.code,
                section=data.section,
                indicator=data.indicator.zh,
                indicator_en=data.indicator.en,
                value=data.value,
                unit=data.unit,
                deadline=data.deadline,
                actual=dict(data.actual) | {"scale": str(data.scale)} if data.actual else None,
            )
            for data in pack.targets.values()
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["section", "indicator", "indicator_en", "value", "unit", "deadline", "actual"],
    )
    return len(pack.targets)
