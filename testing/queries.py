"""Reading for the rules, the pages and the rooms above: results in force, ranking, dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from calls import calendar
from calls.models import Call, Direction
from calls.programme import Step, closing
from fulfilment.models import Task
from fulfilment.states import ELIGIBLE
from outcomes.rules import day_of
from testing import conclusions, standing
from testing.conclusions import Counts
from testing.models import AwardScore, Commission, Dispute, Result, ResultRow
from testing.standing import Criterion, Entry
from testing.states import LIVE, Reported, Ruled


@dataclass(frozen=True, slots=True)
class Line:
    """One task in the order for the award.

    ``rank`` None: a part is missing, ``missing`` says which. Equal totals share a rank
    (``tied``); ``gap`` is the distance to the line above in points. ``parts`` are points by
    criterion, ``completion`` is in per cent. ``open``: a dispute or a retest of it is not ended,
    so the line may still change.
    """

    task: Task
    rank: int | None
    total: Decimal | None
    tied: bool
    gap: Decimal | None
    completion: Decimal | None
    counts: Counts
    parts: Mapping[str, Decimal]
    missing: tuple[str, ...]
    open: bool


def ranking(call: Call, direction: Direction | None) -> list[Line]:
    """The tasks of a direction (None: of the whole call) in order for the award, best first.

    What ``honours`` chooses from. Points follow the file's ``[award]`` criteria as
    ``testing.standing`` says: 指标完成度 is computed from the released results in force
    (``in_force``: of each indicator the latest released measurement counts), the others are
    scored by the office or its experts. A task without a released result, or with a criterion
    not scored, stands last without a rank. Tasks that failed, were terminated or taken off the
    list are not in it. Without ``[award]`` nothing has a rank. Six queries, however many tasks.
    """
    tasks = list(award_tasks(call, direction))
    keys = [task.pk for task in tasks]
    measured = in_force(keys)
    counts = {pk: conclusions.count(one.standing for one in measured[pk]) for pk in measured}
    scores: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for score in AwardScore.objects.filter(task__in=keys):
        scores[score.task_id][score.criterion] = score.score
    unsettled = _unsettled(keys)
    by_key = {task.pk: task for task in tasks}
    lines = standing.order(
        [
            Entry(
                pk,
                conclusions.completion(counts[pk]) if pk in counts else None,
                scores.get(pk, {}),
            )
            for pk in keys
        ],
        criteria(call),
    )
    return [
        Line(
            task=by_key[one.key],
            rank=one.rank,
            total=one.total,
            tied=one.tied,
            gap=one.gap,
            completion=conclusions.completion(counts[one.key]) if one.key in counts else None,
            counts=counts.get(one.key, Counts()),
            parts=one.parts,
            missing=one.missing,
            open=one.key in unsettled,
        )
        for one in lines
    ]


def criteria(call: Call) -> list[Criterion]:
    """The criteria of the file's ``[award]``; empty where it has none."""
    award = call.programme.award
    return [
        Criterion(one.key, one.title, one.weight, one.highest)
        for one in (award.criteria if award else ())
    ]


def award_tasks(call: Call, direction: Direction | None) -> QuerySet[Task]:
    """What may stand for the award: reported done, and nothing forbids it."""
    found = Task.objects.filter(
        application__call=call, state__in=[str(one) for one in ELIGIBLE]
    ).select_related("application__organisation", "application__direction", "application__call")
    if direction is not None:
        found = found.filter(application__direction=direction)
    return found.order_by("application__number", "pk")


def in_force(tasks: Collection[int]) -> dict[int, list[ResultRow]]:
    """By task, of each indicator the row that counts: the latest one released.

    A retest of named indicators replaces those and leaves the others as they were. Tasks without
    a released result are left out. One query.
    """
    rows = (
        ResultRow.objects.filter(
            result__commission__task__in=tasks, result__state=Reported.RELEASED
        )
        .select_related("result__commission", "target")
        .order_by("result__released_at", "result", "order")
    )
    found: dict[int, dict[int, ResultRow]] = defaultdict(dict)
    for row in rows:
        found[row.result.commission.task_id][row.target_id] = row
    return {
        task: sorted(latest.values(), key=lambda one: (one.target.order, one.target_id))
        for task, latest in found.items()
    }


def _unsettled(tasks: Collection[int]) -> set[int]:
    """Tasks with a dispute that is not decided or a retest that is not released."""
    disputed = Dispute.objects.filter(
        result__commission__task__in=tasks, state__in=[str(Ruled.OPEN), str(Ruled.PROPOSED)]
    ).values_list("result__commission__task", flat=True)
    retested = Commission.objects.filter(
        task__in=tasks, retest_of__isnull=False, state__in=[str(one) for one in LIVE]
    ).values_list("task", flat=True)
    return {*disputed, *retested}


# Dates -------------------------------------------------------------------------------------------


def dispute_until(result: Result) -> datetime | None:
    """The exclusive end of the days in which the unit may dispute, in the call's own time.

    ``dispute_days`` working days of the file; the day of the release is not counted. None where
    the file gives none, or the calendar of the year is not known.
    """
    call = result.commission.task.application.call
    rule = call.programme.testing
    if result.released_at is None or rule is None or rule.dispute_days is None:
        return None
    released = day_of(call.time(result.released_at))
    try:
        last = calendar.add_working_days(released, rule.dispute_days, first_day_counts=False)
    except calendar.UnknownYear:
        return None
    return closing(last)


# Lists -------------------------------------------------------------------------------------------


def calls_with_testing() -> list[Call]:
    """Opened calls whose programme has the step, the newest first."""
    opened = Call.objects.exclude(state=Call.State.PREPARING).order_by("-opened_at", "-pk")
    return [one for one in opened if Step.TESTING in one.steps]


def results_of(tasks: Iterable[int]) -> dict[int, list[Result]]:
    """The released results by task, the latest first. One query."""
    found: dict[int, list[Result]] = defaultdict(list)
    for result in (
        Result.objects.filter(commission__task__in=list(tasks), state=Reported.RELEASED)
        .select_related("commission__agency__organisation", "commission__task", "dispute", "report")
        .order_by("-released_at", "-pk")
    ):
        found[result.commission.task_id].append(result)
    return dict(found)
