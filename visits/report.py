"""The frozen text of a report: what members sign, and what the PDF is drawn from.

Plain JSON (``documents.findings.VisitReport``); its fingerprint is what each member confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from calls.comparison import Standing
from calls.programme import CHINA
from visits import form
from visits.models import Finding, Photo, Report, Seat, Signature, Visit


def build(
    visit: Visit,
    seats: Sequence[Seat],
    photos: Sequence[Photo],
    *,
    number: int,
    result: str,
    opinion: str,
    due: date | None,
    at: datetime,
) -> dict[str, Any]:
    """``seats`` are the members who count, the lead first, each with a submitted finding."""
    application = visit.application
    return {
        "call": {"code": visit.call.code, "title": visit.call.title, "demo": visit.call.rehearsal},
        "heading": f"{visit.title}报告",
        "organiser": visit.organisation.name
        if visit.organisation
        else visit.call.programme.organiser,
        "version": number,
        "frozen_at": iso(visit.call.time(at)),
        "title": application.title,
        "application_number": application.number,
        "application_version": visit.version.number,
        "application_fingerprint": visit.version.fingerprint,
        "organisation": {
            "name": application.organisation.name,
            "code": application.organisation.code or "",
        },
        "direction": application.direction.title if application.direction else "",
        "starts_at": iso(visit.starts_at),
        "ends_at": iso(visit.ends_at),
        "place": visit.place,
        "second": visit.follows_id is not None,
        "team": [{"name": one.name, "unit": one.unit, "lead": one.lead} for one in seats],
        "result": Report.Result(result).label,
        "opinion": opinion,
        "due": due.isoformat() if due else "",
        "items": [_item(visit, item, seats) for item in visit.sheet.items],
        "stated": [_stated(row, seats) for row in visit.sheet.stated],
        "overall": [{"member": one.name, "text": finding_of(one).overall} for one in seats],
        "photos": [
            {
                "number": place,
                "caption": one.caption,
                "name": one.name,
                "size": one.blob.size,
                "pages": one.pages,
                "sha256": one.blob_id,
                "picture": one.picture_id or "",
            }
            for place, one in enumerate(photos, start=1)
        ],
        "remark": visit.remark,
        "remark_at": iso(visit.call.time(visit.remark_at)) if visit.remark_at else "",
        "verified": visit.sheet.verified,
        "source": visit.sheet.source,
    }


def finding_of(seat: Seat) -> Finding:
    """The seat's finding, an empty one where nothing was written."""
    found: Finding | None = getattr(seat, "finding", None)
    return found if found is not None else Finding(seat=seat)


def _item(visit: Visit, item: Any, seats: Sequence[Seat]) -> dict[str, Any]:
    return {
        "title": item.title,
        "weight": item.weight,
        "answers": [
            {
                "member": one.name,
                "value": form.in_words(item, finding_of(one).answers.get(item.key, "")),
                "note": finding_of(one).notes.get(item.key, ""),
            }
            for one in seats
        ],
    }


def _stated(row: form.Stated, seats: Sequence[Seat]) -> dict[str, Any]:
    seen = []
    for one in seats:
        value = finding_of(one).seen.get(row.key, "")
        if not value and not finding_of(one).seen_notes.get(row.key):
            continue
        beside_stated, beside_reference = row.seen_compares(value)
        seen.append(
            {
                "member": one.name,
                "value": value,
                "note": finding_of(one).seen_notes.get(row.key, ""),
                "beside_stated": said(beside_stated),
                "beside_reference": said(beside_reference),
            }
        )
    return {
        "name": row.name,
        "unit": row.unit,
        "basis": row.basis,
        "reference": row.reference,
        "current": row.current,
        "target": row.target,
        "seen": seen,
    }


def said(compared: Any) -> str:
    """The comparison in words; empty where nothing was compared."""
    return "" if compared.standing is Standing.NONE else str(compared.text)


def printed(report: Report, signatures: Sequence[Signature], *, number: str) -> dict[str, Any]:
    """The snapshot of the PDF: the signed text, its fingerprint, and who confirmed it when."""
    call = report.visit.call
    return {
        **report.snapshot,
        "number": number,
        "signatures": [
            {"name": one.seat.name, "lead": one.seat.lead, "at": iso(call.time(one.at))}
            for one in signatures
        ],
        "content_fingerprint": report.fingerprint,
    }


def iso(instant: datetime) -> str:
    return instant.astimezone(CHINA).isoformat(timespec="seconds")
