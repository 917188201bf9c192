"""Files of a filing in Chromium: progress, going on after a loss, reading by keyboard."""

import time
from io import BytesIO

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from applications import incoming
from applications.models import Attachment, Upload
from tests.applications import filling
from tests.browser.watching import inspect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def heavy(megabytes: int) -> bytes:
    """A PDF of three pages that carries so many MB of ballast."""
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(width=595, height=842)
    ballast = StreamObject()
    ballast.set_data(bytes(range(256)) * 4096 * megabytes)
    writer._root_object[NameObject("/Ballast")] = writer._add_object(ballast)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def kind(season):
    return next(k for k in season.call.programme.attachments if k.max_files > 1)


@pytest.fixture
def files(season, enter):
    page = enter("admin")
    page.goto(f"/applications/{season.cast.application.public_id}/files/")
    return page


def place(page, kind):
    return page.locator(f"section[data-kind={kind.key}]")


def choose(page, kind, *files):
    place(page, kind).locator("form[data-drop] input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/pdf", "buffer": data} for name, data in files]
    )


def until(question, *, seconds=15.0):
    """Wait without the page: its policy forbids evaluating what a wait would need."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := question():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def names(page, kind) -> list[str]:
    page.wait_for_timeout(50)
    return place(page, kind).locator("[data-files] .jb-file-name").all_inner_texts()


def test_several_files_are_sent_by_choosing_them_and_shown_as_the_server_has_them(files, kind):
    choose(files, kind, ("一.pdf", filling.pdf(1, mark="1")), ("二.pdf", filling.pdf(2)))
    until(lambda: names(files, kind) == ["一.pdf", "二.pdf"])
    assert Attachment.objects.count() == 2
    assert place(files, kind).locator("[data-queue] li").count() == 0
    assert "已上传“二.pdf”" in files.inner_text("[data-upload-said]")
    assert inspect(files) == []


def test_files_are_dropped_on_their_place(files, kind):
    files.evaluate_handle("() => new DataTransfer()")
    moved = files.evaluate_handle(
        """bytes => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], '拖来.pdf', {type: 'application/pdf'}));
        return data; }""",
        list(filling.pdf(1)),
    )
    target = f"section[data-kind={kind.key}] form[data-drop]"
    files.dispatch_event(target, "dragover", {"dataTransfer": moved})
    assert files.get_attribute(target, "data-over") == "1"
    files.dispatch_event(target, "drop", {"dataTransfer": moved})
    until(lambda: names(files, kind) == ["拖来.pdf"])


def test_what_is_wrong_stands_at_the_file_until_it_is_put_away(files, kind):
    choose(
        files,
        kind,
        ("空.pdf", b""),
        ("程序.exe", b"MZ"),
        ("假.pdf", b"<html></html>"),
        ("密.pdf", filling.pdf(password="x")),
        ("好.pdf", filling.pdf(1)),
    )
    until(lambda: names(files, kind) == ["好.pdf"])
    said = place(files, kind).locator("[data-queue]").inner_text()
    for words in ("是空的", "类型不能上传", "扩展名与内容不符", "密码"):
        assert words in said, said
    assert inspect(files) == []
    place(files, kind).get_by_role("button", name="关闭").first.click()
    assert place(files, kind).locator("[data-queue] li").count() == 3


def test_a_lost_connection_goes_on_where_it_was(files, kind, monkeypatch):
    monkeypatch.setattr(incoming, "PART", 256 * 1024)
    data = heavy(6)
    sent = []

    def slow(route):
        sent.append(route.request.url)
        if len(sent) == 4:
            files.context.set_offline(True)
        route.continue_()

    files.route("**/uploads/*/?offset=*", slow)
    choose(files, kind, ("大.pdf", data))
    line = place(files, kind).locator("[data-queue] li")
    until(lambda: "连接中断" in line.inner_text() or files.wait_for_timeout(50))
    assert "已传部分不会丢失" in line.inner_text()
    received = Upload.objects.get().received
    assert 0 < received < len(data)
    files.context.set_offline(False)
    until(lambda: files.wait_for_timeout(100) or names(files, kind) == ["大.pdf"], seconds=30)
    assert Attachment.objects.get().blob.size == len(data)
    parts = -(-len(data) // incoming.PART)
    assert len(sent) <= parts + 3, "what had arrived was sent again"


def test_after_a_reload_the_same_file_goes_on_and_a_cancelled_one_leaves_nothing(
    files, kind, monkeypatch
):
    monkeypatch.setattr(incoming, "PART", 256 * 1024)
    data = heavy(4)
    sent = []

    def hang(route):
        sent.append(1)
        if len(sent) <= 3:
            route.continue_()

    files.route("**/uploads/*/?offset=*", hang)
    choose(files, kind, ("大.pdf", data))
    until(lambda: files.wait_for_timeout(50) or len(sent) == 4)
    before = Upload.objects.get().received
    assert before == 3 * incoming.PART
    files.on("dialog", lambda dialog: dialog.accept())
    files.reload()
    files.unroute("**/uploads/*/?offset=*")
    choose(files, kind, ("大.pdf", data))
    until(lambda: files.wait_for_timeout(100) or names(files, kind) == ["大.pdf"])
    held = []
    files.route("**/uploads/*/?offset=*", lambda route: held.append(route))
    choose(files, kind, ("另.pdf", heavy(3)))
    until(lambda: files.wait_for_timeout(50) or held)
    with files.expect_response("**/cancel/") as cancelled:
        place(files, kind).get_by_role("button", name="取消").click()
    assert cancelled.value.ok
    assert not Upload.objects.filter(attachment=None).exists()
    assert place(files, kind).locator("[data-queue] li").count() == 0


def test_a_file_is_replaced_and_the_replacing_undone_without_leaving_the_page(files, kind):
    choose(files, kind, ("前.pdf", filling.pdf(1, mark="a")))
    until(lambda: names(files, kind) == ["前.pdf"])
    here = place(files, kind)
    here.locator("summary", has_text="更多").click()
    here.locator(".jb-file-more input[type=file]").set_input_files(
        {"name": "后.pdf", "mimeType": "application/pdf", "buffer": filling.pdf(2, mark="b")}
    )
    until(lambda: names(files, kind) == ["后.pdf"])
    here.get_by_role("button", name="撤销替换").click()
    until(lambda: names(files, kind)[0] == "前.pdf")
    here.get_by_role("button", name="移除").click()
    until(lambda: files.wait_for_timeout(50) or here.locator("del").count() == 2)
    assert Attachment.objects.filter(removed_at=None).count() == 0
    assert inspect(files) == []


def test_who_came_from_the_check_page_goes_back_when_all_is_up_and_not_before(season, enter, kind):
    page = enter("admin")
    home = f"/applications/{season.cast.application.public_id}"
    page.goto(f"{home}/files/?back=check")
    choose(page, kind, ("一.pdf", filling.pdf(1, mark="1")), ("二.txt", b"text"))
    until(lambda: names(page, kind) == ["一.pdf"])
    page.wait_for_timeout(300)
    assert page.url.endswith("/files/?back=check")  # what is wrong can still be read
    place(page, kind).get_by_role("button", name="关闭").click()
    place(page, kind).get_by_role("button", name="移除").click()
    until(lambda: place(page, kind).locator("del").count() == 1)
    choose(page, kind, ("三.pdf", filling.pdf(1, mark="3")))
    page.wait_for_url(f"**{home}/check/")
    assert "三.pdf" in page.inner_text("main")


def test_a_file_is_read_page_by_page_with_the_keyboard(files, kind):
    choose(files, kind, ("五页.pdf", filling.pdf(5)))
    until(lambda: names(files, kind) == ["五页.pdf"])
    files.get_by_role("link", name="五页.pdf", exact=True).click()
    files.wait_for_url("**/preview/")
    now = files.locator("[data-now-page]")
    assert now.inner_text() == "第 1 页 / 共 5 页"
    for key, page in (
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("End", 5),
        ("ArrowRight", 5),
        ("Home", 1),
    ):
        files.keyboard.press(key)
        assert now.inner_text() == f"第 {page} 页 / 共 5 页", key
    files.keyboard.press("End")
    files.keyboard.press("+")
    assert files.url.endswith("?page=5&large=1")
    files.reload()
    assert now.inner_text() == "第 5 页 / 共 5 页"
    large = files.locator("[data-large-image]")
    until(lambda: files.wait_for_timeout(100) or large.evaluate("e => e.naturalWidth") == 1920)
    assert inspect(files) == []


def test_without_a_script_the_same_forms_post_a_file_whole(season, enter, kind):
    page = enter("admin", java_script_enabled=False)
    page.goto(f"/applications/{season.cast.application.public_id}/files/")
    choose(page, kind, ("一.pdf", filling.pdf(2)))
    place(page, kind).get_by_role("button", name="上传").first.click()
    assert "已上传“一.pdf”" in page.inner_text("main")
    page.get_by_role("link", name="一.pdf", exact=True).click()
    page.get_by_role("link", name="下一页").click()
    assert "第 2 页 / 共 2 页" in page.inner_text("main")
