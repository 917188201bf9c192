"""Who goes: members of a team, what bars them, and the half hours they are taken for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import units
from accounts.models import Membership, User
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.templatetags.jiebang import moment
from reviews.models import Expert
from reviews.services import elsewhere
from visits import letters, queries, slots
from visits.models import HeldSlot, Seat, Visit
from visits.services import moving


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may sit in a team: an expert of the pool, or an official."""

    user: User
    expert: Expert | None = None

    @property
    def name(self) -> str:
        return self.expert.name if self.expert else self.user.name


def barred(member: Member, visit: Visit) -> str:
    """Why this person must not visit this applicant; empty when nothing stands against it.

    An expert's conflicts are those of the reviews, a person's in any pool. Nobody who belongs to
    the visited unit, to a unit that is one with it, or to a partner is in the team.
    """
    application = visit.application
    conflict = queries.conflict_of(member.user, application)
    if conflict is not None:
        return conflict.reason
    facts = elsewhere.facts_of(application, visit.version)
    codes = {one.code for one in (facts.applicant, *facts.partners) if one.code}
    for unit in (facts.applicant, *facts.partners):
        codes |= {mark for mark in unit.also if len(mark) == 18}
    held = Membership.objects.filter(user=member.user, valid_until=None).select_related(
        "organisation"
    )
    kin = {one.pk for one in units.kin_units(application.organisation)}
    for one in held:
        if one.organisation_id in kin or one.organisation.code in codes:
            return f"在被评估单位（{one.organisation.name}）任职"
    return ""


def must_be_free_of_conflict(members: Iterable[Member], visit: Visit, *, at: datetime) -> None:
    """Compute anew, then refuse. Raises ``Refusal`` ``conflict``."""
    members = list(members)
    experts = [one.expert for one in members if one.expert]
    elsewhere.compute_for(visit.application, visit.version, experts, at=at)
    for one in members:
        if reason := barred(one, visit):
            raise Refusal(
                "conflict",
                f"{one.name}须回避{visit.application.organisation.name}：{reason}。"
                "回避为硬性规定，请另选成员。",
            )


def hold(pairs: Sequence[tuple[Seat, Visit]]) -> None:
    """Take the half hours of these seats, in one order of persons and hours for everybody.

    Raises ``Refusal`` ``busy`` when somebody is taken; the database says so too, where two plan
    at the same instant.
    """
    rows = sorted(
        (
            HeldSlot(seat=seat, user_id=seat.user_id, at=at)
            for seat, visit in pairs
            for at in slots.of_span(visit.starts_at, visit.ends_at)
        ),
        key=lambda row: (row.user_id, row.at),
    )
    wanted = {(row.user_id, row.at) for row in rows}
    taken = HeldSlot.objects.filter(
        user__in={user for user, _ in wanted}, at__in={at for _, at in wanted}
    ).select_related("seat__expert", "seat__user")
    for slot in taken:
        if (slot.user_id, slot.at) in wanted:
            raise busy(slot.seat.name, slot.at)
    if len(wanted) < len(rows):
        raise Refusal("busy", "同一名成员在同一时间被安排了两次，请调整时间。")
    try:
        with transaction.atomic():
            HeldSlot.objects.bulk_create(rows)
    except IntegrityError:
        raise Refusal(
            "busy", "有成员在这段时间刚刚被安排到另一处，请刷新页面，另选时间或成员。"
        ) from None


def busy(name: str, at: datetime) -> Refusal:
    return Refusal(
        "busy", f"{name}在 {moment(at)} 已有另一处现场评估，同一时间不能去两处。请另选时间或成员。"
    )


def seat(visit: Visit, member: Member, *, lead: bool, at: datetime) -> Seat:
    """A seat for somebody who never sat here or was replaced. The visit is locked or new.

    Raises ``Refusal`` ``already-in-team``.
    """
    found = Seat.objects.select_for_update().filter(visit=visit, user=member.user).first()
    if found is None:
        return Seat.objects.create(
            visit=visit, user=member.user, expert=member.expert, lead=lead, added_at=at
        )
    if found.is_active:
        raise Refusal("already-in-team", f"{member.name}已在评估组中。", status=422)
    found.state, found.lead, found.expert = Seat.State.ACTIVE, lead, member.expert
    found.added_at, found.declared_at = at, None
    found.ended_at, found.reason = None, ""
    found.save()
    return found


def end(seat: Seat, *, reason: str, at: datetime) -> None:
    """The person leaves the team; access ends with the next request, their hours are free."""
    seat.state, seat.ended_at, seat.reason, seat.lead = Seat.State.ENDED, at, reason[:300], False
    seat.save(update_fields=["state", "ended_at", "reason", "lead"])
    seat.slots.all().delete()


# What the organiser does ------------------------------------------------------------------------


@transaction.atomic
def add_member(
    visit: Visit, member: Member, *, lead: bool = False, actor: Actor, at: datetime
) -> Seat:
    """One more in the team, before the conclusion. A new lead takes the place of the old one.

    Raises ``Refusal`` ``wrong-state``, ``conflict``, ``busy``, ``already-in-team``.
    """
    visit = moving.lock(visit)
    _must_be_ahead(visit)
    must_be_free_of_conflict([member], visit, at=at)
    if lead:
        visit.seats.filter(lead=True).update(lead=False)
    made = seat(visit, member, lead=lead, at=at)
    hold([(made, visit)])
    entry = audit.record(
        actor=actor,
        action="visits.add_member",
        subject=visit,
        at=at,
        user=member.user.pk,
        expert=member.expert.pk if member.expert else None,
        lead=lead,
    )
    letters.to_team("team", visit, [made], occasion=entry.pk, at=at)
    return made


@transaction.atomic
def end_member(seat: Seat, *, reason: str, conflict: bool, actor: Actor, at: datetime) -> None:
    """Take a member out; with ``conflict`` the office's bar stands for every other place too.

    Raises ``Refusal`` ``wrong-state``, ``reason-missing`` (422), ``lead-needed``: the lead leaves
    only after another was made lead, unless a conflict is the reason.
    """
    visit = moving.lock(seat.visit)
    _must_be_ahead(visit)
    seat = Seat.objects.select_for_update(of=("self",)).select_related("expert").get(pk=seat.pk)
    if not seat.is_active:
        raise Refusal("wrong-state", "该成员已经退出。")
    reason = moving.reason_of(reason, what="退出的原因")
    if seat.lead and not conflict:
        raise Refusal("lead-needed", "请先指定另一名组长，再请组长退出。")
    if conflict and seat.expert is not None:
        elsewhere.bar(seat.expert, visit.application, reason=reason, actor=actor, at=at)
    end(seat, reason=reason, at=at)
    audit.record(
        actor=actor,
        action="visits.end_member",
        subject=visit,
        at=at,
        user=seat.user_id,
        reason=reason,
        conflict=conflict,
    )


@transaction.atomic
def make_lead(seat: Seat, *, actor: Actor, at: datetime) -> None:
    """Another member leads from now on: also after the conclusion, where the lead is barred and
    somebody must take it back. Raises ``Refusal`` ``wrong-state``."""
    visit = moving.lock(seat.visit)
    if not visit.is_live:
        raise Refusal("wrong-state", "现场评估已经完成或取消，不能再指定组长。")
    seat = Seat.objects.select_for_update().get(pk=seat.pk)
    if not seat.is_active:
        raise Refusal("wrong-state", "该成员已经退出，不能任组长。")
    visit.seats.filter(lead=True).update(lead=False)
    Seat.objects.filter(pk=seat.pk).update(lead=True)
    audit.record(actor=actor, action="visits.make_lead", subject=visit, at=at, user=seat.user_id)


def _must_be_ahead(visit: Visit) -> None:
    if not visit.is_ahead:
        raise Refusal("wrong-state", "结论已经形成或安排已经取消，不能再调整成员。")
