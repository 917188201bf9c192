"""Reading for rules and pages: who is barred, who is in the room, what counts, what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.workflow import Status
from calls.models import Call
from panels import figures, stages
from panels.models import Attendance, Item, Meeting, Member, PanelResult, Rescore, Ruling, Vote
from panels.stages import ItemState, MeetingState, Presence
from reviews import aggregation
from reviews import queries as reviews
from reviews.models import (
    Assignment,
    Conflict,
    Expert,
    Result,
    Review,
    Round,
    RoundApplication,
)
from reviews.stages import RoundState

KIND_WORDS = {
    Conflict.Kind.DECLARED.value: "本人申明",
    Conflict.Kind.COMPUTED.value: "系统比对",
    Conflict.Kind.OFFICE.value: "组织方指定",
}


def agenda(meeting: Meeting) -> QuerySet[Item]:
    return meeting.items.select_related(
        "entry__application__organisation", "entry__application__direction", "entry__version"
    ).order_by("position", "pk")


def can_be_discussed(prefix: str, *, ministry: bool) -> Q:
    """Entries that no meeting has taken up: not withdrawn, and for the ministry not yet decided."""
    free = Q(**{f"{prefix}panel_item__isnull": True})
    if ministry:
        return free & Q(**{f"{prefix}application__status": Status.IN_REVIEW})
    return free & ~Q(**{f"{prefix}application__status": Status.WITHDRAWN})


def waiting_entries(round: Round) -> QuerySet[RoundApplication]:
    """Entries of a round that a new meeting would take up."""
    return round.entries.filter(
        can_be_discussed("", ministry=round.organisation_id is None)
    ).select_related("application__direction")


# Conflicts -------------------------------------------------------------------------------------


def is_barred(member: Member, application: int) -> bool:
    """Does a conflict of this person, in this or another pool, stand with the application?"""
    same = Q(expert=member.expert_id)
    if member.expert.user_id:
        same |= Q(expert__user=member.expert.user_id)
    return Conflict.objects.filter(
        same, application=application, state__in=reviews.BARRING
    ).exists()


def barred(members: Iterable[Member], applications: Iterable[int]) -> dict[tuple[int, int], str]:
    """(application, member) pairs that are out of the room, with what said so. One query."""
    seats = list(members)
    by_expert = {one.expert_id: one.pk for one in seats}
    by_user = {one.expert.user_id: one.pk for one in seats if one.expert.user_id}
    rows = Conflict.objects.filter(
        Q(expert__in=by_expert) | Q(expert__user__in=by_user),
        application__in=list(applications),
        state__in=reviews.BARRING,
    ).values_list("application_id", "expert_id", "expert__user_id", "kind")
    found: dict[tuple[int, int], str] = {}
    for application, expert, user, kind in rows.order_by("pk"):
        member = by_expert.get(expert) or by_user.get(user)
        if member is not None:
            found.setdefault((application, member), KIND_WORDS[kind])
    return found


def barred_experts(round: Round) -> set[tuple[int, int]]:
    """(application, expert) pairs of the round's scores that a conflict stands against now."""
    pairs = set(
        Assignment.objects.filter(round=round, state=Assignment.State.DEPLOYED).values_list(
            "application_id", "expert_id", "expert__user_id"
        )
    )
    held = Conflict.objects.filter(
        application__in=round.entries.values("application"), state__in=reviews.BARRING
    ).values_list("application_id", "expert_id", "expert__user_id")
    experts = {(application, expert) for application, expert, _ in held}
    people = {(application, user) for application, _, user in held if user}
    return {
        (application, expert)
        for application, expert, user in pairs
        if (application, expert) in experts or (application, user) in people
    }


def undeclared(member: Member) -> list[Item]:
    """Items the member has said nothing of yet: neither reviewed nor barred."""
    items = list(
        member.meeting.items.select_related("entry__application__organisation").order_by(
            "entry__application__organisation__name", "pk"
        )
    )
    said = set(
        Assignment.objects.filter(
            Q(expert=member.expert_id) | Q(expert__user=member.expert.user_id),
            round=member.meeting.round_id,
            declared_at__isnull=False,
            state=Assignment.State.DEPLOYED,
        ).values_list("application_id", flat=True)
    )
    out = barred([member], [one.entry.application_id for one in items])
    return [
        one
        for one in items
        if one.entry.application_id not in said and (one.entry.application_id, member.pk) not in out
    ]


# The room --------------------------------------------------------------------------------------


def current(meeting: Meeting) -> Item | None:
    return agenda(meeting).filter(state=ItemState.CURRENT).first()


@dataclass(frozen=True, slots=True)
class Seat:
    """A member on the organiser's page while an item is discussed. ``must_leave``: barred now,
    though written down as in the room."""

    member: Member
    presence: str
    words: str
    reason: str
    voted: bool
    rescored: bool
    must_leave: bool


def room(item: Item, members: Iterable[Member]) -> list[Seat]:
    """Everybody and where they are. Four queries, whatever the number of members."""
    seats = list(members)
    held = {
        one.member_id: one for one in Attendance.objects.filter(item=item, sitting=item.sitting)
    }
    voted = set(votes_of(item).values_list("attendance__member_id", flat=True))
    changed = set(
        Rescore.objects.filter(item=item, replaced_at__isnull=True).values_list(
            "member_id", flat=True
        )
    )
    out = barred(seats, [item.entry.application_id])
    found = []
    for member in seats:
        attendance = held.get(member.pk)
        presence = attendance.presence if attendance else Presence.ABSENT.value
        conflict = out.get((item.entry.application_id, member.pk), "")
        leave = bool(conflict) and presence == Presence.IN
        if conflict:
            presence = Presence.BARRED.value
        reason = conflict or (attendance.reason if attendance else "")
        found.append(
            Seat(
                member,
                presence,
                stages.PRESENCE_LABELS[Presence(presence)],
                reason,
                member.pk in voted,
                member.pk in changed,
                leave,
            )
        )
    return found


def votes_of(item: Item) -> QuerySet[Vote]:
    return Vote.objects.filter(attendance__item=item, attendance__sitting=item.sitting)


def present(item: Item) -> int:
    return Attendance.objects.filter(item=item, sitting=item.sitting, presence=Presence.IN).count()


def tally(item: Item) -> dict[str, int]:
    """Votes by motion in the present sitting; every motion has a figure."""
    counts = {str(one["key"]): 0 for one in item.meeting.motions}
    if item.meeting.secret:
        counts |= item.ballots.get(str(item.sitting), {})
    else:
        for choice in votes_of(item).values_list("choice", flat=True):
            counts[choice] = counts.get(choice, 0) + 1
    return counts


def rulings(items: Iterable[Item]) -> dict[int, Ruling]:
    """The latest ruling of each item; of one that is taken up again it no longer stands."""
    found: dict[int, Ruling] = {}
    for one in Ruling.objects.filter(item__in=list(items)).select_related("item__meeting"):
        if one.item.state == ItemState.CONCLUDED and one.sitting == one.item.sitting:
            found[one.item_id] = one
    return found


# Scores ----------------------------------------------------------------------------------------


def review_of(member: Member, application: int) -> Review | None:
    """The member's own submitted review of the application in this round, where it counts."""
    return (
        Review.objects.filter(
            assignment__round=member.meeting.round_id,
            assignment__expert=member.expert_id,
            assignment__application=application,
            assignment__state=Assignment.State.DEPLOYED,
            state=Review.State.SUBMITTED,
        )
        .select_related("assignment")
        .first()
    )


def changes(meeting: Meeting) -> dict[tuple[int, int], Decimal]:
    """(application, expert): the totals that the meeting put in place of reviews."""
    rows = Rescore.objects.filter(item__meeting=meeting, replaced_at__isnull=True).values_list(
        "item__entry__application_id", "member__expert_id", "total"
    )
    return {(application, expert): total for application, expert, total in rows}


@dataclass(frozen=True, slots=True)
class Figures:
    """What the room sees of the scores of an item. ``after`` is set once something changed."""

    before: Decimal | None
    before_rank: int | None
    after: Decimal | None
    spread: Decimal | None
    reviews: int
    changed: int
    flags: list[str]


def scores(meeting: Meeting) -> list[aggregation.Score]:
    """The scores that count now: those of the round with the meeting's own in their place."""
    return figures.merged(
        reviews.submitted_scores(meeting.round),
        changes(meeting),
        barred=barred_experts(meeting.round),
    )


def rule_of(round: Round) -> aggregation.Rule:
    return aggregation.Rule(method=aggregation.Method(round.method), least=round.min_reviews)


def groups(meeting: Meeting) -> dict[int, list[int]]:
    """The meeting's applications by direction; withdrawn ones take no rank."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = meeting.items.exclude(entry__application__status=Status.WITHDRAWN).values_list(
        "entry__application_id", "entry__application__direction_id"
    )
    for application, direction in rows:
        found[direction or 0].append(application)
    return dict(found)


def standings(meeting: Meeting) -> list[aggregation.Standing]:
    return figures.standings(
        groups(meeting),
        scores(meeting),
        rule=rule_of(meeting.round),
        seed=meeting.round.seed,
    )


def figures_of(item: Item) -> Figures:
    """The aggregated score and spread of one item, before and after the meeting's changes."""
    round = item.meeting.round
    application = item.entry.application_id
    result = round.results.filter(application=application).first()
    changed = {
        expert: total
        for (one, expert), total in changes(item.meeting).items()
        if one == application
    }
    own = [one for one in scores(item.meeting) if one.application == application]
    after = None
    if changed:
        group = {0: [application]}
        plain = aggregation.Rule(
            method=aggregation.Method(round.method), least=round.min_reviews, draws=0
        )
        every = scores(item.meeting)
        after = figures.standings(group, every, rule=plain, seed="")[0].score
    return Figures(
        before=result.score if result else None,
        before_rank=result.rank if result else None,
        after=after,
        spread=figures.spread([one.total for one in own]),
        reviews=len(own),
        changed=len(changed),
        flags=result.flag_words if result else [],
    )


# What others ask -------------------------------------------------------------------------------


def results_of(call: Call) -> dict[int, PanelResult]:
    """By application the result of the ministry's last closed meeting on it. One query."""
    return _results(call.pk, None)


def results_of_unit(call: int, unit: int) -> dict[int, PanelResult]:
    """The same of a recommender's own meetings."""
    return _results(call, unit)


def _results(call: int, organisation: int | None) -> dict[int, PanelResult]:
    """What a round closed after the meeting says of an application takes its place."""
    later = Result.objects.filter(
        application=OuterRef("application"),
        round__organisation=organisation,
        round__closed_at__gt=OuterRef("meeting__closed_at"),
    )
    rows = (
        PanelResult.objects.filter(
            meeting__state=MeetingState.CLOSED,
            meeting__round__call=call,
            meeting__round__organisation=organisation,
        )
        .exclude(Exists(later))
        .select_related("meeting")
        .order_by("meeting__closed_at", "pk")
    )
    return {one.application_id: one for one in rows}


def under_discussion(call: Call) -> set[int]:
    """Applications on the agenda of a meeting of the ministry that is planned or under way."""
    return set(
        Item.objects.filter(
            meeting__round__call=call,
            meeting__round__organisation=None,
            meeting__state__in=(MeetingState.PLANNED, MeetingState.RUNNING),
        ).values_list("entry__application_id", flat=True)
    )


def able_experts(meeting: Meeting) -> QuerySet[Expert]:
    """Who can be invited: experts of the pool with an account who are not members yet."""
    return (
        Expert.objects.filter(pool=meeting.round.pool_id, user__isnull=False, available=True)
        .exclude(seats__meeting=meeting)
        .order_by("name", "pk")
    )


def is_ready(round: Round) -> bool:
    return round.state == RoundState.CLOSED


@dataclass(slots=True)
class Line:
    """An item on the organiser's agenda."""

    item: Item
    score: Decimal | None = None
    rank: int | None = None
    out: list[str] = field(default_factory=list)
    ruling: Ruling | None = None
    withdrawn: bool = False


def lines(meeting: Meeting, members: list[Member]) -> list[Line]:
    """The agenda with who must leave for what. A fixed number of queries."""
    items = list(agenda(meeting))
    results = {one.application_id: one for one in meeting.round.results.all()}
    out = barred(members, [one.entry.application_id for one in items])
    names = {one.pk: one.expert.name for one in members}
    ended = rulings(items)
    found = []
    for one in items:
        application = one.entry.application_id
        result = results.get(application)
        found.append(
            Line(
                one,
                result.score if result else None,
                result.rank if result else None,
                [names[pk] for (app, pk) in out if app == application],
                ended.get(one.pk),
                one.entry.application.status == Status.WITHDRAWN,
            )
        )
    return found
