"""Reminding those whose paper is missing: by a level's own dates, and by hand once a day.

The ministry's reminders go with the call's other dates (``office.reminders``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts import roles
from accounts.models import RECOMMENDER_KINDS, Membership, Organisation
from audit import services as audit
from audit.services import CLOCK, Actor
from calls.models import Call, LevelDate
from core.errors import Refusal
from notifications import services as notifications
from recommenders import paperstates, register
from recommenders.models import PaperReminder
from recommenders.register import Sender
from recommenders.services import paperwork

CHINA = ZoneInfo("Asia/Shanghai")
LEVELS = (*RECOMMENDER_KINDS, Organisation.Kind.CITY, Organisation.Kind.DISTRICT)


def behind(call: Call, receiver: Organisation) -> list[Sender]:
    """Who still owes paper to this level."""
    items = register.expected(call, receiver)
    return [one for one in register.senders(call, receiver, items) if one.missing]


@transaction.atomic
def remind_by_hand(call: Call, receiver: Organisation, *, actor: Actor, at: datetime) -> int:
    """Write to everybody behind, now; how many letters. Raises ``Refusal``: ``reminded-today``,
    ``nothing-missing``."""
    paperwork.must_receive(actor, receiver)
    Organisation.objects.select_for_update().get(pk=receiver.pk)
    day = at.astimezone(CHINA).date()
    if PaperReminder.objects.filter(
        call=call, receiver=receiver, day=day, days_before=None
    ).exists():
        raise Refusal("reminded-today", "今天已经催交过一次，请明天再催交，或电话联系。")
    late = behind(call, receiver)
    if not late:
        raise Refusal("nothing-missing", "应收的纸质材料已经收齐，不需要催交。")
    letters = _write(call, receiver, late, occasion=f"hand-{day:%Y%m%d}", at=at)
    PaperReminder.objects.create(call=call, receiver=receiver, day=day, at=at, letters=letters)
    audit.record(
        actor=actor,
        action="recommenders.remind_paper",
        subject=call,
        at=at,
        receiver=receiver.pk,
        senders=len(late),
        letters=letters,
    )
    return letters


def remind_due(*, at: datetime) -> int:
    """The reminders of the levels' own dates that have come due; how many letters.

    Each once. After an outage only the nearest to the date goes out; the others count as sent.
    """
    letters = 0
    dates = LevelDate.objects.filter(
        key=LevelDate.Key.PAPER,
        call__state=Call.State.OPEN,
        organisation__kind__in=LEVELS,
    ).select_related("call", "organisation")
    for date in dates.order_by("pk"):
        due = paperstates.due_reminders(date.until, now=date.call.time(at))
        if due:
            letters += _fire(date, due, at=at)
    return letters


@transaction.atomic
def _fire(date: LevelDate, due: Sequence[int], *, at: datetime) -> int:
    call, receiver = date.call, date.organisation
    Organisation.objects.select_for_update().get(pk=receiver.pk)
    done = PaperReminder.objects.filter(
        call=call, receiver=receiver, until=date.until, days_before__in=due
    ).values_list("days_before", flat=True)
    new = [days for days in due if days not in set(done)]
    if not new:
        return 0
    letters = 0
    if new[0] == due[0]:  # a nearer one that has gone out makes the earlier ones needless
        letters = _write(
            call,
            receiver,
            behind(call, receiver),
            occasion=f"{date.until:%Y%m%d%H}-{new[0]}",
            at=at,
        )
    PaperReminder.objects.bulk_create(
        PaperReminder(
            call=call,
            receiver=receiver,
            until=date.until,
            days_before=days,
            day=at.astimezone(CHINA).date(),
            at=at,
            letters=letters if days == new[0] else 0,
        )
        for days in new
    )
    audit.record(
        actor=CLOCK,
        action="recommenders.remind_paper",
        subject=call,
        at=at,
        receiver=receiver.pk,
        days_before=new[0],
        letters=letters,
    )
    return letters


def _write(
    call: Call, receiver: Organisation, late: Sequence[Sender], *, occasion: str, at: datetime
) -> int:
    """One letter for each person of each sender, who are told what is missing of theirs."""
    wanted = {one.organisation.pk: one for one in late}
    members = (
        Membership.objects.active(at)
        .filter(
            organisation__in=wanted,
            role__in=[*roles.RECOMMENDER, *roles.FILING],
            user__is_active=True,
        )
        .select_related("user")
        .order_by("pk")
    )
    told: set[tuple[int, int]] = set()
    for member in members:
        if (member.user_id, member.organisation_id) in told:
            continue
        told.add((member.user_id, member.organisation_id))
        sender = wanted[member.organisation_id]
        notifications.enqueue(
            key=f"paper:{call.pk}:{receiver.pk}:{sender.organisation.pk}:{occasion}",
            to=member.user,
            template="recommenders/letters/paper_missing.txt",
            context={
                "person": member.user,
                "call": call,
                "receiver": receiver,
                "sender": sender,
                "missing": sender.missing,
            },
            at=at,
        )
    return len(told)
