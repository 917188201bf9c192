"""The reminder about one's own extension: the day before its end, once, and never when done."""

from datetime import timedelta

import pytest

from applications.models import Application
from calls import services as calls
from calls.models import Extension
from notifications.models import Message
from office import extended, reminders
from tests.recommenders import scene
from tests.world import AT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def give(cast, unit, *, key="filing", days=3, at=AT) -> Extension:
    end = cast.call.filing_until if key == "filing" else cast.call.recommendation_until
    asked = calls.propose_extension(
        cast.call,
        organisation=unit,
        key=key,
        until=end + timedelta(days=days),
        reason="当地停电停网",
        actor=cast.actor("office"),
        at=at,
    )
    return calls.decide_extension(asked, approve=True, actor=cast.actor("chief"), at=at)


def own(kind="remind_filing"):
    return Message.objects.filter(kind=kind, key__startswith="reminder-own:")


def test_who_has_more_time_is_told_of_their_own_end_the_day_before_and_once(cast):
    until = give(cast, cast.company).until
    extended.fire(at=until - DAY - INSTANT)
    assert not own().exists()
    extended.fire(at=until - DAY)
    assert {one.user.name for one in own()} == {"王示例", "李示例"}
    text = own()[0].subject + own()[0].body
    assert "延长后" in text and cast.application.title in text
    extended.fire(at=until - timedelta(hours=2))
    assert own().count() == 2
    reminders.fire_due(at=cast.call.filing_until - timedelta(hours=20))
    assert Message.objects.filter(kind="remind_filing").count() == 2, "not of the old date"


def test_a_worker_down_over_the_whole_day_but_an_hour_tells_once_and_after_the_end_not_at_all(cast):
    until = give(cast, cast.company).until
    extended.fire(at=until)
    assert not own().exists(), "it is over: nothing can be done any more"
    extended.fire(at=until - timedelta(hours=1))
    extended.fire(at=until - timedelta(minutes=59))
    assert own().count() == 2


def test_nobody_is_told_when_it_is_done_or_the_extension_was_just_granted(cast):
    until = give(cast, cast.company).until
    Application.objects.filter(pk=cast.application.pk).update(status="withdrawn")
    extended.fire(at=until - timedelta(hours=3))
    assert not own().exists()
    Application.objects.filter(pk=cast.application.pk).update(status="draft")
    Extension.objects.update(approved_at=until - timedelta(hours=5))
    extended.fire(at=until - timedelta(hours=3))
    assert not own().exists(), "the letter of the extension has just told"


def test_only_the_later_of_two_extensions_is_told_of(cast):
    first = give(cast, cast.company, days=2)
    second = give(cast, cast.company, days=5)
    extended.fire(at=first.until - timedelta(hours=2))
    assert not own().exists()
    extended.fire(at=second.until - timedelta(hours=2))
    assert {one.key.split(":")[1] for one in own()} == {str(second.pk)}


def test_more_time_of_its_recommender_covers_a_draft_and_is_told_of(cast):
    until = give(cast, cast.province).until
    extended.fire(at=until - timedelta(hours=2))
    assert {one.user.name for one in own()} == {"王示例", "李示例"}


def test_a_recommender_with_more_time_hears_of_its_own_end_and_not_of_the_old_one(cast):
    scene.filings(cast, 1)
    until = give(cast, cast.province, key="recommendation").until
    people = set(cast.province.memberships.values_list("user__name", flat=True))
    reminders.fire_due(at=cast.call.recommendation_until - timedelta(hours=20))
    told = Message.objects.filter(kind="remind_recommendation")
    assert told.exists(), "the others are told"
    assert not people & {one.user.name for one in told}
    extended.fire(at=until - timedelta(hours=20))
    assert {one.user.name for one in own("remind_recommendation")} <= people
    assert own("remind_recommendation").exists()


def test_what_is_rolled_back_tells_nobody(cast):
    from django.db import transaction

    until = give(cast, cast.company).until
    with pytest.raises(RuntimeError), transaction.atomic():
        extended.fire(at=until - DAY)
        raise RuntimeError("half way")
    assert not own().exists()
    extended.fire(at=until - DAY)
    assert own().count() == 2
