"""The award board, the library, certificates and the archive in Chromium: axe, narrow, keyboard.

With JIEBANG_TEST_PICTURES=folder each page's picture is kept, taken at 1440 and 390 px.
"""

import pytest

from accounts.models import User
from honours.models import Certificate, Project
from tests.browser.watching import look_at, picture
from tests.honours import scene as following
from tests.outcomes import helpers as outcomes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def played(transactional_db):
    """Two projects tested and scored; a second approver, and addresses that can be typed."""
    found = following.build()
    for key, user in found.season.cast.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    return found


def test_the_award_is_staged_applied_announced_and_seen_by_everybody(played, enter, watched):
    call = played.season.call
    first = played.season.again(0)
    clerk, chief = enter("office"), enter("chief")
    board = f"/honours/calls/{call.code}/award/"
    look_at(clerk, board, "award-board")
    clerk.get_by_label(f"选择《{first.title}》").check()
    clerk.get_by_role("button", name="拟定为揭榜优胜单位").click()
    clerk.get_by_text("已拟定授予 1 项").wait_for()
    clerk.get_by_role("button", name="其余已完成的拟不授予").click()
    clerk.get_by_text("已拟定不授予 1 项").wait_for()
    picture(clerk, "award-board-staged")
    look_at(chief, f"{board}review/", "award-review")
    chief.get_by_label("确认上述名额空缺").check()
    chief.get_by_role("button", name="一并生效").click()
    chief.get_by_text("已一并生效").wait_for()
    clerk.goto(f"/outcomes/calls/{call.code}/publications/new/award/")
    clerk.get_by_role("button", name="保存并预览").click()
    clerk.get_by_text("预览，尚未发布").wait_for()
    chief.goto(clerk.url)
    chief.get_by_role("button", name="发布公布优胜名单").click()
    chief.get_by_text("已发布").first.wait_for()
    look_at(chief, "/honours/winners/", "winners")
    look_at(chief, f"/honours/calls/{call.code}/certificates/", "certificates")
    certificate = Certificate.objects.get()
    look_at(chief, f"/honours/certificates/{certificate.public_id}/", "certificate")
    look_at(chief, f"/honours/calls/{call.code}/archive/", "archive")
    look_at(chief, "/honours/winners/import/", "winners-import")
    following.many(40)
    visitor = watched.page()
    look_at(visitor, "/library/", "library")
    look_at(visitor, "/library/?region=430000&q=示例", "library-region")
    look_at(visitor, Project.objects.get(application=first).get_absolute_url(), "library-project")
    look_at(visitor, "/library/json/about/", "library-schema")
    look_at(visitor, f"/v/{certificate.document.code}", "certificate-verify")


def test_the_library_is_searched_with_the_keyboard_and_narrowed_by_the_map(played, watched):
    following.many(40)
    page = watched.page()
    page.goto("/library/")
    page.get_by_label("关键词（两个字以上）").focus()
    page.keyboard.type("示例第7项")
    page.keyboard.press("Enter")
    page.get_by_text("符合条件的项目").wait_for()
    assert page.locator(".lb-row").count() == 1
    page.goto("/library/")
    tile = page.locator('.lb-map a[aria-label^="陕西省"]')
    tile.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**region=610000**")
    assert page.locator(".jb-chip", has_text="陕西省").count() == 1
    assert page.locator(".lb-row").count() == 10


def test_letters_about_the_decision_wait_for_the_list_and_for_a_look(transactional_db, enter):
    made = outcomes.stage(n=3)
    for user, name in ((made.operator, "op"), (made.chief, "boss")):
        User.objects.filter(pk=user.pk).update(email=f"{name}@example.org")
    made.stage_all(2)
    made.apply(actor=made.other)
    page = enter("boss")
    look_at(page, f"/outcomes/calls/{made.call.code}/", "board-held")
    page.get_by_role("link", name="核对并放行").click()
    page.get_by_text("待放行 3 封").wait_for()
    page.get_by_text("通知不能先于名单发出").wait_for()
    made.publicise(kind="announcement")
    look_at(page, f"/outcomes/calls/{made.call.code}/letters/", "letters-held")
    page.get_by_role("button", name="放行 3 封通知").click()
    page.get_by_text("已放行 3 封通知").wait_for()
