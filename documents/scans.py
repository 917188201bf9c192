"""Reads the codes of our own pages out of a sealed scan. Pure: bytes in, pages out."""

from dataclasses import dataclass

from documents import codes, foreign

MOST_PAGES = 60
SECONDS = 25.0
"""For all files of one upload: the reading happens while somebody waits."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the page as it came, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page of a scan, in the order of the file.

    ``found``: (verification code, page number) of each of our codes on it. ``others``: how many
    further QR codes it carries. ``red_ink`` is a hint only: red lies where the seal belongs.
    ``box`` is where its first code of ours stands, ``red_box`` where the red lies. ``late``: the
    time was used up before this page was looked at.
    """

    position: int
    found: tuple[tuple[str, int], ...]
    others: int
    red_ink: bool
    box: Box | None = None
    red_box: Box | None = None
    late: bool = False

    @property
    def code(self) -> str | None:
        return self.found[0][0] if self.found else None

    @property
    def page(self) -> int | None:
        return self.found[0][1] if self.found else None


def read_codes(
    data: bytes, media_type: str, *, name: str = "", seconds: float = SECONDS
) -> list[ScannedPage]:
    """What each page of a PDF, JPG or PNG says it is; pages may lie in any direction.

    Works from about 100 to 600 dpi, and through a red seal that touches the code. At most
    ``MOST_PAGES`` pages; what is not read in ``seconds`` is marked ``late``. Raises
    ``Refusal`` (with a sentence for the uploader) for encrypted, damaged or too large files.
    """
    answer = foreign.ask(
        "codes",
        data,
        media_type=media_type,
        name=name,
        most_pages=MOST_PAGES,
        seconds=int(seconds) + 10,
        more=(f"{seconds:.1f}",),
    )
    pages = []
    for position, page in enumerate(answer["pages"], start=1):
        parsed = [codes.parse_payload(text) for text in page["texts"]]
        own = tuple(dict.fromkeys(found for found in parsed if found))
        others = sum(found is None for found in parsed)
        where = next((b for f, b in zip(parsed, page["boxes"], strict=True) if f), None)
        pages.append(
            ScannedPage(
                position,
                own,
                others,
                bool(page["red"]),
                box=_box(where),
                red_box=_box(page["red_box"]),
                late=bool(page.get("late")),
            )
        )
    return pages


def _box(found: list[float] | None) -> Box | None:
    return (found[0], found[1], found[2], found[3]) if found else None
