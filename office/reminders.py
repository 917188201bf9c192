"""Reminders before a date: to those who have not done it, once, and never after it is done."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from accounts.roles import FILING, RECOMMENDER
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import CLOCK, Actor
from calls.models import Call, Extension, LevelDate
from core.errors import Refusal
from notifications import services as notifications
from office import extended, queries
from office.board import DEFAULT_DAYS, REMINDABLE, due
from office.models import ReminderRule
from office.people import of_units

RECOMMENDATION = LevelDate.Key.RECOMMENDATION


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
        if due(until, rule.days_before, now, after=rule.after)
    ]
    if not rules:
        return 0
    latest = max(rules, key=_order)
    count = 0
    for user, what in _behind(call, key):
        notifications.enqueue(
            key=f"reminder:{call.pk}:{key}:{latest.words}:{until:%Y%m%dT%H%M}",
            to=user,
            template=f"office/letters/remind_{key.removesuffix('_until')}.txt",
            context={
                "call": call,
                "until": until,
                "what": what,
                "user": user,
                "past": latest.after,
            },
            by_sms=latest.by_sms,
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
        after=latest.after,
        letters=count,
    )
    return count


def _order(rule: ReminderRule) -> int:
    """Later reminders are greater: three days before, one day before, one day after."""
    return rule.days_before if rule.after else -rule.days_before


@transaction.atomic
def begin_anew(call: Call, dates: Mapping[str, datetime], *, at: datetime) -> None:
    """Dates have moved: what fired for the old ones and lies ahead of the new ones fires again,
    and letters that wait with an old date in them are taken back."""
    now = call.time(at)
    for rule in ReminderRule.objects.select_for_update().filter(
        call=call, key__in=list(dates), fired_at__isnull=False
    ):
        step = timedelta(days=rule.days_before if rule.after else -rule.days_before)
        if dates[rule.key] + step > now:
            rule.fired_at, rule.skipped, rule.letters = None, False, 0
            rule.save(update_fields=["fired_at", "skipped", "letters"])
    for key in dates:
        notifications.cancel(
            kind=f"remind_{key.removesuffix('_until')}", key_prefix=f"reminder:{call.pk}:{key}:"
        )


@transaction.atomic
def add_rule(
    call: Call, *, key: str, days: int, after: bool, by_sms: bool, actor: Actor, at: datetime
) -> ReminderRule:
    """One more reminder. Raises ``Refusal`` for one that exists, or lies in the past."""
    until = getattr(call, key) if key in REMINDABLE else None
    if until is None:
        raise Refusal("no-date", "这个期限还没有设定。", status=422)
    if after and key == "filing_until":
        raise Refusal("lapsed", "申报截止后草稿已失效，不能再提醒。", status=422)
    if until + timedelta(days=days if after else -days) <= call.time(at):
        raise Refusal("past", "这个提醒的时间已经过了，请换一个天数。", status=422)
    rule, made = ReminderRule.objects.get_or_create(
        call=call, key=key, after=after, days_before=days, defaults={"by_sms": by_sms}
    )
    if not made:
        raise Refusal("exists", "已有同样的提醒。", status=422)
    audit.record(
        actor=actor, action="office.add_reminder", subject=call, at=at, key=key, rule=rule.words
    )
    return rule


@transaction.atomic
def drop_rule(rule: ReminderRule, *, actor: Actor, at: datetime) -> None:
    """Leave out a reminder that has not fired."""
    rule = ReminderRule.objects.select_for_update().get(pk=rule.pk)
    if rule.fired_at is not None:
        raise Refusal("fired", "这个提醒已经发出，记录要保留。")
    audit.record(
        actor=actor,
        action="office.drop_reminder",
        subject=rule.call,
        at=at,
        key=rule.key,
        rule=rule.words,
    )
    rule.delete()


def _behind(call: Call, key: str) -> Iterable[tuple[User, str]]:
    """Who has not done what the date asks for, and what that is."""
    if key == "filing_until":
        more_time = Extension.objects.filter(
            call=call,
            key=LevelDate.Key.FILING,
            state=Extension.State.APPROVED,
            until__gt=call.filing_until,
        ).values("organisation")
        drafts = (
            Application.objects.filter(call=call, status__in=[Status.DRAFT, Status.RETURNED])
            .exclude(organisation__in=more_time)
            .exclude(recommender__in=more_time, recommender__isnull=False)
            .values_list("organisation", "title")
        )
        titles: dict[int, list[str]] = {}
        for unit, title in drafts:
            titles.setdefault(unit, []).append(f"《{title}》")
        people = of_units(titles, FILING)
        return [(person, "、".join(titles[unit])) for person, unit in people]
    if key in ("recommendation_until", "scan_until"):
        units = queries.units_behind(call, key)
        if key == "recommendation_until":
            units -= {one.organisation_id for one in extended.latest(call, RECOMMENDATION)}
        return [(person, "") for person, _ in of_units(units, RECOMMENDER)]
    if key == "paper_until":
        missing = queries.paper_missing(call)
        return [(person, missing[unit]) for person, unit in of_units(missing, RECOMMENDER)]
    return [(user, f"{count} 份") for user, count in queries.experts_behind(call)]
