"""The tasks: the office's list, a unit's own, one task, and what the office asks of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import regions, roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.web import form_status, refused_into, told
from documents import workbook
from fulfilment import access, forms, queries, services
from fulfilment.models import Acceptance, Dispatch, Recognition, Report, Task, TaskBook
from fulfilment.queries import Standing

PAGE = 50


def _provinces() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in regions.regions().values() if not one.parent]


def _chosen(request: HttpRequest) -> tuple[Call | None, list[Call]]:
    """The call named in the address, else the newest with tasks this person sees."""
    tasks = access.visible_to(request.acting)  # type: ignore[attr-defined]
    calls = queries.calls_with_tasks(tasks)
    code = request.GET.get("call", "")
    if not code:
        return (calls[0] if calls else None), calls
    found = next((one for one in calls if one.code == code), None)
    if found is None:
        raise Http404(access.HIDDEN)
    return found, calls


def _listed(request: HttpRequest, call: Call) -> tuple[Any, Any, forms.FilterForm]:
    """Every task of the call this person sees, those that fit, and the filter."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    tasks = access.visible_to(request.acting).filter(application__call=call)  # type: ignore[attr-defined]
    form = forms.FilterForm(
        request.GET or None, call=call, states=queries.FILTERS, regions=_provinces()
    )
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return tasks, queries.chosen(tasks, data, queries.today_of(call, at)), form


@require_safe
@policy(*access.DESK)
def index(request: HttpRequest) -> HttpResponse:
    """The list of tasks of a call: figures that are filters, columns, pages."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    call, calls = _chosen(request)
    if call is None:
        return render(
            request, "fulfilment/index.html", {"call": None, "may_write": _office(request)}
        )
    tasks, found, form = _listed(request, call)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for task in page:
        task.application.call = call
    today = queries.today_of(call, at)
    shown = [key for key in queries.COLUMNS if key in request.GET.getlist("col")]
    return render(
        request,
        "fulfilment/index.html",
        {
            "call": call,
            "calls": calls,
            "today": today,
            "figures": queries.figures(tasks, today),
            "page": page,
            "rows": queries.rows(list(page), at=at),
            "filter_form": form,
            "filtered": any(request.GET.get(key) for key in ("q", "direction", "region", "state")),
            "columns": list(queries.COLUMNS.items()),
            "shown": shown or queries.USUAL,
            "may_write": _office(request),
            "no_term": tasks.filter(due_on=None, state=Task.State.UNDER_WAY).count(),
            "deliberated": call.programme.approval is not None,
        },
    )


def _office(request: HttpRequest) -> bool:
    return request.acting.role in roles.OFFICE  # type: ignore[attr-defined]


@require_safe
@policy(*access.DESK)
def export(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, with its filter and its day."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    call, _ = _chosen(request)
    if call is None:
        raise Http404(access.HIDDEN)
    _, found, _form_of = _listed(request, call)
    tasks = list(found)
    for task in tasks:
        task.application.call = call
    state = request.GET.get("state", "")
    data = workbook.workbook(
        f"{call.title} 任务清单",
        [
            ("申报编号", 18),
            ("项目", 36),
            ("承担单位", 32),
            ("地区", 14),
            ("方向", 24),
            ("推荐单位", 28),
            ("负责人", 12),
            ("起始日", 12),
            ("到期日", 12),
            ("状态", 18),
            ("下一报告", 18),
            ("截止日", 12),
            ("逾期报告", 10),
            ("待审报告", 10),
            ("待办变更", 10),
            ("计划", 10),
        ],
        [
            [
                row.task.application.number,
                row.task.title,
                row.task.application.organisation.name,
                row.region,
                row.task.application.direction.title if row.task.application.direction else "",
                row.task.application.recommender.name if row.task.application.recommender else "",
                row.task.lead,
                f"{row.task.starts_on:%Y-%m-%d}",
                f"{row.task.due_on:%Y-%m-%d}" if row.task.due_on else "未定",
                row.words,
                row.next.title if row.next else "",
                f"{row.next.due_on:%Y-%m-%d}" if row.next and row.next.due_on else "",
                row.late,
                row.submitted,
                row.changes,
                row.plan or "未填",
            ]
            for row in queries.rows(tasks, at=at)
        ],
        foot=[
            f"条件：{queries.FILTERS.get(state, '全部任务')}",
            f"导出：{request.acting.user.name} {workbook.moment(call.time(at))}",  # type: ignore[attr-defined]
        ],
    )
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="tasks-{call.code}.xlsx"'
    return response


@require_safe
@policy(*roles.APPLICANT)
def mine(request: HttpRequest) -> HttpResponse:
    """The unit's own tasks: what has to be done now, until when."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    tasks = queries.of_unit(request.acting.organisation_id)  # type: ignore[attr-defined]
    todo = queries.to_do_in(tasks, at=at)
    rows = [
        (row, Standing(row.task, row.today, todo[row.task.pk]))
        for row in queries.rows(tasks, at=at)
    ]
    return render(request, "fulfilment/mine.html", {"rows": rows})


@require_safe
@policy(*access.READERS)
def of_application(request: HttpRequest, public_id: str) -> HttpResponse:
    """From a filing to its task."""
    return redirect("fulfilment:task", access.task_of(request, public_id).public_id)


@require_safe
@policy(*access.READERS)
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One task: the clock, what to do now, plan, reports, changes, history."""
    task = access.task(request, public_id)
    return render(request, "fulfilment/task.html", context_of(request, task))


def context_of(request: HttpRequest, task: Task) -> dict[str, Any]:
    """The context of the task's page."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    acting = request.acting  # type: ignore[attr-defined]
    call = task.application.call
    today = queries.today_of(call, at)
    mine = acting.organisation_id == task.application.organisation_id
    unit = mine and acting.role in roles.FILING
    reports = list(task.reports.exclude(state=Report.State.DROPPED).prefetch_related("versions"))
    for report in reports:
        report.task = task
        report.late_now = report.is_overdue(today)  # type: ignore[attr-defined]
    names = {one.key: one.name for one in task.targets.all()}
    nodes = list(task.milestones.all())
    for node in nodes:
        node.names = node.target_names(names)  # type: ignore[attr-defined]
        node.late = node.done_on is None and today > node.due_on  # type: ignore[attr-defined]
    return {
        "task": task,
        "application": task.application,
        "call": call,
        "now": call.time(at),
        "today": today,
        "shape": queries.shape(task, today),
        "words": queries.words(task, today),
        "standing": Standing(task, today, queries.to_do(task, at=at) if mine else []),
        "mine": mine,
        "unit": unit and task.is_running,
        "office": acting.role in roles.OFFICE,
        "approves": acting.role == roles.Role.OFFICE_APPROVER,
        "signs": mine and acting.role == roles.Role.UNIT_ADMIN,
        "plan": task.plans.exclude(state="draft").order_by("-number").first(),
        "targets": task.targets.all(),
        "milestones": nodes,
        "reports": reports,
        "changes": task.changes.all(),
        "history": task.history.order_by("-pk")[:50],
        "book": TaskBook.objects.filter(task=task)
        .select_related("document", "unit_signed_by", "office_signed_by")
        .first(),
        "acceptances": task.acceptances.select_related(
            "proposed_by", "approved_by"
        ).prefetch_related("files"),
        "dispatch": Dispatch.objects.filter(
            publication=task.publication_id, state=Dispatch.State.ISSUED
        ).first(),
        "recognition": Recognition.objects.filter(task=task).select_related("document").first(),
        "accepts": "acceptance" in call.steps,
        "tested": "testing" in call.steps,
        "acceptable": "acceptance" in call.steps
        and task.state == Task.State.READY
        and not task.acceptances.exclude(state=Acceptance.State.REFUSED).exists(),
        "recognisable": "award" in call.steps
        and "acceptance" in call.steps
        and task.state == Task.State.ENDED,
        "plaque_form": forms.PlaqueForm(prefix="plaque"),
        "recognise_form": forms.RecogniseForm(),
        "reason_form": forms.ReasonForm(),
        "rule": call.programme.task,
    }


@require_safe
@policy(*access.DESK)
def late(request: HttpRequest) -> HttpResponse:
    """Reports that are overdue, longest first; the office writes to the units."""
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    call, calls = _chosen(request)
    if call is None:
        return render(request, "fulfilment/late.html", {"call": None})
    tasks = access.visible_to(request.acting).filter(application__call=call)  # type: ignore[attr-defined]
    today = queries.today_of(call, at)
    page = Paginator(queries.late_reports(tasks, today), PAGE).get_page(request.GET.get("page"))
    for report in page:
        report.task.application.call = call
        assert report.due_on is not None
        report.days = (today - report.due_on).days  # type: ignore[attr-defined]
    return render(
        request,
        "fulfilment/late.html",
        {"call": call, "calls": calls, "page": page, "may_write": _office(request)},
    )


@require_POST
@policy(*roles.OFFICE)
def chase(request: HttpRequest) -> HttpResponse:
    chosen = Report.objects.filter(
        public_id__in=request.POST.getlist("report")[:PAGE],
        task__in=access.visible_to(request.acting),  # type: ignore[attr-defined]
    )
    count = services.chase(
        list(chosen),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    with told(request, success=f"已向 {count} 份逾期报告的承担单位催报，通知已进入发件箱。"):
        pass
    return redirect(f"{reverse('fulfilment:late')}?call={request.POST.get('call', '')}")


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """The office asks a unit for a report of its own."""
    task = access.task(request, public_id)
    form = forms.AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form), told(request, success="已要求报告，单位会收到通知。"):
            services.ask_report(
                task,
                due_on=form.cleaned_data["due_on"],
                ask=form.cleaned_data["ask"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("fulfilment:task", public_id)
    return _form(request, task, form, title="要求报告", button="要求报告")


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def terminate(request: HttpRequest, public_id: str) -> HttpResponse:
    """Propose to end a task early; another person approves."""
    task = access.task(request, public_id)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form), told(request, success="已提出终止，由另一位审批人批准。"):
            made = services.propose_termination(
                task,
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("fulfilment:change", made.public_id)
    return _form(
        request,
        task,
        form,
        title="拟终止任务",
        button="提出终止",
        lead="终止后不再报告，也不再参加评优。由另一位审批人批准后生效。",
    )


def _form(
    request: HttpRequest, task: Task, form: Any, *, title: str, button: str, lead: str = ""
) -> HttpResponse:
    context = {
        "task": task,
        "call": task.application.call,
        "form": form,
        "title": title,
        "button": button,
        "lead": lead,
    }
    return render(request, "fulfilment/form.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def term(request: HttpRequest, code: str) -> HttpResponse:
    """Set the last day for the tasks of a call whose programme states no length."""
    call = access.call(request, code)
    tasks = list(
        Task.objects.filter(application__call=call, due_on=None, state=Task.State.UNDER_WAY)
        .select_related("application__organisation")
        .order_by("application__number", "pk")
    )
    form = forms.TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = set(request.POST.getlist("task"))
        chosen = [task for task in tasks if task.public_id in asked]
        if not chosen:
            form.add_error(None, "请先选择任务。")
        else:
            with refused_into(form), told(request, success=f"已确定 {len(chosen)} 项任务的期限。"):
                services.set_term(
                    chosen,
                    due_on=form.cleaned_data["due_on"],
                    basis=form.cleaned_data["basis"],
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
                return redirect(f"{reverse('fulfilment:index')}?call={code}")
    return render(
        request,
        "fulfilment/term.html",
        {"call": call, "tasks": tasks, "form": form, "rule": call.programme.task},
        status=form_status(form),
    )


@require_safe
@policy.public
def recognised(request: HttpRequest) -> HttpResponse:
    """What was recognised, before the public; a withdrawn one stays and says so."""
    found = Recognition.objects.select_related(
        "task__application__organisation", "task__application__call", "task__application__direction"
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "fulfilment/recognised.html", {"page": page})
