"""A round whose tasks are being tested: agencies, results under way, released and disputed.

Filed, selected and tested through the services; review and recommendation are left out of the
demonstration's copy of the programme, so that it costs seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from accounts.roles import Role
from audit.services import Actor
from calls import measures
from calls.models import Call
from calls.programme import Step, closing
from documents import scanfiles
from documents import services as documents
from fulfilment.models import Task
from fulfilment.services import moving
from office.demo.announcing import BEFORE, announced
from office.demo.cast import Cast, admin_of, person
from outcomes.rules import day_of
from testing import services
from testing.agencyfile import Entry
from testing.models import Agency, Commission, Result, ResultRow
from testing.queries import dispute_until
from testing.services import reporting, sealing
from testing.services.measuring import Typed

PROGRAMME, CODE, FILED, SELECTED = "2018-jiebang", "demo-testing", 8, 7
STEPS = (*BEFORE, Step.TASK, Step.TESTING, Step.AWARD)
AGENCIES = ("示例人工智能测评中心", "示例智能产品检验院", "示例软件评测实验室")


def round_under_test(cast: Cast, *, at: datetime) -> Call:
    """Seven tasks reported done: waiting, proposed, offered, measured, released and disputed."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    chief = cast.actor(cast.approver, Role.OFFICE_APPROVER)
    call = announced(
        cast, PROGRAMME, code=CODE, steps=STEPS, words="测评", filed=FILED, selected=SELECTED, at=at
    )
    agencies = _agencies(operator, at=at)
    tasks = list(Task.objects.filter(application__call=call).order_by("pk"))
    for task in tasks:
        moving.advance(task, "complete", actor=operator, at=at)
    due = closing(day_of(call.time(at)) + timedelta(days=45))

    def propose(n: int, by: int) -> Commission:
        (made,) = services.propose(
            [services.Proposal(tasks[n], agencies[by][0])], due=due, actor=operator, at=at
        )
        return made

    propose(1, 2)
    given = [propose(n, n % 2) for n in range(2, len(tasks))]
    services.approve(given, actor=chief, at=at)
    for n, commission in enumerate(given[1:], 1):
        _, first, second = agencies[commission.agency.pk == agencies[1][0].pk]
        result = _measured(commission, first, whole=n > 1, at=at)
        if n > 2 and _sealed(result, first, second, at=at):
            services.release([_again(result)], actor=chief, at=at)
            if n == 4 and dispute_until(_again(result)) is not None:  # its year's calendar is known
                _dispute(_again(result), at=at)
    return call


def _agencies(operator: Actor, *, at: datetime) -> list[tuple[Agency, Actor, Actor]]:
    """Each with two people; one accreditation is verified, the others are not."""
    found: list[tuple[Agency, Actor, Actor]] = []
    for n, name in enumerate(AGENCIES):
        made = services.add(
            Entry(
                name=name,
                accreditation=f"示例编号-{n + 1:03d}",
                accredited_by="示例发证机构",
                valid_until=day_of(at) + timedelta(days=400),
                fields=("智能产品", "核心基础") if n else ("智能语音", "智能翻译"),
            ),
            actor=operator,
            at=at,
        )
        people = []
        for k in (1, 2):
            called = f"测评示例{'甲乙丙'[n]}{k}"
            people.append(person(made.organisation, Role.TESTER, called, n=900 + 10 * n + k, at=at))
        first, second = (_actor(one, made) for one in people)
        found.append((made, first, second))
    services.verify(found[0][0], actor=operator, at=at)
    services.declare(
        found[2][0],
        name="示例联合创新有限公司",
        reason="近三年有合作研发",
        actor=operator,
        at=at,
    )
    return found


def _actor(user: User, agency: Agency) -> Actor:
    return Actor(user.name, user.pk, agency.organisation_id, Role.TESTER)


def _measured(commission: Commission, tester: Actor, *, whole: bool, at: datetime) -> Result:
    """Accepted, the sample received, all indicators measured or the first alone."""
    commission = _commission(commission)
    result = services.accept(commission, actor=tester, at=at)
    services.declare_sample(
        _commission(commission),
        name=f"{commission.task.title}样品"[:60],
        model="S-1",
        version="V1.2",
        actor=admin_of(commission.task.application),
        at=at,
    )
    today = day_of(commission.task.application.call.time(at))
    services.receive(_commission(commission), on=today, note="外观完好", actor=tester, at=at)
    rows = list(result.rows.select_related("target").order_by("order"))
    typed = Typed(
        head={
            "basis": "示例测评规程（演示）",
            "environment": "示例实验室，23 °C，相对湿度 50 %",
            "tested_from": (today - timedelta(days=2)).isoformat(),
            "tested_until": today.isoformat(),
        },
        rows={row.pk: _figures(row, n) for n, row in enumerate(rows) if whole or n == 0},
    )
    saved, _ = services.save(_again(result), typed, version=0, actor=tester, at=at)
    return saved


def _figures(row: ResultRow, n: int) -> dict[str, str]:
    """A value near the target, a miss now and then; one that could not be tested."""
    target = row.target
    if n == 3:
        return {"untested": "演示：样品未提供相应接口"}
    said = {"method": "按示例规程测量三次取平均", "sample_size": "3", "environment": "室内"}
    if target.kind != "number":
        return {**said, "measured": target.target or "已实现"}
    try:
        goal = measures.read(target.target, target.unit).value
    except measures.Unmeasurable:
        return {**said, "measured": "1"}
    step = goal / 50 or 1
    better = step if target.operator != "le" else -step
    return {**said, "measured": measures.plain(goal + (better if n % 3 else -better))}


def _sealed(result: Result, first: Actor, second: Actor, *, at: datetime) -> bool:
    """Submitted, approved by the colleague, drawn, and sent back as it was printed.

    False where this machine has no libraries that draw it.
    """
    result = reporting.submit(_again(result), version=result.version, actor=first, at=at)
    result = reporting.approve(result, version=result.version, actor=second, at=at)
    documents.render_waiting(at=at, limit=1)  # a demonstration draws the newest first
    result = _again(result)
    paper = result.report
    if paper is None or paper.pdf is None or paper.pages is None:
        return False
    upload = scanfiles.Uploaded(
        data=documents.read(paper.pdf),
        name="测评报告（演示，未盖章）.pdf",
        media_type="application/pdf",
        codes=[(paper.code, page) for page in range(1, paper.pages + 1)],
        red=[False] * paper.pages,
    )
    sealing.receive(result, [upload], actor=first, at=at)
    return True


def _dispute(result: Result, *, at: datetime) -> None:
    services.raise_dispute(
        result,
        keys=[result.rows.select_related("target").order_by("order")[0].target.key],
        reason="测试所用固件不是申报的版本，请复核（演示）。",
        actor=admin_of(result.commission.task.application),
        at=at,
    )


def _commission(commission: Commission) -> Commission:
    return Commission.objects.select_related(
        "task__application__call", "task__application__organisation", "agency__organisation"
    ).get(pk=commission.pk)


def _again(result: Result) -> Result:
    return Result.objects.select_related(
        "commission__task__application__call",
        "commission__task__application__organisation",
        "commission__agency__organisation",
        "report__pdf",
    ).get(pk=result.pk)
