from datetime import timedelta

import pytest

from notifications.models import Message
from office import reminders
from office.models import ReminderRule
from tests.world import AT

pytestmark = pytest.mark.django_db


def letters():
    return Message.objects.filter(kind="remind_filing")


def test_who_has_a_draft_is_reminded_three_days_before_once(cast):
    at = cast.call.filing_until - timedelta(days=3)
    reminders.fire_due(at=at)
    assert {m.user.name for m in letters()} == {"王示例", "李示例"}
    reminders.fire_due(at=at + timedelta(minutes=1))
    assert letters().count() == 2


def test_after_an_outage_only_the_latest_reminder_goes_out(cast):
    reminders.fire_due(at=cast.call.filing_until - timedelta(hours=20))
    rules = ReminderRule.objects.filter(call=cast.call, key="filing_until")
    assert letters().count() == 2
    assert sorted(rules.filter(skipped=True).values_list("days_before", flat=True)) == [3, 7]


def test_nobody_is_reminded_of_a_date_that_has_passed(cast):
    reminders.fire_due(at=cast.call.filing_until)
    assert not letters().exists()


def test_who_has_nothing_open_is_not_reminded(cast):
    cast.application.delete()
    reminders.fire_due(at=AT)
    assert not letters().exists()


def test_a_recommender_without_a_list_is_reminded(cast):
    reminders.fire_due(at=cast.call.recommendation_until - timedelta(days=1))
    told = Message.objects.filter(kind="remind_recommendation")
    assert {"赵示例", "钱示例", "孙示例"} <= {m.user.name for m in told}
