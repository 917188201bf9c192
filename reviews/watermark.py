"""Who looks and when, burnt into the pictures of pages that an expert opens and laid over files."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from core.templatetags.jiebang import moment

FONT = "assets/fonts/JBSansSC-Medium.ttf"
FALL = -24
"""Degrees by which the words fall."""
INK = (17, 24, 29, 46)
A4 = (595.276, 841.89)
"""Points; ``SHEET`` is the same in pixels of the picture that is laid over it."""
SHEET = (1000, 1414)
SMALLEST = 400
"""Narrower pictures are thumbnails, on which nothing can be read."""


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(settings.BASE_DIR / FONT), size)


def words(user: Any, at: datetime) -> str:
    """What the mark says: the person's name and the moment, in China's time."""
    return f"{user.name} {moment(at)}"


def burn(picture: bytes, words: str) -> bytes:
    """The picture (WebP, drawn by ``documents.previews``) with the words all over it."""
    page = Image.open(io.BytesIO(picture), formats=["WEBP"]).convert("RGBA")
    if page.width < SMALLEST:
        return picture
    page.alpha_composite(_pattern(page.width, page.height, words))
    out = io.BytesIO()
    page.convert("RGB").save(out, "WEBP", quality=80, method=2)
    return out.getvalue()


def _pattern(width: int, height: int, words: str) -> Image.Image:
    """The words over and over, falling, on nothing: a picture of this size in pixels."""
    font = _font(max(width // 48, 12))
    wide, high = int(font.getlength(words)) + width // 12, width // 6
    tile = Image.new("RGBA", (wide, high), (0, 0, 0, 0))
    ImageDraw.Draw(tile).text((0, high // 3), words, font=font, fill=INK)
    size = int((width**2 + height**2) ** 0.5) + high
    sheet = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    for row, top in enumerate(range(0, size, high)):
        for left in range(-(row % 2) * wide // 2, size, wide):
            sheet.paste(tile, (left, top))
    turned = sheet.rotate(FALL * -1)
    left, top = (size - width) // 2, (size - height) // 2
    return turned.crop((left, top, left + width, top + height))


def stamps(words: str, pages: int) -> bytes:
    """A PDF of so many A4 pages that hold nothing but the words, to be laid over others; the one
    picture is in it once."""
    veil = _pattern(*SHEET, words).getchannel("A")
    writer = PdfWriter()
    mask = _image(veil.size, veil.tobytes())
    picture = _image(veil.size, bytes(veil.width * veil.height))
    picture[NameObject("/SMask")] = writer._add_object(mask)
    shown = writer._add_object(picture)
    lay = DecodedStreamObject()
    lay.set_data(f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /Mark Do Q".encode())
    content = writer._add_object(lay)
    for _ in range(pages):
        page = writer.add_blank_page(*A4)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/XObject"): DictionaryObject({NameObject("/Mark"): shown})}
        )
        page[NameObject("/Contents")] = content
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _image(size: tuple[int, int], grey: bytes) -> StreamObject:
    plain = DecodedStreamObject()
    plain.set_data(grey)
    image = plain.flate_encode()
    image.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(size[0]),
            NameObject("/Height"): NumberObject(size[1]),
            NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            NameObject("/BitsPerComponent"): NumberObject(8),
        }
    )
    return image
