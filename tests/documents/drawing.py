"""Draws sample documents and looks at the pages."""

import io
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest import mock

import pypdfium2
from pypdf import PdfReader

from documents import rendering
from documents.kinds import KINDS

CODE = "7K3M9Q2TXD"
HOST = "jiebang.example"
DATED = datetime(2021, 11, 29, 8, 20, 5, tzinfo=UTC)


def draw(kind: str, snapshot: dict[str, Any], **changes: Any) -> bytes:
    return rendering.render(
        KINDS[kind].template,
        snapshot,
        **{
            "code": CODE,
            "fingerprint": snapshot.get("content_fingerprint", "ab" * 32),
            "base_host": HOST,
            "number": snapshot.get("number", ""),
            "dated": DATED,
            "title": KINDS[kind].label,
            **changes,
        },
    )


def html_of(kind: str, snapshot: dict[str, Any]) -> str:
    """The page's HTML just before it is drawn."""
    kept = []

    def keep(html: str, **more: Any) -> bytes:
        kept.append(html)
        return b""

    with mock.patch.object(rendering, "_write", keep):
        draw(kind, snapshot)
    return kept[0]


@cache
def sheet(rows: int, limit: int | None = 15, seal: bool = False) -> bytes:
    from tests.documents import samples

    return draw("summary_sheet", samples.summary_sheet(rows, limit=limit, seal=seal))


@cache
def form() -> bytes:
    from tests.documents import samples

    return draw("application_form", samples.application_form())


def texts(data: bytes) -> list[str]:
    """The text of each page, without white space."""
    document = pypdfium2.PdfDocument(data)
    pages = [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in document]
    document.close()
    return pages


def pictures(data: bytes, dpi: int) -> list[Any]:
    document = pypdfium2.PdfDocument(data)
    pages = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return pages


def fonts(data: bytes) -> set[str]:
    """The faces embedded in the file, without the subset tag."""
    found = set()
    for page in PdfReader(io.BytesIO(data)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            found.add(str(font.get_object()["/BaseFont"]).lstrip("/").split("+")[-1].strip(","))
    return found


def scan(data: bytes, *, dpi: int = 150, turn: int = 0, grey: bool = True) -> bytes:
    """The pages as a scanner would give them: pictures in a PDF."""
    pages = [page.rotate(turn, expand=True, fillcolor="white") for page in pictures(data, dpi)]
    if grey:
        pages = [page.convert("L") for page in pages]
    out = io.BytesIO()
    pages[0].save(
        out, format="PDF", save_all=True, append_images=pages[1:], resolution=dpi, quality=70
    )
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """The same pages behind a password for opening."""
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
