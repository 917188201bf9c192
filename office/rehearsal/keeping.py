"""Rehearsals as pieces of work: asked for by a person, played by a worker, their reports kept.

Only this module writes the state of a rehearsal. Nothing else of the house is written: the play
itself happens in ``sandbox``, which is told rules, dates and counts and gives back a report.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from audit import services as audit
from audit.services import Actor
from calls import services as calls
from calls.models import Call
from core.errors import Refusal
from documents.fingerprints import fingerprint
from office.models import Rehearsal
from office.rehearsal import facts, sandbox

State = Rehearsal.State
PLAYER = Actor("rehearsal")
LEASE = timedelta(seconds=sandbox.SECONDS + 120)
"""Longer than a play may last, so that a claim ends only with a killed worker."""
ATTEMPTS = 2


class Abandoned(Exception):
    """Somebody cancelled while it was played."""


def standing(call: Call) -> str:
    """The fingerprint of what a rehearsal plays: the rules and the dates as they stand."""
    dates = {
        name: getattr(call, name).isoformat() if getattr(call, name) else "" for name in calls.DATES
    }
    return fingerprint({"rules": call.rules, "dates": dates})


def is_stale(one: Rehearsal, call: Call) -> bool:
    """Whether the call's rules or dates changed since they were played."""
    return one.basis != standing(call)


def latest(call: Call) -> Rehearsal | None:
    """The newest that was played to its end."""
    return call.rehearsals.filter(state__in=Rehearsal.PLAYED).first()


@transaction.atomic
def ask(call: Call, *, actor: Actor, at: datetime) -> Rehearsal:
    """Ask for a rehearsal of a call as it stands. Raises ``Refusal``: ``rehearsal-open``."""
    try:
        with transaction.atomic():
            made = Rehearsal.objects.create(
                call=call, asked_by_id=actor.person, asked_by_name=actor.name, asked_at=at
            )
    except IntegrityError:
        raise Refusal(
            "rehearsal-open", "本批次已有一次演练在排队或进行，请等它结束或先取消。"
        ) from None
    audit.record(actor=actor, action="office.ask_rehearsal", subject=made, at=at, call=call.code)
    return made


@transaction.atomic
def cancel(one: Rehearsal, *, actor: Actor, at: datetime) -> None:
    """Take it back; a play under way ends before its next step. Raises ``Refusal`` ``ended``."""
    taken = Rehearsal.objects.filter(pk=one.pk, state__in=Rehearsal.OPEN).update(
        state=State.CANCELLED, claimed_until=None, ended_at=at
    )
    if not taken:
        raise Refusal("ended", "这次演练已经结束，不需要取消。")
    audit.record(actor=actor, action="office.cancel_rehearsal", subject=one, at=at)


def run_waiting(*, at: datetime) -> Rehearsal | None:
    """Play the oldest that waits, one in the house at a time; a killed worker's is begun again."""
    one = _claim(at=at)
    if one is None:
        return None
    begun = time.monotonic()

    def moment() -> datetime:
        return at + timedelta(seconds=time.monotonic() - begun)

    def tell(done: int, total: int, title: str) -> None:
        held = Rehearsal.objects.filter(pk=one.pk, state=State.PLAYING, attempts=one.attempts)
        if not held.update(done=done, total=total, step=title[:60]):
            raise Abandoned

    call = Call.objects.get(pk=one.call_id)
    payload = facts.of(call, at=at)
    try:
        report = sandbox.run(payload, tell=tell)
    except Abandoned:
        return one
    except Refusal as refusal:
        _finish(one, State.FAILED, at=moment(), error=refusal.message[:500])
    else:
        state = State.BLOCKED if report["dead_ends"] else State.PASSED
        _finish(one, state, at=moment(), report=report, basis=standing(call))
    one.refresh_from_db()
    return one


def _claim(*, at: datetime) -> Rehearsal | None:
    playing = Rehearsal.objects.filter(state=State.PLAYING)
    for dead in playing.filter(claimed_until__lt=at, attempts__gte=ATTEMPTS):
        _finish(dead, State.FAILED, at=at, error="演练两次中断，没有完成。请与技术支持联系。")
    if playing.filter(claimed_until__gte=at).exists():
        return None
    due = Rehearsal.objects.filter(
        Q(state=State.WAITING) | Q(state=State.PLAYING, claimed_until__lt=at)
    )
    one = due.order_by("pk").first()
    if one is None:
        return None
    taken = due.filter(pk=one.pk, attempts=one.attempts).update(
        state=State.PLAYING,
        claimed_until=at + LEASE,
        attempts=F("attempts") + 1,
        started_at=at,
        done=0,
        total=0,
        step="",
    )
    if not taken:
        return None
    one.refresh_from_db()
    return one


@transaction.atomic
def _finish(
    one: Rehearsal,
    state: str,
    *,
    at: datetime,
    error: str = "",
    report: dict[str, Any] | None = None,
    basis: str = "",
) -> None:
    """Keep the end, unless the play was taken back or taken over meanwhile."""
    held = Rehearsal.objects.filter(pk=one.pk, state=State.PLAYING, attempts=one.attempts)
    ended = held.update(
        state=state,
        claimed_until=None,
        ended_at=at,
        error=error,
        report=report or {},
        basis=basis,
    )
    if ended:
        found = len((report or {}).get("dead_ends", []))
        audit.record(
            actor=PLAYER, action="office.rehearse", subject=one, at=at, state=state, dead_ends=found
        )
