"""Which recommender an applicant belongs to, and which unit below sees it first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from accounts import regions
from accounts.models import Organisation
from calls.models import Call
from calls.programme import Step

K = Organisation.Kind
LOCAL = (K.DISTRICT, K.CITY, K.SEPARATE_CITY, K.PROVINCE)
"""Units that recommend by region, the nearest first."""
CHOSEN = (K.CORPS, K.CENTRAL_GROUP, K.MINISTRY_BODY, K.INDUSTRY_BODY)
"""Units that the applicant chooses instead of the one of its region."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How an applicant may file in a call: by where it is registered, or through a unit it
    belongs to. ``own`` is the unit above it where that one recommends."""

    local: list[Organisation]
    chosen: list[Organisation]
    own: Organisation | None = None

    @property
    def all(self) -> list[Organisation]:
        """The units, the usual one first."""
        first = [self.own] if self.own else []
        return [*first, *self.local, *(unit for unit in self.chosen if unit != self.own)]


def ways(call: Call, organisation: Organisation) -> Ways:
    """The units this applicant may file through; none at all = the programme has no such step.

    By registration it is the unit of its region: a 计划单列市 before its province. Where a
    programme goes through districts and only the applicant's city is known, it chooses among the
    city's. Central groups, ministry units, industry bodies and the corps are chosen instead, where
    the programme knows them.
    """
    if not call.programme.has(Step.RECOMMENDATION):
        return Ways([], [])
    kinds = {str(kind) for kind in call.programme.recommender_kinds}
    found = Organisation.objects.filter(kind__in=kinds).order_by("name")
    chosen = [unit for unit in found if unit.kind in CHOSEN]
    own = next((unit for unit in chosen if unit.pk == organisation.parent_id), None)
    return Ways(_local(found, organisation), chosen, own)


def recommenders(call: Call, organisation: Organisation) -> list[Organisation]:
    """The units this applicant may file through, the usual one first."""
    return ways(call, organisation).all


def _local(found: Collection[Organisation], organisation: Organisation) -> list[Organisation]:
    for kind in LOCAL:
        fitting = [
            unit
            for unit in found
            if unit.kind == kind and regions.lies_in(organisation.region, unit.region)
        ]
        if fitting:
            return fitting[:1]
    return [
        unit
        for unit in found
        if unit.kind in LOCAL and regions.lies_in(unit.region, organisation.region)
    ]


def preselector(
    organisation: Organisation, recommender: Organisation | None
) -> Organisation | None:
    """The lowest unit below the recommender in the applicant's region, where there is one."""
    if recommender is None or recommender.kind not in LOCAL:
        return None
    below = [
        unit
        for unit in Organisation.objects.filter(
            kind__in=(K.DISTRICT, K.CITY), parent__isnull=False
        ).select_related("parent")
        if recommender.pk in (unit.parent_id, unit.parent.parent_id if unit.parent else None)
        and regions.lies_in(organisation.region, unit.region)
    ]
    below.sort(key=lambda unit: unit.kind != K.DISTRICT)
    return below[0] if below else None
