"""Days changed after a survey was made, levels that let theirs pass, units asked later."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Link, Organisation
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from surveys import queries, services, words
from surveys.forms import last_day
from surveys.models import Request, Survey
from tests import world
from tests.surveys import scene
from tests.world import AT

DAY = timedelta(days=1)


@pytest.fixture
def made(db):
    return scene.build(n=3)


def days(made, **changed):
    """The survey's days, some of them changed."""
    return {
        **{name: last_day(getattr(made.survey, name)) for name in services.ENDS},
        **changed,
    }


def set_days(made, *, at=AT, **changed):
    services.set_days(made.survey, days=days(made, **changed), actor=made.actor("office"), at=at)
    return made.again()


# Days ------------------------------------------------------------------------------------------


def test_a_later_end_reaches_open_units_their_links_and_their_letter_boxes(made):
    scene.answer(made, 2)
    done = made.request(2).until
    set_days(made, answer_until=scene.UNTIL + 3 * DAY)
    end = made.survey.answer_until
    assert [made.request(n).until for n in (0, 1)] == [end, end]
    assert made.request(2).until == done
    live = Link.objects.filter(survey_requests__in=[made.request(1)], revoked_at=None)
    assert [link.expires_at for link in live] == [end]
    told = set(Message.objects.filter(kind="survey_dates").values_list("email", flat=True))
    assert made.request(1).email in told
    assert made.request(2).email not in told


def test_a_unit_with_a_later_end_of_its_own_keeps_it(made):
    own = made.request(0).until + 9 * DAY
    Request.objects.filter(pk=made.request(0).pk).update(until=own)
    set_days(made, answer_until=scene.UNTIL + 3 * DAY)
    assert made.request(0).until == own


def test_saving_the_same_days_changes_and_says_nothing(made):
    entries = Entry.objects.count()
    set_days(made)
    assert Entry.objects.count() == entries
    assert not Message.objects.filter(kind="survey_dates").exists()


@pytest.mark.django_db
def test_days_before_the_opening_tell_nobody():
    made = scene.build(opened=False)
    set_days(made, answer_until=scene.UNTIL + DAY)
    assert last_day(made.survey.answer_until) == scene.UNTIL + DAY
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"answer_until": scene.UNTIL - 9 * DAY}, "survey-until-past"),
        ({"answer_until": None}, "survey-no-end"),
        ({"city_until": scene.UNTIL - DAY}, "survey-days-order"),
        (
            {"district_until": scene.UNTIL + 5 * DAY, "province_until": scene.UNTIL + 2 * DAY},
            "survey-days-order",
        ),
    ],
)
def test_days_that_cannot_be_are_refused_and_change_nothing(made, changed, code):
    before = days(made)
    with pytest.raises(Refusal) as refused:
        set_days(made, **changed)
    assert refused.value.code == code
    made.again()
    assert days(made) == before


def test_a_closed_survey_keeps_its_days(made):
    services.close(made.survey, actor=made.actor("chief"), at=AT)
    with pytest.raises(Refusal, match="已经结束"):
        set_days(made, answer_until=scene.UNTIL + DAY)


# Levels that are late --------------------------------------------------------------------------


@pytest.fixture
def late(made):
    """Answered in time; the district let its days pass, the city's still run."""
    set_days(
        made,
        district_until=scene.UNTIL + DAY,
        city_until=scene.UNTIL + 3 * DAY,
        province_until=scene.UNTIL + 5 * DAY,
    )
    scene.answer(made, 0)
    return made


def check(made, who, *, at):
    return services.check([made.request(0)], unit=made.units[who].pk, actor=made.actor(who), at=at)


def turn(made, at):
    waiting = words.waits_for(made.request(0), at=at)
    return waiting.unit.name if waiting else ""


def test_the_next_level_checks_in_place_of_a_late_one(late):
    at = late.survey.district_until
    assert turn(late, at - timedelta(microseconds=1)) == "示例区局"
    assert turn(late, at) == "示例市局"
    with pytest.raises(Refusal, match="由上级核对"):
        check(late, "district", at=at)
    check(late, "city", at=at)
    assert turn(late, at) == "示例省厅"
    assert list(late.request(0).checks.values_list("checked_at", flat=True)) == [None, at, None]


def test_the_highest_level_is_never_too_late(late):
    at = late.survey.province_until + 9 * DAY
    assert turn(late, at) == "示例省厅"
    check(late, "province", at=at)
    assert late.request(0).state == Request.State.CHECKED


def test_what_waits_is_counted_for_whose_turn_it_is(late):
    for at in (AT, late.survey.district_until, late.survey.province_until):
        counted = {
            name: found[0].waiting
            for name in ("district", "city", "province")
            if (found := queries.surveys_of_unit(late.units[name].pk, at=at))
        }
        name = words.waits_for(late.request(0), at=at).unit.name
        assert [late.units[key].name for key, n in counted.items() if n] == [name]


def test_a_late_level_cannot_give_back_but_the_next_can(late):
    at = late.survey.district_until
    with pytest.raises(Refusal, match="不由本单位核对"):
        services.give_back(
            late.request(0),
            note="请补充",
            until=at + DAY,
            unit=late.units["district"].pk,
            actor=late.actor("district"),
            at=at,
        )
    services.give_back(
        late.request(0),
        note="请补充",
        until=at + DAY,
        unit=late.units["city"].pk,
        actor=late.actor("city"),
        at=at,
    )
    assert late.request(0).state == Request.State.RETURNED


# Units asked later -----------------------------------------------------------------------------


@pytest.fixture
def newcomer(made):
    unit = world.unit("enterprise", "示例新登记有限公司", region="430102", n=390)
    unit.profile = {"contact_email": "new-unit@example.org"}
    unit.save()
    return unit


def test_a_unit_registered_later_is_offered_asked_and_told(made, newcomer):
    assert list(queries.unasked(made.survey)) == [newcomer]
    office = made.client("office")
    page = office.get(reverse("surveys:add", args=[made.survey.code])).content.decode()
    assert newcomer.name in page
    answer = office.post(
        reverse("surveys:add", args=[made.survey.code]), {"units": [newcomer.pk], "codes": ""}
    )
    assert answer.status_code == 302
    request = Request.objects.get(organisation=newcomer)
    assert request.until == made.survey.answer_until
    assert [one.unit.name for one in request.checks.all()] == ["示例区局", "示例市局", "示例省厅"]
    services.send_waiting(at=AT)
    assert Message.objects.filter(email="new-unit@example.org", kind="survey_asked").exists()
    assert not queries.unasked(made.survey).exists()


def test_a_unit_elsewhere_is_added_by_its_code(made):
    unit = world.unit("enterprise", "示例外地有限公司", region="110000", n=391)
    answer = made.client("office").post(
        reverse("surveys:add", args=[made.survey.code]), {"codes": unit.code.lower()}
    )
    assert answer.status_code == 302
    assert Request.objects.filter(organisation=unit).exists()


def test_units_that_cannot_be_asked_are_named_and_nobody_is_added(made, newcomer):
    there = made.companies[0]
    with pytest.raises(Refusal, match=f"“{there.name}”已在填报单位中"):
        add(made, [newcomer, there])
    with pytest.raises(Refusal, match="不属于这项调查的对象"):
        add(made, [newcomer, made.units["city"]])
    with pytest.raises(Refusal, match="没有选中"):
        add(made, [])
    answer = made.client("office").post(
        reverse("surveys:add", args=[made.survey.code]), {"codes": "没有的代码"}
    )
    assert answer.status_code == 422
    assert "没有代码为" in answer.content.decode()
    assert not Request.objects.filter(organisation=newcomer).exists()


def add(made, units: list[Organisation], at=AT):
    return services.add_units(made.survey, units, actor=made.actor("office"), at=at)


def test_nobody_is_added_after_the_end(made, newcomer):
    with pytest.raises(Refusal, match="先延长填报截止日"):
        add(made, [newcomer], at=made.survey.answer_until)
    services.close(made.survey, actor=made.actor("chief"), at=AT)
    with pytest.raises(Refusal, match="不在进行中"):
        add(made, [newcomer])


def test_the_days_are_set_on_their_page(made):
    page = reverse("surveys:days", args=[made.survey.code])
    office = made.client("office")
    assert scene.UNTIL.isoformat() in office.get(page).content.decode()
    later = scene.UNTIL + 2 * DAY
    assert office.post(page, {"answer_until": later.isoformat()}).status_code == 302
    assert last_day(Survey.objects.get(pk=made.survey.pk).answer_until) == later
    answer = office.post(page, {"answer_until": (AT - 9 * DAY).date().isoformat()})
    assert answer.status_code == 422
    assert "应晚于现在" in answer.content.decode()
