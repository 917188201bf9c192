"""A meeting in a browser: the organiser leads, members follow, score anew and vote by keyboard."""

import pytest

from accounts.models import User
from panels.models import Meeting, Rescore, Vote
from tests.browser.watching import inspect, picture
from tests.panels import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db):
    found = scene.closed_round(filed=4, experts=5, wanted=3)
    people = found.cast.people
    for key in ("office", "operator", "auditor"):
        User.objects.filter(pk=people[key].pk).update(email=f"{key}@example.org")
    return scene.Panel(found, None)


def test_a_meeting_from_its_plan_to_its_minutes(made, enter):
    found = []
    office = enter("office")
    found += inspect(office, "/panels/")
    picture(office, "board-empty")
    office.get_by_role("link", name="安排会议").first.click()
    office.wait_for_url("**/panels/new/**")
    found += inspect(office)
    picture(office, "create")
    office.get_by_role("button", name="建立会议").click()
    office.locator(".jb-errors").wait_for()
    found += inspect(office)
    office.fill("[name=place]", "示例会议中心三层")
    office.get_by_role("button", name="建立会议").click()
    office.wait_for_url("**/members/")
    for box in office.locator("[name=expert]").all():
        box.check()
    office.get_by_role("button", name="邀请参加会议").click()
    office.get_by_text("已邀请 5 名专家").wait_for()
    office.get_by_role("button", name="指定为组长").first.click()
    office.get_by_text("为组长。").wait_for()
    found += inspect(office)
    picture(office, "members")
    made.meeting = Meeting.objects.get()
    made.members = list(made.meeting.members.order_by("pk"))
    here = f"/panels/meetings/{made.meeting.public_id}/"
    found += inspect(office, f"{here}edit/")
    found += inspect(office, here)
    picture(office, "planned")
    _order_by_keyboard(office)
    made.bar(4, 0)
    office.get_by_role("button", name="开始会议").click()
    office.locator("dialog button").first.click()
    office.get_by_text("会议已开始").wait_for()

    member = enter(made.scene.user(1).email)
    room = f"/panels/room/{made.meeting.public_id}/"
    found += inspect(member, "/panels/mine/")
    member.goto(room)
    member.get_by_role("link", name="申明并签到").click()
    member.wait_for_url("**/enter/")
    found += inspect(member)
    picture(member, "enter")
    member.locator("#agreed").focus()
    member.keyboard.press("Space")
    member.get_by_role("button", name="申明并签到").press("Enter")
    member.get_by_text("等候下一项").wait_for()
    found += inspect(member)
    picture(member, "waiting")
    made.enter(0, 2, 3, 4)

    office.goto(here)
    picture(office, "running")
    first = made.item(0)
    office.locator(f"[data-key='{first.public_id}']").get_by_role("button", name="开始审议").click()
    dialog = office.locator("dialog")
    assert made.scene.experts[4].name in dialog.inner_text()
    dialog.locator("button").first.click()
    office.get_by_text("正在审议 ·").wait_for()
    found += inspect(office)

    member.locator("#pane-material").wait_for()  # followed by itself
    assert made.scene.applications[0].title in member.locator("h1").inner_text()
    found += inspect(member)
    out = enter(made.scene.user(4).email)
    found += inspect(out, room)
    assert "请在会场外等候" in out.content()
    assert made.scene.applications[0].title not in out.content()
    picture(out, "out")

    _score_and_vote(made, office, member, found)
    office.goto(here)
    office.get_by_role("button", name="结束本项").click()
    office.get_by_text("已审议完毕").wait_for()
    member.get_by_text("等候下一项").wait_for()
    made.discuss(1, {0: "m1", 1: "m2", 2: "m1"})
    found += inspect(office, f"{here}items/{first.public_id}/")
    picture(office, "item")
    found += inspect(office, f"{here}minutes/")
    office.goto(here)
    office.fill("[name=note]", "时间所限，其余项目下次审议")
    office.get_by_role("button", name="结束会议").click()
    office.locator("dialog input").fill("结束会议")
    office.locator("dialog button").first.click()
    office.wait_for_url("**/results/")
    found += inspect(office)
    picture(office, "results")
    found += inspect(office, f"{here}minutes/")
    picture(office, "minutes")
    found += inspect(office, "/panels/")
    auditor = enter("auditor")
    found += inspect(auditor, here)
    assert auditor.get_by_role("button", name="开始审议").count() == 0
    assert found == []


def _order_by_keyboard(page) -> None:
    before = [one.get_attribute("data-key") for one in page.locator("[data-desk-row]").all()]
    page.locator("[data-desk-row]").nth(1).focus()
    with page.expect_navigation():
        page.keyboard.press("Alt+ArrowUp")
    after = [one.get_attribute("data-key") for one in page.locator("[data-desk-row]").all()]
    assert after[:2] == [before[1], before[0]]


def _score_and_vote(made, office, member, found) -> None:
    """The keyboard alone: marks by digits, Ctrl+Enter, a digit for the opinion."""
    if member.locator("[data-rescore]").count():
        member.locator("[data-rescore] summary").press("Enter")
        group = member.locator("[data-rescore] fieldset.jb-crit input").first
        group.focus()
        member.keyboard.press("2")
        member.locator("#reason").fill("会上补充的检测数据与原材料不一致")
        member.keyboard.press("Control+Enter")
        member.get_by_text("改分已记录").wait_for()
        assert Rescore.objects.count() == 1
    picture(member, "room")
    office.get_by_role("button", name="开始表决").click()
    office.get_by_text("表决已开始").wait_for()
    member.locator("form[data-ballot]").wait_for()  # came by itself
    found += inspect(member)
    member.locator("#pane-score").focus()
    member.keyboard.press("1")
    assert member.locator("form[data-ballot] input:checked").get_attribute("value") == "m1"
    picture(member, "ballot")
    member.keyboard.press("Control+Enter")
    member.get_by_text("已投票（").wait_for()
    assert Vote.objects.count() == 1
    for number in (0, 2, 3):
        made.vote(number, 0)
    office.get_by_text("4/4").first.wait_for()
    found += inspect(office)
    picture(office, "voting")
