"""How a finalist stands after its work: what forbids an award, and what one must rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from applications.models import Application
from calls.models import Call
from calls.programme import Step
from fulfilment.models import Task
from fulfilment.states import State
from outcomes import queries
from outcomes.models import StepRecord
from testing import queries as testing
from testing.conclusions import Counts

BARRED = {
    State.TERMINATED: "任务已终止",
    State.FAILED: "未通过验收",
    State.VOID: "名单已撤下",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """``barred`` in words: no award at all. ``missing``: an award needs a reason of its own.

    ``total`` are points by the file's ``[award]`` (``testing.queries.ranking``), None while a part
    is missing; ``notes`` say what is open. ``basis`` is kept with the award: what it was judged by
    when it was staged.
    """

    barred: str = ""
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    under_way: bool = False
    state: str = ""
    total: Decimal | None = None
    completion: Decimal | None = None
    counts: Counts | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


def of(call: Call, applications: Iterable[Application]) -> dict[int, Standing]:
    """How each of these stands, by its key. A fixed number of queries."""
    found = list(applications)
    tasks = {
        task.application_id: task
        for task in Task.objects.filter(application__in=[one.pk for one in found])
    }
    records = queries.latest_records(found)
    lines = (
        {line.task.pk: line for line in testing.ranking(call, None)}
        if Step.TESTING in call.steps
        else {}
    )
    standings = {}
    for one in found:
        task = tasks.get(one.pk)
        standings[one.pk] = _standing(
            call,
            task,
            records.get((one.pk, Step.ACCEPTANCE)),
            lines.get(task.pk) if task else None,
        )
    return standings


def _standing(
    call: Call, task: Task | None, accepted: StepRecord | None, line: testing.Line | None
) -> Standing:
    missing = []
    state = State(task.state) if task else None
    if Step.TASK in call.steps and state not in (State.READY, State.ENDED):
        missing.append("任务没有报告完成" if task else "没有任务")
    passed = accepted is not None and accepted.result == StepRecord.Result.PASS
    if Step.ACCEPTANCE in call.steps and state is not State.ENDED and not passed:
        missing.append("没有验收合格的结论")
    if Step.TESTING in call.steps and (line is None or line.completion is None):
        missing.append("没有有效的测评结果")
    elif line is not None and line.open:
        missing.append("测评异议或复测没有办结")
    barred = BARRED.get(state, "") if state else ""
    if accepted is not None and accepted.result == StepRecord.Result.FAIL:
        barred = barred or "验收不合格"
    scored = [one for one in line.missing if one] if line and line.completion is not None else []
    return Standing(
        barred=barred,
        missing=tuple(missing),
        notes=(f"尚未评分：{'、'.join(scored)}",) if scored else (),
        under_way=state is State.UNDER_WAY,
        state=state.label if state else "",
        total=line.total if line else None,
        completion=line.completion if line else None,
        counts=line.counts if line else None,
        basis={
            "task": str(state or ""),
            "missing": missing,
            "total": str(line.total) if line and line.total is not None else "",
            "completion": str(line.completion) if line and line.completion is not None else "",
            "parts": {key: str(points) for key, points in line.parts.items()} if line else {},
        },
    )
