"""Making a meeting, inviting its members, setting its order; the steps of its state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from panels import letters, queries, voting
from panels.models import Item, Meeting, Member
from panels.services import ground
from panels.stages import STEPS
from reviews.models import Expert, Round
from reviews.services import barring

ORDERS = {"rank": "按名次", "direction": "按方向"}


def advance(meeting: Meeting, name: str, *, at: datetime, reason: str = "") -> None:
    """Take a step of the meeting: the only writer of ``Meeting.state``. The row must be locked."""
    ground.demand(meeting, name)
    target = STEPS[name].target
    assert target is not None
    fields = ["state"]
    meeting.state = target.value
    if name == "start":
        meeting.started_at = at
        fields.append("started_at")
    else:
        meeting.closed_at, meeting.cancel_reason = at, reason
        fields += ["closed_at", "cancel_reason"]
    meeting.save(update_fields=fields)


@transaction.atomic
def create(
    round: Round,
    *,
    title: str,
    place: str,
    starts_at: datetime,
    motions: Sequence[str] = voting.DEFAULT_MOTIONS,
    secret: bool = True,
    rule: str = voting.Rule.MOST,
    quorum: int = 3,
    directions: Collection[int] = (),
    actor: Actor,
    at: datetime,
) -> Meeting:
    """Plan a meeting on the applications of a closed round, best first.

    ``directions``: only these (0: without one); empty means all. An application is discussed in
    one meeting. Raises ``Refusal``: ``round-open``, ``nothing-to-discuss``, 422 ``bad-motions``.
    """
    round = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if not queries.is_ready(round):
        raise Refusal("round-open", "评审轮次结束后才能安排会议评审，请先结束本轮评分。")
    entries = [
        one
        for one in queries.waiting_entries(round)
        if not directions or (one.application.direction_id or 0) in directions
    ]
    if not entries:
        raise Refusal(
            "nothing-to-discuss", "没有可审议的项目：本轮项目已列入其他会议、已有结果或已撤回。"
        )
    made = Meeting.objects.create(
        round=round,
        title=title.strip(),
        place=place.strip(),
        starts_at=starts_at,
        motions=_motions(motions),
        secret=secret,
        rule=voting.Rule(rule),
        quorum=quorum,
        created_by_id=actor.person,
        created_at=at,
    )
    Item.objects.bulk_create(
        [
            Item(meeting=made, entry=entry, position=position)
            for position, entry in enumerate(entries, start=1)
        ]
    )
    _arrange(made, "rank")
    audit.record(
        actor=actor,
        action="panels.create",
        subject=made,
        at=at,
        round=round.pk,
        items=len(entries),
        secret=secret,
        rule=made.rule,
        quorum=quorum,
        motions=[one["title"] for one in made.motions],
    )
    return made


def _motions(titles: Sequence[str]) -> list[dict[str, str]]:
    found = [title.strip() for title in titles if title.strip()]
    if not 2 <= len(found) <= voting.MOST_MOTIONS or len(set(found)) != len(found):
        raise Refusal(
            "bad-motions", f"表决意见须为 2 至 {voting.MOST_MOTIONS} 种，且不能重复。", status=422
        )
    return voting.motions(found)


@transaction.atomic
def edit(
    meeting: Meeting,
    *,
    title: str,
    place: str,
    starts_at: datetime,
    motions: Sequence[str],
    secret: bool,
    rule: str,
    quorum: int,
    actor: Actor,
    at: datetime,
) -> Meeting:
    """Change the arrangements while they are plans; members are told of a new time or place."""
    meeting = ground.lock(meeting)
    ground.demand(meeting, "plan")
    moved = (meeting.place, meeting.starts_at) != (place.strip(), starts_at)
    meeting.title, meeting.place, meeting.starts_at = title.strip(), place.strip(), starts_at
    meeting.motions, meeting.secret = _motions(motions), secret
    meeting.rule, meeting.quorum = voting.Rule(rule), quorum
    meeting.save()
    entry = audit.record(
        actor=actor,
        action="panels.edit",
        subject=meeting,
        at=at,
        place=meeting.place,
        starts_at=starts_at,
        secret=secret,
        rule=meeting.rule,
        quorum=quorum,
        motions=[one["title"] for one in meeting.motions],
    )
    if moved:
        for member in meeting.members.select_related("expert__user"):
            letters.invited(member, moved=True, occasion=entry.pk, at=at)
    return meeting


@transaction.atomic
def cancel(meeting: Meeting, *, reason: str, actor: Actor, at: datetime) -> Meeting:
    """Call a planned meeting off. Its applications can be taken up by another one."""
    meeting = ground.lock(meeting)
    reason = ground.reason_of(reason, what="取消的原因", shortest=2)[:300]
    advance(meeting, "cancel", at=at, reason=reason)
    for member in meeting.members.select_related("expert__user"):
        letters.cancelled(member, at=at)
    meeting.items.all().delete()
    audit.record(actor=actor, action="panels.cancel", subject=meeting, at=at, reason=reason)
    return meeting


@transaction.atomic
def invite(
    meeting: Meeting, experts: Sequence[Expert], *, actor: Actor, at: datetime
) -> list[Member]:
    """Give these experts of the round's pool a seat, and send each a letter.

    Conflicts with every application of the round are computed anew. Raises ``Refusal``:
    422 ``nobody-chosen``, ``foreign-expert``.
    """
    meeting = ground.lock(meeting)
    ground.demand(meeting, "invite")
    if not experts:
        raise Refusal("nobody-chosen", "请先选择要邀请的专家。", status=422)
    sitting = set(meeting.members.values_list("expert_id", flat=True))
    if any(one.pool_id != meeting.round.pool_id or one.user_id is None for one in experts):
        raise Refusal("foreign-expert", "只能邀请本轮专家库中已激活账号的专家。", status=422)
    barring.compute_conflicts(meeting.round, at=at)
    made = [
        Member.objects.create(meeting=meeting, expert=one, invited_at=at)
        for one in experts
        if one.pk not in sitting
    ]
    for member in made:
        letters.invited(member, occasion=member.pk, at=at)
    audit.record(
        actor=actor,
        action="panels.invite",
        subject=meeting,
        at=at,
        experts=[one.expert_id for one in made],
    )
    return made


@transaction.atomic
def remove(member: Member, *, actor: Actor, at: datetime) -> None:
    """Take a seat back while the meeting is planned; the expert is told."""
    meeting = ground.lock(member.meeting)
    ground.demand(meeting, "plan")
    letters.cancelled(member, seat=True, at=at)
    expert = member.expert_id
    member.delete()
    audit.record(actor=actor, action="panels.remove", subject=meeting, at=at, expert=expert)


@transaction.atomic
def name_chair(member: Member, *, actor: Actor, at: datetime) -> None:
    """Let this member lead: they take notes, and decide where votes are equal."""
    meeting = ground.lock(member.meeting)
    ground.demand(meeting, "invite")
    meeting.members.filter(is_chair=True).update(is_chair=False)
    meeting.members.filter(pk=member.pk).update(is_chair=True)
    audit.record(
        actor=actor, action="panels.name_chair", subject=meeting, at=at, expert=member.expert_id
    )


# The order -------------------------------------------------------------------------------------


def _arrange(meeting: Meeting, order: str) -> None:
    """Number the items that wait anew, after those that were taken up already."""
    results = dict(meeting.round.results.values_list("application_id", "rank"))
    items = list(queries.agenda(meeting))
    waiting = [one for one in items if one.state == "waiting"]
    taken = [one for one in items if one.state != "waiting"]

    def key(item: Item) -> tuple[int, ...]:
        rank = results.get(item.entry.application_id) or 10**6
        direction = item.entry.application.direction
        place = (direction.order, direction.pk) if direction else (0, 0)
        return (rank, *place, item.pk) if order == "rank" else (*place, rank, item.pk)

    _number([*taken, *sorted(waiting, key=key)])


def _number(items: Sequence[Item]) -> None:
    moved = []
    for position, one in enumerate(items, start=1):
        if one.position != position:
            one.position = position
            moved.append(one)
    Item.objects.bulk_update(moved, ["position"], batch_size=200)


@transaction.atomic
def arrange(meeting: Meeting, *, order: str, actor: Actor, at: datetime) -> None:
    """Order what waits by rank or by direction. Raises ``Refusal`` ``no-such-order`` (422)."""
    meeting = ground.lock(meeting)
    ground.demand(meeting, "invite")
    if order not in ORDERS:
        raise Refusal("no-such-order", "请选择排序办法。", status=422)
    _arrange(meeting, order)
    audit.record(actor=actor, action="panels.arrange", subject=meeting, at=at, order=order)


@transaction.atomic
def place_item(item: Item, *, position: int, actor: Actor, at: datetime) -> None:
    """Put a waiting item at this place; what was taken up already keeps its own.

    Raises ``Refusal`` ``taken-up``, ``bad-position`` (422).
    """
    meeting = ground.lock(item.meeting)
    ground.demand(meeting, "invite")
    items = list(queries.agenda(meeting))
    first = sum(1 for one in items if one.state != "waiting")
    chosen = next(one for one in items if one.pk == item.pk)
    if chosen.state != "waiting":
        raise Refusal("taken-up", "该项已经审议，不能再调整顺序。")
    if not 1 <= position <= len(items):
        raise Refusal("bad-position", f"序号须为 1 至 {len(items)}。", status=422)
    items.sort(key=lambda one: (one.state == "waiting", one.position, one.pk))
    items.remove(chosen)
    items.insert(max(position - 1, first), chosen)
    before = chosen.position
    _number(items)
    audit.record(
        actor=actor,
        action="panels.place_item",
        subject=meeting,
        at=at,
        item=item.pk,
        before=before,
        after=chosen.position,
    )


@transaction.atomic
def start(meeting: Meeting, *, actor: Actor, at: datetime) -> Meeting:
    """Open the meeting. Raises ``Refusal``: ``no-chair``, ``too-few-members``."""
    meeting = ground.lock(meeting)
    ground.demand(meeting, "start")
    members = list(meeting.members.all())
    if not any(one.is_chair for one in members):
        raise Refusal("no-chair", "请先指定一名组长。")
    if len(members) < meeting.quorum:
        raise Refusal(
            "too-few-members",
            f"成员 {len(members)} 人，少于法定人数 {meeting.quorum} 人。请增加成员或修改法定人数。",
        )
    barring.compute_conflicts(meeting.round, at=at)
    advance(meeting, "start", at=at)
    audit.record(actor=actor, action="panels.start", subject=meeting, at=at, members=len(members))
    return meeting
