"""The filter of the office's list of filings, for the page and for packages alike."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from accounts import regions
from accounts.models import Organisation
from applications import rounds
from applications.models import Application
from recommenders.models import Confirmation

KEYS = ("q", "status", "direction", "region", "recommender", "correction", "placed")
FEW = 500
"""Rows of a search that are found by their keys; also what a search for a common word looks at
in vain."""
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


def _holding(found: QuerySet[Application], text: str) -> tuple[QuerySet[Application], int | None]:
    """Those with the text in their title, their number or the name of their unit.

    Each of the three is asked by itself, so that the database can use its index. What stands in
    fewer than ``FEW`` is then read by its keys, and counted already; what stands in more is looked
    for as one turns the pages of a list.
    """
    plain = found.order_by().values_list("pk", flat=True)
    units = Organisation.objects.filter(name__holds=text).values("pk")
    by_title, by_number = plain.filter(title__holds=text), plain.filter(number__holds=text)
    by_unit = plain.filter(organisation__in=units)
    keys = list(by_title.union(by_number, by_unit, all=True)[:FEW])
    if len(keys) < FEW:
        return found.filter(pk__in=set(keys)), len(set(keys))
    everywhere = (
        Q(title__icontains=text) | Q(organisation__name__icontains=text) | Q(number__icontains=text)
    )
    return found.filter(everywhere), None


def filings(
    found: QuerySet[Application], data: Mapping[str, Any], *, as_shown: bool = False
) -> QuerySet[Application]:
    """Those that fit every part of the filter that is set."""
    return counted(found, data, as_shown=as_shown)[0]


def counted(
    found: QuerySet[Application], data: Mapping[str, Any], *, as_shown: bool = False
) -> tuple[QuerySet[Application], int | None]:
    """As ``filings``, and how many they are where the search has told that already.

    ``as_shown`` takes the status that units may know: a letter to all that are selected would
    else tell a result before its list does.
    """
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
    if text := str(data.get("q") or "").strip():
        return _holding(found, text)
    return found, None
