"""Archives: of a project for its unit and the office, of a call with a second person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.policy import policy
from accounts.roles import APPLICANT, OFFICE, Role
from audit.services import Actor
from core.web import form_status, refused_into, told
from documents.packages import services as packages
from honours import access, archive
from honours.forms import ArchiveForm
from honours.services import archiving


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def of_call(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the archive of a call; what was asked, agreed to and packed."""
    call = access.call(request, code)
    form = ArchiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with (
            refused_into(form),
            told(request, success="已提出归档申请，等待另一位审批人批准。"),
        ):
            archiving.ask(
                call,
                reason=form.cleaned_data["reason"],
                evidence=form.cleaned_data["evidence"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("honours:archive", code=code)
    acting = request.acting  # type: ignore[attr-defined]
    context = {
        "call": call,
        "tab": "archive",
        "form": form,
        "requests": list(call.archive_requests.select_related("proposed_by", "approved_by")[:50]),
        "package": packages.of(call, kind=archive.CALL_KIND, organisation=acting.organisation_id),
        "may_approve": acting.role == Role.OFFICE_APPROVER,
    }
    return render(request, "honours/archive.html", context, status=form_status(form))


@require_POST
@policy(Role.OFFICE_APPROVER)
def decide(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    call = access.call(request, code)
    found = access.archive_request(request, call, pk)
    approve = request.POST.get("approve") == "yes"
    with told(request, success="已批准，由申请人打包下载。" if approve else "未批准。"):
        archiving.decide(
            found,
            approve=approve,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("honours:archive", code=code)


@require_POST
@policy(*OFFICE)
def pack(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    call = access.call(request, code)
    package = archiving.pack(
        access.archive_request(request, call, pk),
        acting=request.acting,  # type: ignore[attr-defined]
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return redirect("documents:package", package.public_id)


@require_POST
@policy(*OFFICE, *APPLICANT)
def project(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pack one project."""
    found = access.project(request, public_id)
    package = archiving.pack_project(
        found,
        own=request.acting.role in APPLICANT,  # type: ignore[attr-defined]
        acting=request.acting,  # type: ignore[attr-defined]
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return redirect("documents:package", package.public_id)
