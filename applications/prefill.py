"""The first contents of a form, from what the unit has registered. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from accounts import figures
from applications.content import values
from applications.content.answers import RAW, Asked
from applications.content.values import Unreadable
from calls.programme import Field, FieldType, Section

BY_YEAR = ("employees", "researchers")
"""Figures that a field without a year asks for: those of the programme's last year."""


class Asking(Protocol):
    """Whatever has questions: a programme, a survey."""

    def fields(self) -> Iterator[tuple[Section, Field]]: ...


def sections(programme: Asking, known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Kept data per section, for the fields that name a key of the profile which is filled.

    What does not fit the field stands as typed, so that the applicant sees and mends it.
    """
    found: dict[str, dict[str, Any]] = {}
    by_year, year = figures.of(known), last_year(programme)
    for section, field in programme.fields():
        data = found.setdefault(section.key, {})
        if field.type == FieldType.YEAR_TABLE:
            if field.prefill:
                _fill_years(field, by_year, data)
            continue
        if field.prefill in BY_YEAR:
            text = figures.at(by_year, field.prefill, year=year)
        else:
            text = str(known.get(field.prefill) or "") if field.prefill else ""
        if text:
            _fill(field, field.key, text, data, data)
    return {key: data for key, data in found.items() if data}


def last_year(programme: Asking) -> int | None:
    """The last year that a table filled from the profile asks for; None where there is none."""
    years = [max(f.years) for _, f in programme.fields() if f.prefill == "figures" and f.years]
    return max(years) if years else None


def _fill_years(field: Field, by_year: figures.Years, data: dict[str, Any]) -> None:
    table: dict[str, Any] = {}
    for year in field.years:
        row: dict[str, Any] = {}
        for column in field.columns:
            text = by_year.get(str(year), {}).get(column.key, "")
            if text and column.type != FieldType.COMPUTED:
                _fill(column, f"{field.key}-{year}-{column.key}", text, row, data)
        if row:
            table[str(year)] = row
    if table:
        data[field.key] = table


def _fill(
    asked: Asked, name: str, text: str, target: dict[str, Any], section: dict[str, Any]
) -> None:
    """Put a text into ``target`` as the value it is, or as typed text beside the section's data."""
    try:
        value = values.parse(str(asked.type), text, decimals=asked.decimals, choices=asked.choices)
    except Unreadable:
        if not asked.choices:
            section.setdefault(RAW, {})[name] = text
    else:
        if value is not None:
            target[asked.key] = value
