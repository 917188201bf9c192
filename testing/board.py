"""The office's testing board: one line per task, its state, its agency, its date. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from calls.models import Call
from core.templatetags.jiebang import deadline
from documents.workbook import Page, of_pages
from fulfilment.models import Task
from fulfilment.states import ELIGIBLE
from testing.models import Commission, Dispute, Result
from testing.states import Commissioned, Reported, Ruled

NONE, PROPOSED, OFFERED, UNDER_WAY = "none", "proposed", "offered", "under_way"
REVIEW, SEALING, SEALED, RELEASED, DISPUTED = (
    "review",
    "sealing",
    "sealed",
    "released",
    "disputed",
)
STATES: dict[str, tuple[str, str]] = {
    NONE: ("todo", "待委托"),
    PROPOSED: ("wait", "委托待批准"),
    OFFERED: ("wait", "待机构确认"),
    UNDER_WAY: ("doing", "测评中"),
    REVIEW: ("doing", "机构复核中"),
    SEALING: ("doing", "待盖章"),
    SEALED: ("wait", "待发布"),
    DISPUTED: ("fix", "有异议"),
    RELEASED: ("done", "已发布"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """``commission``: the live one, else the last; ``result``: its result, else the last one that
    was released. ``settled``: how often it was released."""

    task: Task
    commission: Commission | None
    result: Result | None
    released: Result | None
    dispute: Dispute | None
    state: str
    overdue: bool

    @property
    def mark(self) -> tuple[str, str]:
        return STATES[self.state]

    @property
    def may_be_commissioned(self) -> bool:
        return self.state == NONE


def lines(call: Call, *, now: datetime) -> list[Line]:
    """Every task of the call that may be tested or was, by direction and number; three queries.

    ``now``: the call's own time.
    """
    commissions = Commission.objects.select_related(
        "agency__organisation", "result__dispute", "proposed_by", "approved_by"
    ).order_by("pk")
    tasks = (
        Task.objects.filter(application__call=call)
        .filter(
            Q(state__in=[str(one) for one in ELIGIBLE])
            | Q(pk__in=Commission.objects.filter(task__application__call=call).values("task"))
        )
        .select_related("application__organisation", "application__direction")
        .prefetch_related(Prefetch("commissions", queryset=commissions))
        .order_by("application__direction__order", "application__number", "pk")
    )
    return [_line(task, now) for task in tasks]


def _line(task: Task, now: datetime) -> Line:
    every = list(task.commissions.all())
    live = next((one for one in every if one.is_live), None)
    results = [(one, getattr(one, "result", None)) for one in every]
    released = [one for _, one in results if one is not None and one.state == Reported.RELEASED]
    released.sort(key=lambda one: (one.released_at is None, one.released_at))
    last = released[-1] if released else None
    shown = live or (last.commission if last else (every[-1] if every else None))
    result = getattr(shown, "result", None) if shown else None
    disputes = [getattr(one, "dispute", None) for one in released]
    open_one = next(
        (one for one in disputes if one and one.state in (Ruled.OPEN, Ruled.PROPOSED)), None
    )
    state = _state(live, result if live else None, last, open_one)
    return Line(
        task=task,
        commission=shown,
        result=result,
        released=last,
        dispute=open_one,
        state=state,
        overdue=bool(live and live.is_overdue(now) and state not in (SEALED, RELEASED, DISPUTED)),
    )


def _state(
    live: Commission | None, result: Result | None, released: Result | None, dispute: Dispute | None
) -> str:
    if live is None:
        if dispute is not None:
            return DISPUTED
        return RELEASED if released is not None else NONE
    if live.state != Commissioned.ACCEPTED or result is None:
        return PROPOSED if live.state == Commissioned.PROPOSED else OFFERED
    return {
        Reported.DRAFT: UNDER_WAY,
        Reported.SUBMITTED: REVIEW,
        Reported.APPROVED: SEALING,
        Reported.SEALED: SEALED,
    }.get(Reported(result.state), UNDER_WAY)


def chosen(found: list[Line], wanted: Mapping[str, str]) -> list[Line]:
    """The lines that fit: ``direction`` (key), ``state``, ``agency`` (key), ``overdue``, ``q``."""
    direction, state, agency = wanted.get("direction"), wanted.get("state"), wanted.get("agency")
    text = (wanted.get("q") or "").strip()
    return [
        one
        for one in found
        if (not direction or _direction(one) == direction)
        and (not state or one.state == state)
        and (not agency or (one.commission and str(one.commission.agency_id) == agency))
        and (not wanted.get("overdue") or one.overdue)
        and (
            not text
            or any(
                text in said
                for said in (
                    one.task.title,
                    one.task.application.number,
                    one.task.application.organisation.name,
                )
            )
        )
    ]


def _direction(line: Line) -> str:
    direction = line.task.application.direction
    return direction.key if direction else ""


def _direction_title(line: Line) -> str:
    direction = line.task.application.direction
    return direction.title if direction else ""


@dataclass(frozen=True, slots=True)
class Pile:
    """A direction with how many of its tasks stand where."""

    key: str
    title: str
    total: int
    counts: Mapping[str, int]
    overdue: int

    @property
    def busy(self) -> int:
        """How many are with somebody: to be approved, with the agency, disputed."""
        waiting = (NONE, SEALED, RELEASED)
        return sum(number for state, number in self.counts.items() if state not in waiting)


def piles(found: list[Line]) -> list[Pile]:
    """The directions of these lines, in order."""
    by_key: dict[str, list[Line]] = {}
    for one in found:
        by_key.setdefault(_direction(one), []).append(one)
    return [
        Pile(
            key,
            _direction_title(some[0]) or "不分方向",
            len(some),
            Counter(one.state for one in some),
            sum(one.overdue for one in some),
        )
        for key, some in by_key.items()
    ]


def workbook(found: list[Line], *, title: str, notes: list[str]) -> bytes:
    """The board as a sheet, with how it was filtered on a second one."""
    head = [
        ("申报编号", 18),
        ("项目名称", 36),
        ("承担单位", 30),
        ("方向", 24),
        ("测评机构", 28),
        ("状态", 14),
        ("完成期限", 20),
        ("逾期", 8),
        ("总体结论", 14),
        ("指标统计", 36),
    ]
    rows = [
        [
            one.task.application.number,
            one.task.title,
            one.task.application.organisation.name,
            _direction_title(one),
            one.commission.agency.name if one.commission else "",
            one.mark[1],
            deadline(one.commission.due) if one.commission else "",
            "是" if one.overdue else "",
            one.released.tally.overall_words if one.released else "",
            one.released.tally.words if one.released else "",
        ]
        for one in found
    ]
    return of_pages([Page(title, "", head, rows), Page("说明", "", [], [[line] for line in notes])])
