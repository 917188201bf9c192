"""行文下达 as a paper: what its text says of itself, and its snapshot (信函格式)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from calls.programme import Step
from fulfilment.models import Deliberation, Dispatch, Task
from fulfilment.terms import words
from outcomes.models import Publication

NAMED = 3
"""More units than these are addressed together."""


def rows(tasks: Sequence[Task]) -> list[dict[str, str]]:
    """What is listed of each task."""
    return [
        {
            "number": task.application.number,
            "title": task.title,
            "organisation": task.application.organisation.name,
            "direction": task.application.direction.title if task.application.direction else "",
            "lead": task.lead,
            "until": words(task.due_on),
        }
        for task in tasks
    ]


def paragraphs(
    publication: Publication,
    *,
    passed: Deliberation | None,
    publicity: Publication | None,
    objections: int,
    tasks: Sequence[Task],
    text: str,
) -> list[str]:
    """The letter's text: the way that was gone, the decision, what follows; then ``text``."""
    call = publication.call
    programme = call.programme
    order = list(Step)
    before = [
        programme.step_title(one)
        for one in call.steps
        if order.index(Step(one)) < order.index(Step.ANNOUNCEMENT)
    ]
    found = [
        f"根据《{programme.notice}》，经{'、'.join(before)}，"
        f"决定对《{publication.title}》所列 {len(tasks)} 个项目予以立项，现予下达。"
    ]
    if passed is not None:
        names = "、".join(passed.signatures.values_list("office", flat=True))
        found.append(
            f"立项名单经{passed.meeting}（{words(passed.held_on)}）审议，{names}会签同意。"
        )
    if publicity is not None:
        doubts = f"收到异议 {objections} 件，均已办结" if objections else "未收到异议"
        found.append(
            f"名单自{words(publicity.starts)}至{words(publicity.ends_on)}公示，公示期内{doubts}。"
        )
    if Step.CONTRACT in call.steps:
        found.append(
            f"请各承担单位与{programme.organiser}{programme.step_title(Step.CONTRACT)}，"
            "按任务书组织实施，按时报告进展；重大事项变更须事先申请。"
        )
    return [*found, *(line.strip() for line in text.splitlines() if line.strip())]


def addressed(listed: Sequence[dict[str, str]]) -> str:
    """主送: the units by name where they are few."""
    names = list(dict.fromkeys(row["organisation"] for row in listed))
    return "、".join(names) if len(names) <= NAMED else "各有关单位"


def content(dispatch: Dispatch) -> dict[str, Any]:
    """What the offices approve, for its fingerprint."""
    return {
        "title": dispatch.title,
        "mark": dispatch.mark,
        "paragraphs": list(dispatch.paragraphs),
        "rows": [dict(row) for row in dispatch.rows],
    }


def snapshot(
    dispatch: Dispatch, offices: Sequence[str], *, number: str, day: date | None
) -> dict[str, Any]:
    """The letter (``documents.snapshots.CoverLetter``) of these offices, the first leading."""
    return {
        "letterhead": offices[0],
        "number": number,
        "title": dispatch.title,
        "to": addressed(dispatch.rows),
        "paragraphs": list(dispatch.paragraphs),
        "enclosures": [ANNEX],
        "signed_by": offices[-1],
        "signed_before": list(offices[:-1]),
        "date": day.isoformat() if day else "",
        "annexes": [_annex(dispatch)],
        "seal": None,
    }


ANNEX = "立项名单"


def _annex(dispatch: Dispatch) -> dict[str, Any]:
    label = dispatch.publication.call.programme.title_label
    return {
        "title": ANNEX,
        "columns": [
            {"label": "序号", "align": "center", "width_mm": 11},
            {"label": label, "width_mm": 48},
            {"label": "承担单位", "width_mm": 38},
            {"label": "方向", "width_mm": 30},
            {"label": "期限至"},
        ],
        "rows": [
            [str(n), row["title"], row["organisation"], row["direction"] or "—", row["until"]]
            for n, row in enumerate(dispatch.rows, 1)
        ],
    }
