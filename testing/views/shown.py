"""What the pages of an item show: rows with their inputs, steps, cards of the desk. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.templatetags.jiebang import day, moment
from testing import measured
from testing.models import Commission, Result, ResultRow
from testing.services.measuring import Problem, rows_of
from testing.services.reporting import pinned
from testing.states import Commissioned, Reported

HEAD_NAMES = {
    "basis": "测评依据",
    "environment": "测评环境",
    "tested_from": "测评开始",
    "tested_until": "测评结束",
    "sample": "样品",
}


@dataclass
class Shown:
    """One row with what its inputs need. ``said`` is how the target reads, with its sign."""

    row: ResultRow
    line: int
    target: dict[str, str]
    choices: tuple[tuple[str, str], ...]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return f"r{self.row.pk}"

    @property
    def said(self) -> str:
        return f"{self.target['sign']} {self.target['target']}".strip() or "未定"

    @property
    def first(self) -> str:
        first = self.target["first_target"]
        return first if first != self.target["target"] else ""

    @property
    def words(self) -> str:
        word = self.row.conclusion
        return f"{word} {self.row.difference}" if self.row.difference else word

    @property
    def mark(self) -> str:
        standing = self.row.standing
        return standing if standing in ("met", "over", "under") else "none"


def rows(result: Result, *, problems_shown: bool = False) -> list[Shown]:
    """The rows of a result in order; of a draft with the targets in force now."""
    found = []
    for n, row in enumerate(rows_of(result), 1):
        target = pinned(row.target) if result.state == Reported.DRAFT else row.pinned
        shown = Shown(row, n, target, measured.choices(row.target.spec, row.target.kind))
        if row.measured and result.state == Reported.DRAFT:
            _, _, problem = measured.in_unit(
                row.measured, kind=row.target.kind, unit=row.target.unit
            )
            if problem:
                shown.errors["measured"] = problem
        found.append(shown)
    return found


def input_name(problem: Problem) -> str:
    """The name of the input a problem is about."""
    return problem.name if problem.row is None else f"r{problem.row}-{problem.name}"


def worded(problems: Sequence[Problem], shown: Sequence[Shown]) -> list[dict[str, str]]:
    """Problems as links of the summary on top of the page."""
    names = {one.row.pk: f"第 {one.line} 行 {one.row.target.name}" for one in shown}
    return [
        {
            "anchor": "sample" if one.name == "sample" else f"id_{input_name(one)}",
            "text": f"{names.get(one.row or 0) or HEAD_NAMES.get(one.name, '')}：{one.message}",
        }
        for one in problems
    ]


def compared(result: Result) -> dict[str, dict[str, str]]:
    """For an open page: how each row stands now, by the place that shows it."""
    found = {}
    for shown in rows(result):
        told = f"（{shown.row.told}）" if shown.row.told else ""
        found[f"{shown.prefix}-compared"] = {
            "standing": shown.mark,
            "text": f"{shown.words}{told}",
        }
    return found


# The desk ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """One item of the desk: what to do with it now. ``todo`` empty: it waits for others."""

    commission: Commission
    todo: str
    waits: str
    mark: tuple[str, str]
    overdue: bool
    now: datetime

    @property
    def done(self) -> bool:
        return self.commission.state == Commissioned.DONE


def card(commission: Commission, *, person: int | None, at: datetime) -> Card:
    now = commission.task.application.call.time(at)
    result = getattr(commission, "result", None)
    todo, waits, mark = _todo(commission, result, person)
    return Card(commission, todo, waits, mark, bool(todo) and commission.is_overdue(now), now)


def _todo(
    commission: Commission, result: Result | None, person: int | None
) -> tuple[str, str, tuple[str, str]]:
    """What to do, what is waited for, the mark."""
    if commission.state == Commissioned.DONE:
        return "", "", ("done", "已完成")
    if commission.state == Commissioned.OFFERED or result is None:
        return "核对利益关系，答复是否接受", "", ("wait", "待答复")
    if result.state == Reported.DRAFT:
        if commission.sample_at is None:
            return "填写结果", "等待承担单位申报样品", ("doing", "待样品")
        if commission.received_at is None:
            return "登记接收样品", "", ("doing", "待接收")
        return "填写结果并提交", "", ("doing", "填写中")
    if result.state == Reported.SUBMITTED:
        if result.submitted_by_id == person:
            return "", "等待本机构另一位测评人员批准", ("doing", "待复核")
        return "核对并批准", "", ("doing", "待复核")
    if result.state == Reported.APPROVED:
        return "打印报告，盖章后上传扫描件", "", ("doing", "待盖章")
    return "", "等待主管部门发布", ("wait", "已报送")


def steps(commission: Commission, result: Result | None) -> list[dict[str, Any]]:
    """The way of an item as a list of steps."""
    state = result.state if result is not None else ""
    reached = {
        "": 0,
        Reported.DRAFT: 2,
        Reported.SUBMITTED: 3,
        Reported.APPROVED: 4,
        Reported.SEALED: 5,
        Reported.RELEASED: 6,
        Reported.CLOSED: 6,
    }[state]
    if state == Reported.DRAFT and commission.received_at is None:
        reached = 1
    notes = [
        moment(commission.answered_at),
        day(commission.received_on),
        moment(result.submitted_at) if result else "",
        moment(result.approved_at) if result else "",
        moment(result.sealed_at) if result else "",
        moment(result.released_at) if result else "",
    ]
    titles = ("接受委托", "接收样品", "填写结果", "批准", "盖章报告", "主管部门发布")
    return [
        {
            "title": title,
            "note": notes[n] if n < reached else "",
            "state": "done" if n < reached else "now" if n == reached else "",
        }
        for n, title in enumerate(titles)
    ]


def agencies_of(lines: Iterable[Any]) -> list[tuple[str, str]]:
    """The agencies of a board's lines, for its filter."""
    found = {
        str(one.commission.agency_id): one.commission.agency.name
        for one in lines
        if one.commission is not None
    }
    return sorted(found.items(), key=lambda one: one[1])
