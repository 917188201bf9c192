"""Reading for the cockpit: a fixed number of statements however many filings there are."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Substr
from django.urls import reverse

from accounts.models import Organisation
from applications import rounds
from applications.models import Application, Section, SectionVersion
from applications.workflow import Status, moves
from calls.models import Call, Extension
from calls.phases import Phase
from calls.programme import Step
from fulfilment import queries as following
from fulfilment.models import Task
from office import forecast, funnel, jobs, queries
from office.models import ExportRequest, Postponement
from recommenders.models import Allotment, OverQuotaRequest, RankedList, SealedScan
from reviews.models import Assignment, Review
from testing import board

L = RankedList.State
DONE = (L.FROZEN, L.SEALED, L.DELIVERED)
RECORD_CALLS = 3
"""How many earlier calls the forecast looks at."""
ENDED = (Status.NOT_SELECTED, Status.NOT_ACCEPTED, Status.WITHDRAWN)


# Funnel ----------------------------------------------------------------------------------------


def stages(call: Call) -> list[funnel.Stage]:
    """The stages of this call's programme."""
    s, table = Status, moves(call.steps)
    steps: list[funnel.Step] = [
        ("draft", "草稿", (s.DRAFT, s.LAPSED), "只计数，不看内容"),
        ("submitted", "已提交", (s.SUBMITTED, s.RETURNED), ""),
    ]
    if "recommend" in table:
        steps.append(("recommended", "已推荐", (s.RECOMMENDED,), ""))
    if "accept" in table:
        steps.append(("accepted", "形式审查通过", (s.ACCEPTED,), ""))
    if "start_review" in table:
        steps.append(("review", "评审", (s.IN_REVIEW,), ""))
    steps.append(("finalist", "入围", (s.FINALIST,), ""))
    return funnel.stages(steps, ENDED)


def cells(call: Call) -> list[funnel.Cell]:
    """Every filing of the call, counted by province, direction and status. One statement."""
    rows = (
        Application.objects.filter(call=call)
        .annotate(
            province=Substr("organisation__region", 1, 2),
            was_submitted_once=Case(
                When(version_number__gt=0, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
        )
        .values_list("province", "direction__key", "status", "was_submitted_once")
        .annotate(n=Count("pk"))
    )
    return [
        funnel.Cell(f"{region}0000" if region else "", direction or "", status, submitted, n)
        for region, direction, status, submitted, n in rows
    ]


# Recommending units ----------------------------------------------------------------------------


def units(call: Call, now: datetime) -> list["Unit"]:
    """Every recommending unit of a call, in three statements whatever their number."""
    live = Q(confirmations__released_at=None)
    limits: dict[int, list[int | None]] = defaultdict(list)
    used: dict[int, int] = defaultdict(int)
    found: dict[int, Organisation] = {}
    for one in (
        Allotment.objects.filter(call=call)
        .select_related("organisation")
        .annotate(used=Count("confirmations", filter=live))
        .order_by("organisation__key", "organisation")
    ):
        found[one.organisation_id] = one.organisation
        used[one.organisation_id] += one.used
        if not one.pool:
            limits[one.organisation_id].append(one.limit)
    lists = {one.organisation_id: one for one in RankedList.objects.filter(call=call)}
    filed = dict(
        Application.objects.filter(call=call, version_number__gt=0)
        .exclude(status=Status.WITHDRAWN)
        .values_list("recommender")
        .annotate(n=Count("pk"))
    )
    rows = []
    for pk, unit in found.items():
        ranked = lists.get(pk)
        begun = ranked is not None and ranked.changed_at is not None
        shape, word = queries.SHAPES[L(ranked.state)] if ranked and begun else ("todo", "未开始")
        facts = forecast.UnitFacts(
            filed.get(pk, 0),
            ranked is not None and ranked.state in DONE,
            ranked.changed_at if ranked else None,
        )
        rows.append(
            Unit(
                unit,
                facts.filed,
                used[pk],
                None if None in limits[pk] else sum(limit or 0 for limit in limits[pk]),
                ranked.state if ranked and begun else "",
                shape,
                word,
                facts.changed_at,
                forecast.may_miss(facts, now=now),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Unit:
    """A recommending unit's line: filed, used and limit, the state of its list."""

    organisation: Organisation
    submitted: int
    used: int
    limit: int | None
    state: str
    shape: str
    word: str
    changed_at: datetime | None
    may_miss: bool


# The forecast of drafts ------------------------------------------------------------------------


def drafts_forecast(call: Call, at: datetime) -> forecast.Forecast | None:
    """What is expected of the open drafts; None when filing does not run. Two statements."""
    now, until = call.time(at), call.filing_until
    if call.phase(at) is not Phase.FILING or until is None or until <= now:
        return None
    parts = len(call.programme.sections)
    saved = Section.objects.filter(application=OuterRef("pk"), version__gt=0)
    open_drafts = (
        Application.objects.filter(call=call, status=Status.DRAFT)
        .annotate(saved=_count(saved))
        .values_list("saved")
        .annotate(n=Count("pk"))
        .order_by()
    )
    left = until - now
    return forecast.of_drafts(
        forecast.bands(open_drafts, parts), _record(call, left=left), left=left
    )


def _record(call: Call, *, left: timedelta) -> dict[int, tuple[int, int]]:
    """Drafts of earlier calls that stood open so long before their deadline, by band, and how
    many of them were submitted before it."""
    earlier = list(
        Call.objects.filter(
            programme_code=call.programme_code,
            rehearsal=call.rehearsal,
            filing_until__lt=call.filing_until,
        )
        .exclude(pk=call.pk)
        .exclude(state=Call.State.PREPARING)
        .order_by("-filing_until")[:RECORD_CALLS]
    )
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for one in earlier:
        assert one.filing_until is not None
        # Rows are stamped with real instants, dates are in the call's own time.
        cut = one.filing_until - one.clock_offset - left
        first = SectionVersion.objects.filter(
            section__application=OuterRef("pk"), version=1, saved_at__lte=cut
        )
        rows = (
            Application.objects.filter(call=one, created_at__lte=cut)
            .filter(Q(first_submitted_at=None) | Q(first_submitted_at__gt=cut))
            .annotate(saved=_count(first))
            .values_list("saved")
            .annotate(n=Count("pk"), came=Count("pk", filter=Q(version_number__gt=0)))
            .order_by()
        )
        parts = len(one.programme.sections)
        for saved, n, came in rows:
            band = found[forecast.band_of(saved, parts)]
            band[0] += n
            band[1] += came
    return {band: (known, came) for band, (known, came) in found.items()}


# What waits ------------------------------------------------------------------------------------


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many rows, as a part of another statement."""
    counted = (
        rows.order_by()
        .annotate(all_of_them=Value(1))
        .values("all_of_them")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def counts(call: Call, at: datetime) -> dict[str, int]:
    """Everything that is only counted, in one statement."""
    table = moves(call.steps)
    check = Application.objects.none()
    if "accept" in table and call.phase(at) is Phase.PROCESSING:
        check = Application.objects.filter(call=call, status=table["accept"].sources[0])
    corrected = rounds.waiting().filter(application__call=call, by_office=True)
    behind = experts_behind(call)
    every: dict[str, QuerySet[Any]] = {
        "over_quota": OverQuotaRequest.objects.filter(
            allotment__call=call, state=OverQuotaRequest.State.PENDING
        ),
        "scans": SealedScan.objects.filter(
            list_version__list__call=call, state=SealedScan.State.MANUAL_PENDING
        ),
        "extensions": Extension.objects.filter(call=call, state=Extension.State.PROPOSED),
        "postponements": Postponement.objects.filter(call=call, state=Postponement.State.PROPOSED),
        "corrected": corrected,
        "check": check,
        "reviews_left": behind,
        **_of_tasks(call, at),
        **jobs.counted(at),
    }
    names = {f"n_{name}": _count(rows) for name, rows in every.items()}
    row = Call.objects.filter(pk=call.pk).annotate(**names).values(*names).get()
    return {name: row[f"n_{name}"] for name in every}


TASKS = {
    "task_plan": ("plan", "任务计划待审核"),
    "task_report": ("report", "任务报告待审核"),
    "task_change": ("change", "任务变更待办"),
}
"""Counts of tasks in which something waits: the filter of their list, and its words."""
TESTED = {
    board.PROPOSED: "测评委托待批准",
    board.SEALED: "测评结果待发布",
    board.DISPUTED: "测评异议待处理",
}
"""States of the testing board in which the office is asked."""


def _of_tasks(call: Call, at: datetime) -> dict[str, QuerySet[Any]]:
    tasks = Task.objects.filter(application__call=call)
    today = following.today_of(call, at)
    return {
        "tasks": tasks,
        **{key: tasks.filter(following.condition(name, today)) for key, (name, _) in TASKS.items()},
    }


def _in_tasks(call: Call, at: datetime, found: dict[str, int]) -> list[queries.Waiting]:
    """What waits in the years after the list; nothing is read where no task has begun."""
    if not found["tasks"]:
        return []
    listed = f"{reverse('fulfilment:index')}?call={call.code}&state="
    waits = [
        queries.Waiting(words, found[key], listed + name) for key, (name, words) in TASKS.items()
    ]
    if Step.TESTING in call.steps:
        states = Counter(one.state for one in board.lines(call, now=call.time(at)))
        tested = f"{reverse('testing:board', args=[call.code])}?state="
        waits += [
            queries.Waiting(words, states[key], tested + key) for key, words in TESTED.items()
        ]
    return waits


def experts_behind(call: Call) -> QuerySet[Assignment]:
    """Deployed reviews of a running round that are not submitted."""
    done = Review.objects.filter(assignment=OuterRef("pk"), state=Review.State.SUBMITTED)
    return Assignment.objects.filter(
        round__call=call, state=Assignment.State.DEPLOYED, round__closed_at=None
    ).exclude(Exists(done))


def waiting(call: Call, at: datetime, found: dict[str, int]) -> list[queries.Waiting]:
    """What waits for a decision of the office in this call, each with the way there."""
    listed = reverse("office:applications")
    dates = f"{reverse('office:deadlines')}?call={call.code}"
    late = call.paper_until is not None and call.time(at) >= call.paper_until
    every = [
        queries.Waiting(
            "纸质材料逾期未收齐",
            len(queries.paper_missing(call)) if late else 0,
            f"{reverse('recommenders:paper', args=[call.code])}?state=behind",
        ),
        queries.Waiting(
            "超额申请待审批",
            found["over_quota"],
            f"{reverse('recommenders:over_quota')}?call={call.code}",
        ),
        queries.Waiting(
            "扫描件待复核",
            found["scans"],
            f"{reverse('recommenders:office_lists', args=[call.code])}?state=look",
        ),
        queries.Waiting("延期待批准", found["extensions"], dates),
        queries.Waiting("批量延期待批准", found["postponements"], dates),
        queries.Waiting(
            "导出申请待批准",
            ExportRequest.objects.filter(state=ExportRequest.State.PROPOSED).count(),
            f"{reverse('office:exports')}?state=proposed",
        ),
        queries.Waiting(
            "修改待核对",
            found["corrected"],
            f"{listed}?call={call.code}&correction=office",
        ),
        queries.Waiting(
            "待形式审查", found["check"], reverse("outcomes:formal_check", args=[call.code])
        ),
        *_in_tasks(call, at, found),
    ]
    return [one for one in every if one.count]


def behind_by_expert(call: Call) -> Sequence[tuple[str, str, int, int]]:
    """(expert, round, reviews left, reviews in all), the most left first."""
    left = experts_behind(call).values("pk")
    rows = (
        Assignment.objects.filter(
            round__call=call, state=Assignment.State.DEPLOYED, round__closed_at=None
        )
        .values("expert__name", "round__title", "expert", "round")
        .annotate(all=Count("pk"), left=Count("pk", filter=Q(pk__in=left)))
        .filter(left__gt=0)
        .order_by("-left", "expert__name")
    )
    return [(r["expert__name"], r["round__title"], r["left"], r["all"]) for r in rows]
