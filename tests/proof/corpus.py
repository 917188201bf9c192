"""Hostile files in families, made by script from a seed; none is stored.

A family yields ``Hostile`` files. ``verdict``: ``refused`` where the house must say no; ``inert``
where taking it is right as long as nothing in it acts (names are cleaned, formulas are not read);
``any`` where damage may or may not be fatal, and only the manner counts: an answer, in time.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import openpyxl
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

Draw = random.Random


@dataclass(frozen=True)
class Hostile:
    data: bytes
    name: str
    verdict: str = "refused"


Family = Callable[[Draw], Iterator[Hostile]]
FAMILIES: dict[str, Family] = {}


def family(make: Callable[[Draw, int], Hostile]) -> Callable[[Draw, int], Hostile]:
    """Registers a maker of the n-th file of a family under its name."""

    def endless(draw: Draw) -> Iterator[Hostile]:
        number = 0
        while True:
            yield make(draw, number)
            number += 1

    FAMILIES[make.__name__.replace("_", "-")] = endless
    return make


# Good files, of which the bad ones are made ------------------------------------------------------


@cache
def good_pdf(pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@cache
def good_picture(form: str = "PNG", side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(out, form)
    return out.getvalue()


@cache
def good_workbook() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for n in range(20):
        book.active.append([n, "示例", n * 1.5])
    book.save(out)
    return out.getvalue()


@cache
def packed(what: bytes, size: int, times: int = 1) -> bytes:
    """So many bytes of the same, compressed so often."""
    data = what * (size // len(what))
    for _ in range(times):
        data = zlib.compress(data, 9)
    return data


@cache
def bomb(part: str, what: bytes, size: int) -> bytes:
    return repacked(lambda name, data: data, **{part: what * (size // len(what))})


def repacked(change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The good workbook with its parts changed (None leaves one out), and with more parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good_workbook())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if (data := change(name, old.read(name))) is not None:
                new.writestr(name, data)
        for name, data in more.items():
            new.writestr(name, data)
    return out.getvalue()


def sheet(body: str, head: str = "") -> bytes:
    """The good workbook with a first sheet of these rows."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<worksheet '
        'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{body}</worksheet>"
    ).encode()
    return repacked(lambda name, data: xml if name.endswith("sheet1.xml") else data)


# Workbooks and zips ------------------------------------------------------------------------------


@family
def zip_bomb(draw: Draw, n: int) -> Hostile:
    size = draw.choice([30, 120]) * 1024 * 1024
    what = draw.choice([b"\x00", b"<a/>"])
    part = draw.choice(["xl/media/a.bin", "xl/worksheets/sheet2.xml"])
    return Hostile(bomb(part, what, size) + bytes(n % 7), f"炸弹{n}.xlsx")


@family
def zip_overlap(draw: Draw, n: int) -> Hostile:
    """Two entries of the directory that point into the same bytes."""
    data = bytearray(good_workbook())
    places = [p for p in range(len(data) - 4) if data[p : p + 4] == b"PK\x01\x02"]
    one, other = draw.sample(places, 2)
    data[one + 42 : one + 46] = data[other + 42 : other + 46]
    return Hostile(bytes(data), f"重叠{n}.xlsx")


@family
def zip_many_entries(draw: Draw, n: int) -> Hostile:
    more = {f"xl/media/{i}.bin": b"x" for i in range(draw.randint(2100, 3000))}
    return Hostile(repacked(lambda name, data: data, **more), f"多条目{n}.xlsx")


@family
def zip_encrypted(draw: Draw, n: int) -> Hostile:
    data = bytearray(good_workbook())
    for p in range(len(data) - 4):
        if data[p : p + 4] == b"PK\x01\x02":
            data[p + 8] |= 1
        elif data[p : p + 4] == b"PK\x03\x04":
            data[p + 6] |= 1
    cut = draw.randint(0, 3)
    return Hostile(bytes(data) + bytes(cut), f"加密{n}.xlsx")


@family
def xlsx_macro(draw: Draw, n: int) -> Hostile:
    name = draw.choice(["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/a/vbaProject.bin"])
    return Hostile(repacked(lambda name, data: data, **{name: draw.randbytes(200)}), f"宏{n}.xlsx")


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!doctype x [<!ENTITY % p SYSTEM "file:///dev/random"> %p;]>',
)


@family
def xlsx_dtd(draw: Draw, n: int) -> Hostile:
    head = draw.choice(ENTITIES)
    encoding = draw.choice(["utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-7", "utf-32"])
    part = draw.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
    padding = " " * draw.choice([0, 10, 3000, 70_000])

    def change(name: str, data: bytes) -> bytes:
        if name != part:
            return data
        body = data.decode("utf-8").partition("?>")[2] or data.decode("utf-8")
        said = f'<?xml version="1.0" encoding="{encoding}"?>{padding}'
        if encoding == "utf-7":  # a reader that knows it sees what a search does not
            return f"{said}{head.replace('<', '+ADw-')}{body}".encode()
        return f"{said}{head}{body}".encode(encoding)

    return Hostile(repacked(change), f"实体{n}.xlsx")


@family
def xlsx_external_link(draw: Draw, n: int) -> Hostile:
    target = draw.choice(
        ["http://127.0.0.1:9/a.xlsx", "\\\\127.0.0.1\\share\\a.xlsx", "file:///etc/passwd"]
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/externalLinkPath" Target="{target}" TargetMode="External"/></Relationships>'
    )
    link = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    more = {
        "xl/externalLinks/externalLink1.xml": link.encode(),
        "xl/externalLinks/_rels/externalLink1.xml.rels": rels.encode(),
    }
    return Hostile(repacked(lambda name, data: data, **more), f"外链{n}.xlsx", "inert")


FORMULAS = (
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://127.0.0.1:9","看")',
    '=WEBSERVICE("http://127.0.0.1:9")',
    '=DDE("cmd";"/C calc";"x")',
    "='file:///etc/passwd'#$passwd.A1",
    "=1+1",
)


@family
def xlsx_formula(draw: Draw, n: int) -> Hostile:
    book = openpyxl.Workbook()
    for row in range(draw.randint(1, 5)):
        book.active.cell(row + 1, draw.randint(1, 4)).value = draw.choice(FORMULAS)
    out = io.BytesIO()
    book.save(out)
    return Hostile(out.getvalue(), f"公式{n}.xlsx", "inert")


@family
def xlsx_huge_dimensions(draw: Draw, n: int) -> Hostile:
    rows = draw.choice([5_000, 1_048_576, 2**31])
    kind = n % 4
    cell = f'<c r="XFD{rows}"><v>1</v></c>'
    if kind == 0:  # claims the largest table and holds one cell
        body = f'<dimension ref="A1:XFD{rows}"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        return Hostile(sheet(f"{body}</sheetData>"), f"尺寸{n}.xlsx", "any")
    if kind == 1:  # one row, far down
        body = f'<sheetData><row r="{rows}">{cell}</row></sheetData>'
        return Hostile(sheet(body), f"尺寸{n}.xlsx", "any")
    if kind == 2:  # more rows than are asked for
        many = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1, 4001))
        return Hostile(sheet(f"<sheetData>{many}</sheetData>"), f"尺寸{n}.xlsx")
    depth = draw.choice([1_000, 50_000])  # elements within elements
    body = "<x>" * depth + "</x>" * depth
    return Hostile(sheet(f"{body}<sheetData/>"), f"嵌套{n}.xlsx", "any")


@family
def xlsx_damaged(draw: Draw, n: int) -> Hostile:
    data = good_workbook()
    if n % 2:
        return Hostile(data[: draw.randint(5, len(data) - 30)], f"残{n}.xlsx")
    return Hostile(spoilt(data, draw, places=draw.randint(1, 60), first=4), f"坏{n}.xlsx", "any")


@family
def zip_of_another_kind(draw: Draw, n: int) -> Hostile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name in draw.choice(
            [
                ["META-INF/MANIFEST.MF", "A.class"],
                ["[Content_Types].xml", "word/document.xml"],
                ["AndroidManifest.xml", "classes.dex"],
                ["../../etc/cron.d/x", "..\\x"],
                ["content.xml", "mimetype"],
            ]
        ):
            book.writestr(name, draw.randbytes(draw.randint(1, 500)))
    return Hostile(out.getvalue(), f"它{n}.xlsx")


# PDFs --------------------------------------------------------------------------------------------


def pdf_with(action: DictionaryObject, place: str) -> bytes:
    """A page, and an action where some reader would run it."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=595, height=842)
    root = writer._root_object
    held = writer._add_object(action)
    if place == "open":
        root[NameObject("/OpenAction")] = held
    elif place == "catalog":
        root[NameObject("/AA")] = DictionaryObject({NameObject("/WC"): held})
    elif place == "page":
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): held})
    elif place == "names":
        names = ArrayObject([TextStringObject("a"), held])
        root[NameObject("/Names")] = DictionaryObject(
            {NameObject("/JavaScript"): DictionaryObject({NameObject("/Names"): names})}
        )
    elif place == "link":
        box = ArrayObject(NumberObject(i) for i in (0, 0, 600, 800))
        page[NameObject("/Annots")] = ArrayObject(
            [
                DictionaryObject(
                    {
                        NameObject("/Type"): NameObject("/Annot"),
                        NameObject("/Subtype"): NameObject("/Link"),
                        NameObject("/Rect"): box,
                        NameObject("/A"): held,
                    }
                )
            ]
        )
    else:  # after another action that is harmless
        first = DictionaryObject(
            {
                NameObject("/S"): NameObject("/Named"),
                NameObject("/N"): NameObject("/NextPage"),
                NameObject("/Next"): ArrayObject([held]),
            }
        )
        root[NameObject("/OpenAction")] = writer._add_object(first)
    return written(writer)


PLACES = ("open", "catalog", "page", "names", "link", "next")


def disguised(data: bytes, word: bytes, draw: Draw) -> bytes:
    """A name written with hexadecimal escapes; the table of places is broken by it, as often."""
    at = draw.randrange(1, len(word))
    return data.replace(word, word[:at] + b"#%02x" % word[at] + word[at + 1 :])


def action(kind: str, **more: object) -> DictionaryObject:
    found = DictionaryObject({NameObject("/S"): NameObject(kind)})
    for name, value in more.items():
        found[NameObject(f"/{name}")] = (
            value if isinstance(value, DictionaryObject) else TextStringObject(str(value))
        )
    return found


@family
def pdf_javascript(draw: Draw, n: int) -> Hostile:
    data = pdf_with(action("/JavaScript", JS="app.alert(1)"), PLACES[n % len(PLACES)])
    if n // len(PLACES) % 2:
        data = disguised(disguised(data, b"/JavaScript", draw), b"/JS", draw)
    return Hostile(data, f"脚本{n}.pdf")


@family
def pdf_launch(draw: Draw, n: int) -> Hostile:
    kind = ("/Launch", "/ImportData", "/Rendition", "/GoToE")[n % 4]
    data = pdf_with(action(kind, F="/bin/sh"), draw.choice(["open", "page", "link", "next"]))
    if n // 4 % 2:
        data = disguised(data, kind.encode(), draw)
    return Hostile(data, f"启动{n}.pdf")


@family
def pdf_embedded(draw: Draw, n: int) -> Hostile:
    writer = PdfWriter()
    page = writer.add_blank_page(width=595, height=842)
    held = draw.choice([b"MZ" + draw.randbytes(99), b"<html>", good_pdf(), good_workbook()])
    if n % 2:
        writer.add_attachment(draw.choice(["a.exe", "../../a", "说明.pdf"]), held)
        return Hostile(written(writer), f"夹带{n}.pdf")
    stream = StreamObject()
    stream.set_data(held)
    stream[NameObject("/Type")] = NameObject("/EmbeddedFile")
    spec = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Filespec"),
            NameObject("/F"): TextStringObject("a"),
            NameObject("/EF"): DictionaryObject({NameObject("/F"): writer._add_object(stream)}),
        }
    )
    box = ArrayObject(NumberObject(i) for i in (0, 0, 9, 9))
    page[NameObject("/Annots")] = ArrayObject(
        [
            DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/Annot"),
                    NameObject("/Subtype"): NameObject("/FileAttachment"),
                    NameObject("/Rect"): box,
                    NameObject("/FS"): writer._add_object(spec),
                }
            )
        ]
    )
    return Hostile(written(writer), f"夹带{n}.pdf")


@family
def pdf_encrypted(draw: Draw, n: int) -> Hostile:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(good_pdf(draw.randint(1, 3)))))
    algorithm = ("RC4-40", "RC4-128", "AES-128", "AES-256")[n % 4]
    writer.encrypt(user_password=f"p{n}", algorithm=algorithm)
    return Hostile(written(writer), f"加密{n}.pdf")


@family
def pdf_broken_table(draw: Draw, n: int) -> Hostile:
    data = good_pdf(draw.randint(1, 4))
    at = data.rindex(b"startxref")
    kinds = (
        data[:at] + b"startxref\n99999999\n%%EOF",
        data[:at] + b"startxref\n-1\n%%EOF",
        data[:at] + b"startxref\n%d\n%%%%EOF" % at,  # a table that is itself
        data.replace(b"trailer", b"tr@iler"),
        data.replace(b"endobj", b"endob0"),
        data[: draw.randint(8, at)],
    )
    return Hostile(kinds[n % len(kinds)], f"断表{n}.pdf", "any")


@family
def pdf_huge_pages(draw: Draw, n: int) -> Hostile:
    if n % 3 == 0:
        return Hostile(good_pdf(draw.randint(1001, 1100)), f"多页{n}.pdf")
    if n % 3 == 1:
        claimed = draw.choice([10**6, 2**31 - 1, 2**31, 2**63])
        data = good_pdf().replace(b"/Count 1", b"/Count %d" % claimed)
        return Hostile(data, f"声称{n}.pdf", "any")
    side = draw.choice([14_400, 10**6, 10**9, 10**15])
    writer = PdfWriter()
    writer.add_blank_page(width=side, height=draw.choice([1, side]))
    return Hostile(written(writer), f"大页{n}.pdf", "any")


@family
def pdf_recursion(draw: Draw, n: int) -> Hostile:
    depth = draw.choice([1_000, 20_000, 100_000])
    opening = draw.choice([b"[", b"<<", b"("])
    closing = {b"[": b"]", b"<<": b">>", b"(": b")"}[opening]
    bodies = (
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>",  # its own child
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Deep "
        + opening * depth
        + closing * depth
        + b">>",
        b"<< /Type /Pages /Kids 2 0 R /Count 2 0 R >>",
        b"2 0 R",
    )
    content = packed(b"\x00", 40_000_000, 2)
    stream = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(content)
    parts = [
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Outlines 1 0 R >>\nendobj\n",
        b"2 0 obj\n" + bodies[n % len(bodies)] + b"\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>\nendobj\n",
        b"4 0 obj\n" + stream + content + b"\nendstream\nendobj\n",
        b"trailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF",
    ]
    return Hostile(b"".join(parts), f"递归{n}.pdf", "any")


@family
def pdf_polyglot(draw: Draw, n: int) -> Hostile:
    other = (
        good_workbook(),
        b"<html><script>alert(1)</script>",
        good_picture("PNG"),
        b"#!/bin/sh\ntouch /tmp/x\n",
    )[n % 4]
    if n // 4 % 2:
        return Hostile(other + good_pdf(), f"两面{n}.pdf")  # another kind in front
    return Hostile(good_pdf() + other, f"两面{n}.pdf", "inert")  # behind: a PDF to every reader


# Pictures ----------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + crc


@family
def picture_flood(draw: Draw, n: int) -> Hostile:
    wide, high = draw.choice([(60_000, 60_000), (2**31 - 1, 2_000), (50_000, 40_000)])
    if n % 2:
        data = bytearray(good_picture("JPEG"))
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", max(2_000, min(high, 65_000)), min(wide, 65_000))
        return Hostile(bytes(data), f"洪水{n}.jpg")
    head = struct.pack(">IIBBBBB", wide, high, draw.choice([8, 16]), 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    return Hostile(b"\x89PNG\r\n\x1a\n" + body, f"洪水{n}.png")


@family
def picture_text_bomb(draw: Draw, n: int) -> Hostile:
    """A small picture whose texts and profile unpack into very much."""
    good = good_picture("PNG")
    big = packed(b"a", draw.choice([20, 60]) * 1024 * 1024)
    part = (b"zTXt", b"iCCP", b"iTXt")[n % 3]
    body = {b"zTXt": b"k\x00\x00", b"iCCP": b"k\x00\x00", b"iTXt": b"k\x00\x01\x00\x00\x00"}[part]
    return Hostile(good[:33] + chunk(part, body + big) + good[33:], f"暗文{n}.png", "any")


@family
def picture_wrong_kind(draw: Draw, n: int) -> Hostile:
    beginnings = (
        b"GIF89a",
        b"BM",
        b"II*\x00",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"\x00\x00\x01\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>",
        b"<?xml version='1.0'?><svg/>",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0\n",
        b"MZ\x90\x00",
        b"\x7fELF",
    )
    data = beginnings[n % len(beginnings)] + draw.randbytes(draw.randint(0, 300))
    return Hostile(data, f"冒充{n}.{draw.choice(['png', 'jpg', 'pdf', 'jpeg'])}")


@family
def picture_damaged(draw: Draw, n: int) -> Hostile:
    form, extension = (("PNG", "png"), ("JPEG", "jpg"))[n % 2]
    data = good_picture(form, 60)
    if n % 4 < 2:
        return Hostile(data[: draw.randint(9, len(data) // 2)], f"残{n}.{extension}")
    places = draw.randint(1, 200)
    return Hostile(spoilt(data, draw, places=places, first=8), f"坏{n}.{extension}", "any")


# Names, kinds, noise -----------------------------------------------------------------------------

WRONG_ENDS = [
    "exe",
    "svg",
    "html",
    "htm",
    "js",
    "hta",
    "docm",
    "xlsm",
    "lnk",
    "bat",
    "ps1",
    "php",
    "jsp",
    "py",
    "sh",
    "com",
    "scr",
    "jar",
    "iso",
    "vbs",
    "zip",
    "rar",
    "7z",
    "docx",
    "doc",
    "pptx",
    "gif",
    "webp",
    "tif",
    "bmp",
    "xml",
    "xhtml",
    "mht",
    "swf",
    "pdf.exe",
    "png.html",
    "xlsx.js",
    "pdf%00.exe",
]


@family
def wrong_extension(draw: Draw, n: int) -> Hostile:
    data = draw.choice([good_pdf(), good_picture(), good_workbook(), b"MZ" + draw.randbytes(50)])
    end = WRONG_ENDS[n % len(WRONG_ENDS)]
    return Hostile(data, f"附件{n}.{draw.choice([end, end.upper()])}")


ODD_NAMES = (
    "../../../etc/passwd.pdf",
    "..\\..\\windows\\system32\\a.pdf",
    "/etc/cron.d/a.pdf",
    "C:\\a.pdf",
    "a\x00.exe.pdf",
    "a.pdf\x00",
    "a\r\nSet-Cookie: x=1.pdf",
    'a"; filename="b.exe.pdf',
    "\u202efdp.exe.pdf",
    "\u2066a\u2069.pdf",
    "a\u200b\u200d\ufeff.pdf",
    "‥／a.pdf",
    "CON.pdf",
    "NUL.pdf",
    "....pdf",
    "   .pdf",
    "😀" * 300 + ".pdf",
    "长" * 5_000 + ".pdf",
    "a" * 100_000 + ".pdf",
    "<img src=x onerror=alert(1)>.pdf",
    "=cmd|'/C calc'!A0.pdf",
    "{{7*7}}{% debug %}.pdf",
    "a;rm -rf ~;.pdf",
    "$(touch x).pdf",
    "\ud800a.pdf",
    "e\u0301" * 200 + ".pdf",
    "𠮷𪚥\U0002a6d6.pdf",
    "a\u2028b\u2029.pdf",
    "\U000e0041\ue000\uffff.pdf",
    "%2e%2e%2fa.pdf",
)


@family
def odd_name(draw: Draw, n: int) -> Hostile:
    name = ODD_NAMES[n % len(ODD_NAMES)]
    if n >= len(ODD_NAMES):
        name = "".join(draw.choice(name) for _ in range(min(len(name), 40))) + name
    return Hostile(good_pdf(), name, "any")


@family
def noise(draw: Draw, n: int) -> Hostile:
    """Random bytes behind a right beginning, and good files with some bytes turned."""
    kinds = (
        (b"%PDF-1.7\n", "pdf", good_pdf(3)),
        (b"\x89PNG\r\n\x1a\n", "png", good_picture("PNG")),
        (b"\xff\xd8\xff\xe0", "jpg", good_picture("JPEG")),
        (b"PK\x03\x04", "xlsx", good_workbook()),
    )
    head, extension, good = kinds[n % 4]
    if n // 4 % 2:
        data = head + draw.randbytes(draw.randint(0, 5_000))
        return Hostile(data, f"噪{n}.{extension}", "any" if extension == "jpg" else "refused")
    places = draw.randint(1, 30)
    return Hostile(spoilt(good, draw, places=places, first=8), f"噪{n}.{extension}", "any")


@family
def size(draw: Draw, n: int) -> Hostile:
    extension = draw.choice(["pdf", "png", "jpg", "xlsx"])
    if n % 2:
        return Hostile(b"", f"空{n}.{extension}")
    return Hostile(b"%PDF-" + bytes(20 * 1024 * 1024 + draw.randint(0, 99)), f"大{n}.pdf")


def spoilt(data: bytes, draw: Draw, *, places: int, first: int) -> bytes:
    """Some bytes turned, none of the first ones, by which the kind is known."""
    out = bytearray(data)
    for _ in range(places):
        out[draw.randrange(first, len(out))] = draw.randrange(256)
    return bytes(out)
