"""Allotments and their place rows: made when a call opens, changed by the office."""

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from audit import services as audit
from audit.services import CLOCK, Actor
from calls.models import Call
from calls.programme import Quota, QuotaScope, Step
from core.errors import Refusal
from recommenders import letters, queries, quota
from recommenders.models import Allotment, Confirmation, Place, RankedList
from recommenders.services import ground


@transaction.atomic
def allot(call: Call, *, at: datetime, actor: Actor) -> int:
    """Give every recommender whose kind the programme names its places and its empty list.

    Run again it adds what is missing (units or directions that came later) and changes nothing
    else. Returns how many units were added to.
    """
    programme = call.programme
    if Step.RECOMMENDATION not in programme.steps:
        return 0
    directions = list(call.directions.values_list("key", flat=True))
    there = set(Allotment.objects.filter(call=call).values_list("organisation", "scope", "pool"))
    listed = set(RankedList.objects.filter(call=call).values_list("organisation", flat=True))
    added = 0
    for unit in Organisation.objects.filter(
        kind__in=[str(kind) for kind in programme.recommender_kinds]
    ).order_by("pk"):
        missing = [
            (row, scope)
            for row in programme.quotas_for(unit.kind)
            for scope in (directions if row.scope == QuotaScope.DIRECTION else [""])
            if (unit.pk, scope, row.pool) not in there
        ]
        for row, scope in missing:
            _allot_row(call, unit, row, scope, at=at)
        if unit.pk not in listed:
            RankedList.objects.get_or_create(call=call, organisation=unit)
        added += bool(missing)
    if added:
        audit.record(actor=actor, action="recommenders.allot", subject=call, at=at, units=added)
    return added


def allot_missing(*, at: datetime) -> int:
    """Allot units that were entered after their call opened. Run by the pulse."""
    return sum(
        allot(call, at=at, actor=CLOCK)
        for call in Call.objects.open().order_by("pk")
        if Step.RECOMMENDATION in call.steps
    )


def _allot_row(call: Call, unit: Organisation, row: Quota, scope: str, *, at: datetime) -> None:
    allotment, made = Allotment.objects.get_or_create(
        call=call,
        organisation=unit,
        scope=scope,
        pool=row.pool,
        defaults={
            "limit": row.limit,
            "soft": row.soft,
            "counts_in_region": row.counts_in_region,
            "source": row.source,
            "changed_at": at,
        },
    )
    if made:
        _make_places(allotment)


def _make_places(allotment: Allotment) -> None:
    """The ordinary place rows up to the limit. Without a limit they are made when needed."""
    if allotment.limit is None:
        return
    there = set(allotment.places.filter(granted_for__isnull=True).values_list("number", flat=True))
    Place.objects.bulk_create(
        [
            Place(allotment=allotment, number=number, of_limit=allotment.limit)
            for number in range(1, allotment.limit + 1)
            if number not in there
        ]
    )


@transaction.atomic
def change_limit(
    allotment: Allotment, *, limit: int | None, reason: str, actor: Actor, at: datetime
) -> Allotment:
    """Raise, lower or lift a unit's limit. Lowering below what is held is refused."""
    ground.must_be_office_approver(actor)
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明调整名额的依据（不少于 5 字）。", status=422)
    if limit is not None and not 0 <= limit <= 999:
        raise Refusal("limit-odd", "名额请填 0 至 999 的整数，不限则留空。", status=422)
    allotment = (
        Allotment.objects.select_for_update(of=("self",))
        .select_related("call", "organisation")
        .get(pk=allotment.pk)
    )
    within = queries.ledger_of(allotment).within
    if said := quota.lowering_refused(used_within=within, new_limit=limit):
        raise Refusal("limit-below-used", f"{said}现有推荐：{_held(allotment)}。")
    before, allotment.limit, allotment.changed_at = allotment.limit, limit, at
    _fit_places(allotment)
    audit.record(
        actor=actor,
        action="recommenders.change_limit",
        subject=allotment,
        at=at,
        before=before,
        after=limit,
        reason=reason.strip(),
    )
    letters.limit_changed(allotment, before=before, reason=reason.strip(), at=at)
    return allotment


def _held(allotment: Allotment) -> str:
    """The filings on ordinary places, in the order of the list."""
    held = (
        Confirmation.objects.filter(
            allotment=allotment, released_at__isnull=True, place__granted_for__isnull=True
        )
        .select_related("application")
        .order_by("rank", "pk")
    )
    return "、".join(f"第 {one.rank} 位《{one.application.title}》" for one in held)


def _fit_places(allotment: Allotment) -> None:
    """Bring the ordinary rows in line with the new limit; who holds a place keeps one."""
    ordinary = allotment.places.filter(granted_for__isnull=True)
    if allotment.limit is not None:
        _move_down(allotment, allotment.limit)
        ordinary.filter(number__gt=allotment.limit).delete()
    allotment.save(update_fields=["limit", "changed_at"])
    ordinary.update(of_limit=allotment.limit)
    _make_places(allotment)


def _move_down(allotment: Allotment, limit: int) -> None:
    """Confirmations on places that are about to go take the lowest free ones instead."""
    held = Confirmation.objects.filter(
        allotment=allotment, released_at__isnull=True, place__granted_for__isnull=True
    ).select_related("place")
    taken = {one.place.number for one in held if one.place and one.place.number <= limit}
    for one in held:
        if one.place is None or one.place.number <= limit:
            continue
        number = quota.next_place(limit, taken)
        if number is None:
            raise RuntimeError(f"allotment {allotment.pk} holds more than its new limit")
        place, _ = Place.objects.get_or_create(
            allotment=allotment, number=number, defaults={"of_limit": limit}
        )
        one.place = place
        one.save(update_fields=["place"])
        taken.add(place.number)
