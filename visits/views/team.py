"""A member's pages: the desk, the declaration, the form at the site, conclusion and signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.templatetags.jiebang import time_of_day
from core.web import form_status, refused_into, told
from documents.web import pdf_response
from reviews import reading
from visits import access, ics, pages, queries, report, services
from visits.access import Request
from visits.form import Problem, Typed
from visits.forms import ConcludeForm, ReasonForm
from visits.models import Finding, Seat

team = policy(*access.TEAM)


@team
@require_safe
def desk(request: Request) -> HttpResponse:
    """All visits of the person: what lies ahead first, what is done below."""
    seats = list(access.my_seats(request).select_related("finding"))
    ahead = [one for one in seats if one.visit.is_live]
    context = {
        "ahead": ahead,
        "done": (done := [one for one in seats if not one.visit.is_live]),
        "lists": [("待进行", ahead), ("已完成", done)],
        "next": ahead[0] if ahead else None,
    }
    return render(request, "visits/desk.html", context)


@team
@require_safe
def calendar(request: Request) -> HttpResponse:
    """What lies ahead of the person, for the calendar of a telephone."""
    events = [
        ics.Event(
            uid=f"{seat.public_id}@{request.get_host()}",
            sequence=seat.visit.changes,
            starts_at=seat.visit.starts_at,
            ends_at=seat.visit.ends_at,
            summary=f"{seat.visit.title}（{'组长' if seat.lead else '成员'}）",
            place=seat.visit.place,
            text=seat.visit.call.title,
            changed_at=seat.visit.planned_at,
        )
        for seat in access.my_seats(request)
        if seat.visit.is_ahead
    ]
    response = HttpResponse(ics.calendar(events), content_type=ics.MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="visits.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@team
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: Request, public_id: str) -> HttpResponse:
    """The unit's name, day and place: nothing else can be read before the answer.

    POST ``clear`` or ``conflict`` with a reason; the latter also later on.
    """
    seat = access.my_seat(request, public_id, declared=False)
    error = ""
    if request.method == "POST":
        answer, reason = request.POST.get("answer", ""), request.POST.get("reason", "")
        if answer == "clear":
            services.declare(seat, actor=Actor.of(request), at=request.arrived_at)
            return redirect(seat)
        if answer != "conflict":
            error = "请选择“无回避情形”或“须回避”"
        else:
            try:
                services.recuse(seat, reason=reason, actor=Actor.of(request), at=request.arrived_at)
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                error = refusal.message
            else:
                messages.success(request, "回避已记录，您不再参加这次现场评估。")
                return redirect("visits:desk")
    context = {
        "seat": seat,
        "visit": seat.visit,
        "call": seat.visit.call,
        "error": error,
        "has_errors": bool(error),
        "reason": request.POST.get("reason", ""),
        "answer": request.POST.get("answer", ""),
    }
    return render(request, "visits/declare.html", context, status=422 if error else 200)


@team
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: Request, public_id: str) -> HttpResponse:
    """The form at the site. POST hands it in."""
    seat = access.my_seat(request, public_id, declared=False)
    if seat.declared_at is None:
        return redirect("visits:declare", seat.public_id)
    finding = Finding.objects.filter(seat=seat).first() or Finding(seat=seat)
    typed, wrong, refusal = finding.typed, list[Problem](), None
    if request.method == "POST":
        typed = Typed.of(seat.visit.sheet, request.POST)
        try:
            services.submit_finding(
                seat,
                typed,
                version=version_of(request.POST),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
        except services.Unfit as unfit:
            wrong = unfit.problems
        except Refusal as refused:
            if refused.code != "stale":
                raise
            refusal = refused
        else:
            messages.success(request, "现场记录已提交。")
            return redirect(seat)
    context = _context(request, seat, finding, typed, wrong)
    context["refusal"] = refusal
    status = 422 if wrong else 409 if refusal else 200
    return render(request, "visits/form.html", context, status=status)


def _context(
    request: Request, seat: Seat, finding: Finding, typed: Typed, wrong: list[Problem]
) -> dict[str, Any]:
    visit = seat.visit
    words = {one.key: one.message for one in wrong}
    in_force = queries.report_in_force(visit)
    submitted = finding.state == Finding.State.SUBMITTED
    today = not services.before_the_day(visit, at=request.arrived_at)
    return {
        "seat": seat,
        "visit": visit,
        "call": visit.call,
        "finding": finding,
        "submitted": submitted,
        "may_write": visit.is_ahead and today and not submitted,
        "may_add": visit.is_ahead and today,
        "before": not today,
        "items": pages.item_rows(visit.sheet, typed, words),
        "stated": pages.stated_rows(visit.sheet, typed),
        "overall": typed.overall,
        "overall_error": words.get("overall", ""),
        "problems": wrong,
        "has_errors": bool(wrong),
        "photos": pages.photos(visit),
        "removed": pages.removed_photos(visit),
        "report": in_force,
        "signed": bool(in_force and in_force.signatures.filter(seat=seat).exists()),
        "others": [
            (one, report.finding_of(one).state == Finding.State.SUBMITTED)
            for one in queries.counted_seats(visit)
        ],
    }


def version_of(posted: Mapping[str, str]) -> int:
    said = posted.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else -1


@team
@require_POST
def save(request: Request, public_id: str) -> JsonResponse:
    """Autosave: 200 with the new version and comparisons, 409 when another page saved."""
    seat = access.my_seat(request, public_id)
    typed = Typed.of(seat.visit.sheet, request.POST)
    try:
        finding = services.save_finding(
            seat,
            typed,
            version=version_of(request.POST),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    except Refusal as refusal:
        return JsonResponse(
            {
                "code": refusal.code,
                "message": refusal.message,
                "shut": refusal.code in ("concluded", "submitted", "recused"),
            },
            status=refusal.status,
        )
    return JsonResponse(
        {
            "version": finding.version,
            "saved_at": time_of_day(finding.saved_at),
            "compared": pages.compared(seat.visit.sheet, typed),
        }
    )


@team
@require_POST
def take_back(request: Request, public_id: str) -> HttpResponse:
    seat = access.my_seat(request, public_id)
    with told(request, success="现场记录已收回，可以继续修改。"):
        services.take_back(seat, actor=Actor.of(request), at=request.arrived_at)
    return redirect(seat)


@team
@require_safe
def material(request: Request, public_id: str) -> HttpResponse:
    """The frozen version that is held against the site."""
    seat = access.my_seat(request, public_id)
    visit = seat.visit
    context = {
        "seat": seat,
        "visit": visit,
        "call": visit.call,
        "material": reading.material(visit.call.programme, visit.version.snapshot, blind=False),
    }
    return render(request, "visits/material.html", context)


# The joint conclusion ---------------------------------------------------------------------------


@team
@require_http_methods(["GET", "HEAD", "POST"])
def conclude(request: Request, public_id: str) -> HttpResponse:
    """The lead reads everybody's findings and writes the conclusion."""
    seat = access.my_seat(request, public_id)
    if not seat.lead:
        raise Http404(access.HIDDEN)
    form = ConcludeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            services.conclude(
                seat, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, "结论已形成，请各成员核对后签署。")
            return redirect("visits:sign", seat.public_id)
    seats = list(queries.counted_seats(seat.visit))
    context = {
        "seat": seat,
        "visit": seat.visit,
        "call": seat.visit.call,
        "form": form,
        "findings": pages.findings(seats, seat.visit.sheet),
        "missing": [
            one for one in seats if report.finding_of(one).state != Finding.State.SUBMITTED
        ],
        "photos": pages.photos(seat.visit),
    }
    return render(request, "visits/conclude.html", context, status=form_status(form))


@team
@require_POST
def reopen(request: Request, public_id: str) -> HttpResponse:
    seat = access.my_seat(request, public_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    with told(request, success="结论已收回，成员可以修改现场记录。"):
        services.reopen(seat, reason=reason, actor=Actor.of(request), at=request.arrived_at)
    return redirect(seat)


@team
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: Request, public_id: str) -> HttpResponse:
    """The frozen text; POST confirms it by its fingerprint."""
    seat = access.my_seat(request, public_id)
    if request.method == "POST":
        last = services.sign(
            seat,
            shown=request.POST.get("shown", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
        messages.success(request, "已签署。全部成员已签署，报告正在生成。" if last else "已签署。")
        return redirect("visits:sign", seat.public_id)
    held = access.report_of(seat.visit)
    signed = {one.seat_id: one.at for one in held.signatures.all()}
    context = {
        "seat": seat,
        "visit": seat.visit,
        "call": seat.visit.call,
        "report": held,
        "s": held.snapshot,
        "signed": signed.get(seat.pk),
        "signatures": [(one, signed.get(one.pk)) for one in queries.counted_seats(seat.visit)],
        "photos": pages.photos(seat.visit),
    }
    return render(request, "visits/sign.html", context)


@team
@require_safe
def member_report(request: Request, public_id: str) -> HttpResponse:
    held = access.report_of(access.my_seat(request, public_id).visit)
    if held.document is None:
        raise Http404(access.HIDDEN)
    return pdf_response(request, held.document)
