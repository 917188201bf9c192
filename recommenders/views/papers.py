"""The sheet, the scan that comes back, the history."""

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from documents import rendering, scancards
from documents import services as documents
from documents.web import file_response, page_image_response, pdf_response
from recommenders import access, board, liststates, queries, services, sheets
from recommenders.forms import ScanForm
from recommenders.models import RankedList, SealedScan
from recommenders.views.request import Request


@require_safe
@policy(*roles.RECOMMENDER)
def sheet(request: Request, code: str) -> HttpResponse:
    """The 汇总表 of the version in force; the list still open, a draft drawn now."""
    ranked = access.unit_list(request, code)
    version = queries.version_in_force(ranked)
    if version is not None and version.document is not None:
        return pdf_response(request, version.document)
    data = rendering.render(
        "documents/summary_sheet.html",
        sheets.preview(ranked),
        code="",
        fingerprint="",
        base_host=request.get_host(),
        version=ranked.version + 1,
        draft=True,
    )
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="summary-sheet-draft.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@policy(*roles.RECOMMENDER)
def cover_letter(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    version = queries.version_in_force(ranked)
    found = documents.of(version, "cover_letter").first() if version else None
    if found is None:
        raise Http404("本批次没有报送函。")
    return pdf_response(request, found)


@require_safe
@policy(*roles.RECOMMENDER)
def scans(request: Request) -> HttpResponse:
    """The sheets of all calls that wait for their scan, or have it."""
    found = [
        one
        for one in RankedList.objects.filter(organisation=request.acting.organisation_id)
        .select_related("call", "organisation")
        .order_by("-call__filing_until", "-pk")
        if one.version
    ]
    if len(found) == 1:
        return redirect("recommenders:scan", found[0].call.code)
    return render(request, "recommenders/scans.html", {"lists": found})


@require_safe
@policy(*roles.RECOMMENDER)
def scan(request: Request, code: str) -> HttpResponse:
    return _scan_page(request, access.unit_list(request, code))


def _scan_page(request: Request, ranked: RankedList, form: ScanForm | None = None) -> HttpResponse:
    version = queries.version_in_force(ranked)
    if version is None:
        return render(
            request,
            "recommenders/scan_none.html",
            {"call": ranked.call, "ranked": ranked},
        )
    taken = list(
        version.scans.select_related("uploaded_by", "manual_by", "second_by")
        .prefetch_related("files__blob")
        .order_by("-pk")
    )
    accepted = queries.accepted_scan(version)
    used = queries.live(ranked.call_id, ranked.organisation_id).count()
    steps = board.steps(
        ranked, used=used, reserve=ranked.reserve.count(), version=version, scan=accepted
    )
    return render(
        request,
        "recommenders/scan.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "version": version,
            "document": version.document,
            "scans": taken,
            "scan": taken[0] if taken else None,
            "cards": scancards.cards(taken[0].result) if taken else [],
            "accepted": accepted,
            "eseal": queries.electronic_seal(version),
            "accepts": queries.accepts_electronic_seal(ranked),
            "form": form or ScanForm(),
            "may_upload": ranked.state in (liststates.FROZEN, liststates.SEALED),
            "may_deliver": ranked.state == liststates.SEALED
            or (ranked.state == liststates.FROZEN and not queries.needs_scan(ranked)),
            "until": ranked.call.scan_until,
            "now": ranked.call.time(request.arrived_at),
            "used": used,
            "steps": steps,
            "steps_left": board.steps_left(steps),
        },
        status=422 if form is not None else 200,
    )


@require_POST
@policy(*roles.RECOMMENDER)
def upload_scan(request: Request, code: str) -> HttpResponse:
    """Take the files, read them outside any lock, compare, and show page by page."""
    ranked = access.unit_list(request, code)
    form = ScanForm(request.POST, request.FILES)
    if not form.is_valid():
        return _scan_page(request, ranked, form)
    try:
        files = services.read_uploads(_read(one) for one in form.cleaned_data["pages"])
    except Refusal as refusal:
        form.add_error("pages", str(refusal))
        return _scan_page(request, ranked, form)
    found = services.receive_scan(ranked, files, actor=Actor.of(request), at=request.arrived_at)
    if found.state == SealedScan.State.MATCHED:
        with told(request, success="扫描件逐页相符，可以报送"):
            pass
    return redirect("recommenders:scan", code)


def _read(file: UploadedFile) -> tuple[bytes, str]:
    return file.read(), file.name or ""


@require_POST
@policy(*roles.RECOMMENDER)
def confirm_scan(request: Request, public_id: str) -> HttpResponse:
    found = access.scan(request, public_id)
    with told(request, success="已人工确认，待主管部门复核"):
        services.confirm_scan_manually(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:scan", found.list_version.list.call.code)


@require_safe
@policy(*roles.RECOMMENDER, *roles.OFFICE)
def scan_file(request: Request, public_id: str, position: int) -> HttpResponse:
    """The uploaded file, byte for byte."""
    found = access.scan_file(request, public_id, position)
    return file_response(found.blob, found.name)


@require_safe
@policy(*roles.RECOMMENDER, *roles.OFFICE)
def scan_page(request: Request, public_id: str, position: int, page: int) -> HttpResponse:
    """The picture of one page of an uploaded file, as it came."""
    found = access.scan_file(request, public_id, position)
    return page_image_response(request, found.blob, page)
