"""What may be uploaded, and what is said about the rest."""

import io
import struct
import zipfile
import zlib

import pytest

from documents import foreign, uploads
from tests.documents import drawing
from tests.documents.files import picture, plain_zip, refusal, workbook


def test_a_pdf_is_taken_with_its_pages_and_hash():
    data = drawing.sheet(16)
    checked = uploads.check_upload(data, "汇总表.PDF")
    assert (checked.media_type, checked.pages, checked.size) == ("application/pdf", 2, len(data))
    assert len(checked.sha256) == 64


@pytest.mark.parametrize(
    ("name", "form", "media_type"),
    [
        ("a.jpg", "JPEG", "image/jpeg"),
        ("a.JPEG", "JPEG", "image/jpeg"),
        ("a.png", "PNG", "image/png"),
    ],
)
def test_pictures_are_taken_as_one_page(name, form, media_type):
    checked = uploads.check_upload(picture(form), name)
    assert (checked.media_type, checked.pages) == (media_type, 1)


def test_a_workbook_is_taken_only_where_one_is_asked_for():
    assert refusal(workbook(), "方向.xlsx").code == "wrong-type"
    checked = uploads.check_upload(workbook(), "方向.xlsx", allow=[uploads.XLSX])
    assert checked.pages == 0


def test_an_empty_file_is_refused():
    assert refusal(b"", "空.pdf").code == "empty-file"


def test_a_file_over_the_limit_is_refused_with_both_figures():
    said = refusal(b"%PDF-" + b"0" * 2_000_000, "大.pdf", most_bytes=1024 * 1024)
    assert said.code == "too-large"
    assert "1.9 MB" in said.message
    assert "1 MB" in said.message


@pytest.mark.parametrize("name", ["a.exe", "a.svg", "a.html", "a.docx", "a", ".pdf", "a.pdf.zip"])
def test_other_types_are_refused_and_the_allowed_ones_named(name):
    said = refusal(drawing.sheet(1), name)
    assert said.code == "wrong-type"
    assert "PDF、JPG、PNG" in said.message


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (picture(), "扫描.pdf"),
        (b"<html><script>alert(1)</script></html>", "页.pdf"),
        (b"GIF89a" + b"0" * 50, "图.png"),
        (b"MZ" + b"0" * 50, "图.jpg"),
        (b"\x00\x00%PDF-1.7", "前有他物.pdf"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(data, name):
    assert refusal(data, name).code == "type-mismatch"


def test_a_password_is_refused():
    said = refusal(drawing.encrypted(drawing.sheet(1)), "加密.pdf")
    assert said.code == "encrypted-file"
    assert "密码" in said.message


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\nnothing", "坏.pdf"),
        (picture()[:60], "坏.png"),
        (picture("JPEG", (800, 600))[:400], "坏.jpg"),
    ],
)
def test_a_damaged_file_is_refused(data, name):
    assert refusal(data, name).code == "damaged-file"


def test_a_picture_that_claims_a_flood_of_pixels_is_refused_undecoded():
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    flood = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0"))
    assert refusal(flood + chunk(b"IEND", b""), "大图.png").code == "too-large-picture"


def test_too_many_pages_are_refused_with_the_limit():
    said = refusal(drawing.sheet(16), "多.pdf", most_pages=1)
    assert said.code == "too-many-pages"
    assert "1 页" in said.message


def test_a_child_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    assert refusal(drawing.sheet(16), "慢.pdf").code == "unreadable-file"


def test_a_child_that_dies_is_a_damaged_file_and_not_our_death(monkeypatch, tmp_path):
    dying = tmp_path / "sandbox.py"
    dying.write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(foreign, "SANDBOX", dying)
    assert refusal(drawing.sheet(1), "崩.pdf").code == "damaged-file"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 150_000_000)
    return out.getvalue()


def with_macros() -> bytes:
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("xl/vbaProject.bin", b"0")
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (bomb, "too-large"),
        (with_macros, "macros"),
        (lambda: plain_zip(readme_xml="x"), "damaged-file"),
        (lambda: workbook()[:-40], "damaged-file"),
    ],
)
def test_workbooks_that_are_bombs_or_carry_macros_or_are_none_are_refused(make, code):
    assert refusal(make(), "表.xlsx", allow=[uploads.XLSX]).code == code


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\文件\\报告.pdf", "报告.pdf"),
        ("报\x00告\r\n.pdf", "报告.pdf"),
        ("\u202egpj.exe.pdf", "gpj.exe.pdf"),
        ("", "未命名"),
        ("..", "未命名"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("长" * 300 + ".pdf", "长" * 96 + ".pdf"),
    ],
)
def test_names_are_made_harmless(name, shown):
    assert uploads.safe_name(name) == shown
