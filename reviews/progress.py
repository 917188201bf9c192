"""How far a round is, without a single score: for the organiser, the lead of a panel, reminders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from reviews.models import Assignment, Review, Round
from reviews.stages import RoundState

REMIND_BEFORE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Standing:
    """One expert's share. ``name`` is the person's own; no title, number or score goes with it."""

    name: str
    tasks: int
    declared: int
    begun: int
    submitted: int

    @property
    def left(self) -> int:
        return self.tasks - self.submitted


def standings(round: Round) -> list[Standing]:
    """Experts with tasks that are out, those with most left first. One query."""
    rows = (
        round.assignments.filter(state=Assignment.State.DEPLOYED)
        .values("expert_id", "expert__name")
        .annotate(
            tasks=Count("pk"),
            declared=Count("declared_at"),
            begun=Count("review"),
            submitted=Count("pk", filter=Q(review__state=Review.State.SUBMITTED)),
        )
        .order_by("expert_id")
    )
    found = [
        Standing(row["expert__name"], row["tasks"], row["declared"], row["begun"], row["submitted"])
        for row in rows
    ]
    return sorted(found, key=lambda one: -one.left)


def due_rounds(at: datetime) -> QuerySet[Round]:
    """Open rounds that end within three days of their own call's time and were not reminded."""
    near = [
        round.pk
        for round in Round.objects.filter(state=RoundState.OPEN).select_related("call")
        if round.closes_at - REMIND_BEFORE <= round.call.time(at) < round.closes_at
    ]
    return Round.objects.filter(pk__in=near).select_related("call").order_by("pk")
