"""The office's desk in Chromium: cockpit, saved views, lists; axe, narrow windows, keyboard.

With JIEBANG_SHOTS=folder each page is photographed at 1440 and 390 px.
"""

import pytest

from accounts.models import SavedView, User
from office.models import ReminderRule
from tests import world
from tests.browser.test_recommender_desk import photograph
from tests.browser.watching import faults, overflow
from tests.office import bulk
from tests.recommenders import scene

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
    photograph(page, name)


def test_the_cockpit_is_accessible_fits_and_draws_its_charts(office, enter):
    page = enter("office")
    look_at(page, "/office/", "cockpit")
    assert page.locator("figure[data-chart] canvas").count() == 3
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
    photograph(page, "views")
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
