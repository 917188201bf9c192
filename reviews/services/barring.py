"""Conflicts: computed from business data, set and judged by the organiser; what ends with them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews import conflicts, queries
from reviews.models import Assignment, Conflict, Expert, Round
from reviews.services import rounds
from reviews.stages import RoundState

AT_ONCE = 1000


@transaction.atomic
def compute_conflicts(round: Round, *, at: datetime) -> int:
    """Compare the experts of the pool with the applications of the round, anew.

    What the office dismissed or pinned stays as it is; computed conflicts that no longer
    hold go. Returns how many computed conflicts there are now.
    """
    experts = {one.pk: one.facts for one in Expert.objects.filter(pool=round.pool_id)}
    reasons = conflicts.find_all(
        experts, queries.application_facts(round), by_region=round.region_recusal
    )
    found = {pair: conflicts.sentence(one)[:300] for pair, one in reasons.items()}
    stale, kept = [], set()
    for pk, expert, application, state, reason in (
        queries.conflicts_of(round)
        .filter(kind=Conflict.Kind.COMPUTED)
        .order_by()
        .values_list("pk", "expert_id", "application_id", "state", "reason")
    ):
        pair = (expert, application)
        if state == Conflict.State.ACTIVE and found.get(pair) != reason:
            stale.append(pk)
        else:
            kept.add(pair)
    for begin in range(0, len(stale), AT_ONCE):
        Conflict.objects.filter(pk__in=stale[begin : begin + AT_ONCE]).delete()
    Conflict.objects.bulk_create(
        (
            Conflict(
                expert_id=expert,
                application_id=application,
                kind=Conflict.Kind.COMPUTED,
                reason=found[expert, application],
                at=at,
            )
            for expert, application in sorted(found.keys() - kept)
        ),
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
    return len(found)


@transaction.atomic
def set_conflict(
    *,
    round: Round,
    expert: Expert,
    application: Application,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Conflict:
    """The organiser says there is a conflict. A task that is out ends with it."""
    round = rounds.lock(round)
    reason = reason.strip()
    if not reason:
        raise Refusal("reason-missing", "请写明回避的理由。", status=422)
    if expert.pool_id != round.pool_id:
        raise Refusal("foreign-expert", "该专家不在本轮的专家库中。", status=422)
    if not round.entries.filter(application=application).exists():
        raise Refusal("foreign-application", "该申报书不在本轮评审中。", status=422)
    conflict, _ = Conflict.objects.update_or_create(
        expert=expert,
        application=application,
        kind=Conflict.Kind.OFFICE,
        defaults={
            "reason": reason[:300],
            "state": Conflict.State.PINNED,
            "by_id": actor.user_id,
            "at": at,
        },
    )
    end_tasks(expert, application, reason=reason, at=at)
    audit.record(
        actor=actor,
        action="reviews.set_conflict",
        subject=conflict,
        at=at,
        expert=expert.pk,
        application=application.pk,
        reason=reason,
    )
    return conflict


@transaction.atomic
def judge_conflict(conflict: Conflict, *, state: str, actor: Actor, at: datetime) -> Conflict:
    """Dismiss, pin or restore a computed or organiser's conflict.

    What an expert declared stands: ``Refusal`` ``declared``.
    """
    conflict = Conflict.objects.select_for_update().get(pk=conflict.pk)
    if state not in Conflict.State.values:
        raise Refusal("unknown-state", "没有这种处理方式。", status=422)
    if conflict.kind == Conflict.Kind.DECLARED and state == Conflict.State.DISMISSED:
        raise Refusal("declared", "专家本人申明的回避不能排除。")
    before, conflict.state = conflict.state, state
    conflict.by_id, conflict.at = actor.user_id, at
    conflict.save(update_fields=["state", "by", "at"])
    if state in queries.BARRING:
        end_tasks(conflict.expert, conflict.application, reason=conflict.reason, at=at)
    audit.record(
        actor=actor,
        action="reviews.judge_conflict",
        subject=conflict,
        at=at,
        before=before,
        after=state,
    )
    return conflict


def end_tasks(expert: Expert, application: Application, *, reason: str, at: datetime) -> int:
    """Recuse the expert wherever the application lies on their desk or is meant for it.

    Tasks of closed rounds stay as they were.
    """
    tasks = Assignment.objects.filter(expert=expert, application=application).exclude(
        round__state=RoundState.CLOSED
    )
    tasks.filter(state=Assignment.State.PROPOSED).delete()
    return tasks.filter(state=Assignment.State.DEPLOYED).update(
        state=Assignment.State.RECUSED, ended_at=at, reason=reason[:300]
    )


def end_withdrawn(application: Application, *, at: datetime) -> None:
    """An application that its unit took back leaves every desk; scores stay on record."""
    tasks = Assignment.objects.filter(application=application).exclude(
        round__state=RoundState.CLOSED
    )
    tasks.filter(state=Assignment.State.PROPOSED).delete()
    tasks.filter(state=Assignment.State.DEPLOYED).update(
        state=Assignment.State.REPLACED, ended_at=at, reason="申报单位已撤回申报"
    )


@transaction.atomic
def declare(
    expert: Expert, application: Application, *, reason: str, actor: Actor, at: datetime
) -> None:
    """The expert says so outside of a task, in a meeting: the conflict stands at once."""
    _declared(expert.pk, application.pk, reason=reason.strip()[:300], actor=actor, at=at)
    end_tasks(expert, application, reason=reason, at=at)


def _declared(expert: int, application: int, *, reason: str, actor: Actor, at: datetime) -> None:
    Conflict.objects.update_or_create(
        expert_id=expert,
        application_id=application,
        kind=Conflict.Kind.DECLARED,
        defaults={
            "reason": reason,
            "state": Conflict.State.ACTIVE,
            "by_id": actor.user_id,
            "at": at,
        },
    )


def recuse_task(assignment: Assignment, *, reason: str, actor: Actor, at: datetime) -> None:
    """The expert says so: the conflict stands and this task ends. The caller holds its lock."""
    reason = reason.strip()[:300]
    _declared(assignment.expert_id, assignment.application_id, reason=reason, actor=actor, at=at)
    assignment.state = Assignment.State.RECUSED
    assignment.ended_at, assignment.reason = at, reason
    assignment.save(update_fields=["state", "ended_at", "reason"])
