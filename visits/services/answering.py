"""What the applicant does: confirm, ask once for another day, add one remark."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.roles import FILING
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from visits import letters
from visits.models import Visit
from visits.services import moving

REMARK_AT_MOST = 1000


def _must_be_the_applicant(visit: Visit, actor: Actor) -> None:
    if actor.role not in FILING or actor.organisation_id != visit.application.organisation_id:
        raise Refusal(
            "not-yours", "这一步由申报单位的管理员或填报人办理，请切换到相应的身份。", status=403
        )


@transaction.atomic
def confirm(visit: Visit, *, actor: Actor, at: datetime) -> Visit:
    """The applicant will be there. Raises ``Refusal`` ``not-yours`` (403), ``wrong-state``,
    ``day-asked`` while its wish for another day waits for an answer."""
    visit = moving.lock(visit)
    _must_be_the_applicant(visit, actor)
    if visit.asked == Visit.Asked.OPEN:
        raise Refusal("day-asked", "另约时间的请求正在等待答复，答复后再确认。")
    moving.advance(visit, "confirm", actor=actor, at=at)
    audit.record(
        actor=actor, action="visits.confirm", subject=visit, at=at, starts_at=visit.starts_at
    )
    return visit


@transaction.atomic
def ask_day(visit: Visit, *, wished: str, reason: str, actor: Actor, at: datetime) -> Visit:
    """Ask for another day, once, before the visit begins.

    Raises ``Refusal``: ``not-yours`` (403), ``wrong-state``, ``asked-before``, ``begun``,
    ``reason-missing``, ``no-day`` (422).
    """
    visit = moving.lock(visit)
    _must_be_the_applicant(visit, actor)
    if not visit.is_ahead:
        raise Refusal("wrong-state", "这次安排已经结束或取消，不能另约时间。")
    if visit.asked != Visit.Asked.NEVER:
        raise Refusal("asked-before", "另约时间只能提出一次，已经提出过。")
    if visit.call.time(at) >= visit.starts_at:
        raise Refusal("begun", "已到安排的时间，不能再另约。")
    if not wished.strip():
        raise Refusal("no-day", "请写明希望的日期和时间。", status=422)
    visit.asked, visit.asked_at, visit.asked_by_id = Visit.Asked.OPEN, at, actor.person
    visit.asked_reason = moving.reason_of(reason, what="另约时间的理由")
    visit.asked_for = wished.strip()[:60]
    visit.save(update_fields=["asked", "asked_at", "asked_by", "asked_reason", "asked_for"])
    entry = audit.record(
        actor=actor,
        action="visits.ask_day",
        subject=visit,
        at=at,
        wished=visit.asked_for,
        reason=visit.asked_reason,
    )
    letters.to_organiser("day_asked", visit, occasion=entry.pk, at=at)
    return visit


@transaction.atomic
def decline_day(visit: Visit, *, reason: str, actor: Actor, at: datetime) -> Visit:
    """The organiser keeps the day, with a reason. (Granting it is ``planning.change``.)

    Raises ``Refusal`` ``nothing-asked``, ``reason-missing`` (422).
    """
    visit = moving.lock(visit)
    if visit.asked != Visit.Asked.OPEN or not visit.is_ahead:
        raise Refusal("nothing-asked", "没有待答复的另约请求。")
    visit.asked = Visit.Asked.DECLINED
    visit.asked_answer = moving.reason_of(reason, what="不同意另约的理由")
    visit.save(update_fields=["asked", "asked_answer"])
    entry = audit.record(
        actor=actor,
        action="visits.decline_day",
        subject=visit,
        at=at,
        reason=visit.asked_answer,
    )
    letters.to_applicant("day_declined", visit, occasion=entry.pk, at=at)
    return visit


@transaction.atomic
def add_remark(visit: Visit, *, text: str, actor: Actor, at: datetime) -> Visit:
    """The applicant's own word, once, from the beginning of the visit on.

    It is printed in a report frozen after it; a report in force stays as it is and the remark
    stands beside it. Raises ``Refusal``: ``not-yours`` (403), ``wrong-state``, ``too-early``,
    ``remarked``, ``remark-length`` (422).
    """
    visit = moving.lock(visit)
    _must_be_the_applicant(visit, actor)
    if visit.state == "cancelled":
        raise Refusal("wrong-state", "这次安排已经取消，不能再陈述。")
    if visit.call.time(at) < visit.starts_at:
        raise Refusal("too-early", "现场评估开始后才能陈述。")
    if visit.remark:
        raise Refusal("remarked", "陈述只能提交一次，已经提交过，不能修改。")
    text = text.strip()
    if not 2 <= len(text) <= REMARK_AT_MOST:
        raise Refusal(
            "remark-length", f"陈述应为 2 至 {REMARK_AT_MOST} 字，现在 {len(text)} 字。", status=422
        )
    visit.remark, visit.remark_at, visit.remark_by_id = text, at, actor.person
    visit.save(update_fields=["remark", "remark_at", "remark_by"])
    audit.record(actor=actor, action="visits.remark", subject=visit, at=at, length=len(text))
    return visit
