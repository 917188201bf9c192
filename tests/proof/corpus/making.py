"""What the families are made with: how one is registered, and good files to spoil."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import openpyxl
from PIL import Image
from pypdf import PdfWriter

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


def spoilt(data: bytes, draw: Draw, *, places: int, first: int) -> bytes:
    """Some bytes turned, none of the first ones, by which the kind is known."""
    out = bytearray(data)
    for _ in range(places):
        out[draw.randrange(first, len(out))] = draw.randrange(256)
    return bytes(out)
