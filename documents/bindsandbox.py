"""Puts foreign PDFs and pictures onto A4 sheets, and binds sheets into one PDF, in a process of
its own with limits.

Run by path, not imported: ``python -I bindsandbox.py sheets MEDIA_TYPE MOST_PAGES`` reads a file
and answers with its pages on A4; ``python -I bindsandbox.py bind`` reads a line of JSON and the
PDFs it names, and answers with one PDF. Nothing of a foreign file but what can be seen goes in:
no script, no action, no embedded file, no form, no link.
"""

import io
import json
import resource
import sys
from typing import Any

CPU_SECONDS = 300
MEMORY_BYTES = 3 * 1024**3
MOST_PIXELS = 80_000_000
WIDTH, HEIGHT = 595.276, 841.89  # A4 in points
SIDE, TOP, FOOT = 22.0, 22.0, 40.0  # free margins; the stamp stands in the foot
DPI = 170
REFUSED = {"encrypted": 3, "damaged": 4, "pages": 5, "pixels": 6}


class Unreadable(Exception):
    """``args[0]`` is a key of ``REFUSED``."""


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def sheets(data: bytes, media_type: str, most_pages: int) -> Any:
    """A writer with one A4 sheet for each page."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    if media_type != "application/pdf":
        add_picture(writer, open_image(data))
        return writer
    import pypdfium2

    try:
        drawn = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        words = str(error).lower()
        raise Unreadable("encrypted" if "password" in words or "security" in words else "damaged")
    if not 1 <= len(drawn) <= most_pages:
        raise Unreadable("pages" if len(drawn) else "damaged")
    source = open_source(data, len(drawn))
    for number in range(len(drawn)):
        if not (source and add_page(writer, source, number)):
            add_picture(writer, render(drawn, number))
    return writer


def open_source(data: bytes, pages: int) -> Any:
    """The file as pypdf reads it; None where it cannot, and each page is drawn instead."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return None
        return reader if len(reader.pages) == pages else None
    except Exception:
        return None


def add_page(writer: Any, source: Any, number: int) -> bool:
    """Copy what a page shows onto a sheet, in vectors; False where it has to be drawn: stamps and
    filled-in fields are annotations, and a damaged page is whatever a reader makes of it."""
    from pypdf import PageObject, Transformation

    try:
        page = source.pages[number]
        if any(shows(one) for one in page.get("/Annots") or ()):
            return False
        page.pop("/Annots", None)
        page.transfer_rotation_to_content()
        box = page.cropbox
        left, bottom = float(box.left), float(box.bottom)
        wide, high = float(box.width), float(box.height)
        if not (1 <= wide <= 20000 and 1 <= high <= 20000):
            return False
        turned = wide > high
        room_wide, room_high = WIDTH - 2 * SIDE, HEIGHT - TOP - FOOT
        across, down = (high, wide) if turned else (wide, high)
        scale = min(room_wide / across, room_high / down)
        move = Transformation().translate(-left, -bottom)
        if turned:
            move = move.rotate(90).translate(high, 0)
        move = move.scale(scale).translate(
            SIDE + (room_wide - across * scale) / 2, FOOT + (room_high - down * scale) / 2
        )
        page.pop("/AA", None)
        blank = PageObject.create_blank_page(width=WIDTH, height=HEIGHT)
        blank.merge_transformed_page(page, move)
        blank.pop("/Annots", None)
        writer.add_page(blank)
    except Exception:
        return False
    return True


def shows(annotation: Any) -> bool:
    """Whether an annotation is something to see: anything but a link without a picture."""
    found = annotation.get_object()
    return "/AP" in found and found.get("/Subtype") != "/Popup"


def render(drawn: Any, number: int) -> Any:
    page = drawn[number]
    wide, high = (max(one, 1.0) for one in page.get_size())
    scale = min(DPI / 72, (12_000_000 / (wide * high)) ** 0.5)
    try:
        return page.render(scale=scale).to_pil().convert("RGB")
    except Exception:
        raise Unreadable("damaged") from None


def open_image(data: bytes) -> Any:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # tested below, before a pixel is decoded
    try:
        image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG"])
        if image.width * image.height > MOST_PIXELS:
            raise Unreadable("pixels")
        return on_white(ImageOps.exif_transpose(image))
    except Unreadable:
        raise
    except Exception:
        raise Unreadable("damaged") from None


def on_white(image: Any) -> Any:
    from PIL import Image

    if image.mode not in ("RGBA", "LA", "P"):
        return image.convert("RGB")
    found = image.convert("RGBA")
    white = Image.new("RGBA", found.size, "white")
    white.alpha_composite(found)
    return white.convert("RGB")


def add_picture(writer: Any, image: Any) -> None:
    """A picture on a sheet of its own, turned when it lies, never larger than 200 dpi."""
    if image.width > image.height:
        image = image.rotate(90, expand=True)
    room_wide, room_high = WIDTH - 2 * SIDE, HEIGHT - TOP - FOOT
    image.thumbnail((int(room_wide / 72 * 200), int(room_high / 72 * 200)))
    scale = min(room_wide / image.width, room_high / image.height, 72 / 96)
    out = io.BytesIO()
    image.save(out, "PDF", resolution=72.0, quality=80)
    from pypdf import PageObject, PdfReader, Transformation

    page = PdfReader(io.BytesIO(out.getvalue())).pages[0]
    blank = PageObject.create_blank_page(width=WIDTH, height=HEIGHT)
    left = SIDE + (room_wide - image.width * scale) / 2
    bottom = FOOT + (room_high - image.height * scale) / 2
    blank.merge_transformed_page(page, Transformation().scale(scale).translate(left, bottom))
    writer.add_page(blank)


def bind(stream: Any) -> Any:
    """One PDF of the parts a line of JSON names, each with its bookmark; those marked get the next
    pages of the stamps laid over them."""
    from pypdf import PdfReader, PdfWriter

    about = json.loads(stream.readline())
    stamps = PdfReader(io.BytesIO(stream.read(about["stamps"]))) if about["stamps"] else None
    writer = PdfWriter()
    stamp = 0
    for part in about["parts"]:
        reader = PdfReader(io.BytesIO(stream.read(part["size"])))
        first = len(writer.pages)
        for page in reader.pages:
            added = writer.add_page(page)
            if part["stamped"] and stamps is not None:
                added.merge_page(stamps.pages[stamp])
                stamp += 1
        if part["title"]:
            writer.add_outline_item(title=part["title"], page_number=first)
    if any(part["title"] for part in about["parts"]):
        writer.page_mode = "/UseOutlines"
    writer.add_metadata({"/Title": about["title"]} if about["title"] else {})
    writer.add_metadata({"/Producer": ""})
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    return writer


def main() -> int:
    limit()
    try:
        if sys.argv[1] == "sheets":
            made = sheets(sys.stdin.buffer.read(), sys.argv[2], int(sys.argv[3]))
        else:
            made = bind(sys.stdin.buffer)
    except Unreadable as reason:
        return REFUSED[reason.args[0]]
    except MemoryError:
        return REFUSED["pixels"]
    out = io.BytesIO()
    made.write(out)
    sys.stderr.write(f"pages={len(made.pages)}\n")
    sys.stdout.buffer.write(out.getbuffer())
    return 0


if __name__ == "__main__":
    sys.exit(main())
