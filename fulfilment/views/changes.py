"""Changes: asked for by the unit, judged by two people of the office."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told
from fulfilment import access, forms, services
from fulfilment.models import Change
from fulfilment.views.reports import take


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for a change; evidence is added on its own page."""
    task = access.own(request, public_id)
    initial = {"kind": request.GET.get("kind", "")}
    form = forms.ChangeForm(request.POST or None, task=task, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refused_into(form), told(request, success="变更已申请，可在本页补充证明材料。"):
            made = services.ask_change(
                task,
                kind=data["kind"],
                subject=form.subject,
                before=data["before"],
                after=data["after"],
                reason=data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("fulfilment:change", made.public_id)
    return render(
        request,
        "fulfilment/change_form.html",
        {
            "task": task,
            "call": task.application.call,
            "form": form,
            "rule": task.application.call.programme.task,
        },
        status=form_status(form),
    )


@require_safe
@policy(*access.READERS)
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    """A change: before and after side by side, reason, evidence, who decided what."""
    found = access.change(request, public_id)
    acting = request.acting  # type: ignore[attr-defined]
    mine = acting.organisation_id == found.task.application.organisation_id
    return render(
        request,
        "fulfilment/change.html",
        {
            "task": found.task,
            "call": found.task.application.call,
            "change": found,
            "files": found.files.filter(removed_at=None).select_related("blob"),
            "unit": mine and acting.role in roles.FILING and found.is_open and not found.by_office,
            "office": acting.role in roles.OFFICE and found.is_open,
            "approves": acting.role == roles.Role.OFFICE_APPROVER,
            "own_opinion": found.proposed_by_id == request.user.pk,
            "unit_object": Change.Kind(found.kind).label,
        },
    )


@require_POST
@policy(*roles.FILING, *roles.OFFICE)
def act(request: HttpRequest, public_id: str) -> HttpResponse:
    """``act``: withdraw (the unit), propose, approve, refuse (the office)."""
    found = access.change(request, public_id)
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    note = request.POST.get("note", "")
    word = request.POST.get("act", "")
    if word == "withdraw":
        with told(request, success="变更申请已撤回。"):
            services.withdraw_change(found, **who)
    elif word == "propose":
        with told(request, success="已提出审核意见，由另一位审批人批准。"):
            services.propose_change(found, opinion=note, **who)
    elif word == "approve":
        with told(request, success="变更已批准，即时生效。"):
            services.approve_change(found, note=note, **who)
    elif word != "refuse":
        raise Refusal("no-act", "请选择办理方式。", status=422)
    else:
        with told(request, success="未同意，单位会收到通知。"):
            services.refuse_change(found, note=note, **who)
    return redirect("fulfilment:change", public_id)


@require_POST
@policy(*roles.FILING, *roles.OFFICE)
def attach(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.change(request, public_id)
    take(request, found)
    return redirect("fulfilment:change", public_id)
