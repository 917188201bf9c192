"""Verifications of the chain as pieces of work: asked for by a person, done by a worker, kept."""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from audit import services
from audit.models import Check, Entry, Head
from audit.services import Actor
from core.errors import Refusal

CLAIM = timedelta(minutes=5)
EACH = 2000
"""After so many entries the worker says how far it is, and renews its claim."""


@transaction.atomic
def ask(*, actor: Actor, at: datetime) -> Check:
    """Ask for a verification. Raises ``Refusal`` while another one waits or runs."""
    Head.objects.get_or_create(pk=1)
    Head.objects.select_for_update().get(pk=1)
    if Check.objects.filter(state__in=[Check.State.WAITING, Check.State.RUNNING]).exists():
        raise Refusal("check-running", "已有一次校验在进行，请等它结束。")
    check = Check.objects.create(
        asked_by_id=actor.person, asked_by_name=actor.name, asked_at=at, claimed_until=None
    )
    services.record(actor=actor, action="audit.ask_check", subject=check, at=at)
    return check


def run_waiting(*, at: datetime) -> Check | None:
    """Do the oldest verification that is asked for; a killed worker's is begun again."""
    due = Check.objects.filter(
        Q(state=Check.State.WAITING) | Q(state=Check.State.RUNNING, claimed_until__lt=at)
    )
    check = due.order_by("pk").first()
    if check is None:
        return None
    taken = due.filter(pk=check.pk).update(
        state=Check.State.RUNNING,
        claimed_until=at + CLAIM,
        started_at=at,
        done=0,
        total=Entry.objects.filter(seq__isnull=False).count(),
    )
    if not taken:
        return None
    begun = time.monotonic()

    def moment() -> datetime:
        return at + timedelta(seconds=time.monotonic() - begun)

    def progress(done: int) -> None:
        if done % EACH == 0:
            Check.objects.filter(pk=check.pk).update(done=done, claimed_until=moment() + CLAIM)

    verdict = services.verify(progress=progress)
    oldest = Entry.objects.filter(seq__isnull=True).order_by("pk").first()
    Check.objects.filter(pk=check.pk).update(
        state=Check.State.WHOLE if not verdict.problems else Check.State.BROKEN,
        claimed_until=None,
        ended_at=moment(),
        done=verdict.length,
        length=verdict.length,
        tail=verdict.tail,
        tail_since=oldest.at if oldest else None,
        head=verdict.head,
        problems=list(verdict.problems),
    )
    check.refresh_from_db()
    return check
