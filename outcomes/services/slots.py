"""Slots: the caps of a programme as rows, and how a selection takes one."""

from django.db.models import F, Q, QuerySet

from applications.models import Application
from calls.models import Call, SubField
from calls.programme import Cap, CapScope
from core.errors import Refusal
from outcomes import rules
from outcomes.models import Slot, SlotGroup

COLUMN = {
    SlotGroup.Kind.CALL: "call_slot",
    SlotGroup.Kind.DIRECTION: "direction_slot",
    SlotGroup.Kind.SUBFIELD: "subfield_slot",
}


def ensure(call: Call) -> None:
    """Make the groups and slots that the caps ask for and that are not there yet.

    Called as the call opens and before a selection, so that directions added later have theirs.
    """
    if not call.programme.caps:
        return
    known = {
        (group.tier, group.kind, group.direction_id, group.subfield_id)
        for group in SlotGroup.objects.filter(call=call)
    }
    for cap in call.programme.caps:
        for kind, direction, subfield in _places(call, cap):
            if (cap.tier, kind, direction, subfield) not in known:
                _make(call, cap, kind, direction, subfield)


def _places(call: Call, cap: Cap) -> list[tuple[str, int | None, int | None]]:
    if cap.scope is CapScope.CALL:
        return [(SlotGroup.Kind.CALL, None, None)]
    if cap.scope is CapScope.DIRECTION:
        return [
            (SlotGroup.Kind.DIRECTION, pk, None)
            for pk in call.directions.values_list("pk", flat=True)
        ]
    fields = SubField.objects.filter(direction__call=call).values_list("direction", "pk")
    return [(SlotGroup.Kind.SUBFIELD, direction, pk) for direction, pk in fields]


def _make(
    call: Call, cap: Cap, kind: str, direction: int | None, subfield: int | None
) -> SlotGroup:
    group = SlotGroup.objects.create(
        call=call,
        tier=cap.tier,
        stage=rules.stage_of(call.programme, cap.tier),
        kind=kind,
        direction_id=direction,
        subfield_id=subfield,
        limit=cap.limit,
        soft=cap.soft,
        source=cap.source,
    )
    Slot.objects.bulk_create(
        [Slot(group=group, number=n, of_limit=cap.limit) for n in range(1, cap.limit + 1)]
    )
    return group


def groups_for(application: Application, tier: str) -> list[SlotGroup]:
    """The caps that hold for selecting this application in this tier.

    Raises ``Refusal`` ``no-direction`` where a cap counts by direction and it names none.
    """
    here = Q(kind=SlotGroup.Kind.CALL)
    if application.direction_id:
        here |= Q(kind=SlotGroup.Kind.DIRECTION, direction=application.direction_id)
    if application.subfield_id:
        here |= Q(kind=SlotGroup.Kind.SUBFIELD, subfield=application.subfield_id)
    of_tier = SlotGroup.objects.filter(call=application.call_id, tier=tier)
    found = list(of_tier.filter(here).select_related("direction", "subfield").order_by("pk"))
    if len(found) < len(application.call.programme.caps_for(tier)):
        raise Refusal(
            "no-direction",
            f"《{application.title}》未选择方向或细分领域，无法计入上限，请先核对申报内容。",
        )
    return found


def free(group: SlotGroup, application: Application) -> Slot | None:
    """A slot the application can take: one granted to it, else the lowest that nobody holds."""
    return (
        unheld(Slot.objects.filter(group=group))
        .filter(Q(granted_for=None) | Q(granted_for=application))
        .order_by(F("granted_for").desc(nulls_last=True), "number")
        .first()
    )


def unheld(slots: QuerySet[Slot]) -> QuerySet[Slot]:
    return slots.filter(
        held_as_call_slot=None,
        held_as_direction_slot=None,
        held_as_subfield_slot=None,
        awarded_as_call_slot=None,
        awarded_as_direction_slot=None,
        awarded_as_subfield_slot=None,
    )


def take(application: Application, tier: str) -> dict[str, Slot]:
    """One slot of every cap that holds, by the column of the decision that keeps it.

    Raises ``Refusal`` ``cap-reached`` (soft: a request is the way out) or ``cap-hard``.
    """
    taken: dict[str, Slot] = {}
    for group in groups_for(application, tier):
        slot = free(group, application)
        if slot is None:
            raise full(group, application.call)
        taken[COLUMN[SlotGroup.Kind(group.kind)]] = slot
    return taken


def full(group: SlotGroup, call: Call) -> Refusal:
    tier = call.programme.tier(group.tier)
    place = group.subfield or group.direction
    name = f"“{place.title}”" if place else "本批次"
    if group.subfield and group.direction:
        name = f"“{group.direction.title} · {group.subfield.title}”"
    return rules.over_cap(
        place=name,
        tier=tier.title if tier else group.tier,
        limit=group.limit,
        soft=group.soft,
        source=group.source,
    )
