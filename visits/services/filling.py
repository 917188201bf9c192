"""What a member does: declare, fill in at the site, hand in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls.programme import CHINA
from core.errors import Refusal
from reviews.services import elsewhere
from visits import form
from visits.form import Typed
from visits.models import Finding, Seat, Visit, barring
from visits.services import moving, team
from visits.stages import VisitState


class Unfit(Refusal):
    """A form that cannot be handed in; ``problems`` names the field of each."""

    def __init__(self, problems: list[form.Problem]) -> None:
        super().__init__("unfit", problems[0].message, status=422)
        self.problems = problems


def held(seat: Seat, *, ahead: bool = True) -> tuple[Seat, Visit]:
    """The seat and its visit, locked, if its person may act on it now.

    The visit is locked first, so that a conclusion finds every finding as it was handed in.
    """
    visit = moving.lock(seat.visit)
    found = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("user", "expert")
        .filter(pk=seat.pk, state=Seat.State.ACTIVE)
        .exclude(barring())
        .first()
    )
    if found is None or visit.state == "cancelled":
        raise Refusal("recused", "您已回避或不再参加这次现场评估。", status=404)
    if ahead and not visit.is_ahead:
        raise Refusal("concluded", "组长已形成结论，不能再修改。需要修改的，请组长收回结论。")
    found.visit = visit
    return found, visit


def before_the_day(visit: Visit, *, at: datetime) -> bool:
    """Whether the day of the visit is still to come."""
    return visit.call.time(at).astimezone(CHINA).date() < visit.starts_at.astimezone(CHINA).date()


@transaction.atomic
def declare(seat: Seat, *, actor: Actor, at: datetime) -> Seat:
    """The member says that nothing stands between them and the unit; the form opens."""
    seat, visit = held(seat, ahead=False)
    if seat.declared_at is None:
        seat.declared_at = at
        seat.save(update_fields=["declared_at"])
        audit.record(actor=actor, action="visits.declare", subject=visit, at=at, user=seat.user_id)
    return seat


@transaction.atomic
def recuse(seat: Seat, *, reason: str, actor: Actor, at: datetime) -> None:
    """The member says that something does, early or late: access ends with the next request.

    An expert's word is a declared conflict of the reviews and bars everywhere. What was found
    stays on record and does not count; a conclusion that counts it is taken back. Raises
    ``Refusal`` ``reason-missing`` (422), ``signed`` once the report is signed by all.
    """
    seat, visit = held(seat, ahead=False)
    if visit.is_done:
        raise Refusal("signed", "报告已经全部签署，回避情况请与组织单位联系。")
    reason = moving.reason_of(reason, what="须回避的理由")
    if seat.expert is not None:
        elsewhere.declare(seat.expert, visit.application, reason=reason, actor=actor, at=at)
    team.end(seat, reason=f"本人申明回避：{reason}", at=at)
    if visit.state == VisitState.CONCLUDED:  # the report counts what they found
        moving.advance(visit, "reopen", actor=actor, at=at)
        visit.reports.filter(voided_at=None).update(
            voided_at=at, void_reason="成员申明回避，须重新形成结论"
        )
    audit.record(
        actor=actor,
        action="visits.recuse",
        subject=visit,
        at=at,
        user=seat.user_id,
        reason=reason,
    )


@transaction.atomic
def save_finding(seat: Seat, typed: Typed, *, version: int, actor: Actor, at: datetime) -> Finding:
    """Keep a draft, with anything missing. ``version`` is the one the page was made from.

    The version row is the audit of drafts. Raises ``Refusal``: ``stale`` (409) when another page
    saved meanwhile, ``submitted``, ``concluded`` (409), ``too-early``, ``undeclared``,
    ``Unfit`` (422).
    """
    seat, visit = held(seat)
    if seat.declared_at is None:
        raise Refusal("undeclared", "请先申明有无回避情形，再填写。")
    if before_the_day(visit, at=at):
        raise Refusal("too-early", "评估当日起可以填写。")
    if wrong := form.malformed(visit.sheet, typed):
        raise Unfit(wrong)
    finding, fresh = Finding.objects.get_or_create(seat=seat)
    if finding.state == Finding.State.SUBMITTED:
        raise Refusal("submitted", "现场记录已提交。要修改，请先收回。")
    if finding.version != version:
        raise Refusal("stale", "现场记录已在另一个页面保存过。请刷新页面查看最新内容，再继续填写。")
    finding.answers, finding.notes = dict(typed.answers), dict(typed.notes)
    finding.seen, finding.seen_notes = dict(typed.seen), dict(typed.seen_notes)
    finding.overall = typed.overall
    finding.version, finding.saved_at = version + 1, at
    finding.save()
    if fresh:
        audit.record(
            actor=actor, action="visits.start_finding", subject=visit, at=at, user=seat.user_id
        )
    return finding


@transaction.atomic
def submit_finding(
    seat: Seat, typed: Typed, *, version: int, actor: Actor, at: datetime
) -> Finding:
    """Hand the findings in. Raises what ``save_finding`` raises, and ``Unfit`` (422) naming each
    line that is missing or wrong."""
    if wrong := form.problems(seat.visit.sheet, typed):
        raise Unfit(wrong)
    finding = save_finding(seat, typed, version=version, actor=actor, at=at)
    finding.state, finding.submitted_at = Finding.State.SUBMITTED, at
    finding.save(update_fields=["state", "submitted_at"])
    audit.record(
        actor=actor,
        action="visits.submit_finding",
        subject=seat.visit,
        at=at,
        user=seat.user_id,
        version=finding.version,
    )
    return finding


@transaction.atomic
def take_back(seat: Seat, *, actor: Actor, at: datetime) -> Finding:
    """The member takes the handed-in findings back, as long as no conclusion was written.

    Raises ``Refusal`` ``concluded``, ``not-submitted``.
    """
    seat, visit = held(seat)
    finding = Finding.objects.select_for_update().filter(seat=seat).first()
    if finding is None or finding.state != Finding.State.SUBMITTED:
        raise Refusal("not-submitted", "现场记录尚未提交，无须收回。")
    finding.state, finding.submitted_at = Finding.State.DRAFT, None
    finding.save(update_fields=["state", "submitted_at"])
    audit.record(actor=actor, action="visits.take_back", subject=visit, at=at, user=seat.user_id)
    return finding
