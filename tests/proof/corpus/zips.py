"""Workbooks and zips: bombs, overlaps, macros, entities, links, formulas, damage."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from tests.proof.corpus.making import (
    Draw,
    Hostile,
    bomb,
    family,
    good_workbook,
    repacked,
    sheet,
    spoilt,
)


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
