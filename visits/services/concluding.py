"""From the findings to the signed result: conclusion, signatures, release, the scan."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls.programme import CHINA
from core.errors import Refusal
from documents import matching, scanfiles
from documents import services as documents
from documents.fingerprints import fingerprint
from visits import letters, queries, report
from visits.models import Finding, Report, Seat, Signature, Visit
from visits.services import filling, moving, team
from visits.signals import concluded

OPINION_AT_MOST = 2000


@transaction.atomic
def conclude(
    seat: Seat,
    *,
    result: str,
    opinion: str,
    due: date | None = None,
    actor: Actor,
    at: datetime,
) -> Report:
    """The lead freezes the joint conclusion over everybody's findings; then all sign.

    Members who are barred meanwhile leave the team here. Raises ``Refusal``: ``not-the-lead``
    (403), ``wrong-state``, ``too-early``, ``findings-missing``; 422 ``no-result``,
    ``opinion-length``, ``due-missing`` for a recheck without a day to come, ``due-unwanted``.
    """
    seat, visit = _led(seat)
    moving.advance(visit, "conclude", actor=actor, at=at)
    if visit.call.time(at) < visit.starts_at:
        raise Refusal("too-early", "现场评估开始后才能形成结论。")
    due = _judged(visit, result, opinion, due, at=at)
    for barred in queries.barred_seats(visit):
        team.end(barred, reason="须回避，不计入", at=at)
    seats = list(queries.counted_seats(visit))
    missing = [one.name for one in seats if report.finding_of(one).state != Finding.State.SUBMITTED]
    if missing:
        raise Refusal(
            "findings-missing",
            f"{'、'.join(missing)}还没有提交现场记录。全部成员提交后才能形成结论；"
            "不再参加的成员请组织单位移出。",
        )
    number = visit.reports.count() + 1
    frozen = report.build(
        visit,
        seats,
        list(visit.photos.filter(removed_at=None).select_related("blob")),
        number=number,
        result=result,
        opinion=opinion.strip(),
        due=due,
        at=at,
    )
    made = Report.objects.create(
        visit=visit,
        number=number,
        result=result,
        opinion=opinion.strip(),
        due=due,
        snapshot=frozen,
        fingerprint=fingerprint(frozen),
        frozen_at=at,
        frozen_by_id=actor.person,
    )
    entry = audit.record(
        actor=actor,
        action="visits.conclude",
        subject=visit,
        at=at,
        report=number,
        result=result,
        due=due,
        fingerprint=made.fingerprint,
    )
    letters.to_team("sign", visit, seats, occasion=entry.pk, at=at)
    return made


def _led(seat: Seat) -> tuple[Seat, Visit]:
    seat, visit = filling.held(seat, ahead=False)
    if not seat.lead:
        raise Refusal("not-the-lead", "结论由组长形成，请与组长联系。", status=403)
    return seat, visit


def _judged(
    visit: Visit, result: str, opinion: str, due: date | None, *, at: datetime
) -> date | None:
    if result not in Report.Result.values:
        raise Refusal("no-result", "请选择结论。", status=422)
    if not 5 <= len(opinion.strip()) <= OPINION_AT_MOST:
        raise Refusal(
            "opinion-length",
            f"评估意见应为 5 至 {OPINION_AT_MOST} 字，现在 {len(opinion.strip())} 字。",
            status=422,
        )
    if result != Report.Result.RECHECK:
        if due is not None:
            raise Refusal("due-unwanted", "只有“整改后复查”填写整改期限。", status=422)
        return None
    if due is None or due <= visit.call.time(at).astimezone(CHINA).date():
        raise Refusal("due-missing", "“整改后复查”须填写今天以后的整改期限。", status=422)
    return due


@transaction.atomic
def reopen(seat: Seat, *, reason: str, actor: Actor, at: datetime) -> None:
    """The lead takes the conclusion back before everybody signed; signatures on it are void.

    Raises ``Refusal`` ``not-the-lead`` (403), ``wrong-state``, ``reason-missing`` (422).
    """
    seat, visit = _led(seat)
    reason = moving.reason_of(reason, what="收回结论的原因")
    moving.advance(visit, "reopen", actor=actor, at=at)
    visit.reports.filter(voided_at=None).update(voided_at=at, void_reason=reason)
    audit.record(actor=actor, action="visits.reopen", subject=visit, at=at, reason=reason)


@transaction.atomic
def sign(seat: Seat, *, shown: str, actor: Actor, at: datetime) -> bool:
    """The member confirms the text with this fingerprint. True when it was the last signature.

    With the last one the visit is done: the PDF is asked for, and the news goes up in the same
    transaction. Raises ``Refusal``: ``wrong-state``, ``changed`` (409) when another text is in
    force, ``member-barred`` when a conflict arose since, ``signed-before``.
    """
    seat, visit = filling.held(seat, ahead=False)
    found = queries.report_in_force(visit)
    if found is None or visit.state != "concluded":
        raise Refusal("wrong-state", "现在没有待签署的结论，请刷新页面查看。")
    if shown != found.fingerprint:
        raise Refusal("changed", "结论在您打开本页之后改过。请刷新页面，核对现在的内容后再签署。")
    if queries.barred_seats(visit).exists():
        raise Refusal(
            "member-barred",
            "有成员在形成结论后出现回避情形，报告不能再签署。请组长收回结论，重新形成。",
        )
    if found.signatures.filter(seat=seat).exists():
        raise Refusal("signed-before", "您已签署，不用再签。")
    Signature.objects.create(report=found, seat=seat, fingerprint=found.fingerprint, at=at)
    audit.record(
        actor=actor,
        action="visits.sign",
        subject=visit,
        at=at,
        user=seat.user_id,
        fingerprint=found.fingerprint,
    )
    if queries.unsigned(visit, found):
        return False
    _finish(visit, found, actor=actor, at=at)
    return True


def _finish(visit: Visit, found: Report, *, actor: Actor, at: datetime) -> None:
    found.visit = visit
    moving.advance(visit, "finish", actor=actor, at=at)
    audit.record(
        actor=actor,
        action="visits.finish",
        subject=visit,
        at=at,
        result=found.result,
        fingerprint=found.fingerprint,
    )
    concluded.send(Visit, visit=visit, report=found, actor=actor, at=at)
    prefix = visit.call.number_prefix
    number = f"{prefix}-XC-{documents.next_number(f'visit-report:{visit.call_id}'):04d}"
    signatures = list(found.signatures.select_related("seat__user", "seat__expert"))
    document = documents.request_document(
        kind="visit_report",
        subject=visit,
        snapshot=report.printed(found, signatures, number=number),
        title=f"{visit.title}报告：{visit.application.title}"[:300],
        organisation=visit.organisation,
        at=at,
    )
    Report.objects.filter(pk=found.pk).update(document=document)


@transaction.atomic
def release(visit: Visit, *, actor: Actor, at: datetime) -> Visit:
    """Let the applicant read the conclusion, and tell it so.

    Raises ``Refusal`` ``not-done``, ``released``.
    """
    visit = moving.lock(visit)
    found = queries.report_in_force(visit)
    if not visit.is_done or found is None:
        raise Refusal("not-done", "全部成员签署后才能告知申报单位。")
    if visit.released_at is not None:
        raise Refusal("released", "结果已经告知申报单位。")
    visit.released_at, visit.released_by_id = at, actor.person
    visit.save(update_fields=["released_at", "released_by"])
    entry = audit.record(
        actor=actor, action="visits.release", subject=visit, at=at, result=found.result
    )
    letters.to_applicant("released", visit, occasion=entry.pk, at=at, report=found)
    return visit


PAPER = matching.Paper(
    name="报告",
    whose="本次现场评估的报告",
    changed="报告在打印后改过",
    not_yet="签字件还不能收下",
    agrees="签字件与系统中的报告逐页一致。",
)


def keep_scan(
    visit: Visit, *, data: bytes, name: str, note: str = "", actor: Actor, at: datetime
) -> Report:
    """The report as signed on paper, its pages held against the code of the PDF.

    Pages whose code cannot be read are taken only with a note. Raises ``Refusal``: ``not-done``,
    ``not-ready`` while the PDF is being drawn, ``mismatch`` (422), ``reason-missing`` (422), and
    those of ``scanfiles.read_upload``.
    """
    found = queries.report_in_force(visit)
    if not visit.is_done or found is None or found.document is None:
        raise Refusal("not-done", "全部成员签署后才能上传签字件。")
    if not found.document.is_ready:
        raise Refusal("not-ready", "报告正在生成，请稍后再上传签字件。")
    read = scanfiles.read_upload(data, name)
    result = matching.match(
        read.codes, code=found.document.code, pages=found.document.pages, older={}, paper=PAPER
    )
    if result.verdict == matching.REFUSED:
        raise Refusal("mismatch", f"{result.title}。{result.advice}", status=422)
    by_hand = result.verdict == matching.BY_HAND
    note = moving.reason_of(note, what="二维码无法识别的页如何核对") if by_hand else ""
    blob = documents.store(data, media_type=read.media_type, at=at, name=read.name)
    with transaction.atomic():
        moving.lock(visit)
        kept = Report.objects.select_for_update(of=("self",)).get(pk=found.pk)
        kept.scan, kept.scan_name, kept.scan_note = blob, read.name, note
        kept.scan_at, kept.scan_by_id = at, actor.person
        kept.save(update_fields=["scan", "scan_name", "scan_note", "scan_at", "scan_by"])
        audit.record(
            actor=actor,
            action="visits.scan",
            subject=visit,
            at=at,
            sha256=blob.sha256,
            by_hand=note,
        )
    return kept
