"""An expert's scores as a workbook: out for a place without network, and in again, all or none."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from audit.services import Actor
from core.errors import Refusal
from core.figures import whole, whole_or
from documents import sheets
from documents.workbook import put_text
from reviews import services
from reviews.models import Assignment, Review, Round, RoundApplication
from reviews.scoring import Sheet
from reviews.services.marking import Unfit

PAGE = "评分表"
FIRST = 4
"""The row of the first task; heads stand in the row before."""
MOST_ROWS = 400
OVERALL = "总体意见"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a returned workbook, in the file's own terms."""

    row: int
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行：{self.message}" if self.row else self.message


@dataclass(slots=True)
class Taken:
    """What a returned workbook came to. With ``faults`` nothing was kept."""

    kept: int = 0
    same: int = 0
    faults: list[Fault] = field(default_factory=list)


def _heads(form: Sheet) -> list[str]:
    marks = [
        head
        for one in form.criteria
        for head in (f"{one.title}（0–{one.highest}）", f"{one.title}：理由")
    ]
    return ["评审编号", "任务", "版本", "项目名称", *marks, OVERALL]


def template(round: Round, tasks: Sequence[Any], *, mark: str) -> bytes:
    """The expert's tasks of a round with what is scored so far; submitted ones are left out.

    ``tasks`` come from ``pages.numbered``; ``mark`` says who takes it and when, in the first line
    and at the foot of each printed page. The columns 任务 and 版本 are hidden.
    """
    reviews = {
        one.assignment_id: one
        for one in Review.objects.filter(assignment__in=[task.pk for task in tasks])
    }
    book = Workbook()
    page: Any = book.active
    page.title = PAGE
    put_text(page.cell(1, 1), f"{round.call.title} · {round.title}（{mark} 下载）", bold=True)
    page.oddFooter.center.text = mark.replace("&", "&&")
    put_text(
        page.cell(2, 1),
        "只填写各项分数（整数）、理由和总体意见，不要改动其他列。填好后在“我的评审”中导入，"
        "导入后仍为草稿，须逐份提交。",
        wrap=False,
    )
    for column, head in enumerate(_heads(round.sheet), start=1):
        put_text(page.cell(FIRST - 1, column), head, bold=True)
    waiting = [task for task in tasks if not task.is_done]
    for row, task in enumerate(waiting, start=FIRST):
        _write(page, row, task, reviews.get(task.pk), round.sheet)
    _shape(page, round.sheet, last=FIRST + len(waiting))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Any, row: int, task: Any, review: Review | None, form: Sheet) -> None:
    put_text(page.cell(row, 1), RoundApplication.label_of(task.number))
    put_text(page.cell(row, 2), task.public_id)
    put_text(page.cell(row, 3), str(review.version if review else 0))
    put_text(page.cell(row, 4), task.application.title)
    for place, one in enumerate(form.criteria):
        score = review.scores.get(one.key) if review else None
        if score is not None:
            page.cell(row, 5 + 2 * place).value = score
        said = review.comments.get(one.key, "") if review else ""
        put_text(page.cell(row, 6 + 2 * place), said)
    put_text(page.cell(row, 5 + 2 * len(form.criteria)), review.overall if review else "")


def _shape(page: Any, form: Sheet, *, last: int) -> None:
    """Widths, the hidden columns, and a check of each score while it is typed."""
    page.freeze_panes = page.cell(FIRST, 5)
    for column in ("B", "C"):
        page.column_dimensions[column].hidden = True
    page.column_dimensions["A"].width, page.column_dimensions["D"].width = 12, 36
    for place, one in enumerate(form.criteria):
        score, reason = (get_column_letter(5 + 2 * place + more) for more in (0, 1))
        page.column_dimensions[score].width, page.column_dimensions[reason].width = 14, 32
        rule = DataValidation(
            type="whole", operator="between", formula1="0", formula2=str(one.highest)
        )
        rule.error = f"须为 0 至 {one.highest} 的整数"
        page.add_data_validation(rule)
        rule.add(f"{score}{FIRST}:{score}{max(last, FIRST)}")
    page.column_dimensions[get_column_letter(5 + 2 * len(form.criteria))].width = 40


# In again ----------------------------------------------------------------------------------------


def take(
    round: Round, tasks: Sequence[Any], data: bytes, name: str, *, actor: Actor, at: datetime
) -> Taken:
    """Keep what a returned workbook says as drafts, all of it or nothing.

    Raises ``Refusal`` (422): those of ``sheets.read``, and ``wrong-template``.
    """
    heads = _heads(round.sheet)
    pages = sheets.read(data, name, most_rows=MOST_ROWS, most_columns=len(heads))
    rows = dict(pages.get(PAGE, []))
    if [cell.text if cell else "" for cell in rows.get(FIRST - 1, [])][: len(heads)] != heads:
        raise Refusal(
            "wrong-template",
            "这不是本轮的离线评分表，或表头被改动。请重新下载本轮的评分表再填写。",
            status=422,
        )
    own = {task.public_id: task for task in tasks}
    taken = Taken()
    with transaction.atomic():
        for number, cells in rows.items():
            if number >= FIRST:
                _take(number, [cell.text.strip() if cell else "" for cell in cells], own, taken,
                      form=round.sheet, actor=actor, at=at)  # fmt: skip
        if taken.faults:
            taken.kept = 0
            transaction.set_rollback(True)
    return taken


def _take(
    row: int,
    texts: list[str],
    own: dict[str, Any],
    taken: Taken,
    *,
    form: Sheet,
    actor: Actor,
    at: datetime,
) -> None:
    texts += [""] * (5 + 2 * len(form.criteria) - len(texts))
    task = own.get(texts[1])
    if task is None:
        taken.faults.append(Fault(row, f"“{texts[0]}”不在您现在的评审任务中，请删去这一行。"))
        return
    scores: dict[str, Any] = {}
    comments: dict[str, str] = {}
    for place, one in enumerate(form.criteria):
        typed, said = texts[5 + 2 * place - 1], texts[5 + 2 * place]
        if typed:
            figure = whole(typed, digits=4)
            scores[one.key] = typed if figure is None else figure
        if said:
            comments[one.key] = said
    overall = texts[4 + 2 * len(form.criteria)]
    if _is_kept(task, scores, comments, overall):
        taken.same += 1
        return
    version = whole_or(texts[2], -1)
    try:
        services.save_score(
            task,
            scores=scores,
            comments=comments,
            overall=overall,
            version=version,
            actor=actor,
            at=at,
        )
    except Unfit as unfit:
        taken.faults += [Fault(row, problem.message) for problem in unfit.problems]
    except Refusal as refusal:
        if refusal.code == "stale":
            words = "下载评分表以后，网上又改过这一份。请重新下载，填好后再导入。"
        else:
            words = refusal.message
        taken.faults.append(Fault(row, words))
    else:
        taken.kept += 1


def _is_kept(
    task: Assignment, scores: dict[str, Any], comments: dict[str, str], overall: str
) -> bool:
    """Whether the row says what is kept already, or nothing at all of a task not begun."""
    review = Review.objects.filter(assignment=task).first()
    if review is None:
        return not (scores or comments or overall)
    return (review.scores, review.comments, review.overall) == (scores, comments, overall)
