"""Planning: who, when and where; conflicts and hours are hard; all of a plan or nothing."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from calls.programme import CHINA
from core.errors import Refusal
from notifications.models import Message
from reviews.services import elsewhere
from tests import kept, world
from tests.visits import scene
from tests.visits.scene import working_day
from tests.world import AT
from visits import services, slots
from visits.models import HeldSlot, Seat, Visit
from visits.services import Member, planning

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(scene.build)


def refused(code, act, *args, **more):
    before = (Visit.objects.count(), HeldSlot.objects.count(), Message.objects.count())
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    assert caught.value.code == code, caught.value
    after = (Visit.objects.count(), HeldSlot.objects.count(), Message.objects.count())
    assert after == before
    return caught.value


def test_a_plan_tells_the_applicant_what_to_prepare_and_the_team_where_to_go(made):
    (visit,) = made.plan()
    assert visit.state == "planned" and visit.version.number == 1
    told = Message.objects.get(kind="planned", user=made.people(0))
    assert "测试记录" in told.body and "甲市示例路 1 号测试间" in told.body
    letters = Message.objects.filter(kind="team")
    assert letters.count() == 2
    assert not any(visit.application.title in one.body for one in letters)
    assert HeldSlot.objects.filter(seat__visit=visit).count() == 2 * 6


def test_the_same_expert_is_not_at_two_places_at_once(made):
    made.plan(0)
    said = refused("busy", made.plan, 1, starts=working_day(5) + timedelta(hours=2))
    assert "同一时间不能去两处" in said.message
    made.plan(1, starts=working_day(5) + timedelta(hours=3))
    made.plan(2, members=[made.member(2)])


def test_the_database_itself_keeps_an_expert_at_one_place(made):
    made.plan()
    slot = HeldSlot.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldSlot.objects.create(seat=slot.seat, user=slot.user, at=slot.at)


def test_one_live_visit_of_an_application(made):
    made.plan(0)
    refused("not-waiting", made.plan, 0, starts=working_day(8), members=[made.member(2)])


def test_a_known_conflict_of_whatever_kind_keeps_an_expert_out(made):
    application = made.application(0)
    elsewhere.bar(made.experts[0], application, reason="与负责人同门", actor=made.office, at=AT)
    said = refused("conflict", made.plan, 0)
    assert "同门" in said.message
    made.plan(1)


def test_an_expert_of_the_visited_unit_is_found_by_comparison(made):
    expert = made.experts[0]
    expert.employer_name = made.application(0).organisation.name
    expert.save()
    said = refused("conflict", made.plan, 0)
    assert "现任职于申报单位" in said.message


def test_an_official_of_the_visited_unit_is_not_in_its_team(made):
    from accounts import services as accounts

    chief = made.season.cast.people["chief"]
    accounts.appoint(
        chief,
        organisation=made.application(0).organisation,
        role="viewer",
        actor=world.SYSTEM,
        at=AT - timedelta(days=9),
    )
    said = refused("conflict", made.plan, 0, members=[made.official])
    assert "在被评估单位" in said.message
    made.plan(1, members=[made.official])


def test_a_day_of_rest_is_planned_only_knowingly(made):
    day = working_day(5)
    day += timedelta(days=5 - day.weekday())

    def plan(agreed):
        return services.plan(
            made.call,
            [made.proposal(0, starts=day)],
            [made.member(0)],
            organisation=None,
            prepare="",
            rest_days_agreed=agreed,
            actor=made.office,
            at=AT,
        )

    said = refused("rest-day", plan, False).message
    assert f"{day:%Y-%m-%d}" in said and "已知悉" in said
    assert plan(True)[0].starts_at == day


def test_a_holiday_is_named():
    assert planning.day_note(datetime(2022, 10, 3, 9, tzinfo=CHINA)) == "国庆节假期"
    assert planning.day_note(datetime(2022, 10, 8, 9, tzinfo=CHINA)) == ""  # 调休


@pytest.mark.parametrize(
    ("starts", "hours", "code"),
    [
        (working_day(5) + timedelta(minutes=10), 3, "off-the-half-hour"),
        (working_day(5), 13, "bad-span"),
        (working_day(-30), 3, "in-the-past"),
    ],
)
def test_a_time_that_cannot_be_is_refused(made, starts, hours, code):
    refused(
        code,
        services.plan,
        made.call,
        [made.proposal(0, starts=starts, hours=hours)],
        [made.member(0)],
        organisation=None,
        prepare="",
        rest_days_agreed=True,
        actor=made.office,
        at=AT,
    )


def test_nobody_but_the_organiser_plans(made):
    refused(
        "not-yours",
        services.plan,
        made.call,
        [made.proposal(0)],
        [made.member(0)],
        organisation=None,
        prepare="",
        rest_days_agreed=True,
        actor=made.season.actor("operator"),
        at=AT,
    )


def test_half_days_follow_one_another_over_the_weekend():
    friday = date(2022, 8, 5)
    starts = slots.half_days(friday, afternoon=True, works=lambda day: day.weekday() < 5)
    found = [next(starts).strftime("%m-%d %H") for _ in range(4)]
    assert found == ["08-05 14", "08-08 09", "08-08 14", "08-09 09"]


def test_a_preview_writes_nothing_and_says_what_stands_against_each_line(made):
    made.plan(2)
    elsewhere.bar(
        made.experts[1], made.application(1), reason="曾共同署名", actor=made.office, at=AT
    )
    counted = (Visit.objects.count(), HeldSlot.objects.count(), Message.objects.count())
    judged = services.judge(
        made.call,
        [
            made.proposal(0),
            made.proposal(1, starts=working_day(9)),
            made.proposal(0, starts=working_day(12)),
        ],
        [made.member(0), made.member(1)],
        organisation=None,
        at=AT,
    )
    assert "同一时间不能去两处" in judged[0].problem
    assert "曾共同署名" in judged[1].problem
    assert judged[2].problem == ""
    assert counted == (Visit.objects.count(), HeldSlot.objects.count(), Message.objects.count())


def test_one_refused_line_leaves_the_whole_plan_undone(made):
    elsewhere.bar(
        made.experts[0], made.application(1), reason="曾共同署名", actor=made.office, at=AT
    )
    refused("conflict", made.plan, 0, 1)


def test_a_change_frees_the_old_hours_and_asks_for_a_new_confirmation(made):
    (visit,) = made.plan()
    services.confirm(visit, actor=made.admin, at=AT)
    changed = services.change(
        visit,
        starts_at=working_day(8),
        ends_at=working_day(8) + timedelta(hours=2),
        place="乙市示例路 2 号",
        prepare="样机",
        reason="组长另有公务",
        rest_days_agreed=True,
        actor=made.office,
        at=AT,
    )
    assert changed.state == "planned" and changed.confirmed_at is None
    assert HeldSlot.objects.filter(seat__visit=visit).count() == 2 * 4
    assert Message.objects.filter(kind="changed").count() == 1
    assert Message.objects.filter(kind="team_changed").count() == 2
    made.plan(1)  # the old hours are free again


def test_a_cancelled_visit_frees_the_team_and_says_why(made):
    (visit,) = made.plan()
    refused("reason-missing", services.cancel, visit, reason=" ", actor=made.office, at=AT)
    services.cancel(visit, reason="申报单位停业整顿", actor=made.office, at=AT)
    assert not HeldSlot.objects.exists()
    assert "停业整顿" in Message.objects.get(kind="cancelled").body
    made.plan(0)


def test_what_the_applicant_takes_back_is_not_visited(made):
    from applications import services as applications

    (visit,) = made.plan()
    applications.move(made.application(0), "withdraw", actor=made.admin, at=AT, note="不再申报")
    visit.refresh_from_db()
    assert visit.state == "cancelled" and visit.ended_reason == "申报单位已撤回申报"
    assert not HeldSlot.objects.exists()


def test_the_applicant_confirms_or_asks_for_another_day_once(made):
    (visit,) = made.plan()
    asked = {"wished": "下周二上午", "actor": made.admin, "at": AT}
    refused("reason-missing", services.ask_day, visit, reason="忙", **asked)
    services.ask_day(visit, reason="负责人出差在外", **asked)
    assert "负责人出差" in Message.objects.get(kind="day_asked").body
    refused("day-asked", services.confirm, visit, actor=made.admin, at=AT)
    services.decline_day(visit, reason="评估组日程已满", actor=made.office, at=AT)
    assert "评估组日程已满" in Message.objects.get(kind="day_declined").body
    refused("asked-before", services.ask_day, visit, reason="负责人出差在外", **asked)
    assert services.confirm(visit, actor=made.admin, at=AT).state == "confirmed"


def test_a_rival_cannot_confirm(made):
    (visit,) = made.plan()
    refused("not-yours", services.confirm, visit, actor=world.actor(made.people(1)), at=AT)


def test_a_member_is_added_replaced_and_the_lead_handed_on(made):
    (visit,) = made.plan()
    lead, other = made.seats(visit)
    refused(
        "lead-needed",
        services.end_member,
        lead,
        reason="另有安排",
        conflict=False,
        actor=made.office,
        at=AT,
    )
    services.add_member(visit, made.member(2), actor=made.office, at=AT)
    refused("already-in-team", services.add_member, visit, made.member(2), actor=made.office, at=AT)
    services.make_lead(other, actor=made.office, at=AT)
    services.end_member(lead, reason="另有安排", conflict=False, actor=made.office, at=AT)
    assert [(one.expert_id, one.lead) for one in made.seats(visit)] == [
        (made.experts[1].pk, True),
        (made.experts[2].pk, False),
    ]
    assert not HeldSlot.objects.filter(seat=lead).exists()
    services.add_member(visit, made.member(0), lead=True, actor=made.office, at=AT)
    assert Seat.objects.filter(visit=visit, lead=True, state="active").count() == 1


def test_a_conflict_the_office_registers_bars_in_the_reviews_too(made):
    (visit,) = made.plan()
    _, other = made.seats(visit)
    services.end_member(other, reason="与申报单位有合作", conflict=True, actor=made.office, at=AT)
    assert elsewhere.standing(made.experts[1], made.application(0)).state == "pinned"
    refused("conflict", services.add_member, visit, made.member(1), actor=made.office, at=AT)


def test_the_same_person_twice_is_no_team(made):
    twice = [made.member(0), Member(made.member(0).user)]
    refused("no-team", made.plan, 0, members=twice)
