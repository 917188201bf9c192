"""What was asked to be corrected and what came of it, round by round: just the changes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications import access, differences, services
from applications.models import Application, Correction
from applications.services import corrections as rounds
from applications.views import common
from audit.services import Actor
from core.web import told


@require_safe
@policy(*common.READERS)
def corrections(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every round, the newest first: field, comment, before and after."""
    application = access.readable(request, public_id)
    found = list(
        application.corrections.select_related("organisation", "decided_by")
        .prefetch_related("named")
        .order_by("-number")
    )
    versions = {
        version.number: version.snapshot
        for version in application.versions.filter(
            number__in={n for one in found for n in (one.from_version, one.to_version) if n}
        )
    }
    actor = Actor.of(request)
    own = request.acting.role in roles.APPLICANT  # type: ignore[attr-defined]
    return render(
        request,
        "applications/corrections.html",
        {
            **(common.frame(request, application) if own else {}),
            "application": application,
            "call": application.call,
            "own": own,
            "rounds": [
                {
                    "round": one,
                    **_changes(one, versions),
                    "may_judge": one.state == Correction.State.SUBMITTED
                    and rounds.may_judge(one, actor),
                }
                for one in found
            ],
            "may_return": application.shown_status in ("submitted", "recommended"),
        },
    )


def _changes(one: Correction, versions: dict[int, Any]) -> dict[str, Any]:
    """The named fields with their changes, and what changed besides."""
    left, right = versions.get(one.from_version), versions.get(one.to_version or 0)
    changes = (
        [change for part in differences.between(left, right) for change in part.changes]
        if left is not None and right is not None
        else []
    )
    named = []
    told_of = set()
    for field in one.named.all():
        mine = [
            change
            for change in changes
            if change.section == field.section
            and (not field.field or change.field in _keys(field.section, field.field))
        ]
        told_of |= {id(change) for change in mine}
        named.append({"field": field, "changes": mine})
    return {
        "named": named,
        "besides": [change for change in changes if id(change) not in told_of],
        "answered": right is not None,
    }


def _keys(section: str, field: str) -> tuple[str, ...]:
    """The keys of a frozen version that a named field stands for."""
    if (section, field) == (differences.BASICS, "direction"):
        return ("class", "direction", "subfield")
    return (field,)


@require_POST
@policy(*roles.RECOMMENDER, *roles.OFFICE)
def accept_correction(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """接受修改."""
    application: Application = access.readable(request, public_id)
    found = application.corrections.filter(number=number).first()
    if found is None:
        raise Http404("没有这一轮修改。")
    with told(request, success="已接受修改。"):
        services.accept_correction(
            found,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("applications:corrections", public_id)
