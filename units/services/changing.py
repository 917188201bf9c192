"""Renames and mergers by two people. The only writer of ``Change.state``."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import units
from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from units import letters
from units.models import Change

State = Change.State


def propose_rename(
    organisation: Organisation,
    *,
    name: str,
    day: date,
    reason: str,
    actor: Actor,
    at: datetime,
    code: str = "",
) -> Change:
    """Ask for a new name from ``day`` on. Raises as ``units.check_rename`` and ``_propose``."""
    today = timezone.localtime(at).date()
    units.check_rename(organisation, name=name, code=code, day=day, today=today)
    change = Change(
        kind=Change.Kind.RENAME, organisation=organisation, name=name, code=code, day=day
    )
    return _propose(change, reason=reason, actor=actor, at=at)


def propose_merge(
    organisation: Organisation, *, into: Organisation, reason: str, actor: Actor, at: datetime
) -> Change:
    """Ask that the unit becomes part of ``into``. Raises as ``units.check_merge``, ``_propose``."""
    units.check_merge(organisation, into=into)
    change = Change(kind=Change.Kind.MERGE, organisation=organisation, into=into)
    return _propose(change, reason=reason, actor=actor, at=at)


@transaction.atomic
def correct_region(
    organisation: Organisation, *, region: str, reason: str, actor: Actor, at: datetime
) -> Organisation:
    """Correct where a unit is registered; its people are told. Raises as ``units.relocate``."""
    unit = units.relocate(organisation, region=region, reason=reason, actor=actor, at=at)
    letters.relocated(unit, at=at, reason=reason.strip())
    return unit


@transaction.atomic
def _propose(change: Change, *, reason: str, actor: Actor, at: datetime) -> Change:
    """Keep the proposal. Raises ``reason-short``; ``one-open`` while another one waits."""
    if len(reason.strip()) < 5:
        raise Refusal(
            "reason-short", "请写明依据（不少于 5 字），如变更登记通知书文号。", status=422
        )
    change.reason, change.proposed_by_id, change.proposed_at = reason.strip(), actor.person, at
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError:
        raise Refusal(
            "one-open", "这个单位已有一项变更等待确认，请先处理那一项。", status=422
        ) from None
    audit.record(
        actor=actor,
        action=f"units.propose_{change.kind}",
        subject=change.organisation,
        at=at,
        change=change.pk,
        name=change.name,
        code=change.code,
        into=change.into_id,
        reason=change.reason,
    )
    return change


@transaction.atomic
def decide(change: Change, *, confirm: bool, actor: Actor, at: datetime, note: str = "") -> Change:
    """Confirm or refuse; confirming carries it out. The proposer cannot confirm (两人办理).

    Raises ``decided``, ``two-people`` (403), and what the rename or the merger refuses.
    """
    change = Change.objects.select_for_update().get(pk=change.pk)
    if change.state != State.PROPOSED:
        raise Refusal("decided", f"这项变更已经处理过：{change.get_state_display()}。")
    if confirm and actor.user_id == change.proposed_by_id:
        raise Refusal("two-people", "提出变更的人不能自己确认，请由另一人确认。", status=403)
    change.state = State.CONFIRMED if confirm else State.REFUSED
    change.approved_by_id, change.approved_at, change.note = actor.person, at, note.strip()[:200]
    change.save(update_fields=["state", "approved_by", "approved_at", "note"])
    audit.record(
        actor=actor,
        action=f"units.decide_{change.kind}",
        subject=change.organisation,
        at=at,
        change=change.pk,
        confirm=confirm,
        note=change.note,
    )
    if confirm:
        _carry_out(change, actor=actor, at=at)
    return change


def _carry_out(change: Change, *, actor: Actor, at: datetime) -> None:
    before = change.organisation.name
    if change.kind == Change.Kind.RENAME:
        assert change.day is not None
        unit = units.rename(
            change.organisation,
            name=change.name,
            code=change.code,
            day=change.day,
            actor=actor,
            at=at,
        )
        letters.renamed(change, unit, before=before, at=at)
    else:
        assert change.into is not None
        units.merge(change.organisation, into=change.into, actor=actor, at=at)
        letters.merged(change, at=at)
