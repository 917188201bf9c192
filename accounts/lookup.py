"""Finding an entry of a code list by name, code or pinyin initials. Pure.

Initials come from the order of GB 2312: its first level is sorted by pinyin, so the first letter
of a common character follows from its place. Characters of the second level are sorted by radical
and match any letter.
"""

import bisect
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 30
"""Entries found for a query; what is left off is said."""
WITHOUT_QUERY = 100

_FIRST = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"),
    (0xB8C1, "g"), (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"),
    (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"),
    (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"),
)  # fmt: skip
_LAST = 0xD7F9
_STARTS = [start for start, _ in _FIRST]
# Place names in which a character is read otherwise than the order of GB 2312 has it.
_READ = {"重庆": "cq", "厦门": "xm", "蚌埠": "bb", "深圳": "sz", "朝阳": "cy"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a code list as it is searched and shown. ``path`` are the names above it."""

    code: str
    name: str
    path: tuple[str, ...]
    initials: str

    @property
    def full(self) -> str:
        return "".join((*self.path, self.name))


def entry(code: str, name: str, path: Sequence[str]) -> Entry:
    return Entry(code, name, tuple(path), initials(name))


def initials(text: str) -> str:
    """The first letters of the pinyin, a dot for a character whose reading is not known."""
    for word, letters in _READ.items():
        if text.startswith(word):
            return letters + initials(text[len(word) :])
    return "".join(_initial(character) for character in text if character.isalnum())


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower()
    try:
        place = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return "."
    if not _STARTS[0] <= place <= _LAST:
        return "."
    return _FIRST[bisect.bisect_right(_STARTS, place) - 1][1]


def folded(text: str) -> str:
    """What was typed, half-width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def search(entries: Sequence[Entry], query: str, *, limit: int = LIMIT) -> list[Entry]:
    """The entries that fit, best first: code, own name, full name, initials.

    Asks for one more than ``limit`` when there are more, so that the caller can say so.
    """
    typed = folded(query)
    if not typed:
        return []
    ranked = [
        (rank, len(one.path), number)
        for number, one in enumerate(entries)
        if (rank := _rank(one, typed)) is not None
    ]
    ranked.sort()
    return [entries[number] for _, _, number in ranked[: limit + 1]]


def _rank(one: Entry, typed: str) -> int | None:
    code = re.fullmatch(r"[a-z]?(\d+)", typed)
    if code is not None:
        if one.code == code[1]:
            return 0
        return 1 if one.code.startswith(code[1]) else None
    if typed.isascii():
        if not typed.isalpha():
            return None
        if one.initials.startswith(typed):
            return 5
        return 6 if _begins(one.initials, typed) else None
    name = one.name.lower()
    if name.startswith(typed):
        return 1
    if typed in name:
        return 2
    full = one.full.lower()
    if typed in full:
        return 3
    return 4 if _in_order(typed, full) else None


def _begins(letters: str, typed: str) -> bool:
    return len(letters) >= len(typed) and all(
        have in (want, ".") for have, want in zip(letters, typed, strict=False)
    )


def _in_order(typed: str, full: str) -> bool:
    """Whether the characters stand in ``full`` in this order (长沙岳麓 in 湖南省长沙市岳麓区)."""
    rest = iter(full)
    return all(character in rest for character in typed)
