"""Reminders before a date: to those who have not done it, once, and never after it is done."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import Membership, User
from accounts.roles import FILING, RECOMMENDER
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import CLOCK
from calls.models import Call
from notifications import services as notifications
from office import queries
from office.board import DEFAULT_DAYS, REMINDABLE, due
from office.models import ReminderRule


def set_defaults(call: Call) -> None:
    """The usual reminders of a call: a rule for each date it has."""
    ReminderRule.objects.bulk_create(
        [
            ReminderRule(call=call, key=key, days_before=days)
            for key, every in DEFAULT_DAYS.items()
            if getattr(call, key)
            for days in every
        ],
        ignore_conflicts=True,
    )


def fire_due(*, at: datetime) -> int:
    """Send what is due now. After an outage only the latest of a date's reminders goes out.

    Returns the number of letters queued. Running it twice sends nothing twice.
    """
    letters = 0
    for call in Call.objects.open():
        for key in REMINDABLE:
            letters += _fire(call, key, at=at)
    return letters


@transaction.atomic
def _fire(call: Call, key: str, *, at: datetime) -> int:
    until = getattr(call, key)
    if until is None:
        return 0
    now = call.time(at)
    rules = [
        rule
        for rule in ReminderRule.objects.select_for_update().filter(
            call=call, key=key, fired_at=None
        )
        if due(until, rule.days_before, now)
    ]
    if not rules:
        return 0
    latest = min(rules, key=lambda rule: rule.days_before)
    count = 0
    for user, what in _behind(call, key):
        notifications.enqueue(
            key=f"reminder:{call.pk}:{key}:{latest.days_before}",
            to=user,
            template=f"office/letters/remind_{key.removesuffix('_until')}.txt",
            context={"call": call, "until": until, "what": what, "user": user},
            at=at,
        )
        count += 1
    for rule in rules:
        rule.fired_at, rule.skipped = at, rule is not latest
        rule.letters = count if rule is latest else 0
        rule.save(update_fields=["fired_at", "skipped", "letters"])
    audit.record(
        actor=CLOCK,
        action="office.remind",
        subject=call,
        at=at,
        key=key,
        days_before=latest.days_before,
        letters=count,
    )
    return count


def _behind(call: Call, key: str) -> Iterable[tuple[User, str]]:
    """Who has not done what the date asks for, and what that is."""
    if key == "filing_until":
        drafts = Application.objects.filter(
            call=call, status__in=[Status.DRAFT, Status.RETURNED]
        ).values_list("organisation", "title")
        titles: dict[int, list[str]] = {}
        for unit, title in drafts:
            titles.setdefault(unit, []).append(f"《{title}》")
        people = _people(titles, FILING)
        return [(person, "、".join(titles[unit])) for person, unit in people]
    if key in ("recommendation_until", "scan_until"):
        units = queries.units_behind(call, key)
        return [(person, "") for person, _ in _people(units, RECOMMENDER)]
    if key == "paper_until":
        missing = queries.paper_missing(call)
        return [(person, missing[unit]) for person, unit in _people(missing, RECOMMENDER)]
    return [(user, f"{count} 份") for user, count in queries.experts_behind(call)]


def _people(units: Iterable[int], roles: Iterable[str]) -> list[tuple[User, int]]:
    members = (
        Membership.objects.filter(
            organisation__in=list(units), role__in=list(roles), valid_until=None
        )
        .select_related("user")
        .order_by("pk")
    )
    seen: dict[int, tuple[User, int]] = {}
    for member in members:
        seen.setdefault(member.user_id, (member.user, member.organisation_id))
    return list(seen.values())
