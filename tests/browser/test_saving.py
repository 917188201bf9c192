"""Nothing typed is lost and nothing overwritten: input methods, tabs, colleagues, network, session,
a killed browser. Sections are saved by the page itself; each test asks the database afterwards."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Authenticator, Session
from accounts.roles import Role
from applications.models import Section
from calls.models import Call
from tests import world
from tests.accounts.test_second_factor import figures
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.saving import holds, kept, put, says, stored, wait
from tests.browser.watching import faults
from tests.world import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = re.compile(r"已保存 \d\d:\d\d:\d\d")
MINE, OTHER = "[name=economic]", "[name=social]"


@pytest.fixture
def here(season):
    return f"/applications/{season.cast.application.public_id}/sections/"


@pytest.fixture
def page(enter, here):
    page = enter("admin")
    page.goto(f"{here}benefit/")
    return page


@pytest.fixture
def colleague(enter, here):
    """The same section before a colleague, opened before anything was changed."""

    def opened(key="benefit"):
        page = enter("editor")
        page.goto(f"{here}{key}/")
        return page

    return opened


# Typing ----------------------------------------------------------------------------------------


def test_an_input_method_is_left_in_peace_and_its_word_saved_within_two_seconds(page):
    posts = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    page.focus(MINE)
    method = page.context.new_cdp_session(page)
    for letters in ("z", "zh", "zho", "zhong"):
        method.send(
            "Input.imeSetComposition",
            {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
        )
        page.wait_for_timeout(150)
    page.wait_for_timeout(2300)
    assert posts == []
    assert page.input_value(MINE) == "zhong"
    began = time.monotonic()
    method.send("Input.insertText", {"text": "中"})
    holds(page, "'中'", seconds=2)
    assert time.monotonic() - began < 2.3
    assert page.input_value(MINE) == "中"


def test_who_never_pauses_is_saved_all_the_same(page):
    page.focus(MINE)
    end, text = time.monotonic() + 3.6, ""
    while time.monotonic() < end:
        text += "字"
        page.keyboard.insert_text("字")
        page.wait_for_timeout(90)
    assert len(stored().get("economic", "")) >= len(text) * 0.3
    holds(page, text)


def test_who_leaves_the_page_at_once_has_it_saved(page):
    page.focus(MINE)
    page.keyboard.insert_text("写完就走")
    page.goto("/applications/")
    holds_now = time.monotonic() + 3
    while "写完就走" not in str(stored()) and time.monotonic() < holds_now:
        page.wait_for_timeout(50)
    assert stored() == {"economic": "写完就走"}
    page.go_back()
    page.wait_for_timeout(300)
    assert page.locator("[data-kept]").count() == 0
    assert page.input_value(MINE) == "写完就走"


def test_saving_by_the_button_never_takes_back_what_a_colleague_saved(page, colleague):
    other = colleague()
    page.fill(MINE, "管理员写的")
    holds(page, "管理员写的")
    other.focus(MINE)
    other.fill(OTHER, "填报人写的")
    other.get_by_role("button", name="保存草稿").click()
    other.wait_for_selector("text=草稿已保存")
    assert stored() == {"economic": "管理员写的", "social": "填报人写的"}


def test_the_state_is_told_politely(page):
    page.fill(MINE, "一")
    says(page, SAVED)
    said = page.locator("[role=status]", has_text=SAVED)
    assert said.count() == 1
    assert faults(page) == []


# Two pages -------------------------------------------------------------------------------------


def test_two_tabs_that_change_different_fields_are_joined(page):
    tab = page.context.new_page()
    tab.goto(page.url)
    put(page, MINE, "第一页写的")
    holds(page, "第一页写的")
    put(tab, OTHER, "第二页写的")
    says(tab, "已合并")
    assert stored() == {"economic": "第一页写的", "social": "第二页写的"}
    assert tab.input_value(MINE) == "第一页写的"
    assert "您在另一页面" in tab.inner_text("#div_id_economic")


def test_two_people_who_change_the_same_field_choose_and_saving_goes_on(page, colleague):
    other = colleague()
    put(page, MINE, "经济效益由管理员写")
    holds(page, "由管理员写")
    put(other, MINE, "经济效益由填报人写")
    other.wait_for_selector("#clash-economic")
    panel = other.inner_text("#clash-economic")
    assert re.search(r"王示例 \d\d:\d\d:\d\d", panel)
    assert "经济效益由管理员写" in panel and "经济效益由填报人写" in panel
    assert faults(other) == []
    put(other, OTHER, "别的栏目照常保存")
    holds(other, "别的栏目照常保存")
    assert stored()["economic"] == "经济效益由管理员写"
    other.get_by_role("button", name="保存草稿").click()
    assert other.locator("#clash-economic:focus").count() == 1
    other.get_by_role("button", name="保留我的").click()
    holds(other, "由填报人写")
    assert other.locator("[data-clash]").count() == 0
    put(page, MINE, "管理员又写")
    page.wait_for_selector("#clash-economic")
    page.get_by_role("button", name="用对方的").click()
    says(page, SAVED)
    assert page.input_value(MINE) == "经济效益由填报人写"
    put(page, MINE, "最后一句")
    holds(page, "最后一句")
    assert stored()["social"] == "别的栏目照常保存"


def test_both_texts_can_be_joined_by_hand(page, colleague):
    other = colleague()
    put(page, MINE, "甲段。")
    holds(page, "甲段。")
    put(other, MINE, "乙段。")
    other.get_by_role("button", name="合并编辑").click()
    area = other.get_by_label("合并后的内容")
    assert area.input_value() == "甲段。\n乙段。"
    area.fill("甲段。乙段。")
    other.get_by_role("button", name="用合并后的").click()
    holds(other, "甲段。乙段。")


def test_a_field_in_use_is_never_changed_under_the_fingers(page, colleague):
    other = colleague()
    put(page, MINE, "管理员写的")
    holds(page, "管理员写的")
    put(other, OTHER, "填报人写的")
    other.focus(MINE)
    says(other, "已合并")
    assert other.input_value(MINE) == ""
    other.focus(OTHER)
    wait(other, lambda: other.input_value(MINE) == "管理员写的")
    put(other, MINE, "接着写")
    holds(other, "接着写")


def test_rows_of_two_people_come_together(page, colleague, here):
    page.goto(f"{here}team/")
    put(page, "[name=members-0-name]", "甲某")
    holds(page, "甲某", key="team")
    other = colleague("team")
    put(other, "[name=leader]", "负责人")
    holds(other, "负责人", key="team")
    put(other, "[name=members-1-name]", "乙某")
    holds(other, "乙某", key="team")
    put(page, "[name=leader_title]", "研究员")
    wait(page, lambda: page.locator("[name=members-1-name]").count() == 1)
    wait(page, lambda: page.input_value("[name=members-1-name]") == "乙某")
    data = stored("team")
    assert [row.get("name") for row in data["members"]] == ["甲某", "乙某"]
    assert page.get_by_role("button", name="删除第 2 行").is_visible()
    assert (data["leader"], data["leader_title"]) == ("负责人", "研究员")


# Network, browser --------------------------------------------------------------------------------


def test_without_a_network_everything_is_kept_and_sent_when_it_is_back(page):
    page.context.set_offline(True)
    page.fill(MINE, "断网时写下的一段。")
    wait(page, lambda: "断网时写下的一段。" in kept(page), seconds=2)
    says(page, "连接中断")
    assert "离线" in page.inner_text("[data-offline]")
    assert faults(page) == []
    page.get_by_role("button", name="保存草稿").click()
    assert page.input_value(MINE) == "断网时写下的一段。"
    assert stored() == {}
    page.context.set_offline(False)
    holds(page, "断网时写下的一段。")
    wait(page, lambda: kept(page) == "[]")
    assert page.locator("[data-offline]").count() == 0


def test_what_a_closed_tab_kept_meets_a_colleagues_save_as_a_choice(page, colleague):
    page.context.set_offline(True)
    page.fill(MINE, "离线写的")
    wait(page, lambda: "离线写的" in kept(page))
    again = page.context.new_page()
    address = page.url
    page.close()
    again.context.set_offline(False)
    other = colleague()
    other.fill(MINE, "同事后来写的")
    holds(other, "同事后来写的")
    again.goto(address)
    box = again.wait_for_selector("[data-kept]").inner_text()
    assert re.search(r"本机有 1 处尚未保存到服务器的内容（\d\d:\d\d:\d\d）", box)
    assert "经济效益" in box and "离线写的" in box
    assert again.input_value(MINE) == "同事后来写的"
    again.get_by_role("button", name="恢复").click()
    again.wait_for_selector("#clash-economic")
    assert stored()["economic"] == "同事后来写的"
    again.get_by_role("button", name="保留我的").click()
    holds(again, "离线写的")


def test_what_is_kept_can_be_dropped(page):
    page.context.set_offline(True)
    page.fill(MINE, "不要了")
    wait(page, lambda: "不要了" in kept(page))
    again = page.context.new_page()
    address = page.url
    page.close()
    again.context.set_offline(False)
    again.goto(address)
    again.get_by_role("button", name="丢弃").click()
    wait(again, lambda: kept(again) == "[]")
    again.reload()
    assert again.locator("[data-kept]").count() == 0
    assert stored() == {}


def sign_in(page, name):
    page.goto("/account/login/")
    page.fill("[name=email]", f"{name}@example.org")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/account/login/" not in url)


def test_a_killed_browser_offers_its_text_and_shows_it_to_nobody_else(
    chromium, live_server, here, tmp_path
):
    def begin():
        return chromium.browser_type.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            base_url=live_server.url,
        )

    context = begin()
    page = context.new_page()
    sign_in(page, "admin")
    page.goto(f"{here}benefit/")
    context.set_offline(True)
    page.fill(MINE, "停电前写的一段")
    page.wait_for_timeout(1000)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(tmp_path).encode() in (folder / "cmdline").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)
    with contextlib.suppress(Exception):
        context.close()
    context = begin()
    page = context.new_page()
    context.clear_cookies()
    sign_in(page, "editor")
    page.goto(f"{here}benefit/")
    page.wait_for_timeout(300)
    assert page.locator("[data-kept]").count() == 0
    assert "停电前" not in page.inner_text("body")
    context.clear_cookies()
    sign_in(page, "admin")
    page.goto(f"{here}benefit/")
    page.get_by_role("button", name="恢复").click()
    assert page.input_value(MINE) == "停电前写的一段"
    holds(page, "停电前写的一段")
    context.close()


# The session -------------------------------------------------------------------------------------


def test_an_ended_session_is_taken_up_in_place_and_saving_goes_on(page):
    page.fill(MINE, "开头。")
    holds(page, "开头。")
    Session.objects.all().delete()
    page.focus(MINE)
    page.keyboard.press("End")
    page.keyboard.insert_text("会话结束后写的。")
    page.wait_for_selector("dialog[open]")
    assert "王示例" in page.inner_text("dialog")
    assert faults(page) == []
    page.fill("dialog [name=email]", "editor@example.org")
    page.fill("dialog [name=password]", PASSWORD)
    page.get_by_role("button", name="登录并继续").click()
    wait(page, lambda: "另一位用户" in page.inner_text("dialog"))
    assert Session.objects.count() == 0
    page.fill("dialog [name=email]", "admin@example.org")
    page.fill("dialog [name=password]", "错误的密码-0000")
    page.get_by_role("button", name="登录并继续").click()
    wait(page, lambda: "邮箱或密码不对" in page.inner_text("dialog"))
    page.fill("dialog [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    holds(page, "开头。会话结束后写的。")
    assert page.locator(f"{MINE}:focus").count() == 1
    page.keyboard.insert_text("再写。")
    holds(page, "开头。会话结束后写的。再写。")


def test_a_second_factor_is_given_in_place_and_nothing_typed_is_lost(page, season, settings):
    """Who files and also holds a role of the office signs in with two factors, here too."""
    person = season.cast.people["admin"]
    accounts.appoint(
        person,
        organisation=season.cast.office,
        role=Role.AUDITOR,
        actor=world.SYSTEM,
        at=world.AT,
    )
    device = Authenticator.of(person, confirmed=True)
    page.fill(MINE, "开头。")
    holds(page, "开头。")
    settings.JIEBANG_SECOND_FACTOR = True
    Session.objects.all().delete()
    page.focus(MINE)
    page.keyboard.press("End")
    page.keyboard.insert_text("会话结束后写的。")
    page.wait_for_selector("dialog[open]")
    wait(page, lambda: "会话结束后写的。" in kept(page), what="kept on this machine")
    page.fill("dialog [name=email]", "admin@example.org")
    page.fill("dialog [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog [name=token]")
    assert page.locator("dialog [name=token]:focus").count() == 1
    assert faults(page) == []
    if folder := os.environ.get("JIEBANG_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / "second-factor.png")
    assert "会话结束后写的。" not in str(stored()) and "会话结束后写的。" in kept(page)
    page.keyboard.insert_text("000000")
    page.keyboard.press("Enter")
    wait(page, lambda: "验证码不对" in page.inner_text("dialog"), what="a wrong code")
    assert "会话结束后写的。" not in str(stored())
    time.sleep(1.1)  # a second passes before another code is looked at
    page.fill("dialog [name=token]", figures(device))
    page.keyboard.press("Enter")
    holds(page, "开头。会话结束后写的。")
    wait(page, lambda: page.locator("dialog").count() == 0)
    assert page.locator(f"{MINE}:focus").count() == 1
    page.keyboard.insert_text("再写。")
    holds(page, "开头。会话结束后写的。再写。")
    wait(page, lambda: kept(page) == "[]")


def test_signing_in_again_in_another_tab_resumes_too(page):
    Session.objects.all().delete()
    page.fill(MINE, "等待登录")
    page.get_by_role("button", name="稍后登录").click()
    tab = page.context.new_page()
    sign_in(tab, "admin")
    tab.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    holds(page, "等待登录")


def test_a_page_of_one_person_waits_when_another_signs_in_beside_it(page):
    tab = page.context.new_page()
    tab.goto("/account/security/")
    tab.context.clear_cookies()
    sign_in(tab, "editor")
    page.fill(MINE, "王示例写的")
    page.wait_for_selector("[data-save-note]")
    assert "现在登录的不是本页的用户" in page.inner_text("[data-save-note]")
    assert stored() == {}
    assert "王示例写的" in kept(page)


def test_five_minutes_before_the_end_it_can_be_extended_in_place(page, settings):
    settings.SESSION_COOKIE_AGE = 200
    page.fill(MINE, "写")
    holds(page, "写")
    page.reload()
    note = page.get_by_role("alert").filter(has_text="会话将在 5 分钟内结束")
    note.wait_for()
    settings.SESSION_COOKIE_AGE = 7200
    page.get_by_role("button", name="继续使用").click()
    note.wait_for(state="detached")


def test_who_signs_out_leaves_nothing_on_the_machine(page):
    page.context.set_offline(True)
    page.fill(MINE, "机密")
    wait(page, lambda: "机密" in kept(page))
    page.context.set_offline(False)
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.wait_for_url("**/account/login/")
    assert kept(page) == "[]"


# The deadline ------------------------------------------------------------------------------------


def test_after_the_deadline_the_page_is_read_only_and_the_text_can_be_copied(page, season):
    Call.objects.filter(pk=season.call.pk).update(filing_until=timezone.now())
    page.fill(MINE, "晚了一步")
    note = page.wait_for_selector("[data-save-note]:has-text('服务器时间')").inner_text()
    assert "申报已经截止" in note and "晚了一步" in note and "复制全部" in note
    assert page.get_attribute(MINE, "readonly") is not None
    assert page.get_by_role("button", name="保存草稿").count() == 0
    assert faults(page) == []
    page.reload()
    box = page.wait_for_selector("[data-kept]").inner_text()
    assert "晚了一步" in box and "只能查看" in box
    assert page.get_by_role("button", name="恢复").count() == 0
    assert faults(page) == []
    Section.objects.filter(key="benefit").update(data={"economic": "晚了一步"}, version=1)
    page.reload()  # what the server has after all is not said to be missing
    page.wait_for_timeout(300)
    assert page.locator("[data-kept]").count() == 0
    Section.objects.filter(key="benefit").update(data={}, version=0)
    assert stored() == {}
