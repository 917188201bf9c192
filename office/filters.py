"""The filter of the office's list of filings, for the page and for packages alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application

KEYS = ("q", "status", "direction", "recommender")


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
    return found
