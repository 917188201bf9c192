"""The office makes, opens and closes surveys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.web import form_status, refused_into, told
from surveys import access, queries, reading, services
from surveys.forms import AddForm, DaysForm, NewSurveyForm


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def new(request: HttpRequest) -> HttpResponse:
    """A survey from a file of the catalogue; nobody is asked yet."""
    form = NewSurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refused_into(form):
            survey = services.create(
                reading.read(reading.catalogue()[data["file"]]),
                code=data["code"],
                owner=request.acting.organisation,  # type: ignore[attr-defined]
                regions_asked=data["regions"],
                answer_until=data["answer_until"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("surveys:area", survey.code)
    return render(request, "surveys/new.html", {"form": form}, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def days(request: HttpRequest, code: str) -> HttpResponse:
    """The last days of answering and of each level."""
    survey = access.survey(request, code)
    form = DaysForm(request.POST or None, survey=survey)
    if request.method == "POST" and form.is_valid():
        with refused_into(form), told(request, success="日期已保存，尚未填报的单位将收到通知。"):
            services.set_days(
                survey,
                days=form.days(),
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("surveys:area", code)
    context = {"form": form, "survey": survey}
    return render(request, "surveys/days.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Ask further units: those registered since the opening, or others by their code."""
    survey = access.survey(request, code)
    fitting = queries.unasked(survey)
    form = AddForm(request.POST or None, fitting=fitting)
    if request.method == "POST" and form.is_valid():
        chosen = form.chosen()
        with refused_into(form), told(request, success=f"已补充 {len(chosen)} 家，通知随即发出。"):
            services.add_units(
                survey,
                chosen,
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            return redirect("surveys:area", code)
    context = {"form": form, "survey": survey, "count": fitting.count()}
    return render(request, "surveys/add.html", context, status=form_status(form))


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def open_survey(request: HttpRequest, code: str) -> HttpResponse:
    survey = access.survey(request, code)
    with told(request, success=f"“{survey.title}”已开放，通知随即发出。"):
        services.open_survey(
            survey,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("surveys:area", code)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def close(request: HttpRequest, code: str) -> HttpResponse:
    survey = access.survey(request, code)
    with told(request, success=f"“{survey.title}”已结束。"):
        services.close(
            survey,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("surveys:area", code)
