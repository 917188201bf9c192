"""Calls: made from a programme file, dated, opened, their clock moved in a rehearsal."""

from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import programme as programmes
from calls import services
from calls.models import Call
from core.web import form_status, refused_into, told
from office import notices
from office.forms import ClockForm, DatesForm, DirectionForm, NewCallForm, NoticeForm

READERS = (*roles.OFFICE, roles.Role.AUDITOR, *roles.ADMIN)


def _call(code: str) -> Call:
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


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def new(request):
    form = NewCallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refused_into(form), transaction.atomic():
            call = services.create(
                programmes.read(programmes.catalogue()[data["programme"]]),
                code=data["code"],
                title=data["title"],
                rehearsal=data["rehearsal"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:call", call.code)
    return render(request, "office/call_new.html", {"form": form}, status=form_status(form))


@require_safe
@policy(*READERS)
def detail(request, code):
    return _page(request, _call(code))


def _page(request, call, *, status=200, **forms):
    return render(
        request,
        "office/call.html",
        {
            "call": call,
            "now": call.time(request.arrived_at),
            "phase": call.phase_title(request.arrived_at),
            "programme": call.programme,
            "directions": call.directions.prefetch_related("subfields"),
            "dates_form": DatesForm(call=call),
            "clock_form": ClockForm(initial={"to": call.time(request.arrived_at)}),
            "direction_form": DirectionForm(),
            "notice_form": NoticeForm(),
            "notices": call.notices.all(),
            **forms,
        },
        status=status,
    )


@require_POST
@policy(*roles.OFFICE)
def dates(request, code):
    call = _call(code)
    form = DatesForm(request.POST, call=call)
    if form.is_valid():
        with refused_into(form), told(request, success="期限已保存。"):
            services.set_dates(
                call, actor=Actor.of(request), at=request.arrived_at, dates=form.dates()
            )
            return redirect("office:call", call.code)
    return _page(request, call, status=422, dates_form=form)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def open_call(request, code):
    call = _call(code)
    with told(request, success=f"“{call.title}”已开放，规则从此锁定。"):
        services.open_call(call, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:call", call.code)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def close(request, code):
    call = _call(code)
    with told(request, success=f"“{call.title}”已结束。"):
        services.close_call(call, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:call", call.code)


@require_POST
@policy(*roles.OFFICE)
def clock(request, code):
    call = _call(code)
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
    call = _call(code)
    form = DirectionForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="方向已添加。"):
            services.add_direction(
                call, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            return redirect("office:call", call.code)
    return _page(request, call, status=422, direction_form=form)


@require_POST
@policy(*roles.OFFICE)
def notice(request, code):
    call = _call(code)
    form = NoticeForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="通知已发布。"):
            notices.publish(
                call=call, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            return redirect("office:call", call.code)
    return _page(request, call, status=422, notice_form=form)
