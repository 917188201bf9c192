"""Changes of an open call: one person proposes, another approves, then they are in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from calls import directionrows, services
from calls import programme as programmes
from calls.models import Call, CallChange
from core.errors import Refusal

Kind, State = CallChange.Kind, CallChange.State
LEAST_REASON = 5


@transaction.atomic
def propose_dates(
    call: Call, *, dates: Mapping[str, datetime | None], reason: str, actor: Actor, at: datetime
) -> CallChange:
    """Ask for other dates of an open call.

    Raises ``Refusal`` (422): ``no-change``, ``reason-short``, ``date-order``; and ``change-waits``.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    changed = {name: value for name, value in dates.items() if getattr(call, name) != value}
    if not changed:
        raise Refusal("no-change", "日期没有变化。", status=422)
    before = {name: getattr(call, name) for name in changed}
    for name, value in changed.items():
        setattr(call, name, value)
    services.check_dates(call)
    content = {
        name: {
            "before": before[name].isoformat() if before[name] else None,
            "after": value.isoformat() if value else None,
        }
        for name, value in changed.items()
    }
    return _propose(call, Kind.DATES, content, reason=reason, actor=actor, at=at)


@transaction.atomic
def propose_directions(
    call: Call, *, lines: list[dict[str, Any]], reason: str, actor: Actor, at: datetime
) -> CallChange:
    """Ask for further directions; each line holds its ``direction``, ``class_title``, ``words``.

    Raises ``Refusal``: ``not-open``, ``reason-short`` (422), ``change-waits``.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    content = {"lines": lines}
    return _propose(call, Kind.DIRECTIONS, content, reason=reason, actor=actor, at=at)


def _propose(
    call: Call, kind: str, content: dict[str, Any], *, reason: str, actor: Actor, at: datetime
) -> CallChange:
    if call.state != Call.State.OPEN:
        raise Refusal("not-open", "只有进行中的批次需要提出变更。")
    if len(reason.strip()) < LEAST_REASON:
        raise Refusal(
            "reason-short",
            f"批次已开放，变更须写明理由（不少于 {LEAST_REASON} 字），由另一人批准后生效。",
            status=422,
        )
    if call.changes.filter(kind=kind, state=State.PROPOSED).exists():
        raise Refusal("change-waits", "已有一项同类变更待批准，请先办理那一项。")
    change = CallChange.objects.create(
        call=call,
        kind=kind,
        content=content,
        reason=reason.strip(),
        proposed_by_id=actor.person,
        proposed_at=at,
    )
    audit.record(
        actor=actor,
        action="calls.propose_change",
        subject=change,
        at=at,
        kind=kind,
        content=content,
        reason=change.reason,
    )
    return change


@transaction.atomic
def decide(change: CallChange, *, approve: bool, actor: Actor, at: datetime) -> CallChange:
    """Approve, and it is in force; or refuse. The proposer cannot approve (两人办理).

    Raises ``Refusal``: ``decided``, ``two-people`` (403), ``changed-meanwhile``.
    """
    change = CallChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if change.state != State.PROPOSED:
        raise Refusal("decided", "这项变更已经处理过。")
    if approve and actor.user_id == change.proposed_by_id:
        raise Refusal("two-people", "提出变更的人不能自己批准，请由另一人批准。", status=403)
    change.state = State.APPROVED if approve else State.REFUSED
    change.approved_by_id, change.approved_at = actor.person, at
    change.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(actor=actor, action="calls.decide_change", subject=change, at=at, approve=approve)
    if approve:
        _apply(change, actor=actor, at=at)
    return change


def _apply(change: CallChange, *, actor: Actor, at: datetime) -> None:
    call = Call.objects.select_for_update().get(pk=change.call_id)
    if change.kind == Kind.DATES:
        for name, pair in change.content.items():
            if getattr(call, name) != _instant(pair["before"]):
                raise Refusal(
                    "changed-meanwhile",
                    f"{services.NAMES[name]}在提出变更后已被改动，请不予批准并重新提出。",
                )
        dates = {name: _instant(pair["after"]) for name, pair in change.content.items()}
        services.set_dates(call, actor=actor, at=at, dates=dates)
    else:
        _add_directions(call, change)


def _add_directions(call: Call, change: CallChange) -> None:
    for line in change.content["lines"]:
        spec = programmes.Direction.model_validate(line["direction"])
        if call.directions.filter(key=spec.key).exists():
            raise Refusal(
                "changed-meanwhile",
                f"方向“{spec.title}”在提出变更后已被添加，请不予批准并重新提出。",
            )
        order = call.directions.count()
        directionrows.make_direction(call, spec, class_title=line["class_title"], order=order)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
