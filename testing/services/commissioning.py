"""Who tests what: proposed by one person, approved by another, answered by the agency, changed
mid-way with a reason. The only writer of ``Commission.state``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from fulfilment.models import Task
from fulfilment.states import ELIGIBLE
from outcomes import rules
from testing import letters, states
from testing.models import Agency, Commission, Result
from testing.services import ground, reporting
from testing.states import COMMISSION_MOVES, Commissioned


@dataclass(frozen=True, slots=True)
class Proposal:
    """One task and who should test it; ``keys`` limits a retest to named indicators."""

    task: Task
    agency: Agency
    keys: tuple[str, ...] = ()
    retest_of: Result | None = None
    replaces: Commission | None = None


@transaction.atomic
def propose(
    proposals: Sequence[Proposal], *, due: datetime, note: str = "", actor: Actor, at: datetime
) -> list[Commission]:
    """Propose agencies for tasks, all together or none; a second person approves.

    ``due`` is exclusive, in the call's own time. Raises ``Refusal``: ``nothing-chosen`` (422),
    ``not-eligible``, ``commissioned``, ``conflict``, ``agency-stopped``, ``expired``,
    ``due-past`` (422).
    """
    ground.must_be_office(actor)
    if not proposals:
        raise Refusal("nothing-chosen", "请先选择要委托测评的项目。", status=422)
    made = [
        _propose(one, due=due, note=note, actor=actor, at=at)
        for one in sorted(proposals, key=lambda one: one.task.pk)
    ]
    letters.proposed(made, at=at)
    return made


def _propose(one: Proposal, *, due: datetime, note: str, actor: Actor, at: datetime) -> Commission:
    task = ground.lock_task(one.task)
    call: Call = task.application.call
    if task.state not in ELIGIBLE:
        raise Refusal(
            "not-eligible",
            f"《{task.title}》现在是“{task.get_state_display()}”，报告完成后才能委托测评。",
        )
    if due <= call.time(at):
        raise Refusal("due-past", "完成期限须晚于今天。", status=422)
    ground.must_work(one.agency)
    if one.agency.expired(rules.day_of(call.time(at))):
        raise Refusal("expired", f"{one.agency.name}的资质已过有效期，不能再委托。")
    ground.must_be_free(one.agency, task)
    if (
        one.retest_of is None
        and Result.objects.filter(commission__task=task, state=Result.State.RELEASED).exists()
    ):
        raise Refusal("tested", f"《{task.title}》已有发布的测评结果，再测须经异议处理。")
    try:
        with transaction.atomic():
            commission = Commission.objects.create(
                task=task,
                agency=one.agency,
                due=due,
                keys=list(one.keys),
                retest_of=one.retest_of,
                replaces=one.replaces,
                note=note.strip()[:500],
                proposed_by_id=actor.person,
                proposed_at=at,
            )
    except IntegrityError:
        raise Refusal(
            "commissioned", f"《{task.title}》已有测评委托在办理，请先处理，再另行委托。"
        ) from None
    audit.record(
        actor=actor,
        action="testing.propose",
        subject=commission,
        at=at,
        task=task.pk,
        agency=one.agency.pk,
        due=due,
    )
    return commission


@transaction.atomic
def approve(commissions: Sequence[Commission], *, actor: Actor, at: datetime) -> list[Commission]:
    """Approve what another person proposed, all together or none; the agencies are asked.

    Raises ``Refusal``: ``nothing-chosen`` (422), ``two-people`` (403), ``not-now``, ``conflict``.
    """
    ground.must_approve(actor)
    if not commissions:
        raise Refusal("nothing-chosen", "请先选择要批准的委托。", status=422)
    done = []
    for one in sorted(commissions, key=lambda one: one.task_id):
        commission = ground.lock_commission(one)
        ground.two_people(actor, [commission.proposed_by_id], what="提出委托")
        with _naming(commission):
            ground.must_work(commission.agency)
            ground.must_be_free(commission.agency, commission.task)
        commission.approved_by_id, commission.approved_at = actor.person, at
        _move(commission, "approve", actor=actor, at=at, also=["approved_by", "approved_at"])
        letters.offered(commission, at=at)
        letters.unit_told(commission, at=at)
        done.append(commission)
    return done


@contextmanager
def _naming(commission: Commission) -> Iterator[None]:
    """Of many that are approved together, say which one stands in the way."""
    try:
        yield
    except Refusal as refusal:
        unit = commission.task.application.organisation.name
        raise Refusal(
            refusal.code,
            f"《{commission.task.title}》（{unit}）：{refusal.message}",
            rule=refusal.rule,
            status=refusal.status,
        ) from None


@transaction.atomic
def reject_together(
    commissions: Sequence[Commission], *, reason: str, actor: Actor, at: datetime
) -> list[Commission]:
    """All of them, or none. Raises ``nothing-chosen`` (422), and what ``reject`` raises."""
    if not commissions:
        raise Refusal("nothing-chosen", "请先选择委托。", status=422)
    chosen = sorted(commissions, key=lambda one: one.task_id)
    return [reject(one, reason=reason, actor=actor, at=at) for one in chosen]


@transaction.atomic
def reject(commission: Commission, *, reason: str, actor: Actor, at: datetime) -> Commission:
    """The second person does not agree. Raises ``Refusal`` ``reason-short`` (422), ``not-now``."""
    ground.must_approve(actor)
    reason = rules.reason_of(reason, shortest=4, what="不批准的理由")
    commission = ground.lock_commission(commission)
    _end(commission, "reject", reason, actor=actor, at=at)
    letters.rejected(commission, at=at)
    return commission


@transaction.atomic
def accept(commission: Commission, *, actor: Actor, at: datetime) -> Result:
    """The agency takes the commission; its empty result, one row per indicator, is opened."""
    commission = ground.lock_commission(commission)
    ground.must_be_agency(actor, commission)
    ground.must_work(commission.agency)
    ground.must_be_free(commission.agency, commission.task)
    commission.answered_by_id, commission.answered_at = actor.person, at
    _move(commission, "accept", actor=actor, at=at, also=["answered_by", "answered_at"])
    letters.answered(commission, at=at)
    return reporting.begin(commission, actor=actor, at=at)


@transaction.atomic
def refuse(commission: Commission, *, reason: str, actor: Actor, at: datetime) -> Commission:
    """The agency does not take it and says why. Raises ``reason-short`` (422), ``not-now``."""
    reason = rules.reason_of(reason, shortest=4, what="不接受的原因")
    commission = ground.lock_commission(commission)
    ground.must_be_agency(actor, commission)
    commission.answered_by_id, commission.answered_at = actor.person, at
    _end(commission, "refuse", reason, actor=actor, at=at, also=["answered_by", "answered_at"])
    letters.answered(commission, at=at)
    return commission


@transaction.atomic
def withdraw(commission: Commission, *, reason: str, actor: Actor, at: datetime) -> Commission:
    """The office takes a commission back mid-way; what was measured is closed and kept.

    Raises ``Refusal`` ``reason-short`` (422), ``not-now``.
    """
    ground.must_be_office(actor)
    reason = rules.reason_of(reason, shortest=4, what="撤换的理由")
    commission = ground.lock_commission(commission)
    told = commission.state in (Commissioned.OFFERED, Commissioned.ACCEPTED)
    _end(commission, "withdraw", reason, actor=actor, at=at)
    reporting.close(commission, actor=actor, at=at)
    if told:
        letters.withdrawn(commission, at=at)
    return commission


@transaction.atomic
def replace(
    commission: Commission,
    *,
    agency: Agency,
    due: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Commission:
    """Take a commission back and propose another agency in its place, in one act."""
    commission = withdraw(commission, reason=reason, actor=actor, at=at)
    (made,) = propose(
        [
            Proposal(
                commission.task,
                agency,
                keys=tuple(commission.keys),
                retest_of=commission.retest_of,
                replaces=commission,
            )
        ],
        due=due,
        note=commission.note,
        actor=actor,
        at=at,
    )
    return made


def finish(commission: Commission, *, actor: Actor, at: datetime) -> None:
    """The result was released: nothing more to do. Called under the lock of the commission."""
    commission.ended_at = at
    _move(commission, "finish", actor=actor, at=at, also=["ended_at"])


def _end(
    commission: Commission,
    name: str,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
    also: Sequence[str] = (),
) -> None:
    commission.ended_at, commission.end_reason = at, reason[:500]
    _move(commission, name, actor=actor, at=at, also=["ended_at", "end_reason", *also])


def _move(
    commission: Commission, name: str, *, actor: Actor, at: datetime, also: Sequence[str] = ()
) -> None:
    """Raises ``Refusal`` ``not-now``."""
    target = states.target(COMMISSION_MOVES, name, commission.state)
    if target is None:
        raise Refusal("not-now", f"这项委托现在是“{commission.get_state_display()}”，请刷新页面。")
    before, commission.state = commission.state, target
    commission.save(update_fields=["state", *also])
    audit.record(
        actor=actor,
        action=f"testing.{name}",
        subject=commission,
        at=at,
        before=before,
        reason=commission.end_reason,
    )
