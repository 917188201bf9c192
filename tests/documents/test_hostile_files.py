"""Files made to do harm: none is taken, none hurts its reader."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from core.errors import Refusal
from documents import foreign, services, uploads, web
from tests.documents import drawing
from tests.documents.files import picture, plain_zip, refusal, workbook
from tests.world import AT


def pdf_with(change=None, *, pages: int = 1, **options) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=300, height=300)
    if change:
        change(writer)
    out = io.BytesIO()
    writer.write(out, **options)
    return out.getvalue()


def action(**held) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in held.items()})


def script(name: str = "/JavaScript") -> DictionaryObject:
    return action(S=NameObject(name), JS=TextStringObject("app.alert(1)"))


def opens_with(found: DictionaryObject):
    def change(writer):
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(found)

    return change


def page_acts(writer) -> None:
    writer.pages[0][NameObject("/AA")] = action(O=script())


def add_link(writer, deed: DictionaryObject) -> None:
    link = action(
        Type=NameObject("/Annot"),
        Subtype=NameObject("/Link"),
        Rect=ArrayObject(FloatObject(one) for one in (0, 0, 9, 9)),
        A=deed,
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])


def link_launches(writer) -> None:
    add_link(writer, action(S=NameObject("/Launch"), F=TextStringObject("cmd.exe")))


def has_xfa(writer) -> None:
    form = action(XFA=TextStringObject("<xdp/>"), Fields=ArrayObject())
    writer._root_object[NameObject("/AcroForm")] = form


def has_film(writer) -> None:
    film = action(Type=NameObject("/Annot"), Subtype=NameObject("/RichMedia"))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(film)])


def has_file(writer) -> None:
    writer.add_attachment("evil.exe", b"MZ")


def has_loose_file(writer) -> None:
    loose = StreamObject()
    loose.set_data(b"MZ")
    loose[NameObject("/Type")] = NameObject("/EmbeddedFile")
    writer._root_object[NameObject("/Somewhere")] = writer._add_object(loose)


def renamed(data: bytes) -> bytes:
    """The same, its name written with escapes as readers take it."""
    return data.replace(b"/JavaScript", b"/J#61vaScript")


ACTIVE = {
    "a script when opened": lambda: pdf_with(opens_with(script())),
    "a script with an escaped name": lambda: renamed(pdf_with(opens_with(script()))),
    "a script of a page": lambda: pdf_with(page_acts),
    "a program when opened": lambda: pdf_with(opens_with(action(S=NameObject("/Launch")))),
    "a program behind a link": lambda: pdf_with(link_launches),
    "data from elsewhere": lambda: pdf_with(opens_with(action(S=NameObject("/ImportData")))),
    "a form that is a program": lambda: pdf_with(has_xfa),
    "a film": lambda: pdf_with(has_film),
}


@pytest.mark.parametrize("make", ACTIVE.values(), ids=ACTIVE)
def test_a_pdf_that_does_something_is_refused(make):
    said = refusal(make(), "动作.pdf")
    assert said.code == "active-content"
    assert "另存或打印为普通 PDF" in said.message


@pytest.mark.parametrize("change", [has_file, has_loose_file])
def test_a_pdf_with_files_inside_is_refused(change):
    said = refusal(pdf_with(change), "夹带.pdf")
    assert said.code == "embedded-files"
    assert "单独上传" in said.message


def test_a_plain_link_to_a_page_or_an_address_is_no_harm():
    def change(writer):
        go = action(S=NameObject("/URI"), URI=TextStringObject("https://example.org"))
        add_link(writer, go)

    assert uploads.check_upload(pdf_with(change), "链接.pdf").pages == 1


def test_words_in_the_text_of_a_page_are_no_script():
    assert uploads.check_upload(drawing.form(), "申报书.pdf").pages > 5


@pytest.mark.parametrize(
    "tail",
    [
        b"\n<html><script>alert(1)</script></html>",
        plain_zip(readme_xml="x"),
        b"\n<?php system($_GET[0]); ?>",
        b"MZ\x90\x00" * 100,
    ],
    ids=["html", "zip", "php", "exe"],
)
@pytest.mark.parametrize("name", ["多面.pdf", "多面.png", "多面.jpg"])
def test_what_is_two_things_at_once_is_taken_for_what_its_name_says(name, tail):
    """Kept as it is and handed out as that one thing, never run: see the next test."""
    body = {"pdf": drawing.sheet(1), "png": picture(), "jpg": picture("JPEG")}[name[-3:]]
    checked = uploads.check_upload(body + tail, name)
    assert checked.media_type == uploads.MEDIA_TYPES[name[-3:]]


@pytest.mark.django_db
def test_whatever_is_kept_is_handed_out_as_a_download_that_no_browser_runs():
    data = drawing.sheet(1) + b"<script>alert(1)</script>"
    blob = services.store(data, media_type="application/pdf", at=AT)
    answer = web.file_response(blob, 'x"\r\nSet-Cookie: a=b\r\n\u202e.pdf')
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert not any(c in answer["Content-Disposition"] for c in "\r\n\u202e")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "图.svg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "图.png"),
        (b"<!doctype html><script>alert(1)</script>", "页.pdf"),
        (b"\n%PDF-1.7\n", "页.pdf"),
        (b"<html>%PDF-1.7\n", "页.pdf"),
        (b"GIF89a;<script>", "图.jpg"),
        (b"PK\x03\x04", "图.pdf"),
        (b"%!PS-Adobe", "页.pdf"),
    ],
)
def test_pages_and_drawings_of_the_web_are_refused_whatever_they_are_called(data, name):
    assert refusal(data, name).code in ("wrong-type", "type-mismatch")


def test_ten_thousand_pages_are_refused_with_the_limit():
    said = refusal(pdf_with(pages=10_000), "万页.pdf")
    assert said.code == "too-many-pages" and "1000 页" in said.message


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_pdf_is_refused_or_all_its_pages_can_be_read(share):
    whole = drawing.form()
    cut = whole[: int(len(whole) * share)]
    try:
        checked = uploads.check_upload(cut, "断.pdf")
    except Refusal as refused:
        assert refused.code in ("damaged-file", "active-content")
    else:
        assert foreign.ask(
            "draw",
            cut,
            media_type=checked.media_type,
            name="",
            most_pages=checked.pages,
            seconds=60,
            more=("1", "160"),
        )["drawn"]


def pages_in_a_ring() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def deep() -> bytes:
    nested = b"[" * 50_000 + b"]" * 50_000
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/X " + nested + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def claims_pages() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 2000000000>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def packed() -> bytes:
    """A page whose stream unpacks to 400 MB."""

    def change(writer):
        stream = StreamObject()
        inner = zlib.compress(zlib.compress(b" " * 400_000_000, 9), 9)
        stream._data = inner
        stream[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode")] * 2)
        writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)

    return pdf_with(change)


@pytest.mark.slow
@pytest.mark.parametrize("make", [pages_in_a_ring, deep, claims_pages, packed])
def test_a_pdf_made_to_hurt_its_reader_is_refused_or_harmless(make):
    """The worker lives, and what is taken can be drawn or is refused in time, by the child."""
    try:
        checked = uploads.check_upload(make(), "恶.pdf")
    except Refusal as refused:
        assert refused.code in (
            "damaged-file",
            "too-many-pages",
            "unreadable-file",
            "too-large-picture",
        )
    else:
        assert checked.pages <= 2


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_truncated_picture_is_refused(form):
    whole = picture(form, (800, 600))
    assert refusal(
        whole[: len(whole) // 2], f"断.{form[:3].lower()}".replace("jpe", "jpg")
    ).code == ("damaged-file")


def flood(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, form)
    return out.getvalue()


def test_a_picture_of_nine_hundred_million_pixels_in_a_few_kilobytes_is_refused():
    data = flood("PNG")
    assert len(data) < 200_000
    assert refusal(data, "洪水.png").code == "too-large-picture"


def with_words(words: bytes, member: str = "xl/workbook.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            book.writestr(name, words if name == member else b"<x/>")
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'


@pytest.mark.parametrize("member", ["[Content_Types].xml", "xl/workbook.xml"])
@pytest.mark.parametrize(
    "words",
    [LAUGHS, OUTSIDE, OUTSIDE.decode().encode("utf-16")],
    ids=["laughs", "outside", "utf-16"],
)
def test_a_workbook_that_declares_entities_is_refused(words, member):
    said = refusal(with_words(words, member), "表.xlsx", allow=[uploads.XLSX])
    assert said.code == "damaged-file"


def many_entries() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            book.writestr(name, b"<x/>")
        for number in range(uploads.SHEET_ENTRIES + 1):
            book.writestr(f"xl/{number}.xml", b"")
    return out.getvalue()


def overlapping() -> bytes:
    """Two entries of the directory point at the same bytes, as in a zip bomb without recursion."""
    data = bytearray(with_words(b"<x/>"))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(data)


def locked() -> bytes:
    data = bytearray(with_words(b"<x/>"))
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "code"),
    [(many_entries, "too-large"), (overlapping, "damaged-file"), (locked, "encrypted-file")],
)
def test_workbooks_made_to_hurt_are_refused(make, code):
    assert refusal(make(), "表.xlsx", allow=[uploads.XLSX]).code == code


@pytest.mark.parametrize(
    "name",
    [
        "..\\..\\x.pdf",
        "/etc/passwd\x00.pdf",
        "a\r\nSet-Cookie: x.pdf",
        "\u202efdp.exe.pdf",
        "\u2066\u2069a\u200b.pdf",
        "字" * 300 + ".pdf",
        "a" * 5000,
        "CON.pdf",
        "．．／x.pdf",
        "\ud800.pdf",
        "a\u2028b.pdf",
        "-rf.pdf",
        "=cmd|'/c calc'!A1.pdf",
    ],
)
def test_a_hostile_name_becomes_one_line_of_text_that_names_no_place(name):
    safe = uploads.safe_name(name)
    assert 0 < len(safe) <= uploads.NAME_LENGTH
    assert not set(safe) & set("/\\\x00\r\n\u202e\u2066\u200b\u2028")
    assert not safe.startswith(".") and safe.isprintable()
    safe.encode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-7", "utf-32"])
@pytest.mark.parametrize("padding", [0, 5_000, 200_000])
def test_a_declaration_is_found_however_far_behind_and_however_written(encoding, padding):
    head = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    said = f'<?xml version="1.0" encoding="{encoding}"?>{" " * padding}'
    xml = (
        f"{said}{head.replace('<', '+ADw-')}<x/>".encode()
        if encoding == "utf-7"
        else f"{said}{head}<x/>".encode(encoding)
    )
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("xl/worksheets/sheet9.xml", xml)
    assert refusal(out.getvalue(), "实体.xlsx", allow=[uploads.XLSX]).code == "damaged-file"


def test_a_workbook_in_two_bytes_a_character_is_taken():
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("xl/more.xml", '<?xml version="1.0" encoding="UTF-16"?><x/>'.encode("utf-16"))
    assert uploads.check_upload(out.getvalue(), "好.xlsx", allow=[uploads.XLSX]).pages == 0
