"""The answers of one section as they are kept, and how to walk through them. Pure.

Kept data is ``{field: value}``; a ``rows`` field holds a list of ``{column: value}``, a
``year_table`` a map ``{"2020": {column: value}}``. What could not be read stands as typed in
``_raw`` under the name of its input, so that a draft loses nothing. Inputs are named ``field``,
``field-ROW-column`` (rows from 0) or ``field-YEAR-column``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from applications.content import values
from applications.content.values import Unreadable
from calls.programme import Column, Condition, Field, FieldType, Formula, Section

RAW = "_raw"
ROWS_AT_MOST = 300
"""Rows read from one request; every programme's own limit is far below."""

Data = Mapping[str, Any]
Answers = Mapping[str, Data]
Asked = Field | Column


class Posted(Protocol):
    """What a request sends: Django's QueryDict, or a plain map of lists in tests."""

    def getlist(self, key: str) -> list[str]: ...
    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """One input of the page."""

    name: str
    asked: Asked
    label: str
    table: Field | None = None
    row: int | str | None = None

    @property
    def kind(self) -> str:
        return str(self.asked.type)


def rows_of(field: Field, data: Data) -> list[dict[str, Any]]:
    """The rows of a table field as kept; anything else that was stored counts as none."""
    found = data.get(field.key)
    if not isinstance(found, list):
        return []
    return [row if isinstance(row, dict) else {} for row in found]


def year_row(field: Field, data: Data, year: int | str) -> dict[str, Any]:
    found = data.get(field.key)
    row = found.get(str(year)) if isinstance(found, dict) else None
    return row if isinstance(row, dict) else {}


def raw_of(data: Data) -> dict[str, str]:
    """What was typed and could not be read, by the name of its input."""
    found = data.get(RAW)
    return found if isinstance(found, dict) else {}


def leaves(field: Field, *, rows: int) -> Iterator[Leaf]:
    """The inputs of one field, row by row; computed ones are not asked."""
    if field.type == FieldType.ROWS:
        for row in range(rows):
            for column in field.columns:
                if column.type != FieldType.COMPUTED:
                    label = f"第 {row + 1} 行 {column.label}"
                    yield Leaf(f"{field.key}-{row}-{column.key}", column, label, field, row)
    elif field.type == FieldType.YEAR_TABLE:
        for year in field.years:
            for column in field.columns:
                if column.type != FieldType.COMPUTED:
                    label = f"{year} 年{column.label}"
                    yield Leaf(f"{field.key}-{year}-{column.key}", column, label, field, str(year))
    elif field.type not in (FieldType.INDICATORS, FieldType.COMPUTED):
        yield Leaf(field.key, field, field.label)


def value_of(leaf: Leaf, data: Data) -> Any:
    """The kept value of an input, or None."""
    if leaf.table is None:
        return data.get(leaf.asked.key)
    if leaf.table.type == FieldType.ROWS:
        rows = data.get(leaf.table.key)
        assert isinstance(leaf.row, int)
        if not isinstance(rows, list) or leaf.row >= len(rows):
            return None
        row = rows[leaf.row]
        return row.get(leaf.asked.key) if isinstance(row, dict) else None
    return year_row(leaf.table, data, str(leaf.row)).get(leaf.asked.key)


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def row_is_blank(field: Field, row: int | str, data: Data) -> bool:
    """No value and no unreadable text in any input of this row."""
    raw = raw_of(data)
    row_data = rows_of(field, data)[row] if isinstance(row, int) else year_row(field, data, row)
    for column in field.columns:
        if column.type == FieldType.COMPUTED:
            continue
        empty = is_empty(row_data.get(column.key))
        if not empty or f"{field.key}-{row}-{column.key}" in raw:
            return False
    return True


# Reading a request ---------------------------------------------------------------------------


def read(section: Section, posted: Posted, *, compact: bool = False) -> dict[str, Any]:
    """Everything the request says about this section, as it will be kept.

    Unknown names are ignored. ``compact`` drops blank rows; autosave keeps them, so that the
    names of the inputs on the open page stay right.
    """
    data: dict[str, Any] = {}
    raw: dict[str, str] = {}
    for field in section.fields:
        if field.type == FieldType.ROWS:
            _read_rows(field, posted, data, raw, compact=compact)
        elif field.type == FieldType.YEAR_TABLE:
            table: dict[str, Any] = {}
            for leaf in leaves(field, rows=0):
                value = _read_leaf(leaf, leaf.name, posted, raw)
                if not is_empty(value):
                    table.setdefault(str(leaf.row), {})[leaf.asked.key] = value
            if table:
                data[field.key] = table
        else:
            for leaf in leaves(field, rows=0):
                value = _read_leaf(leaf, leaf.name, posted, raw)
                if not is_empty(value):
                    data[leaf.asked.key] = value
    if raw:
        data[RAW] = raw
    return with_computed(section, data)


def _read_rows(
    field: Field, posted: Posted, data: dict[str, Any], raw: dict[str, str], *, compact: bool
) -> None:
    pattern = re.compile(rf"{re.escape(field.key)}-(\d{{1,4}})-[a-z][a-z0-9_]*")
    numbers = sorted({int(m[1]) for key in posted if (m := pattern.fullmatch(key))})
    rows: list[dict[str, Any]] = []
    for number in numbers[:ROWS_AT_MOST]:
        if posted.getlist(f"{field.key}-{number}-delete"):
            continue
        row: dict[str, Any] = {}
        unread: dict[str, str] = {}
        for column in field.columns:
            if column.type == FieldType.COMPUTED:
                continue
            leaf = Leaf(f"{field.key}-{len(rows)}-{column.key}", column, column.label, field)
            value = _read_leaf(leaf, f"{field.key}-{number}-{column.key}", posted, unread)
            if not is_empty(value):
                row[column.key] = value
        if row or unread or not compact:
            rows.append(row)
            raw.update(unread)
    while (
        rows
        and not rows[-1]
        and not any(name.startswith(f"{field.key}-{len(rows) - 1}-") for name in raw)
    ):
        rows.pop()
    if rows:
        data[field.key] = rows


def _read_leaf(leaf: Leaf, name: str, posted: Posted, raw: dict[str, str]) -> Any:
    typed = posted.getlist(name)
    if leaf.kind == FieldType.MULTICHOICE:
        known = {choice.key for choice in leaf.asked.choices}
        return [key for key in dict.fromkeys(typed) if key in known]
    text = typed[-1] if typed else ""
    try:
        return values.parse(
            leaf.kind, text, decimals=leaf.asked.decimals, choices=leaf.asked.choices
        )
    except Unreadable:
        raw[leaf.name] = values.tidy(text)
        return None


def unreadable(leaf: Leaf, typed: str) -> str:
    """Why the kept text of this input could not be read; empty when it can be."""
    try:
        values.parse(leaf.kind, typed, decimals=leaf.asked.decimals, choices=leaf.asked.choices)
    except Unreadable as problem:
        return str(problem)
    return ""


# Computed values ------------------------------------------------------------------------------


def with_computed(section: Section, data: Data) -> dict[str, Any]:
    """A copy of the data in which every computed field and column is computed anew."""
    found = dict(data)
    for field in section.fields:
        if field.type == FieldType.ROWS and field.key in found:
            found[field.key] = [_row_computed(field, row) for row in rows_of(field, found)]
        elif field.type == FieldType.YEAR_TABLE and isinstance(found.get(field.key), dict):
            found[field.key] = {
                str(year): _row_computed(field, year_row(field, found, year))
                for year in field.years
                if year_row(field, found, year)
            }
    for field in section.fields:
        if field.type == FieldType.COMPUTED:
            value = compute(field.formula, field, lambda name: total_of(section, found, name))
            if value is None:
                found.pop(field.key, None)
            else:
                found[field.key] = value
    return found


def _row_computed(field: Field, row: Data) -> dict[str, Any]:
    found = dict(row)
    for column in field.columns:
        if column.type == FieldType.COMPUTED:
            value = compute(column.formula, column, lambda key: values.number(found.get(key)))
            if value is None:
                found.pop(column.key, None)
            else:
                found[column.key] = value
    return found


def compute(formula: Formula | None, asked: Asked, part: Any) -> str | None:
    """A computed value as a decimal string, rounded half up; None where a part is missing."""
    if formula is None:
        return None
    places = 2 if asked.decimals is None else asked.decimals
    if formula.sum:
        found = [number for name in formula.sum if (number := part(name)) is not None]
        return f"{values.rounded(sum(found, Decimal(0)), places):f}" if found else None
    upper, lower = (part(name) for name in formula.ratio)
    if upper is None or not lower:
        return None
    share = upper / lower * (100 if formula.percent else 1)
    return f"{values.rounded(share, places):f}"


def total_of(section: Section, data: Data, name: str) -> Decimal | None:
    """A figure of the section by name; ``table.column`` is summed over its rows."""
    table, _, column = name.partition(".")
    if not column:
        return values.number(data.get(name))
    field = section.field(table)
    if field is None:
        return None
    found = [
        number
        for row in table_rows(field, data)
        if (number := values.number(row.get(column))) is not None
    ]
    return sum(found, Decimal(0)) if found else None


def table_rows(field: Field, data: Data) -> list[dict[str, Any]]:
    """Rows of a table of either kind, in order."""
    if field.type == FieldType.ROWS:
        return rows_of(field, data)
    found = data.get(field.key)
    return (
        [row for row in found.values() if isinstance(row, dict)] if isinstance(found, dict) else []
    )


# Conditions -----------------------------------------------------------------------------------


def holds(condition: Condition | None, *, section: str, answers: Answers) -> bool:
    """Whether the field or section is shown, by what was answered."""
    if condition is None:
        return True
    where, _, key = condition.field.rpartition(".")
    value = answers.get(where or section, {}).get(key)
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, list):
        return condition.equals in value
    return value is not None and str(value) == condition.equals


def shown(section: Section, answers: Answers) -> list[Field]:
    """The fields of a section that are asked, given everything answered so far."""
    return [f for f in section.fields if holds(f.show_if, section=section.key, answers=answers)]
