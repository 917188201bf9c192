"""PDFs: scripts, programs, attachments, locks, broken tables, huge pages, circles."""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from tests.proof.corpus.making import (
    Draw,
    Hostile,
    family,
    good_pdf,
    good_picture,
    good_workbook,
    packed,
    written,
)


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
