"""What a 测评报告 says, frozen: built from the rows, drawn by ``documents``."""

from __future__ import annotations

from datetime import datetime

from documents.findings import TestReport, TestRow
from testing.models import Agency, Commission, Result, ResultRow


def snapshot(result: Result, rows: list[ResultRow], *, number: str, at: datetime) -> TestReport:
    """The report as it will be printed. Plain data only."""
    commission: Commission = result.commission
    agency: Agency = commission.agency
    application = commission.task.application
    call = application.call
    now = call.time(at)
    until = agency.valid_until
    return {
        "call": {"code": call.code, "title": call.title},
        "number": number,
        "version": result.reports + 1,
        "frozen_at": now.isoformat(timespec="seconds"),
        "date": now.date().isoformat(),
        "commissioner": call.programme.organiser,
        "agency": {"name": agency.name, "code": agency.organisation.code or ""},
        "accreditation": agency.accreditation,
        "accredited_by": agency.accredited_by,
        "accredited_until": until.isoformat() if until else "",
        "accreditation_verified": agency.is_verified,
        "organisation": {
            "name": application.organisation.name,
            "code": application.organisation.code or "",
        },
        "title": commission.task.title,
        "application_number": application.number,
        "direction": application.direction.title if application.direction else "",
        "sample": commission.sample_name,
        "sample_model": commission.sample_model,
        "sample_version": commission.sample_version,
        "received_on": commission.received_on.isoformat() if commission.received_on else "",
        "basis": result.basis,
        "environment": result.environment,
        "tested_from": result.tested_from.isoformat() if result.tested_from else "",
        "tested_until": result.tested_until.isoformat() if result.tested_until else "",
        "retest": bool(commission.retest_of_id),
        "rows": [_row(row) for row in rows],
        "overall": result.tally.overall_words,
        "counts": result.tally.words,
        "remarks": result.remarks,
        "written_by": result.submitted_by.name if result.submitted_by else "",
        "approved_by": result.approved_by.name if result.approved_by else "",
        "seal": None,
    }


def _row(row: ResultRow) -> TestRow:
    pinned = row.pinned
    first = pinned["first_target"] if pinned["first_target"] != pinned["target"] else ""
    return {
        "name": pinned["name"],
        "unit": pinned["unit"],
        "basis": pinned["basis"],
        "target": f"{pinned['sign']} {pinned['target']}".strip(),
        "first_target": first,
        "measured": row.measured,
        "told": row.told,
        "method": row.method,
        "sample_size": row.sample_size,
        "environment": row.environment,
        "conclusion": row.conclusion,
        "difference": row.difference,
        "evidence": f"{row.evidence.name} 第{row.page}页" if row.evidence and row.page else "",
        "untested": row.untested,
        "remarks": row.remarks,
    }
