"""The tables of a section's page: the indicator table as it is drawn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from applications import filing
from applications.content import indicators
from applications.content.checking import Problem
from applications.material import Material, Row
from applications.models import Application
from calls.programme import FieldType
from calls.programme.directions import IndicatorKind, IndicatorScope


def table(
    application: Application,
    material: Material,
    typed: Any,
    problems: list[Problem],
    lock: bool,
    request: HttpRequest,
) -> dict[str, Any]:
    """The indicator table as the page draws it: reference rows, own rows, one blank."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        told.setdefault(problem.name, []).append(problem.message)
    rows = [
        line(row, own, indicators.typed_cells(typed, row.spec, own), told, number)
        for number, own, row in indicators.positions(material.rows, typed)
    ]
    places = indicators.positions(material.rows, typed)
    own = max((place + 1 for _, place, row in places if row.spec is None), default=0)
    blank = Row(spec=None, name="", unit="", current="", target="", method="")
    count = 0 if lock else 1 + (request.GET.get("more") == "own")
    rows += [line(blank, own + n, {}, told, len(rows) + 1 + n) for n in range(count)]
    context = [
        item.spec
        for item in filing.references(application)
        if item.spec.scope == IndicatorScope.NATIONAL
    ]
    return {
        "rows": rows,
        "files": [(file.id, file.name, file.pages) for file in material.files],
        "national": context,
        "lock": lock,
        "empty_reference": not any(row.spec for row in material.rows),
    }


def line(row: Row, own: int, typed: Any, told: dict[str, list[str]], number: int) -> dict[str, Any]:
    prefix = indicators.input_name(row, own, "").rstrip("-")
    spec = row.spec
    cells = indicators.shown_cells(row, typed)
    choices: tuple[tuple[str, str], ...] = ()
    if spec is not None and spec.kind == IndicatorKind.BOOLEAN:
        choices = (("true", "是"), ("false", "否"))
    elif spec is not None and spec.levels:
        choices = tuple((level, level) for level in spec.levels)
    figures = {key: indicators.told(spec, row.unit, cells[key]) for key in ("current", "target")}
    return {
        "prefix": prefix,
        "line": number,
        "spec": spec,
        "title": row.name if spec else row.name or "自定义指标",
        "reference": indicators.reference(row),
        "cells": {
            key: {
                "name": f"{prefix}-{key}",
                "value": value,
                "errors": told.get(f"{prefix}-{key}", []),
                "told": figures.get(key, ""),
            }
            for key, value in cells.items()
        },
        "choices": choices,
        "compared": indicators.compared(row),
        "pin": _pin(row),
    }


def _pin(row: Row) -> dict[str, Any] | None:
    """The page that proves the row, where there is such a page."""
    file, page = row.evidence, row.evidence_page
    if file is None or page is None or not 1 <= page <= file.pages:
        return None
    return {"file": file, "page": page}


def compared(material: Material) -> dict[str, dict[str, str]]:
    """For an open page: by the place that shows it, how each row stands to its reference now,
    with the conversion of a target that was typed in another unit."""
    typed = next(
        (
            material.sections.get(section.key, {}).get(asked.key)
            for section in material.programme.sections
            for asked in section.fields
            if asked.type == FieldType.INDICATORS
        ),
        None,
    )
    found = {}
    for _, own, row in indicators.positions(material.rows, typed):
        standing = indicators.compared(row)
        cells = indicators.shown_cells(row, indicators.typed_cells(typed, row.spec, own))
        said = indicators.told(row.spec, row.unit, cells["target"])
        found[indicators.input_name(row, own, "compared")] = {
            "standing": str(standing.standing),
            "text": f"{standing.text}（{said}）" if said else standing.text,
        }
    return found
