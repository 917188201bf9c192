"""The applicant's pages: when they come, what to prepare, one wish, one remark, the result."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.web import refused_into, told
from visits import access, queries, services
from visits.access import Request
from visits.forms import AskForm, RemarkForm
from visits.models import Visit

applicants = policy(*roles.APPLICANT)
filing = policy(*roles.FILING)


@applicants
@require_safe
def mine(request: Request) -> HttpResponse:
    return render(request, "visits/mine.html", {"visits": access.invited(request.acting)})


@applicants
@require_safe
def invitation(request: Request, public_id: str) -> HttpResponse:
    return _page(request, access.invitation(request, public_id))


def _page(
    request: Request,
    found: Visit,
    *,
    ask_form: AskForm | None = None,
    remark_form: RemarkForm | None = None,
) -> HttpResponse:
    now = found.call.time(request.arrived_at)
    writes = request.acting.role in roles.FILING
    released = found.released_at is not None
    context = {
        "visit": found,
        "call": found.call,
        "application": found.application,
        "now": now,
        "team": list(queries.counted_seats(found)),
        "prepare": [line.strip() for line in found.prepare.splitlines() if line.strip()],
        "may_confirm": writes and found.state == "planned" and found.asked != Visit.Asked.OPEN,
        "may_ask": writes
        and found.is_ahead
        and found.asked == Visit.Asked.NEVER
        and now < found.starts_at,
        "may_remark": writes
        and found.state != "cancelled"
        and now >= found.starts_at
        and not found.remark,
        "report": queries.report_in_force(found) if released else None,
        "ask_form": ask_form or AskForm(),
        "remark_form": remark_form or RemarkForm(),
        "has_errors": bool(ask_form or remark_form),
    }
    status = 422 if ask_form or remark_form else 200
    return render(request, "visits/invitation.html", context, status=status)


@filing
@require_POST
def confirm(request: Request, public_id: str) -> HttpResponse:
    found = access.invitation(request, public_id)
    with told(request, success="已确认，届时请按准备事项做好准备。"):
        services.confirm(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("visits:invitation", found.public_id)


@filing
@require_http_methods(["POST"])
def ask_day(request: Request, public_id: str) -> HttpResponse:
    found = access.invitation(request, public_id)
    form = AskForm(request.POST)
    if form.is_valid():
        with refused_into(form):
            services.ask_day(
                found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, "另约请求已提交，组织单位答复后会发通知信。")
            return redirect("visits:invitation", found.public_id)
    return _page(request, found, ask_form=form)


@filing
@require_http_methods(["POST"])
def remark(request: Request, public_id: str) -> HttpResponse:
    found = access.invitation(request, public_id)
    form = RemarkForm(request.POST)
    if form.is_valid():
        with refused_into(form):
            services.add_remark(
                found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, "陈述已提交。")
            return redirect("visits:invitation", found.public_id)
    return _page(request, found, remark_form=form)
