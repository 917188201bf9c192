"""Health, the way home, and the error pages."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from documents.errors import StorageAway
from portal import readiness

HOMES = (
    (roles.APPLICANT, "applications:index"),
    (roles.RECOMMENDER, "recommenders:workspace"),
    (roles.OFFICE, "office:cockpit"),
    (roles.EXPERT, "reviews:desk"),
    ((roles.Role.TESTER,), "testing:desk"),
    ((roles.Role.AUDITOR,), "office:audit"),
    (roles.ADMIN, "office:outbox"),
)


@require_safe
@policy.public
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@policy.public
def ready(request: HttpRequest) -> HttpResponse:
    """200 when this process may serve, 503 when it may not; each part says how it is."""
    found = readiness.findings(request.arrived_at)  # type: ignore[attr-defined]
    return JsonResponse(found, status=200 if readiness.is_ready(found) else 503)


@require_safe
@policy.signed_in
def home(request: HttpRequest) -> HttpResponse:
    """To the desk of the role in which the person acts."""
    if request.acting is not None:  # type: ignore[attr-defined]
        for held, name in HOMES:
            if request.acting.role in held:  # type: ignore[attr-defined]
                try:
                    return redirect(reverse(name))
                except NoReverseMatch:
                    break
    return redirect("accounts:security")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """503 while database or storage is away: nothing was kept, and the same may be sent again.

    Drawn without the request: its person and its session may be what cannot be read.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError | StorageAway):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(render_to_string("500.html"), status=500)
