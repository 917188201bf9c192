"""Planning: choose projects and a team, look at the half days, change lines, apply together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.policy import policy
from applications.models import Application
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from visits import access, queries, services
from visits.access import Request
from visits.forms import PlanForm, RowForm, plan_initial
from visits.services import Proposal
from visits.views.organiser import organisation_of

organisers = policy(*access.ORGANISERS)


def _call(request: Request, code: str, organisation: Any) -> Call:
    found = Call.objects.open().filter(code=code).first()
    if found is None or found not in queries.calls_of(organisation):
        raise Http404(access.HIDDEN)
    return found


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: Request, code: str) -> HttpResponse:
    """GET chooses. POST ``preview`` shows every line with what stands against it; POST ``apply``
    plans all of them or none."""
    organisation = organisation_of(request)
    call = _call(request, code, organisation)
    waiting = list(queries.to_visit(call, organisation, at=request.arrived_at))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = PlanForm(
        request.POST if act else None,
        call=call,
        organisation=organisation,
        at=request.arrived_at,
        initial=plan_initial(call),
    )
    picked = request.POST.getlist("application") if act else request.GET.getlist("application")
    chosen = [one for one in waiting if one.public_id in picked]
    context: dict[str, Any] = {
        "call": call,
        "unit": organisation,
        "form": form,
        "waiting": _narrowed(request, waiting),
        "all": len(waiting),
        "chosen": {one.public_id for one in chosen},
        "directions": list(dict.fromkeys(one.direction for one in waiting if one.direction)),
        "regions": sorted({one.organisation.region[:2] for one in waiting}),
        "rules": call.programme.site_visit,
    }
    if not act:
        return render(request, "visits/plan.html", context)
    if not form.is_valid() or not chosen:
        context |= {"nothing": not chosen, "has_errors": True}
        return render(request, "visits/plan.html", context, status=422)
    rows = _rows(request, chosen)
    if rows is None:
        proposals, wrong = _proposed(form, chosen), dict[int, str]()
    else:
        proposals, wrong = _typed(rows, chosen)
    judged = services.judge(
        call, proposals, form.team, organisation=organisation, at=request.arrived_at
    )
    judged = [
        replace(one, problem=wrong.get(one.application.pk, "") or one.problem) for one in judged
    ]
    refusal = ""
    if act == "apply" and not any(one.problem for one in judged):
        try:
            made = services.plan(
                call,
                proposals,
                form.team,
                organisation=organisation,
                prepare=form.cleaned_data["prepare"],
                rest_days_agreed="agreed" in request.POST,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
        except Refusal as refused:
            refusal = str(refused)
        else:
            messages.success(
                request,
                f"已安排 {len(made)} 次，申报单位和评估组的通知信已列入发件箱。",
            )
            return redirect("visits:board") if len(made) > 1 else redirect(made[0])
    context |= {
        "proposals": judged,
        "notes": any(one.notes for one in judged),
        "problems": sum(1 for one in judged if one.problem),
        "team": form.team,
        "refusal": refusal,
        "has_errors": bool(refusal) or act == "apply",
    }
    status = 422 if context["has_errors"] else 200
    return render(request, "visits/preview.html", context, status=status)


def _narrowed(request: Request, waiting: list[Application]) -> list[Application]:
    """The list narrowed by direction and region; a choice already made is never lost."""
    direction, region = request.GET.get("direction", ""), request.GET.get("region", "")
    return [
        one
        for one in waiting
        if (not direction or (one.direction and one.direction.key == direction))
        and (not region or one.organisation.region[:2] == region)
    ]


def _rows(request: Request, chosen: list[Application]) -> dict[int, RowForm] | None:
    """The lines of the preview as they were sent; None where it was not shown yet."""
    if f"{chosen[0].public_id}-starts_at" not in request.POST:
        return None
    return {one.pk: RowForm(request.POST, prefix=one.public_id) for one in chosen}


def _typed(
    rows: dict[int, RowForm], chosen: list[Application]
) -> tuple[list[Proposal], dict[int, str]]:
    proposals: list[Proposal] = []
    wrong: dict[int, str] = {}
    for one in chosen:
        row = rows[one.pk]
        if not row.is_valid():
            wrong[one.pk] = "；".join(str(words) for said in row.errors.values() for words in said)
        data = row.cleaned_data
        begins = data.get("starts_at") or timezone.localtime(one.created_at)
        proposals.append(
            Proposal(one, begins, data.get("ends_at") or begins, data.get("place", ""))
        )
    return proposals, wrong


def _proposed(form: PlanForm, chosen: list[Application]) -> list[Proposal]:
    return services.propose(
        chosen,
        first=form.cleaned_data["first"],
        afternoon=form.cleaned_data["half"] == "pm",
        hours=form.cleaned_data["hours"],
        places=queries.addresses(chosen),
    )
