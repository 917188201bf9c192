"""The 上报 of a city or district on paper: letter, sheet, labels."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents import services as documents
from documents.models import Document
from documents.web import pdf_response
from recommenders import access, labels, levelreport, ranking, services
from recommenders.forms_paper import LabelForm, ReportForm
from recommenders.models import LevelReport
from recommenders.views.outgoing import draw_labels, pdf
from recommenders.views.request import Request


@require_safe
@policy(*roles.RECOMMENDER)
def page(request: Request, code: str) -> HttpResponse:
    """The letter as it reads now, the version in force, and what the level sets itself."""
    call = access.level_call(request, code)
    report = levelreport.in_force(call, request.acting.organisation)
    person: Any = request.user
    initial = {
        "reference": report.reference if report else "",
        "contact_name": report.contact_name if report else person.name,
        "contact_phone": report.contact_phone if report else person.phone,
    }
    return _page(request, call, ReportForm(initial=initial))


def _page(request: Request, call: Call, form: ReportForm) -> HttpResponse:
    unit = request.acting.organisation
    rows = levelreport.rows(call, unit)
    report = levelreport.in_force(call, unit)
    return render(
        request,
        "recommenders/level_report.html",
        {
            "call": call,
            "unit": unit,
            "rows": rows,
            "preselects": Step.PRESELECTION in call.steps,
            "hash": ranking.list_hash(rows),
            "report": report,
            "shown": levelreport.cover_letter(report)
            if report
            else levelreport.preview(call, unit, rows),
            "older": [one for one in levelreport.history(call, unit) if one.voided_at],
            "form": form,
            "labels": LabelForm(initial=LabelForm.INITIAL),
            "until": levelreport.deadline_of(call, unit, rows),
            "now": call.time(request.arrived_at),
        },
        status=form_status(form),
    )


@require_POST
@policy(*roles.RECOMMENDER)
def issue(request: Request, code: str) -> HttpResponse:
    call = access.level_call(request, code)
    form = ReportForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="上报材料已生成，稍后可以下载"):
            services.report_up(
                call,
                request.acting.organisation,
                shown=request.POST.get("hash", ""),
                **form.cleaned_data,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("recommenders:report", code)
    return _page(request, call, form)


@require_safe
@policy(*roles.RECOMMENDER)
def draft(request: Request, code: str) -> HttpResponse:
    """The letter drawn now, marked 草稿."""
    call = access.level_call(request, code)
    unit = request.acting.organisation
    shown = levelreport.preview(call, unit, levelreport.rows(call, unit))
    return pdf(documents.draft(kind="cover_letter", snapshot=shown), "report-letter-draft.pdf")


@require_safe
@policy(*roles.RECOMMENDER)
def letter(request: Request, code: str) -> HttpResponse:
    return _paper(request, _in_force(request, code).letter)


@require_safe
@policy(*roles.RECOMMENDER)
def sheet(request: Request, code: str) -> HttpResponse:
    return _paper(request, _in_force(request, code).sheet)


def _in_force(request: Request, code: str) -> LevelReport:
    found = levelreport.in_force(access.level_call(request, code), request.acting.organisation)
    if found is None:
        raise Http404("还没有生成上报材料。")
    return found


def _paper(request: Request, paper: Document | None) -> HttpResponse:
    if paper is None:
        raise Http404("没有这份材料。")
    return pdf_response(request, paper)


@require_safe
@policy(*roles.RECOMMENDER)
def label_sheets(request: Request, code: str) -> HttpResponse:
    """Labels for parcels and copies as a PDF, drawn now; nothing is kept."""
    form = LabelForm(request.GET)
    report = _in_force(request, code)
    if not form.is_valid():
        words = "；".join(str(one) for errors in form.errors.values() for one in errors)
        raise Refusal("odd-labels", f"标签没有生成：{words}。请返回修改。", status=422)
    return pdf(draw_labels(labels.of_report(report), form.cleaned_data), "labels.pdf")
