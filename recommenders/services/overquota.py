"""Above a soft limit: a reason, a decision of the office, and a place for the named application."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.lengths import characters
from recommenders import letters, liststates, queries
from recommenders.models import GRANTED_FROM, Allotment, OverQuotaRequest, Place
from recommenders.services import confirming, ground

SHORTEST_REASON = 10
"""Characters of a reason, white space not counted."""


@transaction.atomic
def request_over_quota(
    application: Application, *, reason: str, actor: Actor, at: datetime, pool: str = ""
) -> OverQuotaRequest:
    """Ask the office for a place above a soft limit. A hard limit refuses, naming the clause."""
    ground.must_belong(actor, application.recommender_id)
    if characters(reason) < SHORTEST_REASON:
        raise Refusal(
            "reason-short", f"请写明超额推荐的理由（不少于 {SHORTEST_REASON} 字）。", status=422
        )
    allotment = ground.lock_allotment(application, pool=pool)
    ledger = queries.ledger_of(allotment)
    if allotment.limit is None or ledger.free:
        raise Refusal("not-needed", "名额尚未用完，可以直接推荐，不需要申请超额。")
    if not allotment.soft:
        raise Refusal("quota-hard", ledger.hard_refusal(), rule=allotment.source)
    if application.status != Status.SUBMITTED:
        raise Refusal("wrong-status", "只有已提交、未推荐的项目可以申请超额推荐。")
    ranked = ground.lock_open_list(application.call, application.recommender_id)
    ground.must_be_in_time(ranked, at=at)
    if allotment.places.filter(granted_for=application).exists():
        raise Refusal("granted-before", "该项目的超额申请已经同意，可以直接推荐。")
    try:
        with transaction.atomic():
            request = OverQuotaRequest.objects.create(
                allotment=allotment,
                application=application,
                reason=reason.strip(),
                proposed_by_id=actor.person,
                proposed_at=at,
            )
    except IntegrityError:
        raise Refusal("pending", "该项目已有一份超额申请待审批。") from None
    audit.record(
        actor=actor,
        action="recommenders.request_over_quota",
        subject=request,
        at=at,
        application=application.pk,
        reason=request.reason,
    )
    letters.over_quota_requested(request, at=at)
    return request


@transaction.atomic
def cancel_over_quota(request: OverQuotaRequest, *, actor: Actor, at: datetime) -> None:
    """Take a request back before it is decided."""
    request = _lock(request)
    ground.must_belong(actor, request.allotment.organisation_id)
    request.state = OverQuotaRequest.State.CANCELLED
    request.decided_by_id, request.decided_at = actor.user_id, at
    request.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(actor=actor, action="recommenders.cancel_over_quota", subject=request, at=at)


@transaction.atomic
def decide_over_quota(
    request: OverQuotaRequest, *, approve: bool, note: str, actor: Actor, at: datetime
) -> OverQuotaRequest:
    """Approve or refuse. An approval adds one place for the named application and confirms it.

    Where it cannot be confirmed any more (withdrawn, or the list is confirmed), the place waits.
    """
    ground.must_be_office_approver(actor)
    if not approve and len(note.strip()) < 5:
        raise Refusal("reason-short", "不同意的，请写明理由（不少于 5 字）。", status=422)
    Allotment.objects.select_for_update().get(pk=request.allotment_id)
    # before the request, as a withdrawal does that cancels it
    Application.objects.select_for_update().get(pk=request.application_id)
    request = _lock(request)
    if actor.user_id == request.proposed_by_id:
        raise Refusal("two-people", "提出申请的人不能自己审批，请由另一人审批。", status=403)
    request.state = OverQuotaRequest.State.APPROVED if approve else OverQuotaRequest.State.REFUSED
    request.decided_by_id, request.decided_at = actor.user_id, at
    request.decision_note = note.strip()[:300]
    if approve:
        request.place = _grant(request.allotment, request.application)
    request.save(update_fields=["state", "decided_by", "decided_at", "decision_note", "place"])
    audit.record(
        actor=actor,
        action="recommenders.decide_over_quota",
        subject=request,
        at=at,
        approve=approve,
        note=request.decision_note,
    )
    if approve:
        _confirm_if_possible(request, actor=actor, at=at)
    letters.over_quota_decided(request, at=at)
    return request


def _confirm_if_possible(request: OverQuotaRequest, *, actor: Actor, at: datetime) -> None:
    """Confirm at once when the filing still waits and the list is open."""
    application = request.application
    ranked = queries.list_of(application.call, request.allotment.organisation_id)
    waits = application.status == Status.SUBMITTED
    if waits and ranked and ranked.state == liststates.OPEN and queries.in_time(ranked, at=at):
        confirming.confirm_granted(
            application,
            proposed_by=request.proposed_by_id,
            reason=request.reason,
            actor=actor,
            at=at,
            pool=request.allotment.pool,
        )


def _grant(allotment: Allotment, application: Application) -> Place:
    highest = allotment.places.filter(granted_for__isnull=False).aggregate(n=Max("number"))["n"]
    return Place.objects.create(
        allotment=allotment,
        number=(highest or GRANTED_FROM - 1) + 1,
        of_limit=None,
        granted_for=application,
    )


def _lock(request: OverQuotaRequest) -> OverQuotaRequest:
    request = (
        OverQuotaRequest.objects.select_for_update(of=("self",))
        .select_related("allotment__organisation", "application__call", "application__recommender")
        .get(pk=request.pk)
    )
    if request.state != OverQuotaRequest.State.PENDING:
        raise Refusal("decided", "这份超额申请已经处理过，请刷新页面。")
    return request
