"""Letters of a review. They name the call and a date, never an application."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from applications.letters import filing_people
from core.templatetags.jiebang import deadline
from notifications import services as notifications
from notifications.models import Message
from reviews.models import Expert, Feedback, Intake, Review, Round


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


def _reminder(round: Round) -> str:
    return f"reviews.remind:{round.pk}:{round.closes_at:%Y%m%d%H%M}"


def reminded(round: Round) -> set[int | None]:
    """Who has been reminded of this end already."""
    return set(
        Message.objects.filter(key__startswith=_reminder(round)).values_list("user", flat=True)
    )


def remind(round: Round, expert: Expert, *, left: int, at: datetime) -> None:
    """Before the end, to an expert who is behind."""
    notifications.enqueue(
        key=_reminder(round),
        to=expert.user or expert.email,
        template="reviews/letters/behind.txt",
        context={
            "name": expert.name,
            "call": round.call.title,
            "round": round.title,
            "left": left,
            "until": deadline(round.closes_at),
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


def feedback(one: Feedback, *, at: datetime) -> None:
    """To the people of the applicant: the comment can be read, it does not stand in the letter."""
    for person in filing_people(one.application, at):
        notifications.enqueue(
            key=f"reviews.feedback:{one.pk}",
            to=person,
            template="reviews/letters/feedback.txt",
            context={
                "call": one.round.call.title,
                "unit": one.application.organisation.name,
                "title": one.application.title,
            },
            at=at,
        )


def intake_ended(one: Intake, *, at: datetime) -> None:
    """To whoever brought a long list: it is in, or it was interrupted."""
    notifications.enqueue(
        key=f"reviews.intake:{one.pk}-{at.timestamp():.0f}",
        to=one.acting.user,
        template="reviews/letters/intake.txt",
        context={
            "name": one.acting.user.name,
            "intake": one,
            "address": urljoin(
                settings.JIEBANG_BASE_URL, reverse("reviews:intake", args=[one.public_id])
            ),
        },
        at=at,
    )
