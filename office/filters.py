"""The filter of the office's list of filings, for the page and for packages alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from accounts import regions
from applications import rounds
from applications.models import Application
from recommenders.models import Confirmation

KEYS = ("q", "status", "direction", "region", "recommender", "correction", "placed")
COLUMNS = {
    "direction": "方向",
    "region": "地区",
    "recommender": "推荐单位",
    "status": "状态",
    "submitted": "最后提交",
}
USUAL = ("direction", "recommender", "status", "submitted")
"""The columns of the list of filings beside number and title, and those shown unasked."""
UNKNOWN = "-"
"""The region or direction of what has none."""
BY_OFFICE, BY_UNIT = "office", "unit"
"""Values of ``correction``: who returned what was corrected and waits to be judged."""

VIEWS = {
    "office:cockpit": ("call", "stage", "region", "direction", "q", "kind", "state", "sort"),
    "office:applications": ("call", *KEYS, "col"),
    "office:outbox": ("q", "state", "channel", "kind", "call", "since", "until"),
    "office:audit": ("q", "actor", "unit", "action", "subject", "since", "until"),
}
"""What of a page's address makes a saved view of it."""


def provinces() -> list[tuple[str, str]]:
    """Codes and names of the provinces, as the filter's choices."""
    return [(one.code, one.name) for one in regions.regions().values() if not one.parent]


def province(code: str) -> str:
    """The code of the province a region belongs to; empty where none is known."""
    return f"{code[:2]}0000" if code else ""


def region_name(code: str) -> str:
    return regions.name_of(code) if code else "未注明"


def _within(code: str) -> Q:
    return Q(organisation__region__startswith=code[:2])


def filings(
    found: QuerySet[Application], data: Mapping[str, Any], *, as_shown: bool = False
) -> QuerySet[Application]:
    """Those that fit every part of the filter that is set.

    ``as_shown`` takes the status that units may know: a letter to all that are selected would
    else tell a result before its list does.
    """
    if text := str(data.get("q") or "").strip():
        found = found.filter(
            Q(title__icontains=text)
            | Q(organisation__name__icontains=text)
            | Q(number__icontains=text)
        )
    if data.get("status"):
        wanted = data["status"].split(",")
        public = Q(shown_as="", status__in=wanted) | Q(shown_as__in=wanted)
        found = found.filter(public if as_shown else Q(status__in=wanted))
    if key := data.get("direction"):
        known = Q(direction__isnull=True) if key == UNKNOWN else Q(direction__key=key)
        found = found.filter(known)
    if code := str(data.get("region") or ""):
        known = Q(organisation__region="") if code == UNKNOWN else _within(code)
        found = found.filter(known)
    if data.get("recommender"):
        found = found.filter(recommender=data["recommender"])
    if unit := data.get("placed"):
        held = Confirmation.objects.filter(
            released_at=None, allotment__organisation=unit, application__in=found
        )
        found = found.filter(pk__in=held.values("application"))
    if who := data.get("correction"):
        waiting = rounds.waiting().filter(by_office=who == BY_OFFICE)
        found = found.filter(pk__in=waiting.values("application"))
    return found
