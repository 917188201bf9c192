"""Who reviews what: proposing, adjusting, sending out, taking back, replacing; conflicts."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews import assignment as rule
from reviews import conflicts, letters, queries
from reviews.models import Assignment, Conflict, Expert, Review, Round
from reviews.services import rounds

BARRING = (Conflict.State.ACTIVE, Conflict.State.PINNED)


@transaction.atomic
def compute_conflicts(round: Round, *, at: datetime) -> int:
    """Compare every expert of the pool with every application of the round, anew.

    What the office dismissed or pinned stays as it is; computed conflicts that no longer
    hold go. Returns how many computed conflicts there are now.
    """
    experts = list(Expert.objects.filter(pool=round.pool_id))
    facts = queries.application_facts(round)
    found: dict[tuple[int, int], str] = {}
    for expert in experts:
        mine = expert.facts
        for application, theirs in facts.items():
            reasons = conflicts.find(mine, theirs, by_region=round.region_recusal)
            if reasons:
                found[expert.pk, application] = conflicts.sentence(reasons)[:300]
    known = Conflict.objects.filter(
        kind=Conflict.Kind.COMPUTED, expert__in=experts, application__in=list(facts)
    )
    stale = [
        one.pk
        for one in known
        if one.state == Conflict.State.ACTIVE
        and found.get((one.expert_id, one.application_id)) != one.reason
    ]
    Conflict.objects.filter(pk__in=stale).delete()
    Conflict.objects.bulk_create(
        [
            Conflict(
                expert_id=expert,
                application_id=application,
                kind=Conflict.Kind.COMPUTED,
                reason=reason,
                at=at,
            )
            for (expert, application), reason in sorted(found.items())
        ],
        ignore_conflicts=True,
    )
    return len(found)


@transaction.atomic
def propose_assignment(round: Round, *, actor: Actor, at: datetime) -> rule.Proposal:
    """Compute a proposal and put it in the place of the one before.

    Experts must be in the round's pool, available and activated. Raises ``Refusal``
    ``wrong-state`` once the round is sent out, ``no-experts`` when nobody can be asked.
    """
    round = rounds.lock(round)
    rounds.demand(round, "propose")
    experts = list(queries.able_experts(round, at=at))
    if not experts:
        raise Refusal(
            "no-experts",
            "专家库中没有可参加评审且已激活账号的专家。请先邀请专家，或调整其“可参加评审”状态。",
        )
    compute_conflicts(round, at=at)
    busy = queries.loads_elsewhere(round)
    proposal = rule.propose(
        queries.tasks(round),
        [
            rule.Reviewer(
                key=expert.pk,
                fields=tuple(expert.fields),
                capacity=max(expert.capacity - busy.get(expert.pk, 0), 0),
            )
            for expert in experts
        ],
        conflicts=queries.barred_pairs(round),
        seed=round.seed,
    )
    round.assignments.filter(state=Assignment.State.PROPOSED).delete()
    Assignment.objects.bulk_create(
        Assignment(round=round, application_id=application, expert_id=expert, proposed_at=at)
        for application, expert in proposal.pairs
    )
    round.proposal = {
        "at": at.isoformat(),
        "objective": proposal.objective,
        "cost": proposal.cost,
        "pairs": len(proposal.pairs),
        "shortfalls": {str(one.task): one.reason for one in proposal.shortfalls},
    }
    rounds.advance(round, "propose", actor=actor, at=at)
    round.save(update_fields=["proposal"])
    audit.record(
        actor=actor,
        action="reviews.propose",
        subject=round,
        at=at,
        objective=proposal.objective,
        pairs=len(proposal.pairs),
        shortfalls=len(proposal.shortfalls),
        commitment=round.seed_commitment,
    )
    return proposal


def _may_review(round: Round, expert: Expert, application: Application, *, at: datetime) -> None:
    """Conflicts and capacity, for a pair that somebody names by hand."""
    if expert.pool_id != round.pool_id:
        raise Refusal("foreign-expert", "该专家不在本轮的专家库中。", status=422)
    if not queries.able_experts(round, at=at).filter(pk=expert.pk).exists():
        raise Refusal(
            "expert-away",
            f"{expert.name}尚未激活账号、已停用或暂不参加评审，请另选专家。",
            status=422,
        )
    if not round.entries.filter(application=application).exists():
        raise Refusal("foreign-application", "该申报书不在本轮评审中。", status=422)
    barred = queries.conflicts_between(expert, application).first()
    if barred:
        raise Refusal(
            "conflict",
            f"{expert.name}须回避该项目：{barred.reason}。回避为硬性规定，请另选专家；"
            "如系比对有误，请先在“回避关系”中排除。",
        )
    load = round.assignments.filter(
        expert=expert, state__in=(Assignment.State.PROPOSED, Assignment.State.DEPLOYED)
    ).count()
    load += queries.loads_elsewhere(round).get(expert.pk, 0)
    if load >= expert.capacity:
        raise Refusal(
            "capacity", f"{expert.name}的评审量已满（上限 {expert.capacity} 项），请另选专家。"
        )


@transaction.atomic
def add(
    round: Round, *, expert: Expert, application: Application, actor: Actor, at: datetime
) -> Assignment:
    """Add an expert by hand before the round is sent out. Conflicts and capacity are hard."""
    round = rounds.lock(round)
    rounds.demand(round, "adjust")
    _may_review(round, expert, application, at=at)
    made, fresh = Assignment.objects.get_or_create(
        round=round, expert=expert, application=application, defaults={"proposed_at": at}
    )
    if not fresh:
        if made.state == Assignment.State.PROPOSED:
            raise Refusal("already-assigned", f"{expert.name}已在该项目的评审专家中。")
        if made.state == Assignment.State.RECUSED:
            raise Refusal("conflict", f"{expert.name}已回避该项目，请另选专家。")
        made.state, made.ended_at, made.reason = Assignment.State.PROPOSED, None, ""
        made.deployed_at = made.declared_at = None
        made.save()
    _note(made, "reviews.add", actor=actor, at=at)
    return made


@transaction.atomic
def remove(assignment: Assignment, *, actor: Actor, at: datetime) -> None:
    """Take a proposed expert off an application."""
    round = rounds.lock(assignment.round)
    rounds.demand(round, "adjust")
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.state != Assignment.State.PROPOSED:
        raise Refusal("wrong-state", "只有拟分配的专家可以移出。")
    _note(assignment, "reviews.remove", actor=actor, at=at)
    assignment.delete()


def _note(assignment: Assignment, action: str, *, actor: Actor, at: datetime, **data: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=assignment.round,
        at=at,
        expert=assignment.expert_id,
        application=assignment.application_id,
        **data,
    )


@transaction.atomic
def deploy(round: Round, *, actor: Actor, at: datetime) -> int:
    """Send the assignment out: tasks appear on the experts' desks and letters go. Number of tasks.

    Raises ``Refusal`` ``wrong-state``, ``nothing-assigned``, or ``conflict`` when a conflict
    arose since the proposal.
    """
    round = rounds.lock(round)
    rounds.demand(round, "deploy")
    compute_conflicts(round, at=at)
    proposed = round.assignments.filter(state=Assignment.State.PROPOSED)
    pairs = set(proposed.values_list("application_id", "expert_id"))
    if not pairs:
        raise Refusal("nothing-assigned", "还没有分配任何专家，请先生成分配方案。")
    clashes = pairs & queries.barred_pairs(round)
    if clashes:
        raise Refusal(
            "conflict",
            f"有 {len(clashes)} 处拟分配出现回避关系，请重新生成方案或移出相关专家后再下发。",
        )
    count = proposed.update(state=Assignment.State.DEPLOYED, deployed_at=at)
    rounds.advance(round, "deploy", actor=actor, at=at)
    entry = audit.record(
        actor=actor, action="reviews.deploy", subject=round, at=at, tasks=count, seed=round.seed
    )
    loads = Counter(expert for _, expert in pairs)
    for expert in Expert.objects.filter(pk__in=loads).select_related("user").order_by("pk"):
        letters.deployed(round, expert, tasks=loads[expert.pk], occasion=entry.pk, at=at)
    return count


@transaction.atomic
def undo(round: Round, *, actor: Actor, at: datetime) -> None:
    """Take the assignment back to the proposal, as long as nobody has scored anything.

    Raises ``Refusal`` ``scored`` when a score exists, even a draft.
    """
    round = rounds.lock(round)
    rounds.demand(round, "undo")
    if Review.objects.filter(assignment__round=round).exists():
        raise Refusal("scored", "已有专家开始评分，不能撤回下发。要调整个别专家，请用“更换专家”。")
    round.assignments.filter(state=Assignment.State.DEPLOYED).update(
        state=Assignment.State.PROPOSED, deployed_at=None, declared_at=None
    )
    rounds.advance(round, "undo", actor=actor, at=at)
    audit.record(actor=actor, action="reviews.undo", subject=round, at=at)


@transaction.atomic
def replace(
    assignment: Assignment, *, by: Expert, reason: str, actor: Actor, at: datetime
) -> Assignment:
    """Give a task that is out, or was recused, to another expert. The old one's access ends.

    A submitted score stands and cannot be replaced away: ``Refusal`` ``submitted``.
    """
    round = rounds.lock(assignment.round)
    if not round.is_open:
        raise Refusal("wrong-state", "只有“评审中”的任务可以更换专家。")
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.state not in (Assignment.State.DEPLOYED, Assignment.State.RECUSED):
        raise Refusal("wrong-state", "该任务已经更换过专家。")
    if Review.objects.filter(assignment=assignment, state=Review.State.SUBMITTED).exists():
        raise Refusal("submitted", "该专家已提交评分，不能更换。确有需要的，请先退回其评分。")
    application = assignment.application
    if by.pk == assignment.expert_id:
        raise Refusal("same-expert", "请选择另一名专家。", status=422)
    _may_review(round, by, application, at=at)
    reason = reason.strip()
    if not reason:
        raise Refusal("reason-missing", "请写明更换专家的理由。", status=422)
    if assignment.state == Assignment.State.DEPLOYED:
        assignment.state = Assignment.State.REPLACED
        assignment.ended_at, assignment.reason = at, reason[:300]
        assignment.save(update_fields=["state", "ended_at", "reason"])
    fresh, made = Assignment.objects.get_or_create(
        round=round,
        expert=by,
        application=application,
        defaults={"state": Assignment.State.DEPLOYED, "proposed_at": at, "deployed_at": at},
    )
    if not made:
        raise Refusal("already-assigned", f"{by.name}已评审过或正在评审该项目，请另选专家。")
    _note(
        fresh,
        "reviews.replace",
        actor=actor,
        at=at,
        instead_of=str(assignment.expert_id),
        reason=reason,
    )
    letters.deployed(round, by, tasks=1, occasion=fresh.pk, at=at, added=True)
    return fresh


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
    if state in BARRING:
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
        round__state="closed"
    )
    tasks.filter(state=Assignment.State.PROPOSED).delete()
    return tasks.filter(state=Assignment.State.DEPLOYED).update(
        state=Assignment.State.RECUSED, ended_at=at, reason=reason[:300]
    )
