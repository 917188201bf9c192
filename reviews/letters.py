"""Letters of a review. They name the call and a date, never an application."""

from __future__ import annotations

from datetime import datetime

from core.templatetags.jiebang import deadline
from notifications import services as notifications
from reviews.models import Expert, Review, Round


def deployed(
    round: Round, expert: Expert, *, tasks: int, occasion: int, at: datetime, added: bool = False
) -> None:
    """Tasks are on the desk. ``occasion`` tells one sending from the next."""
    kind = "added" if added else "deployed"
    notifications.enqueue(
        key=f"reviews.{kind}:{round.pk}:{occasion}",
        to=expert.user or expert.email,
        template="reviews/letters/deployed.txt",
        context={
            "name": expert.name,
            "call": round.call.title,
            "round": round.title,
            "tasks": tasks,
            "until": deadline(round.closes_at),
            "added": added,
        },
        at=at,
    )


def reopened(round: Round, review: Review, *, occasion: int, at: datetime) -> None:
    expert = review.assignment.expert
    notifications.enqueue(
        key=f"reviews.reopened:{review.pk}:{occasion}",
        to=expert.user or expert.email,
        template="reviews/letters/reopened.txt",
        context={
            "name": expert.name,
            "round": round.title,
            "reason": review.reopen_reason,
            "until": deadline(round.closes_at),
        },
        at=at,
    )
