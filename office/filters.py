"""The filter of the office's list of filings, for the page and for packages alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from applications import rounds
from applications.models import Application

KEYS = ("q", "status", "direction", "recommender", "correction")
BY_OFFICE, BY_UNIT = "office", "unit"
"""Values of ``correction``: who returned what was corrected and waits to be judged."""


def filings(found: QuerySet[Application], data: Mapping[str, Any]) -> QuerySet[Application]:
    """Those that fit every part of the filter that is set."""
    if text := str(data.get("q") or "").strip():
        found = found.filter(
            Q(title__icontains=text)
            | Q(organisation__name__icontains=text)
            | Q(number__icontains=text)
        )
    if data.get("status"):
        found = found.filter(status__in=data["status"].split(","))
    if data.get("direction"):
        found = found.filter(direction__key=data["direction"])
    if data.get("recommender"):
        found = found.filter(recommender=data["recommender"])
    if who := data.get("correction"):
        waiting = rounds.waiting().filter(by_office=who == BY_OFFICE)
        found = found.filter(pk__in=waiting.values("application"))
    return found
