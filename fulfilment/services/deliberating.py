"""审定 by a meeting and by the offices that have to sign. Writer of ``Deliberation.state``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Organisation
from accounts.roles import Role
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from documents.fingerprints import fingerprint
from fulfilment import letters, terms
from fulfilment.models import Cosignature, Deliberation
from fulfilment.services import ground
from outcomes import services as outcomes
from outcomes.rules import day_of
from outcomes.services import ground as deciding

State, Verdict = Deliberation.State, Cosignature.Verdict


@transaction.atomic
def open_deliberation(
    call: Call,
    public_ids: Sequence[str],
    *,
    held_on: date,
    minutes: str,
    offices: Mapping[str, Organisation],
    actor: Actor,
    at: datetime,
) -> Deliberation:
    """Lay the list before the meeting's offices: the organiser's own, then the file's cosigners.

    ``offices`` maps each name in the file to the unit whose approver signs. Raises ``Refusal``
    ``no-such-step``, ``day-wrong``, ``reason-short``, ``no-office``, ``already-open``, those of
    ``outcomes`` for applications that do not wait.
    """
    ground.must_be_office(actor)
    call = deciding.lock(call)
    rule = call.programme.approval
    if rule is None:
        raise Refusal("no-such-step", "本批次的审定不需要会签。", rule=call.programme.notice)
    if held_on > day_of(call.time(at)):
        raise Refusal("day-wrong", "会议日期不能晚于今天。", status=422)
    minutes = ground.reason_of(minutes, what="会议纪要")
    found = deciding.waiting(call, public_ids)
    missing = [name for name in rule.cosigners if offices.get(name) is None]
    if missing:
        raise Refusal(
            "no-office", f"请为{'、'.join(missing)}选择会签单位。", rule=rule.source, status=422
        )
    rows = [
        {
            "application": one.pk,
            "public_id": one.public_id,
            "number": one.number,
            "title": one.title,
            "organisation": one.organisation.name,
            "direction": one.direction.title if one.direction else "",
        }
        for one in found
    ]
    made = Deliberation(
        call=call,
        rows=rows,
        fingerprint=fingerprint(_content(rule.meeting, held_on, minutes, rows)),
        meeting=rule.meeting,
        held_on=held_on,
        minutes=minutes,
        opened_by_id=actor.person,
        opened_at=call.time(at),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Refusal("already-open", "本批次已有一件审定在会签，请先办结。") from None
    own = Organisation.objects.get(pk=actor.organisation_id or 0)
    signers = [(call.programme.organiser, own), *((name, offices[name]) for name in rule.cosigners)]
    Cosignature.objects.bulk_create(
        Cosignature(deliberation=made, order=order, office=name, organisation=unit)
        for order, (name, unit) in enumerate(signers, 1)
    )
    audit.record(
        actor=actor,
        action="fulfilment.open_deliberation",
        subject=made,
        at=at,
        rows=len(rows),
        fingerprint=made.fingerprint,
    )
    letters.to_sign(made, at=at)
    return made


def _content(
    meeting: str, held_on: date, minutes: str, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "held_on": held_on.isoformat(),
        "minutes": minutes,
        "rows": [dict(row) for row in rows],
    }


@transaction.atomic
def sign(
    signature: Cosignature,
    *,
    agree: bool,
    note: str = "",
    shown: str,
    actor: Actor,
    at: datetime,
) -> Deliberation:
    """An approver of the office signs what was ``shown`` (its fingerprint).

    The last agreement records the step for every application; one objection ends it. Raises
    ``Refusal`` ``not-yours`` (403), ``changed``, ``over``, ``signed``, ``twice``.
    """
    held = Deliberation.objects.select_related("call").get(pk=signature.deliberation_id)
    call = deciding.lock(held.call)
    held = Deliberation.objects.select_for_update().get(pk=held.pk)
    held.call = call
    signature = Cosignature.objects.select_for_update().get(pk=signature.pk)
    if actor.role != Role.OFFICE_APPROVER or actor.organisation_id != signature.organisation_id:
        raise Refusal("not-yours", f"这一份由{signature.office}的审批人签署。", status=403)
    if held.state != State.OPEN:
        raise Refusal("over", "这件审定已经办结，请刷新页面。")
    if held.fingerprint != shown:
        raise Refusal("changed", "名单与您看到的不一致，请刷新页面后重新核对。")
    if signature.verdict != Verdict.WAITING:
        raise Refusal("signed", f"{signature.office}已经签署。")
    if held.signatures.filter(signed_by=actor.person).exists():
        raise Refusal("twice", "您已代表另一单位签署，请由其他人签署。", status=403)
    if not agree:
        note = ground.reason_of(note, what="不同意的理由")
    signature.verdict = Verdict.AGREED if agree else Verdict.OBJECTED
    signature.note = note.strip()[:500]
    signature.signed_by_id, signature.signer = actor.person, actor.name[:60]
    signature.signed_at = call.time(at)
    signature.save()
    audit.record(
        actor=actor,
        action="fulfilment.cosign",
        subject=held,
        at=at,
        office=signature.office,
        agree=agree,
        fingerprint=held.fingerprint,
    )
    if not agree:
        held.state, held.ended_at = State.STOPPED, call.time(at)
        held.save(update_fields=["state", "ended_at"])
    elif not held.signatures.filter(verdict=Verdict.WAITING).exists():
        held.state, held.ended_at = State.PASSED, call.time(at)
        held.save(update_fields=["state", "ended_at"])
        _record(held, actor=actor, at=at)
    return held


def _record(held: Deliberation, *, actor: Actor, at: datetime) -> None:
    names = "、".join(held.signatures.values_list("office", flat=True))
    outcomes.record(
        held.call,
        [row["public_id"] for row in held.rows],
        step=Step.APPROVAL,
        result="pass",
        note=f"{held.meeting} {terms.words(held.held_on)} 审议通过，{names}会签同意",
        by_machinery=True,
        actor=actor,
        at=at,
    )
