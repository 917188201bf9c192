"""The office makes, opens and closes surveys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.web import form_status, refused_into, told
from surveys import access, reading, services
from surveys.forms import NewSurveyForm


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
