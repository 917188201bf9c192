"""Reading for the public pages: nothing that is not before the public, few queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from applications.models import Application
from calls import calendar
from calls.models import Call, Direction, Notice
from calls.phases import Phase
from calls.programme import ALL_SUBFIELDS, IndicatorScope, Step
from calls.services import overrides
from outcomes import queries, rules, words
from outcomes.models import Publication


@dataclass(frozen=True, slots=True)
class Open:
    """A call on the front page."""

    call: Call
    dates: tuple[tuple[str, datetime], ...]
    left_label: str
    left: str
    label: str


def open_calls(at: datetime) -> list[Open]:
    """Calls in which filing or recommendation is still to come or under way."""
    found = []
    for call in Call.objects.open().order_by("filing_until", "pk"):
        phase = call.phase(at)
        if phase in (Phase.ANNOUNCED, Phase.FILING, Phase.RECOMMENDATION):
            found.append(_open(call, phase, at))
    return found


def _open(call: Call, phase: Phase, at: datetime) -> Open:
    now = call.time(at)
    dates = []
    if call.filing_until:
        dates.append(("申报主体", call.filing_until))
    if call.recommendation_until and Step.RECOMMENDATION in call.steps:
        dates.append(("推荐单位", call.recommendation_until))
    ends = {
        Phase.ANNOUNCED: ("距离开始", call.filing_from),
        Phase.FILING: ("申报还有", call.filing_until),
        Phase.RECOMMENDATION: ("推荐还有", call.recommendation_until),
    }
    label, end = ends[phase]
    left = words.days_left(end, now) if end and end > now else ""
    return Open(call, tuple(dates), label if left else "", left, call.phase_title(at))


def notices(at: datetime) -> QuerySet[Notice]:
    """Published notices, newest first. One dated ahead is not there yet."""
    return (
        Notice.objects.filter(published_at__isnull=False, published_at__lte=at)
        .select_related("call")
        .order_by("-published_at", "-pk")
    )


def lists() -> QuerySet[Publication]:
    return queries.before_the_public().defer("rows", "basis", "document__snapshot")


def present_rows(publication: Publication) -> list[dict[str, Any]]:
    """The public rows of a list for its page: a unit renamed since stands with its present name
    and the published one as 曾用名. The paper and the workbook stay as published."""
    applications = [row.get("application") for row in publication.rows]
    units = {
        one.pk: one.organisation
        for one in Application.objects.filter(pk__in=applications)
        .select_related("organisation")
        .prefetch_related("organisation__names")
    }
    found = []
    for key, row in zip(applications, publication.public_rows, strict=True):
        unit, name = units.get(key), row.get("organisation", "")
        renamed = unit is not None and unit.name != name and name in unit.former_names
        found.append(
            {**row, "organisation": f"{unit.name}（曾用名：{name}）"} if unit and renamed else row
        )
    return found


@dataclass(slots=True)
class Field:
    """A direction on a call's page with its sub-fields and indicators."""

    direction: Direction
    subfields: list[str]
    indicators: list[dict[str, Any]]
    note: str
    verified: bool


def directions(call: Call) -> dict[str, list[Field]]:
    """The directions of a call by class, in three queries."""
    groups: dict[str, list[Field]] = defaultdict(list)
    specs = {one.key: one for one in call.programme.directions}
    for direction in call.directions.prefetch_related("subfields", "indicators__subfield"):
        spec = specs.get(direction.key)
        groups[direction.class_title].append(
            Field(
                direction=direction,
                subfields=[
                    one.title for one in direction.subfields.all() if one.key != ALL_SUBFIELDS
                ],
                indicators=[_indicator(one) for one in direction.indicators.all()],
                note=spec.note if spec else "",
                verified=direction.verified,
            )
        )
    return dict(groups)


def _indicator(row: Any) -> dict[str, Any]:
    spec = row.spec
    named = row.subfield is not None and row.subfield.key != ALL_SUBFIELDS
    return {
        "name": spec.name,
        "subfield": row.subfield.title if named else "",
        "basis": spec.basis,
        "reference": spec.reference,
        "national": spec.scope == IndicatorScope.NATIONAL,
        "verified": spec.verified,
    }


@dataclass(frozen=True, slots=True)
class Period:
    """Where a publicity stands: the ``day``-th of ``days`` working days; 0 before it starts."""

    day: int
    days: int
    over: bool


def period(publication: Publication, now: datetime) -> Period | None:
    """How far a publicity has come. None where there is none, or a year is unknown."""
    first, last, days = publication.starts, publication.ends_on, publication.working_days
    if not (publication.is_publicity and first and last and days):
        return None
    today = min(rules.day_of(now), last)
    over = publication.until is not None and now >= publication.until
    try:
        gone = _working_days(first, today)
    except calendar.UnknownYear:
        return None
    return Period(days if over else min(gone, days), days, over)


def _working_days(first: date, until: date) -> int:
    changed = overrides()
    found, day = 0, first
    while day <= until:
        found += calendar.is_working_day(day, overrides=changed)
        day += date.resolution
    return found
