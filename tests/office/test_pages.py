from datetime import timedelta

import pytest
from django.urls import reverse

from calls.models import Call, Extension, Notice
from office.models import ReminderRule
from tests import world
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


def signed_in(client, cast, name):
    client.login(username=cast.people[name].email, password=PASSWORD)
    return client


@pytest.fixture
def office(client, cast):
    from django.test import Client

    found = Client()
    found.force_login(cast.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.fixture
def chief(cast):
    from django.test import Client

    found = Client()
    found.force_login(cast.people["chief"], backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.mark.parametrize(
    "name", ["cockpit", "applications", "calls", "call_new", "deadlines", "outbox"]
)
def test_the_desk_opens(office, name):
    response = office.get(reverse(f"office:{name}"))
    assert response.status_code == 200


def test_the_call_page_shows_its_rules_with_their_clause(office, cast):
    text = office.get(reverse("office:call", args=[cast.call.code])).content.decode()
    assert "工信厅科函〔2021〕231号 三（二）" in text


def test_a_call_is_made_from_a_programme_file(office):
    response = office.post(
        reverse("office:call_new"), {"programme": "2018-ronghe", "code": "2018-a", "title": ""}
    )
    assert response.status_code == 302
    assert Call.objects.get(code="2018-a").title


def test_a_code_that_exists_is_refused_and_what_was_typed_stays(office, cast):
    response = office.post(
        reverse("office:call_new"),
        {"programme": "2018-ronghe", "code": cast.call.code, "title": "试一试"},
    )
    assert response.status_code == 422
    assert "请换一个代号" in response.content.decode()
    assert "试一试" in response.content.decode()


def test_the_cockpit_costs_the_same_for_one_and_thirty_filings(
    office, cast, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as queries:
            office.get(reverse("office:cockpit"))
            office.get(reverse("office:applications"))
        return len(queries)

    one = count()
    for n in range(12):
        unit = world.unit(world.K.ENTERPRISE, f"示例{n}", region="430100", n=100 + n)
        cast.people[f"p{n}"] = world.person(unit, "unit_admin", f"人{n}")
        world.draft(cast, title=f"项目{n}", unit=unit, by=f"p{n}")
    assert count() == one


def test_a_date_that_falls_on_a_weekend_is_flagged(office, cast):
    response = office.get(reverse("office:deadlines"))
    assert "申报截止" in response.content.decode()


def test_an_extension_needs_two_people(office, chief, cast):
    until = (cast.call.filing_until + timedelta(days=3)).date()
    response = office.post(
        reverse("office:extend", args=[cast.call.code]),
        {"code": cast.company.name, "key": "filing", "until": until, "reason": "当地停电停网三天"},
    )
    assert response.status_code == 302
    extension = Extension.objects.get()
    assert (
        office.post(
            reverse("office:decide_extension", args=[extension.pk]), {"approve": "yes"}
        ).status_code
        == 403
    )
    chief.post(reverse("office:decide_extension", args=[extension.pk]), {"approve": "yes"})
    extension.refresh_from_db()
    assert extension.state == "approved"


def test_a_notice_with_a_password_is_not_published(office, cast):
    response = office.post(
        reverse("office:call_notice", args=[cast.call.code]),
        {"title": "关于账号的通知", "body": "账号：hunan 密码：123456"},
    )
    assert response.status_code == 422
    assert "激活链接" in response.content.decode()
    assert not Notice.objects.exists()


def test_an_operator_cannot_open_a_call(office, cast):
    response = office.post(reverse("office:call_open", args=[cast.call.code]))
    assert response.status_code == 403


def test_the_usual_reminders_come_with_an_opened_call(cast):
    days = ReminderRule.objects.filter(call=cast.call, key="filing_until")
    assert sorted(days.values_list("days_before", flat=True)) == [1, 3, 7]
