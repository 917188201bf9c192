"""证明材料 through its page: every refusal in words of its own, and every act taken back."""

import sys
from datetime import timedelta

import pytest
from django.test import Client

from applications import attachments, tasks
from applications.models import Attachment
from audit.models import Entry
from documents.models import Blob, VirusCheck
from tests import world
from tests.applications import filling
from tests.applications.filling import complete, submit, url
from tests.world import AT


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


@pytest.fixture
def application(cast):
    return cast.application


@pytest.fixture
def kind(application):
    return next(k for k in application.call.programme.attachments if k.max_files > 1)


@pytest.fixture
def single(application):
    return next(k for k in application.call.programme.attachments if k.max_files == 1)


def add(client, application, kind, *names, replaces=None):
    files = [filling.upload(name, filling.pdf(1, mark=name)) for name in names]
    posted = {"file": files, **({"replaces": replaces.public_id} if replaces else {})}
    return client.post(url("attach", application, kind.key), posted)


def here(application) -> list[str]:
    found = application.attachments.filter(removed_at=None)
    return [item.name for item in found.order_by("key", "position", "pk")]


def test_several_files_are_added_by_a_plain_form(admin, application, kind):
    assert add(admin, application, kind, "一.pdf", "二.pdf").status_code == 302
    assert here(application) == ["一.pdf", "二.pdf"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("空.pdf", b"", "是空的"),
        ("程序.exe", b"MZ", "类型不能上传"),
        ("假.pdf", b"<html>", "扩展名与内容不符"),
        ("坏.pdf", b"%PDF-1.7 broken", "无法打开"),
        ("密.pdf", filling.pdf(password="x"), "密码"),
    ],
)
def test_each_thing_that_is_wrong_with_a_file_has_its_words(
    admin, application, kind, name, data, words
):
    answer = admin.post(url("attach", application, kind.key), {"file": filling.upload(name, data)})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text and "错误：" in text
    assert not Attachment.objects.exists()


def test_no_file_chosen_and_too_many_have_their_words(admin, application, single):
    assert "没有选择文件" in admin.post(url("attach", application, single.key)).content.decode()
    add(admin, application, single, "一.pdf")
    assert "最多 1 份" in add(admin, application, single, "二.pdf").content.decode()
    assert here(application) == ["一.pdf"]


# Replacing -------------------------------------------------------------------------------------


def test_replacing_is_undone_and_the_pinned_page_comes_back(cast, admin, application, kind):
    add(admin, application, kind, "前.pdf", "另.pdf")
    before = application.attachments.get(name="前.pdf")
    row = application.indicator_rows.create(name="温漂", evidence=before, evidence_page=1, order=1)
    add(admin, application, kind, "后.pdf", replaces=before)
    after = application.attachments.get(name="后.pdf")
    row.refresh_from_db()
    assert (here(application), row.evidence) == (["后.pdf", "另.pdf"], after)
    assert "已替换“前.pdf”" in admin.get(url("files", application)).content.decode()
    assert admin.post(url("undo_replacing", application, after.public_id)).status_code == 302
    row.refresh_from_db()
    assert here(application) == ["前.pdf", "另.pdf"]
    assert row.evidence == before
    assert Entry.objects.filter(action="applications.undo_replacing").count() == 1
    again = admin.post(url("undo_replacing", application, after.public_id))
    assert again.status_code == 409
    assert sorted(here(application)) == ["前.pdf", "另.pdf"]


def test_a_file_that_replaced_none_has_nothing_to_undo(admin, application, kind):
    add(admin, application, kind, "一.pdf")
    item = application.attachments.get()
    assert admin.post(url("undo_replacing", application, item.public_id)).status_code == 409
    assert here(application) == ["一.pdf"]


def test_removing_is_undone_unless_the_same_content_is_there_again(admin, application, kind):
    add(admin, application, kind, "一.pdf")
    item = application.attachments.get()
    admin.post(url("detach", application, item.public_id))
    assert here(application) == []
    admin.post(url("reattach", application, item.public_id))
    assert here(application) == ["一.pdf"]
    admin.post(url("detach", application, item.public_id))
    add(admin, application, kind, "一.pdf")
    assert admin.post(url("reattach", application, item.public_id)).status_code == 409
    assert here(application) == ["一.pdf"]


# Name and order --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wished", "shown"),
    [
        ("检测报告", "检测报告.pdf"),
        ("检测报告.PDF", "检测报告.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("报告.html", "报告.html.pdf"),
        ("a\r\nb\u202e", "ab.pdf"),
        ("长" * 300, "长" * 96 + ".pdf"),
    ],
)
def test_a_file_is_renamed_and_keeps_its_extension(admin, application, kind, wished, shown):
    add(admin, application, kind, "扫描0001.pdf")
    item = application.attachments.get()
    admin.post(url("rename_file", application, item.public_id), {"name": wished})
    assert here(application) == [shown]


def test_a_file_without_a_name_keeps_its_own(admin, application, kind):
    add(admin, application, kind, "一.pdf")
    item = application.attachments.get()
    for name in ("", "   ", ".pdf", "..."):
        answer = admin.post(url("rename_file", application, item.public_id), {"name": name})
        assert answer.status_code == 422, name
    assert here(application) == ["一.pdf"]


def test_files_are_put_in_order_and_frozen_in_it(cast, admin, application, kind):
    complete(admin, application)
    add(admin, application, kind, "一.pdf", "二.pdf", "三.pdf")
    third = application.attachments.get(name="三.pdf")
    for direction in ("up", "up", "up", "up"):
        admin.post(url("shift_file", application, third.public_id), {"direction": direction})
    first = application.attachments.get(name="一.pdf")
    admin.post(url("shift_file", application, first.public_id), {"direction": "down"})
    submit(admin, application)
    frozen = application.versions.get().snapshot["attachments"]
    ours = [one["name"] for one in frozen if one["key"] == kind.key]
    assert ours[0] == "三.pdf" and ours[-2:] == ["二.pdf", "一.pdf"]


# Using again -----------------------------------------------------------------------------------


@pytest.fixture
def earlier(cast, admin, kind):
    """Another filing of the unit that holds a file of this kind."""
    made = world.draft(cast, title="去年的项目")
    add(admin, made, kind, "去年.pdf")
    return made.attachments.get()


def test_an_earlier_file_is_used_again_without_storing_it_twice(admin, application, kind, earlier):
    page = admin.get(url("files", application)).content.decode()
    assert "去年.pdf" in page and "去年的项目" in page
    blobs = Blob.objects.count()
    answer = admin.post(url("reuse", application, kind.key), {"source": earlier.public_id})
    assert answer.status_code == 302
    made = application.attachments.get()
    assert (made.blob_id, made.name, made.pages) == (earlier.blob_id, "去年.pdf", 1)
    assert Blob.objects.count() == blobs
    assert earlier.public_id not in admin.get(url("files", application)).content.decode()
    again = admin.post(url("reuse", application, kind.key), {"source": earlier.public_id})
    assert again.status_code == 422
    assert here(application) == ["去年.pdf"]


def test_files_of_another_unit_or_kind_are_not_offered_and_not_taken(
    cast, admin, application, kind, single, earlier
):
    rival = signed_in(cast, "rival")
    theirs = world.draft(cast, unit=cast.rival, by="rival", title="别家")
    add(rival, theirs, kind, "别家.pdf")
    foreign = theirs.attachments.get()
    assert "别家.pdf" not in admin.get(url("files", application)).content.decode()
    for key, source in (
        (kind.key, foreign.public_id),
        (single.key, earlier.public_id),
        (kind.key, ""),
    ):
        answer = admin.post(url("reuse", application, key), {"source": source})
        assert answer.status_code == 422, key
    assert here(application) == []


# The scanner -----------------------------------------------------------------------------------


def scanner(settings, tmp_path, body: str) -> None:
    script = tmp_path / "scanner.py"
    script.write_text(f"import sys\ndata = sys.stdin.buffer.read()\n{body}\n")
    settings.JIEBANG_SCANNER = f"{sys.executable} {script}"


FINDS = "if b'EICAR' in data:\n    print('stream: Eicar-Test FOUND')\n    sys.exit(1)"


def infected_pdf() -> bytes:
    return filling.pdf(1, mark="EICAR")


def test_an_infected_file_is_refused_by_name_and_not_stored(
    admin, application, kind, settings, tmp_path
):
    scanner(settings, tmp_path, FINDS)
    answer = admin.post(
        url("attach", application, kind.key), {"file": filling.upload("毒.pdf", infected_pdf())}
    )
    assert answer.status_code == 422
    assert "未通过病毒检查（Eicar-Test）" in answer.content.decode()
    assert not Blob.objects.exists()
    assert add(admin, application, kind, "好.pdf").status_code == 302
    assert VirusCheck.objects.get().found == ""


@pytest.mark.parametrize("how", ["missing", "failing", "hanging"])
def test_filing_goes_on_without_the_scanner_and_the_file_is_looked_at_later(
    admin, application, kind, settings, tmp_path, how
):
    if how == "missing":
        settings.JIEBANG_SCANNER = "/nowhere/clamdscan -"
    else:
        settings.JIEBANG_SCANNER_SECONDS = 1
        scanner(
            settings, tmp_path, "sys.exit(2)" if how == "failing" else "import time; time.sleep(9)"
        )
    answer = admin.post(
        url("attach", application, kind.key), {"file": filling.upload("毒.pdf", infected_pdf())}
    )
    assert answer.status_code == 302
    item = application.attachments.get()
    assert "恢复后自动补查" in admin.get(url("files", application)).content.decode()
    tasks.check_files()
    assert not VirusCheck.objects.exists()
    scanner(settings, tmp_path, FINDS)
    tasks.check_files()
    assert VirusCheck.objects.get().found == "Eicar-Test"
    assert Entry.objects.filter(action="applications.file_infected").count() == 1
    for name, args in (("attachment", ()), ("page_image", (1,))):
        assert admin.get(url(name, application, item.public_id, *args)).status_code == 409
    assert "已停止下载" in admin.get(url("files", application)).content.decode()
    assert "未通过病毒检查" in admin.get(url("check", application)).content.decode()


def test_without_a_scanner_nothing_is_said_and_nothing_waits(admin, application, kind):
    add(admin, application, kind, "一.pdf")
    assert "病毒" not in admin.get(url("files", application)).content.decode()
    assert attachments.check_waiting(at=AT + timedelta(hours=1)) == 0
