"""The shapes of kept answers: what an older or a broken release left in another shape is put aside,
so that a filing can always be opened. The saves before it still hold what was there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from applications.content.answers import RAW, Asked
from calls.programme import Field, FieldType, Section

KEPT_AT_MOST = 400
"""Rows kept of one stored table; a request is read up to ``answers.ROWS_AT_MOST``."""


def sound(section: Section, data: Any) -> dict[str, Any]:
    """The stored answers of a section, everything of a wrong shape left out. Sound answers stay
    as they are; keys that the section does not ask are gone."""
    if not isinstance(data, Mapping):
        return {}
    found: dict[str, Any] = {}
    for field in section.fields:
        value = _field(field, data.get(field.key))
        if value is not None:
            found[field.key] = value
    raw = data.get(RAW)
    if isinstance(raw, Mapping):
        kept = {str(name): text for name, text in raw.items() if isinstance(text, str)}
        if kept:
            found[RAW] = kept
    return found


def _field(field: Field, value: Any) -> Any:
    if field.type == FieldType.ROWS:
        if not isinstance(value, list):
            return None
        return [_row(field, row) for row in value[:KEPT_AT_MOST]]
    if field.type == FieldType.YEAR_TABLE:
        if not isinstance(value, Mapping):
            return None
        return {
            str(year): _row(field, row) for year, row in value.items() if isinstance(row, Mapping)
        }
    if field.type == FieldType.INDICATORS:
        return _ledger(value)
    return _leaf(field, value)


def _row(field: Field, row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        return {}
    cells = {column.key: _leaf(column, row.get(column.key)) for column in field.columns}
    return {key: value for key, value in cells.items() if value is not None}


def _ledger(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    ref, own = value.get("ref"), value.get("own")
    return {
        "ref": {
            str(key): _cells(cells)
            for key, cells in (ref.items() if isinstance(ref, Mapping) else ())
            if isinstance(cells, Mapping)
        },
        "own": [
            _cells(cells)
            for cells in (own if isinstance(own, list) else ())
            if isinstance(cells, Mapping)
        ],
    }


def _cells(cells: Mapping[Any, Any]) -> dict[str, str]:
    return {str(key): text for key, text in cells.items() if isinstance(text, str)}


def _leaf(asked: Asked, value: Any) -> Any:
    if asked.type == FieldType.MULTICHOICE:
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None
    if isinstance(value, bool):
        return value if asked.type == FieldType.BOOLEAN else None
    if isinstance(value, str):
        return value
    if isinstance(value, int) and abs(value) < 10**18:
        return value if asked.type == FieldType.INTEGER else str(value)
    if isinstance(value, float):
        return str(value)
    return None
