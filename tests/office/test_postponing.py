"""More time for many: which dates move, who gets it, two people, announced; reminders after it."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications import queries
from applications.models import Application, Version
from audit.models import Entry
from calls.models import Call, Extension, Notice
from calls.phases import GRACE
from core.errors import Refusal
from notifications.models import Message
from office import cascade, postponing, reminders
from office.models import Incident, Postponement, ReminderRule
from tests import season
from tests.office.asking import ask
from tests.office.asking import record as incident
from tests.office.test_cockpit import browser
from tests.recommenders import scene
from tests.world import AT

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


def give(cast, asked, *, at=AT):
    return postponing.approve(asked, actor=cast.actor("chief"), at=at)


# The rule --------------------------------------------------------------------------------------


def test_later_dates_keep_their_distance_and_earlier_ones_stay():
    dates = {"filing_until": AT, "recommendation_until": AT + DAY, "paper_until": None}
    dates |= {"scan_until": AT - DAY, "review_until": AT + 9 * DAY, "announcement_by": None}
    found = cascade.moved(dates, "filing_until", AT + 2 * DAY, cascade=True)
    assert [(one.key, one.after - one.before) for one in found] == [
        ("filing_until", 2 * DAY),
        ("recommendation_until", 2 * DAY),
        ("review_until", 2 * DAY),
    ]
    alone = cascade.moved(dates, "filing_until", AT + 2 * DAY, cascade=False)
    assert [one.key for one in alone] == ["filing_until"]
    for until in (AT, AT - INSTANT):
        with pytest.raises(ValueError, match="filing_until"):
            cascade.moved(dates, "filing_until", until, cascade=True)


# What it does ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_whole_call_moves_with_its_later_dates_and_everybody_is_told(cast):
    before = {key: getattr(cast.call, key) for key in cascade.ORDER}
    done = give(cast, ask(cast))
    call = Call.objects.get(pk=cast.call.pk)
    assert {key: getattr(call, key) - before[key] for key in cascade.ORDER} == dict.fromkeys(
        cascade.ORDER, 3 * DAY
    )
    assert done.notice.title.endswith("期限延长的通知")
    told = {one.user.name for one in Message.objects.filter(kind="extension")}
    assert {"王示例", "李示例", "赵示例", "钱示例", "孙示例"} <= told
    assert done.letters >= 5


@pytest.mark.django_db
def test_a_region_is_given_to_its_recommending_units_and_covers_drafts_begun_later(cast):
    give(cast, ask(cast, scope="region", value="430000"))
    draft = Application.objects.select_related("call", "organisation", "recommender").get(
        pk=cast.application.pk
    )
    assert queries.filing_deadline(draft) == cast.call.filing_until + 3 * DAY
    later = scene.filing(cast, 7)
    assert queries.filing_deadline(later) == cast.call.filing_until + 3 * DAY
    away = scene.filing(cast, 8, recommender=cast.other_province)
    assert Call.objects.get(pk=cast.call.pk).filing_until == cast.call.filing_until
    rows = Extension.objects.filter(organisation=cast.other_province)
    assert not rows.exists()
    # A unit of the region whom another recommends would have had a row of its own.
    assert queries.filing_deadline(away) == cast.call.filing_until
    assert queries.recommendation_deadline(cast.call, cast.province) == (
        cast.call.recommendation_until + 3 * DAY
    )


@pytest.mark.django_db
def test_a_unit_of_the_region_that_another_recommends_gets_a_row_of_its_own(cast):
    away = scene.filing(cast, 8, recommender=cast.other_province)
    give(cast, ask(cast, scope="region", value="430000"))
    assert queries.filing_deadline(away) == cast.call.filing_until + 3 * DAY


@pytest.mark.django_db
def test_a_direction_is_given_to_the_units_in_it_and_to_no_other(cast):
    first, second = list(cast.call.directions.all())[:2]
    other = scene.filing(cast, 5, direction=second)
    give(cast, ask(cast, scope="direction", value=first.key))
    assert queries.filing_deadline(cast.application) == cast.call.filing_until + 3 * DAY
    assert queries.filing_deadline(other) == cast.call.filing_until


@pytest.mark.django_db
def test_the_cost_of_granting_does_not_grow_with_the_units(cast):
    from django.test.utils import CaptureQueriesContext

    key = cast.call.directions.all()[0].key
    counts = []
    for many in (1, 12):
        for n in range(many):
            scene.filing(cast, 100 * many + n)
        asked = ask(cast, scope="direction", value=key, days=many)
        with CaptureQueriesContext(connection) as found:
            give(cast, asked)
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"days": 0}, "not-later"),
        ({"scope": "region", "value": "110000"}, "nobody"),
        ({"scope": "region", "value": "430000", "key": "review_until"}, "whole-call-only"),
        ({"scope": "direction", "value": "x", "key": "recommendation_until"}, "filing-only"),
    ],
)
def test_what_cannot_be_given_is_refused_and_leaves_nothing(cast, more, code):
    with pytest.raises(Refusal) as refusal:
        ask(cast, **more)
    assert refusal.value.code == code
    assert not Postponement.objects.exists()


@pytest.mark.django_db
def test_one_person_does_not_give_what_they_asked_for(cast):
    asked = ask(cast, who="chief")
    with pytest.raises(Refusal) as refusal:
        give(cast, asked)
    assert refusal.value.code == "two-people"
    with pytest.raises(IntegrityError), transaction.atomic():
        Postponement.objects.filter(pk=asked.pk).update(
            state="approved", approved_by=asked.proposed_by, approved_at=AT
        )


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["notices.publish", "notifications.enqueue", "calls.set_dates"])
def test_when_it_fails_half_way_no_date_has_moved(cast, monkeypatch, broken):
    asked = ask(cast)

    def fails(*args, **more):
        raise RuntimeError("broken")

    monkeypatch.setattr(f"office.postponing.{broken}", fails)
    with pytest.raises(RuntimeError):
        give(cast, asked)
    asked.refresh_from_db()
    assert asked.state == "proposed" and not Extension.objects.exists()
    assert Call.objects.get(pk=cast.call.pk).filing_until == cast.call.filing_until
    assert not Notice.objects.exists() and not Message.objects.filter(kind="extension").exists()


@pytest.mark.django_db
def test_once_drafts_have_lapsed_filing_is_not_postponed(cast):
    asked = ask(cast)
    edge = cast.call.filing_until + GRACE
    with pytest.raises(Refusal) as refusal:
        give(cast, asked, at=edge)
    assert refusal.value.code == "too-late"
    give(cast, asked, at=edge - INSTANT)


# R4 --------------------------------------------------------------------------------------------


@pytest.fixture
def ready(db):
    played = season.begin()
    found = season.draft(played, "甲一", unit=played.cast.company, user=played.cast.people["admin"])
    return played, found


def fresh(application):
    return Application.objects.select_related("call").get(pk=application.pk)


@pytest.mark.usefixtures("either_database")
@pytest.mark.parametrize("scope", ["call", "region"])
def test_a_microsecond_before_the_new_end_is_in_time_and_at_it_is_late(ready, scope):
    played, draft = ready
    cast = played.cast
    value = "430000" if scope == "region" else ""
    give(cast, ask(cast, scope=scope, value=value, days=3))
    until = cast.call.filing_until + 3 * DAY
    with pytest.raises(Refusal) as refusal:
        season.submit(fresh(draft), key="late", at=until)
    assert refusal.value.code == "deadline-passed"
    version = season.submit(fresh(draft), at=until - INSTANT)
    assert version.arrived_at == until - INSTANT


@pytest.mark.usefixtures("either_database")
def test_before_it_is_approved_the_old_end_holds_to_the_microsecond(ready):
    played, draft = ready
    cast = played.cast
    ask(cast)
    with pytest.raises(Refusal):
        season.submit(fresh(draft), key="late", at=cast.call.filing_until)
    assert season.submit(fresh(draft), at=cast.call.filing_until - INSTANT)


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["approve", "submit"])
def test_an_extension_racing_a_submission_never_takes_one_without_the_other(first):
    """What arrived at the old end is accepted only when the extension was in force."""
    played = season.begin()
    cast = played.cast
    draft = season.draft(played, "甲一", unit=cast.company, user=cast.people["admin"])
    asked = ask(cast)
    edge, outcome = cast.call.filing_until, {}
    barrier = threading.Barrier(2)

    def approving():
        barrier.wait(10)
        try:
            with transaction.atomic():
                give(cast, Postponement.objects.get(pk=asked.pk))
                if first == "submit":
                    hold.wait(2)
        finally:
            connection.close()

    def submitting():
        barrier.wait(10)
        if first == "approve":
            hold.wait(0.5)
        try:
            season.submit(fresh(draft), at=edge)
            outcome["submitted"] = True
        except Refusal as refusal:
            outcome["refused"] = refusal.code
        finally:
            hold.set()
            connection.close()

    hold = threading.Event()
    threads = [threading.Thread(target=one) for one in (approving, submitting)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    asked.refresh_from_db()
    assert asked.state == "approved"
    taken = Version.objects.filter(application=draft).count()
    assert outcome in ({"submitted": True}, {"refused": "deadline-passed"})
    assert taken == (1 if "submitted" in outcome else 0)
    if first == "submit":
        assert outcome == {"refused": "deadline-passed"}, "not yet committed, not in force"
    # Whatever the race did, the next try at the same instant is in time.
    assert taken or season.submit(fresh(draft), key="again", at=edge)


# Incidents -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_incident_is_confirmed_by_another_person_before_it_justifies_anything(cast):
    made = incident(cast)
    with pytest.raises(Refusal) as refusal:
        ask(cast, incident=made)
    assert refusal.value.code == "not-confirmed"
    with pytest.raises(Refusal) as refusal:
        postponing.confirm_incident(made, actor=cast.actor("office"), at=AT)
    assert refusal.value.code == "two-people"
    made = postponing.confirm_incident(made, actor=cast.actor("chief"), at=AT)
    assert ask(cast, incident=made).incident == made
    with pytest.raises(Refusal):
        postponing.confirm_incident(made, actor=cast.actor("chief"), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=made.pk).update(confirmed_by=made.recorded_by)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "more", [{"until": AT - timedelta(hours=3)}, {"since": AT + INSTANT, "until": None}]
)
def test_an_incident_has_a_span_and_has_begun(cast, more):
    with pytest.raises(Refusal):
        incident(cast, **more)
    assert not Incident.objects.exists()


# Reminders -------------------------------------------------------------------------------------


def letters(kind="remind_filing"):
    return Message.objects.filter(kind=kind)


@pytest.mark.django_db
def test_a_worker_down_for_a_day_in_the_window_doubles_nothing_and_misses_nobody(cast):
    """R9: down from before the three-day reminder until after the one-day reminder."""
    until = cast.call.filing_until
    behind = {"王示例", "李示例"}
    reminders.fire_due(at=until - timedelta(days=3, hours=1))  # seven days: caught up
    first = letters().count()
    assert first == 2
    reminders.fire_due(at=until - timedelta(hours=23))
    reminders.fire_due(at=until - timedelta(hours=22, minutes=59))
    found = letters()
    assert found.count() == 2 + 2
    assert {one.user.name for one in found.order_by("-pk")[:2]} == behind
    assert found.values("key").distinct().count() == 4
    rules = ReminderRule.objects.filter(call=cast.call, key="filing_until")
    assert rules.filter(fired_at=None).count() == 0
    assert [rule.days_before for rule in rules.filter(skipped=True)] == [3]


@pytest.mark.django_db
def test_after_a_date_has_moved_its_reminders_fire_again_with_the_new_date(cast):
    until = cast.call.filing_until
    reminders.fire_due(at=until - timedelta(hours=20))
    assert letters().filter(state="waiting").count() == 2
    give(cast, ask(cast, days=5))
    assert letters().filter(state="cancelled").count() == 2
    moved = until + timedelta(days=5)
    reminders.fire_due(at=moved - timedelta(days=1))
    assert letters().filter(state="waiting").count() == 2


@pytest.mark.django_db
def test_a_unit_with_more_time_is_not_reminded_of_the_old_date(cast):
    give(cast, ask(cast, scope="unit", value=str(cast.company.pk)))
    reminders.fire_due(at=cast.call.filing_until - timedelta(hours=20))
    assert not letters().exists()


@pytest.mark.django_db
def test_a_reminder_after_the_date_goes_to_those_still_behind_once(cast):
    office = cast.actor("office")
    more = {"days": 2, "after": True, "by_sms": False, "actor": office, "at": AT}
    reminders.add_rule(cast.call, key="recommendation_until", **more)
    until = cast.call.recommendation_until
    reminders.fire_due(at=until - timedelta(hours=1))
    before = letters("remind_recommendation").count()
    reminders.fire_due(at=until + timedelta(days=2) - INSTANT)
    assert letters("remind_recommendation").count() == before
    for minutes in (0, 1):
        reminders.fire_due(at=until + timedelta(days=2, minutes=minutes))
    assert letters("remind_recommendation").count() == 2 * before
    assert "已于" in letters("remind_recommendation").latest("pk").subject


@pytest.mark.django_db
def test_rules_are_added_and_dropped_and_what_fired_stays(cast):
    office = cast.actor("office")
    more = {"after": False, "by_sms": False, "actor": office, "at": AT}
    rule = reminders.add_rule(cast.call, key="scan_until", days=5, **more)
    for days, key, code in ((5, "scan_until", "exists"), (60, "scan_until", "past")):
        with pytest.raises(Refusal) as refusal:
            reminders.add_rule(cast.call, key=key, days=days, **more)
        assert refusal.value.code == code
    with pytest.raises(Refusal) as refusal:
        reminders.add_rule(cast.call, key="filing_until", days=1, **{**more, "after": True})
    assert refusal.value.code == "lapsed"
    reminders.drop_rule(rule, actor=office, at=AT)
    assert not ReminderRule.objects.filter(pk=rule.pk).exists()
    reminders.fire_due(at=cast.call.filing_until - DAY)
    fired = ReminderRule.objects.filter(fired_at__isnull=False)[0]
    with pytest.raises(Refusal) as refusal:
        reminders.drop_rule(fired, actor=office, at=AT)
    assert refusal.value.code == "fired"
    assert Entry.objects.filter(action="office.drop_reminder").count() == 1


# Pages -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_is_looked_at_proposed_and_given_over_the_pages(cast):
    office, chief = browser(cast, "office"), browser(cast, "chief")
    day = (cast.call.filing_until + 4 * DAY).date()
    form = {"key": "filing_until", "until": day, "scope": "call", "cascade": "on"}
    form["reason"] = "平台故障，影响申报"
    address = reverse("office:postpone", args=[cast.call.code])
    text = office.post(address, {**form, "act": "look"}).content.decode()
    assert "批准后的变动" in text and "推荐截止" in text and "草稿 1 项" in text
    assert not Postponement.objects.exists()
    office.post(address, {**form, "act": "propose"})
    made = Postponement.objects.get()
    page = reverse("office:postponement", args=[made.pk])
    assert "批准延期" in chief.get(page).content.decode()
    assert browser(cast, "auditor").get(page).status_code == 200
    decide = reverse("office:postponement_decide", args=[made.pk])
    assert office.post(decide, {"approve": "yes"}).status_code == 403
    chief.post(decide, {"approve": "yes"})
    assert Call.objects.get(pk=cast.call.pk).filing_until > cast.call.filing_until
    assert "已发布通知" in chief.get(page).content.decode()
    assert office.post(address, {**form, "scope": "region", "act": "look"}).status_code == 422


@pytest.mark.django_db
def test_the_auditor_reads_the_board_and_the_log_and_writes_nothing(cast):
    auditor = browser(cast, "auditor")
    board = auditor.get(reverse("office:deadlines")).content.decode()
    assert "提出延期" not in board and "添加提醒" not in board and "提前 3 天" in board
    address = reverse("office:incidents")
    assert "登记故障" not in auditor.get(address).content.decode()
    assert auditor.post(address, {"title": "x"}).status_code == 403
    assert not Incident.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("until", ["9999-12-31", "0001-01-01"])
def test_a_day_that_cannot_be_counted_on_from_is_refused_beside_its_field(cast, until):
    """Found by the proof of texts."""
    page = browser(cast, "office").post(
        reverse("office:postpone", args=[cast.call.code]), {"until": until, "reason": "停电"}
    )
    assert "1900 年至 2199 年" in page.content.decode()
    assert not Postponement.objects.exists()
