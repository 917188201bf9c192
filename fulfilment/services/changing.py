"""Changes: asked for, judged by one person of the office, decided by another.

The only writer of ``Change.state``.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from fulfilment import changes, letters
from fulfilment.models import Change, Task
from fulfilment.services import ground, moving, scheduling

Kind, State = Change.Kind, Change.State


@transaction.atomic
def ask_change(
    task: Task,
    *,
    kind: str,
    subject: str = "",
    before: str = "",
    after: str = "",
    reason: str,
    actor: Actor,
    at: datetime,
) -> Change:
    """The unit asks for a change. Nothing of the task changes yet.

    Raises ``Refusal`` ``not-yours``, ``task-over``, ``reason-short``, ``already-asked``, those of
    ``changes.asked``: ``beyond-limit`` with the clause for a term that may not be so long.
    """
    task = moving.locked(task)
    ground.must_be_unit(task, actor)
    moving.must_run(task)
    change = _made(task, kind=kind, subject=subject, before=before, after=after, reason=reason)
    change.asked_by_id, change.asked_at = actor.person, task.application.call.time(at)
    _insert(change)
    moving.tell(task, what="申请变更", text=f"{change.title}：{change.reason}", actor=actor, at=at)
    _record(change, "ask_change", actor=actor, at=at)
    return change


@transaction.atomic
def propose_termination(task: Task, *, reason: str, actor: Actor, at: datetime) -> Change:
    """The office means to end a task early; another person has to approve."""
    ground.must_be_office(actor)
    task = moving.locked(task)
    moving.must_run(task)
    change = _made(task, kind=Kind.TERMINATION, subject="", before="", after="", reason=reason)
    now = task.application.call.time(at)
    change.by_office, change.state = True, State.PROPOSED
    change.asked_by_id, change.asked_at = actor.person, now
    change.proposed_by_id, change.proposed_at = actor.person, now
    _insert(change)
    moving.tell(task, what="拟终止任务", text=change.reason, actor=actor, at=at)
    _record(change, "propose_termination", actor=actor, at=at)
    return change


def _made(task: Task, *, kind: str, subject: str, before: str, after: str, reason: str) -> Change:
    if kind not in Kind.values:
        raise Refusal("no-such-kind", "请选择变更事项。", status=422)
    reason = ground.reason_of(reason, what="变更的理由", shortest=10)
    found = changes.asked(task, kind, subject=subject, before=before, after=after)
    return Change(
        task=task,
        kind=kind,
        subject=found.subject,
        subject_title=found.title,
        before=found.before,
        after=found.after,
        lowers=found.lowers,
        reason=reason,
    )


def _insert(change: Change) -> None:
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError:
        raise Refusal(
            "already-asked", "这一事项已有一件变更在办，办结或撤回后才能再申请。"
        ) from None


def _record(change: Change, act: str, *, actor: Actor, at: datetime, **more: str) -> None:
    audit.record(
        actor=actor,
        action=f"fulfilment.{act}",
        subject=change.task,
        at=at,
        change=change.public_id,
        kind=change.kind,
        subject_key=change.subject,
        before=change.before,
        after=change.after,
        **more,
    )


def _hold(change: Change) -> tuple[Task, Change]:
    """The task, then the change, both locked; the change must not be decided.

    Raises ``Refusal`` ``decided``.
    """
    task = moving.locked(change.task)
    found = Change.objects.select_for_update().get(pk=change.pk)
    found.task = task
    if not found.is_open:
        raise Refusal("decided", f"这项变更已经是“{found.get_state_display()}”，请刷新页面。")
    return task, found


@transaction.atomic
def withdraw_change(change: Change, *, actor: Actor, at: datetime) -> Change:
    """The unit takes back what it asked for."""
    task, change = _hold(change)
    ground.must_be_unit(task, actor)
    if change.by_office:
        raise Refusal("not-yours", "这项变更由主管部门提出，不能由单位撤回。", status=403)
    return _end(change, State.WITHDRAWN, "", "撤回变更", "withdraw_change", actor=actor, at=at)


@transaction.atomic
def propose_change(change: Change, *, opinion: str, actor: Actor, at: datetime) -> Change:
    """One person of the office proposes to approve; may be done again with another opinion."""
    ground.must_be_office(actor)
    task, change = _hold(change)
    moving.must_run(task)
    change.opinion = ground.reason_of(opinion, what="审核意见", shortest=2)[:500]
    change.state = State.PROPOSED
    change.proposed_by_id, change.proposed_at = actor.person, task.application.call.time(at)
    change.save()
    moving.tell(task, what="审核变更", text=f"{change.title}：拟同意", actor=actor, at=at)
    _record(change, "propose_change", actor=actor, at=at, opinion=change.opinion)
    return change


@transaction.atomic
def approve_change(change: Change, *, note: str = "", actor: Actor, at: datetime) -> Change:
    """A second person approves, and the change takes effect in the same transaction.

    Raises ``Refusal`` ``approver-only``, ``two-people``, ``not-proposed``, ``moved-on`` when what
    the change began from is not what stands now, and ``beyond-limit``.
    """
    ground.must_approve(actor)
    task, change = _hold(change)
    moving.must_run(task)
    if change.state != State.PROPOSED:
        raise Refusal("not-proposed", "请先由经办人提出审核意见，再由审批人批准。")
    ground.two_people(actor, {change.proposed_by_id}, what="审核变更")
    if (
        change.kind not in (*changes.FREE, Kind.TERMINATION)
        and changes.current(task, change.kind, change.subject) != change.before
    ):
        raise Refusal("moved-on", "申请之后现状已有变动，不能照此批准。请退回，由单位重新申请。")
    now = task.application.call.time(at)
    change.state, change.note = State.APPROVED, note.strip()[:500]
    change.approved_by_id = change.decided_by_id = actor.person
    change.decided_at = now
    change.save()
    changes.apply(task, change, now=now)
    if change.kind == Kind.TERM:
        scheduling.sync(task)
    if change.kind == Kind.TERMINATION:
        moving.advance(task, "terminate", reason=change.reason, actor=actor, at=at)
    else:
        words = f"{change.title}：由“{change.before}”变更为“{change.after}”"
        moving.tell(task, what="批准变更", text=words, actor=actor, at=at)
    _record(change, "approve_change", actor=actor, at=at)
    letters.change_decided(change, at=at)
    return change


@transaction.atomic
def refuse_change(change: Change, *, note: str, actor: Actor, at: datetime) -> Change:
    """The office does not agree; the unit reads why."""
    ground.must_be_office(actor)
    _, change = _hold(change)
    note = ground.reason_of(note, what="不同意的理由")
    return _end(change, State.REFUSED, note, "不同意变更", "refuse_change", actor=actor, at=at)


def _end(
    change: Change, state: str, note: str, what: str, act: str, *, actor: Actor, at: datetime
) -> Change:
    change.state, change.note = state, note[:500]
    change.decided_by_id = actor.person
    change.decided_at = change.task.application.call.time(at)
    change.save()
    moving.tell(change.task, what=what, text=f"{change.title}。{note}".strip(), actor=actor, at=at)
    _record(change, act, actor=actor, at=at, note=note)
    if state == State.REFUSED:
        letters.change_decided(change, at=at)
    return change
