"""What a builder gets to work with, and the names of files inside a package."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from core.errors import Refusal
from documents import services
from documents.models import Blob

CHINA = ZoneInfo("Asia/Shanghai")
MOST_FILES = 3000
MOST_BYTES = 2 * 1024**3
MOST_NAME_BYTES = 200
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")


class NotYet(Exception):
    """Something the package needs is still being made. The words say what, in Chinese."""


class Abandoned(Exception):
    """The package was cancelled, or another worker has it now: stop and leave no trace."""


class Work:
    """One attempt at one package.

    ``file`` is an empty temporary file, open for reading and writing in binary. ``at`` is the
    instant of this attempt. ``may_wait`` is false once waiting has lasted long enough: then build
    with what is there and say with ``tell`` what is missing.
    """

    def __init__(
        self, file: IO[bytes], *, at: datetime, may_wait: bool, report: Callable[[int, int], None]
    ) -> None:
        self.file = file
        self.at = at
        self.may_wait = may_wait
        self.total = 0
        self.done = 0
        self.said: list[str] = []
        self._report = report

    def expect(self, files: int, *, size: int = 0) -> None:
        """Say how many steps there will be and how many bytes they hold together, first of all.

        Raises ``Refusal`` (``package-too-large``) when that is more than one package may hold.
        """
        if files > MOST_FILES:
            raise Refusal(
                "package-too-large",
                f"共 {files} 个文件，超过一次打包上限 {MOST_FILES} 个。请缩小筛选范围后分次打包。",
            )
        self.must_fit(size)
        self.total = files
        self._report(self.done, self.total)

    def expect_rows(self, rows: int) -> None:
        """The same for a single workbook: its rows are steps, and no files."""
        self.total = rows
        self._report(self.done, self.total)

    def step(self, count: int = 1) -> None:
        """So many more steps are done. Raises ``Abandoned`` when nobody wants the rest."""
        self.done += count
        self._report(self.done, self.total)

    def tell(self, words: str) -> None:
        """Something the person should know about the result, one sentence."""
        self.said.append(words)

    @staticmethod
    def must_fit(size: int) -> None:
        if size > MOST_BYTES:
            raise Refusal(
                "package-too-large",
                f"文件合计 {size / 1024**3:.1f} GB，超过一次打包上限 {MOST_BYTES // 1024**3} GB。"
                "请缩小筛选范围，或不含证明材料后再打包。",
            )


class Archive:
    """A zip written straight into the package's file; one file of it in memory at a time.

    ``squeeze`` compresses a member: for text and sheets; PDFs and pictures are small already.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.zip = zipfile.ZipFile(work.file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.date = work.at.astimezone(CHINA).timetuple()[:6]
        self.names: set[str] = set()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self.zip.close()

    def add(self, name: str, data: bytes, *, squeeze: bool = False) -> str:
        """Write a member; the name it got, which differs when that one was taken."""
        name = self._free(name)
        member = zipfile.ZipInfo(name, self.date)
        member.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        member.external_attr = 0o644 << 16
        self.zip.writestr(member, data)
        self.work.must_fit(self.work.file.tell())
        return name

    def add_blob(self, name: str, blob: Blob) -> str:
        """Write stored bytes, verified against their hash."""
        return self.add(name, services.read(blob))

    def _free(self, name: str) -> str:
        stem, dot, suffix = name.rpartition(".")
        tried, count = name, 1
        while tried.casefold() in self.names:
            count += 1
            tried = f"{stem}({count}){dot}{suffix}"
        self.names.add(tried.casefold())
        return tried


def safe_name(*parts: object, suffix: str = "") -> str:
    """A file name that Windows, macOS and Linux take: the parts joined by ``_``, then the suffix.

    Without separators, control and direction characters; at most 200 bytes in UTF-8, cut at a
    whole character; never a device's name, never ending in a dot or space.
    """
    text = "_".join(_plain(str(part)) for part in parts if str(part).strip())
    text = _cut(text, MOST_NAME_BYTES - len(suffix.encode())).strip(" ._") or "文件"
    if RESERVED.fullmatch(text.split(".")[0]):
        text = f"_{text}"
    return text + suffix


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    return re.sub(r"\s+", " ", UNSAFE.sub("-", text)).strip(" .")


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
