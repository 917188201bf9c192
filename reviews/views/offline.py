"""Scores taken along: the workbook of a round, out and in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.services import Actor
from core.errors import Refusal
from documents import sheets
from documents.workbook import MEDIA_TYPE
from reviews import access, offline, pages, watermark
from reviews.access import Request
from reviews.views.desk import experts


def _tasks(request: Request, public_id: str) -> list[Any]:
    """The expert's tasks of the round; before all are declared there are none to take along."""
    tasks = list(pages.numbered(access.my_tasks(request).filter(round__public_id=public_id)))
    if not tasks:
        raise Http404(access.HIDDEN)
    if any(one.declared_at is None for one in tasks):
        raise Refusal("undeclared", "请先完成回避申明，再使用离线评分表。")
    return tasks


@experts
@require_safe
def scores_sheet(request: Request, public_id: str) -> HttpResponse:
    tasks = _tasks(request, public_id)
    mark = watermark.words(request.user, request.arrived_at)
    book = offline.template(tasks[0].round, tasks, mark=mark)
    response = HttpResponse(book, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="scores.xlsx"'
    return response


@experts
@require_POST
def import_scores(request: Request, public_id: str) -> HttpResponse:
    """Keep a returned workbook as drafts; what is wrong is named row by row, and nothing kept."""
    tasks = _tasks(request, public_id)
    round, upload = tasks[0].round, request.FILES.get("file")
    taken = offline.Taken()
    try:
        if upload is None:
            raise Refusal("no-file", "没有选择文件，请先选择填好的评分表。", status=422)
        taken = offline.take(
            round,
            tasks,
            upload.read(sheets.MOST_BYTES + 1),
            upload.name or "",
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        taken.faults.append(offline.Fault(0, refusal.message))
    if taken.faults:
        context = {"round": round, "call": round.call, "faults": taken.faults, "has_errors": True}
        return render(request, "reviews/import_scores.html", context, status=422)
    messages.success(
        request, f"已导入 {taken.kept} 份评分草稿，{taken.same} 份没有变化。请逐份提交。"
    )
    return redirect("reviews:desk")
