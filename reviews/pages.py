"""Reading for the pages: lists, figures, the expert's desk. The number of queries is fixed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Membership
from accounts.roles import Role
from calls.programme.parts import BlindUntil
from core.figures import whole
from reviews import queries, reading
from reviews.models import Assignment, Conflict, Expert, Result, Review, Round, RoundApplication
from reviews.stages import RoundState


def board(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Rounds with the figures of their list."""
    live = Q(assignments__state=Assignment.State.DEPLOYED)
    return (
        rounds.select_related("call", "organisation")
        .annotate(
            applications=Count("entries", distinct=True),
            out=Count("assignments", filter=live, distinct=True),
            done=Count(
                "assignments",
                filter=live & Q(assignments__review__state=Review.State.SUBMITTED),
                distinct=True,
            ),
        )
        .order_by("-pk")
    )


def named(entries: QuerySet[RoundApplication], words: str) -> QuerySet[RoundApplication]:
    return entries.filter(
        Q(application__title__icontains=words)
        | Q(application__organisation__name__icontains=words)
        | Q(application__number__icontains=words)
    )


def progress(round: Round) -> dict[str, int]:
    """Tasks of a round by what became of them."""
    return round.assignments.aggregate(
        proposed=Count("pk", filter=Q(state=Assignment.State.PROPOSED)),
        out=Count("pk", filter=Q(state=Assignment.State.DEPLOYED)),
        undeclared=Count("pk", filter=Q(state=Assignment.State.DEPLOYED, declared_at__isnull=True)),
        submitted=Count(
            "pk",
            filter=Q(state=Assignment.State.DEPLOYED, review__state=Review.State.SUBMITTED),
        ),
        recused=Count("pk", filter=Q(state=Assignment.State.RECUSED)),
        replaced=Count("pk", filter=Q(state=Assignment.State.REPLACED)),
    )


def review_of(task: Assignment) -> Review | None:
    return Review.objects.filter(assignment=task).first()


def marks(round: Round, review: Review) -> list[dict[str, object]]:
    """A submitted score line by line, for the organiser."""
    return [
        {
            "criterion": criterion,
            "score": review.scores.get(criterion.key),
            "part": criterion.part(review.scores[criterion.key]),
            "comment": review.comments.get(criterion.key, ""),
        }
        for criterion in round.sheet.criteria
        if criterion.key in review.scores
    ]


@dataclass(frozen=True, slots=True)
class Group:
    """A direction within a round; key 0 where there are no directions."""

    key: int
    title: str
    applications: int


def groups(round: Round) -> list[Group]:
    rows = (
        round.entries.values_list(
            "application__direction_id",
            "application__direction__title",
            "application__direction__order",
        )
        .annotate(held=Count("pk"))
        .order_by("application__direction__order", "application__direction_id")
    )
    return [Group(key or 0, title or "全部项目", held) for key, title, _, held in rows]


def results_of(round: Round, direction: int) -> QuerySet[Result]:
    return queries.results(round).filter(application__direction=direction or None)


def conflicts(round: Round, *, q: str = "", kind: str = "", state: str = "") -> QuerySet[Conflict]:
    """Conflicts of a round by what is looked for: expert, unit, project or number."""
    found = queries.conflicts_of(round)
    if q:
        found = found.filter(
            Q(expert__name__icontains=q)
            | Q(expert__employer_name__icontains=q)
            | Q(application__title__icontains=q)
            | Q(application__organisation__name__icontains=q)
            | Q(application__number__icontains=q)
        )
    if kind in Conflict.Kind.values:
        found = found.filter(kind=kind)
    if state in Conflict.State.values:
        found = found.filter(state=state)
    return found


def numbered_as(entries: QuerySet[RoundApplication], words: str) -> QuerySet[RoundApplication]:
    """Entries by project, unit, number of the filing, or their own number (PS-0012)."""
    number = whole(words.upper().removeprefix("PS-"), digits=6)
    found = named(entries, words)
    return found if number is None else found | entries.filter(number=number)


def filtered(experts: QuerySet[Expert], *, q: str = "", state: str = "") -> QuerySet[Expert]:
    if q:
        experts = experts.filter(
            Q(name__icontains=q)
            | Q(employer_name__icontains=q)
            | Q(email__icontains=q)
            | Q(fields__icontains=_escaped(q))
        )
    if state == "ready":
        return experts.filter(available=True, user__isnull=False)
    if state == "waiting":
        return experts.filter(user__isnull=True)
    if state == "away":
        return experts.filter(available=False)
    return experts


def _escaped(text: str) -> str:
    """Text as it stands inside a JSON column that is searched as text (SQLite keeps escapes)."""
    if connection.vendor == "sqlite":
        return json.dumps(text)[1:-1]
    return text


def with_loads(experts: QuerySet[Expert]) -> QuerySet[Expert]:
    lead = Membership.objects.filter(
        user=OuterRef("user"),
        organisation=OuterRef("pool"),
        role=Role.PANEL_LEAD,
        valid_until=None,
    )
    return experts.annotate(
        is_lead=Exists(lead),
        held=Count(
            "assignments",
            filter=Q(
                assignments__state__in=queries.LIVE,
                assignments__round__state__in=(RoundState.ASSIGNING, RoundState.OPEN),
            ),
        ),
    )


# The expert's desk ----------------------------------------------------------------------------


def numbered(tasks: QuerySet[Assignment]) -> QuerySet[Any]:
    """Tasks with their number in the round and whether they are done, in the order of numbers."""
    entry = RoundApplication.objects.filter(
        round=OuterRef("round"), application=OuterRef("application")
    )
    return tasks.annotate(
        number=Subquery(entry.values("number")[:1]),
        is_done=Exists(
            Review.objects.filter(assignment=OuterRef("pk"), state=Review.State.SUBMITTED)
        ),
        is_begun=Exists(Review.objects.filter(assignment=OuterRef("pk"))),
        own_total=Subquery(
            Review.objects.filter(assignment=OuterRef("pk"), state=Review.State.SUBMITTED).values(
                "total"
            )[:1]
        ),
    ).order_by("round_id", "number")


def is_blind(task: Assignment) -> bool:
    """Whether the applicant is hidden from this task's expert now: the round's word, and until
    when by the programme's file (``blind_until``)."""
    if not task.round.blind:
        return False
    rules = task.round.call.programme.review
    if rules is None or rules.blind_until == BlindUntil.CLOSING:
        return True
    own = Review.objects.filter(assignment=task)
    # who has once seen the names does not unsee them: a score given back stays uncovered
    return not own.filter(Q(state=Review.State.SUBMITTED) | Q(reopened_at__isnull=False)).exists()


@dataclass(frozen=True, slots=True)
class Pile:
    """The tasks of one round on a desk. Undeclared ones are counted, not shown."""

    round: Round
    tasks: list[Any]
    undeclared: int
    done: int
    open_now: bool
    now: datetime  # the call's own time

    @property
    def all(self) -> int:
        return len(self.tasks)

    @property
    def next(self) -> Assignment | None:
        return next((task for task in self.tasks if not task.is_done), None)


def desk(tasks: QuerySet[Assignment], *, at: datetime) -> list[Pile]:
    """What lies on the desk, in one query."""
    piles: dict[int, list[Any]] = {}
    for task in numbered(tasks):
        piles.setdefault(task.round_id, []).append(task)
    return [
        Pile(
            round=held[0].round,
            tasks=held,
            undeclared=sum(1 for task in held if task.declared_at is None),
            done=sum(1 for task in held if task.is_done),
            open_now=held[0].round.opens_at
            <= queries.call_time(held[0].round, at)
            < held[0].round.closes_at,
            now=queries.call_time(held[0].round, at),
        )
        for held in piles.values()
    ]


def undeclared(tasks: Sequence[Assignment]) -> list[tuple[Assignment, list[str]]]:
    """Tasks to declare for, with the names of the partners, in the order of the units' names."""
    waiting = [task for task in tasks if task.declared_at is None]
    if not waiting:
        return []
    programme = waiting[0].round.call.programme
    snapshots = dict(
        RoundApplication.objects.filter(
            round=waiting[0].round_id, application__in=[task.application_id for task in waiting]
        ).values_list("application_id", "version__snapshot")
    )
    found = []
    for task in waiting:
        unit = task.application.organisation
        facts = reading.facts(
            programme,
            snapshots.get(task.application_id, {}),
            name=unit.name,
            code=unit.code or "",
            region=unit.region,
        )
        found.append((task, [partner.name for partner in facts.partners]))
    return sorted(found, key=lambda row: (row[0].application.organisation.name, row[0].public_id))


def entry_of(task: Assignment) -> RoundApplication:
    return RoundApplication.objects.select_related("version").get(
        round=task.round_id, application=task.application_id
    )


def following(
    tasks: Sequence[Any], task: Assignment, *, any_state: bool = False
) -> Assignment | None:
    """The next task after this one, going round; only what is not done unless ``any_state``."""
    here = next(at for at, one in enumerate(tasks) if one.pk == task.pk)
    turned = [*tasks[here + 1 :], *tasks[:here]]
    waiting = [one for one in turned if not one.is_done]
    if waiting or not any_state:
        return waiting[0] if waiting else None
    return turned[0] if turned else None
