"""Awards under their caps: staged, taken back, applied together by a second person.

The ledger of slots is the selection's (``slots``); who may win at all is judged by ``honours``,
which calls these inside its own transaction, under the lock of ``ground.lock``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import TierStage
from core.errors import Refusal
from outcomes import letters, queries, rules
from outcomes.models import Award, Publication, Stage
from outcomes.services import ground, slots


@transaction.atomic
def hold(
    call: Call,
    application: Application,
    *,
    tier: str,
    reason: str = "",
    exception: str = "",
    standing: Mapping[str, Any] | None = None,
    proposed_by: int,
    actor: Actor,
    at: datetime,
) -> Award:
    """Mean to award this finalist: take a slot of every cap that holds and write the row.

    A pending award of the application is replaced. Raises what ``slots.take`` raises, and
    ``already-decided`` for one that took effect.
    """
    rules.tier_of(call.programme, tier, TierStage.AWARD)
    slots.ensure(call)
    _clear(application)
    award = Award.objects.create(
        application=application,
        outcome=Award.Outcome.WIN,
        tier=tier,
        reason=reason.strip()[:500],
        exception=exception.strip()[:500],
        standing=dict(standing or {}),
        proposed_by_id=proposed_by,
        proposed_at=call.time(at),
        **slots.take(application, tier),
    )
    audit.record(
        actor=actor,
        action="outcomes.stage_award",
        subject=application,
        at=at,
        outcome="win",
        tier=tier,
        reason=award.reason,
        exception=award.exception,
        standing=award.standing,
    )
    return award


@transaction.atomic
def pass_over(
    call: Call,
    applications: Sequence[Application],
    *,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> list[Award]:
    """Mean to give these finalists no award."""
    found = []
    for application in applications:
        _clear(application)
        found.append(
            Award.objects.create(
                application=application,
                outcome=Award.Outcome.NONE,
                reason=reason.strip()[:500],
                proposed_by_id=actor.person,
                proposed_at=call.time(at),
            )
        )
        audit.record(
            actor=actor,
            action="outcomes.stage_award",
            subject=application,
            at=at,
            outcome="none",
            reason=reason.strip(),
        )
    return found


@transaction.atomic
def unstage(applications: Sequence[Application], *, actor: Actor, at: datetime) -> int:
    """Take pending awards back; their slots are free again. Returns how many there were."""
    pending = list(
        Award.objects.filter(
            application__in=[one.pk for one in applications], state=Award.State.PENDING
        ).select_related("application")
    )
    for award in pending:
        audit.record(
            actor=actor,
            action="outcomes.unstage_award",
            subject=award.application,
            at=at,
            outcome=award.outcome,
            tier=award.tier,
        )
    Award.objects.filter(pk__in=[award.pk for award in pending]).delete()
    return len(pending)


def _clear(application: Application) -> None:
    award = Award.objects.select_for_update().filter(application=application).first()
    if award is None:
        return
    if award.state == Award.State.APPLIED:
        raise Refusal("already-decided", f"《{application.title}》的优胜结果已经生效，不能再拟定。")
    if award.state == Award.State.REVOKED:
        raise Refusal("award-revoked", f"《{application.title}》的优胜结果已被取消，不能重新授予。")
    award.delete()


def take_effect(award: Award, *, actor: Actor, at: datetime) -> None:
    """One award of the list that is applied, in the caller's transaction."""
    now = award.application.call.time(at)
    award.state = Award.State.APPLIED
    award.approved_by_id, award.approved_at, award.applied_at = actor.user_id, now, now
    award.save(update_fields=["state", "approved_by", "approved_at", "applied_at"])
    audit.record(
        actor=actor,
        action="outcomes.award",
        subject=award.application,
        at=at,
        outcome=award.outcome,
        tier=award.tier,
        exception=award.exception,
        proposed_by=award.proposed_by_id,
    )


@transaction.atomic
def revoke(award: Award, *, reason: str, actor: Actor, at: datetime) -> Award:
    """Take an award back and free its slots; the unit is told if a list had named it.

    By an approver who is not the one who approved it. One that is announced must leave its list
    first. Raises ``Refusal`` ``approver-only``, ``two-people``, ``announced``, ``not-applied``.
    """
    ground.must_approve(actor)
    ground.lock(award.application.call)
    award = (
        Award.objects.select_for_update(of=("self",))
        .select_related("application__call", "application__organisation")
        .get(pk=award.pk)
    )
    reason = rules.reason_of(reason, shortest=5, what="取消优胜的理由")
    ground.two_people(actor, {award.approved_by_id}, what="批准授予")
    return withdrawn(award, reason=reason, actor=actor, at=at)


def withdrawn(award: Award, *, reason: str, actor: Actor, at: datetime) -> Award:
    """The row of an award taken back, in the caller's transaction and under its lock."""
    if award.announcement_id:
        raise Refusal("announced", "该项目的优胜名单已经公布，请先撤下公布名单，再取消。")
    if award.state != Award.State.APPLIED or not award.is_select:
        raise Refusal("not-applied", "该项目没有生效的优胜结果，请刷新页面。")
    award.state, award.reason = Award.State.REVOKED, reason[:500]
    award.call_slot = award.direction_slot = award.subfield_slot = None
    award.save()
    audit.record(
        actor=actor,
        action="outcomes.revoke_award",
        subject=award.application,
        at=at,
        tier=award.tier,
        reason=reason,
    )
    if queries.made_public(award.application, Stage.AWARD):
        letters.award_revoked(award, reason=reason, at=at)
    return award


def on_list(publication: Publication) -> list[Award]:
    """The awards a published list holds."""
    return list(
        Award.objects.filter(announcement=publication).select_related(
            "application__organisation", "application__direction", "application__call"
        )
    )
