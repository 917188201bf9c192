"""Writing a section: saved by itself, also when the network was gone."""

import re
import time

import pytest

from applications.models import Section
from calls.programme import FieldType

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = re.compile(r"已保存 \d\d:\d\d:\d\d")


@pytest.fixture
def section(season, enter):
    """A section with a long text, open in the applicant's browser."""
    for one in season.call.programme.sections:
        for asked in one.fields:
            if asked.type == FieldType.LONGTEXT and not asked.show_if:
                page = enter("admin")
                here = f"/applications/{season.cast.application.public_id}/sections/{one.key}/"
                page.goto(here)
                page.key, page.input = one.key, f"[name={asked.key}]"
                return page
    raise LookupError("no long text")


def says(page, words, *, seconds=8.0):
    """Wait until the state of saving says it. (The policy forbids waiting inside the page.)"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if re.search(words, page.inner_text("[data-save-state]")):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.inner_text("[data-save-state]"))


def says_saved(page, *, seconds=8.0):
    says(page, SAVED, seconds=seconds)


def test_what_is_typed_is_saved_by_itself_and_there_after_a_reload(section):
    section.fill(section.input, "围绕关键环节开展攻关。")
    says_saved(section)
    section.reload()
    assert section.input_value(section.input) == "围绕关键环节开展攻关。"
    kept = Section.objects.get(key=section.key)
    assert "围绕关键环节开展攻关。" in str(kept.data)


def test_without_a_network_the_text_is_kept_here_and_sent_when_it_is_back(section):
    section.context.set_offline(True)
    section.fill(section.input, "断网时写下的一段。")
    says(section, "连接中断")
    assert "断网时写下的一段。" in section.evaluate("Object.values(localStorage).join()")
    assert "断网时写下的一段。" not in str(Section.objects.get(key=section.key).data)
    section.context.set_offline(False)
    says_saved(section, seconds=15)
    assert "断网时写下的一段。" in str(Section.objects.get(key=section.key).data)
    assert "jb:" not in section.evaluate("Object.keys(localStorage).join()")


def test_a_tab_closed_without_a_network_brings_its_text_back_on_the_next_visit(section):
    here = section.url
    section.context.set_offline(True)
    section.fill(section.input, "关页前没有存上。")
    says(section, "连接中断")
    again = section.context.new_page()
    section.close()
    again.context.set_offline(False)
    again.goto(here)
    assert again.input_value(section.input) == "关页前没有存上。"
    says_saved(again, seconds=10)


def test_two_tabs_lose_nothing_of_each_other(section):
    other = section.context.new_page()
    other.goto(section.url)
    section.fill(section.input, "第一个页面写的。")
    says_saved(section)
    other.fill(section.input, "第二个页面写的。")
    says(other, "冲突")
    assert "第一个页面写的。" in str(Section.objects.get(key=section.key).data)
    assert other.input_value(section.input) == "第二个页面写的。"
    other.get_by_role("button", name="保存草稿").click()
    other.wait_for_selector("text=改了相同的栏目")
    page = other.inner_text("main")
    assert "第一个页面写的。" in page and "第二个页面写的。" in page
