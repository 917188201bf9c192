"""What came back sealed: the files of one upload, read page by page. Nothing is kept here."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Refusal
from documents import scans, uploads

AMBIGUOUS = ""
"""Stands for the code of a page that carries several: no document has it."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One file as it came: its bytes, name and type, already checked by ``documents.uploads``.

    ``codes``: (verification code, page number) per page, (None, None) where none could be read.
    ``red``: whether red ink was seen on the page, a hint and no proof. ``places``: per page where
    code and red were found, for showing (``documents.scans.Box``), and whether it was left unread
    because the time was used up.
    """

    data: bytes
    name: str
    media_type: str
    codes: Sequence[tuple[str | None, int | None]]
    red: Sequence[bool] = ()
    places: Sequence[dict[str, Any]] = ()


def read_uploads(files: Iterable[tuple[bytes, str]]) -> list[Uploaded]:
    """Read every file of one upload, (bytes, name) each, in the time one upload has.

    Raises ``Refusal`` (422): ``too-many-files``, ``too-slow``, or what is wrong with a file.
    """
    begun, read = time.monotonic(), list[Uploaded]()
    for data, name in files:
        left = scans.SECONDS - (time.monotonic() - begun)
        if len(read) >= scans.MOST_PAGES:
            raise Refusal(
                "too-many-files",
                f"一次最多上传 {scans.MOST_PAGES} 个文件，请只选择这份文件的各页。",
                status=422,
            )
        if left <= 1:
            raise Refusal(
                "too-slow",
                "文件过多或过大，没有在规定时间内读完。请以 300 dpi 灰度扫描成一个 PDF 后上传。",
                status=422,
            )
        read.append(read_upload(data, name, seconds=left))
    return read


def read_upload(data: bytes, name: str, *, seconds: float = scans.SECONDS) -> Uploaded:
    """Check a file and read the codes of its pages, in a process of its own.

    A page that carries codes of two documents counts as foreign. Raises ``Refusal`` (422) for
    what is no PDF or picture, is damaged, encrypted or too large. Call it before any lock.
    """
    checked = uploads.check_upload(data, name)
    pages = scans.read_codes(data, checked.media_type, name=checked.name, seconds=seconds)
    return Uploaded(
        data=data,
        name=checked.name,
        media_type=checked.media_type,
        codes=[_code_of(page) for page in pages],
        red=[page.red_ink for page in pages],
        places=[
            {"box": page.box, "red": page.red_box, "late": page.late, "others": page.others}
            for page in pages
        ],
    )


def _code_of(page: scans.ScannedPage) -> tuple[str | None, int | None]:
    return (AMBIGUOUS, 0) if len(page.found) > 1 else (page.code, page.page)


def places(files: Sequence[Uploaded]) -> list[dict[str, Any]]:
    """For each page of the upload, in order: which page of which file, and what was found where."""
    return [
        {"file": position, "page": number, **(one.places[number - 1] if one.places else {})}
        for position, one in enumerate(files, start=1)
        for number in range(1, len(one.codes) + 1)
    ]
