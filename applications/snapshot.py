"""The frozen contents of a submission, and the snapshots its documents are drawn from. Pure.

``build`` gives plain JSON whose canonical form is fingerprinted. It holds every answer twice: as
kept (``answers``, ``indicators``), for reviews and comparisons, and as the blocks of the printed
form (``sections``), so that a later change of wording never changes a frozen page. Blocks carry
``key``, and ``blind`` where experts may not see them in a blind review.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts import regions
from applications import readiness
from applications.content import answers as kept
from applications.content import indicators, wording
from applications.content.answers import Data
from applications.content.wording import NUMERIC
from applications.material import Material, Unit
from calls.programme import Column, Field, FieldType, Section, Step
from core import days

SCHEMA = 1
CHINA = ZoneInfo("Asia/Shanghai")
Frozen = dict[str, Any]


def build(material: Material) -> Frozen:
    """What is submitted, as canonical JSON without number, version or instant."""
    programme = material.programme
    asked = [s for s in programme.sections if readiness.is_asked(s, material)]
    kinds = {kind.key: kind for kind in readiness.wanted_files(material)}
    order = list(kinds)
    files = [file for file in material.files if file.key in kinds]
    return {
        "schema": SCHEMA,
        "call": {"code": material.call_code, "title": material.call_title},
        "title": material.title,
        "title_label": programme.title_label,
        "organisation": _party(material.organisation),
        "recommender": _party(material.recommender) if material.recommender else {"name": ""},
        "class": material.class_title,
        "direction": material.direction,
        "direction_key": material.direction_key,
        "subfield": material.subfield,
        "contact": contact(material),
        "sections": [_section(section, material) for section in asked],
        "attachments": [
            {
                "key": file.key,
                "kind": kinds[file.key].title,
                "name": file.name,
                "pages": file.pages,
                "size": file.size,
                "sha256": file.sha256,
                "media_type": file.media_type,
                "id": file.id,
                "blind": kinds[file.key].blind,
            }
            for file in sorted(files, key=lambda file: order.index(file.key))
        ],
        "declaration": list(programme.declaration),
        "answers": {section.key: _answers(section, material) for section in asked},
        "indicators": [_indicator(row) for row in material.rows],
    }


def form(frozen: Frozen, *, application: Any, version: Any) -> Frozen:
    """The snapshot of the 申报书 of a submitted version."""
    return _form(
        frozen,
        number=application.number,
        version=version.number,
        submitted_at=_iso(version.arrived_at),
        demo=application.call.rehearsal,
        content_fingerprint=version.fingerprint,
    )


def draft(frozen: Frozen, *, demo: bool) -> Frozen:
    """The snapshot of a draft: no number, no instant, no fingerprint."""
    return _form(frozen, number="", version=0, submitted_at="", demo=demo)


def _form(frozen: Frozen, *, demo: bool, **extra: Any) -> Frozen:
    left = (
        "title",
        "organisation",
        "recommender",
        "class",
        "direction",
        "subfield",
        "contact",
        "sections",
        "attachments",
        "declaration",
    )
    return {
        **{key: frozen[key] for key in left},
        "title_label": frozen.get("title_label", "项目名称"),
        "call": {**frozen["call"], "demo": demo},
        **extra,
    }


def receipt(frozen: Frozen, *, application: Any, version: Any) -> Frozen:
    """The snapshot of the 回执 of a submitted version."""
    files = frozen["attachments"]
    return {
        "call": {**frozen["call"], "demo": application.call.rehearsal},
        "number": application.number,
        "version": version.number,
        "submitted_at": _iso(version.arrived_at),
        "submitted_by": version.submitted_by_name,
        "title": frozen["title"],
        "class": frozen["class"],
        "direction": frozen["direction"],
        "organisation": frozen["organisation"],
        "recommender": frozen["recommender"],
        "attachments_count": len(files),
        "attachments_pages": sum(file["pages"] for file in files),
        "attachments_size": sum(file["size"] for file in files),
        "content_fingerprint": version.fingerprint,
        "next": next_steps(application.call, corrected=bool(application.correction_until)),
    }


def next_steps(call: Any, *, corrected: bool = False) -> list[str]:
    """What happens after a submission, one sentence each, with the call's dates."""
    found = []
    if call.filing_until and not corrected:
        until = last_moment(call.filing_until)
        found.append(f"申报截止时间为{until}。截止前可以修改后再次提交，以最后一次提交为准。")
    if Step.RECOMMENDATION in call.steps:
        until = last_moment(call.recommendation_until) if call.recommendation_until else ""
        when = f"，推荐截止时间为{until}" if until else ""
        found.append(f"下一步由推荐单位办理{when}，结果在系统中通知。")
        found.append("获得推荐后再下载、打印申报书并盖章；现在无须递交纸质材料。")
    else:
        found.append("下一步由主管部门办理，结果在系统中通知。")
    return found


def last_moment(end: datetime) -> str:
    """An exclusive end as people say it: a midnight is 23:59:59 of the day before."""
    local = end.astimezone(CHINA)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        local = datetime.fromtimestamp(local.timestamp() - 1, UTC).astimezone(CHINA)
    return f"{days.in_words(local)} {local:%H:%M:%S}"


def contact(material: Material) -> dict[str, str]:
    """Name and telephone, from the fields that the programme fills from the profile's contact."""
    found = {"name": "", "phone": ""}
    for section, field in material.programme.fields():
        for key in found:
            if field.prefill == f"contact_{key}":
                found[key] = str(material.sections.get(section.key, {}).get(field.key) or "")
    return found


def _iso(instant: datetime) -> str:
    return instant.astimezone(CHINA).isoformat()


def _party(unit: Unit) -> dict[str, str]:
    found = {
        "name": unit.name,
        "code": unit.code,
        "kind": unit.kind_title,
        "region": regions.name_of(unit.region) or unit.region,
    }
    return {key: value for key, value in found.items() if value or key == "name"}


def _answers(section: Section, material: Material) -> dict[str, Any]:
    """The kept answers of the fields that are asked; hidden and unreadable ones stay out."""
    data = kept.with_computed(section, material.sections.get(section.key, {}))
    found = {}
    for field in kept.shown(section, material.sections):
        if field.type == FieldType.INDICATORS or kept.is_empty(data.get(field.key)):
            continue
        value = data[field.key]
        found[field.key] = [row for row in value if row] if field.type == FieldType.ROWS else value
    return found


def _indicator(row: Any) -> dict[str, Any]:
    compared = indicators.compared(row)
    return {
        "key": row.spec.key if row.spec else "",
        "name": row.name,
        "unit": row.unit,
        "basis": row.spec.basis if row.spec else "",
        "reference": indicators.reference(row),
        "current": row.current,
        "target": row.target,
        "standing": str(compared.standing),
        "comparison": compared.text,
        "method": row.method,
        "evidence": indicators.evidence(row),
        "evidence_id": row.evidence.id if row.evidence else "",
        "evidence_page": row.evidence_page,
        "custom": row.spec is None,
    }


# Blocks of the printed form ------------------------------------------------------------------


def _section(section: Section, material: Material) -> dict[str, Any]:
    data = _answers(section, material)
    blocks: list[dict[str, Any]] = []
    for field in kept.shown(section, material.sections):
        marks = {"key": field.key, "blind": field.blind}
        if field.type == FieldType.INDICATORS:
            blocks.append(
                {
                    "kind": "indicators",
                    "label": field.label,
                    **marks,
                    "rows": [_printed(row) for row in material.rows],
                }
            )
        elif field.type == FieldType.YEAR_TABLE:
            blocks.append({**_years(field, data), **marks})
        elif field.type == FieldType.ROWS:
            blocks.append({**_rows(field, data), **marks})
        elif field.type == FieldType.LONGTEXT:
            text = str(data.get(field.key) or "")
            blocks.append({"kind": "text", "label": field.label, "text": text, **marks})
        else:
            if not blocks or blocks[-1]["kind"] != "fields":
                blocks.append({"kind": "fields", "rows": []})
            row = {
                "label": field.label,
                "value": wording.in_words(field, data.get(field.key)),
                **marks,
            }
            if field.unit:
                row["unit"] = field.unit
            blocks[-1]["rows"].append(row)
    return {"key": section.key, "title": section.title, "blocks": blocks}


def _printed(row: Any) -> dict[str, Any]:
    compared = indicators.compared(row)
    return {
        "name": row.name,
        "unit": row.unit,
        "basis": row.spec.basis if row.spec else "",
        "reference": _bare_reference(row),
        "current": indicators.shown(row, "current"),
        "target": indicators.shown(row, "target"),
        "comparison": compared.label,
        "method": row.method,
        "evidence": indicators.evidence(row),
        "evidence_id": row.evidence.id if row.evidence else "",
        "evidence_page": row.evidence_page,
        "custom": row.spec is None,
    }


def _bare_reference(row: Any) -> str:
    """The reference without its unit, which has a column of its own."""
    words = indicators.reference(row)
    return words.removesuffix(row.unit).strip() if row.unit else words


def _years(field: Field, data: Data) -> dict[str, Any]:
    units = {column.unit for column in field.columns}
    shared = units.pop() if len(units) == 1 else ""
    rows = []
    for column in field.columns:
        unit = f"（{column.unit}）" if column.unit and not shared else ""
        cells = [
            wording.in_words(column, kept.year_row(field, data, year).get(column.key))
            for year in field.years
        ]
        rows.append([f"{column.label}{unit}", *cells])
    block: dict[str, Any] = {
        "kind": "table",
        "label": field.label,
        "columns": [
            {"label": "指标"},
            *({"label": f"{year}年", "align": "right"} for year in field.years),
        ],
        "rows": rows,
    }
    return {**block, "unit": shared} if shared else block


def _rows(field: Field, data: Data) -> dict[str, Any]:
    """Rows as a table; rows with long texts as numbered paragraphs, which may break over pages."""
    rows = kept.rows_of(field, data)
    if any(column.type == FieldType.LONGTEXT for column in field.columns):
        paragraphs = []
        for number, row in enumerate(rows, start=1):
            cells = [(c, wording.with_unit(c, row.get(c.key))) for c in field.columns]
            words = [text if len(cells) == 1 else f"{c.label}：{text}" for c, text in cells if text]
            paragraphs.append(f"{number}. " + "；".join(words))
        return {"kind": "text", "label": field.label, "text": "\n".join(paragraphs)}
    return {
        "kind": "table",
        "label": field.label,
        "columns": [_heading(column) for column in field.columns],
        "rows": [[wording.in_words(c, row.get(c.key)) for c in field.columns] for row in rows],
    }


def _heading(column: Column) -> dict[str, Any]:
    unit = f"（{column.unit}）" if column.unit else ""
    found: dict[str, Any] = {"label": f"{column.label}{unit}"}
    if column.type in (*NUMERIC, FieldType.COMPUTED):
        found["align"] = "right"
    return found
