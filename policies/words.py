"""Words as the search sees them: bigrams of characters, spelled in letters. Pure.

Every two neighbouring characters are one token, so that a phrase of tokens is a substring of the
text, in any script, and two characters are enough. Tokens are plain letters, because SQLite's
unicode61 and PostgreSQL's ``simple`` would cut punctuation and numbers each in its own way.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")
SHORTEST = 2
MOST_WORDS = 8
LONGEST_QUERY = 100


def folded(text: str) -> tuple[str, list[int]]:
    """The text without width, case and spaces, and where each of its characters came from.

    Paragraphs and cells keep their border (one newline), so that no word is found across it.
    """
    chars: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        if one := _plain(char):
            chars.append(one)
            origin.extend([at] * len(one))
    return "".join(chars), origin


@cache
def _plain(char: str) -> str:
    """One character of a text as it is compared; empty for a space."""
    found = ("\n" if c in "\n\t" else c for c in unicodedata.normalize("NFKC", char).casefold())
    return "".join(c for c in found if c == "\n" or not c.isspace())


@cache
def _token(pair: str) -> str:
    return "x".join(f"{ord(char):x}".translate(_LETTERS) for char in pair)


def tokens(text: str) -> list[str]:
    """The bigrams of a text, in order."""
    plain = folded(text)[0]
    return [_token(plain[i : i + 2]) for i in range(len(plain) - 1)]


@dataclass(frozen=True, slots=True)
class Query:
    """Phrases that must all be found, and words too short to be searched."""

    phrases: tuple[str, ...]
    short: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases)


def query(text: str) -> Query:
    """What was typed, as phrases: words apart by spaces, and whole phrases in quotation marks."""
    found: list[str] = []
    for quoted, word in re.findall(r"[“\"]([^“”\"]+)[”\"]|([^\s“”\"]+)", text[:LONGEST_QUERY]):
        plain = folded(quoted or word)[0].replace("\n", "")
        if plain and plain not in found:
            found.append(plain)
    kept = tuple(word for word in found if len(word) >= SHORTEST)[:MOST_WORDS]
    return Query(kept, tuple(word for word in found if len(word) < SHORTEST))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text for display. ``hit``: one of the searched words."""

    text: str
    hit: bool = False


def spans(text: str, phrases: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the phrases stand in the text, merged and in order."""
    plain, origin = folded(text)
    raw = []
    for phrase in phrases:
        at = plain.find(phrase)
        while at >= 0:
            raw.append((origin[at], origin[at + len(phrase) - 1] + 1))
            at = plain.find(phrase, at + len(phrase))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(raw):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def pieces(text: str, phrases: tuple[str, ...]) -> list[Piece]:
    """The whole text, its hits marked."""
    found: list[Piece] = []
    at = 0
    for start, end in spans(text, phrases):
        if start > at:
            found.append(Piece(text[at:start]))
        found.append(Piece(text[start:end], hit=True))
        at = end
    if at < len(text):
        found.append(Piece(text[at:]))
    return found


def excerpt(text: str, phrases: tuple[str, ...], *, around: int = 60) -> list[Piece]:
    """About two lines of a text around its first hit, the hits marked."""
    flat = text.replace("\n", " ").replace("\t", " ")
    first = next(iter(spans(flat, phrases)), (0, 0))
    start = max(0, first[0] - around)
    end = min(len(flat), first[1] + 2 * around)
    cut = pieces(flat[start:end], phrases)
    return ([Piece("…")] if start else []) + cut + ([Piece("…")] if end < len(flat) else [])
