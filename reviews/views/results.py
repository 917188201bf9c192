"""What a closed round says: the ranking, and how far it rests on method and single experts."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents.packages import services as packages
from documents.web import pdf_response
from reviews import access, leaning, packing, pages, queries, results
from reviews.access import Request
from reviews.models import Round
from reviews.views.organiser import PER_PAGE, readers


def _group(request: Request, round: Round) -> tuple[list[pages.Group], pages.Group | None]:
    """The directions of the round and the one that is looked at."""
    groups = pages.groups(round)
    chosen = request.GET.get("direction", "")
    first = groups[0] if groups else None
    return groups, next((one for one in groups if str(one.key) == chosen), first)


def _chosen(request: Request, round: Round) -> pages.Group | None:
    """The direction that a form names, None for all of them."""
    wanted = request.POST.get("direction", "")
    if not wanted:
        return None
    found = next((one for one in pages.groups(round) if str(one.key) == wanted), None)
    if found is None:
        raise Refusal("no-direction", "本轮没有这个方向。", status=422)
    return found


@readers
@require_safe
def ranking(request: Request, public_id: str) -> HttpResponse:
    """The ranking per direction; before the end of the round there is none."""
    found = access.round(request, public_id)
    groups, group = _group(request, found)
    rows: Any = pages.results_of(found, group.key) if group and found.is_closed else []
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "round": found,
        "call": found.call,
        "groups": groups,
        "group": group,
        "page": page,
        "may_act": not access.reads_only(request.acting),
        "rows": [queries.row(result) for result in page.object_list],
        "sheets": documents.of(found, "score_sheet").filter(voided_at=None).order_by("number"),
    }
    return render(request, "reviews/ranking.html", context)


@readers
@require_POST
def pack(request: Request, public_id: str) -> HttpResponse:
    """Score sheets, record and hashes as one file, made in the background; of one direction, or of
    all. It changes nothing of the round, and stands in the trail: the auditor may ask for it too.
    """
    found = access.round(request, public_id)
    if not found.is_closed:
        raise Refusal("round-open", "评审结束后才能打包结果。")
    group = _chosen(request, found)
    about = f" · {group.title}" if group else ""
    package = packages.request(
        kind=packing.KIND,
        subject=found,
        title=f"评审结果：{found.title}{about}（{found.call.programme.short_title}）",
        options={"direction": group.key} if group else {},
        acting=request.acting,
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    return redirect("documents:package", package.public_id)


@readers
@require_safe
def sheet(request: Request, public_id: str, number: str) -> HttpResponse:
    """The score sheet of one direction as PDF."""
    found = access.round(request, public_id)
    if not found.is_closed:
        raise Refusal("round-open", "评审结束后才有汇总表。")
    document = documents.of(found, "score_sheet").filter(number=number, voided_at=None).first()
    if document is None:
        raise Http404("没有这份汇总表。")
    return pdf_response(request, document)


@readers
@require_safe
def sensitivity(request: Request, public_id: str) -> HttpResponse:
    """How each application would stand by another method or without one of its experts."""
    found = access.round(request, public_id)
    groups, group = _group(request, found)
    shown = results.swaying(found, group.key) if group and found.is_closed else None
    context = {
        "round": found,
        "call": found.call,
        "groups": groups,
        "group": group,
        "shown": shown,
    }
    return render(request, "reviews/sensitivity.html", context)


@readers
@require_safe
def leanings(request: Request, public_id: str) -> HttpResponse:
    """How strict each expert was beside the others; before the end of the round there is none."""
    found = access.round(request, public_id)
    lines = (
        results.leanings(found, named=not access.reads_only(request.acting))
        if found.is_closed
        else []
    )
    words = [line.own.word for line in lines]
    context = {
        "round": found,
        "call": found.call,
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
        "strict": words.count("strict"),
        "lenient": words.count("lenient"),
        "reach": results.REACH,
        "width": 2 * results.REACH,
        "apart": leaning.APART,
        "least": leaning.LEAST,
    }
    return render(request, "reviews/leanings.html", context)
