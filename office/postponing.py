"""More time for many: a whole call, a region, a direction or one unit; by two people, announced.

For a whole call its own dates move. For the others each unit gets an extension row of its own, so
that the one rule of deadlines (and the database's trigger) holds for them too. A region's extension
is given to its recommending units, and so covers drafts begun later; a direction's is given to the
units that have a filing or a draft in it when it is approved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import Membership, Organisation, User
from accounts.regions import name_of
from accounts.roles import FILING, RECOMMENDER
from applications.models import Application
from applications.workflow import LIVE
from audit import services as audit
from audit.services import Actor
from calls import services as calls
from calls.models import Call, LevelDate
from calls.phases import GRACE
from core.errors import Refusal
from core.failpoints import failpoint
from notifications import services as notifications
from office import cascade, notices, reminders
from office.board import REMINDABLE
from office.models import Incident, Postponement
from recommenders.models import Allotment

S = Postponement.Scope
K = LevelDate.Key
ROWS = {
    "filing_until": K.FILING,
    "recommendation_until": K.RECOMMENDATION,
    "paper_until": K.PAPER,
}
"""Dates that a unit can have of its own, and the key of its extension row."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a postponement would do now: dates of the call, or rows per unit; whom it concerns."""

    moves: tuple[cascade.Moved, ...]
    units: tuple[tuple[str, tuple[Organisation, ...]], ...]
    drafts: int
    filings: int

    @property
    def rows(self) -> int:
        return sum(len(units) for _, units in self.units)


def plan(call: Call, asked: Postponement) -> Plan:
    """Raises ``Refusal`` (422) for a date that is not later, and for what cannot be done."""
    if asked.scope != S.CALL and asked.key not in ROWS:
        raise Refusal("whole-call-only", "这个期限只能整批延期。", status=422)
    if asked.scope == S.DIRECTION and asked.key != "filing_until":
        raise Refusal("filing-only", "按方向只能延长申报截止。", status=422)
    dates = {name: getattr(call, name) for name in cascade.ORDER}
    try:
        moves = cascade.moved(dates, asked.key, asked.until, cascade=asked.cascade)
    except ValueError:
        raise Refusal("not-later", "延期后的日期必须晚于现在的期限。", status=422) from None
    concerned = _concerned(call, asked)
    if asked.scope == S.CALL:
        units: list[tuple[str, tuple[Organisation, ...]]] = []
    else:
        moves = [one for one in moves if one.key in ROWS]
        units = [(one.key, _units(call, asked, one.key)) for one in moves]
        if not units[0][1]:
            raise Refusal("nobody", "没有符合条件的单位，无须延期。", status=422)
    return Plan(
        tuple(moves),
        tuple(units),
        sum(not submitted for _, submitted in concerned),
        sum(submitted for _, submitted in concerned),
    )


def _concerned(call: Call, asked: Postponement) -> list[tuple[int, bool]]:
    return [
        (unit, version > 0)
        for unit, version in _filings(call, asked).values_list("organisation", "version_number")
    ]


def _filings(call: Call, asked: Postponement):  # type: ignore[no-untyped-def]
    found = Application.objects.filter(call=call, status__in=LIVE)
    if asked.scope == S.DIRECTION:
        return found.filter(direction__key=asked.value)
    if asked.scope == S.UNIT:
        unit = int(asked.value)
        return found.filter(organisation=unit) | found.filter(recommender=unit)
    if asked.scope == S.REGION:
        return found.filter(organisation__region__startswith=asked.value[:2])
    return found


def _units(call: Call, asked: Postponement, key: str) -> tuple[Organisation, ...]:
    """The units that get a row of their own for one date."""
    if asked.scope == S.UNIT and key == asked.key:
        return tuple(Organisation.objects.filter(pk=int(asked.value)))
    filings = _filings(call, asked)
    held = Allotment.objects.filter(call=call).values("organisation")
    if asked.scope == S.REGION:
        local = Organisation.objects.filter(pk__in=held, region__startswith=asked.value[:2])
        if key != "filing_until":
            return tuple(local.order_by("pk"))
        elsewhere = filings.exclude(recommender__in=local).values("organisation")
        return tuple((local | Organisation.objects.filter(pk__in=elsewhere)).order_by("pk"))
    if key == "filing_until":
        return tuple(Organisation.objects.filter(pk__in=filings.values("organisation")))
    return tuple(Organisation.objects.filter(pk__in=filings.values("recommender")))


def scope_words(asked: Postponement) -> str:
    """To whom it is given, in words."""
    if asked.scope == S.CALL:
        return "全部申报"
    if asked.scope == S.REGION:
        return name_of(asked.value)
    if asked.scope == S.DIRECTION:
        found = asked.call.directions.filter(key=asked.value).first()
        return f"方向“{found}”" if found else asked.value
    return str(Organisation.objects.get(pk=int(asked.value)))


@transaction.atomic
def propose(
    call: Call,
    *,
    scope: str,
    value: str,
    key: str,
    until: datetime,
    cascade: bool,
    reason: str,
    incident: Incident | None,
    actor: Actor,
    at: datetime,
) -> Postponement:
    """Ask for it; what it would do is shown to the second person anew."""
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明延期理由（不少于 5 字）。", status=422)
    if incident is not None and incident.confirmed_by_id is None:
        raise Refusal("not-confirmed", "作为依据的故障记录须先由另一人核实。", status=422)
    asked = Postponement(
        call=call,
        scope=scope,
        value=value,
        key=key,
        until=until,
        cascade=cascade,
        reason=reason.strip(),
        incident=incident,
        proposed_by_id=actor.person,
        proposed_at=at,
    )
    plan(call, asked)
    asked.save()
    audit.record(
        actor=actor,
        action="office.propose_postponement",
        subject=asked,
        at=at,
        scope=scope,
        value=value,
        key=key,
        until=until,
        cascade=cascade,
        reason=asked.reason,
    )
    return asked


@transaction.atomic
def approve(asked: Postponement, *, actor: Actor, at: datetime) -> Postponement:
    """Put it in force at once and announce it. The call is locked first, so that of two
    postponements the second meets the dates of the first.

    Raises ``Refusal``: ``two-people``, ``decided``, ``too-late`` when filing ended and its drafts
    lapsed, and those of ``plan``.
    """
    call = Call.objects.select_for_update().get(pk=asked.call_id)
    asked = _undecided(asked)
    if asked.proposed_by_id == actor.person:
        raise Refusal("two-people", "提出延期的人不能自己批准，请由另一人批准。", status=403)
    before = getattr(call, asked.key)
    if asked.key == "filing_until" and before and call.time(at) >= before + GRACE:
        raise Refusal("too-late", "申报已经截止，草稿已失效，不能再延长申报截止。")
    found = plan(call, asked)
    people = _people(call, asked, found)
    if asked.scope == S.CALL:
        dates = {one.key: one.after for one in found.moves}
        calls.set_dates(call, actor=actor, at=at, dates={**dates})
        reminders.begin_anew(call, dates, at=at)
    for key, units in found.units:
        until = next(one.after for one in found.moves if one.key == key)
        calls.grant_extensions(
            call,
            units=units,
            key=ROWS[key],
            until=until,
            reason=asked.reason,
            proposed_by=asked.proposed_by_id,
            proposed_at=asked.proposed_at,
            actor=actor,
            at=at,
        )
    asked.moves = [
        {"key": one.key, "before": one.before.isoformat(), "after": one.after.isoformat()}
        for one in found.moves
    ]
    asked.rows = found.rows
    asked.letters = len(people)
    failpoint("dates.moved")
    _announce(asked, found, people, actor=actor, at=at)
    return _decided(asked, Postponement.State.APPROVED, actor=actor, at=at)


@transaction.atomic
def refuse(asked: Postponement, *, actor: Actor, at: datetime) -> Postponement:
    return _decided(_undecided(asked), Postponement.State.REFUSED, actor=actor, at=at)


def _undecided(asked: Postponement) -> Postponement:
    found = Postponement.objects.select_for_update().get(pk=asked.pk)
    if found.state != Postponement.State.PROPOSED:
        raise Refusal("decided", "这项延期已经处理过。")
    return found


def _decided(
    asked: Postponement, state: Postponement.State, *, actor: Actor, at: datetime
) -> Postponement:
    asked.state, asked.approved_by_id, asked.approved_at = state, actor.person, at
    asked.save()
    audit.record(
        actor=actor,
        action="office.decide_postponement",
        subject=asked,
        at=at,
        approve=state == Postponement.State.APPROVED,
        moves=asked.moves,
        rows=asked.rows,
        letters=asked.letters,
    )
    return asked


def _people(call: Call, asked: Postponement, found: Plan) -> list[User]:
    """Everybody it concerns: who files, drafts included, and who recommends."""
    filings = _filings(call, asked)
    units: set[int] = set(filings.values_list("organisation", flat=True))
    units |= {unit.pk for _, some in found.units for unit in some}
    recommending = set(filings.exclude(recommender=None).values_list("recommender", flat=True))
    if asked.scope == S.CALL:
        recommending |= set(
            Allotment.objects.filter(call=call).values_list("organisation", flat=True)
        )
    return _members(units, FILING) + _members(units | recommending, RECOMMENDER)


def _members(units: Iterable[int], roles: Iterable[str]) -> list[User]:
    held = Membership.objects.filter(
        organisation__in=list(units), role__in=list(roles), valid_until=None
    )
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"))


def _announce(
    asked: Postponement, found: Plan, people: list[User], *, actor: Actor, at: datetime
) -> None:
    call = asked.call
    who = scope_words(asked)
    lines = [
        f"{REMINDABLE.get(one.key, calls.NAMES[one.key])}："
        f"由{calls.shown(one.before)}延至{calls.shown(one.after)}"
        for one in found.moves
    ]
    if asked.scope != S.UNIT:
        asked.notice = notices.publish(
            call=call,
            title=f"关于{call.title}期限延长的通知"[:150],
            body="\n".join([f"适用范围：{who}。", *lines, "填写中的草稿同样适用。"]),
            actor=actor,
            at=at,
        )
    notifications.enqueue(
        key=f"postponed:{asked.pk}",
        to=list({user.pk: user for user in people}.values()),
        template="office/letters/extension.txt",
        context={"call": call, "who": who, "lines": lines, "url": reverse("portal:home")},
        by_sms=True,
        at=at,
    )


# The log of incidents ----------------------------------------------------------------------------


@transaction.atomic
def record_incident(
    *,
    title: str,
    text: str,
    affected: str,
    since: datetime,
    until: datetime | None,
    actor: Actor,
    at: datetime,
) -> Incident:
    """Write down what went wrong, from when to when; another person confirms it."""
    if until is not None and until <= since:
        raise Refusal("odd-span", "结束时间必须晚于开始时间。", status=422)
    if since > at:
        raise Refusal("not-yet", "开始时间不能晚于现在。", status=422)
    made = Incident.objects.create(
        title=title,
        text=text,
        affected=affected,
        since=since,
        until=until,
        recorded_by_id=actor.person,
        recorded_at=at,
    )
    audit.record(actor=actor, action="office.record_incident", subject=made, at=at, title=title)
    return made


@transaction.atomic
def confirm_incident(incident: Incident, *, actor: Actor, at: datetime) -> Incident:
    """A second person who looked into it says that it was so; then it does not change."""
    found = Incident.objects.select_for_update().get(pk=incident.pk)
    if found.confirmed_by_id is not None:
        raise Refusal("confirmed", "这条记录已经核实。")
    if found.recorded_by_id == actor.person:
        raise Refusal("two-people", "登记人不能核实自己的记录，请由另一人核实。")
    found.confirmed_by_id, found.confirmed_at = actor.person, at
    found.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record(actor=actor, action="office.confirm_incident", subject=found, at=at)
    return found
