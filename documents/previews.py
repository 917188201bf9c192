"""Pictures of the pages of stored files, for looking at without downloading.

Pages are drawn by the child process that reads foreign files, never in ours, and kept in a folder
under the hash of the file. The folder is a cache: it may be emptied at any time, holds at most
``JIEBANG_PREVIEW_MB``, and loses first what was looked at longest ago. Whether somebody may see
a file is the business of the calling view.
"""

import base64
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from core.errors import Refusal
from documents import foreign, services
from documents.models import Blob

WIDTHS = (160, 320, 640, 960, 1280, 1920)
"""The widths in pixels that are drawn; any other is rounded up to one of them."""
DEFAULT_WIDTH = 960
MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png")
IMAGE_TYPE = "image/webp"

SMALL, AT_ONCE = 320, 12
"""Up to this width, this many neighbouring pages are drawn by one child: a page of thumbnails."""
SECONDS = 45
PATIENCE = 30
CHILDREN = 2
SWEEP_EVERY = 256

_children = threading.BoundedSemaphore(CHILDREN)
_written = 0


def fitting(width: int) -> int:
    """The width that is drawn for a wish of this many pixels."""
    return next((one for one in WIDTHS if one >= width), WIDTHS[-1])


def page_image(blob: Blob, page: int, *, width: int = DEFAULT_WIDTH) -> bytes:
    """A WebP picture of one page, counted from 1, at most ``width`` pixels wide.

    Raises ``Refusal``: ``no-preview`` (422) for a kind that has no pages or a page that cannot be
    drawn within its limits, ``no-such-page`` (404), ``preview-busy`` (503) when the children
    that draw are taken for longer than somebody waits.
    """
    width = fitting(width)
    if blob.media_type not in MEDIA_TYPES:
        raise _refusal("no-preview")
    if page < 1:
        raise _refusal("no-such-page")
    path = _path(blob.sha256, page, width)
    if (found := _kept(path)) is not None:
        return found
    if not _children.acquire(timeout=PATIENCE):
        raise _refusal("preview-busy")
    try:
        if (found := _kept(path)) is None:  # drawn while we waited
            _draw(blob, page, width)
            found = _kept(path)
    finally:
        _children.release()
    if found is None:
        raise _refusal("no-such-page")
    return found


def still(blob: Blob, *, width: int) -> bytes | None:
    """A JPEG of the first page, at most ``width`` pixels wide, to be printed and kept; None for a
    file that cannot be drawn within its limits.

    Drawn anew from the pixels: it says nothing of where and with what it was taken. Raises
    ``Refusal`` ``preview-busy`` (503).
    """
    if blob.media_type not in MEDIA_TYPES:
        return None
    if not _children.acquire(timeout=PATIENCE):
        raise _refusal("preview-busy")
    try:
        drawn = _ask(blob, 1, 1, width, "JPEG")
    except Refusal as refusal:
        _unless_busy(refusal)
        return None
    finally:
        _children.release()
    return base64.b64decode(drawn[0]) if drawn else None


def _draw(blob: Blob, page: int, width: int) -> None:
    """Draw the page, or its dozen of thumbnails, and keep the pictures."""
    first, count = page, 1
    if width <= SMALL:
        first, count = (page - 1) // AT_ONCE * AT_ONCE + 1, AT_ONCE
    try:
        drawn = _ask(blob, first, count, width)
    except Refusal as refusal:
        _unless_busy(refusal)
        # One page of the dozen is too much: the others need not suffer for it.
        first, drawn = page, [""] if count == 1 else _alone(blob, page, width)
    for number, text in enumerate(drawn, start=first):
        _keep(_path(blob.sha256, number, width), base64.b64decode(text))


def _alone(blob: Blob, page: int, width: int) -> list[str]:
    try:
        return _ask(blob, page, 1, width)
    except Refusal as refusal:
        _unless_busy(refusal)
        return [""]


def _unless_busy(refusal: Refusal) -> None:
    if refusal.code == "preview-busy":
        raise refusal


def _ask(blob: Blob, first: int, count: int, width: int, kind: str = "WEBP") -> list[str]:
    """What the child drew. A page that is too much for it is a refusal that is remembered; a
    machine that was too busy to answer in time is ``preview-busy``, which is not."""
    try:
        answer = foreign.ask(
            "draw",
            services.read(blob),
            media_type=blob.media_type,
            name="",
            most_pages=count,
            seconds=SECONDS,
            more=(str(first), str(width), kind),
        )
    except Refusal as refusal:
        if refusal.code == "unreadable-file":
            raise _refusal("preview-busy") from None
        raise
    return [str(one) for one in answer["drawn"]]


# The folder ------------------------------------------------------------------------------------


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "cache" / "previews"


def _path(sha256: str, page: int, width: int) -> Path:
    return folder() / sha256[:2] / f"{sha256}-{page}-{width}.webp"


def _kept(path: Path) -> bytes | None:
    """What is kept here. An empty file says that this page could not be drawn: not again."""
    try:
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    if not data:
        raise _refusal("no-preview")
    return data


def _keep(path: Path, data: bytes) -> None:
    global _written
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(name, path)
    _written += 1
    if _written % SWEEP_EVERY == 0:
        sweep()


def sweep() -> int:
    """Remove the pictures looked at longest ago until the folder fits; how many went."""
    most = settings.JIEBANG_PREVIEW_MB * 1024 * 1024
    files = sorted(_files(), key=lambda one: one[1])
    size, gone = sum(one[2] for one in files), 0
    for path, _, length in files:
        if size <= most:
            break
        path.unlink(missing_ok=True)
        size, gone = size - length, gone + 1
    return gone


def _files() -> Iterator[tuple[Path, float, int]]:
    """Each kept picture, when it was last looked at, and its size in bytes."""
    for path in folder().glob("*/*"):
        try:
            found = path.stat()
        except OSError:
            continue
        yield path, found.st_mtime, found.st_size


WORDS = {
    "no-preview": ("这一页无法预览，请下载原件查看。", 422),
    "no-such-page": ("没有这一页。", 404),
    "preview-busy": ("预览繁忙，请稍后再看，或下载原件查看。", 503),
}


def _refusal(code: str) -> Refusal:
    words, status = WORDS[code]
    return Refusal(code, words, status=status)
