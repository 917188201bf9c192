"""Judges a file that somebody uploads, by its name and by its content, before it is stored."""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from core.errors import Refusal
from documents import fingerprints, foreign

PDF, JPG, PNG, XLSX = "pdf", "jpg", "png", "xlsx"
EVIDENCE = (PDF, JPG, PNG)
MEDIA_TYPES = {
    PDF: "application/pdf",
    JPG: "image/jpeg",
    PNG: "image/png",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_EXTENSIONS = {"pdf": PDF, "jpg": JPG, "jpeg": JPG, "png": PNG, "xlsx": XLSX}
_BEGINNINGS = {
    PDF: b"%PDF-",
    JPG: b"\xff\xd8\xff",
    PNG: b"\x89PNG\r\n\x1a\n",
    XLSX: b"PK\x03\x04",
}

MOST_BYTES = 20 * 1024 * 1024
MOST_PAGES = 1000
SECONDS = 60
SHEET_BYTES, SHEET_ENTRIES, SHEET_RATIO = 100 * 1024 * 1024, 2000, 200
NAME_LENGTH = 100

_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([^\"']*)[\"']")
_USUAL = (b"utf-8", b"utf8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be stored. ``pages`` is 1 for a picture and 0 for a workbook."""

    name: str
    media_type: str
    size: int
    pages: int
    sha256: str


def check_upload(
    data: bytes,
    name: str,
    *,
    allow: Collection[str] = EVIDENCE,
    most_bytes: int = MOST_BYTES,
    most_pages: int = MOST_PAGES,
) -> Checked:
    """What the file is, or a ``Refusal`` that says what is wrong with it and what to do.

    Judged in this order: empty, size, extension, content against extension, then parsing in a
    process of its own with limits (encrypted, damaged, too many pages, too many pixels).
    """
    safe = check_announced(name, len(data), allow=allow, most_bytes=most_bytes)
    kind = _EXTENSIONS[safe.rpartition(".")[2].lower()]
    if not data.startswith(_BEGINNINGS[kind]):
        raise _refuse(
            "type-mismatch",
            f"文件“{safe}”的内容不是 {kind.upper()}，扩展名与内容不符。请用原软件另存后上传。",
        )
    if kind == XLSX:
        _check_workbook(data, safe)
        pages = 0
    else:
        answer = foreign.ask(
            "inspect",
            data,
            media_type=MEDIA_TYPES[kind],
            name=safe,
            most_pages=most_pages,
            seconds=SECONDS,
        )
        pages = int(answer["pages"])
    return Checked(safe, MEDIA_TYPES[kind], len(data), pages, fingerprints.sha256(data))


def check_announced(
    name: str, size: int, *, allow: Collection[str] = EVIDENCE, most_bytes: int = MOST_BYTES
) -> str:
    """What can be said of a file before its bytes are here; its safe name, or a ``Refusal``."""
    safe = safe_name(name)
    if size <= 0:
        raise _refuse("empty-file", f"文件“{safe}”是空的，请选择有内容的文件。")
    if size > most_bytes:
        raise _refuse(
            "too-large",
            f"文件“{safe}”为 {size / 1048576:.1f} MB，"
            f"超过 {most_bytes / 1048576:g} MB 的上限。请压缩或拆分后上传。",
        )
    kind = _EXTENSIONS.get(safe.rpartition(".")[2].lower() if "." in safe else "")
    if kind is None or kind not in allow:
        listed = "、".join(k.upper() for k in allow)
        raise _refuse("wrong-type", f"文件“{safe}”的类型不能上传。可以上传：{listed}。")
    return safe


def safe_name(name: str) -> str:
    """The file's name for showing and for downloads: no folders, no control or direction
    characters, not too long, its extension kept."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(
        c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    plain = _UNSAFE.sub("_", kept).strip(" .") or "未命名"
    stem, dot, extension = plain.rpartition(".")
    if dot and stem and len(extension) <= 5:
        return f"{stem[: NAME_LENGTH - len(extension) - 1]}.{extension}"
    return plain[:NAME_LENGTH]


def _check_workbook(data: bytes, name: str) -> None:
    """A workbook is a zip of modest size, without macros and without entries that overlap.

    Sizes are judged before anything is unpacked.
    """
    damaged = _refuse("damaged-file", f"表格“{name}”无法打开，请用表格软件另存为 XLSX 后上传。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            _check_entries(book.infolist(), name, damaged)
            declared = any(_declares(book, entry) for entry in book.infolist())
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
        raise damaged from None
    if declared:
        raise damaged


def _check_entries(entries: list[zipfile.ZipInfo], name: str, damaged: Refusal) -> None:
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise _refuse("encrypted-file", f"表格“{name}”设有密码，请去掉密码后重新上传。")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise damaged
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise _refuse("macros", f"表格“{name}”含有宏，请另存为不含宏的 XLSX 后上传。")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    ends = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < ends:
            raise damaged
        ends = entry.header_offset + 30 + entry.compress_size
    if (
        len(entries) > SHEET_ENTRIES
        or unpacked > SHEET_BYTES
        or unpacked > max(packed, 1) * SHEET_RATIO
    ):
        raise _refuse("too-large", f"表格“{name}”解压后过大，请删去无用的内容后上传。")


def _declares(book: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether an XML of the workbook declares entities: no program that writes tables does.

    All of it is looked at, in whichever of the usual encodings: space before a declaration may be
    as long as one likes. Other encodings, which could hide one, are not those of a workbook.
    """
    if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
        return False
    with book.open(entry) as file:
        seen = b""
        first = True
        while part := file.read(1 << 16):
            plain = seen + part.replace(b"\x00", b"").lower()
            if first:
                start = plain.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
                encoding = _ENCODING.match(start)
                if not start.startswith(b"<") or (encoding and encoding[1] not in _USUAL):
                    return True
                first = False
            if b"<!doctype" in plain or b"<!entity" in plain:
                return True
            seen = plain[-10:]
    return False


def _refuse(code: str, message: str) -> Refusal:
    return Refusal(code, message, status=422)
