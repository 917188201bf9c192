"""A conflict noticed in the room: out at once, and the vote is held again where it was cast."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from panels import queries
from panels.models import Item, Member, Rescore
from panels.services import attending, conducting, ground
from reviews.services import barring


@transaction.atomic
def declare_late(member: Member, item: Item, *, reason: str, actor: Actor, at: datetime) -> None:
    """A conflict noticed during the discussion: the member is out from the next request on.

    What they scored in the meeting no longer counts; if they voted in this sitting, the vote is
    held again. Raises ``Refusal`` ``moved-on``, ``reason-missing`` (422).
    """
    ground.lock(member.meeting)
    item = ground.lock_item(item)
    ground.demand_current(item)
    if not reason.strip():
        raise Refusal("reason-missing", "请写明须回避的理由。", status=422)
    barring.declare(member.expert, item.entry.application, reason=reason, actor=actor, at=at)
    Rescore.objects.filter(item=item, member=member, replaced_at__isnull=True).update(
        replaced_at=at
    )
    voted = queries.votes_of(item).filter(attendance__member=member).exists()
    audit.record(
        actor=actor,
        action="panels.declare_late",
        subject=item.meeting,
        at=at,
        expert=member.expert_id,
        application=item.entry.application_id,
        voted=voted,
    )
    if voted:
        conducting.again(item, at=at)
    else:
        attending.write(member, item, at=at)
