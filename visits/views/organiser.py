"""The organiser's pages: the list, the week, one visit and what is done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import Role
from audit.services import Actor
from calls import services as calls
from calls.models import Call
from core.web import form_status, refused_into, told
from documents import workbook
from documents.web import file_response, page_image_response, pdf_response
from visits import access, forms, pages, queries, services
from visits.access import Request
from visits.forms import FilterForm, MemberForm, ReasonForm, ScanForm
from visits.models import Photo, Visit

PER_PAGE = 50
readers = policy(*access.READERS)
organisers = policy(*access.ORGANISERS)


def organisation_of(request: Request) -> Any:
    """None for the ministry; the unit for a recommender."""
    owner = access.owner_of(request.acting)
    return None if owner is None else request.acting.organisation


def _is_auditor(request: Request) -> bool:
    return bool(request.acting.role == Role.AUDITOR)


def _filter(request: Request) -> tuple[FilterForm, Any]:
    """The form as the address fills it, and the visits that fit."""
    seen = access.visits(request.acting)
    known = list(Call.objects.filter(site_visits__in=seen).distinct().order_by("-pk"))
    chosen = next((one for one in known if one.code == request.GET.get("call")), None)
    form = FilterForm(
        request.GET or None,
        calls=known,
        call=chosen or (known[0] if len(known) == 1 else None),
        members=pages.members(seen),
    )
    if form.is_bound and form.is_valid():
        return form, pages.filtered(seen, form.cleaned_data)
    return form, seen if not form.is_bound else seen.none()


@readers
@require_safe
def board(request: Request) -> HttpResponse:
    form, found = _filter(request)
    page = Paginator(pages.listed(found).order_by("-starts_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    for one in page:
        _adorn(one)
    unit = None if _is_auditor(request) else organisation_of(request)
    planning = [] if _is_auditor(request) else queries.calls_of(unit)
    context = {
        "page": page,
        "filter_form": form,
        "unit": unit,
        "reads_only": _is_auditor(request),
        "planning": [
            (call, queries.to_visit(call, unit, at=request.arrived_at).count()) for call in planning
        ],
        "asked": 0
        if _is_auditor(request)
        else access.visits(request.acting).filter(asked=Visit.Asked.OPEN, state__in=AHEAD).count(),
    }
    return render(request, "visits/board.html", context)


AHEAD = ("planned", "confirmed")


def _adorn(visit: Any) -> None:
    visit.result_words = pages.result_words(visit.result)
    visit.result_shape = pages.RESULT_SHAPES.get(visit.result or "", "todo")
    visit.region_name = pages.region_of(visit)
    visit.barred = any(seat.barred for seat in visit.team)
    visit.has_lead = any(seat.lead and not seat.barred for seat in visit.team)


@readers
@require_safe
def week(request: Request) -> HttpResponse:
    """The week by day; narrowed by the same filter as the list."""
    form, found = _filter(request)
    shift = _time_of(request, found)
    monday = pages.monday_of(request.GET.get("week", ""), shift)
    days = [monday + timedelta(days=n) for n in range(7)]
    notes = {day: note for day in days if (note := calls.day_note(day))}
    shown = pages.week(found, monday, notes=notes)
    for day in shown:
        for one in day.visits:
            _adorn(one)
    context = {
        "days": shown,
        "monday": monday,
        "sunday": days[-1],
        "before": (monday - timedelta(days=7)).isoformat(),
        "after": (monday + timedelta(days=7)).isoformat(),
        "filter_form": form,
        "count": sum(len(day.visits) for day in shown),
        "unit": None if _is_auditor(request) else organisation_of(request),
        "reads_only": _is_auditor(request),
    }
    return render(request, "visits/week.html", context)


def _time_of(request: Request, found: Any) -> Any:
    """Now; in a rehearsal the call's own time, taken from the call of the latest visit shown."""
    latest = found.select_related("call").order_by("-pk").first()
    return latest.call.time(request.arrived_at) if latest else request.arrived_at


@readers
@require_safe
def sheet(request: Request) -> HttpResponse:
    """The filtered list as a workbook."""
    form, found = _filter(request)
    rows: list[Any] = list(pages.listed(found).order_by("starts_at", "pk"))
    for one in rows:
        _adorn(one)
    columns = (
        ("批次", 30), ("申报编号", 18), ("项目名称", 36), ("申报单位", 30), ("地区", 16),
        ("方向", 22), ("开始", 20), ("结束", 20), ("地点", 30), ("评估组", 40), ("状态", 16),
        ("结论", 12),
    )  # fmt: skip
    data = workbook.workbook(
        "现场评估安排",
        columns,
        [
            (
                one.call.title,
                one.application.number,
                one.application.title,
                one.application.organisation.name,
                one.region_name,
                one.application.direction.title if one.application.direction else "",
                one.starts_at,
                one.ends_at,
                one.place,
                "、".join(str(seat) for seat in one.team),
                one.get_state_display(),
                one.result_words,
            )
            for one in rows
        ],
        foot=workbook.taken(
            name=request.user.name,
            unit=request.acting.organisation.name,
            at=request.arrived_at,
            shown=_shown(form),
        ),
    )
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="visits.xlsx"'
    return response


def _shown(form: FilterForm) -> str:
    if not form.is_bound:
        return ""
    return "；".join(
        f"{form.fields[name].label}：{value}"
        for name, value in getattr(form, "cleaned_data", {}).items()
        if value
    )


# One visit --------------------------------------------------------------------------------------


@readers
@require_safe
def visit(request: Request, public_id: str) -> HttpResponse:
    return _page(request, access.visit(request, public_id))


def _page(
    request: Request,
    found: Visit,
    *,
    member_form: MemberForm | None = None,
    scan_form: ScanForm | None = None,
    cancel_form: ReasonForm | None = None,
    decline_form: ReasonForm | None = None,
) -> HttpResponse:
    at = request.arrived_at
    seats = list(queries.counted_seats(found))
    reads_only = _is_auditor(request)
    unit = None if reads_only else organisation_of(request)
    in_force = queries.report_in_force(found)
    bound = [one for one in (member_form, scan_form, cancel_form, decline_form) if one]
    context = {
        "visit": found,
        "call": found.call,
        "application": found.application,
        "now": found.call.time(at),
        "region": pages.region_of(found),
        "steps": pages.steps(found),
        "seats": seats,
        "barred": list(queries.barred_seats(found)),
        "left": list(
            found.seats.filter(state="ended").select_related("user", "expert").order_by("pk")
        ),
        "has_lead": any(one.lead for one in seats),
        "findings": pages.findings(seats, found.sheet),
        "photos": pages.photos(found),
        "report": in_force,
        "result_shape": pages.RESULT_SHAPES.get(in_force.result, "todo") if in_force else "",
        "signatures": {one.seat_id: one.at for one in in_force.signatures.all()}
        if in_force
        else {},
        "earlier": list(found.reports.exclude(voided_at=None)),
        "due": services.report_due(found),
        "reads_only": reads_only,
        "organises": not reads_only,
        "followed": Visit.objects.filter(follows=found).first(),
        "member_form": None
        if reads_only
        else member_form or MemberForm(people=forms.people(unit, at=at)),
        "scan_form": scan_form or ScanForm(),
        "cancel_form": cancel_form or ReasonForm(prefix="cancel"),
        "decline_form": decline_form or ReasonForm(prefix="decline"),
        "has_errors": bool(bound),
    }
    return render(request, "visits/visit.html", context, status=422 if bound else 200)


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, public_id: str) -> HttpResponse:
    found = access.visit(request, public_id)
    form = forms.ChangeForm(request.POST or None, initial=forms.change_initial(found))
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            services.change(
                found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, "安排已更改，申报单位和评估组的通知信已列入发件箱。")
            return redirect(found)
    context = {"form": form, "visit": found, "call": found.call}
    return render(request, "visits/change.html", context, status=form_status(form))


@organisers
@require_POST
def cancel(request: Request, public_id: str) -> HttpResponse:
    found = access.visit(request, public_id)
    form = ReasonForm(request.POST, prefix="cancel")
    if not form.is_valid():
        return _page(request, found, cancel_form=form)
    with told(request, success="安排已取消，申报单位和评估组的通知信已列入发件箱。"):
        services.cancel(found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def decline_day(request: Request, public_id: str) -> HttpResponse:
    found = access.visit(request, public_id)
    form = ReasonForm(request.POST, prefix="decline")
    if not form.is_valid():
        return _page(request, found, decline_form=form)
    with told(request, success="已答复申报单位，仍按原定时间进行。"):
        services.decline_day(
            found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
        )
    return redirect(found)


@organisers
@require_POST
def add_member(request: Request, public_id: str) -> HttpResponse:
    found = access.visit(request, public_id)
    people = forms.people(organisation_of(request), at=request.arrived_at)
    form = MemberForm(request.POST, people=people)
    if form.is_valid():
        with refused_into(form):
            services.add_member(
                found,
                form.chosen,
                lead=form.cleaned_data["lead"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            messages.success(request, f"已增加{form.chosen.name}。")
            return redirect(found)
    return _page(request, found, member_form=form)


@organisers
@require_POST
def end_member(request: Request, public_id: str, seat: str) -> HttpResponse:
    found = access.visit(request, public_id)
    held = access.seat_of_visit(found, seat)
    with told(request, success=f"{held.name}已退出评估组。"):
        services.end_member(
            held,
            reason=request.POST.get("reason", ""),
            conflict=request.POST.get("how") == "conflict",
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def make_lead(request: Request, public_id: str, seat: str) -> HttpResponse:
    found = access.visit(request, public_id)
    held = access.seat_of_visit(found, seat)
    with told(request, success=f"组长改为{held.name}。"):
        services.make_lead(held, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def release(request: Request, public_id: str) -> HttpResponse:
    found = access.visit(request, public_id)
    with told(request, success="结果已告知申报单位，通知信已列入发件箱。"):
        services.release(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def scan(request: Request, public_id: str) -> HttpResponse:
    found = access.visit(request, public_id)
    form = ScanForm(request.POST, request.FILES)
    if form.is_valid():
        sent = form.cleaned_data["file"]
        with refused_into(form):
            services.keep_scan(
                found,
                data=sent.read(),
                name=sent.name,
                note=form.cleaned_data["note"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            messages.success(request, "签字件已收下，各页与系统中的报告相符。")
            return redirect(found)
    return _page(request, found, scan_form=form)


@readers
@require_safe
def scan_file(request: Request, public_id: str) -> HttpResponse:
    held = access.report_of(access.visit(request, public_id))
    if held.scan is None:
        raise Http404(access.HIDDEN)
    return file_response(held.scan, held.scan_name)


@readers
@require_safe
def report(request: Request, public_id: str) -> HttpResponse:
    held = access.report_of(access.visit(request, public_id))
    if held.document is None:
        raise Http404(access.HIDDEN)
    return pdf_response(request, held.document)


@readers
@require_safe
def photo(request: Request, public_id: str, photo: str) -> HttpResponse:
    """The picture, drawn anew: it carries nothing of where and with what it was taken."""
    found = access.photo_of_visit(access.visit(request, public_id), photo)
    return page_image_response(request, found.blob, page_of(request, found))


def page_of(request: Request, photo: Photo) -> int:
    """Which page of a file with several is asked for, ``?page=``; the first otherwise."""
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 5 else 0
    if not 1 <= page <= max(photo.pages, 1):
        raise Http404(access.HIDDEN)
    return page


@organisers
@require_safe
def original(request: Request, public_id: str, photo: str) -> HttpResponse:
    """The bytes as they came, for the organiser alone: they may say where it was taken."""
    found = access.photo_of_visit(access.visit(request, public_id), photo)
    return file_response(found.blob, found.name)
