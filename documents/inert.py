"""Whether a PDF does something, or hides something, when it is opened.

Imported by ``sandbox.py`` in the child process, and by nothing else: it takes foreign files apart.
"""

import contextlib
import io
from typing import Any

# Actions and kinds of objects that do something, or hide something, when the file is opened.
ACTIVE = ("/JavaScript", "/Launch", "/ImportData", "/Rendition", "/RichMedia", "/GoToE", "/XFA")
MOST_OBJECTS = 300_000


class TooMany(Exception):
    """More objects than are looked at."""


def objection(data: bytes, document: Any) -> str:
    """``active`` for a PDF that carries scripts or starts programs, ``embedded`` for one that has
    other files inside, ``slow`` for one with too many objects to tell, empty for any other.

    Each object is looked at, also compressed ones and names written in another way. Where one
    reader cannot, the other's counts and the bytes have to do.
    """
    import pypdfium2.raw as pdfium

    if pdfium.FPDFDoc_GetJavaScriptActionCount(document.raw) > 0:
        return "active"
    if pdfium.FPDFDoc_GetAttachmentCount(document.raw) > 0:
        return "embedded"
    try:
        found = marks(data)
    except TooMany:
        return "slow"
    except Exception:
        found = {word for word in (*ACTIVE, "/EmbeddedFile") if word.encode() in data}
    if found & set(ACTIVE):
        return "active"
    return "embedded" if "/EmbeddedFile" in found else ""


def marks(data: bytes) -> set[str]:
    """Which of the words we refuse stand in any object of the file."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    numbers = {(number, held) for held, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise TooMany
    found: set[str] = set()
    for number, generation in numbers:
        with contextlib.suppress(Exception):  # an object nobody can read does nothing either
            walk(reader.get_object(_reference(reader, number, generation)), found)
    return found


def _reference(reader: Any, number: int, generation: int) -> Any:
    from pypdf.generic import IndirectObject

    return IndirectObject(number, generation, reader)


def walk(value: Any, found: set[str], depth: int = 0) -> None:
    """Collect the refused words in an object, not following references: they are visited too."""
    if depth > 50:
        return
    if isinstance(value, dict):
        held: Any = value  # pypdf's own kind of dict
        for name in ("/JS", "/XFA", "/RichMedia"):
            if name in value:
                found.add("/JavaScript" if name == "/JS" else name)
        for name in ("/S", "/Type", "/Subtype"):
            if str(held.raw_get(name) if name in value else "") in (*ACTIVE, "/EmbeddedFile"):
                found.add(str(held.raw_get(name)))
        for name in value:
            walk(held.raw_get(name), found, depth + 1)
    elif isinstance(value, list):
        for inner in list.__iter__(value):
            walk(inner, found, depth + 1)
