"""Who looks and when, burnt into the pictures of pages that an expert opens."""

import io
from functools import cache

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

FONT = "assets/fonts/JBSansSC-Medium.ttf"
FALL = -24
"""Degrees by which the words fall."""
INK = (17, 24, 29, 46)
SMALLEST = 400
"""Narrower pictures are thumbnails, on which nothing can be read."""


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(settings.BASE_DIR / FONT), size)


def burn(picture: bytes, words: str) -> bytes:
    """The picture (WebP, drawn by ``documents.previews``) with the words all over it."""
    page = Image.open(io.BytesIO(picture), formats=["WEBP"]).convert("RGBA")
    if page.width < SMALLEST:
        return picture
    font = _font(max(page.width // 48, 12))
    wide, high = int(font.getlength(words)) + page.width // 12, page.width // 6
    tile = Image.new("RGBA", (wide, high), (0, 0, 0, 0))
    ImageDraw.Draw(tile).text((0, high // 3), words, font=font, fill=INK)
    size = int((page.width**2 + page.height**2) ** 0.5) + high
    sheet = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    for row, top in enumerate(range(0, size, high)):
        for left in range(-(row % 2) * wide // 2, size, wide):
            sheet.paste(tile, (left, top))
    turned = sheet.rotate(FALL * -1)
    left, top = (size - page.width) // 2, (size - page.height) // 2
    page.alpha_composite(turned.crop((left, top, left + page.width, top + page.height)))
    out = io.BytesIO()
    page.convert("RGB").save(out, "WEBP", quality=80, method=2)
    return out.getvalue()
