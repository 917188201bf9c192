"""Asking, filling in, checking level by level, chasing, closing."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts import links
from accounts.models import Link
from audit.models import Entry
from audit.services import Actor
from core.errors import Refusal
from notifications import services as notifications
from notifications.models import Message
from surveys import queries, services
from surveys.models import Request, Survey
from tests import world
from tests.surveys import scene
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
S = Request.State


@pytest.fixture
def made():
    return scene.build(n=3)


def refused(expected, call, *args, **words):
    with pytest.raises(Refusal) as caught:
        call(*args, **words)
    assert caught.value.code == expected
    return caught.value


def actions():
    return set(Entry.objects.filter(action__startswith="surveys.").values_list("action", flat=True))


# Opening and asking ------------------------------------------------------------------------------


def test_opening_asks_the_units_of_the_regions_through_all_levels(made):
    assert made.survey.state == Survey.State.OPEN
    assert made.survey.requests.count() == 3
    chain = [check.unit.name for check in made.request().checks.all()]
    assert chain == ["示例区局", "示例市局", "示例省厅"]
    assert {"surveys.create", "surveys.open", "surveys.send"} <= actions()


def test_units_elsewhere_and_of_other_kinds_are_not_asked():
    world.unit("enterprise", "别处企业", region="420100", n=90)
    made = scene.build(n=1)
    names = set(made.survey.requests.values_list("organisation__name", flat=True))
    assert names == {made.companies[0].name}


def test_a_unit_without_a_level_above_is_checked_by_who_asks():
    made = scene.build(n=1, opened=False)
    lonely = world.unit("enterprise", "孤例企业", region="520100", n=91)
    made.survey.regions = ["520000"]
    made.survey.save()
    services.open_survey(made.survey, actor=made.actor("chief"), at=AT)
    check = Request.objects.get(organisation=lonely).checks.get()
    assert check.unit == made.units["office"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"regions": []}, "survey-no-region"),
        ({"regions": ["650000"]}, "survey-nobody"),
        ({"answer_until": None}, "survey-no-end"),
        ({"answer_until": AT - timedelta(days=1)}, "survey-no-end"),
    ],
)
def test_a_survey_that_cannot_be_answered_does_not_open(change, code):
    made = scene.build(n=1, opened=False)
    Survey.objects.update(**change)
    refused(code, services.open_survey, made.survey, actor=SYSTEM, at=AT)
    assert made.again().state == Survey.State.PREPARING
    assert not Request.objects.exists()


def test_a_survey_opens_once(made):
    refused("survey-not-preparing", services.open_survey, made.survey, actor=SYSTEM, at=AT)


def test_the_code_of_a_survey_is_taken_once_and_its_regions_exist(made):
    args = {"owner": made.units["office"], "actor": SYSTEM, "at": AT}
    refused("code-taken", services.create, scene.rules(), code="demo-survey", **args)
    refused("region-unknown", services.create, scene.rules(), code="x", regions_asked=["9"], **args)


def test_days_of_an_earlier_year_are_not_taken_from_the_file():
    made = services.create(
        scene.rules(),
        code="again",
        owner=world.unit("office", "示例主管部门", region="110000"),
        actor=SYSTEM,
        at=AT,
    )
    assert made.answer_until is None


# Links -------------------------------------------------------------------------------------------


def test_the_link_is_written_in_only_when_the_letter_goes_out(made):
    request = made.request(1)
    token = links.token(request.link)
    letter = Message.objects.get(email=request.email, kind="survey_asked")
    assert token not in letter.body and notifications.LINK_MARK in letter.body
    assert request.link.token_hash == links.hash_of(token) != token
    notifications.send_waiting(at=AT)
    sent = next(one for one in mail.outbox if one.to == [request.email])
    assert f"/surveys/link/{token}/" in sent.body


def test_who_has_an_account_is_led_there_without_a_link(made):
    letter = Message.objects.get(user=made.people["filler"], kind="survey_asked")
    assert letter.link is None and notifications.LINK_MARK not in letter.body
    assert "登录平台" in letter.body


def test_a_link_lives_until_the_survey_ends_and_is_no_other_kind_of_link(made):
    link = made.request(1).link
    token = links.token(link)
    end = made.survey.answer_until
    assert links.find(token, Link.Purpose.SURVEY, at=end - timedelta(seconds=1)) == link
    refused("link-expired", links.find, token, Link.Purpose.SURVEY, at=end)
    refused("link-unknown", links.find, token, Link.Purpose.ACTIVATE, at=AT)


def test_a_fresh_link_ends_the_earlier_one(made):
    old = made.request(1).link
    services.send(made.request(1), email="New@example.org", actor=made.actor("district"), at=AT)
    request = made.request(1)
    assert request.email == "new@example.org" and request.link != old
    refused("link-revoked", links.find, links.token(old), Link.Purpose.SURVEY, at=AT)
    assert Message.objects.filter(email="new@example.org", kind="survey_asked").count() == 1


def test_a_unit_without_an_address_is_not_written_to_until_it_has_one():
    made = scene.build(n=1, opened=False)
    silent = world.unit("enterprise", "无邮箱企业", region="430102", n=92)
    services.open_survey(made.survey, actor=SYSTEM, at=AT)
    services.send_waiting(at=AT)
    request = Request.objects.get(organisation=silent)
    assert request.sent_at is None
    refused("survey-no-address", services.send, request, actor=SYSTEM, at=AT)
    services.send(request, email="a@example.org", actor=SYSTEM, at=AT)
    assert Message.objects.filter(email="a@example.org").count() == 1


def test_sending_twice_writes_one_letter(made):
    before = Message.objects.count()
    assert services.send_waiting(at=AT) == 0
    assert Message.objects.count() == before


# Filling in --------------------------------------------------------------------------------------


def test_a_form_begins_with_the_register_and_earlier_words(made):
    assert queries.first_contents(made.request(), None)["table"] == {"name": made.companies[0].name}
    scene.answer(made, data=scene.filled(name="旧名", revenue="10.00"))
    later = services.create(
        scene.rules(),
        code="later",
        owner=made.units["office"],
        regions_asked=["430100"],
        answer_until=scene.UNTIL,
        actor=SYSTEM,
        at=AT,
    )
    services.open_survey(later, actor=SYSTEM, at=AT)
    request = Request.objects.get(survey=later, organisation=made.companies[0])
    begun = queries.first_contents(request, None)["table"]
    assert begun == {"name": made.companies[0].name, **scene.TEXTS}
    said = queries.hints_of(request, scene.filled(revenue="100000.00"), filings=True)
    assert "10,000 倍" in " ".join(map(str, said))


def test_what_was_saved_meanwhile_is_not_overwritten(made):
    words = {"actor": SYSTEM, "at": AT}
    services.save(made.request(), data=scene.filled(), version=0, **words)
    other = scene.filled(revenue="5.00")
    told = refused("stale", services.save, made.request(), data=other, version=0, **words)
    assert told.status == 409
    assert made.request().answer.data == scene.filled()
    assert made.request().state == S.STARTED


def test_an_incomplete_answer_is_kept_and_not_submitted(made):
    kept = services.save(
        made.request(), data={"table": {"name": "x"}}, version=0, actor=SYSTEM, at=AT
    )
    told = refused(
        "survey-incomplete", services.submit, made.request(), version=1, actor=SYSTEM, at=AT
    )
    assert kept.version == 1 and told.status == 422
    assert made.request().state == S.STARTED


def test_the_text_of_a_key_unit_is_asked_only_of_key_units(made):
    data = scene.filled() | {"text": {"key_unit": True}}
    wrong = queries.problems(made.survey, data)
    assert [problem.name for _, problem in wrong] == ["material"]
    assert queries.problems(made.survey, scene.filled() | {"text": {"key_unit": False}}) == []


def test_a_submitted_answer_is_locked(made):
    request = scene.answer(made)
    assert request.state == S.ANSWERED
    refused("survey-answered", services.save, request, data={}, version=1, actor=SYSTEM, at=AT)


def test_nothing_is_taken_after_the_end_or_after_closing(made):
    end = made.survey.answer_until
    refused("survey-late", services.save, made.request(), data={}, version=0, actor=SYSTEM, at=end)
    services.close(made.survey, actor=made.actor("chief"), at=AT)
    refused(
        "survey-not-open", services.save, made.request(), data={}, version=0, actor=SYSTEM, at=AT
    )
    refused("survey-not-open", services.close, made.survey, actor=SYSTEM, at=AT)
    link = made.request(1).link
    refused("link-revoked", links.find, links.token(link), Link.Purpose.SURVEY, at=AT)


# Checking ----------------------------------------------------------------------------------------


def check(made, name, *numbers):
    return services.check(
        [made.request(n) for n in numbers or (0,)],
        unit=made.units[name].pk,
        actor=made.actor(name),
        at=AT,
    )


def test_an_answer_rises_from_district_to_city_to_province(made):
    scene.answer(made)
    for name, state in (("district", S.ANSWERED), ("city", S.ANSWERED), ("province", S.CHECKED)):
        check(made, name)
        assert made.request().state == state
    by = [one.checked_by.name for one in made.request().checks.all()]
    assert by == ["李示例区", "周示例", "赵示例"]


def test_a_level_checks_only_what_lies_before_it(made):
    scene.answer(made)
    for name in ("city", "province", "other"):
        refused("survey-not-here", check, made, name)
    check(made, "district")
    refused("survey-not-here", check, made, "district")
    assert made.request().place == 1


def test_checking_many_is_all_or_none(made):
    scene.answer(made, 0)
    refused("survey-not-here", check, made, "district", 0, 1)
    assert made.request(0).place == 0
    scene.answer(made, 1)
    assert check(made, "district", 0, 1) == 2


def give_back(made, name, note="请核对单位", until=AT + timedelta(days=9)):
    return services.give_back(
        made.request(),
        note=note,
        until=until,
        unit=made.units[name].pk,
        actor=made.actor(name),
        at=AT,
    )


def test_what_is_given_back_is_filled_in_and_checked_anew(made):
    scene.answer(made)
    check(made, "district")
    give_back(made, "city")
    request = made.request()
    assert (request.state, request.place) == (S.RETURNED, 0)
    assert not request.checks.exclude(checked_at=None).exists()
    assert request.until == AT + timedelta(days=9)
    assert request.answer.return_note == "请核对单位"
    assert Message.objects.filter(kind="survey_returned", email=request.email).count() == 1
    scene.answer(made, data=scene.filled(revenue="3.00"), at=AT + timedelta(days=8))
    numbers = [one.data["table"]["revenue"] for one in made.request().answer.submissions.all()]
    assert numbers == ["1200.00", "3.00"]
    check(made, "district")


def test_only_the_level_before_which_it_lies_gives_an_answer_back(made):
    scene.answer(made)
    for name in ("city", "province", "other"):
        refused("survey-not-here", give_back, made, name)
    refused("survey-no-note", give_back, made, "district", note=" ")
    refused("survey-until-past", give_back, made, "district", until=AT)
    assert made.request().state == S.ANSWERED
    for name in ("district", "city", "province"):
        check(made, name)
    refused("survey-not-here", give_back, made, "city")
    give_back(made, "province")
    assert made.request().state == S.RETURNED


# Chasing -----------------------------------------------------------------------------------------


def reminders():
    return Message.objects.filter(kind="survey_remind", state=Message.State.WAITING)


def test_who_has_answered_is_not_reminded_and_nobody_twice(made):
    scene.answer(made, 1)
    unit = made.units["district"].pk
    words = {"unit": unit, "actor": made.actor("district")}
    assert services.remind(made.survey, at=AT, **words) == 2
    assert {one.email for one in reminders()} == {
        made.people["filler"].email,
        made.request(2).email,
    }
    refused("survey-nobody-open", services.remind, made.survey, at=AT, **words)
    later = AT + timedelta(hours=13)
    assert services.remind(made.survey, at=later, **words) == 2


def test_another_district_reminds_nobody_here(made):
    refused(
        "survey-nobody-open",
        services.remind,
        made.survey,
        unit=made.units["other"].pk,
        actor=made.actor("other"),
        at=AT,
    )


def test_a_reminder_that_waits_is_taken_back_when_the_unit_answers(made):
    services.remind(made.survey, unit=None, actor=made.actor("office"), at=AT)
    before = reminders().count()
    scene.answer(made, 1)
    assert reminders().count() == before - 1


def test_the_clock_reminds_once_before_the_end(made):
    end = made.survey.answer_until
    assert services.fire_due(at=end - timedelta(days=1, seconds=1)) == 0
    scene.answer(made, 1)
    assert services.fire_due(at=end - timedelta(days=1)) == 2
    assert services.fire_due(at=end - timedelta(hours=2)) == 0
    assert services.fire_due(at=end) == 0


def test_who_was_reminded_by_hand_since_is_not_reminded_by_the_clock(made):
    end = made.survey.answer_until
    at = end - timedelta(hours=20)
    services.remind(made.survey, unit=None, actor=made.actor("office"), at=at)
    assert services.fire_due(at=at + timedelta(hours=1)) == 0


# The sum -----------------------------------------------------------------------------------------


def test_the_roll_up_adds_submitted_answers_by_the_unit_below(made):
    scene.answer(made, 0, data=scene.filled(revenue="0.10"))
    scene.answer(made, 1, data=scene.filled(revenue="0.20"))
    services.save(
        made.request(2), data=scene.filled(revenue="99.00"), version=0, actor=SYSTEM, at=AT
    )
    for name, under in (("city", "district"), ("province", "city"), ("district", "district")):
        unit = made.units[name].pk
        lines, total = queries.roll_up(made.survey, queries.area(made.survey, unit), unit)
        assert [line.unit for line in lines] == [made.units[under]]
        assert (total.asked, total.answered, total.open) == (3, 2, 1)
        assert str(total.totals["table.revenue"]) == "0.30"
    lines, _ = queries.roll_up(made.survey, queries.area(made.survey, None), None)
    assert [line.unit for line in lines] == [made.units["province"]]


def test_the_counts_of_a_level_are_of_its_own_area(made):
    scene.answer(made, 0)
    (found,) = queries.surveys_of_unit(made.units["district"].pk, at=AT)
    assert (found.asked, found.answered, found.waiting) == (3, 1, 1)
    (found,) = queries.surveys_of_unit(made.units["city"].pk, at=AT)
    assert (found.asked, found.answered, found.waiting) == (3, 1, 0)
    assert not queries.surveys_of_unit(made.units["other"].pk, at=AT)
    every = queries.surveys_counted().get()
    assert (every.asked, every.answered, every.checked) == (3, 1, 0)


def test_every_act_leaves_its_entry(made):
    scene.answer(made)
    check(made, "district")
    give_back(made, "city")
    services.remind(made.survey, unit=None, actor=made.actor("office"), at=AT)
    services.close(made.survey, actor=made.actor("chief"), at=AT)
    assert actions() == {
        f"surveys.{word}"
        for word in [
            "create",
            "open",
            "send",
            "start",
            "submit",
            "check",
            "return",
            "remind",
            "close",
        ]
    }


def test_nobody_without_a_person_checks(made):
    scene.answer(made)
    refused(
        "no-person",
        services.check,
        [made.request()],
        unit=made.units["district"].pk,
        actor=Actor("clock"),
        at=AT,
    )
    assert made.request().place == 0
