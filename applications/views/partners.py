"""Whether a partner that is being typed stands in the way, said at once."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts import codes, roles
from accounts.policy import policy
from applications import exclusivity, queries
from applications.content import values
from applications.views import common
from core import counting

MOST_PER_HOUR = 200
"""Codes one person may ask about in an hour: more is no typing but searching."""


def _too_many(request: HttpRequest) -> bool:
    return counting.counted(f"partner-asked:{request.user.pk}", seconds=3600) > MOST_PER_HOUR


@require_safe
@policy(*roles.FILING)
def partner(request: HttpRequest, public_id: str) -> JsonResponse:
    """What a unit of this code would stand against as a partner, in the applicant's words.

    Nothing of the other filing is said. An incomplete or wrong code gives nothing: its own
    mistakes are told by the form.
    """
    application = common.own(request, public_id)
    code = codes.folded(request.GET.get("code", ""))[:40]
    name = values.tidy(request.GET.get("name", ""))[:60]
    if codes.problem(code):
        return JsonResponse({"hints": []})
    if _too_many(request):
        return JsonResponse({"hints": []}, status=429)
    found = exclusivity.as_partner(
        application, queries.material(application), code=code, name=name or code
    )
    return JsonResponse(
        {"hints": [{"words": str(clash), "rule": clash.rule} for clash in found if clash.hard]}
    )
