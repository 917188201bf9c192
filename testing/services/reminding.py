"""Reminders before and after the date of a commission: once each, never after it is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from testing import letters
from testing.models import Commission
from testing.states import Commissioned, Reported

BEFORE = (timedelta(days=14), timedelta(days=3))
"""How long before the date. Usual practice; no source."""
LATE = "late"
WORKING = (Commissioned.OFFERED, Commissioned.ACCEPTED)


def fire_due(*, at: datetime) -> int:
    """Send what is due now; after an outage only the latest. Returns how many commissions were
    reminded of. A second run finds none left."""
    sent = 0
    waiting = (
        Commission.objects.filter(state__in=[str(one) for one in WORKING])
        .exclude(reminded=LATE)
        .exclude(result__state__in=[str(Reported.SEALED), str(Reported.RELEASED)])
        .select_related("task__application__call", "agency__organisation")
        .order_by("pk")
    )
    for commission in waiting.iterator(200):
        wanted = _wanted(commission, commission.task.application.call.time(at))
        if wanted and wanted != commission.reminded:
            sent += _remind(commission, wanted, at=at)
    return sent


def _wanted(commission: Commission, now: datetime) -> str:
    """The reminder that this instant calls for; empty where none does."""
    if now >= commission.due:
        return LATE
    passed = [lead.days for lead in BEFORE if now >= commission.due - lead]
    return str(min(passed)) if passed else ""


@transaction.atomic
def _remind(commission: Commission, wanted: str, *, at: datetime) -> bool:
    taken = Commission.objects.filter(
        pk=commission.pk,
        state__in=[str(one) for one in WORKING],
        reminded=commission.reminded,
    ).update(reminded=wanted)
    if not taken:
        return False
    commission.reminded = wanted
    letters.due(commission, late=wanted == LATE, at=at)
    return True
