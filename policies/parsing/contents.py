"""The table of contents, and where its titles stand in the body."""

import re
from dataclasses import dataclass

from policies.parsing.repairs import key_of, mend
from policies.parsing.shape import Line, Unreadable

ZONE = re.compile(r"^[一二三四五六七八九十百]+、\s*(\S.*)$")
ENTRY = re.compile(r"^(?:[-•]\s*)?(\d+)\s*[.．、]\s*(\S.*)$")
TITLE_LINES = 3
"""A title may be set in this many lines."""


@dataclass(frozen=True, slots=True)
class Entry:
    zone: str
    title: str
    key: str


def read(lines: list[Line]) -> tuple[list[str], list[Entry], int]:
    """Zones, policies, and the index in ``lines`` of what follows the table of contents.

    The table ends where the title of its first policy comes again. Raises ``Unreadable``.
    """
    start = next((i for i, line in enumerate(lines) if key_of(line.text) == "目录"), None)
    if start is None:
        raise Unreadable("文件中没有“目录”一行")
    zones: list[str] = []
    entries: list[Entry] = []
    for at in range(start + 1, len(lines)):
        text = lines[at].text.strip()
        if entries and title_at(lines, at, entries[0].key):
            return zones, entries, at
        if match := ENTRY.match(text):
            if not zones:
                raise Unreadable(f"第 {lines[at].number} 行：目录中的政策前没有试验区")
            title = _without_page(match[2])
            entries.append(Entry(zones[-1], title, key_of(title)))
        elif match := ZONE.match(text):
            zones.append(mend(_without_page(match[1]))[0])
    raise Unreadable("目录之后没有找到目录第一项政策的标题")


def _without_page(title: str) -> str:
    title = re.sub(r"\s*[.．…·]{2,}\s*\d*\s*$", "", title)
    return re.sub(r"(?<=[^\d\s.])\s*\d{1,3}$", "", title).strip()


def title_at(lines: list[Line], at: int, key: str) -> int:
    """How many lines, from ``at`` on, make up the title with this key; 0 if they do not."""
    joined = ""
    for count in range(1, TITLE_LINES + 1):
        if at + count > len(lines):
            return 0
        joined += key_of(lines[at + count - 1].text)
        if joined == key:
            return count
        if not key.startswith(joined):
            return 0
    return 0


def places(lines: list[Line], first: int, entries: list[Entry]) -> list[tuple[int, int] | None]:
    """For each policy (index of its title, lines of its title), in the order of the contents.

    A title that does not come after the one before it is None: its policy is missing.
    """
    found: list[tuple[int, int] | None] = []
    at = first
    for entry in entries:
        place = next(
            ((i, n) for i in range(at, len(lines)) if (n := title_at(lines, i, entry.key))), None
        )
        found.append(place)
        if place:
            at = place[0] + place[1]
    return found
