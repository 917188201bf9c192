"""A result's way: opened, submitted by one person, approved by another, sealed, released. The only
writer of ``Result.state``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls.programme.directions import SIGNS, Operator
from core.errors import Refusal
from documents import services as documents
from documents.kinds import KINDS
from fulfilment.models import Target
from outcomes import rules
from testing import conclusions, letters, measured, report, states
from testing.models import Commission, Result, ResultRow
from testing.services import ground, measuring
from testing.states import RESULT_MOVES, Reported

KIND = "test_report"


def begin(commission: Commission, *, actor: Actor, at: datetime) -> Result:
    """The empty result of an accepted commission, under its lock: a row per pinned indicator."""
    targets = list(commission.task.targets.order_by("order", "pk"))
    if commission.keys:
        targets = [one for one in targets if one.key in commission.keys]
    result = Result.objects.create(
        commission=commission,
        counts=conclusions.count([conclusions.OPEN] * len(targets)).as_dict(),
    )
    ResultRow.objects.bulk_create(
        [
            ResultRow(result=result, target=target, order=n, pinned=pinned(target))
            for n, target in enumerate(targets, 1)
        ]
    )
    audit.record(
        actor=actor, action="testing.begin", subject=result, at=at, indicators=len(targets)
    )
    return result


def pinned(target: Target) -> dict[str, str]:
    """The target as a report prints it."""
    sign = SIGNS[Operator(target.operator)] if target.operator in ("ge", "le") else ""
    return {
        "key": target.key,
        "name": target.name,
        "unit": target.unit,
        "basis": target.basis,
        "kind": target.kind,
        "sign": sign if target.target else "",
        "target": target.target,
        "first_target": target.first_target,
        "reference": target.reference,
        "operator": target.operator,
    }


def problems(result: Result, rows: Sequence[ResultRow]) -> list[measuring.Problem]:
    """What keeps a result from being submitted."""
    found = [
        measuring.Problem(None, name, words)
        for name, words in (
            ("basis", "填写测评依据"),
            ("environment", "填写测评环境"),
            ("tested_from", "填写测评开始日期"),
            ("tested_until", "填写测评结束日期"),
        )
        if not getattr(result, name)
    ]
    if result.tested_from and result.tested_until and result.tested_until < result.tested_from:
        found.append(measuring.Problem(None, "tested_until", "结束日期早于开始日期"))
    if result.commission.received_at is None:
        found.append(measuring.Problem(None, "sample", "登记接收样品"))
    for row in rows:
        judged = measuring.judged(row)
        if judged.problem:
            found.append(measuring.Problem(row.pk, "measured", judged.problem))
        found += [
            measuring.Problem(row.pk, name, words)
            for name, words in measured.missing(measuring.plain_row(row))
        ]
    return found


@transaction.atomic
def submit(result: Result, *, version: int, actor: Actor, at: datetime) -> Result:
    """Hand the result to a colleague for approval; targets are pinned as they stand.

    Raises ``Refusal``: ``not-yours`` (403), ``not-open``, ``stale``, ``incomplete`` (422).
    """
    result = ground.lock_result(result)
    ground.must_be_agency(actor, result.commission)
    ground.must_be_free(result.commission.agency, result.commission.task)
    measuring.must_be_open(result)
    if version != result.version:
        raise Refusal("stale", "结果在您打开本页之后有人保存过，请刷新核对后再提交。")
    rows = measuring.rows_of(result)
    if missing := problems(result, rows):
        raise Refusal(
            "incomplete",
            f"还有 {len(missing)} 处需要填写，例如：{missing[0].message}。补齐后再提交。",
            status=422,
        )
    for row in rows:
        row.pinned = pinned(row.target)
    measuring.recompute(result, rows)
    ResultRow.objects.bulk_update(rows, ["pinned"])
    result.submitted_by_id, result.submitted_at, result.back_reason = actor.person, at, ""
    _move(result, "submit", actor=actor, at=at)
    letters.submitted(result, at=at)
    return result


@transaction.atomic
def approve(result: Result, *, version: int, actor: Actor, at: datetime) -> Result:
    """Another person of the agency approves; the content is frozen and the report asked for.

    An agency that has one person only approves its own, and the report says so. Raises
    ``Refusal``: ``not-yours`` (403), ``two-people`` (403), ``stale``, ``not-now``.
    """
    result = ground.lock_result(result)
    commission = result.commission
    ground.must_be_agency(actor, commission)
    ground.must_be_free(commission.agency, commission.task)
    if version != result.version:
        raise Refusal("stale", "结果已被修改，请刷新核对后再批准。")
    if result.state != Reported.SUBMITTED:
        raise Refusal("not-now", f"结果现在是“{result.get_state_display()}”，请刷新页面。")
    result.alone = False
    if actor.person == result.submitted_by_id:
        if ground.testers(commission.agency, at) - {actor.person}:
            raise Refusal(
                "two-people", "编制人不能自己批准，请由本机构另一位测评人员批准。", status=403
            )
        result.alone = True
    result.approved_by_id, result.approved_at = actor.person, at
    result.refresh_from_db(fields=["submitted_by"])
    number = f"{commission.task.application.call.number_prefix}-CP-"
    number += f"{documents.next_number(f'testing:{commission.task.application.call_id}'):04d}"
    result.snapshot = dict(report.snapshot(result, measuring.rows_of(result), number=number, at=at))
    result.reports += 1
    result.report = documents.request_document(
        kind=KIND,
        subject=result,
        snapshot=result.snapshot,
        title=f"{KINDS[KIND].label}：{commission.task.title}",
        organisation=commission.agency.organisation,
        actor=actor,
        at=at,
    )
    _move(result, "approve", actor=actor, at=at)
    return result


@transaction.atomic
def send_back(result: Result, *, reason: str, actor: Actor, at: datetime) -> Result:
    """Open the result again: a colleague before sealing, or the office before it is released.

    The report that was drawn is void; a sealed paper of it is stale. Raises ``Refusal``:
    ``not-yours`` (403), ``reason-short`` (422), ``not-now``.
    """
    reason = rules.reason_of(reason, shortest=4, what="退回原因")
    result = ground.lock_result(result)
    if actor.organisation_id == result.commission.agency.organisation_id:
        ground.must_be_agency(actor, result.commission)
    else:
        ground.must_be_office(actor)
    if result.report is not None:
        documents.void(result.report, reason=f"退回修改：{reason}", actor=actor, at=at)
    result.back_reason = reason[:300]
    result.approved_by = result.approved_at = result.sealed_at = None
    result.snapshot = result.report = None
    result.alone = False
    _move(result, "send_back", actor=actor, at=at, reason=reason)
    letters.sent_back(result, reason=reason, at=at)
    return result


def seal(result: Result, *, actor: Actor, at: datetime) -> None:
    """The sealed paper matches, under the lock of the result. Raises ``not-now``."""
    result.sealed_at = at
    _move(result, "seal", actor=actor, at=at)
    letters.sealed(result, at=at)


def mark_released(result: Result, *, actor: Actor, at: datetime) -> None:
    """The unit may see it, under the lock of the result. Raises ``not-now``."""
    result.released_by_id, result.released_at = actor.person, at
    _move(result, "release", actor=actor, at=at)


def close(commission: Commission, *, actor: Actor, at: datetime) -> None:
    """The commission was taken back: its result goes no further, and stays readable."""
    result = Result.objects.select_for_update(of=("self",)).filter(commission=commission).first()
    if result is None:
        return
    if result.report_id is not None:
        assert result.report is not None
        documents.void(result.report, reason="测评委托已撤换", actor=actor, at=at)
    _move(result, "close", actor=actor, at=at, reason=commission.end_reason)


def _move(result: Result, name: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """Raises ``Refusal`` ``not-now``."""
    target = states.target(RESULT_MOVES, name, result.state)
    if target is None:
        raise Refusal("not-now", f"测评结果现在是“{result.get_state_display()}”，请刷新页面。")
    before, result.state = result.state, target
    result.version += 1
    result.save()
    audit.record(
        actor=actor,
        action=f"testing.{name}_result",
        subject=result,
        at=at,
        before=before,
        reason=reason,
    )
