"""Reminders of a round: to experts who are behind, before the end, once, and never when done."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count

from audit import services as audit
from audit.services import CLOCK
from reviews import letters, progress, queries
from reviews.models import Expert, Round


def remind_behind(*, at: datetime) -> int:
    """Write to whoever has tasks left three days before the end; how many letters are new.

    The end is part of the occasion: an extended round reminds again before its new end.
    """
    return sum(_remind(round, at=at) for round in progress.due_rounds(at))


@transaction.atomic
def _remind(round: Round, *, at: datetime) -> int:
    left = dict(
        queries.unfinished(round)
        .filter(expert__user__isnull=False)
        .values_list("expert")
        .annotate(left=Count("pk"))
    )
    told = letters.reminded(round)
    waiting = [
        one
        for one in Expert.objects.filter(pk__in=left).select_related("user").order_by("pk")
        if one.user_id not in told
    ]
    for expert in waiting:
        letters.remind(round, expert, left=left[expert.pk], at=at)
    if waiting:
        audit.record(
            actor=CLOCK, action="reviews.remind", subject=round, at=at, letters=len(waiting)
        )
    return len(waiting)
