"""What experts say of themselves before they see anything, and later on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews.models import Assignment, Expert, Round
from reviews.services import barring, rounds

Undeclared = "还有申报单位未作申明，请逐一选择“无回避情形”或“须回避”。"


@transaction.atomic
def declare_conflicts(
    round: Round,
    expert: Expert,
    *,
    clear: Collection[int],
    conflicted: Mapping[int, str],
    actor: Actor,
    at: datetime,
) -> int:
    """An expert declares for every task not yet declared, before any content can be read.

    ``clear`` and ``conflicted`` hold assignment keys, the latter with a reason. Conflicted
    tasks end at once; the next request finds nothing of them. Returns how many remain.

    Raises ``Refusal`` ``incomplete`` (422) when a task is left out, ``reason-missing`` (422),
    ``round-closed``.
    """
    round = rounds.lock(round)
    if not round.is_open:
        raise Refusal("round-closed", "本轮评审不在进行中，不能申明。")
    waiting = {
        task.pk: task
        for task in Assignment.objects.select_for_update().filter(
            round=round,
            expert=expert,
            state=Assignment.State.DEPLOYED,
            declared_at__isnull=True,
        )
    }
    said = set(clear) | set(conflicted)
    if said != set(waiting) or set(clear) & set(conflicted):
        raise Refusal("incomplete", Undeclared, status=422)
    if any(not reason.strip() for reason in conflicted.values()):
        raise Refusal("reason-missing", "选择“须回避”的，请写明理由。", status=422)
    Assignment.objects.filter(pk__in=list(clear)).update(declared_at=at)
    for key, reason in sorted(conflicted.items()):
        barring.recuse_task(waiting[key], reason=reason, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="reviews.declare",
        subject=round,
        at=at,
        expert=expert.pk,
        clear=sorted(waiting[key].application_id for key in clear),
        conflicted=sorted(waiting[key].application_id for key in conflicted),
    )
    return len(set(clear))


@transaction.atomic
def recuse(assignment: Assignment, *, reason: str, actor: Actor, at: datetime) -> None:
    """A conflict noticed late: the task ends, and access with it, on the next request.

    Scores already drafted stay on record and do not count.
    """
    round = rounds.lock(assignment.round)
    if not round.is_open:
        raise Refusal("round-closed", "本轮评审不在进行中。")
    assignment = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("expert", "application")
        .get(pk=assignment.pk)
    )
    if assignment.state != Assignment.State.DEPLOYED:
        raise Refusal("wrong-state", "该任务已经终止。")
    if not reason.strip():
        raise Refusal("reason-missing", "请写明回避的理由。", status=422)
    barring.recuse_task(assignment, reason=reason, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="reviews.recuse",
        subject=round,
        at=at,
        expert=assignment.expert_id,
        application=assignment.application_id,
        reason=reason.strip(),
    )
