"""The figures of a unit by year, kept in its profile and used in each filing. Pure.

Kept as texts: ``{"2020": {"revenue": "12480.00", "employees": "120"}}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``whole`` counts people; the others are amounts with two decimals."""

    key: str
    label: str
    unit: str
    whole: bool = False
    negative: bool = False


FIGURES = (
    Figure("revenue", "营业收入", "万元"),
    Figure("profit", "净利润", "万元", negative=True),
    Figure("research", "研发投入", "万元"),
    Figure("ai_revenue", "人工智能相关收入", "万元"),
    Figure("employees", "职工总数", "人", whole=True),
    Figure("researchers", "研发人员数", "人", whole=True),
)
NOT_GREATER = (
    ("ai_revenue", "revenue", "人工智能相关收入不能多于营业收入"),
    ("researchers", "employees", "研发人员数不能多于职工总数"),
)
FIRST_YEAR, LAST_YEAR = 1990, 2100
YEARS = 3
"""How many past years the profile asks for."""

Years = Mapping[str, Mapping[str, str]]


def of(profile: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The figures of a profile; anything else that was stored there counts as none."""
    found = profile.get("figures")
    if not isinstance(found, dict):
        return {}
    return {
        year: {key: str(value) for key, value in row.items() if value not in (None, "")}
        for year, row in found.items()
        if isinstance(row, dict)
    }


def shown_years(figures: Years, *, this_year: int, more: int | None = None) -> list[int]:
    """The years of the profile's table: the last three, those that hold something, one more."""
    held = {int(year) for year, row in figures.items() if row and year.isdecimal()}
    wanted = {this_year - n for n in range(1, YEARS + 1)} | held
    if more is not None and FIRST_YEAR <= more <= this_year:
        wanted.add(more)
    return sorted(wanted)


def merged(kept: Years, changed: Years) -> dict[str, dict[str, str]]:
    """The figures with the changed cells; an empty text takes a cell away."""
    found = {year: dict(row) for year, row in kept.items()}
    for year, row in changed.items():
        mine = found.setdefault(year, {})
        for key, value in row.items():
            if value:
                mine[key] = value
            else:
                mine.pop(key, None)
    return {year: row for year, row in sorted(found.items()) if row}


def at(figures: Years, key: str, *, year: int | None) -> str:
    """A figure in a year; without one the latest there is. Empty when there is none."""
    if year is not None:
        return figures.get(str(year), {}).get(key, "")
    years = [one for one, row in figures.items() if row.get(key)]
    return figures[max(years)][key] if years else ""
