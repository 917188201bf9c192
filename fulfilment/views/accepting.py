"""验收, 认定 and its withdrawal, and the 审定 that is signed by several offices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents.web import pdf_response
from fulfilment import access, forms, services
from fulfilment.models import Cosignature, Deliberation
from fulfilment.views.reports import take
from outcomes import queries as deciding


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def acceptance(request: HttpRequest, public_id: str) -> HttpResponse:
    """Enter what the experts found; another person confirms."""
    task = access.task(request, public_id)
    form = forms.AcceptanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refused_into(form), told(request, success="验收已登记，由另一位审批人确认。"):
            services.record_acceptance(
                task,
                held_on=data["held_on"],
                place=data["place"],
                experts=data["experts"],
                opinion=data["opinion"],
                result=data["result"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("fulfilment:task", public_id)
    return render(
        request,
        "fulfilment/form.html",
        {
            "task": task,
            "call": task.application.call,
            "form": form,
            "title": "登记验收",
            "button": "登记验收",
            "lead": "依据任务书逐项核对。由另一位审批人确认后，结论生效并通知承担单位。",
        },
        status=form_status(form),
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def decide_acceptance(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.acceptance(request, public_id)
    confirm = request.POST.get("act") == "confirm"
    with told(request, success="验收结论已确认。" if confirm else "验收登记已退回。"):
        services.decide_acceptance(
            found,
            confirm=confirm,
            note=request.POST.get("note", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("fulfilment:task", found.task.public_id)


@require_POST
@policy(*roles.OFFICE)
def attach_acceptance(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add the signed opinion of the experts."""
    found = access.acceptance(request, public_id)
    take(request, found)
    return redirect("fulfilment:task", found.task.public_id)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def recognise(request: HttpRequest, public_id: str) -> HttpResponse:
    task = access.task(request, public_id)
    with told(request, success="已认定，认定通知已生成并告知承担单位。"):
        services.recognise(
            task,
            number=request.POST.get("number", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("fulfilment:task", public_id)


@require_POST
@policy(*roles.OFFICE)
def recognition(request: HttpRequest, public_id: str) -> HttpResponse:
    """``act``: plaque, propose (a withdrawal), withdraw or keep (by a second person)."""
    found = access.recognition(request, public_id)
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    word = request.POST.get("act", "")
    if word == "plaque":
        form = forms.PlaqueForm(request.POST, prefix="plaque")
        if form.is_valid():
            with told(request, success="已登记授牌日期。"):
                services.give_plaque(found, day=form.cleaned_data["day"], **who)
    elif word == "propose":
        with told(request, success="已提出撤销，由另一位审批人批准。"):
            services.propose_withdrawal(found, reason=request.POST.get("reason", ""), **who)
    elif word not in ("withdraw", "keep"):
        raise Refusal("no-act", "请选择办理方式。", status=422)
    else:
        approve = word == "withdraw"
        with told(request, success="认定已撤销，公开页面已标明。" if approve else "维持认定。"):
            services.decide_withdrawal(found, approve=approve, **who)
    return redirect("fulfilment:task", found.task.public_id)


@require_safe
@policy(*access.READERS)
def recognition_paper(request: HttpRequest, public_id: str) -> HttpResponse:
    return pdf_response(request, access.recognition(request, public_id).document)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def deliberations(request: HttpRequest, code: str) -> HttpResponse:
    """The 审定 of a call: what is being signed, what was, and a new one."""
    call = access.call(request, code)
    rule = call.programme.approval
    form = forms.DeliberationForm(request.POST or None, names=rule.cosigners if rule else ())
    if request.method == "POST" and form.is_valid():
        with refused_into(form), told(request, success="审定已发起，会签单位会收到通知。"):
            made = services.open_deliberation(
                call,
                request.POST.getlist("application"),
                held_on=form.cleaned_data["held_on"],
                minutes=form.cleaned_data["minutes"],
                offices=form.offices,
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("fulfilment:deliberation", made.public_id)
    found = list(call.deliberations.select_related("opened_by").prefetch_related("signatures"))
    waiting = (
        list(deciding.waiting(call).select_related("organisation", "direction").order_by("number"))
        if rule
        else []
    )
    return render(
        request,
        "fulfilment/deliberations.html",
        {
            "call": call,
            "tab": "deliberations",
            "rule": rule,
            "form": form,
            "found": found,
            "open": any(one.state == Deliberation.State.OPEN for one in found),
            "waiting": waiting,
            "chosen": request.POST.getlist("application"),
        },
        status=form_status(form),
    )


@require_safe
@policy(*roles.OFFICE)
def deliberation(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is laid before the offices, and what each has said."""
    found = access.deliberation(request, public_id)
    acting = request.acting  # type: ignore[attr-defined]
    signatures = list(found.signatures.select_related("organisation"))
    own = next(
        (
            one
            for one in signatures
            if one.organisation_id == acting.organisation_id
            and one.verdict == Cosignature.Verdict.WAITING
        ),
        None,
    )
    return render(
        request,
        "fulfilment/deliberation.html",
        {
            "call": found.call,
            "deliberation": found,
            "signatures": signatures,
            "own": own if found.state == Deliberation.State.OPEN else None,
            "approves": acting.role == roles.Role.OFFICE_APPROVER,
        },
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def sign(request: HttpRequest, public_id: str) -> HttpResponse:
    """Sign for one's own office."""
    found = access.deliberation(request, public_id)
    signature = access.own_signature(request, found)
    agree = request.POST.get("act") == "agree"
    with told(request, success=f"{signature.office}已签署。"):
        services.sign(
            signature,
            agree=agree,
            note=request.POST.get("note", ""),
            shown=request.POST.get("shown", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("fulfilment:deliberation", public_id)
