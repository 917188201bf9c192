"""Saving the indicator table, in one transaction with the section it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from applications import services
from applications.content import indicators, values
from applications.content.answers import Posted
from applications.models import Application, IndicatorRow
from audit.services import Actor
from calls.programme import Field, Indicator

OWN = re.compile(r"own-(\d{1,3})-(name|unit|current|target|method|evidence|page)")
Cells = dict[str, str]


def read(posted: Posted, rows: Sequence[IndicatorRow], *, compact: bool) -> dict[str, Any] | None:
    """What the request says about the table: ``{"ref": {key: cells}, "own": [cells]}``.

    None when the request has nothing of it. Cells are kept as typed, figures without separators.
    """
    names = [name for name in posted if name.startswith(("ref-", "own-"))]
    if not names:
        return None
    references: dict[str, Cells] = {}
    for row in rows:
        if row.indicator is None:
            continue
        spec = row.indicator.spec
        prefix = f"ref-{spec.key}-"
        if any(name.startswith(prefix) for name in names):
            references[spec.key] = _cells(posted, prefix, spec)
    own: list[Cells] = []
    numbers = sorted({int(m[1]) for name in names if (m := OWN.fullmatch(name))})
    for number in numbers[: indicators.OWN_AT_MOST]:
        if posted.getlist(f"own-{number}-delete"):
            continue
        cells = _cells(posted, f"own-{number}-", None)
        if any(cells.values()) or not compact:
            own.append(cells)
    while own and not any(own[-1].values()):
        own.pop()
    return {"ref": references, "own": own}


def _cells(posted: Posted, prefix: str, spec: Indicator | None) -> Cells:
    found = {}
    for column in indicators.COLUMNS:
        typed = posted.getlist(f"{prefix}{column}")
        text = typed[-1] if typed else ""
        figure = column in ("current", "target")
        found[column] = indicators.tidy(spec, text) if figure else values.tidy(text)
    return found


@transaction.atomic
def save(
    application: Application,
    key: str,
    *,
    asked: Field,
    data: Mapping[str, Any],
    table: Mapping[str, Any] | None,
    version: int,
    fields: Sequence[str],
    actor: Actor,
    at: datetime,
) -> int:
    """Save a section that holds the table, and its rows; returns the section's new version.

    The table as typed stands in the section's data too, so that each save can be read again.
    Raises as ``services.save_section``.
    """
    kept = {**data, asked.key: table} if table is not None else dict(data)
    saved = services.save_section(
        application, key, data=kept, version=version, fields=fields, actor=actor, at=at
    )
    if table is not None:
        _write(application, table)
    return saved


def _write(application: Application, table: Mapping[str, Any]) -> None:
    files = {item.public_id: item for item in application.attachments.filter(removed_at=None)}
    rows = list(
        application.indicator_rows.filter(indicator__isnull=False).select_related("indicator")
    )
    for row in rows:
        assert row.indicator is not None
        cells = table["ref"].get(row.indicator.spec.key)
        if cells is not None:
            _fill(row, cells, files)
    IndicatorRow.objects.bulk_update(
        rows, ["current", "target", "method", "evidence", "evidence_page"]
    )
    application.indicator_rows.filter(indicator__isnull=True).delete()
    fresh = []
    own = [cells for cells in table["own"] if any(cells.values())]
    for order, cells in enumerate(own, start=len(rows)):
        row = IndicatorRow(application=application, order=order)
        row.name, row.unit = cells["name"][:60], cells["unit"][:30]
        fresh.append(_fill(row, cells, files))
    IndicatorRow.objects.bulk_create(fresh)


def _fill(row: IndicatorRow, cells: Cells, files: Mapping[str, Any]) -> IndicatorRow:
    spec = row.indicator.spec if row.indicator else None
    row.current = indicators.held(spec, cells, "current")
    row.target = indicators.held(spec, cells, "target")
    row.method = cells["method"][:200]
    row.evidence = files.get(cells["evidence"])
    row.evidence_page = indicators.page_number(cells["page"])
    return row
