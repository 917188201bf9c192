"""Certificates: the office's list and changes by two people, the unit's own and its file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import APPLICANT, OFFICE, Role
from audit.services import Actor
from calls.programme import DocumentKind
from core.web import form_status, refused_into, told
from documents.packages import services as packages
from documents.web import pdf_response
from honours import access, certificatepack
from honours.forms import CertificateChangeForm
from honours.models import Certificate, CertificateChange
from honours.services import certificates

PAGE = 50


@require_safe
@policy(*OFFICE)
def of_call(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    found = access.certificates(request).filter(application__call=call)
    word, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    if word:
        found = found.filter(application__organisation__name__icontains=word) | found.filter(
            number__icontains=word
        )
    if state in Certificate.State.values:
        found = found.filter(state=state)
    context = {
        "call": call,
        "tab": "certificates",
        "spec": call.programme.document(DocumentKind.CERTIFICATE),
        "page": Paginator(found.order_by("number"), PAGE).get_page(request.GET.get("page")),
        "word": word,
        "state": state,
        "states": Certificate.State.choices,
        "changes": list(
            CertificateChange.objects.filter(
                certificate__application__call=call, state=CertificateChange.State.PENDING
            ).select_related("certificate__application__organisation", "proposed_by")
        ),
        "may_approve": request.acting.role == Role.OFFICE_APPROVER,  # type: ignore[attr-defined]
    }
    return render(request, "honours/certificates.html", context)


@require_safe
@policy(*APPLICANT)
def mine(request: HttpRequest) -> HttpResponse:
    """The unit's own certificates."""
    found = access.certificates(request).order_by("-issued_at", "-pk")
    return render(request, "honours/my_certificates.html", {"certificates": list(found[:200])})


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """One certificate with its history; ask to revoke it or to issue it anew."""
    found = access.certificate(request, public_id)
    form = CertificateChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with (
            refused_into(form),
            told(request, success="已提出，等待另一位审批人批准。"),
        ):
            certificates.propose(
                found,
                kind=form.cleaned_data["kind"],
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("honours:certificate", public_id=public_id)
    context = {
        "certificate": found,
        "call": found.application.call,
        "tab": "certificates",
        "form": form,
        "changes": list(found.changes.select_related("proposed_by", "approved_by")),
        "may_approve": request.acting.role == Role.OFFICE_APPROVER,  # type: ignore[attr-defined]
    }
    return render(request, "honours/certificate.html", context, status=form_status(form))


@require_POST
@policy(Role.OFFICE_APPROVER)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.change(request, pk)
    approve = request.POST.get("approve") == "yes"
    with told(request, success="已办理，单位将收到通知。" if approve else "未批准。"):
        certificates.decide(
            found,
            approve=approve,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("honours:certificate", public_id=found.certificate.public_id)


@require_safe
@policy(*OFFICE, *APPLICANT, Role.AUDITOR)
def paper(request: HttpRequest, public_id: str) -> HttpResponse:
    """The certificate as PDF, for its unit and the office."""
    return pdf_response(request, access.certificate(request, public_id).document)


@require_POST
@policy(*OFFICE)
def pack(request: HttpRequest, code: str) -> HttpResponse:
    """All valid certificates of the call as one file."""
    call = access.call(request, code)
    package = packages.request(
        kind=certificatepack.KIND,
        subject=call,
        title=f"{call.title}证书",
        acting=request.acting,  # type: ignore[attr-defined]
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return redirect("documents:package", package.public_id)
