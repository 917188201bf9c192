"""When, where and with whom: planning many at once or one, changing, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.models import Organisation
from accounts.roles import OFFICE, RECOMMENDER
from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls import calendar
from calls import services as calls
from calls.models import Call
from calls.programme import CHINA
from core.errors import Refusal
from visits import letters, queries, slots
from visits.form import Form
from visits.models import Seat, Visit
from visits.services import moving, team
from visits.services.team import Member

MOST_AT_ONCE = 40
NOT_WAITING = "所选项目有的已经安排、已经完成，或现在不能安排，请刷新页面后重新选择。"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One visit of a plan. ``notes`` warn, ``problem`` stands against it."""

    application: Application
    starts_at: datetime
    ends_at: datetime
    place: str
    notes: tuple[str, ...] = ()
    problem: str = ""


def propose(
    applications: Sequence[Application],
    *,
    first: date,
    afternoon: bool,
    hours: int,
    places: dict[int, str],
) -> list[Proposal]:
    """The same team on following half days, days without work left out. Nothing is written."""
    known = calls.overrides()

    def works(day: date) -> bool:
        try:
            return calendar.is_working_day(day, overrides=known)
        except calendar.UnknownYear:
            return day.weekday() < 5

    starts = slots.half_days(first, afternoon=afternoon, works=works)
    return [
        Proposal(
            application=one,
            starts_at=(begins := next(starts)),
            ends_at=begins + timedelta(hours=hours),
            place=places.get(one.pk, ""),
        )
        for one in applications
    ]


def day_note(starts_at: datetime) -> str:
    """Why this day is unfortunate for a visit: a weekend, a holiday, a year without calendar."""
    return calls.day_note(starts_at.astimezone(CHINA).date()) or ""


def judge(
    call: Call,
    proposals: Sequence[Proposal],
    members: Sequence[Member],
    *,
    organisation: Organisation | None,
    at: datetime,
) -> list[Proposal]:
    """The proposals with what warns and what stands against each, as ``plan`` would find it."""
    taken: set[tuple[int, datetime]] = set()
    found = []
    for one in proposals:
        note = day_note(one.starts_at)
        problem = ""
        try:
            with transaction.atomic():
                _must_fit(call, one, at=at)
                hours = {
                    (member.user.pk, slot)
                    for member in members
                    for slot in slots.of_span(one.starts_at, one.ends_at)
                }
                if clash := hours & taken:
                    user, slot = min(clash)
                    name = next(m.name for m in members if m.user.pk == user)
                    raise team.busy(name, slot)
                visit, pairs = _make(
                    call,
                    one,
                    members,
                    prepare="",
                    organisation=organisation,
                    by=members[0].user.pk,
                    at=at,
                )
                team.must_be_free_of_conflict(members, visit, at=at)
                team.hold(pairs)
                taken |= hours
                transaction.set_rollback(True)
        except Refusal as refusal:
            problem = str(refusal)
        found.append(replace(one, notes=(note,) if note else (), problem=problem))
    return found


@transaction.atomic
def plan(
    call: Call,
    proposals: Sequence[Proposal],
    members: Sequence[Member],
    *,
    organisation: Organisation | None,
    prepare: str,
    rest_days_agreed: bool,
    actor: Actor,
    at: datetime,
) -> list[Visit]:
    """Plan these visits with one team, all of them or none; the first member leads.

    Raises ``Refusal``: ``no-visits`` where the programme has none for this organiser,
    ``not-yours`` (403), ``nothing-chosen``, ``too-many``, ``no-team``, ``in-the-past``,
    ``no-place``, ``rest-day`` (422), ``not-waiting``, ``conflict``, ``busy``.
    """
    must_organise(actor, organisation)
    if not queries.organises(call, organisation):
        raise Refusal("no-visits", "本批次没有由本单位组织的现场评估。")
    if not proposals:
        raise Refusal("nothing-chosen", "请先选择申报项目。", status=422)
    if len(proposals) > MOST_AT_ONCE:
        raise Refusal("too-many", f"一次最多安排 {MOST_AT_ONCE} 项，请分批安排。", status=422)
    _must_be_a_team(members, organisation, at=at)
    keys = [one.application.pk for one in proposals]
    waiting = {
        one.pk
        for one in queries.to_visit(call, organisation, at=at)
        .filter(pk__in=keys)
        .select_for_update(of=("self",))
    }
    if len(waiting) != len(set(keys)) or len(set(keys)) != len(keys):
        raise Refusal("not-waiting", NOT_WAITING)
    made: list[tuple[Visit, list[tuple[Seat, Visit]]]] = []
    for one in proposals:
        _must_fit(call, one, at=at)
        if (note := day_note(one.starts_at)) and not rest_days_agreed:
            day = one.starts_at.astimezone(CHINA)
            raise Refusal(
                "rest-day",
                f"{day:%Y-%m-%d}：{note}。仍按此日期安排的，请勾选“已知悉”。",
                status=422,
            )
        visit, pairs = _make(
            call,
            one,
            members,
            prepare=prepare,
            organisation=organisation,
            by=actor.person,
            at=at,
        )
        team.must_be_free_of_conflict(members, visit, at=at)
        made.append((visit, pairs))
    team.hold([pair for _, pairs in made for pair in pairs])
    for visit, pairs in made:
        entry = audit.record(
            actor=actor,
            action="visits.plan",
            subject=visit,
            at=at,
            application=visit.application_id,
            starts_at=visit.starts_at,
            team=[seat.user_id for seat, _ in pairs],
            follows=visit.follows_id,
        )
        letters.to_applicant("planned", visit, occasion=entry.pk, at=at)
        letters.to_team("team", visit, [seat for seat, _ in pairs], occasion=entry.pk, at=at)
    return [visit for visit, _ in made]


def must_organise(actor: Actor, organisation: Organisation | None) -> None:
    """Raises ``Refusal`` ``not-yours`` (403)."""
    fits = (
        actor.role in OFFICE
        if organisation is None
        else actor.role in RECOMMENDER and actor.organisation_id == organisation.pk
    )
    if not fits:
        raise Refusal("not-yours", "现场评估由组织单位安排，请切换到相应的身份。", status=403)


def _must_be_a_team(
    members: Sequence[Member], organisation: Organisation | None, *, at: datetime
) -> None:
    if not members:
        raise Refusal("no-team", "请选择评估组组长。", status=422)
    if len({one.user.pk for one in members}) != len(members):
        raise Refusal("no-team", "同一人在评估组中出现了两次，请改正。", status=422)
    experts = [one.expert.pk for one in members if one.expert]
    able = queries.able_experts(organisation, at=at).filter(pk__in=experts)
    if able.count() != len(experts):
        raise Refusal(
            "expert-away", "有专家尚未激活账号、已停用或不在本单位专家库，请另选。", status=422
        )
    people = [one.user.pk for one in members if one.expert is None]
    if queries.officials(organisation, at=at).filter(pk__in=people).count() != len(people):
        raise Refusal("not-an-official", "有成员不是本单位的工作人员，请另选。", status=422)


def _must_fit(call: Call, one: Proposal, *, at: datetime) -> None:
    slots.check_span(one.starts_at, one.ends_at)
    if one.starts_at <= call.time(at):
        raise Refusal("in-the-past", "开始时间须晚于现在，请修改。", status=422)
    if not one.place.strip():
        raise Refusal("no-place", f"请填写《{one.application.title}》的评估地点。", status=422)


def _make(
    call: Call,
    one: Proposal,
    members: Sequence[Member],
    *,
    prepare: str,
    organisation: Organisation | None,
    by: int,
    at: datetime,
) -> tuple[Visit, list[tuple[Seat, Visit]]]:
    application = one.application
    version = queries.judged_version(application)
    direction = application.direction.key if application.direction else ""
    try:
        with transaction.atomic():
            visit = Visit.objects.create(
                call=call,
                organisation=organisation,
                application=application,
                version=version,
                follows=queries.to_recheck(application, organisation),
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                place=one.place.strip()[:120],
                prepare=prepare.strip()[:1000],
                form=Form.of(call.programme, version.snapshot, direction).as_json(),
                planned_at=at,
                planned_by_id=by,
            )
    except IntegrityError:  # somebody planned it at this very instant
        raise Refusal("not-waiting", NOT_WAITING) from None
    pairs = [
        (team.seat(visit, member, lead=number == 0, at=at), visit)
        for number, member in enumerate(members)
    ]
    return visit, pairs


@transaction.atomic
def change(
    visit: Visit,
    *,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    prepare: str,
    reason: str,
    rest_days_agreed: bool,
    actor: Actor,
    at: datetime,
) -> Visit:
    """Another time or place, with a reason. The applicant confirms anew; a wish for another day
    that waits is granted by it.

    Raises ``Refusal``: ``wrong-state``, ``in-the-past``, ``no-place``, ``rest-day``,
    ``reason-missing`` (422), ``busy``.
    """
    visit = moving.lock(visit)
    reason = moving.reason_of(reason, what="改期的原因")
    _must_fit(visit.call, Proposal(visit.application, starts_at, ends_at, place), at=at)
    if (note := day_note(starts_at)) and not rest_days_agreed:
        raise Refusal("rest-day", f"{note}。仍按此日期安排的，请勾选“已知悉”。", status=422)
    before = visit.starts_at
    moving.advance(visit, "change", actor=actor, at=at)
    visit.starts_at, visit.ends_at = starts_at, ends_at
    visit.place, visit.prepare = place.strip()[:120], prepare.strip()[:1000]
    visit.changes += 1
    visit.reminded_at = visit.overdue_at = None
    if visit.asked == Visit.Asked.OPEN:
        visit.asked, visit.asked_answer = Visit.Asked.AGREED, reason
    visit.save(
        update_fields=[
            "starts_at", "ends_at", "place", "prepare", "changes", "reminded_at", "overdue_at",
            "asked", "asked_answer",
        ]
    )  # fmt: skip
    seats = list(visit.seats.filter(state=Seat.State.ACTIVE).select_related("user", "expert"))
    for seat in seats:
        seat.slots.all().delete()
    team.hold([(seat, visit) for seat in seats])
    entry = audit.record(
        actor=actor,
        action="visits.change",
        subject=visit,
        at=at,
        before=before,
        after=starts_at,
        place=visit.place,
        reason=reason,
    )
    letters.to_applicant("changed", visit, occasion=entry.pk, at=at, reason=reason)
    letters.to_team("team_changed", visit, seats, occasion=entry.pk, at=at, reason=reason)
    return visit


@transaction.atomic
def cancel(visit: Visit, *, reason: str, actor: Actor, at: datetime) -> Visit:
    """Take the plan back, with a reason; the team's hours are free.

    Raises ``Refusal`` ``wrong-state``, ``reason-missing`` (422).
    """
    visit = moving.lock(visit)
    reason = moving.reason_of(reason, what="取消的原因")
    moving.advance(visit, "cancel", actor=actor, at=at, reason=reason)
    seats = list(visit.seats.filter(state=Seat.State.ACTIVE).select_related("user", "expert"))
    for seat in seats:
        seat.slots.all().delete()
    if visit.follows_id:  # the second look can be planned again
        Visit.objects.filter(pk=visit.pk).update(follows=None)
    entry = audit.record(actor=actor, action="visits.cancel", subject=visit, at=at, reason=reason)
    letters.to_applicant("cancelled", visit, occasion=entry.pk, at=at, reason=reason)
    letters.to_team("team_cancelled", visit, seats, occasion=entry.pk, at=at, reason=reason)
    return visit
