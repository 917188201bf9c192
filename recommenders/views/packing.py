"""Asking for a list's filings as one file."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from documents.packages import services as packages
from recommenders import access, packing
from recommenders.models import RankedList
from recommenders.views.request import Request


@require_POST
@policy(*roles.RECOMMENDER)
def pack(request: Request, code: str) -> HttpResponse:
    """The unit's own list."""
    return _pack(request, access.unit_list(request, code))


@require_POST
@policy(*roles.OFFICE)
def office_pack(request: Request, pk: int) -> HttpResponse:
    """Any unit's list."""
    return _pack(request, access.office_list(request, pk))


def _pack(request: Request, ranked: RankedList) -> HttpResponse:
    package = packages.request(
        kind=packing.KIND,
        subject=ranked,
        title=f"{ranked.organisation.name}推荐项目申报书（{ranked.call.programme.short_title}）",
        options={"evidence": request.POST.get("evidence") == "on"},
        acting=request.acting,
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    return redirect("documents:package", package.public_id)
