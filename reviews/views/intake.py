"""A long list of experts on its way into the pool: how far it is, stopping it, going on."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.services import Actor
from core.web import told
from reviews import access, services
from reviews.access import Request
from reviews.services.intake import words_of
from reviews.views.organiser import organisers


@organisers
@require_safe
def intake(request: Request, public_id: str) -> HttpResponse:
    """How far it is: a script follows it, without one a link does. Then what came of it."""
    one = access.intake(request, public_id)
    return render(
        request,
        "reviews/intake.html",
        {"intake": one, "words": words_of(one), "unit": one.organisation},
    )


@organisers
@require_safe
def intake_progress(request: Request, public_id: str) -> HttpResponse:
    """The same for the page's script."""
    one = access.intake(request, public_id)
    response = JsonResponse(
        {"open": one.is_open, "done": one.done, "total": one.total, "words": words_of(one)}
    )
    response["Cache-Control"] = "private, no-store"
    return response


@organisers
@require_POST
def intake_cancel(request: Request, public_id: str) -> HttpResponse:
    one = access.intake(request, public_id)
    with told(request, success="导入已停止，已导入的人员保留。"):
        services.cancel_intake(one, actor=Actor.of(request), at=request.arrived_at)
    return redirect("reviews:intake", public_id)


@organisers
@require_POST
def intake_resume(request: Request, public_id: str) -> HttpResponse:
    one = access.intake(request, public_id)
    with told(request, success="已重新排队，从中断的地方继续。"):
        services.resume_intake(one, actor=Actor.of(request), at=request.arrived_at)
    return redirect("reviews:intake", public_id)
