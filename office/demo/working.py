"""A round whose tasks are under work: plans, a report in, one overdue, an extension asked for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from accounts.roles import Role
from audit.services import Actor
from calls import services as calls
from calls.models import Call
from calls.programme import CHINA, Step
from fulfilment import services, terms
from fulfilment.models import Report, Task
from fulfilment.planform import to_agree
from office.demo.announcing import BEFORE, announced
from office.demo.cast import Cast, admin_of

PROGRAMME, CODE, TASKS = "2021-jiebang", "demo-working", 5
STEPS = (*BEFORE, Step.TASK, Step.TESTING, Step.AWARD)
APPROACH = "先完成工程样机，再小批量试制，最后第三方测试。（演示）"
REASON = "关键器件到货推迟两个月，样机测试顺延，申请相应延期。（演示）"


def round_at_work(cast: Cast, *, at: datetime) -> Call:
    """Of five tasks: one whose plan waits to be read, one report in, one accepted, one overdue,
    one that asks for more time."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    call = announced(
        cast,
        PROGRAMME,
        code=CODE,
        steps=STEPS,
        words="攻关",
        filed=TASKS,
        selected=TASKS,
        at=at,
    )
    waits, sent, done, late, asks = list(_tasks(call))
    for task in (waits, sent, done, late, asks):
        _plan(task, decided=task is not waits, operator=operator, at=at)
    for task in (sent, done):
        report = _report(task)
        assert report is not None and report.due_on is not None
        call = _move(call, report.due_on - timedelta(days=3), operator, at=at)
        _write(report, reached=task is done, at=at)
        if task is done:
            services.accept_report(report, note="同意。", actor=operator, at=at)
    if (missed := _report(late)) is not None and missed.due_on is not None:
        call = _move(call, missed.due_on + timedelta(days=9), operator, at=at)
    change = services.ask_change(
        _again(asks),
        kind="term",
        after=terms.months_after(asks.starts_on, 22).isoformat(),
        reason=REASON,
        actor=admin_of(asks.application),
        at=at,
    )
    services.propose_change(change, opinion="情况属实，拟同意。（演示）", actor=operator, at=at)
    return call


def _tasks(call: Call) -> list[Task]:
    return list(Task.objects.filter(application__call=call).order_by("pk"))


def _again(task: Task) -> Task:
    return Task.objects.select_related("application__call", "application__organisation").get(
        pk=task.pk
    )


def _plan(task: Task, *, decided: bool, operator: Actor, at: datetime) -> None:
    """Three milestones, the work done after twenty months."""
    task = _again(task)
    end = terms.months_after(task.starts_on, 20)
    middle = [terms.months_after(task.starts_on, months) for months in (6, 14)]
    targets = list(task.targets.all())
    keys = [one.key for one in targets]
    services.save_plan(
        task,
        finish_on=end,
        approach=APPROACH,
        milestones=[
            _node("完成工程样机", middle[0], "样机和自测报告", keys[:1]),
            _node("小批量试制", middle[1], "试制批次和用户试用", keys[:2]),
            _node("第三方测试", end, "第三方检测报告", keys),
        ],
        operators={target.key: "ge" for target in to_agree(targets)},
        actor=admin_of(task.application),
        at=at,
    )
    made = services.submit_plan(task, actor=admin_of(task.application), at=at)
    if decided:
        services.decide_plan(made, accept=True, comment="", actor=operator, at=at)


def _node(title: str, due_on: date, deliverable: str, targets: list[str]) -> dict[str, object]:
    return {"title": title, "due_on": due_on, "deliverable": deliverable, "targets": targets}


def _report(task: Task) -> Report | None:
    return task.reports.filter(kind=Report.Kind.PERIODIC).order_by("number").first()


def _write(report: Report, *, reached: bool, at: datetime) -> None:
    """Each indicator at what its target says; the first milestone reached or not."""
    task = _again(report.task)
    posted = {
        "progress": "工程样机已完成装调，主要指标自测达到阶段目标。（演示）",
        "problems": "一款器件供货周期变长，已启用备选。（演示）",
        "next": "开展小批量试制和用户试用。（演示）",
        "money": "186.50",
        **{f"value-{one.key}": one.current or "1" for one in task.targets.all()},
    }
    if reached:
        first = task.milestones.order_by("order")[0]
        posted[f"reached-{first.pk}"] = "on"
    saved = services.save_report(
        report,
        posted=posted,
        version=report.saves,
        actor=admin_of(task.application),
        at=at,
    )
    services.submit_report(saved, key=f"demo-{report.pk}", actor=admin_of(task.application), at=at)


def _move(call: Call, day: date, operator: Actor, *, at: datetime) -> Call:
    """The call's clock to the noon of a day."""
    noon = datetime.combine(day, time(12), tzinfo=CHINA)
    return calls.move_clock(call, to=noon, actor=operator, at=at)
