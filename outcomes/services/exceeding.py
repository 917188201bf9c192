"""One more than a soft cap allows: a reason, and a second person who grants it."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Max

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import TierStage
from core.errors import Refusal
from outcomes import rules
from outcomes.models import Decision, Slot, SlotGroup, SlotRequest
from outcomes.services import ground, slots, staging


@transaction.atomic
def request_more(
    application: Application,
    *,
    tier: str,
    reason: str,
    amount: Decimal | None = None,
    actor: Actor,
    at: datetime,
) -> SlotRequest:
    """Ask to select one more than a soft cap allows. A hard cap refuses, naming its clause."""
    ground.must_be_office(actor)
    call = ground.lock(application.call)
    stage = rules.stage_of(call.programme, tier)
    application = _candidate(call, application, stage)
    rules.tier_of(call.programme, tier, stage)
    reason = rules.reason_of(reason, shortest=rules.SHORTEST_REASON, what="超出上限的理由")
    if stage is TierStage.SELECTION:
        amount = rules.amount_of(amount, call.programme.decision)
    slots.ensure(call)
    crowded = [
        group for group in slots.groups_for(application, tier) if not slots.free(group, application)
    ]
    if not crowded:
        raise Refusal("not-needed", "上限尚未用完，可以直接拟定，不需要申请。")
    hard = next((group for group in crowded if not group.soft), None)
    if hard is not None:
        raise slots.full(hard, call)
    if stage is TierStage.SELECTION:
        ground.selectable(call, [application])
    try:
        with transaction.atomic():
            request = SlotRequest.objects.create(
                application=application,
                tier=tier,
                amount=amount,
                reason=reason,
                proposed_by_id=actor.person,
                proposed_at=call.time(at),
            )
    except IntegrityError:
        raise Refusal("pending", "该项目已有一份超出上限申请待批准。") from None
    audit.record(
        actor=actor,
        action="outcomes.request_slot",
        subject=request,
        at=at,
        reason=reason,
        tier=tier,
    )
    return request


@transaction.atomic
def decide_request(
    request: SlotRequest, *, approve: bool, actor: Actor, at: datetime
) -> SlotRequest:
    """Grant or refuse. Granting adds a slot for the named application and stages its selection.

    Above a cap of the award the slot alone is added: who may win, ``honours`` judges and stages.
    """
    ground.must_approve(actor)
    call = ground.lock(request.application.call)
    request = (
        SlotRequest.objects.select_for_update(of=("self",))
        .select_related("application__call", "proposed_by")
        .get(pk=request.pk)
    )
    if request.state != SlotRequest.State.PENDING:
        raise Refusal("decided", "这份申请已经处理过，请刷新页面。")
    if approve and actor.user_id == request.proposed_by_id:
        raise Refusal("two-people", "提出申请的人不能自己批准，请由另一人批准。", status=403)
    request.state = SlotRequest.State.GRANTED if approve else SlotRequest.State.REFUSED
    request.decided_by_id, request.decided_at = actor.user_id, call.time(at)
    request.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(
        actor=actor, action="outcomes.decide_slot", subject=request, at=at, approve=approve
    )
    if approve:
        stage = rules.stage_of(call.programme, request.tier)
        application = _candidate(call, request.application, stage)
        slots.ensure(call)
        for group in slots.groups_for(application, request.tier):
            if slots.free(group, application) is None:
                _grant(group, request, actor)
        if stage is TierStage.AWARD:
            return request
        Decision.objects.filter(application=application, state=Decision.State.PENDING).delete()
        staging.hold(
            call,
            application,
            tier=request.tier,
            amount=request.amount,
            reason=request.reason,
            proposed_by=request.proposed_by_id,
            actor=actor,
            at=at,
        )
    return request


def _candidate(call: Call, application: Application, stage: TierStage) -> Application:
    """The application, locked, where it can be selected or awarded now."""
    candidates = ground.finalists if stage is TierStage.AWARD else ground.waiting
    return candidates(call, [application.public_id])[0]


def _grant(group: SlotGroup, request: SlotRequest, actor: Actor) -> Slot:
    if not group.soft:
        raise slots.full(group, group.call)
    highest = group.slots.filter(granted_for__isnull=False).aggregate(n=Max("number"))["n"]
    return Slot.objects.create(
        group=group,
        number=(highest or rules.GRANTED_FROM - 1) + 1,
        granted_for=request.application,
        granted_reason=request.reason,
        proposed_by_id=request.proposed_by_id,
        approved_by_id=actor.user_id,
    )
