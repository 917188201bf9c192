"""A new call from an earlier one: its rules, directions and quotas, its dates moved.

Nothing of people's work goes along: no filing, list, review, letter, notice or question, no date
that a level set for itself and no extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls import numbering, services, standing, versions
from calls.models import Call
from calls.programme import Programme, closing, opening
from calls.programme.writing import to_toml
from core.errors import Refusal

NOTE = "由上一批次的日期顺延，未核实"
MOST_YEARS, MOST_DAYS = 20, 366
DAYS_OF_FEBRUARY = 28

Instants = Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Interval:
    """How far dates are moved: so many years, then so many days; the days may be negative."""

    years: int = 0
    days: int = 0

    def move(self, day: date) -> date:
        """29 February becomes the 28th in a year without one."""
        try:
            moved = day.replace(year=day.year + self.years)
        except ValueError:
            moved = day.replace(year=day.year + self.years, day=DAYS_OF_FEBRUARY)
        return moved + timedelta(days=self.days)


def moved(call: Call, interval: Interval) -> dict[str, date | None]:
    """The days of a call, all inclusive, moved; unset ones stay unset."""
    found: dict[str, date | None] = {}
    for name in services.DATES:
        at = getattr(call, name)
        day = services.day_of(at, starts=name == "filing_from") if at else None
        found[name] = interval.move(day) if day else None
    return found


def instants(days: Mapping[str, date | None]) -> dict[str, datetime | None]:
    """The days as a call keeps them: the start, and exclusive ends."""
    return {
        name: (opening(day) if name == "filing_from" else closing(day)) if day else None
        for name, day in days.items()
    }


def programme_of(call: Call, interval: Interval) -> Programme:
    """The rules of the new call: the old ones with their directions as they stand, dates moved,
    and the year in the prefix of its numbers with them.

    The clauses that gave the old dates do not give the new ones, so they are left out.
    """
    old = call.programme
    days = moved(call, interval)
    dates = old.dates.model_copy(update={**days, "note": NOTE, "sources": {}})
    levels = tuple(
        one.model_copy(update={"until": interval.move(one.until)}) if one.until else one
        for one in old.levels
    )
    return old.model_copy(
        update={
            "number_prefix": numbering.moved(old.number_prefix, interval.years),
            "dates": dates,
            "levels": levels,
            "classes": standing.classes(call),
            "directions": standing.directions(call),
        }
    )


@transaction.atomic
def clone(
    call: Call,
    *,
    code: str,
    title: str,
    interval: Interval,
    rehearsal: bool = False,
    actor: Actor,
    at: datetime,
) -> Call:
    """A call in preparation like this one. Whoever clones puts its rules forward.

    Raises ``Refusal`` (422): ``code-taken``, ``date-order``, ``too-far``.
    """
    if not 0 <= interval.years <= MOST_YEARS or abs(interval.days) > MOST_DAYS:
        raise Refusal("too-far", "顺延的年数或天数超出范围，请改小。", status=422)
    programme = programme_of(call, interval)
    head = f"复制自批次 {call.code}，日期顺延 {interval.years} 年 {interval.days} 天"
    made = services.create(
        programme,
        code=code,
        title=title,
        rehearsal=rehearsal,
        source=versions.Source(
            versions.Origin.CLONE, f"{call.code}.toml", to_toml(programme, head=head), note=head
        ),
        actor=actor,
        at=at,
    )
    audit.record(
        actor=actor,
        action="calls.clone",
        subject=made,
        at=at,
        source=call.code,
        years=interval.years,
        days=interval.days,
    )
    return made
