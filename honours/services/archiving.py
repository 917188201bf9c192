"""The archive of a whole call: asked for by one, agreed to by another, then packed."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Membership
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from documents.models import Package
from documents.packages import services as packages
from honours import archive
from honours.models import ArchiveRequest
from outcomes import rules
from outcomes.services import ground

State = ArchiveRequest.State


@transaction.atomic
def ask(call: Call, *, reason: str, evidence: bool, actor: Actor, at: datetime) -> ArchiveRequest:
    """Ask for the archive of a call. Raises ``Refusal`` ``reason-short`` (422), ``pending``."""
    ground.must_be_office(actor)
    reason = rules.reason_of(reason, shortest=5, what="归档的用途")
    try:
        with transaction.atomic():
            asked = ArchiveRequest.objects.create(
                call=call,
                reason=reason[:300],
                evidence=evidence,
                proposed_by_id=actor.person,
                proposed_at=call.time(at),
            )
    except IntegrityError:
        raise Refusal("pending", "您已有一份待批准的归档申请。") from None
    audit.record(
        actor=actor,
        action="honours.ask_archive",
        subject=asked,
        at=at,
        call=call.code,
        reason=reason,
        evidence=evidence,
    )
    return asked


@transaction.atomic
def decide(asked: ArchiveRequest, *, approve: bool, actor: Actor, at: datetime) -> ArchiveRequest:
    """Agree or not. Raises ``Refusal`` ``approver-only``, ``two-people``, ``decided``."""
    ground.must_approve(actor)
    asked = (
        ArchiveRequest.objects.select_for_update(of=("self",))
        .select_related("call")
        .get(pk=asked.pk)
    )
    if asked.state != State.PENDING:
        raise Refusal("decided", "这份申请已经处理过，请刷新页面。")
    if approve:
        ground.two_people(actor, {asked.proposed_by_id}, what="提出申请")
    asked.state = State.APPROVED if approve else State.REFUSED
    asked.approved_by_id, asked.approved_at = actor.user_id, asked.call.time(at)
    asked.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(
        actor=actor,
        action="honours.decide_archive",
        subject=asked,
        at=at,
        call=asked.call.code,
        approve=approve,
    )
    return asked


def pack(asked: ArchiveRequest, *, acting: Membership, actor: Actor, at: datetime) -> Package:
    """Pack what was agreed to, for whoever asked. Raises ``Refusal`` ``not-approved``,
    ``not-yours`` (403)."""
    if asked.state != State.APPROVED:
        raise Refusal("not-approved", "归档申请还没有批准，不能打包。")
    if actor.user_id != asked.proposed_by_id:
        raise Refusal("not-yours", "归档包由提出申请的人打包和下载。", status=403)
    return packages.request(
        kind=archive.CALL_KIND,
        subject=asked.call,
        title=f"{asked.call.title}归档包",
        options={"request": asked.pk, "evidence": asked.evidence},
        acting=acting,
        actor=actor,
        at=at,
    )


def pack_project(
    application: Application, *, own: bool, acting: Membership, actor: Actor, at: datetime
) -> Package:
    """Pack one project: for its unit as it may have it, for the office whole."""
    return packages.request(
        kind=archive.PROJECT_KIND,
        subject=application,
        title=f"{application.number}归档包",
        options={"own": own, "evidence": True},
        acting=acting,
        actor=actor,
        at=at,
    )
