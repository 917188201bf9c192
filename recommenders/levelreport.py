"""The 上报 of a city or district, read: what it has forwarded now, and what its papers say."""

from typing import Any

from django.db.models import F

from accounts.models import Organisation
from applications.models import Application, Version
from calls.models import Call
from recommenders import coverletter, queries, sheets
from recommenders.models import LevelQuota, LevelReport, Preselection

Row = sheets.Row


def rows(call: Call, unit: Organisation) -> list[Row]:
    """The filings this level has forwarded, by its own rank, then by number; submitted versions."""
    sent = list(
        queries.forwarded(call, unit.pk)
        .select_related("application")
        .order_by(F("rank").asc(nulls_last=True), "application__number", "pk")
    )
    versions = {
        one.application_id: one
        for one in Version.objects.filter(
            application__in=[one.application_id for one in sent],
            number=F("application__version_number"),
        )
    }
    return [_row(rank, one, versions[one.application_id]) for rank, one in enumerate(sent, start=1)]


def _row(rank: int, sent: Preselection, version: Version) -> Row:
    return sheets.row_of(rank, sent.application, version, note=sent.note)


def above(call: Call, unit: Organisation) -> Organisation | None:
    """Where this level's filings go next: the level between, or the recommender itself."""
    sent = queries.forwarded(call, unit.pk).select_related("application__recommender").first()
    application: Application | None = sent.application if sent else None
    if application is None or application.recommender is None:
        return unit.parent
    first = application.preselector
    between = first is not None and first.pk == unit.pk and first.parent_id is not None
    if between and first is not None and first.parent_id != application.recommender_id:
        return first.parent
    return application.recommender


def in_force(call: Call, unit: Organisation) -> LevelReport | None:
    return (
        LevelReport.objects.filter(call=call, organisation=unit, voided_at__isnull=True)
        .select_related("call", "organisation", "to", "sheet", "letter", "by")
        .first()
    )


def summary_sheet(report: LevelReport) -> dict[str, Any]:
    """The snapshot of the level's 汇总表 (``documents.snapshots.SummarySheet``)."""
    day = report.frozen_at.astimezone(sheets.CHINA).date()
    quota = LevelQuota.objects.filter(call=report.call, organisation=report.organisation).first()
    return {
        "call": sheets.call_part(report.call),
        "recommender": {"name": report.organisation.name_on(day)},
        "number": report.letter_number,
        "version": report.number,
        "frozen_at": report.frozen_at.astimezone(sheets.CHINA).isoformat(),
        "date": day.isoformat(),
        "limit": quota.limit if quota else None,
        "limit_soft": False,
        "granted": 0,
        "rows": [{key: line[key] for key in sheets.PRINTED} for line in report.rows],
        "reserve_count": 0,
        "seal": None,
        "content_fingerprint": report.hash,
    }


def cover_letter(report: LevelReport) -> dict[str, Any]:
    """The snapshot of the 上报函 (``documents.snapshots.CoverLetter``)."""
    day = report.frozen_at.astimezone(sheets.CHINA).date()
    return {
        **_letter(
            report.call,
            report.organisation.name_on(day),
            to=report.to.name_on(day),
            rows=report.rows,
            reference=report.reference,
            contact=(report.contact_name, report.contact_phone),
        ),
        "enclosures": [
            f"信息报送汇总表（{report.letter_number}第{report.number}版）",
            *coverletter.forms(len(report.rows)),
        ],
        "date": day.isoformat(),
        "seal": None,
        "version": report.number,
        "content_fingerprint": report.hash,
    }


def preview(call: Call, unit: Organisation, found: list[Row]) -> dict[str, Any]:
    """The letter as it would be now: a draft without date or number."""
    to = above(call, unit)
    return {
        **_letter(call, unit.name, to=to.name if to else "上级单位", rows=found),
        "enclosures": ["信息报送汇总表", *coverletter.forms(len(found))],
        "date": "",
        "seal": None,
    }


def _letter(
    call: Call,
    unit: str,
    *,
    to: str,
    rows: list[Row],
    reference: str = "",
    contact: tuple[str, str] = ("", ""),
) -> dict[str, Any]:
    programme = call.programme
    made: dict[str, Any] = {
        "letterhead": unit,
        "number": reference,
        "title": f"{unit}关于上报\n{programme.short_title}初审项目的函",
        "to": to,
        "paragraphs": [
            f"{coverletter.basis(call)}要求，经单位申报、本级初审，"
            f"现上报{len(rows)}个项目{coverletter.by_class(rows)}。",
            "所报材料与网上提交内容一致。请予审核。",
        ],
        "signed_by": unit,
    }
    if contact[0]:
        made["contact"] = {"name": contact[0], "phone": contact[1]}
    return made


def history(call: Call, unit: Organisation) -> list[LevelReport]:
    return list(
        LevelReport.objects.filter(call=call, organisation=unit).select_related("sheet", "letter")
    )


def deadline_of(call: Call, unit: Organisation, found: list[Row]) -> Any:
    """Until when this level may forward; None where it has nothing."""
    if not found:
        return None
    application = Application.objects.select_related("call", "preselector").get(
        public_id=found[0]["application"]
    )
    return queries.preselection_deadline(application, unit.pk)
