"""Reads foreign files in a process of its own: limits first, then the file from standard input.

Run by path, not imported: ``python -I sandbox.py inspect|codes|draw|sheet MEDIA_TYPE MOST …``. It
knows nothing of the portal, opens no file for writing, and answers with one JSON object. Whatever
the file does to it, the caller only sees a process that ended.
"""

import base64
import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

CPU_SECONDS = 120
MEMORY_BYTES = 2 * 1024**3
MOST_PIXELS = 80_000_000
DRAWING_SECONDS = 15  # of processor time for pictures of pages
MOST_DRAWN, LONGEST = 12_000_000, 16_000  # pixels of a page drawn for looking at, of its side
SHEETS = 10
FIRST_TRY, SECOND_TRY = 1754, 3508  # the longer side in pixels: A4 at 150 and 300 dpi


def limit() -> None:
    """From here on: no more than this much time, memory and nothing written."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Unreadable(Exception):
    """``args[0]`` is one of: encrypted, damaged, pages, pixels, slow, active, embedded."""


def open_pdf(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        words = str(error).lower()
        raise Unreadable("encrypted" if "password" in words or "security" in words else "damaged")


def open_image(data: bytes) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # tested below, before a pixel is decoded
    try:
        image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG"])
    except Exception:
        raise Unreadable("damaged") from None
    if image.width * image.height > MOST_PIXELS:
        raise Unreadable("pixels")
    try:
        image.load()
    except Exception:
        raise Unreadable("damaged") from None
    return image


def inspect(data: bytes, media_type: str, most_pages: int) -> dict[str, Any]:
    """How many pages there are; every page can be opened."""
    if media_type != "application/pdf":
        image = open_image(data)
        return {"pages": 1, "width": image.width, "height": image.height}
    document = open_pdf(data)
    if not 1 <= len(document) <= most_pages:
        raise Unreadable("pages" if len(document) else "damaged")
    for number in range(len(document)):
        try:
            document[number].get_size()
        except Exception:
            raise Unreadable("damaged") from None
    # A neighbour of this file; last, so that none of its names hides one of the library's.
    sys.path.append(os.path.dirname(__file__))
    import inert

    if reason := inert.objection(data, document):
        raise Unreadable(reason)
    return {"pages": len(document)}


def pages_of(data: bytes, media_type: str, most_pages: int) -> Any:
    """For each page a function: the longer side in pixels → an RGB image."""
    if media_type != "application/pdf":
        from PIL import ImageOps

        image = ImageOps.exif_transpose(open_image(data)).convert("RGB")
        yield lambda side: shrink(image, side)
        return
    document = open_pdf(data)
    if not 1 <= len(document) <= most_pages:
        raise Unreadable("pages" if len(document) else "damaged")
    for number in range(len(document)):
        try:
            page = document[number]
            longer = max(page.get_size()) or 1
        except Exception:
            raise Unreadable("damaged") from None
        yield (
            lambda side, page=page, longer=longer: (
                page.render(scale=side / longer).to_pil().convert("RGB")
            )
        )


def shrink(image: Any, side: int) -> Any:
    longer = max(image.size)
    if longer <= side:
        return image
    size = (max(1, image.width * side // longer), max(1, image.height * side // longer))
    return image.resize(size)


def read_page(draw: Any) -> dict[str, Any]:
    """The texts of the QR codes of one page and where they stand, and whether red ink lies in the
    seal place.

    Cheap tries first: small; small in the red channel, where a red seal over a code vanishes;
    softened against noise; then large. Boxes are shares of the page as it came: left, top, right,
    bottom, from 0 to 1.
    """
    small = draw(FIRST_TRY)
    found, size = [], small.size
    for image in tries(small, draw):
        found, size = decode(image), image.size
        if found:
            break
    turns = quarter_turns(found[0]) if found else 0
    red = red_ink(small, turns, bool(found))
    return {
        "texts": [code.text for code in found],
        "boxes": [box_of(code, size) for code in found],
        "red": red is not None,
        "red_box": red,
    }


def tries(small: Any, draw: Any) -> Any:
    """The page in the forms in which a code is looked for, one after the other."""
    from PIL import ImageFilter

    yield small.convert("L")
    red = small.getchannel("R")
    yield red
    for radius in (1, 1.5):
        yield red.filter(ImageFilter.GaussianBlur(radius))
    large = draw(SECOND_TRY)
    yield large.convert("L")
    red = large.getchannel("R")
    yield red
    yield red.filter(ImageFilter.GaussianBlur(3))


def decode(image: Any) -> list[Any]:
    import zxingcpp

    return list(
        zxingcpp.read_barcodes(
            image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
    )


def box_of(code: Any, size: tuple[int, int]) -> list[float]:
    place = code.position
    points = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    across, down = [p.x for p in points], [p.y for p in points]
    width, height = size
    return shares(min(across) / width, min(down) / height, max(across) / width, max(down) / height)


def shares(*values: float) -> list[float]:
    return [round(min(1.0, max(0.0, value)), 4) for value in values]


def quarter_turns(code: Any) -> int:
    """How often the page is turned by a quarter, clockwise, judged by its code."""
    return round(code.orientation / 90) % 4


def red_ink(image: Any, turns: int, known: bool) -> list[float] | None:
    """A hint: where there is more red than a stray mark in the place of the ring; else none.

    The ring stands in the right part of the upright page, under the head. Without a code the
    whole page is looked at.
    """
    from PIL import ImageChops

    page = image.rotate(90 * turns, expand=True) if turns else image
    left = top = 0
    seen = page
    if known:
        left = int(page.width * (0.74 if page.width > page.height else 0.5))
        top = int(page.height * 0.17)
        seen = page.crop((left, top, page.width, page.height))
    red, green, blue = seen.split()
    excess = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    if sum(excess.histogram()[50:]) <= max(seen.width * seen.height // 400, 200):
        return None
    found = excess.point(lambda value: 255 if value >= 50 else 0).getbbox()
    x0, y0, x1, y1 = found or (0, 0, seen.width, seen.height)
    return turned_back(
        (left + x0) / page.width,
        (top + y0) / page.height,
        (left + x1) / page.width,
        (top + y1) / page.height,
        turns,
    )


def turned_back(x0: float, y0: float, x1: float, y1: float, turns: int) -> list[float]:
    """A box of the upright page on the page as it came, which lies ``turns`` quarters clockwise."""
    for _ in range(turns):
        x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
    return shares(x0, y0, x1, y1)


def codes(data: bytes, media_type: str, most_pages: int, seconds: str) -> dict[str, Any]:
    """Page by page; when the time for all of them is used up, the rest is left unread."""
    begun, pages = time.monotonic(), []
    for draw in pages_of(data, media_type, most_pages):
        if time.monotonic() - begun > float(seconds):
            pages.append({"texts": [], "boxes": [], "red": False, "red_box": None, "late": True})
        else:
            pages.append(read_page(draw))
    return {"pages": pages}


def draw(
    data: bytes, media_type: str, count: int, first: str, width: str, kind: str = "WEBP"
) -> dict[str, Any]:
    """Pictures of up to ``count`` pages from page ``first`` on (counted from 1), each at most
    ``width`` pixels wide, as WebP or JPEG in base64. Pages that do not exist are left out.

    The pixels are drawn anew: nothing else of the file, where it was taken for one, comes along.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (DRAWING_SECONDS, DRAWING_SECONDS))
    start, wide = int(first), int(width)
    if media_type != "application/pdf":
        from PIL import ImageOps

        image = ImageOps.exif_transpose(open_image(data)).convert("RGB")
        scale = fit(image.width, image.height, wide)
        if scale < 1:
            size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
            image = image.resize(size)
        return {"drawn": [picture(image, kind)] if start == 1 else []}
    document = open_pdf(data)
    drawn = []
    for number in range(start - 1, min(start - 1 + count, len(document))):
        try:
            page = document[number]
            across, down = page.get_size()
            scale = fit(across, down, wide)
            drawn.append(picture(page.render(scale=scale).to_pil().convert("RGB"), kind))
            page.close()
        except Exception:
            raise Unreadable("damaged") from None
    return {"drawn": drawn}


def fit(across: float, down: float, wide: int) -> float:
    """The scale at which a page is ``wide`` pixels wide, or less where that would be too many."""
    across, down = max(across, 1.0), max(down, 1.0)
    return min(wide / across, LONGEST / down, (MOST_DRAWN / (across * down)) ** 0.5)


def picture(image: Any, kind: str) -> str:
    image.info.clear()
    out = io.BytesIO()
    if kind == "JPEG":
        image.save(out, "JPEG", quality=78)
    else:
        image.save(out, "WEBP", quality=82, method=1)
    return base64.b64encode(out.getvalue()).decode("ascii")


def sheet(data: bytes, media_type: str, most_rows: int, most_columns: str) -> dict[str, Any]:
    """The cells of a workbook by sheet: ``[[row, [cell, …]], …]``, empty rows left out.

    A cell is null, a text, or one of ``{"n": digits, "p": shown as percent}``, ``{"d": day}``,
    ``{"b": truth}``, ``{"e": "formula"}`` (never computed) and ``{"e": "error"}``.
    """
    import zipfile

    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for entry in packed.infolist():
            if entry.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.read(entry):
                raise Unreadable("damaged")
    try:
        values = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        typed = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        found = {}
        for name in values.sheetnames[:SHEETS]:
            if hasattr(values[name], "iter_rows"):
                found[name] = rows_of(values[name], typed[name], most_rows, int(most_columns))
        return {"sheets": found}
    except Unreadable:
        raise
    except Exception:
        raise Unreadable("damaged") from None


def rows_of(values: Any, typed: Any, most_rows: int, most_columns: int) -> list[Any]:
    bounds = {"max_row": most_rows * 20, "max_col": most_columns}
    rows = []
    pairs = zip(values.iter_rows(**bounds), typed.iter_rows(**bounds), strict=False)
    for number, (shown, written) in enumerate(pairs, start=1):
        cells = [cell_of(a, b) for a, b in zip(shown, written, strict=False)]
        if any(cell is not None for cell in cells):
            if number > most_rows:
                raise Unreadable("rows")
            rows.append([number, cells])
    return rows


def cell_of(shown: Any, written: Any) -> Any:
    import datetime
    import decimal

    value = shown.value
    if value is None:
        return {"e": "formula"} if getattr(written, "data_type", "") == "f" else None
    if shown.data_type == "e":
        return {"e": "error"}
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int | float):
        digits = str(value) if isinstance(value, int) else f"{decimal.Decimal(f'{value:.15g}'):f}"
        return {"n": digits, "p": "%" in (shown.number_format or "")}
    if isinstance(value, datetime.datetime | datetime.date):
        return {"d": value.isoformat()[:10]}
    text = str(value)
    return text if text.strip() else None


def main() -> None:
    limit()
    acts: dict[str, Callable[..., Any]] = {
        "inspect": inspect,
        "codes": codes,
        "draw": draw,
        "sheet": sheet,
    }
    act = acts[sys.argv[1]]
    try:
        answer = act(sys.stdin.buffer.read(), sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
    except Unreadable as reason:
        answer = {"error": reason.args[0]}
    except MemoryError:
        answer = {"error": "pixels"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
