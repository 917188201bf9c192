"""Who reviews what: proposing, adjusting, sending out, taking back, replacing."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import datetime

from django.db import transaction

from applications.models import Application
from audit import services as audit
from audit.models import Entry
from audit.services import Actor
from core.errors import Refusal
from core.failpoints import failpoint
from reviews import assignment as rule
from reviews import drawing, letters, queries
from reviews.models import Assignment, Expert, Review, Round
from reviews.services import barring, drawn, rounds


@transaction.atomic
def propose_assignment(round: Round, *, actor: Actor, at: datetime) -> rule.Proposal:
    """Compute a proposal and put it in the place of the one before. What it was drawn from is kept,
    and it is drawn from what is kept.

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
    if next_seed := round.proposal.get("next_seed"):
        round.seed, round.seed_commitment = next_seed, rule.commitment(next_seed)
    barring.compute_conflicts(round, at=at)
    given = drawing.inputs(
        queries.tasks(round),
        [rule.Reviewer(one.pk, tuple(one.fields), one.capacity) for one in experts],
        elsewhere=queries.loads_elsewhere(round),
        conflicts=queries.barred_pairs(round),
        commitment=round.seed_commitment,
        salt=secrets.token_hex(16),
    )
    proposal = drawing.repeat(given, seed=round.seed)
    draw = drawn.keep(round, given, proposal, actor=actor, at=at)
    round.assignments.filter(state=Assignment.State.PROPOSED).delete()
    Assignment.objects.bulk_create(
        Assignment(round=round, application_id=application, expert_id=expert, proposed_at=at)
        for application, expert in proposal.pairs
    )
    round.proposal = {
        "at": at.isoformat(),
        "objective": proposal.objective,
        "cost": proposal.cost,
        "gap": proposal.gap,
        "pairs": len(proposal.pairs),
        "draw": draw.number,
        "shortfalls": {str(one.task): one.reason for one in proposal.shortfalls},
    }
    rounds.advance(round, "propose", actor=actor, at=at)
    round.save(update_fields=["proposal", "seed", "seed_commitment"])
    audit.record(
        actor=actor,
        action="reviews.propose",
        subject=round,
        at=at,
        objective=proposal.objective,
        pairs=len(proposal.pairs),
        shortfalls=len(proposal.shortfalls),
        commitment=round.seed_commitment,
        draw=draw.number,
        fingerprint=draw.fingerprint,
        outcome=draw.outcome_fingerprint,
        solver=draw.solver,
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
    """Add an expert by hand. Conflicts and capacity are hard.

    In a round that is out already the task lies on the desk at once, and a letter goes.
    """
    round = rounds.lock(round)
    rounds.demand(round, "add")
    _may_review(round, expert, application, at=at)
    state = Assignment.State.DEPLOYED if round.is_open else Assignment.State.PROPOSED
    values = {
        "state": state,
        "proposed_at": at,
        "deployed_at": at if round.is_open else None,
        "declared_at": None,
        "ended_at": None,
        "reason": "",
    }
    made, fresh = Assignment.objects.get_or_create(
        round=round, expert=expert, application=application, defaults=values
    )
    if not fresh:
        if made.state in (Assignment.State.PROPOSED, Assignment.State.DEPLOYED):
            raise Refusal("already-assigned", f"{expert.name}已在该项目的评审专家中。")
        if made.state == Assignment.State.RECUSED:
            raise Refusal("conflict", f"{expert.name}已回避该项目，请另选专家。")
        for name, value in values.items():
            setattr(made, name, value)
        made.save(update_fields=list(values))
    entry = _note(made, "reviews.add", actor=actor, at=at)
    if round.is_open:
        letters.deployed(round, expert, tasks=1, occasion=entry.pk, at=at, added=True)
    return made


@transaction.atomic
def remove(assignment: Assignment, *, actor: Actor, at: datetime) -> None:
    """Take a proposed expert off an application."""
    round = rounds.lock(assignment.round)
    rounds.demand(round, "remove")
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.state != Assignment.State.PROPOSED:
        raise Refusal("wrong-state", "只有拟分配的专家可以移出。")
    _note(assignment, "reviews.remove", actor=actor, at=at)
    assignment.delete()


def _note(assignment: Assignment, action: str, *, actor: Actor, at: datetime, **data: str) -> Entry:
    return audit.record(
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
    barring.compute_conflicts(round, at=at)
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
    failpoint("tasks.deployed")
    rounds.advance(round, "deploy", actor=actor, at=at)
    draw = drawn.sent_out(round, at=at)
    entry = audit.record(
        actor=actor,
        action="reviews.deploy",
        subject=round,
        at=at,
        tasks=count,
        seed=round.seed,
        draw=draw.number if draw else 0,
        fingerprint=draw.fingerprint if draw else "",
    )
    loads = Counter(expert for _, expert in pairs)
    for expert in Expert.objects.filter(pk__in=loads).select_related("user").order_by("pk"):
        letters.deployed(round, expert, tasks=loads[expert.pk], occasion=entry.pk, at=at)
    return count


@transaction.atomic
def undo(round: Round, *, actor: Actor, at: datetime) -> None:
    """Take the assignment back to the proposal, as long as nobody has scored anything.

    The seed was shown with the assignment: a proposal made anew draws with another one, and the
    trail holds its commitment from here on. Raises ``Refusal`` ``scored`` when a score exists,
    even a draft.
    """
    round = rounds.lock(round)
    rounds.demand(round, "undo")
    if Review.objects.filter(assignment__round=round).exists():
        raise Refusal("scored", "已有专家开始评分，不能撤回下发。要调整个别专家，请用“更换专家”。")
    round.assignments.filter(state=Assignment.State.DEPLOYED).update(
        state=Assignment.State.PROPOSED, deployed_at=None, declared_at=None
    )
    rounds.advance(round, "undo", actor=actor, at=at)
    drawn.taken_back(round, at=at)
    round.proposal |= {"next_seed": secrets.token_hex(16), "next_at": at.isoformat()}
    round.save(update_fields=["proposal"])
    audit.record(
        actor=actor,
        action="reviews.undo",
        subject=round,
        at=at,
        seed=round.seed,
        commitment=round.next_commitment,
    )


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
    entry = _note(
        fresh,
        "reviews.replace",
        actor=actor,
        at=at,
        instead_of=str(assignment.expert_id),
        reason=reason,
    )
    letters.deployed(round, by, tasks=1, occasion=entry.pk, at=at, added=True)
    return fresh
