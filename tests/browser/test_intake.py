"""A long list of experts: the bar with its figures, with a script and without, left and found."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from reviews import services
from reviews.models import Intake
from reviews.services import intake as work
from tests.browser.watching import inspect, look_at, picture, until
from tests.reviews.test_pool_pages import sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_long_list_is_followed_left_and_found_again(season, enter, monkeypatch):
    monkeypatch.setattr(work, "AT_ONCE", 5)
    monkeypatch.setattr(work, "PIECE", 5)
    rows = [
        (f"专家{n}", f"e{n}@example.org", "", "", "机器翻译系统", "示例院", "", "", "", "")
        for n in range(1, 13)
    ]
    page = enter("office")
    page.goto("/reviews/experts/import/")
    page.set_input_files(
        "[name=sheet]",
        {"name": "名单.xlsx", "mimeType": "application/zip", "buffer": sheet(*rows).read()},
    )
    page.get_by_role("button", name="导入名单").click()
    page.wait_for_url("**/imports/*/")
    where = page.url
    piece = work._piece

    def one_piece(*given, **named):
        """The worker goes no further than one piece."""
        went = piece(*given, **named)
        monkeypatch.setattr(work, "_piece", lambda *given, **named: False)
        return went

    monkeypatch.setattr(work, "_piece", one_piece)
    now = timezone.now()
    services.take_in_waiting(at=now)
    until(page, "document.querySelector('progress').value === 5")
    assert page.get_by_text("正在导入：第 5 人，共 12 人。").is_visible()
    assert inspect(page) == []
    picture(page, "intake-working")

    page.goto("/reviews/experts/")
    picture(page, "intake-experts")
    page.get_by_role("link", name="查看进度").click()
    page.wait_for_url(where)
    plain = enter("chief", java_script_enabled=False)
    plain.goto(where)
    assert plain.locator("progress").get_attribute("value") == "5"
    plain.get_by_role("link", name="刷新进度").click()
    assert plain.locator("progress").get_attribute("max") == "12"

    monkeypatch.setattr(work, "_piece", piece)
    services.take_in_waiting(at=now + timedelta(hours=1))
    said = page.get_by_text("已导入 12 人，激活链接已列入发件箱。")
    expect(said).to_be_visible(timeout=20_000)
    assert Intake.objects.get().state == "done"
    look_at(page, where, "intake-done")
    look_at(page, "/reviews/experts/import/", "intake-import")
