"""Comments for applicants: edited by the organiser, released by a second person, later."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews import letters, queries
from reviews.models import Feedback, Round, RoundApplication

LEAST, MOST = 10, 2000
"""Characters (字) of a comment."""
DECIDED = (Status.FINALIST, Status.NOT_SELECTED)


@transaction.atomic
def write_feedback(entry: RoundApplication, text: str, *, actor: Actor, at: datetime) -> Feedback:
    """Keep the comment for one application of a closed round.

    Raises ``Refusal``: ``round-open``, ``feedback-released``; 422 ``feedback-length`` and
    ``names-an-expert``: nobody of the round's experts may be named in it.
    """
    round = entry.round
    text = text.strip()
    if not round.is_closed:
        raise Refusal("round-open", "评审结束后才能撰写评审意见。")
    if not LEAST <= len(text) <= MOST:
        raise Refusal(
            "feedback-length",
            f"评审意见应为 {LEAST} 至 {MOST} 字，现在 {len(text)} 字。",
            status=422,
        )
    named = next((name for name in queries.names_of_experts(round) if name in text), None)
    if named is not None:
        raise Refusal(
            "names-an-expert",
            "评审意见不得写明专家姓名或工作单位，请改写后再保存。",
            status=422,
        )
    held = Feedback.objects.select_for_update().filter(
        round=round, application=entry.application
    ).first() or Feedback(round=round, application=entry.application)
    if held.released_at is not None:
        raise Refusal("feedback-released", "评审意见已经反馈给申报单位，不能再改。")
    held.text, held.written_by_id, held.written_at = text, actor.person, at
    held.save()
    audit.record(
        actor=actor,
        action="reviews.write_feedback",
        subject=entry.application,
        at=at,
        round=round.pk,
        length=len(text),
    )
    return held


@transaction.atomic
def release_feedback(round: Round, *, actor: Actor, at: datetime) -> int:
    """Let every applicant whose result is public read what was written for it, and tell it.

    What the releasing person wrote itself waits for somebody else. How many were released.
    Raises ``Refusal`` ``nothing-to-release``.
    """
    waiting = (
        Feedback.objects.select_for_update(of=("self",))
        .filter(
            round=round,
            released_at=None,
            application__status__in=DECIDED,
            application__shown_as="",
        )
        .exclude(written_by=actor.person)
        .select_related("application__organisation", "round__call")
    )
    found = list(waiting)
    if not found:
        raise Refusal(
            "nothing-to-release",
            "没有可以反馈的评审意见：须已撰写、项目的结果已经公布，且不是本人撰写的。",
        )
    for one in found:
        one.released_at, one.released_by_id = at, actor.person
        letters.feedback(one, at=at)
    Feedback.objects.bulk_update(found, ["released_at", "released_by"], batch_size=200)
    audit.record(
        actor=actor,
        action="reviews.release_feedback",
        subject=round,
        at=at,
        applications=[one.application_id for one in found],
    )
    return len(found)


def released_for(application: Application) -> list[Feedback]:
    """What the applicant may read of its reviews, the latest round first."""
    return list(
        Feedback.objects.filter(application=application, released_at__isnull=False)
        .select_related("round")
        .order_by("-released_at")
    )
