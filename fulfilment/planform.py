"""What a plan must say before it can be submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from calls.programme import IndicatorKind
from fulfilment import terms
from fulfilment.models import Plan, Target, Task

OPERATORS = {"ge": "不低于目标", "le": "不高于目标", "eq": "等于目标"}
MOST = 20


def held(row: Mapping[str, Any]) -> dict[str, Any]:
    """A milestone as it is kept: plain JSON, trimmed."""
    day = row.get("due_on")
    return {
        "title": str(row.get("title") or "").strip()[:80],
        "due_on": day.isoformat() if isinstance(day, date) else str(day or ""),
        "deliverable": str(row.get("deliverable") or "").strip()[:200],
        "targets": [str(key) for key in row.get("targets") or ()],
    }


def to_agree(targets: Sequence[Target]) -> list[Target]:
    """The unit's own figures, for which the plan agrees which way they are held."""
    return [one for one in targets if one.is_own and one.kind == IndicatorKind.NUMBER]


def problems(task: Task, plan: Plan, targets: Sequence[Target]) -> list[str]:
    """Everything that stands in the way of the plan, in words."""
    found: list[str] = []
    last = plan.finish_on or task.due_on
    if plan.finish_on is not None:
        if plan.finish_on < task.starts_on:
            found.append("计划完成日早于起始日")
        longest = task.limit_on or (None if task.due_on is None else task.due_on)
        if longest is not None and plan.finish_on > longest:
            found.append(f"计划完成日晚于规定的最后一日 {terms.words(longest)}")
    elif task.due_on is None:
        found.append("请填写计划完成日")
    if not plan.milestones:
        found.append("至少写一个节点")
    if len(plan.milestones) > MOST:
        found.append(f"节点不超过 {MOST} 个")
    keys = {one.key for one in targets}
    for number, row in enumerate(plan.milestones, 1):
        found += [f"节点 {number}：{words}" for words in _row(row, task, last, keys)]
    for target in to_agree(targets):
        if plan.operators.get(target.key) not in OPERATORS:
            found.append(f"指标“{target.name}”：请选择比较方式")
    return found


def _row(row: Mapping[str, Any], task: Task, last: date | None, keys: set[str]) -> list[str]:
    found = []
    if not row.get("title"):
        found.append("请写名称")
    if not row.get("deliverable"):
        found.append("请写交付物")
    try:
        day = date.fromisoformat(str(row.get("due_on")))
    except ValueError:
        return [*found, "请填写完成日"]
    if day < task.starts_on or (last is not None and day > last):
        end = f"至 {terms.words(last)}" if last else "以后"
        found.append(f"完成日须在 {terms.words(task.starts_on)} {end}之间")
    if set(row.get("targets") or ()) - keys:
        found.append("涉及的指标已经不在，请重新选择")
    return found
