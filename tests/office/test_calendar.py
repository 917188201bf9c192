from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from calls import calendar, services
from calls.models import CalendarDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    found = Client()
    found.force_login(cast.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    return found


def enter(office, **fields):
    return office.post(
        reverse("office:calendar"),
        {"year": 2031, "rest": "", "work": "", "note": "示例通知〔2030〕1号", **fields},
    )


def test_a_year_without_data_is_not_guessed():
    with pytest.raises(calendar.UnknownYear):
        calendar.add_working_days(date(2031, 1, 1), 5, overrides=services.overrides())


def test_an_entered_year_is_counted_with_its_moved_days(office):
    response = enter(office, rest="2031-01-01 2031年1月2日", work="2031-01-04")
    assert response.status_code == 302
    end = calendar.add_working_days(date(2031, 1, 1), 3, overrides=services.overrides())
    assert end == date(2031, 1, 6)  # 3 is a Friday, 4 a Saturday at work, 6 a Monday


def test_entering_a_year_again_replaces_it(office):
    enter(office, rest="2031-01-01")
    enter(office)
    assert CalendarDay.objects.filter(day__year=2031).count() == 365
    assert CalendarDay.objects.get(day=date(2031, 1, 1)).working


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"rest": "2030-12-31"}, "不在 2031 年"),
        ({"rest": "2031-01-03", "work": "2031-01-03"}, "同时列为"),
        ({"rest": "元旦"}, "不是日期"),
        ({"note": ""}, "必填"),
    ],
)
def test_what_does_not_fit_is_named_and_changes_nothing(office, fields, words):
    response = enter(office, **fields)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not CalendarDay.objects.exists()


def test_the_page_says_to_which_year_the_shipped_data_reaches(office):
    assert "2026 年 12 月 28 日为止" in office.get(reverse("office:calendar")).content.decode()
