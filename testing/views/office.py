"""The office's board: who tests what, proposed in bulk, approved by another, released, exported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import OFFICE, Role
from audit.services import Actor
from calls.models import Call
from core.templatetags.jiebang import moment
from core.web import refused_into, told
from testing import access, barring, board, forms, queries, services
from testing.models import Agency, Commission, Result
from testing.states import Reported
from testing.views import shown
from testing.views.request import Request, approvers, offices, readers, sheet

PER_PAGE = 50


@readers
@require_safe
def index(request: Request) -> HttpResponse:
    """The calls that are tested, with how far each is."""
    found = []
    for call in queries.calls_with_testing():
        lines = board.lines(call, now=call.time(request.arrived_at))
        found.append(
            {
                "call": call,
                "total": len(lines),
                "waiting": sum(one.state == board.NONE for one in lines),
                "approval": sum(one.state == board.PROPOSED for one in lines),
                "under_way": sum(
                    one.state in (board.OFFERED, board.UNDER_WAY, board.REVIEW, board.SEALING)
                    for one in lines
                ),
                "sealed": sum(one.state == board.SEALED for one in lines),
                "disputed": sum(one.state == board.DISPUTED for one in lines),
                "released": sum(one.state == board.RELEASED for one in lines),
                "overdue": sum(one.overdue for one in lines),
            }
        )
    return render(request, "testing/calls.html", {"calls": found})


def _filtered(
    request: Request, call: Call
) -> tuple[forms.BoardFilter, list[board.Line], list[board.Line]]:
    lines = board.lines(call, now=call.time(request.arrived_at))
    form = forms.BoardFilter(
        request.GET,
        directions=[(one.key, one.title) for one in board.piles(lines)],
        agencies=shown.agencies_of(lines),
    )
    wanted = form.cleaned_data if form.is_valid() else {}
    return form, lines, board.chosen(lines, wanted)


@readers
@require_safe
def page(request: Request, code: str) -> HttpResponse:
    call = access.call(request, code)
    form, lines, chosen = _filtered(request, call)
    approves = request.acting.role == Role.OFFICE_APPROVER
    return render(
        request,
        "testing/board.html",
        {
            "call": call,
            "tab": "board",
            "filter_form": form,
            "piles": board.piles(lines),
            "total": len(lines),
            "chosen": len(chosen),
            "page": Paginator(chosen, PER_PAGE).get_page(request.GET.get("page")),
            "approval": sum(one.state == board.PROPOSED for one in lines),
            "sealed": sum(one.state == board.SEALED for one in lines),
            "overdue": sum(one.overdue for one in lines),
            "disputed": sum(one.state == board.DISPUTED for one in lines),
            "may_write": request.acting.role in OFFICE,
            "may_approve": approves,
            "rule": call.programme.testing,
        },
    )


@readers
@require_safe
def export(request: Request, code: str) -> HttpResponse:
    call = access.call(request, code)
    _, _, chosen = _filtered(request, call)
    notes = [
        f"批次：{call.title}",
        f"导出人：{request.user.name}",  # type: ignore[union-attr]
        f"导出时间：{moment(request.arrived_at)}",
        f"筛选条件：{request.GET.urlencode() or '无'}",
        f"共 {len(chosen)} 项",
    ]
    return sheet(board.workbook(chosen, title="测评", notes=notes), "testing.xlsx")


@offices
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: Request, code: str) -> HttpResponse:
    """A direction in bulk: choose, see every conflict beforehand, propose all together.

    ``act=propose`` takes what the preview showed; anything else shows the preview anew.
    """
    call = access.call(request, code)
    now = call.time(request.arrived_at)
    lines = [one for one in board.lines(call, now=now) if one.may_be_commissioned]
    source = request.POST if request.method == "POST" else request.GET
    direction = source.get("direction", "")
    lines = board.chosen(lines, {"direction": direction})
    picked = set(source.getlist("task"))
    if picked:
        lines = [one for one in lines if one.task.public_id in picked]
    form = forms.CommissionForm(request.POST or None)
    preview: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        agency: Agency = form.cleaned_data["agency"]
        tasks = (
            list(
                barring.with_units(
                    type(lines[0].task).objects.filter(pk__in=[one.task.pk for one in lines])
                )
            )
            if lines
            else []
        )
        against = barring.between([agency], tasks)
        by_key = {one.pk: one for one in tasks}
        preview = [
            {"line": one, "bars": against[agency.pk, one.task.pk], "task": by_key[one.task.pk]}
            for one in lines
        ]
        if request.POST.get("act") == "propose":
            with refused_into(form):
                made = services.propose(
                    [services.Proposal(one["task"], agency) for one in preview if not one["bars"]],
                    due=form.due(),
                    note=form.cleaned_data["note"],
                    actor=Actor.of(request),
                    at=request.arrived_at,
                )
                messages.success(request, f"已提出 {len(made)} 项测评委托，等待另一人批准。")
                return redirect("testing:board", code)
    every = board.piles(board.lines(call, now=now))
    return render(
        request,
        "testing/propose.html",
        {
            "call": call,
            "form": form,
            "lines": lines,
            "preview": preview,
            "allowed": sum(not one["bars"] for one in preview),
            "direction": direction,
            "picked": picked,
            "piles": every,
        },
        status=422 if form.is_bound and form.errors else 200,
    )


@approvers
@require_POST
def decide(request: Request, code: str) -> HttpResponse:
    """The second person: ``act`` is ``approve`` or ``reject`` for the chosen commissions."""
    call = access.call(request, code)
    chosen = list(
        Commission.objects.filter(
            task__application__call=call, public_id__in=request.POST.getlist("commission")
        ).select_related("task", "agency__organisation")
    )
    who: dict[str, Any] = {"actor": Actor.of(request), "at": request.arrived_at}
    if request.POST.get("act") == "reject":
        done = services.reject_together(chosen, reason=request.POST.get("reason", ""), **who)
        messages.success(request, f"未批准 {len(done)} 项委托。")
    else:
        done = services.approve(chosen, **who)
        messages.success(request, f"已批准 {len(done)} 项委托，已通知测评机构和承担单位。")
    return redirect("testing:board", code)


@approvers
@require_POST
def release(request: Request, code: str) -> HttpResponse:
    """Let the units see the chosen results."""
    call = access.call(request, code)
    chosen = list(
        Result.objects.filter(
            commission__task__application__call=call,
            public_id__in=request.POST.getlist("result"),
        ).select_related("commission__task")
    )
    done = services.release(chosen, actor=Actor.of(request), at=request.arrived_at)
    messages.success(request, f"已发布 {len(done)} 项测评结果，已通知承担单位。")
    return redirect("testing:board", code)


# One commission ----------------------------------------------------------------------------------


@readers
@require_safe
def commission(request: Request, public_id: str) -> HttpResponse:
    return _commission(request, access.commission(request, public_id))


def _commission(
    request: Request, found: Commission, *, form: forms.ReplaceForm | None = None
) -> HttpResponse:
    result: Result | None = getattr(found, "result", None)
    task = found.task
    call = task.application.call
    return render(
        request,
        "testing/commission.html",
        {
            "commission": found,
            "task": task,
            "call": call,
            "result": result,
            "rows": shown.rows(result) if result else [],
            "tally": result.tally if result else None,
            "files": list(result.evidence.filter(removed_at=None)) if result else [],
            "scan": result.scans.order_by("-pk").first() if result else None,
            "dispute": getattr(result, "dispute", None) if result else None,
            "bars": barring.of(found.agency, task) if found.is_live else [],
            "steps": shown.steps(found, result),
            "every": list(
                task.commissions.select_related("agency__organisation", "result").order_by("pk")
            ),
            "form": form or forms.ReplaceForm(),
            "overdue": found.is_overdue(call.time(request.arrived_at)),
            "may_write": request.acting.role in OFFICE,
            "may_approve": request.acting.role == Role.OFFICE_APPROVER,
            "may_replace": found.is_live and request.acting.role in OFFICE,
            "may_send_back": result is not None
            and result.state in (Reported.SUBMITTED, Reported.APPROVED, Reported.SEALED)
            and request.acting.role in OFFICE,
        },
        status=422 if form is not None else 200,
    )


@offices
@require_POST
def replace(request: Request, public_id: str) -> HttpResponse:
    """Another agency in its place, with a reason; without an agency it is only taken back."""
    found = access.commission(request, public_id)
    who: dict[str, Any] = {"actor": Actor.of(request), "at": request.arrived_at}
    if request.POST.get("act") == "withdraw":
        with told(request, success="委托已撤回，机构的访问已停止。"):
            services.withdraw(found, reason=request.POST.get("reason", ""), **who)
        return redirect("testing:commission", public_id)
    form = forms.ReplaceForm(request.POST)
    if form.is_valid():
        with refused_into(form):
            made = services.replace(
                found,
                agency=form.cleaned_data["agency"],
                due=form.due(),
                reason=form.cleaned_data["reason"],
                **who,
            )
            messages.success(request, f"已撤换，拟由{made.agency.name}测评，等待另一人批准。")
            return redirect("testing:commission", made.public_id)
    return _commission(request, found, form=form)
