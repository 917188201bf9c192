"""Staging: what the office means to do, known to it alone until it is applied."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from applications.models import Application
from applications.workflow import RESULTS, Status
from audit import services as audit
from audit.models import Entry
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from notifications import services as notifications
from outcomes import rules
from outcomes.models import Award, Decision, SlotRequest
from outcomes.services import ground, slots


@transaction.atomic
def select(
    call: Call,
    public_ids: Sequence[str],
    *,
    tier: str,
    amounts: Mapping[str, Decimal | None] | None = None,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> list[Decision]:
    """Mean to select these applications in this tier: all of them, or a refusal and none.

    ``amounts`` by public id, in the programme's unit, where its decision names sums. Raises
    ``Refusal`` from ``ground`` and ``slots``: the cap with its clause, a missing step or review.
    """
    ground.must_be_office(actor)
    call = ground.lock(call)
    rules.tier_of(call.programme, tier)
    applications = ground.waiting(call, public_ids)
    ground.review_is_over(call, applications)
    ground.selectable(call, applications)
    slots.ensure(call)
    _drop(applications, actor=actor, at=at)
    return [
        hold(
            call,
            application,
            tier=tier,
            amount=(amounts or {}).get(application.public_id),
            reason=reason,
            proposed_by=actor.person,
            actor=actor,
            at=at,
        )
        for application in applications
    ]


def hold(
    call: Call,
    application: Application,
    *,
    tier: str,
    amount: Decimal | None,
    reason: str,
    proposed_by: int,
    actor: Actor,
    at: datetime,
) -> Decision:
    """Take the slots and write the decision, in the caller's transaction and under its lock."""
    try:
        sum_of_money = rules.amount_of(amount, call.programme.decision)
    except Refusal as refusal:
        raise Refusal(
            refusal.code,
            f"《{application.title}》：{refusal.message}",
            rule=refusal.rule,
            status=refusal.status,
        ) from None
    decision = Decision.objects.create(
        application=application,
        outcome=Decision.Outcome.SELECT,
        tier=tier,
        amount=sum_of_money,
        reason=reason.strip()[:500],
        proposed_by_id=proposed_by,
        proposed_at=call.time(at),
        **slots.take(application, tier),
    )
    audit.record(
        actor=actor,
        action="outcomes.stage",
        subject=application,
        at=at,
        outcome="select",
        tier=tier,
        amount=sum_of_money,
        reason=decision.reason,
    )
    return decision


@transaction.atomic
def decline(
    call: Call, public_ids: Sequence[str], *, reason: str = "", actor: Actor, at: datetime
) -> list[Decision]:
    """Mean not to select these applications."""
    ground.must_be_office(actor)
    call = ground.lock(call)
    applications = ground.waiting(call, public_ids)
    ground.review_is_over(call, applications)
    _drop(applications, actor=actor, at=at)
    decisions = []
    for application in applications:
        decisions.append(
            Decision.objects.create(
                application=application,
                outcome=Decision.Outcome.DECLINE,
                reason=reason.strip()[:500],
                proposed_by_id=actor.person,
                proposed_at=call.time(at),
            )
        )
        audit.record(
            actor=actor,
            action="outcomes.stage",
            subject=application,
            at=at,
            outcome="decline",
            reason=reason.strip(),
        )
    return decisions


@transaction.atomic
def unstage(call: Call, public_ids: Sequence[str], *, actor: Actor, at: datetime) -> int:
    """Take staged decisions back; their slots are free again. Returns how many there were."""
    ground.must_be_office(actor)
    call = ground.lock(call)
    return _drop(ground.waiting(call, public_ids), actor=actor, at=at)


def _drop(
    applications: Sequence[Application],
    *,
    states: Sequence[str] = (Decision.State.PENDING,),
    actor: Actor,
    at: datetime,
) -> int:
    """Delete pending decisions; the trail keeps what they were."""
    found = Decision.objects.filter(
        application__in=[one.pk for one in applications], state__in=states
    ).select_related("application")
    dropped = list(found)
    for decision in dropped:
        audit.record(
            actor=actor,
            action="outcomes.unstage",
            subject=decision.application,
            at=at,
            outcome=decision.outcome,
            tier=decision.tier,
        )
    Decision.objects.filter(pk__in=[decision.pk for decision in dropped]).delete()
    return len(dropped)


def _take_letters_back(application: Application) -> None:
    told = Entry.objects.filter(
        subject=audit.label(application), action__in=[f"applications.{one}" for one in RESULTS]
    )
    for pk, action in told.values_list("pk", "action"):
        kind = action.removeprefix("applications.")
        notifications.cancel(kind=kind, key_prefix=f"application.{kind}:{pk}:")


NEVER_WAITED = (Status.DRAFT, Status.SUBMITTED)
"""Statuses out of which nothing can wait for a decision yet."""


def forget(application: Application, *, move: str, before: str, actor: Actor, at: datetime) -> None:
    """A filing that leaves the waiting line otherwise takes its decision and requests with it.

    One that was decided on leaves so only while nobody outside the office knows the result: what
    was decided goes too, with its slots and its letters.
    """
    if move in RESULTS or before in NEVER_WAITED:
        return
    states = [Decision.State.PENDING]
    if move != "revoke" and before in (Status.FINALIST, Status.NOT_SELECTED):
        states.append(Decision.State.APPLIED)
        _take_letters_back(application)
    _drop([application], states=states, actor=actor, at=at)
    for award in Award.objects.filter(application=application, state=Award.State.PENDING):
        audit.record(
            actor=actor,
            action="outcomes.unstage_award",
            subject=application,
            at=at,
            tier=award.tier,
        )
        award.delete()
    for request in SlotRequest.objects.filter(
        application=application, state=SlotRequest.State.PENDING
    ):
        audit.record(actor=actor, action="outcomes.drop_slot_request", subject=application, at=at)
        request.delete()
