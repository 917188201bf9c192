"""Calls: made from a programme file, dated, opened, their clock moved in a rehearsal."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import changes, directionrows, services, standing
from calls.models import Call, CallChange
from core.web import refused_into, told
from office import changing, checklist, notices
from office.forms import ClockForm, DatesForm, DirectionForm, NoticeForm
from office.rehearsal import keeping

READERS = (*roles.OFFICE, roles.Role.AUDITOR, *roles.ADMIN)


def call_or_404(code: str) -> Call:
    found = Call.objects.filter(code=code).first()
    if found is None:
        raise Http404("没有这个批次。")
    return found


@require_safe
@policy(*READERS)
def index(request):
    calls = list(Call.objects.order_by("-created_at"))
    rows = [(call, call.phase_title(request.arrived_at)) for call in calls]
    return render(request, "office/calls.html", {"rows": rows})


@require_safe
@policy(*READERS)
def detail(request, code):
    return _page(request, call_or_404(code))


def _page(request, call, *, status=200, **forms):
    rehearsed = keeping.latest(call)
    titles = {one.key: one.title for one in standing.classes(call)}
    return render(
        request,
        "office/call.html",
        {
            "call": call,
            "now": call.time(request.arrived_at),
            "phase": call.phase_title(request.arrived_at),
            "programme": call.programme,
            "number_prefix": services.prefix_of(call),
            "directions": [
                (one, titles.get(one.class_key or "", "")) for one in standing.directions(call)
            ],
            "dates_form": DatesForm(call=call),
            "clock_form": ClockForm(initial={"to": call.time(request.arrived_at)}),
            "direction_form": DirectionForm(),
            "notice_form": NoticeForm(),
            "notices": call.notices.all(),
            "versions": call.rules_versions.select_related("made_by").defer("text", "rules")[:5],
            "waiting": [
                (one, changing.lines(one))
                for one in call.changes.filter(state=CallChange.State.PROPOSED).select_related(
                    "proposed_by"
                )
            ],
            "checklist": checklist.lines(call, at=request.arrived_at)
            if call.state == Call.State.PREPARING
            else [],
            "needs_reason": checklist.needs_reason(call),
            "rehearsed": rehearsed,
            "rehearsal_stale": rehearsed is not None and keeping.is_stale(rehearsed, call),
            **forms,
        },
        status=status,
    )


@require_POST
@policy(*roles.OFFICE)
def dates(request, code):
    """Before opening they are set; afterwards a change is proposed for a second person."""
    call = call_or_404(code)
    form = DatesForm(request.POST, call=call)
    actor, at = Actor.of(request), request.arrived_at
    if form.is_valid():
        if call.state == Call.State.OPEN:
            with refused_into(form), told(request, success="变更已提出，由另一人批准后生效。"):
                reason = form.cleaned_data["reason"]
                changes.propose_dates(call, dates=form.dates(), reason=reason, actor=actor, at=at)
                return redirect("office:call", call.code)
        else:
            with refused_into(form), told(request, success="期限已保存。"):
                services.set_dates(call, actor=actor, at=at, dates=form.dates())
                return redirect("office:call", call.code)
    return _page(request, call, status=422, dates_form=form)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def decide_change(request, code, pk):
    """A second person approves a change of an open call, or does not."""
    found = CallChange.objects.select_related("call").filter(call__code=code, pk=pk).first()
    if found is None:
        raise Http404("没有这项变更。")
    approve = request.POST.get("approve") == "yes"
    words = "变更已批准并生效。" if approve else "变更未予批准。"
    with told(request, success=words):
        changes.decide(found, approve=approve, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:call", code)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def open_call(request, code):
    call = call_or_404(code)
    with told(request, success=f"“{call.title}”已开放，规则从此锁定。"):
        checklist.open_call(
            call,
            reason=request.POST.get("reason", "")[:500],
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("office:call", call.code)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def close(request, code):
    call = call_or_404(code)
    with told(request, success=f"“{call.title}”已结束。"):
        services.close_call(call, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:call", call.code)


@require_POST
@policy(*roles.OFFICE)
def clock(request, code):
    call = call_or_404(code)
    form = ClockForm(request.POST)
    if form.is_valid():
        with (
            refused_into(form),
            told(request, success="演练时钟已拨动，到期的办理由后台自动执行。"),
        ):
            services.move_clock(
                call, to=form.cleaned_data["to"], actor=Actor.of(request), at=request.arrived_at
            )
            return redirect("office:call", call.code)
    return _page(request, call, status=422, clock_form=form)


@require_POST
@policy(*roles.OFFICE)
def direction(request, code):
    call = call_or_404(code)
    form = DirectionForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="方向已添加。"):
            directionrows.add_direction(
                call, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            return redirect("office:call", call.code)
    return _page(request, call, status=422, direction_form=form)


@require_POST
@policy(*roles.OFFICE)
def notice(request, code):
    call = call_or_404(code)
    form = NoticeForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="通知已发布。"):
            notices.publish(
                call=call, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            return redirect("office:call", call.code)
    return _page(request, call, status=422, notice_form=form)
