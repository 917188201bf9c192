"""The beginnings of lines that open a node: 第一章, 第一条, 一、, （一）, 1., （1）, 专栏 1."""

import re
from dataclasses import dataclass

from policies.parsing.shape import (
    ARTICLE,
    BOX,
    CHAPTER,
    ITEM,
    PART,
    SECTION,
    SUBITEM,
)

CN = "零〇一二三四五六七八九十百"
DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_HEAD = r"^(?:[-•]\s+)?"
MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (CHAPTER, re.compile(rf"{_HEAD}第([{CN}]+)章\s*")),
    (ARTICLE, re.compile(rf"{_HEAD}第([{CN}]+)条(?!政策|规定|的|第|、|款)\s*")),
    (BOX, re.compile(rf"{_HEAD}专栏\s*(\d+|[{CN}]+)(?:[：:]|\s|$|(?=[“《]))\s*")),
    (PART, re.compile(rf"{_HEAD}([{CN}]+)\s*[、．.]\s*")),
    (SECTION, re.compile(rf"{_HEAD}[（(]\s*([{CN}]+)\s*[）)]\s*")),
    (ITEM, re.compile(rf"{_HEAD}(\d{{1,2}})\s*[.．、](?!\d)\s*")),
    (SUBITEM, re.compile(rf"{_HEAD}[（(]\s*(\d{{1,2}})\s*[）)]\s*")),
)
FIGURE = re.compile(r"^(?:图|表|Figure|Table)\s*\d+|^注\s*[：:]|^——|^[●•■◆]|^专栏")
CAPTION = re.compile(r"^表\s*\d+")


@dataclass(frozen=True, slots=True)
class Marker:
    kind: str
    number: int
    label: str
    rest: str


def value(text: str) -> int:
    """The number in Chinese or Arabic digits, up to 999."""
    if text.isdecimal():
        return int(text)
    total = digit = 0
    for char in text:
        if char == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif char == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = DIGIT[char]
    return total + digit


def find(text: str) -> Marker | None:
    """The marker at the beginning of a line, if it has one."""
    for kind, pattern in MARKERS:
        if match := pattern.match(text):
            label = match[0].strip().lstrip("-• ").rstrip("：: ")
            label = re.sub(r"\s+", " " if kind == BOX else "", label)
            if kind in (SECTION, SUBITEM):
                label = label.replace("(", "（").replace(")", "）")
            return Marker(kind, value(match[1]), label, text[match.end() :].strip())
    return None


def opens(text: str) -> bool:
    """Whether a line begins something of its own and so cannot go on with the line before."""
    return find(text) is not None or FIGURE.match(text) is not None
