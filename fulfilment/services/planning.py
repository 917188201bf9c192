"""The plan: drafted and submitted by the unit, accepted or returned by the office.

The only writer of ``Plan.state``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from fulfilment import letters
from fulfilment.models import Milestone, Plan, Task
from fulfilment.models.plans import milestone
from fulfilment.planform import held, problems
from fulfilment.services import booking, ground, moving, scheduling

State = Plan.State


@transaction.atomic
def save_plan(
    task: Task,
    *,
    finish_on: date | None,
    approach: str,
    milestones: Sequence[Mapping[str, Any]],
    operators: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> Plan:
    """Keep a draft of the plan as it stands, whatever is still missing.

    Raises ``Refusal`` ``not-yours``, ``task-over``, ``plan-waiting`` while the office reads one.
    """
    task = moving.locked(task)
    ground.must_be_unit(task, actor)
    moving.must_run(task)
    plan = _open(task)
    if plan is not None and plan.state == State.SUBMITTED:
        raise Refusal("plan-waiting", "计划已提交，主管部门审核后才能修改。")
    if plan is None:
        last = task.plans.order_by("-number").values_list("number", flat=True).first()
        plan = Plan(task=task, number=(last or 0) + 1)
    plan.finish_on, plan.approach = finish_on, approach.strip()
    plan.milestones = [held(row) for row in milestones]
    plan.operators = dict(operators)
    plan.saved_at, plan.saved_by_id = task.application.call.time(at), actor.person
    plan.save()
    return plan


def _open(task: Task) -> Plan | None:
    return (
        Plan.objects.select_for_update()
        .filter(task=task, state__in=[State.DRAFT, State.SUBMITTED])
        .first()
    )


@transaction.atomic
def submit_plan(task: Task, *, actor: Actor, at: datetime) -> Plan:
    """Submit the draft. Raises ``Refusal`` ``no-draft``, ``incomplete`` (422)."""
    task = moving.locked(task)
    ground.must_be_unit(task, actor)
    moving.must_run(task)
    plan = _open(task)
    if plan is None or plan.state != State.DRAFT:
        raise Refusal("no-draft", "没有可以提交的计划，请先填写并保存。")
    wrong = problems(task, plan, list(task.targets.all()))
    if wrong:
        raise Refusal(
            "incomplete",
            f"还有 {len(wrong)} 处需要修改，第一处：{wrong[0]}。",
            rule=task.application.call.programme.notice,
            status=422,
        )
    plan.state = State.SUBMITTED
    plan.submitted_at, plan.submitted_by_id = task.application.call.time(at), actor.person
    plan.save()
    moving.tell(
        task,
        what="提交计划",
        text=f"第 {plan.number} 版，{len(plan.milestones)} 个节点",
        actor=actor,
        at=at,
    )
    audit.record(
        actor=actor, action="fulfilment.submit_plan", subject=task, at=at, number=plan.number
    )
    return plan


@transaction.atomic
def decide_plan(plan: Plan, *, accept: bool, comment: str, actor: Actor, at: datetime) -> Plan:
    """Accept a plan, which puts its milestones and its end in force, or return it with comments.

    Raises ``Refusal`` ``decided`` when it is not waiting any more, ``reason-short``,
    ``incomplete`` when the term changed under it.
    """
    ground.must_be_office(actor)
    task = moving.locked(plan.task)
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    moving.must_run(task)
    if plan.state != State.SUBMITTED:
        raise Refusal("decided", "这份计划已经审核过，请刷新页面。")
    if not accept:
        comment = ground.reason_of(comment, what="退回的意见")
    plan.state = State.ACCEPTED if accept else State.RETURNED
    plan.comment = comment.strip()
    plan.decided_at, plan.decided_by_id = task.application.call.time(at), actor.person
    plan.save()
    if accept:
        _put_in_force(task, plan, at=at)
    moving.tell(
        task,
        what="接受计划" if accept else "退回计划",
        text=f"第 {plan.number} 版。{plan.comment}".strip(),
        actor=actor,
        at=at,
    )
    audit.record(
        actor=actor,
        action="fulfilment.accept_plan" if accept else "fulfilment.return_plan",
        subject=task,
        at=at,
        number=plan.number,
    )
    letters.plan_decided(plan, at=at)
    return plan


def _put_in_force(task: Task, plan: Plan, *, at: datetime) -> None:
    targets = list(task.targets.all())
    wrong = problems(task, plan, targets)
    if wrong:
        raise Refusal("incomplete", f"计划与现在的期限或指标不符：{wrong[0]}。请退回修改。")
    done = dict(task.milestones.exclude(done_on=None).values_list("title", "done_on"))
    task.milestones.all().delete()
    rows = [milestone(row, task, order) for order, row in enumerate(plan.milestones, 1)]
    for row in rows:
        row.done_on = done.get(row.title)
    Milestone.objects.bulk_create(rows)
    for target in targets:
        if target.key in plan.operators and target.is_own:
            target.operator = plan.operators[target.key]
            target.save(update_fields=["operator"])
    if plan.finish_on is not None and plan.finish_on != task.due_on:
        task.due_on = plan.finish_on
        task.save(update_fields=["due_on"])
        scheduling.sync(task)
    booking.make(task, plan, at=at)
