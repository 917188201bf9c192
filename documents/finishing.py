"""The last hand on a drawn paper, before pydyf writes the file: page codes, bytes.

WeasyPrint calls a *finisher* with its document and the PDF's objects. What is done here could be
done by style sheets and by pydyf itself, at a tenth more of a sheet's time: a rule for each page
that there might be, an SVG read and taken apart for each, every object serialised twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator
from typing import Any

MM = 72 / 25.4
"""Points in a millimetre: here a page is measured in points, from its upper left corner down."""
SIDE = 25.0
"""Side of the code of a page, in mm, without quiet zone: the margin around it is that."""
TOP = 7.0
"""From the upper edge of the paper to the code, in mm."""
RIGHT = {"sheet": 18.0, "form": 26.0}
"""The pages of paper.css that carry a code each, with their right margin in mm; other papers show
theirs where the template puts it."""
LEVEL = 6
"""Of Deflate. Level 9 takes twice the time for a hundredth of the size."""

Finisher = Callable[[Any, Any], None]


def finisher(payload: Callable[[int], str] | None, body: Collection[str]) -> Finisher:
    """``payload``: what the code of a page says, by its number from 1; None draws none. ``body``:
    the classes of the paper's body, which name its pages."""
    right = next((RIGHT[name] for name in body if name in RIGHT), None)

    def finish(document: Any, file: Any) -> None:
        if payload is not None and right is not None:
            for number, page in enumerate(document.pages, 1):
                width = page.width * 0.75  # a CSS pixel is 3/4 of a point
                x, y = width - (right + SIDE) * MM, TOP * MM
                _content(file, number).stream.append(drawn(payload(number), x, y))
        serialise(file)

    return finish


def symbol(text: str) -> list[bytes]:
    """The QR code of one page, level Q, without quiet zone: rows of modules, 1 where dark."""
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    image: Any = zxingcpp.write_barcode_to_image(code, add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    return [bytes(not light for light in row) for row in rows]


def runs(rows: list[bytes]) -> Iterator[tuple[int, int, int]]:
    """Start, row and length of each run of dark modules."""
    for number, row in enumerate(rows):
        at = 0
        for part in row.split(b"\0"):
            if part:
                yield at, number, len(part)
            at += len(part) + 1


def drawn(text: str, x: float, y: float) -> bytes:
    """PDF operators for the code with its upper left corner here, in points: one filled path, no
    content of the document's structure (a reader who cannot see it has the code in words)."""
    rows = symbol(text)
    module = SIDE * MM / len(rows)
    path = [b"%d %d %d 1 re" % run for run in runs(rows)]
    place = f"{module:.5f} 0 0 {module:.5f} {x:.4f} {y:.4f} cm".encode()
    return b"\n".join((b"/Artifact BMC", b"q", b"0 0 0 rg", place, *path, b"f", b"Q", b"EMC"))


def _content(file: Any, number: int) -> Any:
    """The stream of a page's content."""
    page = file.objects[file.pages["Kids"][3 * (number - 1)]]
    return file.objects[int(page["Contents"].split()[0])]


def serialise(file: Any) -> None:
    """Every object of the file as its bytes: pydyf asks each of them once to write it and, where
    the file has an identifier, again for the digest of all."""
    import pydyf

    class Bytes(pydyf.Object):  # type: ignore[misc]
        data = b""
        compressible = False

    for place, made in enumerate(file.objects):
        if made.free == "f":
            continue
        done = file.objects[place] = Bytes()
        done.number, done.generation = made.number, made.generation
        done.compressible = made.compressible
        done.data = _packed(made) if isinstance(made, pydyf.Stream) else made.data


def _packed(stream: Any) -> bytes:
    import pydyf

    if not stream.compress:
        return bytes(stream.data)
    stream.compress = False
    plain = stream.data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")
    extra = {**stream.extra, "Filter": "/FlateDecode"}
    return bytes(pydyf.Stream([zlib.compress(plain, LEVEL)], extra).data)
