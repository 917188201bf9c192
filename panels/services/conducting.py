"""Leading through the agenda: calling up, voting, concluding, undoing, taking up again, notes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from panels import queries, voting
from panels.models import Attendance, Item, Meeting, Rescore, Ruling
from panels.services import attending, ground
from panels.stages import ItemState, Presence
from panels.voting import How

MOST_NOTES = 4000


def _set(item: Item, state: ItemState, *fields: str) -> None:
    """The only writer of ``Item.state``. The row must be locked."""
    item.state = state.value
    item.save(update_fields=["state", *fields])


@transaction.atomic
def call_up(item: Item, *, actor: Actor, at: datetime) -> Item:
    """Make this the current item, and write down who is in the room and who is out and why.

    Raises ``Refusal``: ``another-current``, ``taken-up``, ``withdrawn``.
    """
    meeting = ground.lock(item.meeting)
    ground.demand(meeting, "conduct")
    item = ground.lock_item(item)
    if meeting.items.filter(state=ItemState.CURRENT).exists():
        raise Refusal("another-current", "正在审议另一项，请先结束或撤回该项。")
    if item.state != ItemState.WAITING:
        raise Refusal("taken-up", "该项已经审议。确需再次审议的，请写明理由重新审议。")
    if item.entry.application.status == Status.WITHDRAWN:
        raise Refusal("withdrawn", "该申报已撤回，不再审议。")
    _take_up(item, at=at)
    audit.record(
        actor=actor,
        action="panels.call_up",
        subject=meeting,
        at=at,
        item=item.pk,
        application=item.entry.application_id,
    )
    return item


def _take_up(item: Item, *, at: datetime) -> None:
    item.sitting += 1
    item.called_at, item.vote_opened_at = at, None
    _set(item, ItemState.CURRENT, "sitting", "called_at", "vote_opened_at")
    attending.take(item, at=at)


@transaction.atomic
def put_back(item: Item, *, actor: Actor, at: datetime) -> None:
    """Undo a wrong call, as long as nothing was said on it. ``Refusal`` ``has-records``."""
    meeting = ground.lock(item.meeting)
    item = ground.lock_item(item)
    ground.demand_current(item)
    said = queries.votes_of(item).exists() or item.rescores.filter(sitting=item.sitting).exists()
    if said or item.sitting > 1:
        raise Refusal(
            "has-records", "该项已有改分、表决或重新审议的记录，不能撤回，请结束本项审议。"
        )
    Attendance.objects.filter(item=item, sitting=item.sitting).delete()
    item.sitting, item.called_at, item.vote_opened_at = item.sitting - 1, None, None
    _set(item, ItemState.WAITING, "sitting", "called_at", "vote_opened_at")
    audit.record(actor=actor, action="panels.put_back", subject=meeting, at=at, item=item.pk)


@transaction.atomic
def open_vote(item: Item, *, actor: Actor, at: datetime) -> None:
    """Let the members in the room vote. Raises ``Refusal`` ``no-quorum``, ``vote-open``."""
    ground.lock(item.meeting)
    item = ground.lock_item(item)
    ground.demand_current(item)
    if item.vote_opened_at is not None:
        raise Refusal("vote-open", "表决已经开始。")
    _leave(item, at=at)
    present = queries.present(item)
    if present < item.meeting.quorum:
        raise Refusal(
            "no-quorum",
            f"在场 {present} 人，少于法定人数 {item.meeting.quorum} 人，不能表决。",
        )
    item.vote_opened_at = at
    item.save(update_fields=["vote_opened_at"])
    audit.record(actor=actor, action="panels.open_vote", subject=item.meeting, at=at, item=item.pk)


def _leave(item: Item, *, at: datetime) -> None:
    """Write out of the room who is barred by now. Raises ``Refusal`` ``voter-barred``."""
    members = list(item.meeting.members.select_related("expert"))
    out = {
        member: words
        for (_, member), words in queries.barred(members, [item.entry.application_id]).items()
    }
    if queries.votes_of(item).filter(attendance__member__in=out).exists():
        raise Refusal("voter-barred", "已投票的成员中有人现须回避，本次表决不能采用，请重新表决。")
    inside = Attendance.objects.filter(
        item=item, sitting=item.sitting, presence=Presence.IN, member__in=out
    )
    for one in inside:
        one.presence, one.reason, one.at = Presence.BARRED, out[one.member_id], at
        one.save(update_fields=["presence", "reason", "at"])
    Rescore.objects.filter(item=item, member__in=out, replaced_at__isnull=True).update(
        replaced_at=at
    )


def again(item: Item, *, at: datetime) -> None:
    """Hold the vote again: a new sitting, in which nobody has voted. The item is locked."""
    opened = item.vote_opened_at is not None
    _take_up(item, at=at)
    if opened and queries.present(item) >= item.meeting.quorum:
        item.vote_opened_at = at
        item.save(update_fields=["vote_opened_at"])


@transaction.atomic
def revote(item: Item, *, reason: str, actor: Actor, at: datetime) -> None:
    """Throw the votes of this sitting away and vote again, with a reason on record."""
    ground.lock(item.meeting)
    item = ground.lock_item(item)
    ground.demand_current(item)
    if item.vote_opened_at is None:
        raise Refusal("vote-shut", "尚未开始表决。")
    reason = ground.reason_of(reason, what="重新表决的理由", shortest=4)
    before = queries.votes_of(item).count()
    again(item, at=at)
    audit.record(
        actor=actor,
        action="panels.revote",
        subject=item.meeting,
        at=at,
        item=item.pk,
        reason=reason,
        votes=before,
    )


@transaction.atomic
def conclude(
    item: Item, *, motion: str = "", reason: str = "", actor: Actor, at: datetime
) -> Ruling:
    """End the item. The result is computed from the votes of the members in the room.

    ``motion`` and ``reason``: the chair's decision, taken where votes are equal and there alone.
    Without any vote the item ends without an opinion. Raises ``Refusal``: ``voter-barred``,
    ``tie`` when the chair has not decided, 422 ``not-leading``, ``no-tie``, ``reason-short``.
    """
    meeting = ground.lock(item.meeting)
    item = ground.lock_item(item)
    ground.demand_current(item)
    _leave(item, at=at)
    counts, present = queries.tally(item), queries.present(item)
    voted = queries.votes_of(item).count()
    found = voting.verdict(counts, present=present, rule=voting.Rule(meeting.rule))
    how, decided = found.how, found.motion
    if how is How.TIE:
        if not motion:
            raise Refusal("tie", "票数相同，请组长作出决定并写明理由。")
        if motion not in found.leading:
            raise Refusal("not-leading", "只能在票数相同的意见中决定。", status=422)
        reason = ground.reason_of(reason, what="组长决定的理由")
        how, decided = How.CHAIR, motion
    elif motion:
        raise Refusal("no-tie", "票数没有相同，不需要组长决定。", status=422)
    else:
        reason = ""
    ruling = Ruling.objects.create(
        item=item,
        sitting=item.sitting,
        how=how,
        motion=decided,
        tally=counts,
        present=present,
        voted=voted,
        reason=reason,
        concluded_at=at,
        by_id=actor.person,
    )
    _set(item, ItemState.CONCLUDED)
    audit.record(
        actor=actor,
        action="panels.conclude",
        subject=meeting,
        at=at,
        item=item.pk,
        application=item.entry.application_id,
        how=how.value,
        motion=decided,
        tally=counts,
        present=present,
        reason=reason,
    )
    return ruling


@transaction.atomic
def reopen(item: Item, *, reason: str, actor: Actor, at: datetime) -> Item:
    """Take a concluded item up again. Its ruling stays on record with the reason.

    Raises ``Refusal``: ``not-concluded``, ``another-current``, ``reason-short`` (422).
    """
    meeting: Meeting = ground.lock(item.meeting)
    ground.demand(meeting, "conduct")
    item = ground.lock_item(item)
    if item.state != ItemState.CONCLUDED:
        raise Refusal("not-concluded", "该项尚未审议，不需要重新审议。")
    if meeting.items.filter(state=ItemState.CURRENT).exists():
        raise Refusal("another-current", "正在审议另一项，请先结束或撤回该项。")
    reason = ground.reason_of(reason, what="重新审议的理由")[:300]
    Ruling.objects.filter(item=item, sitting=item.sitting).update(reopen_reason=reason)
    _take_up(item, at=at)
    audit.record(
        actor=actor, action="panels.reopen", subject=meeting, at=at, item=item.pk, reason=reason
    )
    return item


@transaction.atomic
def write_notes(item: Item, text: str, *, version: int, actor: Actor, at: datetime) -> Item:
    """Keep the notes of the discussion. ``version`` is the one the page was made from.

    Raises ``Refusal`` ``stale`` when somebody else wrote meanwhile, ``notes-long`` (422).
    """
    item = ground.lock_item(item)
    ground.demand(item.meeting, "conduct")
    if item.state == ItemState.WAITING:
        raise Refusal("not-called", "尚未审议该项，不能记录。")
    if len(text) > MOST_NOTES:
        raise Refusal("notes-long", f"讨论记录超过 {MOST_NOTES} 字，请删减。", status=422)
    if item.notes_version != version:
        raise Refusal("stale", "讨论记录已由另一人保存过，请核对最新内容后再保存。")
    item.notes, item.notes_version = text.strip(), version + 1
    item.save(update_fields=["notes", "notes_version"])
    audit.record(
        actor=actor,
        action="panels.notes",
        subject=item.meeting,
        at=at,
        item=item.pk,
        version=item.notes_version,
        length=len(item.notes),
    )
    return item
