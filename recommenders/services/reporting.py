"""A city or district puts what it has forwarded on paper: numbered sheet and letter, void when
what is forwarded changes."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import roles
from accounts.models import Organisation
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from documents import services as documents
from documents import typography
from recommenders import levelreport, ranking
from recommenders.models import LevelReport
from recommenders.services.coverletters import YEAR


@transaction.atomic
def report_up(
    call: Call,
    unit: Organisation,
    *,
    shown: str,
    reference: str,
    contact_name: str,
    contact_phone: str,
    actor: Actor,
    at: datetime,
) -> LevelReport:
    """Freeze what this level has forwarded and ask for its 汇总表 and 上报函.

    ``shown`` is the hash of the rows on the page. Raises ``Refusal``: ``not-yours`` (403),
    ``no-such-step``, ``nothing-forwarded``, ``list-changed`` (409), ``unprintable`` (422),
    ``same-report`` when nothing changed since the version in force.
    """
    if actor.role not in roles.RECOMMENDER or actor.organisation_id != unit.pk:
        raise Refusal("not-yours", "只有本级初审单位可以生成上报材料。", status=403)
    if Step.PRESELECTION not in call.steps:
        raise Refusal("no-such-step", "本批次没有初审上报这一步，不需要上报材料。")
    unit = Organisation.objects.select_for_update().get(pk=unit.pk)  # one report at a time
    rows = levelreport.rows(call, unit)
    to = levelreport.above(call, unit)
    if not rows or to is None:
        raise Refusal("nothing-forwarded", "还没有上报的项目。请先在初审页面逐项上报，再生成材料。")
    if ranking.list_hash(rows) != shown:
        raise Refusal(
            "list-changed",
            "上报项目在您查看之后有变化，没有生成。请刷新页面，核对后再办理。",
        )
    said = {
        "reference": YEAR.sub(r"〔\1〕", reference.strip()),
        "contact_name": contact_name.strip(),
        "contact_phone": contact_phone.strip(),
    }
    if missing := typography.unprintable(said):
        raise Refusal("unprintable", documents.unprintable_words(missing), status=422)
    former = levelreport.in_force(call, unit)
    if former is not None and former.hash == shown and _says(former) == said:
        raise Refusal("same-report", f"第 {former.number} 版与现在的内容相同，不需要重新生成。")
    if former is not None:
        void(former, reason="已重新生成上报材料", actor=actor, at=at)
    last = LevelReport.objects.filter(call=call, organisation=unit).first()
    report = LevelReport.objects.create(
        call=call,
        organisation=unit,
        to=to,
        number=last.number + 1 if last else 1,
        rows=rows,
        hash=shown,
        frozen_at=call.time(at),
        by_id=actor.person,
        **said,
    )
    audit.record(
        actor=actor,
        action="recommenders.report_up",
        subject=report,
        at=at,
        version=report.number,
        hash=report.hash,
        rows=len(rows),
        to=to.pk,
    )
    _papers(report, former, actor=actor, at=at)
    return report


def _says(report: LevelReport) -> dict[str, str]:
    return {name: getattr(report, name) for name in ("reference", "contact_name", "contact_phone")}


def _papers(report: LevelReport, former: LevelReport | None, *, actor: Actor, at: datetime) -> None:
    """Number, sheet and letter; the papers of the version before name what replaced them."""
    call, unit = report.call, report.organisation
    prefix = call.number_prefix
    report.letter_number = f"{prefix}-SB-{documents.next_number(f'level-report:{call.pk}'):04d}"
    common: dict[str, Any] = {
        "subject": report,
        "organisation": unit,
        "at": at,
        "number": report.letter_number,
        "version": report.number,
        "actor": actor,
    }
    report.sheet = documents.request_document(
        kind="summary_sheet",
        snapshot=levelreport.summary_sheet(report),
        title=f"信息报送汇总表：{unit.name}",
        **common,
    )
    report.letter = documents.request_document(
        kind="cover_letter",
        snapshot=levelreport.cover_letter(report),
        title=f"上报函：{unit.name}",
        **common,
    )
    report.save(update_fields=["letter_number", "sheet", "letter"])
    if former is not None:
        for old, new in ((former.sheet, report.sheet), (former.letter, report.letter)):
            if old is not None:
                documents.void(
                    old, reason="已重新生成上报材料", at=at, replaced_by=new, actor=actor
                )


def void(report: LevelReport, *, reason: str, actor: Actor, at: datetime) -> None:
    """The papers no longer say what is forwarded; their codes answer 作废."""
    report.voided_at, report.void_reason = at, reason[:300]
    report.save(update_fields=["voided_at", "void_reason"])
    for paper in (report.sheet, report.letter):
        if paper is not None:
            documents.void(paper, reason=report.void_reason, at=at, actor=actor)
    audit.record(
        actor=actor, action="recommenders.void_report", subject=report, at=at, reason=reason
    )


def void_those_with(
    application: Application, *, why: str, actor: Actor, at: datetime, unit: int | None = None
) -> None:
    """Void the reports in force on which this filing stands, or, for the unit named, should."""
    found = LevelReport.objects.filter(
        call=application.call_id, voided_at__isnull=True
    ).select_related("sheet", "letter", "call", "organisation")
    for report in found.select_for_update(of=("self",)):
        listed = {row["application"]: row["version"] for row in report.rows}
        stands = application.public_id in listed
        if stands or report.organisation_id == unit:
            void(report, reason=f"《{application.title}》{why}", actor=actor, at=at)
