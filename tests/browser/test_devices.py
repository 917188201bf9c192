"""Where one is signed in, seen and ended in a browser; the end of the longest sign-in on a page."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import entry
from accounts.models import Session
from office import postponing
from office.models import Incident
from tests.browser.watching import look_at, until
from tests.world import AT, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8"
PAGE = "/account/security/sessions/"


def test_a_sign_in_one_does_not_know_is_ended_and_is_out_at_its_next_step(season, enter):
    here = enter("admin")
    there = enter("admin", user_agent=PHONE)
    look_at(here, "/account/security/", "security")
    here.get_by_role("link", name="登录设备与会话").click()
    here.get_by_text("微信（安卓）").first.wait_for()
    assert here.get_by_text("本次登录").count() == 1
    look_at(here, PAGE, "sessions")
    row = here.get_by_role("row", name="微信（安卓）")
    row.get_by_role("button", name="结束").focus()
    here.keyboard.press("Enter")
    here.get_by_role("dialog").get_by_role("button").first.click()
    here.get_by_text("已结束：微信（安卓）").wait_for()
    assert here.get_by_text("没有其他登录").count() == 1
    there.goto("/account/security/")
    assert "/account/login/" in there.url
    assert "/account/security/sessions/" in here.url
    look_at(here, PAGE, "sessions-one")


def test_near_the_longest_a_page_says_so_and_one_signs_in_anew_in_place(season, enter):
    page = enter("admin")
    row = Session.objects.get(user=season.cast.people["admin"])
    store = Session.get_session_store_class()(row.session_key)
    begun = datetime.now(UTC) - timedelta(hours=11, minutes=57)
    store[entry.BEGAN] = begun.isoformat()
    store[entry.UNTIL] = (begun + timedelta(hours=12)).isoformat()
    store.save()
    page.goto("/account/security/")
    page.get_by_role("button", name="继续使用").click()
    page.get_by_text("本次登录已到最长时限").wait_for()
    page.get_by_role("alert").get_by_role("button", name="重新登录").click()
    page.fill("dialog [name=email]", "admin@example.org")
    page.fill("dialog [name=password]", PASSWORD)
    page.get_by_role("button", name="登录并继续").click()
    until(page, "!document.querySelector('dialog[open]')")
    until(page, "!document.querySelector('.jb-offline')")
    kept = Session.objects.get(user=season.cast.people["admin"]).get_decoded()
    assert datetime.fromisoformat(kept[entry.BEGAN]) > begun + timedelta(hours=11)


def test_the_log_of_incidents_is_filtered_ended_and_fits(season, enter):
    cast = season.cast
    words = {"text": "数据库主机故障", "affected": "全部申报单位", "at": AT}
    began = AT - timedelta(hours=3)
    actor = cast.actor("office")
    one = postponing.record_incident(
        title="平台无法登录", since=began, until=None, actor=actor, **words
    )
    postponing.confirm_incident(one, actor=cast.actor("chief"), at=AT)
    postponing.record_incident(
        title="短信延迟", since=began, until=AT - timedelta(hours=1), actor=actor, **words
    )
    page = enter("chief")
    look_at(page, "/office/incidents/", "incidents")
    page.select_option("[name=state]", "lasting")
    page.get_by_role("button", name="筛选").click()
    page.wait_for_url("**state=lasting**")
    assert page.get_by_text("短信延迟").count() == 0
    page.get_by_text("登记结束：平台无法登录").or_(page.locator("td summary")).first.click()
    page.fill("td [name=until]", f"{AT.astimezone():%Y-%m-%dT%H:%M}")
    page.locator("td").get_by_role("button", name="登记结束时间").click()
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_text("结束时间已登记").wait_for()
    assert Incident.objects.get(pk=one.pk).until is not None


def test_the_classes_of_data_are_read_filtered_and_fit(season, enter):
    here = enter("auditor")
    look_at(here, "/office/labels/", "labels")
    every = here.get_by_role("region", name="字段").get_by_role("row").count()
    here.get_by_role("link", name="个人信息").first.click()
    until(here, "location.search.includes('label=')")
    assert 1 < here.get_by_role("region", name="字段").get_by_role("row").count() <= every
    look_at(here, here.url, "labels-personal")
