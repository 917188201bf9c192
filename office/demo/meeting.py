"""A panel meeting under way on the round that was closed: one item voted on, one in discussion."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from accounts.roles import Role
from applications.workflow import Status
from audit.services import Actor
from office.demo.cast import Cast
from panels import queries
from panels import services as panels
from panels.models import Item, Meeting, Member
from reviews import services as reviews
from reviews.models import Assignment, Round
from reviews.stages import RoundState

MEMBERS = 5
NOTES = "与会成员认为指标清楚、路线可行；建议补充可靠性验证数据，明确量产时间。"
REASON = "会上补充的验证数据充分，技术路线较材料所述更为成熟。"


@transaction.atomic
def hold(cast: Cast, *, at: datetime) -> Meeting | None:
    """Where a closed round still waits for the decision; None where none does."""
    round = (
        Round.objects.filter(
            organisation=None,
            state=RoundState.CLOSED,
            entries__application__status=Status.IN_REVIEW,
        )
        .select_related("call")
        .distinct()
        .order_by("-pk")
        .first()
    )
    if round is None:
        return None
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    held = Counter(
        one.application.direction_id or 0 for one in queries.waiting_entries(round)
    ).most_common(1)
    made = panels.create(
        round,
        title="第一组会议评审",
        place="示例会议中心三层第二会议室",
        starts_at=round.call.time(at) - timedelta(minutes=10),
        quorum=3,
        directions=[held[0][0]],
        actor=operator,
        at=at,
    )
    members = _members(made, operator, at=at)
    items = list(queries.agenda(made))
    reviews.set_conflict(
        round=round,
        expert=members[-1].expert,
        application=items[1].entry.application if len(items) > 1 else items[0].entry.application,
        reason="曾任该单位技术顾问（演示）",
        actor=operator,
        at=at,
    )
    panels.start(made, actor=operator, at=at)
    for member in members:
        panels.enter(
            member,
            conflicted={},
            shown=len(queries.undeclared(member)),
            actor=_of(member),
            at=at,
        )
    if len(items) > 1:
        _discuss(items[0], members, operator, at=at)
    _begin(items[min(1, len(items) - 1)], members, operator, at=at)
    return made


def _members(made: Meeting, operator: Actor, *, at: datetime) -> list[Member]:
    """Those who reviewed most of it; the first leads."""
    busy = Counter(
        Assignment.objects.filter(
            round=made.round,
            state=Assignment.State.DEPLOYED,
            application__in=made.items.values("entry__application"),
        ).values_list("expert_id", flat=True)
    )
    chosen = [pk for pk, _ in busy.most_common(MEMBERS)]
    able = {one.pk: one for one in queries.able_experts(made).filter(pk__in=chosen)}
    panels.invite(made, [able[pk] for pk in chosen if pk in able], actor=operator, at=at)
    members = list(
        made.members.select_related("expert__user", "meeting__round__call").order_by("pk")
    )
    panels.name_chair(members[0], actor=operator, at=at)
    return members


def _of(member: Member) -> Actor:
    user = member.expert.user
    assert user is not None
    return Actor(user.name, user.pk, member.expert.pool_id, Role.EXPERT)


def _inside(item: Item, members: list[Member]) -> list[Member]:
    return [one for one in members if not queries.is_barred(one, item.entry.application_id)]


def _discuss(item: Item, members: list[Member], operator: Actor, *, at: datetime) -> None:
    """Notes, one score given anew, a vote, the end."""
    panels.call_up(item, actor=operator, at=at)
    panels.write_notes(item, NOTES, version=0, actor=operator, at=at)
    inside = _inside(item, members)
    for member in inside:
        review = queries.review_of(member, item.entry.application_id)
        if review is not None:
            scores = {
                one.key: min(review.scores[one.key] + 1, one.highest)
                for one in item.meeting.round.sheet.criteria
            }
            panels.rescore(member, item, scores=scores, reason=REASON, actor=_of(member), at=at)
            break
    panels.open_vote(item, actor=operator, at=at)
    for n, member in enumerate(inside):
        motion = item.meeting.motions[0 if n < len(inside) - 1 else 2]["key"]
        panels.vote(member, item, motion=motion, actor=_of(member), at=at)
    panels.conclude(item, actor=operator, at=at)


def _begin(item: Item, members: list[Member], operator: Actor, *, at: datetime) -> None:
    """In discussion, the vote open, two have voted."""
    panels.call_up(item, actor=operator, at=at)
    inside = _inside(item, members)
    if len(inside) < item.meeting.quorum:
        return
    panels.open_vote(item, actor=operator, at=at)
    for member in inside[1:3]:
        panels.vote(member, item, motion=item.meeting.motions[0]["key"], actor=_of(member), at=at)
