"""The office's list of filings: what is read of each, in which order, page by page.

Whoever opens the list sees the newest of a whole call first, so that page and its count are kept
ready (``core.prepared``); what is filtered, and the pages after the first, are asked anew.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import Membership
from applications import access, rounds
from applications.models import Application
from calls.models import Call
from core.prepared import Prepared, Slot
from office import filters

PER_PAGE = 50


class Listed(NamedTuple):
    """What the list shows of a filing. ``corrected``: a correction of it waits to be judged."""

    public_id: str
    number: str | None
    title: str
    status: str
    submitted_at: datetime | None
    version_number: int
    organisation: str
    region: str
    recommender: str | None
    direction: str | None
    corrected: bool


_READ = (
    *("public_id", "number", "title", "status", "submitted_at", "version_number"),
    *("organisation__name", "organisation__region", "recommender__name", "direction__title"),
    "corrected",
)


class _Pages(Paginator):
    """``count``: how many there are, where that is known already."""

    def __init__(self, found: QuerySet[Application], count: int | None = None) -> None:
        self.found = found
        super().__init__(found, PER_PAGE)
        if count is not None:
            self.count = count

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        return Page(self.rows((number - 1) * PER_PAGE), number, self)

    def rows(self, first: int) -> list[Listed]:
        """Those that stand from the ``first`` on (0: the newest) on one page."""
        return [Listed._make(row) for row in _listed(self.found)[first : first + PER_PAGE]]


class _Whole(_Pages):
    """All filings of a call that a membership may see."""

    def __init__(self, acting: Membership, call: Call) -> None:
        self._newest, count = _kept(acting.role)
        self._whose = {"unit": acting.organisation_id, "call": call.pk}
        known = count.first(**self._whose)
        seen = _seen(acting.role, acting.organisation_id, call.pk)
        super().__init__(seen, known[1] if known else 0)

    def rows(self, first: int) -> list[Listed]:
        if first:
            return super().rows(first)
        return [Listed._make(row) for row in self._newest(**self._whose)]


def pages(acting: Membership, call: Call, data: Mapping[str, Any]) -> Paginator:
    """The filings of a call that fit the filter; its pages hold ``Listed``. Paginator of 50."""
    if not any(data.get(key) for key in filters.KEYS):
        return _Whole(acting, call)
    seen = _seen(acting.role, acting.organisation_id, call.pk)
    return _Pages(*filters.counted(seen, data))


def _seen(role: str, unit: Any, call: Any) -> QuerySet[Application]:
    """What this role sees of a call, the newest first. ``unit`` and ``call``: keys, or slots."""
    seen = Application.objects.filter(access.seen_in(role, unit), call_id=call)
    return seen.order_by("-submitted_at", "-pk")


def _listed(found: QuerySet[Application]) -> QuerySet[Application, Any]:
    waits = Exists(rounds.waiting().filter(application=OuterRef("pk")))
    return found.annotate(corrected=waits).values_list(*_READ)


@cache
def _kept(role: str) -> tuple[Prepared[Any], Prepared[tuple[int, int]]]:
    """The newest of a call that this role sees, and how many it sees (no row where none)."""
    seen = _seen(role, Slot("unit"), Slot("call"))
    return (
        Prepared(lambda: _listed(seen)[:PER_PAGE]),
        Prepared(lambda: seen.order_by().values_list("call").annotate(Count("pk"))),
    )
