"""Letters of a meeting. They name the call, time and place, never an application."""

from __future__ import annotations

from datetime import datetime

from core.templatetags.jiebang import moment
from notifications import services as notifications
from panels.models import Meeting, Member


def _context(meeting: Meeting, member: Member) -> dict[str, object]:
    round = meeting.round
    return {
        "name": member.expert.name,
        "call": round.call.title,
        "meeting": meeting.title,
        "organiser": round.organisation.name if round.organisation else "",
        "place": meeting.place,
        "starts": moment(meeting.starts_at),
    }


def invited(member: Member, *, occasion: int, at: datetime, moved: bool = False) -> None:
    """An invitation, or news of another time or place. ``occasion`` tells one from the next."""
    kind = "moved" if moved else "invited"
    notifications.enqueue(
        key=f"panels.{kind}:{member.meeting_id}:{occasion}",
        to=member.expert.user or member.expert.email,
        template="panels/letters/invited.txt",
        context={**_context(member.meeting, member), "moved": moved},
        at=at,
    )


def cancelled(member: Member, *, at: datetime, seat: bool = False) -> None:
    """The meeting is off, or (``seat``) this member is no longer asked to come."""
    notifications.enqueue(
        key=f"panels.cancelled:{member.meeting_id}:{member.pk}",
        to=member.expert.user or member.expert.email,
        template="panels/letters/cancelled.txt",
        context={**_context(member.meeting, member), "seat": seat},
        at=at,
    )
