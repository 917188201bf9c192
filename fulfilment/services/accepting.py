"""验收: entered by one person of the office, confirmed by another; writes ``Acceptance.state``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from audit import services as audit
from audit.services import Actor
from calls.programme import Step
from core.errors import Refusal
from fulfilment import letters
from fulfilment.models import Acceptance, Task
from fulfilment.services import ground, moving
from fulfilment.states import State as TaskState
from outcomes import services as outcomes

State, Result = Acceptance.State, Acceptance.Result


@transaction.atomic
def record_acceptance(
    task: Task,
    *,
    held_on: date,
    place: str,
    experts: Sequence[Mapping[str, str]],
    opinion: str,
    result: str,
    actor: Actor,
    at: datetime,
) -> Acceptance:
    """Enter what the experts found. Nothing follows from it until another person confirms.

    Raises ``Refusal`` ``no-such-step``, ``not-asked`` before the unit asked for it,
    ``already-there``, ``day-wrong``, ``no-experts``, ``reason-short``, ``no-result`` (422).
    """
    ground.must_be_office(actor)
    task = moving.locked(task)
    call = task.application.call
    if Step.ACCEPTANCE not in call.steps:
        raise Refusal("no-such-step", "本批次没有验收这一步。", rule=call.programme.notice)
    if task.state != TaskState.READY:
        raise Refusal("not-asked", "承担单位的验收申请受理后才能登记验收。")
    if not task.starts_on <= held_on <= ground.day(task, at):
        raise Refusal("day-wrong", "验收日期须在任务开始之后，且不晚于今天。", status=422)
    named = [
        {"name": row["name"].strip()[:50], "unit": row.get("unit", "").strip()[:100]}
        for row in experts
        if row.get("name", "").strip()
    ]
    if not named:
        raise Refusal("no-experts", "请写明参加验收的专家。", status=422)
    if result not in Result.values:
        raise Refusal("no-result", "请选择验收结论。", status=422)
    made = Acceptance(
        task=task,
        held_on=held_on,
        place=place.strip()[:100],
        experts=named,
        opinion=ground.reason_of(opinion, what="专家意见"),
        result=result,
        proposed_by_id=actor.person,
        proposed_at=call.time(at),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Refusal("already-there", "已有验收记录，请先确认或退回。") from None
    moving.tell(
        task, what="登记验收", text=f"{made.get_result_display()}，待确认", actor=actor, at=at
    )
    audit.record(
        actor=actor, action="fulfilment.record_acceptance", subject=task, at=at, result=result
    )
    return made


@transaction.atomic
def decide_acceptance(
    acceptance: Acceptance, *, confirm: bool, note: str = "", actor: Actor, at: datetime
) -> Acceptance:
    """Confirm the conclusion, which ends the task, or send it back to be entered again.

    Raises ``Refusal`` ``approver-only``, ``two-people``, ``decided``, ``step-order`` before the
    任务书 is signed.
    """
    ground.must_approve(actor)
    task = moving.locked(acceptance.task)
    acceptance = Acceptance.objects.select_for_update().get(pk=acceptance.pk)
    acceptance.task = task
    if acceptance.state != State.PROPOSED:
        raise Refusal("decided", "这次验收已经办结，请刷新页面。")
    if confirm:
        ground.two_people(actor, {acceptance.proposed_by_id}, what="登记验收")
    else:
        note = ground.reason_of(note, what="退回的原因")
    acceptance.state = State.CONFIRMED if confirm else State.REFUSED
    acceptance.approved_by_id, acceptance.note = actor.person, note[:300]
    acceptance.decided_at = task.application.call.time(at)
    acceptance.save()
    audit.record(
        actor=actor,
        action="fulfilment.confirm_acceptance" if confirm else "fulfilment.refuse_acceptance",
        subject=task,
        at=at,
        result=acceptance.result,
        note=note,
    )
    if not confirm:
        moving.tell(task, what="退回验收登记", text=note, actor=actor, at=at)
        return acceptance
    passed = acceptance.result == Result.PASS
    words = f"验收{acceptance.get_result_display()}：{acceptance.opinion}"
    outcomes.record(
        task.application.call,
        [task.application.public_id],
        step=Step.ACCEPTANCE,
        result="pass" if passed else "fail",
        note=words[:1000],
        by_machinery=True,
        actor=actor,
        at=at,
    )
    moving.advance(task, "conclude" if passed else "fail", reason=words, actor=actor, at=at)
    letters.accepted(acceptance, at=at)
    return acceptance
