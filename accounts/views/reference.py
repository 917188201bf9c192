"""Public code lists for the pickers: regions and industries. Read only, the same for everybody."""

from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts import industries, lookup, regions
from accounts.lookup import Entry
from accounts.policy import policy

DAY = 24 * 3600
QUERY_CHARACTERS = 60


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


def _answer(
    request: HttpRequest, search: Callable[[str], tuple[Entry, ...]], label: Callable[[str], str]
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
                    "label": label(one.code),
                }
                for one in found[:limit]
            ],
            "more": len(found) > limit,
        }
    )
