"""登录设备与会话: one sees where one is signed in and ends what one does not know."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import browsers, devices, entry, tasks
from accounts.models import Session
from audit.models import Entry
from core import addresses
from tests import world

PAGE = reverse("accounts:sessions")
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8"


def enter(user, agent=EDGE, address="192.0.2.77"):
    """A browser in which the person signed in through the form."""
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    given = {"email": user.email, "password": world.PASSWORD}
    assert client.post(reverse("accounts:login"), given).status_code == 302
    return client


def end(client, row):
    return client.post(reverse("accounts:end_session", args=[row.mark]))


def rows(client):
    return client.get(PAGE).context["rows"]


@pytest.mark.django_db
def test_the_page_lists_ones_own_with_little_data_this_one_first(house):
    here = enter(house.admin)
    enter(house.admin, PHONE, "198.51.100.9")
    enter(house.editor)
    shown = rows(here)
    assert [(one.browser, one.address, one.here) for one in shown] == [
        ("Edge（Windows）", "192.0.*.*", True),
        ("微信（安卓）", "198.51.*.*", False),
    ]
    page = here.get(PAGE).content.decode()
    assert "192.0.2.77" not in page
    assert "140.0" not in page
    keys = Session.objects.values_list("session_key", flat=True)
    assert not [key for key in keys if key in page], "a page never shows what opens a session"
    kept = str([one.get_decoded() for one in Session.objects.all()])
    assert "192.0.2.77" not in kept
    assert "AppleWebKit" not in kept


@pytest.mark.django_db
def test_ending_one_works_at_its_next_request_and_is_in_the_trail(house):
    here, there = enter(house.admin), enter(house.admin, PHONE)
    assert there.get(PAGE).status_code == 200
    assert end(here, rows(here)[1]).status_code == 302
    gone = there.get(PAGE)
    assert gone.status_code == 302
    assert gone["Location"].startswith(reverse("accounts:login"))
    assert here.get(PAGE).status_code == 200
    entry_ = Entry.objects.get(action="accounts.end_sessions")
    assert (entry_.data["which"], entry_.data["count"]) == ("one", 1)
    assert entry_.actor_id == house.admin.pk


@pytest.mark.django_db
def test_a_request_under_way_cannot_bring_an_ended_session_back(house):
    here, there = enter(house.admin), enter(house.admin, PHONE)
    late = there.session  # as a request holds it
    late["note"] = "late"
    end(here, rows(here)[1])
    from django.contrib.sessions.backends.base import UpdateError

    with pytest.raises(UpdateError):
        late.save()
    assert there.get(PAGE).status_code == 302


@pytest.mark.django_db
def test_ending_all_others_leaves_this_one_and_those_of_other_people(house):
    here, colleague = enter(house.admin), enter(house.editor)
    others = [enter(house.admin) for _ in range(3)]
    answer = here.post(reverse("accounts:end_other_sessions"), follow=True)
    assert "已结束其他 3 个登录" in answer.content.decode()
    assert [one.get(PAGE).status_code for one in (here, colleague, *others)] == [
        *(200, 200, 302, 302, 302)
    ]
    again = here.post(reverse("accounts:end_other_sessions"))
    assert again.status_code == 409
    assert "没有其他登录" in again.content.decode()


@pytest.mark.django_db
def test_somebody_elses_and_ones_present_session_are_not_ended(house):
    here, colleague = enter(house.admin), enter(house.editor)
    theirs, mine = rows(colleague)[0], rows(here)[0]
    assert end(here, theirs).status_code == 404
    assert end(here, mine).status_code == 409
    assert here.get(PAGE).status_code == colleague.get(PAGE).status_code == 200
    assert not Entry.objects.filter(action="accounts.end_sessions").exists()


@pytest.mark.django_db
def test_when_the_trail_cannot_be_written_nothing_ends(house, monkeypatch):
    from tests import halfway

    here = enter(house.admin)
    enter(house.admin, PHONE)
    other = rows(here)[1]
    halfway.leaves_nothing(
        lambda: devices.end(
            house.admin,
            other.mark,
            here=here.session.session_key,
            actor=world.SYSTEM,
            at=datetime.now(UTC),
        ),
        halfway.AUDIT,
        lambda: halfway.rows_of([Session, Entry]),
        monkeypatch,
    )


@pytest.mark.django_db
def test_reading_the_list_writes_nothing_and_costs_the_same_for_one_and_for_thirty(house):
    here = enter(house.admin)

    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert here.get(PAGE).status_code == 200
        words = [one["sql"] for one in seen]
        assert not [one for one in words if one.startswith(("INSERT", "UPDATE", "DELETE"))]
        return len(words)

    first = cost()
    model = Session.objects.get(user=house.admin)
    Session.objects.bulk_create(
        Session(
            session_key=f"{n:032}",
            session_data=model.session_data,
            expire_date=model.expire_date,
            user=house.admin,
        )
        for n in range(29)
    )
    assert cost() == first
    assert len(rows(here)) == 30


@pytest.mark.django_db
def test_a_new_password_ends_the_others_and_keeps_this_one_listed(house):
    here, there = enter(house.admin), enter(house.admin, PHONE)
    fresh = "全新的一个密码-77"
    typed = {"old_password": world.PASSWORD, "password": fresh, "password_again": fresh}
    here.post(reverse("accounts:password"), typed)
    assert there.get(PAGE).status_code == 302
    assert rows(here)[0].here
    assert rows(here)[0].browser == "Edge（Windows）"


@pytest.mark.django_db
def test_a_security_administrator_ends_all_of_a_stolen_account_with_a_reason(house):
    guard, thief = enter(house.guard), enter(house.operator)
    data = {"email": house.operator.email, "act": "sessions", "reason": "本人来电，已回拨核实"}
    assert guard.post(reverse("accounts:rescue"), data).status_code == 302
    assert thief.get(PAGE).status_code == 302
    made = Entry.objects.get(action="accounts.end_sessions")
    assert (made.data["which"], made.data["reason"]) == ("all", "本人来电，已回拨核实")
    own = guard.post(reverse("accounts:rescue"), {**data, "email": house.guard.email})
    assert own.status_code == 403
    assert guard.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_a_password_alone_is_shown_as_such_where_a_second_factor_is_asked(house, settings):
    here = enter(house.admin)
    assert "还没有通过两步验证" not in here.get(PAGE).content.decode()
    settings.JIEBANG_SECOND_FACTOR = True
    assert devices.of(house.operator, here=None, at=datetime.now(UTC)) == []
    enter(house.operator)
    (half,) = devices.of(house.operator, here=None, at=datetime.now(UTC))
    assert not half.verified


@pytest.mark.django_db
def test_what_ended_is_neither_listed_nor_kept(house):
    here = enter(house.admin)
    enter(house.admin, PHONE)
    old = Session.objects.exclude(pk=here.session.session_key)
    old.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))
    assert len(rows(here)) == 1
    tasks.clear_sessions()
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_a_visitors_notes_belong_to_nobody(client):
    session = client.session
    session["registered"] = 1
    session.save()
    assert Session.objects.get().user_id is None
    assert configured.SESSION_ENGINE == "accounts.sessions"


def test_addresses_and_browsers_tell_little():
    assert addresses.masked("203.0.113.8") == "203.0.*.*"
    assert addresses.masked("2001:db8::1") == "2001:0db8:0000:*"
    assert addresses.masked("") == "未知地址"
    assert browsers.kind("curl/8") == "其他浏览器"
    assert browsers.kind("Mozilla/5.0 (iPhone) Version/17 Safari/604") == "Safari（iPhone）"
    assert entry.moment("") is None
