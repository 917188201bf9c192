"""Caps, decisions and what was published."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from applications.models import Application
from applications.workflow import RESULTS, Status
from audit.models import Entry
from audit.services import label
from notifications.models import Message
from outcomes.models import Decision, Publication, Slot, SlotGroup, Stage
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]
SLOTS = ("call_slot", "direction_slot", "subfield_slot")
STANDING = (Decision.State.PENDING, Decision.State.APPLIED)
MOVED = {
    (Decision.Outcome.SELECT, Decision.State.APPLIED): Status.FINALIST,
    (Decision.Outcome.DECLINE, Decision.State.APPLIED): Status.NOT_SELECTED,
    (Decision.Outcome.SELECT, Decision.State.REVOKED): Status.NOT_SELECTED,
}


@check("R3")
def selections_fit_their_caps() -> Found:
    """R3: each cap has its slots, and holds no more selections than slots."""
    held = Q(held_as_call_slot__isnull=False) | Q(held_as_direction_slot__isnull=False)
    held |= Q(held_as_subfield_slot__isnull=False)
    used = dict(
        Slot.objects.filter(held).values_list("group").annotate(n=Count("pk", distinct=True))
    )
    for group in SlotGroup.objects.annotate(
        ordinary=Count("slots", filter=Q(slots__granted_for__isnull=True)),
        granted=Count("slots", filter=Q(slots__granted_for__isnull=False)),
    ):
        name = f"outcomes.slotgroup:{group.pk}"
        if group.ordinary > group.limit:  # type: ignore[attr-defined]
            yield name, f"上限 {group.limit}，名额位 {group.ordinary} 个"  # type: ignore[attr-defined]
        if group.granted and not group.soft:  # type: ignore[attr-defined]
            yield name, "刚性上限之上有增加的名额位"
        if used.get(group.pk, 0) > group.limit + group.granted:  # type: ignore[attr-defined]
            yield name, f"上限 {group.limit}，已选 {used[group.pk]} 项"


@check("R3")
def every_selection_holds_every_slot_it_needs() -> Found:
    """R3: a selection holds one slot of each cap that counts it in its tier."""
    groups: dict[tuple[int, str], list[SlotGroup]] = {}
    for group in SlotGroup.objects.all():
        groups.setdefault((group.call_id, group.tier), []).append(group)
    for decision in Decision.objects.filter(
        outcome=Decision.Outcome.SELECT, state__in=STANDING
    ).select_related("application", *SLOTS):
        one = decision.application
        name = f"outcomes.decision:{decision.pk}"
        held = {slot.group_id: slot for key in SLOTS if (slot := getattr(decision, key))}
        due = {
            group.pk
            for group in groups.get((one.call_id, decision.tier), [])
            if group.kind == SlotGroup.Kind.CALL
            or (group.kind == SlotGroup.Kind.DIRECTION and group.direction_id == one.direction_id)
            or (group.kind == SlotGroup.Kind.SUBFIELD and group.subfield_id == one.subfield_id)
        }
        if set(held) != due:
            yield name, "占用的名额位与适用的上限不符"
        if any(slot.granted_for_id not in (None, one.pk) for slot in held.values()):
            yield name, "占用了批给别的项目的名额位"


@check("R3")
def statuses_follow_from_decisions() -> Found:
    """R3, R8: 入围 rests on an applied selection, and each applied decision moved its filing."""
    for decision in Decision.objects.exclude(state=Decision.State.PENDING).select_related(
        "application"
    ):
        expected = MOVED[Decision.Outcome(decision.outcome), Decision.State(decision.state)]
        if decision.application.status != expected:
            yield f"outcomes.decision:{decision.pk}", "决定与申报的状态不符"
    selected = Decision.objects.filter(
        outcome=Decision.Outcome.SELECT, state=Decision.State.APPLIED
    )
    for pk in (
        Application.objects.filter(status=Status.FINALIST)
        .exclude(pk__in=selected.values("application"))
        .values_list("pk", flat=True)
    ):
        yield f"applications.application:{pk}", "已入围而没有生效的决定"
    for pk in (
        Decision.objects.exclude(state=Decision.State.PENDING)
        .filter(approved_by=F("proposed_by"))
        .values_list("pk", flat=True)
    ):
        yield f"outcomes.decision:{pk}", "拟定与批准是同一人"


@check("R7")
def results_are_hidden_until_a_list_tells_them() -> Found:
    """R7: a result kept back is decided, on no published list, and no letter of it has gone."""
    hidden = {
        label(one): one for one in Application.objects.exclude(shown_as="").only("pk").iterator()
    }
    if not hidden:
        return
    listed = {
        row["application"]
        for rows in Publication.objects.filter(stage=Stage.SELECTION)
        .exclude(state=Publication.State.DRAFT)
        .values_list("rows", flat=True)
        for row in rows
    }
    decided = set(
        Decision.objects.filter(state=Decision.State.APPLIED).values_list("application", flat=True)
    )
    for name, one in hidden.items():
        if one.pk in listed:
            yield name, "名单已经发布，申报单位和推荐单位看到的却还是原来的状态"
        if one.pk not in decided:
            yield name, "状态暂不公开，却没有生效的决定"
    gone = {
        int(key.split(":")[1])
        for key in Message.objects.filter(kind__in=RESULTS)
        .exclude(state__in=[Message.State.HELD, Message.State.CANCELLED])
        .exclude(key__startswith="again:")
        .values_list("key", flat=True)
    }
    actions = [f"applications.{move}" for move in RESULTS]
    for pk, subject in Entry.objects.filter(action__in=actions).values_list("pk", "subject"):
        if pk in gone and subject in hidden:
            yield subject, "结果没有公布，通知却已放行"


@check("R5")
def publications_are_what_was_frozen() -> Found:
    """R5: a published list has its paper, drawn from what was frozen; its rows are decisions."""
    decided = set(
        Decision.objects.exclude(state=Decision.State.PENDING).values_list("application", flat=True)
    )
    for publication in Publication.objects.exclude(state=Publication.State.DRAFT).select_related(
        "document"
    ):
        name = f"outcomes.publication:{publication.pk}"
        if publication.document is None:
            yield name, "已发布而没有文件"
        elif publication.document.fingerprint != publication.fingerprint:
            yield name, "文件与发布的内容指纹不同"
        if {row["application"] for row in publication.rows} - decided:
            yield name, "名单中有没有生效决定的项目"
