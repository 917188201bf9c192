"""What an expert reads of a frozen version, and what conflicts are looked for in. Pure.

A version's snapshot (``applications.snapshot``) carries the printed blocks with a ``blind`` mark
per field. In a blind review the marked ones, the unit, the filing number and file names are left
out; telephone numbers and addresses of people are left out always.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from calls.programme import Field, FieldType, Programme
from reviews.conflicts import ApplicationFacts, Unit, person_hash

Snapshot = Mapping[str, Any]
PRIVATE = (FieldType.PHONE, FieldType.EMAIL)
FIGURE = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
WIDTH, EDGE, MIDDLE = 128, 14, 64
HIDDEN = "（匿名评审，已隐去）"


# Facts for conflicts --------------------------------------------------------------------------


def facts(
    programme: Programme, snapshot: Snapshot, *, name: str, code: str, region: str
) -> ApplicationFacts:
    """Units and people of a filing: applicant, partners (rows with a unit's code), contacts."""
    answers: Mapping[str, Mapping[str, Any]] = snapshot.get("answers", {})
    partners: list[Unit] = []
    people: set[str] = set()
    for section in programme.sections:
        data = answers.get(section.key, {})
        names = [
            str(data.get(field.key) or "")
            for field in section.fields
            if field.type == FieldType.TEXT and field.personal
        ]
        phones = [
            str(data.get(field.key) or "")
            for field in section.fields
            if field.type == FieldType.PHONE
        ]
        people |= {person_hash(one, phone) for one in names for phone in phones}
        for field in section.fields:
            if field.type == FieldType.ROWS:
                partners += _partners(field, data.get(field.key))
                people |= _people(field, data.get(field.key))
    own = {code, ""}
    return ApplicationFacts(
        applicant=Unit(name, code),
        partners=tuple(
            one for one in partners if one.code not in own or (not one.code and one.name)
        ),
        people=frozenset(people - {""}),
        region=region,
    )


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _partners(field: Field, value: Any) -> Iterator[Unit]:
    codes = [column.key for column in field.columns if column.type == FieldType.USCC]
    texts = [column.key for column in field.columns if column.type == FieldType.TEXT]
    if codes and texts:
        for row in _rows(value):
            yield Unit(str(row.get(texts[0]) or ""), str(row.get(codes[0]) or ""))


def _people(field: Field, value: Any) -> set[str]:
    phones = [column.key for column in field.columns if column.type == FieldType.PHONE]
    names = [
        column.key
        for column in field.columns
        if column.type == FieldType.TEXT and (column.personal or column.key == "name")
    ]
    return {
        person_hash(str(row.get(name) or ""), str(row.get(phone) or ""))
        for row in _rows(value)
        for name in names
        for phone in phones
    }


# What the expert reads ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gauge:
    """Positions on an axis of 128 units, better to the right; None where there is no figure."""

    reference: float
    current: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    name: str
    note: str
    unit: str
    reference: str
    current: str
    target: str
    standing: str
    comparison: str
    method: str
    evidence: str
    evidence_id: str
    evidence_page: int
    gauge: Gauge | None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as the expert sees it; ``id`` is the attachment's public id."""

    id: str
    kind: str
    name: str
    pages: int
    size: int
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Material:
    title: str
    direction: str
    subfield: str
    organisation: str
    region: str
    sections: tuple[Mapping[str, Any], ...]
    indicators: tuple[IndicatorLine, ...]
    files: tuple[Attached, ...]

    def viewed(self, public_id: str, page: int) -> tuple[Attached, int] | None:
        """The file and page beside the indicators: what is asked for, else the first evidence."""
        asked = self.file(public_id)
        pinned = [(self.file(row.evidence_id), row.evidence_page) for row in self.indicators]
        for one, number in [(asked, page), *pinned]:
            if one is not None and one.pages:
                return one, min(max(number, 1), one.pages)
        return None

    def file(self, public_id: str) -> Attached | None:
        return next((one for one in self.files if one.id == public_id), None)


def material(programme: Programme, snapshot: Snapshot, *, blind: bool) -> Material:
    """The version as this review shows it."""
    party = snapshot.get("organisation", {})
    files = tuple(_files(snapshot, blind=blind))
    return Material(
        title=str(snapshot.get("title", "")),
        direction=str(snapshot.get("direction", "")),
        subfield=str(snapshot.get("subfield", "")),
        organisation="" if blind else str(party.get("name", "")),
        region="" if blind else str(party.get("region", "")),
        sections=tuple(_sections(programme, snapshot, blind=blind)),
        indicators=tuple(_indicators(snapshot, files)),
        files=files,
    )


def _files(snapshot: Snapshot, *, blind: bool) -> Iterator[Attached]:
    shown = [one for one in snapshot.get("attachments", ()) if not (blind and one.get("blind"))]
    for number, one in enumerate(shown, start=1):
        suffix = str(one["name"]).rpartition(".")[2].lower()
        name = f"材料{number}-{one['kind']}.{suffix}" if blind else str(one["name"])
        yield Attached(
            id=str(one["id"]),
            kind=str(one["kind"]),
            name=name,
            pages=int(one.get("pages") or 0),
            size=int(one.get("size") or 0),
            media_type=str(one.get("media_type", "")),
            sha256=str(one.get("sha256", "")),
        )


def _sections(
    programme: Programme, snapshot: Snapshot, *, blind: bool
) -> Iterator[Mapping[str, Any]]:
    for section in snapshot.get("sections", ()):
        asked = programme.section(section["key"])
        blocks: list[Mapping[str, Any]] = []
        for block in section["blocks"]:
            if block["kind"] == "indicators":
                continue
            if block["kind"] == "fields":
                rows = [
                    row
                    for row in block["rows"]
                    if not _private(asked, row.get("key", "")) and not (blind and row.get("blind"))
                ]
                if rows:
                    blocks.append({**block, "rows": rows})
            elif not (blind and block.get("blind")):
                kept = _block(asked.field(block.get("key", "")) if asked else None, block, blind)
                if kept:
                    blocks.append(kept)
        if blocks:
            yield {"key": section["key"], "title": section["title"], "blocks": blocks}


def _private(section: Any, key: str) -> bool:
    field = section.field(key) if section else None
    return field is not None and field.type in PRIVATE


def _block(field: Field | None, block: Mapping[str, Any], blind: bool) -> Mapping[str, Any] | None:
    """A table without its private and blind columns. Rows in words go whole if one of theirs is."""
    if field is None or field.type != FieldType.ROWS:
        return block
    out = {
        at
        for at, column in enumerate(field.columns)
        if column.type in PRIVATE or (blind and column.blind)
    }
    if not out:
        return block
    if block["kind"] != "table":
        return None
    return {
        **block,
        "columns": [one for at, one in enumerate(block["columns"]) if at not in out],
        "rows": [[one for at, one in enumerate(row) if at not in out] for row in block["rows"]],
    }


def _indicators(snapshot: Snapshot, files: tuple[Attached, ...]) -> Iterator[IndicatorLine]:
    names = {one.id: one.name for one in files}
    for row in snapshot.get("indicators", ()):
        if not (row["current"] or row["target"]):
            continue
        evidence_id = str(row.get("evidence_id") or "")
        page = f"第 {row['evidence_page']} 页" if row.get("evidence_page") else ""
        if not evidence_id:
            evidence = "未附"
        elif evidence_id not in names:
            evidence, evidence_id = HIDDEN, ""
        else:
            evidence = page or "查看"
        unit = str(row.get("unit") or "")
        yield IndicatorLine(
            name=row["name"],
            note=str(row.get("basis") or ""),
            unit=unit,
            reference=row["reference"],
            current=_words(row["current"]),
            target=_words(row["target"]),
            standing=row["standing"],
            comparison=row["comparison"],
            method=row["method"],
            evidence=evidence,
            evidence_id=evidence_id,
            evidence_page=int(row.get("evidence_page") or 1) if evidence_id else 0,
            gauge=gauge(row["reference"], row["current"], row["target"]),
        )


def _words(value: str) -> str:
    return {"true": "是", "false": "否"}.get(value, value)


def _figure(text: str) -> Decimal | None:
    found = FIGURE.search(text or "")
    if found is None:
        return None
    try:
        return Decimal(found.group().replace(",", ""))
    except InvalidOperation:
        return None


def gauge(reference: str, current: str, target: str) -> Gauge | None:
    """Where the three figures lie on one axis; None when the reference is no figure.

    The reference stands in the middle and the farthest figure at the edge; for "≤" and "<"
    the axis is turned, so that better is always to the right.
    """
    middle = _figure(reference) if reference.strip()[:1] in "><≥≤=" else None
    if middle is None or not reference.strip():
        return None
    figures = [_figure(current), _figure(target)]
    widest = max((abs(one - middle) for one in figures if one is not None), default=Decimal(0))
    turned = -1 if reference.strip()[0] in "<≤" else 1

    def place(figure: Decimal | None) -> float | None:
        if figure is None:
            return None
        share = float((figure - middle) / widest) if widest else 0.0
        return round(MIDDLE + turned * share * (MIDDLE - EDGE), 1)

    return Gauge(float(MIDDLE), place(figures[0]), place(figures[1]))
