"""A filing beside its unit's profile: take in, or give out, what a person chose."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import roles
from accounts.policy import policy
from applications import profiling
from applications.models import Application
from applications.views import common
from audit.services import Actor
from core.errors import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@policy(*roles.FILING)
def profile(request: HttpRequest, public_id: str) -> HttpResponse:
    """The answers that differ from the profile, each to be ticked; nothing goes by itself."""
    application = common.own(request, public_id)
    if request.method != "POST":
        return _page(request, application)
    names = request.POST.getlist("line")
    act = profiling.give_out if request.POST.get("way") == "out" else profiling.take_in
    try:
        count = act(
            application,
            names,
            shown=request.POST.get("shown", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        if refusal.code not in ("nothing-chosen", "changed-since-shown"):
            raise
        return _page(request, application, refusal=refusal)
    where = "单位资料" if act is profiling.give_out else "申报书"
    messages.success(request, f"{count} 处已写入{where}，没有勾选的未改动。")
    return redirect("applications:profile", public_id)


def _page(
    request: HttpRequest, application: Application, *, refusal: Refusal | None = None
) -> HttpResponse:
    found = profiling.lines(application)
    ticked = set(request.POST.getlist("line"))
    return render(
        request,
        "applications/profile.html",
        {
            **common.frame(request, application),
            "rows": [(line, line.name in ticked) for line in found],
            "shown": profiling.seen(application, found),
            "refusal": refusal,
        },
        status=refusal.status if refusal else 200,
    )
