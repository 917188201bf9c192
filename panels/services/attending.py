"""Who comes in and goes out: the declaration at the door, leaving and coming back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from panels import queries
from panels.models import Attendance, Item, Member
from panels.services import ground
from panels.stages import ItemState, Presence
from reviews.services import barring


def take(item: Item, *, at: datetime) -> list[Attendance]:
    """Write down where everybody is as the item is taken up. The item is locked."""
    members = list(item.meeting.members.select_related("expert"))
    out = queries.barred(members, [item.entry.application_id])
    return Attendance.objects.bulk_create(
        [
            Attendance(
                item=item,
                sitting=item.sitting,
                member=member,
                presence=_presence(member, out.get((item.entry.application_id, member.pk), "")),
                reason=out.get((item.entry.application_id, member.pk), "") or member.away_reason,
                at=at,
            )
            for member in members
        ]
    )


def _presence(member: Member, conflict: str) -> Presence:
    if conflict:
        return Presence.BARRED
    if member.entered_at is None:
        return Presence.ABSENT
    return Presence.AWAY if member.away else Presence.IN


def write(member: Member, item: Item, *, at: datetime) -> None:
    """Where the member is now, in the current item's record; a vote already cast keeps its own."""
    conflict = queries.barred([member], [item.entry.application_id])
    words = conflict.get((item.entry.application_id, member.pk), "")
    Attendance.objects.update_or_create(
        item=item,
        sitting=item.sitting,
        member=member,
        defaults={
            "presence": _presence(member, words),
            "reason": words or member.away_reason,
            "at": at,
        },
    )


@transaction.atomic
def enter(
    member: Member, *, conflicted: Mapping[int, str], shown: int, actor: Actor, at: datetime
) -> Member:
    """Declare for every item not yet declared for, and sign in. Nothing can be seen before.

    ``conflicted``: item keys with a reason; ``shown``: how many units the page asked about.
    Raises ``Refusal`` ``wrong-state``; 422 ``incomplete`` when the agenda has changed meanwhile,
    ``reason-missing``.
    """
    meeting = ground.lock(member.meeting)
    ground.demand(meeting, "invite")
    member = (
        Member.objects.select_for_update(of=("self",))
        .select_related("expert", "meeting__round")
        .get(pk=member.pk)
    )
    waiting = {one.pk: one for one in queries.undeclared(member)}
    if shown != len(waiting) or not set(conflicted) <= set(waiting):
        raise Refusal("incomplete", "会议议程有变化，请刷新页面后重新申明。", status=422)
    if any(not reason.strip() for reason in conflicted.values()):
        raise Refusal("reason-missing", "选择“须回避”的，请写明理由。", status=422)
    for key, reason in sorted(conflicted.items()):
        barring.declare(
            member.expert, waiting[key].entry.application, reason=reason, actor=actor, at=at
        )
    if member.entered_at is None:
        member.entered_at = at
        member.save(update_fields=["entered_at"])
    current = meeting.items.filter(state=ItemState.CURRENT).first()
    if current is not None:
        write(member, ground.lock_item(current), at=at)
    audit.record(
        actor=actor,
        action="panels.enter",
        subject=meeting,
        at=at,
        expert=member.expert_id,
        conflicted=sorted(waiting[key].entry.application_id for key in conflicted),
    )
    return member


@transaction.atomic
def mark(member: Member, *, away: bool, reason: str = "", actor: Actor, at: datetime) -> None:
    """The organiser notes who leaves the room and who comes back.

    Raises ``Refusal`` ``not-entered``: who has not signed in cannot be in the room.
    """
    meeting = ground.lock(member.meeting)
    ground.demand(meeting, "conduct")
    if member.entered_at is None:
        raise Refusal("not-entered", "该成员尚未签到。请其登录平台，申明回避后签到。")
    member.away, member.away_reason = away, reason.strip()[:100] if away else ""
    member.save(update_fields=["away", "away_reason"])
    current = meeting.items.filter(state=ItemState.CURRENT).first()
    if current is not None:
        current = ground.lock_item(current)
        voted = queries.votes_of(current).filter(attendance__member=member).exists()
        if not (away and voted):  # whoever voted was in the room for this item
            write(member, current, at=at)
    audit.record(
        actor=actor,
        action="panels.mark",
        subject=meeting,
        at=at,
        expert=member.expert_id,
        away=away,
        reason=member.away_reason,
    )
