"""The office's desk in Chromium: cockpit, saved views, lists; axe, narrow windows, keyboard.

With JIEBANG_TEST_PICTURES=folder each page's picture is kept, taken at 1440 and 390 px.
"""

from datetime import timedelta

import pytest

from accounts.models import SavedView, User
from audit import checking
from audit import services as audit
from notifications import services
from notifications.models import Message
from office import reminders
from office.models import Mailing, ReminderRule
from tests import world
from tests.browser.watching import faults, overflow, picture
from tests.office import bulk
from tests.recommenders import scene
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(transactional_db):
    """A call with a hundred filings, some of them recommended, and reminders set."""
    cast = world.build()
    bulk.filings(cast, 90)
    found = scene.filings(cast, 12)
    scene.recommend(cast, *found[:7])
    for key, user in cast.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    assert ReminderRule.objects.exists()
    return cast


def look_at(page, address: str, name: str) -> None:
    """As elsewhere, with time for charts to take their new width."""
    page.goto(address)
    assert page.locator("h1").count() == 1, address
    assert faults(page) == [], address
    page.wait_for_timeout(200)
    assert overflow(page) == [], address
    page.wait_for_timeout(300)
    picture(page, name)


def test_the_cockpit_is_accessible_fits_and_draws_its_charts(office, enter):
    page = enter("office")
    look_at(page, "/office/", "cockpit")
    assert page.locator("figure[data-chart] canvas").count() == 4
    assert page.locator("figure[data-chart][hidden]").count() == 0
    look_at(page, "/office/?region=430000&stage=recommended", "cockpit-region")
    look_at(page, "/office/experts/", "experts")
    look_at(page, "/office/jobs/", "jobs")
    look_at(page, "/office/jobs/?kind=letter&state=waiting", "jobs-letters")


def test_a_view_is_saved_opened_renamed_and_removed_with_the_keyboard(office, enter):
    page = enter("office")
    page.goto("/office/applications/?status=RETURNED&col=region&col=status")
    page.get_by_text("存为常用视图").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("退回的")
    assert faults(page) == []
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".jb-views a[aria-current]").inner_text() == "退回的"
    page.goto("/office/applications/")
    page.get_by_role("link", name="退回的").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "status=RETURNED" in page.url and "col=region" in page.url
    page.get_by_text("管理视图").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("要修改的")
    picture(page, "views")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert SavedView.objects.get().name == "要修改的"
    with page.expect_navigation():
        page.get_by_role("button", name="撤销", exact=True).click()
    assert SavedView.objects.get().name == "退回的"
    page.get_by_text("管理视图").click()
    with page.expect_navigation():
        page.get_by_role("button", name="删除视图“退回的”").click()
    assert page.get_by_text("已删除视图“退回的”").is_visible()
    assert faults(page) == [] and overflow(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="撤销", exact=True).click()
    assert page.get_by_role("link", name="退回的").is_visible()


def test_outbox_and_letters_to_many_are_accessible_and_fit(office, enter):
    reminders.fire_due(at=office.call.filing_until - timedelta(hours=20))
    services.send_waiting(at=office.call.filing_until - timedelta(hours=19), limit=1)
    page = enter("office")
    look_at(page, "/office/outbox/", "outbox")
    look_at(page, "/office/outbox/?kind=none", "outbox-empty")
    look_at(page, f"/office/outbox/{Message.objects.latest('pk').pk}/", "letter")
    page.goto("/office/mailings/new/")
    page.select_option("[name=audience]", "applicants")
    page.fill("[name=subject]", "请核对申报材料")
    page.fill("[name=body]", "〔姓名〕：请核对〔单位〕申报的〔项目〕。")
    page.get_by_role("button", name="预览收件人").click()
    page.get_by_role("heading", name="第一位收件人看到的内容").wait_for()
    assert faults(page) == [] and overflow(page) == []
    picture(page, "mailing-new")
    page.get_by_role("button", name="提出发给").click()
    page.wait_for_url("**/office/mailings/*/")
    chief = enter("chief")
    look_at(chief, page.url, "mailing")
    chief.get_by_label("键入收件人数").fill(str(Mailing.objects.get().count))
    chief.get_by_role("button", name="批准发出").click()
    chief.get_by_text("的消息已进入发件箱").wait_for()
    assert Message.objects.filter(kind="mailing").count() == Mailing.objects.get().count
    look_at(chief, "/office/mailings/", "mailings")


def test_a_date_is_postponed_and_the_board_shows_it(office, enter):
    page = enter("office")
    look_at(page, "/office/deadlines/", "deadlines")
    page.goto(f"/office/calls/{office.call.code}/postpone/")
    page.fill("[name=until]", f"{office.call.filing_until + timedelta(days=6):%Y-%m-%d}")
    page.fill("[name=reason]", "平台故障，影响申报")
    page.get_by_role("button", name="预览变动").click()
    page.get_by_role("heading", name="批准后的变动").wait_for()
    assert faults(page) == [] and overflow(page) == []
    picture(page, "postpone")
    page.get_by_role("button", name="提出延期").click()
    page.wait_for_url("**/office/postponements/*/")
    chief = enter("chief")
    look_at(chief, page.url, "postponement")
    chief.get_by_role("button", name="批准延期").click()
    chief.get_by_text("延期已批准").wait_for()
    look_at(chief, "/office/deadlines/", "deadlines-after")
    look_at(chief, "/office/incidents/", "incidents")


def test_the_trail_and_its_verification_are_accessible_and_fit(office, enter):
    while audit.chain():
        pass
    page = enter("auditor")
    look_at(page, "/office/audit/", "audit")
    page.goto("/office/audit/checks/")
    page.get_by_role("button", name="开始校验").click()
    page.get_by_text("已读").wait_for()
    checking.run_waiting(at=AT)
    look_at(page, "/office/audit/checks/", "audit-checks")
    assert page.get_by_text("完整", exact=True).count() == 1


def test_leave_old_accounts_and_periods_are_accessible_and_fit(office, enter, settings):
    settings.JIEBANG_RETENTION = {"letters": 1}
    User.objects.update(created_at=AT - timedelta(days=200))
    Message.objects.update(
        created_at=AT - timedelta(days=9), state="sent", sent_at=AT - timedelta(days=9)
    )
    unit = office.office
    office.people["security"] = world.person(unit, "security_admin", "陈示例安全")
    User.objects.filter(pk=office.people["security"].pk).update(email="security@example.org")
    page = enter("security")
    look_at(page, "/office/accounts/stale/", "stale")
    look_at(page, "/office/retention/", "retention")
    page.get_by_role("button", name="提出清除").click()
    page.get_by_role("dialog").get_by_role("button").last.wait_for()
    assert faults(page) == []
    chief = enter("chief")
    look_at(chief, "/account/unit/absences/", "absences")
