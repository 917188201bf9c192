"""The unit's side: who tests it, its sample, its released results, its one dispute."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import FILING
from audit.services import Actor
from core.web import form_status, refused_into
from documents.web import file_response
from fulfilment.models import Task
from testing import access, forms, queries, services
from testing.models import Commission
from testing.states import TOLD_TO_UNIT, Commissioned
from testing.views import shown
from testing.views.request import Request, filing, units


@units
@require_safe
def index(request: Request) -> HttpResponse:
    """The unit's tasks with who tests them and what was released."""
    tasks = list(
        Task.objects.filter(application__organisation=request.acting.organisation_id)
        .select_related("application__call")
        .order_by("-pk")
    )
    told = [str(one) for one in TOLD_TO_UNIT]
    commissions: dict[int, list[Commission]] = {}
    for one in (
        Commission.objects.filter(task__in=tasks, state__in=told)
        .select_related("agency__organisation", "result")
        .order_by("pk")
    ):
        commissions.setdefault(one.task_id, []).append(one)
    results = queries.results_of([task.pk for task in tasks])
    return render(
        request,
        "testing/my_results.html",
        {
            "found": [
                {
                    "task": task,
                    "commissions": commissions.get(task.pk, []),
                    "results": results.get(task.pk, []),
                }
                for task in tasks
            ]
        },
    )


@units
@require_http_methods(["GET", "HEAD"])
def task(request: Request, public_id: str) -> HttpResponse:
    return _task(request, access.own_task(request, public_id))


def _task(request: Request, found: Task, *, form: forms.SampleForm | None = None) -> HttpResponse:
    told = [str(one) for one in TOLD_TO_UNIT]
    commissions = list(
        found.commissions.filter(state__in=told)
        .select_related("agency__organisation")
        .order_by("pk")
    )
    live = next((one for one in commissions if one.is_live), None)
    asks = live is not None and live.received_at is None
    if form is None and live is not None:
        form = forms.SampleForm(
            initial={
                "sample_name": live.sample_name,
                "sample_model": live.sample_model,
                "sample_version": live.sample_version,
                "sample_note": live.sample_note,
            }
        )
    return render(
        request,
        "testing/my_task.html",
        {
            "task": found,
            "application": found.application,
            "call": found.application.call,
            "now": found.application.call.time(request.arrived_at),
            "commissions": commissions,
            "live": live,
            "form": form if asks and request.acting.role in FILING else None,
            "results": queries.results_of([found.pk]).get(found.pk, []),
        },
        status=form_status(form) if form is not None else 200,
    )


@filing
@require_POST
def declare_sample(request: Request, public_id: str) -> HttpResponse:
    found = access.own_task(request, public_id)
    form = forms.SampleForm(request.POST)
    live = (
        found.commissions.filter(state__in=[str(Commissioned.OFFERED), str(Commissioned.ACCEPTED)])
        .select_related("agency__organisation", "task")
        .first()
    )
    if form.is_valid():
        with refused_into(form):
            if live is None:
                form.add_error(None, "现在没有需要申报样品的测评，请刷新页面。")
            else:
                data = form.cleaned_data
                services.declare_sample(
                    live,
                    name=data["sample_name"],
                    model=data["sample_model"],
                    version=data["sample_version"],
                    note=data["sample_note"],
                    actor=Actor.of(request),
                    at=request.arrived_at,
                )
                messages.success(request, "样品已申报，并通知测评机构。")
                return redirect("testing:my_task", public_id)
    return _task(request, found, form=form)


@units
@require_safe
def result(request: Request, public_id: str) -> HttpResponse:
    return _result(request, public_id)


def _result(
    request: Request, public_id: str, form: forms.DisputeForm | None = None
) -> HttpResponse:
    found = access.released(request, public_id)
    rows = shown.rows(found)
    until = queries.dispute_until(found)
    now = found.commission.task.application.call.time(request.arrived_at)
    dispute = getattr(found, "dispute", None)
    may = dispute is None and until is not None and now < until and request.acting.role in FILING
    if form is None and may:
        form = forms.DisputeForm(indicators=_indicators(rows))
    return render(
        request,
        "testing/my_result.html",
        {
            "result": found,
            "commission": found.commission,
            "task": found.commission.task,
            "call": found.commission.task.application.call,
            "rows": rows,
            "tally": found.tally,
            "sealed": access.sealed_files(found),
            "until": until,
            "now": now,
            "dispute": dispute,
            "rule": found.commission.task.application.call.programme.testing,
            "form": form if may else None,
            "in_force": queries.in_force([found.commission.task_id]).get(
                found.commission.task_id, []
            ),
            "others": [
                one
                for one in queries.results_of([found.commission.task_id]).get(
                    found.commission.task_id, []
                )
                if one.pk != found.pk
            ],
        },
        status=form_status(form) if form is not None else 200,
    )


def _indicators(rows: list[shown.Shown]) -> list[tuple[str, str]]:
    return [
        (
            one.row.target.key,
            f"{one.target['name']}（实测 {one.row.measured or '未测'}，{one.words}）",
        )
        for one in rows
    ]


@filing
@require_POST
def dispute(request: Request, public_id: str) -> HttpResponse:
    found = access.released(request, public_id)
    form = forms.DisputeForm(request.POST, request.FILES, indicators=_indicators(shown.rows(found)))
    if form.is_valid():
        file = form.cleaned_data["evidence"]
        with refused_into(form):
            services.raise_dispute(
                found,
                keys=form.cleaned_data["keys"],
                reason=form.cleaned_data["reason"],
                evidence=(file.read(), file.name or "") if file else None,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            messages.success(request, "异议已提出，处理结果将发信通知。")
            return redirect("testing:my_result", public_id)
    return _result(request, public_id, form)


@units
@require_safe
def sealed_report(request: Request, public_id: str, position: int) -> HttpResponse:
    """A file of the sealed report, as it came."""
    found = access.released(request, public_id)
    part = next((one for one in access.sealed_files(found) if one.position == position), None)
    if part is None:
        raise Http404(access.HIDDEN)
    return file_response(part.blob, part.name)
