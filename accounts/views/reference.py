"""Public lists for the pickers: regions, industries, recommending units. Read only."""

from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts import industries, lookup, regions
from accounts.lookup import Entry
from accounts.models import Organisation
from accounts.policy import policy

DAY, MINUTES = 24 * 3600, 5 * 60
QUERY_CHARACTERS = 60
CHOSEN = {
    str(Organisation.Kind.CENTRAL_GROUP),
    str(Organisation.Kind.MINISTRY_BODY),
    str(Organisation.Kind.INDUSTRY_BODY),
    str(Organisation.Kind.CORPS),
}


@require_safe
@cache_control(public=True, max_age=DAY)
@policy.public
def find_regions(request: HttpRequest) -> JsonResponse:
    """Regions by name, code or initials; without a query the provinces."""
    return _answer(request, regions.search, regions.label_of)


@require_safe
@cache_control(public=True, max_age=DAY)
@policy.public
def find_industries(request: HttpRequest) -> JsonResponse:
    """Industries by name, code or initials; without a query the 大类."""
    return _answer(request, industries.search, industries.label_of)


@require_safe
@cache_control(public=True, max_age=MINUTES)
@policy.public
def find_recommenders(request: HttpRequest) -> JsonResponse:
    """Units that an applicant may choose to file through, of the asked ``kinds``."""
    asked = set(request.GET.get("kinds", "").split(",")) & CHOSEN
    names = dict(Organisation.Kind.choices)
    entries = [
        lookup.entry(unit.code or "", unit.name, [str(names[unit.kind])])
        for unit in Organisation.objects.filter(kind__in=asked).order_by("kind", "name")
    ]

    def search(query: str) -> tuple[Entry, ...]:
        return tuple(lookup.search(entries, query) if lookup.folded(query) else entries)

    return _answer(request, search)


def _answer(
    request: HttpRequest,
    search: Callable[[str], tuple[Entry, ...]],
    label: Callable[[str], str] | None = None,
) -> JsonResponse:
    """``items``: code, name, path above it, and the label that stands in an input once chosen."""
    query = request.GET.get("q", "")[:QUERY_CHARACTERS]
    found = search(query)
    limit = lookup.LIMIT if lookup.folded(query) else lookup.WITHOUT_QUERY
    return JsonResponse(
        {
            "items": [
                {
                    "code": one.code,
                    "name": one.name,
                    "path": list(one.path),
                    "label": label(one.code) if label else one.name,
                }
                for one in found[:limit]
            ],
            "more": len(found) > limit,
        }
    )
