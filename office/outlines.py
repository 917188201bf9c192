"""A programme as the office looks it over before it makes a call of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calls import services as calls
from calls.models import Call
from calls.programme import Direction, Programme, outline
from outcomes import words


@dataclass(frozen=True, slots=True)
class Day:
    """A date of a call: None while it is unset; ``note`` says why the day is unfortunate."""

    title: str
    at: datetime | None
    starts: bool
    note: str
    source: str


def days(programme: Programme, instants: Mapping[str, datetime | None] | None = None) -> list[Day]:
    """The dates a programme has a step for, with weekends and holidays named."""
    known = instants if instants is not None else calls.dates_of(programme)
    return [
        Day(
            calls.NAMES[name],
            known.get(name),
            name == "filing_from",
            note_of(known.get(name), starts=name == "filing_from"),
            programme.dates.sources.get(name, ""),
        )
        for name in calls.needed_dates(programme)
    ]


def note_of(at: datetime | None, *, starts: bool = False) -> str:
    """Weekend, holiday or an unknown year; empty for a working day and for no day."""
    if at is None:
        return ""
    return calls.day_note(calls.day_of(at, starts=starts)) or ""


def of(
    programme: Programme, instants: Mapping[str, datetime | None] | None = None
) -> dict[str, Any]:
    """Everything the overview shows; for ``office/_programme.html``."""
    groups: dict[str, list[Direction]] = defaultdict(list)
    for direction in programme.directions:
        groups[programme.class_title(direction.class_key) or "未注明"].append(direction)
    return {
        "programme": programme,
        "steps": words.steps(programme),
        "days": days(programme, instants),
        "applicants": words.applicants(programme),
        "quota": words.quota(programme),
        "caps": words.caps(programme),
        "levels": [(one, words.RECOMMENDERS[one.kind]) for one in programme.levels],
        "groups": dict(groups),
        "indicators": sum(len(one.indicators) for one in programme.directions),
        "parts": outline.parts(programme),
        "publicity": words.publicity(programme),
        "unverified": outline.unverified(programme),
    }


def of_call(call: Call) -> dict[str, Any]:
    """The overview of a call: its rules, with the dates it has now."""
    return of(call.programme, {name: getattr(call, name) for name in calls.DATES})
