"""The sample: declared by the unit, received by the agency."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from outcomes import rules
from testing import letters
from testing.models import Commission
from testing.services import ground
from testing.states import Commissioned


@transaction.atomic
def declare(
    commission: Commission,
    *,
    name: str,
    model: str,
    version: str,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> Commission:
    """The unit says what it hands over: 样品名称, 型号, 版本. Until the agency received it.

    Raises ``Refusal``: ``not-yours`` (403), ``no-sample`` (422), ``not-now``, ``received``.
    """
    commission = ground.lock_commission(commission)
    ground.must_be_unit(actor, commission.task)
    if not name.strip() or not version.strip():
        raise Refusal("no-sample", "请填写样品名称和版本，报告上据此写明。", status=422)
    if commission.state not in (Commissioned.OFFERED, Commissioned.ACCEPTED):
        raise Refusal("not-now", "这项测评现在不需要申报样品，请刷新页面。")
    if commission.received_at is not None:
        raise Refusal("received", "测评机构已经登记接收样品。确需更换的，请与测评机构联系。")
    commission.sample_name, commission.sample_model = name.strip()[:100], model.strip()[:100]
    commission.sample_version, commission.sample_note = version.strip()[:100], note.strip()[:500]
    commission.sample_by_id, commission.sample_at = actor.person, at
    commission.save(
        update_fields=[
            "sample_name",
            "sample_model",
            "sample_version",
            "sample_note",
            "sample_by",
            "sample_at",
        ]
    )
    audit.record(
        actor=actor,
        action="testing.declare_sample",
        subject=commission,
        at=at,
        name=commission.sample_name,
        model=commission.sample_model,
        version=commission.sample_version,
    )
    letters.sample_declared(commission, at=at)
    return commission


@transaction.atomic
def receive(
    commission: Commission, *, on: date, note: str, actor: Actor, at: datetime
) -> Commission:
    """The agency has the sample in hand and says so.

    Raises ``Refusal``: ``not-yours`` (403), ``no-sample``, ``received``, ``day-to-come`` (422).
    """
    commission = ground.lock_commission(commission)
    ground.must_be_agency(actor, commission)
    if commission.state != Commissioned.ACCEPTED or commission.sample_at is None:
        raise Refusal("no-sample", "承担单位还没有申报样品，或委托尚未接受。")
    if commission.received_at is not None:
        raise Refusal("received", "样品已经登记接收。")
    if on > rules.day_of(commission.task.application.call.time(at)):
        raise Refusal("day-to-come", "接收日期不能晚于今天。", status=422)
    commission.received_on, commission.received_note = on, note.strip()[:500]
    commission.received_by_id, commission.received_at = actor.person, at
    commission.save(update_fields=["received_on", "received_note", "received_by", "received_at"])
    audit.record(
        actor=actor, action="testing.receive_sample", subject=commission, at=at, on=on.isoformat()
    )
    letters.sample_received(commission, at=at)
    return commission


@transaction.atomic
def give_back(commission: Commission, *, reason: str, actor: Actor, at: datetime) -> Commission:
    """The sample does not do: the unit declares another. Raises ``reason-short``, ``not-now``."""
    reason = rules.reason_of(reason, shortest=4, what="退回原因")
    commission = ground.lock_commission(commission)
    ground.must_be_agency(actor, commission)
    if commission.state != Commissioned.ACCEPTED or commission.received_at is None:
        raise Refusal("not-now", "样品还没有登记接收，请刷新页面。")
    commission.received_on = commission.received_at = commission.received_by = None
    commission.received_note = f"已退回：{reason}"[:500]
    commission.save(update_fields=["received_on", "received_note", "received_by", "received_at"])
    audit.record(
        actor=actor, action="testing.give_back_sample", subject=commission, at=at, reason=reason
    )
    letters.sample_returned(commission, reason=reason, at=at)
    return commission
