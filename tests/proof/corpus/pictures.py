"""Pictures: floods of pixels, bombs of text, wrong kinds, damage."""

from __future__ import annotations

import struct
import zlib

from tests.proof.corpus.making import (
    Draw,
    Hostile,
    family,
    good_picture,
    packed,
    spoilt,
)


def chunk(kind: bytes, body: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + crc


@family
def picture_flood(draw: Draw, n: int) -> Hostile:
    wide, high = draw.choice([(60_000, 60_000), (2**31 - 1, 2_000), (50_000, 40_000)])
    if n % 2:
        data = bytearray(good_picture("JPEG"))
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", max(2_000, min(high, 65_000)), min(wide, 65_000))
        return Hostile(bytes(data), f"洪水{n}.jpg")
    head = struct.pack(">IIBBBBB", wide, high, draw.choice([8, 16]), 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    return Hostile(b"\x89PNG\r\n\x1a\n" + body, f"洪水{n}.png")


@family
def picture_text_bomb(draw: Draw, n: int) -> Hostile:
    """A small picture whose texts and profile unpack into very much."""
    good = good_picture("PNG")
    big = packed(b"a", draw.choice([20, 60]) * 1024 * 1024)
    part = (b"zTXt", b"iCCP", b"iTXt")[n % 3]
    body = {b"zTXt": b"k\x00\x00", b"iCCP": b"k\x00\x00", b"iTXt": b"k\x00\x01\x00\x00\x00"}[part]
    return Hostile(good[:33] + chunk(part, body + big) + good[33:], f"暗文{n}.png", "any")


@family
def picture_wrong_kind(draw: Draw, n: int) -> Hostile:
    beginnings = (
        b"GIF89a",
        b"BM",
        b"II*\x00",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"\x00\x00\x01\x00",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>",
        b"<?xml version='1.0'?><svg/>",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0\n",
        b"MZ\x90\x00",
        b"\x7fELF",
    )
    data = beginnings[n % len(beginnings)] + draw.randbytes(draw.randint(0, 300))
    return Hostile(data, f"冒充{n}.{draw.choice(['png', 'jpg', 'pdf', 'jpeg'])}")


@family
def picture_damaged(draw: Draw, n: int) -> Hostile:
    form, extension = (("PNG", "png"), ("JPEG", "jpg"))[n % 2]
    data = good_picture(form, 60)
    if n % 4 < 2:
        return Hostile(data[: draw.randint(9, len(data) // 2)], f"残{n}.{extension}")
    places = draw.randint(1, 200)
    return Hostile(spoilt(data, draw, places=places, first=8), f"坏{n}.{extension}", "any")
