"""行文下达: drafting the letter of a published list, approving it, and its paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents import services as documents
from documents.web import download, pdf_response
from fulfilment import access, dispatchpaper, forms, services
from fulfilment.models import Dispatch
from outcomes.models import Publication, Stage


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def dispatches(request: HttpRequest, code: str) -> HttpResponse:
    """The letters of a call, and a draft for the published list that has none."""
    call = access.call(request, code)
    rule = call.programme.dispatch
    waiting = (
        Publication.objects.filter(
            call=call,
            kind=Publication.Kind.ANNOUNCEMENT,
            stage=Stage.SELECTION,
            state=Publication.State.PUBLISHED,
        )
        .exclude(dispatches__state__in=[Dispatch.State.OPEN, Dispatch.State.ISSUED])
        .order_by("-published_at", "-pk")
        .first()
        if rule
        else None
    )
    form = forms.DispatchForm(
        request.POST or None, initial={"title": rule.title if rule else "", "mark": _mark(code)}
    )
    if request.method == "POST" and form.is_valid():
        with refused_into(form), told(request, success="行文已拟稿，发文单位会收到通知。"):
            if waiting is None:
                raise Refusal("not-published", "现在没有等待行文的名单。")
            made = services.propose_dispatch(
                waiting,
                title=form.cleaned_data["title"],
                mark=form.cleaned_data["mark"],
                text=form.cleaned_data["text"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("fulfilment:dispatch", made.public_id)
    found = (
        Dispatch.objects.filter(publication__call=call)
        .select_related("publication", "document")
        .prefetch_related("signatures")
    )
    return render(
        request,
        "fulfilment/dispatches.html",
        {
            "call": call,
            "tab": "dispatch",
            "rule": rule,
            "form": form,
            "found": found,
            "waiting": waiting,
        },
        status=form_status(form),
    )


def _mark(code: str) -> str:
    """The 代字 that this call used last."""
    last = Dispatch.objects.filter(publication__call__code=code).order_by("-pk").first()
    return last.mark if last else ""


@require_safe
@policy(*roles.OFFICE)
def dispatch(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the letter says, and which office has approved it."""
    found = access.dispatch(request, public_id)
    acting = request.acting  # type: ignore[attr-defined]
    signatures = list(found.signatures.select_related("organisation"))
    mine = [
        one
        for one in signatures
        if one.organisation_id == acting.organisation_id and one.signed_at is None
    ]
    return render(
        request,
        "fulfilment/dispatch.html",
        {
            "call": found.publication.call,
            "dispatch": found,
            "to": dispatchpaper.addressed(found.rows),
            "signatures": signatures,
            "own": mine[0] if mine and found.state == Dispatch.State.OPEN else None,
            "approves": acting.role == roles.Role.OFFICE_APPROVER,
            "drafted": found.proposed_by_id == request.user.pk,
        },
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def sign(request: HttpRequest, public_id: str) -> HttpResponse:
    """``act``: agree (for one's own office), or return with a reason."""
    found = access.dispatch(request, public_id)
    signature = access.own_signature(request, found)
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    word = request.POST.get("act", "")
    if word == "agree":
        with told(request, success=f"{signature.office}已签发。"):
            services.sign_dispatch(signature, shown=request.POST.get("shown", ""), **who)
    elif word == "return":
        with told(request, success="行文已退回拟稿人，可重新拟稿。"):
            services.return_dispatch(signature, reason=request.POST.get("note", ""), **who)
    else:
        raise Refusal("no-act", "请选择办理方式。", status=422)
    return redirect("fulfilment:dispatch", public_id)


@require_safe
@policy(*access.READERS)
def paper(request: HttpRequest, public_id: str) -> HttpResponse:
    """The letter; before it is issued, a draft for the offices."""
    found = access.dispatch_paper(request, public_id)
    if found.document is not None:
        return pdf_response(request, found.document)
    offices = list(found.signatures.values_list("office", flat=True))
    shown = dispatchpaper.snapshot(found, offices, number="", day=None)
    return download(
        documents.draft(kind="task_letter", snapshot=shown),
        media_type="application/pdf",
        name=f"{found.title}（草稿）.pdf",
        plain="dispatch-draft.pdf",
    )
