"""Reading for rules and pages: what waits, who is able, loads, progress, ranking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts import units
from accounts.models import Membership, Organisation
from accounts.roles import EXPERT
from applications.models import Application, Version
from applications.workflow import Status, moves
from calls.models import Call, Direction
from reviews import aggregation, assignment, reading
from reviews.conflicts import ApplicationFacts
from reviews.models import (
    Assignment,
    Conflict,
    Expert,
    Result,
    Review,
    Round,
    RoundApplication,
    barring,
)
from reviews.stages import RoundState

LIVE = (Assignment.State.PROPOSED, Assignment.State.DEPLOYED)
BARRING = (Conflict.State.ACTIVE, Conflict.State.PINNED)


# What outcomes and office ask -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the ranking. ``interval``: ranks between which it falls when experts change."""

    application: Application
    score: Decimal | None
    rank: int | None
    interval: tuple[int, int] | None
    flags: tuple[str, ...]
    flag_words: tuple[str, ...]
    reviews: int


def ranking(call: Call, direction: Direction | None = None) -> list[Row]:
    """The ministry's ranking of a call, best first; of one direction when it is named.

    Only closed rounds count; where an application stood in several, the last one. Withdrawn
    applications are left out. Ranks are ranks within the direction. One query.
    """
    results = Result.objects.filter(
        round__call=call, round__organisation=None, round__state=RoundState.CLOSED
    ).exclude(application__status=Status.WITHDRAWN)
    if direction is not None:
        results = results.filter(application__direction=direction)
    results = results.select_related(
        "application__organisation", "application__recommender", "application__direction"
    ).order_by("round__closed_at", "round_id")
    latest = {result.application_id: result for result in results}
    return [
        row(result)
        for result in sorted(
            latest.values(),
            key=lambda one: (
                _order(one.application.direction),
                one.rank is None,
                one.rank or 0,
                one.application_id,
            ),
        )
    ]


def row(result: Result) -> Row:
    span = None
    if result.rank_low is not None and result.rank_high is not None:
        span = (result.rank_low, result.rank_high)
    return Row(
        application=result.application,
        score=result.score,
        rank=result.rank,
        interval=span,
        flags=tuple(result.flags),
        flag_words=tuple(result.flag_words),
        reviews=result.reviews_count,
    )


def _order(direction: Direction | None) -> tuple[int, int]:
    return (direction.order, direction.pk) if direction else (0, 0)


def round_open(call: Call) -> bool:
    """Is a review of the ministry still under way in this call: made and not closed?"""
    return (
        Round.objects.filter(call=call, organisation=None).exclude(state=RoundState.CLOSED).exists()
    )


def overview(call: Call) -> dict[str, int]:
    """Tasks sent out and scores submitted in the ministry's rounds of a call, for the cockpit."""
    return Assignment.objects.filter(
        round__call=call, round__organisation=None, state=Assignment.State.DEPLOYED
    ).aggregate(
        tasks=Count("pk"), submitted=Count("pk", filter=Q(review__state=Review.State.SUBMITTED))
    )


# Making a round -------------------------------------------------------------------------------


def call_time(round: Round, at: datetime) -> datetime:
    """The instant in the call's own time, which the round's dates are given in."""
    return round.call.time(at)


def waiting_for_review(call: Call, organisation: Organisation | None) -> QuerySet[Application]:
    """Applications that a new round would take in, and that are in no unfinished one.

    For the ministry those ready for ``start_review`` and those in review already; for a
    recommender those submitted to it and not yet recommended.
    """
    if organisation is None:
        move = moves(call.steps).get("start_review")
        sources = (*move.sources, Status.IN_REVIEW) if move else ()
        found = Application.objects.filter(call=call, status__in=sources)
    else:
        found = Application.objects.filter(
            Q(recommender=organisation) | Q(preselector=organisation),
            call=call,
            status=Status.SUBMITTED,
        )
    unfinished = RoundApplication.objects.filter(
        application=OuterRef("pk"), round__organisation=organisation
    ).exclude(round__state=RoundState.CLOSED)
    return found.exclude(Exists(unfinished)).order_by("pk")


def judged_versions(applications: Sequence[Application]) -> dict[int, int]:
    """Of each application the key of its last submitted version: what the experts will read."""
    return dict(
        Version.objects.filter(
            application__in=[one.pk for one in applications],
            number=F("application__version_number"),
        ).values_list("application_id", "pk")
    )


def tasks(round: Round) -> list[assignment.Task]:
    """What the rule assigns: each application with its topics and the experts it wants."""
    entries = round.entries.exclude(application__status=Status.WITHDRAWN).select_related(
        "application__direction", "application__subfield"
    )
    return [
        assignment.Task(
            key=entry.application_id,
            topics=topics(entry.application),
            wanted=round.experts_per_application,
        )
        for entry in entries
    ]


def topics(application: Application) -> tuple[str, ...]:
    named = (application.direction, application.subfield)
    return tuple(one.title for one in named if one is not None)


def application_facts(round: Round) -> dict[int, ApplicationFacts]:
    """What conflicts are looked for in, from the frozen versions."""
    programme = round.call.programme
    found = {
        entry.application_id: reading.facts(
            programme,
            entry.version.snapshot,
            name=entry.application.organisation.name,
            code=entry.application.organisation.code or "",
            region=entry.application.organisation.region,
        )
        for entry in round.entries.select_related("version", "application__organisation")
    }
    codes = {unit.code for one in found.values() for unit in (one.applicant, *one.partners)}
    marks = units.other_marks(codes)
    return {key: one.with_marks(marks) for key, one in found.items()} if marks else found


# Experts and conflicts ------------------------------------------------------------------------


def able_experts(round: Round, *, at: datetime) -> QuerySet[Expert]:
    """Experts of the round's pool who can be asked: available, and holding the role now."""
    held = Membership.objects.active(at).filter(organisation=round.pool_id, role__in=EXPERT)
    return Expert.objects.filter(user__in=held.values("user"), pool=round.pool_id, available=True)


def loads_elsewhere(round: Round) -> dict[int, int]:
    """Tasks the pool's experts hold in other unfinished rounds."""
    return dict(
        Assignment.objects.filter(expert__pool=round.pool_id, state__in=LIVE)
        .exclude(round=round)
        .exclude(round__state=RoundState.CLOSED)
        .values_list("expert")
        .annotate(held=Count("pk"))
    )


def barred_pairs(round: Round) -> set[tuple[int, int]]:
    """(application, expert) pairs that no proposal may hold: conflicts, and tasks given up.

    A conflict of the same person in another pool counts too.
    """
    judged = round.entries.filter(application=OuterRef("application"))  # row by row, as below
    found = Conflict.objects.filter(Exists(judged), state__in=BARRING).order_by()
    own = found.filter(expert__pool=round.pool_id).values_list("application_id", "expert_id")
    same = found.filter(expert__user__isnull=False).values_list("application_id", "expert__user_id")
    by_user = dict(
        Expert.objects.filter(pool=round.pool_id, user__isnull=False).values_list("user_id", "pk")
    )
    left = round.assignments.filter(
        state__in=(Assignment.State.RECUSED, Assignment.State.REPLACED)
    ).values_list("application_id", "expert_id")
    elsewhere = {(application, by_user[user]) for application, user in same if user in by_user}
    return set(own) | set(left) | elsewhere


def conflicts_between(expert: Expert, application: Application) -> QuerySet[Conflict]:
    same = Q(expert=expert)
    if expert.user_id:
        same |= Q(expert__user=expert.user_id)
    return Conflict.objects.filter(same, application=application, state__in=BARRING)


def is_barred(task: Assignment) -> bool:
    return Assignment.objects.filter(barring(), pk=task.pk).exists()


def conflicts_of(round: Round) -> QuerySet[Conflict]:
    judged = round.entries.filter(application=OuterRef("application"))  # asked row by row: an IN
    return (  # of all entries is tried against every expert
        Conflict.objects.filter(Exists(judged), expert__pool=round.pool_id)
        .select_related("expert", "application__organisation", "by")
        .order_by("application_id", "expert_id", "kind")
    )


def standing_conflicts(round: Round, *, most: int) -> int:
    """How many conflicts bar in the round, counted to ``most`` and no further."""
    found = conflicts_of(round).filter(state__in=BARRING).order_by().values("pk")
    return found[:most].count()


# Progress and results -------------------------------------------------------------------------


def unfinished(round: Round) -> QuerySet[Assignment]:
    """Tasks that are out and have no submitted score."""
    return round.assignments.filter(state=Assignment.State.DEPLOYED).exclude(
        review__state=Review.State.SUBMITTED
    )


def submitted_scores(round: Round) -> list[aggregation.Score]:
    """The scores that count: submitted, by experts neither recused nor replaced."""
    rows = Review.objects.filter(
        assignment__round=round,
        assignment__state=Assignment.State.DEPLOYED,
        state=Review.State.SUBMITTED,
    ).values_list("assignment__application_id", "assignment__expert_id", "total")
    return [aggregation.Score(*row) for row in rows]


def by_direction(round: Round) -> dict[int, list[int]]:
    """Applications of a round by their direction's key; 0 where there are no directions.

    Withdrawn ones take no rank.
    """
    groups: dict[int, list[int]] = defaultdict(list)
    judged = round.entries.exclude(application__status=Status.WITHDRAWN)
    for application, direction in judged.values_list("application_id", "application__direction_id"):
        groups[direction or 0].append(application)
    return dict(groups)


def results(round: Round) -> QuerySet[Result]:
    return round.results.select_related(
        "application__organisation", "application__direction", "application__recommender"
    ).order_by("application__direction__order", F("rank").asc(nulls_last=True), "application_id")


def names_of_experts(round: Round) -> set[str]:
    """Names and employers of everybody who had a task in the round, of two characters or more."""
    rows = round.assignments.values_list("expert__name", "expert__employer_name")
    return {name for row in rows for name in row if len(name) >= 2}


def gathered(round: Round, application: Application, names: Mapping[int, str]) -> str:
    """The experts' overall comments on one application under their numbers: a first draft."""
    rows = Review.objects.filter(
        assignment__round=round,
        assignment__application=application,
        assignment__state=Assignment.State.DEPLOYED,
        state=Review.State.SUBMITTED,
    ).values_list("assignment__expert_id", "overall")
    said = sorted((names[expert], text.strip()) for expert, text in rows if text.strip())
    return "\n".join(f"{name}：{text}" for name, text in said)
