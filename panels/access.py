"""The one door to meetings: an organiser's own, a member's seat, the item under discussion.

Deny wins: an item does not exist for a member unless it is the current one, they are in the
room, and no conflict stands between them and the application, whichever pool recorded it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import Membership
from applications.workflow import Status
from core.errors import Refusal
from panels import queries
from panels.models import Attendance, Item, Meeting, Member, SignedScan
from panels.stages import MeetingState, Presence
from reviews import access as reviews
from reviews.models import Round

Request = Any
"""An ``HttpRequest`` that our middleware and policy have given ``arrived_at`` and ``acting``."""

HIDDEN = reviews.HIDDEN
ORGANISERS = reviews.ORGANISERS
READERS = (*ORGANISERS, roles.Role.AUDITOR)
SHOWN = (MeetingState.PLANNED, MeetingState.RUNNING, MeetingState.CLOSED)


def meetings(acting: Membership | None) -> QuerySet[Meeting]:
    """Those of the organiser's own rounds; the auditor reads all."""
    found = Meeting.objects.select_related("round__call", "round__organisation", "round__pool")
    if acting is not None and acting.role == roles.Role.AUDITOR:
        return found
    return found.filter(round__organisation=reviews.organiser_id(acting))


def meeting(request: Request, public_id: str) -> Meeting:
    """A meeting its organiser may run (or the auditor read); to others it does not exist."""
    found = meetings(request.acting).filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def rounds(acting: Membership | None) -> QuerySet[Round]:
    return reviews.rounds(acting)


def item(meeting: Meeting, public_id: str) -> Item:
    """An item as the organiser sees it; the meeting came through ``meeting``."""
    found = (
        queries.agenda(meeting).select_related("meeting__round__call").filter(public_id=public_id)
    ).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def member(meeting: Meeting, pk: int) -> Member:
    found = meeting.members.select_related("expert__user", "meeting__round").filter(pk=pk).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def scan(meeting: Meeting, public_id: str) -> SignedScan:
    found = meeting.scans.select_related("blob").filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


# Members ---------------------------------------------------------------------------------------


def seats(request: Request) -> QuerySet[Member]:
    """Where the signed-in expert sits; an ended membership of the pool ends the seat."""
    return (
        Member.objects.filter(expert__in=reviews.my_roles(request), meeting__state__in=SHOWN)
        .select_related("expert", "meeting__round__call", "meeting__round__organisation")
        .order_by("-meeting__starts_at", "pk")
    )


def seat(request: Request, public_id: str) -> Member:
    found = seats(request).filter(meeting__public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def place(member: Member) -> tuple[Item | None, Presence]:
    """The current item and where this member is while it is discussed.

    The item is given only to who is in the room; to all others it is None, whatever it is.
    """
    if not member.meeting.is_running:
        return None, Presence.ABSENT
    if member.entered_at is None:
        return None, Presence.ABSENT
    current = (
        Item.objects.filter(meeting=member.meeting_id, state="current")
        .select_related("entry__version", "entry__application__direction")
        .first()
    )
    if current is None:
        return None, Presence.AWAY if member.away else Presence.IN
    if _hidden(member, current):
        return None, Presence.BARRED
    held = Attendance.objects.filter(item=current, sitting=current.sitting, member=member).first()
    where = Presence(held.presence) if held else Presence.ABSENT
    return (current if where is Presence.IN else None), where


def _hidden(member: Member, item: Item) -> bool:
    application = item.entry.application
    return application.status == Status.WITHDRAWN or queries.is_barred(member, application.pk)


def my_item(request: Request, public_id: str) -> tuple[Member, Item]:
    """The current item, to a member in the room; barred, absent and unknown answer alike.

    Raises ``Refusal`` ``moved-on`` when a member who was in the room comes too late.
    """
    found = (
        Item.objects.select_related(
            "entry__version", "entry__application__direction", "meeting__round__call"
        )
        .filter(public_id=public_id, meeting__state=MeetingState.RUNNING)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    member = seats(request).filter(meeting=found.meeting_id).first()
    if member is None or member.entered_at is None or _hidden(member, found):
        raise Http404(HIDDEN)
    held = Attendance.objects.filter(item=found, member=member).order_by("-sitting").first()
    if held is None or not held.is_in:
        raise Http404(HIDDEN)
    if not found.is_current or held.sitting != found.sitting:
        raise Refusal("moved-on", "会议已转到下一项，请返回会场查看。")
    member.meeting = found.meeting
    return member, found
