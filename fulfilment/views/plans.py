"""The plan of a task: written by its unit, judged by the office, compared between versions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.web import form_status, refused_into, told
from documents.web import pdf_response
from fulfilment import access, forms, queries, services
from fulfilment.models import Plan, Task
from fulfilment.planform import OPERATORS, problems
from fulfilment.views.tasks import context_of


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def plan(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the plan: keep it as it stands, or submit it."""
    task = access.own(request, public_id)
    held = task.plans.order_by("-number").first()
    targets = list(task.targets.all())
    initial: dict[str, Any] = {}
    if held is not None:
        initial = {"finish_on": held.finish_on, "approach": held.approach}
        initial |= {f"op-{key}": value for key, value in held.operators.items()}
    form = forms.PlanForm(request.POST or None, task=task, targets=targets, initial=initial)
    rows = forms.milestones(request.POST) if request.method == "POST" else _rows(held)
    wrong: list[str] = []
    if request.method == "POST" and form.is_valid():
        act = request.POST.get("action")
        with refused_into(form):
            who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
            saved = services.save_plan(
                task,
                finish_on=form.cleaned_data["finish_on"],
                approach=form.cleaned_data["approach"],
                milestones=rows,
                operators=form.operators,
                **who,
            )
            wrong = problems(task, saved, targets) if act == "submit" else []
            for words in wrong:
                form.add_error(None, f"{words}。")
            if act == "submit" and not wrong:
                with told(request, success="实施计划已提交，等待主管部门审核。"):
                    services.submit_plan(task, **who)
                return redirect("fulfilment:task", public_id)
            if not wrong:
                with told(request, success="计划已保存，尚未提交。"):
                    pass
                return redirect("fulfilment:plan", public_id)
    shut = "" if task.is_running else "任务已经结束，计划只能查看。"
    if held is not None and held.state == Plan.State.SUBMITTED:
        shut = f"第 {held.number} 版已提交，主管部门审核后才能修改。"
    return render(
        request,
        "fulfilment/plan_form.html",
        {
            "task": task,
            "call": task.application.call,
            "form": form,
            "held": held,
            "shut": shut,
            "errors_lead": "草稿已保存，改好后再提交。" if wrong else "",
            "rows": [*rows, *({} for _ in range(forms.SPARE))],
            "targets": targets,
        },
        status=form_status(form),
    )


def _rows(held: Plan | None) -> list[dict[str, Any]]:
    return list(held.milestones) if held is not None else []


@require_safe
@policy(*access.READERS)
def version(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """A submitted version of the plan, beside the one before it."""
    task = access.task(request, public_id)
    found = _submitted(task, number)
    before = task.plans.filter(number__lt=number).exclude(state="draft").order_by("-number").first()
    names = {one.key: one.name for one in task.targets.all()}
    return render(
        request,
        "fulfilment/plan.html",
        {
            "task": task,
            "call": task.application.call,
            "plan": found,
            "before": before,
            "lines": queries.differing(before.milestones if before else [], found.milestones),
            "operators": [
                (names.get(key, key), OPERATORS.get(value, value))
                for key, value in found.operators.items()
            ],
            "names": names,
            "versions": task.plans.exclude(state="draft"),
            "form": forms.DecisionForm(),
            "judges": found.state == Plan.State.SUBMITTED and request.acting.role in roles.OFFICE,  # type: ignore[attr-defined]
        },
    )


def _submitted(task: Task, number: int) -> Plan:
    found = (
        task.plans.exclude(state="draft")
        .select_related("submitted_by", "decided_by")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404(access.HIDDEN)
    return found


@require_POST
@policy(*roles.OFFICE)
def decide(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    task = access.task(request, public_id)
    found = _submitted(task, number)
    accept = request.POST.get("act") == "accept"
    with told(request, success="计划已接受，即日起实施。" if accept else "计划已退回。"):
        services.decide_plan(
            found,
            accept=accept,
            comment=request.POST.get("comment", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("fulfilment:task", public_id)


@require_POST
@policy(roles.Role.UNIT_ADMIN, roles.Role.OFFICE_APPROVER)
def sign_book(request: HttpRequest, public_id: str) -> HttpResponse:
    """Sign the 任务书 for one's side."""
    task = access.task(request, public_id)
    book = context_of(request, task)["book"]
    if book is None:
        raise Http404(access.HIDDEN)
    with told(request, success=f"已签署任务书 {book.number}。"):
        services.sign_book(
            book,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("fulfilment:task", public_id)


@require_safe
@policy(*access.READERS)
def book_paper(request: HttpRequest, public_id: str) -> HttpResponse:
    task = access.task(request, public_id)
    book = context_of(request, task)["book"]
    if book is None:
        raise Http404(access.HIDDEN)
    return pdf_response(request, book.document)
