"""Pages for everybody. The same for all; nothing here reads a score, a phone or an objector."""

from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import policy
from calls.phases import Phase
from calls.programme import Step
from core import addresses, counting
from core.errors import Refusal
from core.web import form_status, refused_into
from documents import workbook
from documents.web import pdf_response
from outcomes import access, forms, notice, publicly, services, words
from outcomes.models import Publication
from outcomes.services import objecting
from reviews import disclosure

PAGE = 20
MOST_PER_HOUR = 20
"""Objections from one address in an hour. An office shares one: generous, only against floods."""


@require_safe
@policy.public
def home(request: HttpRequest) -> HttpResponse:
    at = request.arrived_at  # type: ignore[attr-defined]
    context = {
        "open": publicly.open_calls(at),
        "notices": publicly.notices(at)[:5],
        "lists": publicly.lists()[:5],
    }
    return render(request, "public/home.html", context)


@require_safe
@policy.public
def call(request: HttpRequest, code: str) -> HttpResponse:
    """A call's rules in words, each with its clause."""
    found = access.public_call(code)
    at = request.arrived_at  # type: ignore[attr-defined]
    programme = found.programme
    phase = found.phase(at)
    ends = {
        Phase.FILING: (found.filing_until, "申报截止"),
        Phase.RECOMMENDATION: (found.recommendation_until, "推荐截止"),
    }
    until, label = ends.get(phase, (None, ""))
    context = {
        "call": found,
        "programme": programme,
        "phase_title": found.phase_title(at),
        "now": found.time(at),
        "until": until,
        "until_label": label,
        "filing": phase == Phase.FILING,
        "applicants": words.applicants(programme),
        "quota": words.quota(programme),
        "caps": words.caps(programme),
        "steps": words.steps(programme),
        "publicity": words.publicity(programme),
        "groups": publicly.directions(found),
        "notices": publicly.notices(at).filter(call=found)[:10],
        "lists": publicly.lists().filter(call=found)[:10],
        "dates": _dates(found),
        "draws": Step.REVIEW in found.steps,
    }
    return render(request, "public/call.html", context)


@require_safe
@policy.public
def draws(request: HttpRequest, code: str) -> HttpResponse:
    """What was promised before experts were drawn, and what was disclosed afterwards."""
    found = access.public_call(code)
    if Step.REVIEW not in found.steps:
        raise Http404(access.HIDDEN)
    context = {"call": found, "rounds": disclosure.disclosed(found)}
    return render(request, "public/draws.html", context)


def _dates(call) -> list[tuple[str, object, str, bool]]:
    sources = call.programme.dates.sources
    wanted = [("filing_from", "申报开始", True), ("filing_until", "申报截止", False)]
    if "recommendation" in call.steps:
        wanted.append(("recommendation_until", "推荐截止", False))
    wanted += [("scan_until", "盖章扫描件截止", False), ("paper_until", "纸质材料截止", False)]
    return [
        (title, getattr(call, name), sources.get(name, ""), starts)
        for name, title, starts in wanted
        if getattr(call, name)
    ]


@require_safe
@policy.public
def notices(request: HttpRequest) -> HttpResponse:
    found = publicly.notices(request.arrived_at).defer("body")  # type: ignore[attr-defined]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "public/notices.html", {"page": page})


@require_safe
@policy.public
def notice_page(request: HttpRequest, pk: int) -> HttpResponse:
    at = request.arrived_at  # type: ignore[attr-defined]
    found = get_object_or_404(publicly.notices(at), pk=pk)
    return render(request, "public/notice.html", {"notice": found})


@require_safe
@policy.public
def lists(request: HttpRequest) -> HttpResponse:
    page = Paginator(publicly.lists(), PAGE).get_page(request.GET.get("page"))
    at = request.arrived_at  # type: ignore[attr-defined]
    for one in page:
        one.running = _open(one, at)  # type: ignore[attr-defined]
    return render(request, "public/lists.html", {"page": page})


def _open(publication: Publication, at) -> bool:
    try:
        objecting.must_be_open(publication, at=at)
    except Refusal:
        return False
    return True


@require_safe
@policy.public
def list_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The frozen list. What is taken down says so, and shows no names."""
    found = access.published(public_id)
    at = request.arrived_at  # type: ignore[attr-defined]
    withdrawn = found.state == Publication.State.WITHDRAWN
    rows = [] if withdrawn else publicly.present_rows(found)
    columns, cells = notice.table(found.call, rows)
    context = {
        "publication": found,
        "withdrawn": withdrawn,
        "paragraphs": [] if withdrawn else notice.paragraphs(found),
        "contacts": notice.contacts(found),
        "columns": columns,
        "cells": cells,
        "rows": [list(zip(columns, row, strict=True)) for row in cells],
        "open": _open(found, at),
        "period": publicly.period(found, found.call.time(at)),
        "now": found.call.time(at),
        "organiser": found.call.programme.organiser,
        "first_counts": bool(
            found.call.programme.publicity and found.call.programme.publicity.first_day_counts
        ),
    }
    return render(request, "public/list.html", context)


@require_safe
@policy.public
def list_pdf(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _standing(public_id)
    if found.document is None:
        raise Http404
    return pdf_response(request, found.document)


@require_safe
@policy.public
def list_sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _standing(public_id)
    columns, cells = notice.table(found.call, found.public_rows)
    data = workbook.workbook(
        found.title,
        [("序号", 0), *((title, 0) for _, title in columns)],
        [[str(n), *row] for n, row in enumerate(cells, 1)],
        page="名单",
    )
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    name = quote(f"{found.title}.xlsx", safe="")
    response["Content-Disposition"] = f"attachment; filename=\"list.xlsx\"; filename*=UTF-8''{name}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _standing(public_id: str) -> Publication:
    found = access.published(public_id)
    if found.state == Publication.State.WITHDRAWN:
        raise Http404(access.HIDDEN)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@policy.public
def objection(request: HttpRequest, public_id: str) -> HttpResponse:
    """Raise an objection under a real name. Nothing typed is lost when something is missing."""
    found = access.published(public_id)
    at = request.arrived_at  # type: ignore[attr-defined]
    objecting.must_be_open(found, at=at)
    form = forms.ObjectionForm(request.POST or None, request.FILES or None, publication=found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        upload = given["file"]
        with refused_into(form):
            _not_too_often(request)
            raised = services.raise_objection(
                found,
                kind=given["kind"],
                name=given["name"],
                contact=given["contact"],
                text=given["text"],
                row=int(given["row"]) if given["row"] else None,
                file=upload.read(objecting.MOST_BYTES + 1) if upload else b"",
                file_name=upload.name if upload else "",
                at=at,
            )
            return redirect("public:objection_received", public_id=raised.public_id)
    context = {"publication": found, "form": form, "until": found.until}
    return render(request, "public/objection.html", context, status=form_status(form))


def _not_too_often(request: HttpRequest) -> None:
    """While the cache is away nothing is counted: an objection has its days and must go through."""
    key = f"objections:{addresses.client(request)}"
    if counting.counted(key, seconds=3600) > MOST_PER_HOUR:
        raise Refusal(
            "too-often",
            "这个网络地址一小时内提出的异议较多，请稍后再试，或与公示所列的联系方式联系。",
            status=429,
        )


@require_safe
@policy.public
def objection_received(request: HttpRequest, public_id: str) -> HttpResponse:
    """The receipt: number and state for whoever holds the number. No name, no contact."""
    found = access.receipt(public_id)
    response = render(request, "public/objection_received.html", {"objection": found})
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@policy.public
def faq(request: HttpRequest) -> HttpResponse:
    return render(request, "public/faq.html")


@require_safe
@policy.public
def help(request: HttpRequest) -> HttpResponse:
    return render(request, "public/help.html")


@require_safe
@policy.public
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "public/accessibility.html")
