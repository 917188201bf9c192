"""Making and opening calls, their dates and their clock."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from calls import calendar, directionrows, numbering, versions
from calls import programme as programmes
from calls.models import (
    CalendarDay,
    Call,
    Extension,
    LevelDate,
    Opening,
)
from calls.programme import CHINA, Programme, Step, closing, opening
from calls.signals import opened
from core import days
from core.errors import Refusal

DATES = (
    "filing_from",
    "filing_until",
    "recommendation_until",
    "scan_until",
    "paper_until",
    "review_until",
    "announcement_by",
)
NAMES = {field.name: str(field.verbose_name) for field in Call._meta.fields if field.name in DATES}


def dates_of(programme: Programme) -> dict[str, datetime | None]:
    """The file's inclusive days as the instants a call keeps: the start, and exclusive ends."""
    found: dict[str, datetime | None] = {}
    for name in DATES:
        day = getattr(programme.dates, name, None)
        found[name] = (opening(day) if name == "filing_from" else closing(day)) if day else None
    return found


def needed_dates(programme: Programme) -> list[str]:
    """The dates that the steps of a programme have a use for, in their order."""
    steps = {
        "recommendation_until": Step.RECOMMENDATION,
        "scan_until": Step.RECOMMENDATION,
        "paper_until": Step.RECOMMENDATION,
        "review_until": Step.REVIEW,
    }
    return [name for name in DATES if name not in steps or steps[name] in programme.steps]


def day_of(at: datetime, *, starts: bool = False) -> date:
    """The day an instant stands for: an exclusive end belongs to the day before."""
    return (at if starts else at - timedelta(microseconds=1)).astimezone(CHINA).date()


@transaction.atomic
def create(
    programme: Programme,
    *,
    code: str,
    actor: Actor,
    at: datetime,
    title: str = "",
    rehearsal: bool = False,
    clock_offset: timedelta = timedelta(),
    source: versions.Source | None = None,
    **dates: datetime | None,
) -> Call:
    """A new call from a programme, with the file's dates where no others are given.

    ``source`` is the file it came from; it is kept as the first version of the call's rules.
    """
    if Call.objects.filter(code=code).exists():
        raise Refusal("code-taken", f"已有代号为“{code}”的批次，请换一个代号。", status=422)
    call = Call(
        code=code,
        title=title or programme.title,
        programme_code=programme.code,
        rules=programmes.to_rules(programme),
        rehearsal=rehearsal,
        clock_offset=clock_offset,
        created_at=at,
        **{**dates_of(programme), **dates},
    )
    check_dates(call)
    call.save()
    source = source or versions.Source.of_catalogue(programme.code)
    versions.keep(call, source, actor=actor, at=at)
    audit.record(actor=actor, action="calls.create", subject=call, at=at, programme=programme.code)
    return call


@transaction.atomic
def open_call(call: Call, *, actor: Actor, at: datetime, reason: str = "") -> Call:
    """Open the call: from now on its rules stand. Directions, indicators and quotas become rows.

    A call without a first day is open for filing from this instant (of its own clock) on.
    ``reason``: why it opens without having been rehearsed, where it does. It takes the prefix of
    its numbers, which no other call has.

    Raises ``Refusal`` ``dates-missing`` when a date that a step needs is unset, ``two-people``
    (403) for the person who put its rules forward.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.state != Call.State.PREPARING:
        raise Refusal("not-preparing", "这个批次已经开放过。")
    stands = Opening.objects.select_for_update().filter(call=call).first() or Opening(
        call=call, proposed_at=at
    )
    if stands.proposed_by_id is not None and stands.proposed_by_id == actor.user_id:
        raise Refusal(
            "two-people",
            "批次由一人准备、另一人开放。本批次的规则是您提交的，请由另一人开放。",
            status=403,
        )
    if call.filing_from is None:
        call.filing_from = call.time(at)
    needed = ["filing_until"]
    if Step.RECOMMENDATION in call.steps:
        needed.append("recommendation_until")
    missing = [NAMES[name] for name in needed if getattr(call, name) is None]
    if missing:
        raise Refusal("dates-missing", f"开放前请先填好：{'、'.join(missing)}。", status=422)
    check_dates(call)
    call.state, call.opened_at = Call.State.OPEN, at
    call.save(update_fields=["state", "opened_at", "filing_from"])
    _take_prefix(call)
    stands.approved_by_id, stands.approved_at = actor.user_id, at
    stands.reason = reason.strip()
    stands.save()
    directionrows.copy(call)
    audit.record(
        actor=actor,
        action="calls.open",
        subject=call,
        at=at,
        reason=reason.strip(),
        number_prefix=call.number_prefix,
    )
    opened.send(Call, call=call, actor=actor, at=at)
    return call


def prefix_of(call: Call) -> str:
    """The prefix of the call's numbers: its own, or the one it would take if it opened now."""
    if call.number_prefix:
        return call.number_prefix
    taken = Call.objects.exclude(pk=call.pk).values_list("number_prefix", flat=True)
    wanted = call.programme.number_prefix
    return numbering.free(wanted, rehearsal=call.rehearsal, taken=set(taken))


def _take_prefix(call: Call) -> None:
    """Write the prefix down. Who opens another call at once waits, and takes the next one."""
    for attempts_left in (2, 1, 0):
        call.number_prefix = prefix_of(call)
        try:
            with transaction.atomic():
                call.save(update_fields=["number_prefix"])
            return
        except IntegrityError:
            if not attempts_left:
                raise Refusal(
                    "prefix-taken", "另一个批次正在开放，编号前缀相同。请稍后再开放。"
                ) from None
            call.number_prefix = ""


def check_dates(call: Call) -> None:
    order = ["filing_from", "filing_until"]
    if Step.RECOMMENDATION in call.steps:
        order.append("recommendation_until")
    order.append("review_until")
    order.append("announcement_by")
    known = [(name, getattr(call, name)) for name in order if getattr(call, name)]
    for (first, a), (second, b) in pairwise(known):
        if not a < b:
            raise Refusal(
                "date-order", f"{NAMES[second]}必须晚于{NAMES[first]}，请改正日期。", status=422
            )


@transaction.atomic
def set_dates(call: Call, *, actor: Actor, at: datetime, dates: dict[str, datetime | None]) -> Call:
    """Change dates of a call. Each change is in the trail with its old value."""
    call = Call.objects.select_for_update().get(pk=call.pk)
    before: dict[str, Any] = {}
    for name, value in dates.items():
        if name not in DATES:
            raise ValueError(name)
        if getattr(call, name) != value:
            before[name] = getattr(call, name)
            setattr(call, name, value)
    if not before:
        return call
    check_dates(call)
    call.save(update_fields=list(before))
    audit.record(
        actor=actor,
        action="calls.set_dates",
        subject=call,
        at=at,
        before=before,
        after={name: getattr(call, name) for name in before},
    )
    return call


@transaction.atomic
def move_clock(call: Call, *, to: datetime, actor: Actor, at: datetime) -> Call:
    """Set a rehearsal call's own time to ``to``. Security times never move."""
    call = Call.objects.select_for_update().get(pk=call.pk)
    if not call.rehearsal:
        raise Refusal("not-a-rehearsal", "只有演练批次可以拨动时钟。", status=403)
    before = call.clock_offset
    call.clock_offset = to - at
    call.save(update_fields=["clock_offset"])
    audit.record(
        actor=actor,
        action="calls.move_clock",
        subject=call,
        at=at,
        before=before.total_seconds(),
        after=call.clock_offset.total_seconds(),
    )
    return call


@transaction.atomic
def close_call(call: Call, *, actor: Actor, at: datetime) -> Call:
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.state != Call.State.OPEN:
        raise Refusal("not-open", "只有进行中的批次可以结束。")
    call.state = Call.State.CLOSED
    call.save(update_fields=["state"])
    audit.record(actor=actor, action="calls.close", subject=call, at=at)
    return call


@transaction.atomic
def set_level_date(
    call: Call,
    *,
    organisation: Organisation,
    key: str,
    until: datetime,
    copies: int = 0,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> LevelDate:
    """A level's own, earlier date. Never later than the call's own."""
    ministry = {
        LevelDate.Key.FILING: call.filing_until,
        LevelDate.Key.PRESELECTION: call.recommendation_until or call.filing_until,
        LevelDate.Key.RECOMMENDATION: call.recommendation_until,
        LevelDate.Key.PAPER: call.paper_until or call.recommendation_until,
    }[LevelDate.Key(key)]
    if ministry and until > ministry:
        raise Refusal(
            "later-than-ministry",
            "本级截止时间不能晚于通知规定的截止时间，请选择相同或更早的日期。",
            rule=call.programme.notice,
            status=422,
        )
    found, _ = LevelDate.objects.update_or_create(
        call=call,
        organisation=organisation,
        key=key,
        defaults={"until": until, "copies": copies, "note": note},
    )
    audit.record(
        actor=actor,
        action="calls.set_level_date",
        subject=found,
        at=at,
        key=key,
        until=until,
        copies=copies,
    )
    return found


@transaction.atomic
def propose_extension(
    call: Call,
    *,
    organisation: Organisation,
    key: str,
    until: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Extension:
    """Ask for more time for one unit; a second person approves."""
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明延期理由（不少于 5 字）。", status=422)
    extension = Extension.objects.create(
        call=call,
        organisation=organisation,
        key=key,
        until=until,
        reason=reason.strip(),
        proposed_by_id=actor.person,
        proposed_at=at,
    )
    audit.record(actor=actor, action="calls.propose_extension", subject=extension, at=at)
    return extension


@transaction.atomic
def decide_extension(
    extension: Extension, *, approve: bool, actor: Actor, at: datetime
) -> Extension:
    """Approve or refuse. The proposer cannot (两人办理)."""
    extension = Extension.objects.select_for_update().get(pk=extension.pk)
    if extension.state != Extension.State.PROPOSED:
        raise Refusal("decided", "这项延期已经处理过。")
    if approve and actor.user_id == extension.proposed_by_id:
        raise Refusal("two-people", "提出延期的人不能自己批准，请由另一人批准。", status=403)
    extension.state = Extension.State.APPROVED if approve else Extension.State.REFUSED
    extension.approved_by_id, extension.approved_at = actor.user_id, at
    extension.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(
        actor=actor, action="calls.decide_extension", subject=extension, at=at, approve=approve
    )
    return extension


@transaction.atomic
def grant_extensions(
    call: Call,
    *,
    units: Collection[Organisation],
    key: str,
    until: datetime,
    reason: str,
    proposed_by: int,
    proposed_at: datetime,
    actor: Actor,
    at: datetime,
) -> None:
    """More time for many units at once, asked for by one person and granted by ``actor``.

    One statement for the rows and one for the trail, however many units.
    """
    if actor.user_id == proposed_by:
        raise Refusal("two-people", "提出延期的人不能自己批准，请由另一人批准。", status=403)
    made = Extension.objects.bulk_create(
        Extension(
            call=call,
            organisation=unit,
            key=key,
            until=until,
            reason=reason,
            state=Extension.State.APPROVED,
            proposed_by_id=proposed_by,
            proposed_at=proposed_at,
            approved_by_id=actor.person,
            approved_at=at,
        )
        for unit in units
    )
    audit.record_each(
        actor=actor,
        action="calls.grant_extension",
        of=[(one, {"key": key, "until": until, "unit": one.organisation_id}) for one in made],
        at=at,
    )


def shown(end: datetime) -> str:
    """An exclusive end in words: 2021年11月15日23:59:59."""
    last = (end - timedelta(seconds=1)).astimezone(programmes.CHINA)
    return f"{days.in_words(last)}{last:%H:%M:%S}"


@transaction.atomic
def enter_year(
    year: int,
    *,
    rest: Collection[date],
    work: Collection[date],
    note: str,
    actor: Actor,
    at: datetime,
) -> int:
    """Enter a year's arrangement: weekends rest except ``work``, ``rest`` days rest too.

    Every day of the year becomes an override, so that counting asks nothing else. Entering a
    year again replaces it. Raises ``Refusal`` (422) for days of another year or in both lists.
    """
    foreign = [day for day in (*rest, *work) if day.year != year]
    if foreign:
        raise Refusal("other-year", f"{foreign[0]} 不在 {year} 年，请核对日期。", status=422)
    both = set(rest) & set(work)
    if both:
        raise Refusal("both", f"{min(both)} 同时列为放假和上班，请只保留一处。", status=422)
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    CalendarDay.objects.filter(day__year=year).delete()
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                day=day,
                working=day in work or (day.weekday() < 5 and day not in rest),
                note=note if day in work or day in rest else "",
            )
            for day in days
        ]
    )
    marker = CalendarDay.objects.get(day=first)
    audit.record(
        actor=actor,
        action="calls.enter_year",
        subject=marker,
        at=at,
        year=year,
        rest=sorted(rest),
        work=sorted(work),
        note=note,
    )
    return len(days)


def overrides() -> dict[date, bool]:
    """The office's changes to the working-day calendar."""
    return dict(CalendarDay.objects.values_list("day", "working"))


def day_note(day: date) -> str | None:
    """Why a deadline on this day is unfortunate (周六, 国庆节 …), or None."""
    try:
        return calendar.weekend_or_holiday(day, overrides=overrides())
    except calendar.UnknownYear as unknown:
        return str(unknown)
