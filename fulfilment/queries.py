"""Reading for the pages: the list of tasks with what waits in each, and what a unit has to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts import regions
from calls.models import Call
from fulfilment import terms
from fulfilment.models import Change, Plan, Report, Task, TaskBook
from fulfilment.states import State
from outcomes.models import Publication

FILTERS = {
    "": "全部任务",
    "under_way": "实施中",
    "overdue": "任务逾期",
    "late": "报告逾期",
    "report": "报告待审核",
    "plan": "计划待审核",
    "no_plan": "没有已接受的计划",
    "change": "变更待办",
    "ready": "已完成待评价",
    "ended": "已结题",
    "failed": "未通过验收",
    "terminated": "已终止",
    "void": "名单已撤下",
    "lowered": "目标已调低",
}
COLUMNS = {
    "direction": "方向",
    "region": "地区",
    "recommender": "推荐单位",
    "lead": "负责人",
    "due": "到期日",
    "next": "下一报告",
    "changes": "变更",
    "state": "状态",
}
USUAL = ("direction", "due", "next", "changes", "state")


def today_of(call: Call, at: datetime) -> date:
    """The day of an instant in the call's own time."""
    return terms.day_of(call.time(at))


def calls_with_tasks(tasks: QuerySet[Task]) -> list[Call]:
    """Calls in which these tasks are, newest first."""
    return list(
        Call.objects.filter(pk__in=tasks.values("application__call")).order_by("-opened_at", "-pk")
    )


def condition(name: str, today: date) -> Q:
    """The filter of this name as a condition on tasks."""
    reports = Report.objects.filter(task=OuterRef("pk"))
    if name == "overdue":
        return Q(state=State.UNDER_WAY, due_on__lt=today)
    if name == "late":
        late = reports.filter(state__in=Report.WAITING, due_on__lt=today)
        return Q(Exists(late), state=State.UNDER_WAY)
    if name == "report":
        return Q(Exists(reports.filter(state=Report.State.SUBMITTED)))
    if name == "plan":
        return Q(Exists(Plan.objects.filter(task=OuterRef("pk"), state=Plan.State.SUBMITTED)))
    if name == "no_plan":
        accepted = Plan.objects.filter(task=OuterRef("pk"), state=Plan.State.ACCEPTED)
        return Q(~Exists(accepted), state=State.UNDER_WAY)
    if name == "change":
        return Q(Exists(Change.objects.filter(task=OuterRef("pk"), state__in=Change.OPEN)))
    if name == "lowered":
        return Q(targets__lowered=True)
    return Q(state=name) if name in State.values else Q()


def chosen(tasks: QuerySet[Task], data: Mapping[str, Any], today: date) -> QuerySet[Task]:
    """The tasks that fit every part of the filter that is set."""
    found = tasks
    if text := str(data.get("q") or "").strip():
        found = found.filter(
            Q(title__icontains=text)
            | Q(application__organisation__name__icontains=text)
            | Q(application__number__icontains=text)
        )
    if data.get("direction"):
        found = found.filter(application__direction__key=data["direction"])
    if data.get("region"):
        found = found.filter(application__organisation__region__startswith=str(data["region"])[:2])
    if data.get("state"):
        found = found.filter(condition(str(data["state"]), today))
    return (
        found.select_related(
            "application__organisation", "application__direction", "application__recommender"
        )
        .order_by("application__direction__order", "application__number", "pk")
        .distinct()
    )


def figures(tasks: QuerySet[Task], today: date) -> list[tuple[str, str, int]]:
    """(filter, words, how many) above the list; each figure is the filter's own list."""
    names = ("", "under_way", "overdue", "late", "report", "plan", "change")
    counts = tasks.aggregate(
        **{f"n_{name}": Count("pk", filter=condition(name, today), distinct=True) for name in names}
    )
    return [(name, FILTERS[name], counts[f"n_{name}"]) for name in names]


@dataclass(slots=True)
class Row:
    """A task on a list with what waits in it. ``today`` is a day of its call's own time."""

    task: Task
    today: date
    next: Report | None = None
    late: int = 0
    submitted: int = 0
    changes: int = 0
    plan: str = ""

    @property
    def region(self) -> str:
        code = self.task.application.organisation.region
        return regions.name_of(code) or code or "未注明"

    @property
    def overdue(self) -> bool:
        return self.task.is_overdue(self.today)

    @property
    def shape(self) -> str:
        return shape(self.task, self.today)

    @property
    def words(self) -> str:
        return words(self.task, self.today)


def shape(task: Task, today: date) -> str:
    """The mark of where a task stands."""
    if task.is_overdue(today):
        return "fix"
    return {
        State.UNDER_WAY: "doing",
        State.READY: "wait",
        State.ENDED: "done",
        State.FAILED: "no",
        State.TERMINATED: "void",
        State.VOID: "void",
    }[State(task.state)]


def words(task: Task, today: date) -> str:
    """Where a task stands, in words: late is said, and what it waits for."""
    if task.is_overdue(today):
        assert task.due_on is not None
        return f"逾期 {(today - task.due_on).days} 天"
    if task.state == State.READY:
        steps = task.application.call.steps
        waits = "待验收" if "acceptance" in steps else "待测评" if "testing" in steps else "待评价"
        return f"已完成，{waits}"
    if task.state == State.ENDED and "acceptance" in task.application.call.steps:
        return "验收合格"
    return task.get_state_display()


def rows(tasks: Sequence[Task], *, at: datetime) -> list[Row]:
    """Rows for these tasks in a fixed number of queries; their calls must be loaded or shared."""
    found = {task.pk: Row(task, today_of(task.application.call, at)) for task in tasks}
    for report in Report.objects.filter(task__in=found).order_by("due_on", "pk"):
        row = found[report.task_id]
        report.task = row.task
        if report.state == Report.State.SUBMITTED:
            row.submitted += 1
        if report.is_waiting and report.due_on is not None:
            row.next = row.next or report
            row.late += row.task.state == State.UNDER_WAY and report.due_on < row.today
    for pk, n in (
        Change.objects.filter(task__in=found, state__in=Change.OPEN)
        .values_list("task")
        .annotate(n=Count("pk"))
    ):
        found[pk].changes = n
    for plan in Plan.objects.filter(task__in=found).order_by("number"):
        found[plan.task_id].plan = plan.get_state_display()
    return list(found.values())


# What a unit has to do -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do: its words, its last day, where it is done."""

    title: str
    until: date | None
    url: str
    late: bool = False
    hint: str = ""


@dataclass(slots=True)
class Standing:
    """A task for its page: what has to be done now, nearest day first."""

    task: Task
    today: date
    todo: list[ToDo] = field(default_factory=list)

    @property
    def first(self) -> ToDo | None:
        return self.todo[0] if self.todo else None


def to_do(task: Task, *, at: datetime) -> list[ToDo]:
    """What the unit has to do in this task, nearest day first; nothing once it is over."""
    return to_do_in([task], at=at)[task.pk]


def to_do_in(tasks: Sequence[Task], *, at: datetime) -> dict[int, list[ToDo]]:
    """The same for many, by the key of the task, in three statements."""
    running = {one.pk: one for one in tasks if one.state == State.UNDER_WAY}
    plans: dict[int, Plan] = {}
    books: dict[int, TaskBook] = {}
    reports: dict[int, list[Report]] = {pk: [] for pk in running}
    if running:
        plans = {
            one.task_id: one for one in Plan.objects.filter(task__in=running).order_by("number")
        }
        unsigned = TaskBook.objects.filter(task__in=running, unit_signed_at=None)
        books = {one.task_id: one for one in unsigned}
        waiting = Report.objects.filter(task__in=running, state__in=Report.WAITING)
        for report in waiting.order_by("due_on", "pk"):
            reports[report.task_id].append(report)
    return {
        task.pk: _to_do(task, plans.get(task.pk), books.get(task.pk), reports[task.pk], at=at)
        if task.pk in running
        else []
        for task in tasks
    }


def _to_do(
    task: Task, plan: Plan | None, book: TaskBook | None, reports: Sequence[Report], *, at: datetime
) -> list[ToDo]:
    """``plan`` is the newest, ``book`` one that waits for the unit, ``reports`` those not sent."""
    today = today_of(task.application.call, at)
    found: list[ToDo] = []
    if plan is None or plan.state in (Plan.State.DRAFT, Plan.State.RETURNED):
        words = "修改被退回的实施计划" if plan and plan.state == "returned" else "填报实施计划"
        found.append(ToDo(words, None, reverse("fulfilment:plan", args=[task.public_id])))
    if book is not None:
        found.append(ToDo(f"签署任务书 {book.number}", None, task_url(task) + "#book"))
    for report in reports:
        report.task = task
        returned = report.state == Report.State.RETURNED
        late = report.is_overdue(today)
        if report.kind == Report.Kind.FINAL and len(found) and not late and not returned:
            continue
        found.append(
            ToDo(
                f"{'修改' if returned else '提交'}{report.title}",
                report.due_on,
                reverse("fulfilment:report", args=[report.public_id]),
                late,
                f"已逾期 {(today - report.due_on).days} 天" if late and report.due_on else "",
            )
        )
    return sorted(found[:6], key=lambda one: (one.until is not None, one.until or today))


def task_url(task: Task) -> str:
    return reverse("fulfilment:task", args=[task.public_id])


def of_unit(organisation_id: int) -> list[Task]:
    return list(
        Task.objects.filter(application__organisation=organisation_id)
        .select_related("application__call", "application__organisation", "application__direction")
        .order_by("-started_at", "-pk")
    )


def late_reports(tasks: QuerySet[Task], today: date) -> QuerySet[Report]:
    """Reports whose day has gone by, longest first."""
    return (
        Report.objects.filter(
            task__in=tasks, task__state=State.UNDER_WAY, state__in=Report.WAITING, due_on__lt=today
        )
        .select_related(
            "task__application__call",
            "task__application__organisation",
            "task__application__recommender",
        )
        .order_by("due_on", "pk")
    )


def differing(
    old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Milestones of two versions, paired by title: added, removed, changed or the same."""
    before = {str(row["title"]): row for row in old}
    after = {str(row["title"]): row for row in new}
    found = []
    for title in dict.fromkeys([*before, *after]):
        a, b = before.get(title), after.get(title)
        kind = "added" if a is None else "removed" if b is None else "same" if a == b else "changed"
        found.append({"title": title, "before": a, "after": b, "shown": b or a, "kind": kind})
    return found


def on_list(publication: Publication) -> list[Task]:
    """The tasks of the list, in the order of their filings."""
    return list(
        Task.objects.filter(publication=publication)
        .exclude(state=State.VOID)
        .select_related("application__organisation", "application__direction", "application__call")
        .order_by("application__direction__order", "application__number", "pk")
    )
