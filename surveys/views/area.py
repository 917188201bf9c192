"""The levels' pages and the office's: who has answered, what it adds up to, checking, chasing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import regions, roles
from accounts.policy import policy
from applications.snapshot import CHINA
from audit.services import Actor
from core.figures import whole
from core.web import refused_into, told
from documents.workbook import MEDIA_TYPE
from surveys import access, queries, services, sheet, words
from surveys.forms import AddressForm, ReturnForm
from surveys.models import Request, Survey

READERS = (*roles.RECOMMENDER, *access.DESK)
CHECKERS = (*roles.RECOMMENDER, *roles.OFFICE)
PER_PAGE = 50


@require_safe
@policy(*roles.APPLICANT, *READERS)
def index(request: HttpRequest) -> HttpResponse:
    """The surveys of whoever looks: asked of the unit, checked by it, or all of them."""
    acting = request.acting  # type: ignore[attr-defined]
    unit, at = acting.organisation, request.arrived_at  # type: ignore[attr-defined]
    if acting.role in roles.APPLICANT:
        asked = (
            Request.objects.filter(organisation=unit)
            .exclude(survey__state=Survey.State.PREPARING)
            .select_related("survey__owner", "answer")
            .prefetch_related("checks__unit")
            .order_by("-survey__opened_at", "-pk")
        )
        rows = [(one, words.standing(one, at=at)) for one in asked]
        return render(request, "surveys/asked.html", {"rows": rows, "unit": unit})
    if acting.role in roles.RECOMMENDER:
        found = queries.surveys_of_unit(unit.pk, at=at)
        return render(request, "surveys/index.html", {"surveys": found, "unit": unit})
    return render(request, "surveys/index.html", {"surveys": queries.surveys_counted()})


@require_safe
@policy(*READERS)
def area(request: HttpRequest, code: str) -> HttpResponse:
    """One survey in one's area: tiles, the roll-up, the list of units."""
    survey = access.survey(request, code)
    unit = access.unit_of(request)
    every = list(queries.area(survey, unit))
    lines, total = queries.roll_up(survey, every, unit)
    own, at = request.acting.organisation_id, request.arrived_at  # type: ignore[attr-defined]
    waiting = [one for one in every if (w := words.waits_for(one, at=at)) and w.unit_id == own]
    chosen = _chosen(request, every, unit, waiting)
    wrong = queries.looked_over(survey, every)
    rows = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    mine = {one.pk for one in waiting}
    figures = [(f"{s.key}.{f.key}", f) for s, f in survey.spec.figures()]
    return render(
        request,
        "surveys/area.html",
        {
            "survey": survey,
            "spec": survey.spec,
            "unit": request.acting.organisation,  # type: ignore[attr-defined]
            "whole": unit is None,
            "lines": lines,
            "total": total,
            "figures": figures,
            "waiting": len(waiting),
            "page": rows,
            "rows": [(one, words.standing(one, at=at), one.pk in mine) for one in rows],
            "wrong": wrong,
            "states": Request.State.choices,
            "unreached": [one for one in every if not one.email],
            "may_check": bool(waiting) and _may(request, CHECKERS),
            "may_chase": survey.state == Survey.State.OPEN and _may(request, CHECKERS),
            "may_date": survey.state != Survey.State.CLOSED and _may(request, roles.OFFICE),
            "unasked": queries.unasked(survey).count() if unit is None else 0,
            "may_decide": _may(request, (roles.Role.OFFICE_APPROVER,)),
            "asked_regions": [regions.name_of(one) for one in survey.regions],
        },
    )


def _may(request: HttpRequest, wanted: Any) -> bool:
    return request.acting.role in wanted  # type: ignore[attr-defined]


def _chosen(
    request: HttpRequest, every: list[Request], unit: int | None, waiting: list[Request]
) -> list[Request]:
    """The rows that the filters leave: state, the unit below, words of the name."""
    state, under = request.GET.get("state", ""), request.GET.get("under", "")
    words_ = request.GET.get("q", "").split()
    if state == "open":
        every = [one for one in every if one.state in queries.OPEN_STATES]
    elif state == "in":
        every = [one for one in every if one.state in queries.IN_STATES]
    elif state == "waiting":
        every = waiting
    elif state:
        every = [one for one in every if one.state == state]
    wanted = whole(under)
    if wanted is not None:
        found = ((one, queries.below(one, unit)) for one in every)
        every = [one for one, below in found if below and below.pk == wanted]
    return [one for one in every if all(word in one.organisation.name for word in words_)]


@require_safe
@policy(*READERS)
def table(request: HttpRequest, code: str) -> HttpResponse:
    """The submitted answers as a workbook in the original columns."""
    survey = access.survey(request, code)
    unit = access.unit_of(request)
    every = list(queries.area(survey, unit))
    taken = [one for one in every if one.state in queries.IN_STATES]
    region = request.acting.organisation.region if unit else ""  # type: ignore[attr-defined]
    data = sheet.workbook(
        survey.spec,
        area=regions.name_of(region),
        rows=[one.answer.data for one in taken],
        wrong=[(one.organisation.name, said) for one, said in queries.looked_over(survey, taken)],
    )
    response = HttpResponse(data, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{survey.code}.xlsx"'
    return response


@require_safe
@policy(*READERS)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """One answer, read by the level or the office."""
    return _detail(request, access.checked_by(request, public_id))


def _detail(
    request: HttpRequest, asked: Request, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """What was submitted; a draft stays with its unit."""
    survey = asked.survey
    kept = queries.answer_of(asked)
    submissions = list(kept.submissions.all()) if kept else []
    data = submissions[-1].data if submissions else None
    own = request.acting.organisation_id  # type: ignore[attr-defined]
    at = request.arrived_at  # type: ignore[attr-defined]
    waiting = words.waits_for(asked, at=at)
    checks = list(asked.checks.all())
    is_open = survey.state == Survey.State.OPEN and _may(request, CHECKERS)
    return render(
        request,
        "surveys/detail.html",
        {
            "asked": asked,
            "survey": survey,
            "unit": asked.organisation,
            "region": regions.name_of(asked.organisation.region),
            "standing": words.standing(asked, at=at),
            "checks": checks,
            "submissions": submissions,
            "files": queries.submitted_files(asked, submissions[-1]) if submissions else [],
            "sections": words.sections(survey.spec, data) if data is not None else [],
            "wrong": [str(p) for _, p in queries.problems(survey, data)] if data else [],
            "hints": queries.hints_of(asked, data, filings=False) if data else [],
            "may_check": is_open and waiting is not None and waiting.unit_id == own,
            "may_return": is_open and words.may_return(asked, unit=own, at=at),
            "may_send": is_open and asked.state in queries.OPEN_STATES,
            "return_form": ReturnForm(
                initial={"day": (at + timedelta(days=3)).astimezone(CHINA).date()}
            ),
            "address_form": AddressForm(initial={"email": asked.email}),
            **forms,
        },
        status=status,
    )


@require_POST
@policy(*CHECKERS)
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Check the chosen answers (one or many); all or none."""
    survey = access.survey(request, code)
    chosen = [one for one in request.POST.getlist("chosen") if len(one) < 20]
    acting = request.acting  # type: ignore[attr-defined]
    found = list(survey.requests.filter(public_id__in=chosen, checks__unit=acting.organisation_id))
    with told(request, success=f"已核对 {len(found)} 家。"):
        services.check(
            found,
            unit=acting.organisation_id,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("surveys:area", code)


@require_POST
@policy(*CHECKERS)
def give_back(request: HttpRequest, public_id: str) -> HttpResponse:
    asked = access.checked_by(request, public_id)
    form = ReturnForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="已退回，修改的链接已发给填报单位。"):
            services.give_back(
                asked,
                note=form.cleaned_data["note"],
                until=form.until(),
                unit=request.acting.organisation_id,  # type: ignore[attr-defined]
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("surveys:detail", public_id)
    return _detail(request, asked, status=422, return_form=form, form=form)


@require_POST
@policy(*CHECKERS)
def send(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a fresh link, to another address where one is given."""
    asked = access.checked_by(request, public_id)
    form = AddressForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="新的链接已排入发送，原来的链接已失效。"):
            services.send(
                asked,
                email=form.cleaned_data["email"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("surveys:detail", public_id)
    return _detail(request, asked, status=422, address_form=form, form=form)


@require_POST
@policy(*CHECKERS)
def remind(request: HttpRequest, code: str) -> HttpResponse:
    """Remind everybody in the area who has not answered."""
    survey = access.survey(request, code)
    with told(request, success="催办已排入发送。"):
        services.remind(
            survey,
            unit=access.unit_of(request),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("surveys:area", code)
