"""PDFs of a filing: the final ones from a submitted version, the draft with its watermark."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.models import Membership
from accounts.policy import policy
from applications import access, booklet, queries, snapshot
from applications.models import Application, Version
from applications.views import common
from audit.services import Actor
from core.errors import Refusal
from documents import rendering
from documents.errors import UnrenderableDocument
from documents.fingerprints import fingerprint
from documents.kinds import KINDS
from documents.packages import services as packages
from documents.web import pdf_response


@require_safe
@policy(*roles.APPLICANT)
def documents(request: HttpRequest) -> HttpResponse:
    """All receipts and forms of the unit, newest first."""
    acting: Membership = request.acting  # type: ignore[attr-defined]
    found = (
        Version.objects.filter(application__organisation=acting.organisation_id)
        .select_related("application__call", "form", "receipt")
        .defer("snapshot", "form__snapshot", "receipt__snapshot")
        .order_by("-arrived_at", "-pk")
    )
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "applications/documents.html", {"page": page})


@require_safe
@policy(*common.READERS)
def form_pdf(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The 申报书 of a submitted version; there is no final one of anything else."""
    version = common.get_version(access.readable(request, public_id), number)
    if version.form is None:
        raise Http404("没有这份文件。")
    return pdf_response(request, version.form)


@require_safe
@policy(*roles.APPLICANT)
def receipt_pdf(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    version = common.get_version(common.own(request, public_id), number)
    if version.receipt is None:
        raise Http404("没有这份文件。")
    return pdf_response(request, version.receipt)


@require_safe
@policy(*roles.APPLICANT)
def draft_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    """The working copy with 草稿 on each page: no number, no code, no fingerprint, not kept."""
    application = common.own(request, public_id)
    frozen = snapshot.build(queries.material(application))
    try:
        data = rendering.render(
            KINDS["application_form"].template,
            snapshot.draft(frozen, demo=application.call.rehearsal),
            code="",
            fingerprint="",
            base_host=settings.JIEBANG_BASE_URL,
            dated=request.arrived_at,  # type: ignore[attr-defined]
            draft=True,
            title=f"草稿：{application.title}",
        )
    except UnrenderableDocument as problem:
        raise Refusal("unprintable", f"草稿生成不了：{problem}", status=422) from None
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = (
        "attachment; filename=\"draft.pdf\"; filename*=UTF-8''%E8%8D%89%E7%A8%BF.pdf"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@policy(*common.READERS)
def version_booklet(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Ask for the 申报书 of a submitted version with its evidence as one PDF."""
    application = access.readable(request, public_id)
    version = common.get_version(application, number)
    if number != application.version_number:
        common.own(request, public_id)  # others read what was submitted last
    return _booklet(request, application, version)


@require_POST
@policy(*roles.APPLICANT)
def draft_booklet(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same of the working copy, with 草稿 on each page."""
    return _booklet(request, common.own(request, public_id), None)


def _booklet(
    request: HttpRequest, application: Application, version: Version | None
) -> HttpResponse:
    name = f"{application.number} 第{version.number}版" if version else "草稿"
    package = packages.request(
        kind=booklet.KIND,
        subject=application,
        title=f"合订本_{application.title}_{name}",
        options={"version": version.number} if version else _now(application),
        acting=request.acting,  # type: ignore[attr-defined]
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return redirect("documents:package", package.public_id)


def _now(application: Application) -> dict[str, str]:
    """What the working copy is like, so that a changed one is bound anew."""
    return {"content": fingerprint(snapshot.build(queries.material(application)))}
