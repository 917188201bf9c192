"""Disputes and the order for the award, on the office's side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import OFFICE, Role
from audit.services import Actor
from core.web import refused_into, told
from documents.web import file_response
from testing import access, barring, forms, queries, services
from testing.models import AwardScore, Dispute
from testing.services import disputing
from testing.states import Ruled
from testing.views import shown
from testing.views.request import Request, approvers, offices, readers


@readers
@require_safe
def disputes(request: Request, code: str) -> HttpResponse:
    call = access.call(request, code)
    found = Dispute.objects.filter(result__commission__task__application__call=call).select_related(
        "result__commission__task__application__organisation",
        "result__commission__agency__organisation",
    )
    return render(
        request, "testing/disputes.html", {"call": call, "disputes": found, "tab": "disputes"}
    )


@readers
@require_safe
def dispute(request: Request, public_id: str) -> HttpResponse:
    return _dispute(request, access.dispute(request, public_id))


def _dispute(
    request: Request, found: Dispute, form: forms.RulingForm | None = None
) -> HttpResponse:
    commission = found.result.commission
    form = form or forms.RulingForm()
    return render(
        request,
        "testing/dispute.html",
        {
            "dispute": found,
            "commission": commission,
            "task": commission.task,
            "call": commission.task.application.call,
            "rows": [one for one in shown.rows(found.result) if one.row.target.key in found.keys],
            "form": form,
            "may_propose": found.state == Ruled.OPEN and request.acting.role in OFFICE,
            "may_approve": found.state == Ruled.PROPOSED
            and request.acting.role == Role.OFFICE_APPROVER,
            "own": found.proposed_by_id == request.user.pk,
        },
        status=422 if form.is_bound else 200,
    )


@offices
@require_POST
def rule(request: Request, public_id: str) -> HttpResponse:
    """Propose how a dispute is decided."""
    found = access.dispute(request, public_id)
    form = forms.RulingForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with refused_into(form):
            disputing.propose(
                found,
                ruling=data["ruling"],
                finding=data["finding"],
                agency=data["agency"],
                due=form.due(),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            messages.success(request, "处理意见已拟定，等待另一位审批人批准。")
            return redirect("testing:dispute", public_id)
    return _dispute(request, found, form)


@approvers
@require_POST
def approve_ruling(request: Request, public_id: str) -> HttpResponse:
    """``act=return`` hands the proposal back with a reason; otherwise it takes effect."""
    found = access.dispute(request, public_id)
    who: dict[str, Any] = {"actor": Actor.of(request), "at": request.arrived_at}
    if request.POST.get("act") == "return":
        with told(request, success="已退回重新拟定。"):
            disputing.hand_back(found, reason=request.POST.get("reason", ""), **who)
    else:
        with told(request, success="处理意见已生效，已通知承担单位。"):
            disputing.approve(found, **who)
    return redirect("testing:dispute", public_id)


@readers
@require_safe
def dispute_file(request: Request, public_id: str) -> HttpResponse:
    found = access.dispute(request, public_id)
    if found.evidence is None:
        raise Http404(access.HIDDEN)
    return file_response(found.evidence, found.evidence_name)


# The award ---------------------------------------------------------------------------------------


@readers
@require_safe
def ranking(request: Request, code: str) -> HttpResponse:
    """The order for the award in one direction, with what each line is made of."""
    call = access.call(request, code)
    directions = list(call.directions.all())
    asked = request.GET.get("direction", "")
    direction = next((one for one in directions if one.key == asked), None)
    if direction is None and directions:
        with_tasks = set(
            queries.award_tasks(call, None).values_list("application__direction", flat=True)
        )
        direction = next((one for one in directions if one.pk in with_tasks), directions[0])
    criteria = queries.criteria(call)
    lines = queries.ranking(call, direction)
    scores = {
        (one.task_id, one.criterion): one
        for one in AwardScore.objects.filter(
            task__in=[line.task.pk for line in lines]
        ).select_related("scored_by")
    }
    found = [
        {
            "line": line,
            "cells": [
                {
                    "criterion": one,
                    "points": line.parts.get(one.key),
                    "score": scores.get((line.task.pk, one.key)),
                }
                for one in criteria
            ],
        }
        for line in lines
    ]
    return render(
        request,
        "testing/ranking.html",
        {
            "call": call,
            "tab": "ranking",
            "directions": directions,
            "direction": direction,
            "criteria": criteria,
            "lines": found,
            "award": call.programme.award,
            "may_write": request.acting.role in OFFICE,
            "form": forms.ScoreForm(),
            "scored": [one for one in criteria if one.key != "completion"],
        },
    )


@offices
@require_POST
def score(request: Request, code: str) -> HttpResponse:
    """Score one criterion for one task, with a reason."""
    call = access.call(request, code)
    task = (
        barring.with_units(queries.award_tasks(call, None))
        .filter(public_id=request.POST.get("task", ""))
        .first()
    )
    if task is None:
        raise Http404(access.HIDDEN)
    form = forms.ScoreForm(request.POST)
    if not form.is_valid():
        for field, errors in form.errors.items():
            messages.error(request, f"{form.fields[field].label}：{'；'.join(map(str, errors))}")
    else:
        with told(request, success="评分已登记。"):
            services.score(
                task,
                criterion=request.POST.get("criterion", ""),
                figure=form.cleaned_data["score"],
                source=form.cleaned_data["source"],
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    direction = task.application.direction
    query = f"?direction={direction.key}" if direction else ""

    return redirect(reverse("testing:ranking", args=[code]) + query)
