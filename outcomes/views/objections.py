"""The objections desk. Who raised one is shown by a POST that leaves its mark in the trail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from core.web import told
from documents.web import file_response
from outcomes import access, forms, queries, services
from outcomes.models import Objection


@require_safe
@policy(*OFFICE)
def of_call(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    found = (
        Objection.objects.filter(publication__call=call)
        .select_related("publication", "application", "handled_by", "closed_by")
        .defer("name", "contact", "text", "finding", "answer")
    )
    context = {
        "call": call,
        "tab": "objections",
        "objections": list(found),
        "held": len(queries.held(call)),
    }
    return render(request, "outcomes/objections.html", context)


@require_safe
@policy(*OFFICE)
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, access.objection(request, public_id), shown=False)


def _page(request: HttpRequest, found: Objection, *, shown: bool) -> HttpResponse:
    context = {
        "call": found.publication.call,
        "tab": "objections",
        "objection": found,
        "shown": shown,
        "handle_form": forms.HandleForm(initial={"finding": found.finding}),
        "close_form": forms.CloseForm(),
        "may_approve": request.acting.role == Role.OFFICE_APPROVER,  # type: ignore[attr-defined]
    }
    return render(request, "outcomes/objection.html", context)


@require_POST
@policy(*OFFICE)
def reveal(request: HttpRequest, public_id: str) -> HttpResponse:
    found = services.reveal(
        access.objection(request, public_id),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return _page(request, found, shown=True)


@require_POST
@policy(*OFFICE)
def attachment(request: HttpRequest, public_id: str) -> HttpResponse:
    """The written material; it names who raised the objection, so it is logged as that is."""
    found = access.objection(request, public_id)
    if found.attachment is None:
        raise Http404
    services.reveal(
        found,
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return file_response(found.attachment, found.attachment_name)


@require_POST
@policy(*OFFICE)
def handle(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.objection(request, public_id)
    with told(request, success="核查情况已登记。"):
        services.handle(
            found,
            finding=request.POST.get("finding", "")[:2000],
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("outcomes:objection", public_id=public_id)


@require_POST
@policy(Role.OFFICE_APPROVER)
def close(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.objection(request, public_id)
    with told(request, success="已作结论，提出人凭受理编号可以看到答复。"):
        services.close(
            found,
            upheld=request.POST.get("upheld") == "yes",
            answer=request.POST.get("answer", "")[:1000],
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("outcomes:objection", public_id=public_id)
