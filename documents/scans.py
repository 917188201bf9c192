"""Reads the codes of our own pages out of a sealed scan. Pure: bytes in, pages out."""

from dataclasses import dataclass

from documents import codes, foreign

MOST_PAGES = 120
SECONDS = 150


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a scan, in the order of the file.

    ``found``: (verification code, page number) of each of our codes on it. ``others``: how many
    further QR codes it carries. ``red_ink`` is a hint only: red lies where the seal belongs.
    """

    position: int
    found: tuple[tuple[str, int], ...]
    others: int
    red_ink: bool

    @property
    def code(self) -> str | None:
        return self.found[0][0] if self.found else None

    @property
    def page(self) -> int | None:
        return self.found[0][1] if self.found else None


def read_codes(data: bytes, media_type: str, *, name: str = "") -> list[ScannedPage]:
    """What each page of a PDF, JPG or PNG says it is; pages may lie in any direction.

    Works from about 100 to 600 dpi, and through a red seal that touches the code. Raises
    ``Refusal`` (with a sentence for the uploader) for encrypted, damaged or too large files.
    """
    answer = foreign.ask(
        "codes", data, media_type=media_type, name=name, most_pages=MOST_PAGES, seconds=SECONDS
    )
    pages = []
    for position, page in enumerate(answer["pages"], start=1):
        parsed = [codes.parse_payload(text) for text in page["texts"]]
        own = tuple(dict.fromkeys(found for found in parsed if found))
        others = sum(found is None for found in parsed)
        pages.append(ScannedPage(position, own, others, bool(page["red"])))
    return pages
