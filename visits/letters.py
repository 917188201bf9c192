"""Letters of a visit: to the applicant, to the team, to whoever planned it.

A member's letter names the call, the day and the place; whose site it is stands on the desk, after
the declaration.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from applications.letters import filing_people
from notifications import services as notifications
from visits.models import Seat, Visit


def to_applicant(name: str, visit: Visit, *, occasion: int, at: datetime, **more: Any) -> None:
    """``name``: planned, changed, cancelled, day_declined, remind, released."""
    notifications.enqueue(
        key=f"visits.{name}:{visit.pk}:{occasion}",
        to=filing_people(visit.application, at),
        template=f"visits/letters/{name}.txt",
        context={
            "visit": visit,
            "call": visit.call,
            "unit": visit.application.organisation.name,
            "title": visit.application.title,
            **more,
        },
        at=at,
    )


def to_team(
    name: str, visit: Visit, seats: Iterable[Seat], *, occasion: int, at: datetime, **more: Any
) -> None:
    """``name``: team, team_changed, team_cancelled, team_remind, overdue, sign."""
    for seat in seats:
        notifications.enqueue(
            key=f"visits.{name}:{visit.pk}:{occasion}",
            to=seat.user,
            template=f"visits/letters/{name}.txt",
            context={"visit": visit, "call": visit.call, "seat": seat, **more},
            at=at,
        )


def to_organiser(name: str, visit: Visit, *, occasion: int, at: datetime, **more: Any) -> None:
    """``name``: day_asked, recheck_due."""
    notifications.enqueue(
        key=f"visits.{name}:{visit.pk}:{occasion}",
        to=visit.planned_by,
        template=f"visits/letters/{name}.txt",
        context={
            "visit": visit,
            "call": visit.call,
            "unit": visit.application.organisation.name,
            "title": visit.application.title,
            **more,
        },
        at=at,
    )
