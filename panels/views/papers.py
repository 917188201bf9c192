"""What a meeting leaves: results, minutes, signature sheet, and the signed scans."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.services import Actor
from core.errors import Refusal
from core.web import told
from documents import workbook
from documents.web import file_response, pdf_response
from panels import access, papers, services
from panels import minutes as records
from panels.access import Request
from panels.models import SignedScan
from panels.views.planning import acting_on, organisers, readers


@readers
@require_safe
def results(request: Request, public_id: str) -> HttpResponse:
    """Each direction before and after; of a meeting that is not over there is nothing yet."""
    found = access.meeting(request, public_id)
    groups = papers.groups(found)
    chosen = request.GET.get("direction", "")
    group = next((one for one in groups if str(one.key) == chosen), groups[0] if groups else None)
    context = {
        **acting_on(found),
        "groups": groups,
        "group": group,
        "rows": papers.rows(found, group.key) if group and found.is_closed else [],
        "minutes": records.of(found, records.MINUTES),
        "signatures": records.of(found, records.SIGNATURES),
        "scans": found.scans.select_related("by").order_by("kind", "-pk"),
        "kinds": SignedScan.Kind,
        "may_act": request.acting.role in access.ORGANISERS,
    }
    return render(request, "panels/results.html", context)


@readers
@require_safe
def results_sheet(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    if not found.is_closed:
        raise Refusal("meeting-open", "会议结束后才能导出结果。")
    data = workbook.of_pages([papers.sheet(found)])
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="panel-results.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@readers
@require_safe
def minutes(request: Request, public_id: str) -> HttpResponse:
    """The minutes as they would be frozen now; of a closed meeting as they were."""
    found = access.meeting(request, public_id)
    if found.is_planned:
        raise Refusal("not-started", "会议开始后才有纪要可以预览。")
    frozen = records.of(found, records.MINUTES)
    snapshot = frozen.snapshot if frozen else records.minutes(found, note="", at=request.arrived_at)
    context = {**acting_on(found), "s": snapshot, "frozen": frozen}
    return render(request, "panels/minutes.html", context)


@readers
@require_safe
def minutes_pdf(request: Request, public_id: str) -> HttpResponse:
    return _pdf(request, public_id, records.MINUTES)


@readers
@require_safe
def signatures_pdf(request: Request, public_id: str) -> HttpResponse:
    return _pdf(request, public_id, records.SIGNATURES)


def _pdf(request: Request, public_id: str, kind: str) -> HttpResponse:
    document = records.of(access.meeting(request, public_id), kind)
    if document is None:
        raise Refusal("no-paper", "这份文件还没有生成：会议纪要在会议结束时生成。")
    return pdf_response(request, document)


@organisers
@require_POST
def make_signatures(request: Request, public_id: str) -> HttpResponse:
    """The sheet as the members stand now, to be printed for the door."""
    found = access.meeting(request, public_id)
    with told(request, success="签到与签字表正在生成。"):
        services.make_signatures(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("panels:results", found.public_id)


@organisers
@require_POST
def file_scan(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    upload = request.FILES.get("scan")
    if upload is None:
        raise Refusal("no-file", "请选择签字扫描件（PDF 或图片）。", status=422)
    with told(request, success="签字扫描件已存档。"):
        services.file_scan(
            found,
            kind=request.POST.get("kind", ""),
            data=upload.read(),
            name=upload.name or "",
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("panels:results", found.public_id)


@readers
@require_safe
def scan(request: Request, public_id: str, scan: str) -> HttpResponse:
    """The signed paper, byte for byte as it was uploaded."""
    found = access.scan(access.meeting(request, public_id), scan)
    return file_response(found.blob, found.name)
