"""Kept answers in words, for check pages, printed forms and comparisons. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts import industries, regions
from applications.content import answers as kept
from applications.content import values
from applications.content.answers import Asked, Data
from calls.programme import Field, FieldType, Section
from core import days

NUMERIC = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT)


def in_words(asked: Asked, value: Any) -> str:
    """One value as people read it, without its unit; empty when there is none."""
    if kept.is_empty(value):
        return ""
    if asked.type in (*NUMERIC, FieldType.COMPUTED):
        return values.grouped(value) or str(value)
    if asked.type == FieldType.DATE:
        return _date(str(value))
    if asked.type == FieldType.MONTH:
        year, _, month = str(value).partition("-")
        return f"{year}年{int(month)}月" if month.isdigit() else str(value)
    if asked.type == FieldType.REGION:
        name = regions.name_of(str(value))
        return f"{name}（{value}）" if name else str(value)
    if asked.type == FieldType.INDUSTRY:
        return industries.label_of(str(value))
    if asked.type == FieldType.CHOICE:
        return asked.choice(str(value))
    if asked.type == FieldType.MULTICHOICE:
        return "、".join(asked.choice(str(key)) for key in value)
    if asked.type == FieldType.BOOLEAN:
        return "是" if value is True or value == "true" else "否"
    return str(value)


def with_unit(asked: Asked, value: Any) -> str:
    words = in_words(asked, value)
    return f"{words} {asked.unit}" if words and asked.unit else words


def lines(field: Field, data: Data) -> list[tuple[str, str]]:
    """A field as (label, words) lines: one for a simple field, one per row of a table."""
    if field.type in (FieldType.ROWS, FieldType.YEAR_TABLE) and not kept.table_rows(field, data):
        return [(field.label, "")]
    if field.type == FieldType.ROWS:
        return [
            (f"{field.label} {number}", "；".join(_cells(field, row)))
            for number, row in enumerate(kept.rows_of(field, data), start=1)
            if row
        ]
    if field.type == FieldType.YEAR_TABLE:
        return [
            (f"{field.label} {year} 年", "；".join(_cells(field, row, labelled=True)))
            for year in field.years
            if (row := kept.year_row(field, data, year))
        ]
    if field.type == FieldType.INDICATORS:
        return []
    words = with_unit(field, data.get(field.key))
    typed = kept.raw_of(data).get(field.key)
    return [(field.label, words or (f"{typed}（填写有误）" if typed else ""))]


def computed(section: Section, data: Data) -> dict[str, str]:
    """The computed figures of a section in words, by the name of the place that shows them."""
    found = {}
    for field in section.fields:
        if field.type == FieldType.COMPUTED:
            found[field.key] = in_words(field, data.get(field.key))
        for column in field.columns:
            if column.type != FieldType.COMPUTED:
                continue
            if field.type == FieldType.YEAR_TABLE:
                for year in field.years:
                    value = kept.year_row(field, data, year).get(column.key)
                    found[f"{field.key}-{year}-{column.key}"] = in_words(column, value)
            else:
                for number, row in enumerate(kept.rows_of(field, data)):
                    name = f"{field.key}-{number}-{column.key}"
                    found[name] = in_words(column, row.get(column.key))
    return found


def _cells(field: Field, row: Data, *, labelled: bool = False) -> list[str]:
    found = []
    for column in field.columns:
        words = with_unit(column, row.get(column.key))
        if words:
            found.append(f"{column.label} {words}" if labelled else words)
    return found


def _date(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return days.in_words(day)
