"""Small matters of Chinese type: rare characters, quantities, names that must not break badly.

Everything here returns safe HTML from plain text, or plain text. Which characters a face has is
read from the committed fonts themselves.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts"
BODY = "JBSerifSC-Regular.ttf"
RARE = "JBRare-Regular.ttf"

# White space and joiners that layout consumes and never draws.
_INVISIBLE = frozenset("\t\n\r\u00a0\u200b\u2060\u3000 ")

# Endings of names that should stay in one piece; the longest first.
_ENDINGS = (
    "工业和信息化局",
    "工业和信息化厅",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "有限公司",
    "合作社",
    "研究院",
    "研究所",
    "开发区",
    "高新区",
    "经开区",
    "示范区",
)
_MOST_KEPT = 6


@cache
def coverage(file_name: str) -> frozenset[int]:
    """The code points one committed face can draw."""
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / file_name, lazy=True) as font:
        return frozenset(font.getBestCmap())


def is_rare(text: str) -> bool:
    """True when the body face lacks a character, so that the whole name takes the full face."""
    body = coverage(BODY)
    return any(ord(c) not in body and c not in _INVISIBLE for c in text)


def texts(value: Any) -> Iterator[str]:
    """Every string in a snapshot, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from texts(inner)


def unprintable(snapshot: Any) -> list[str]:
    """The characters of a snapshot that no shipped face has, each once, in order.

    Ask before a snapshot is frozen: a page is never printed with an empty box in it.
    """
    drawable = coverage(RARE) | coverage(BODY)
    found: dict[str, None] = {}
    for text in texts(snapshot):
        for c in text:
            if ord(c) not in drawable and c not in _INVISIBLE:
                found.setdefault(c)
    return list(found)


GETA = "〓"
"""What printers set for a character they do not have."""
# Forms that stand for a character no shipped face has. Compatibility forms follow from Unicode.
STANDS_FOR = {
    "\U00020bb7": "吉",
    "\U00020b9f": "叱",
    "\U0002123d": "土",
    "\U0002000b": "丈",
    "\U0002363a": "橋",
    # Private code points of GB 18030-2000 that later got their own.
    "\ue81e": "\u9fb4",
    "\ue826": "\u9fb5",
    "\ue82b": "\u9fb6",
    "\ue82c": "\u9fb7",
    "\ue832": "\u9fb8",
    "\ue843": "\u9fb9",
    "\ue854": "\u9fba",
    "\ue864": "\u9fbb",
}


def stand_in(character: str) -> str:
    """What is printed for a character that no shipped face has: a form that stands for it, nothing
    for one that is never seen, otherwise 〓."""
    if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Zl", "Zp"):
        return ""
    drawable = coverage(RARE) | coverage(BODY)
    for form in (STANDS_FOR.get(character, ""), unicodedata.normalize("NFKC", character)):
        if form and all(ord(c) in drawable for c in form):
            return form
    return GETA


def replaced(snapshot: Any) -> tuple[Any, dict[str, str]]:
    """The snapshot with stand-ins for what cannot be printed, and which stands for which."""
    forms = {c: stand_in(c) for c in unprintable(snapshot)}
    if not forms:
        return snapshot, forms
    table = str.maketrans(forms)

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return value.translate(table)
        if isinstance(value, Mapping):
            return {key: walk(inner) for key, inner in value.items()}
        if isinstance(value, Iterable):
            return [walk(inner) for inner in value]
        return value

    return walk(snapshot), {c: form for c, form in forms.items() if form}


def replacement_words(forms: Mapping[str, str]) -> str:
    """𠮷 named by its code point, with what is printed instead: U+20BB7 印作“吉”."""
    return "，".join(f"U+{ord(c):04X} 印作“{form}”" for c, form in forms.items())


def rare(text: object) -> SafeString:
    """The text; a name with a rare character is set whole in the face that has it."""
    plain = text if isinstance(text, SafeString) else "" if text is None else str(text)
    if is_rare(plain):
        return format_html('<span class="rare">{}</span>', plain)
    return conditional_escape(plain)


def unit_name(text: object) -> SafeString:
    """A unit's or a place's name whose ending does not break, so that no line holds a lone 司.

    At most six characters are kept together: more would overrun a narrow cell.
    """
    plain = "" if text is None else str(text)
    for ending in _ENDINGS:
        if len(ending) <= _MOST_KEPT and plain.endswith(ending) and len(plain) > len(ending):
            kept = format_html('{}<span class="nw">{}</span>', plain.removesuffix(ending), ending)
            break
    else:
        kept = conditional_escape(plain)
    return format_html('<span class="rare">{}</span>', kept) if is_rare(plain) else kept


_RANGE = re.compile(r"(?<=[0-9%℃A-Za-z])\s*[~～]\s*(?=[-−0-9])")
_CLOSED = ("%", "‰", "℃", "°")
_NUMBER = re.compile(r"(?<![\d.])-(?=\d)")


def qty(value: object, unit: str = "") -> str:
    """A figure with its unit: no-break space between, % closed up, ranges with 至, a true minus.

    >>> qty("1200", "万元")
    '1200\\xa0万元'
    """
    if value is None or value == "":
        return "—"
    text = _NUMBER.sub("−", _RANGE.sub("至", str(value).strip()))
    if not unit:
        return text
    return text + unit if unit.startswith(_CLOSED) else f"{text}\u00a0{unit}"


def megabytes(size: int) -> str:
    """Bytes as MB with one decimal, never 0.0 for a file that has content."""
    return f"{max(size / 1_000_000, 0.1 if size else 0):.1f}"


_UNIT_SPACE = re.compile(r"(?<=\d) (?=[A-Za-zμµΩ℃°‰])")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a long text: lines that are not empty, without the writer's indents.

    A figure stays with its unit: the space between them becomes one that does not break.
    """
    lines = (line.strip(" \t\u3000") for line in text.splitlines())
    return [_UNIT_SPACE.sub("\u00a0", line) for line in lines if line]
