"""Putting paragraphs into their places: which node each one opens or belongs to."""

import re
from collections import Counter
from dataclasses import dataclass, field

from policies.parsing.markers import CAPTION, Marker, find
from policies.parsing.repairs import unfinished
from policies.parsing.shape import (
    ARTICLE,
    BOX,
    CHAPTER,
    ITEM,
    PART,
    POLICY,
    SECTION,
    STRAY,
    SUBITEM,
    TABLE,
    WIDTH,
    ParsedNode,
)

LETTER = {
    CHAPTER: "z",
    ARTICLE: "t",
    PART: "b",
    SECTION: "k",
    ITEM: "x",
    SUBITEM: "j",
    BOX: "l",
    TABLE: "g",
    STRAY: "s",
}
MONEY = re.compile(r"\d\s*(?:万元|亿元|[%％])")
ROOT = "0"
"""The deep link of what a policy says before its first article."""
LONGEST_HEADING = 60
LONGEST_SENTENCE = 30
"""Up to how many characters a line without a full stop, or a first sentence, is a heading."""


@dataclass(slots=True)
class Paragraph:
    text: str
    lines: list[int] = field(default_factory=list)
    row: bool = False
    stray: bool = False

    @property
    def marker(self) -> Marker | None:
        """Read from the text as it is now, since a paragraph grows while its page is turned."""
        return None if self.row or self.stray else find(self.text)

    @property
    def joinable(self) -> bool:
        return not (self.row or self.stray) and not re.match(r"^(?:图|表|Figure)\s*\d", self.text)

    @property
    def open_end(self) -> bool:
        """Cut by a page: what follows goes on with it."""
        heading = self.marker is not None and self.marker.kind != ARTICLE
        return self.joinable and unfinished(self.text, heading=heading)


class Tree:
    """The tree of one policy while it grows. ``open`` is the way from the root to the last node."""

    def __init__(self, title: str, title_lines: list[int]) -> None:
        self.root = ParsedNode(POLICY, heading=title, lines=title_lines)
        self.open: list[ParsedNode] = [self.root]
        self.box: ParsedNode | None = None
        self.table: ParsedNode | None = None

    def add(self, paragraph: Paragraph) -> None:
        """Every paragraph lands in exactly one node."""
        if paragraph.row:
            self._row(paragraph)
            return
        self.table = None
        if paragraph.stray:
            stray = ParsedNode(STRAY, text=paragraph.text, lines=paragraph.lines)
            self.root.children.append(stray)
        elif (marker := paragraph.marker) is None:
            self._say(self._here(), paragraph)
        elif marker.kind == BOX:
            self.box = self._node(marker, paragraph.lines, split=False)
            self.open[-1].children.append(self.box)
        elif self.box is not None and self._in_box(marker):
            self.box.children.append(self._node(marker, paragraph.lines))
        else:
            self.box = None
            self._open(marker, paragraph.lines)

    def _here(self) -> ParsedNode:
        if self.box is not None:
            return self.box.children[-1] if self.box.children else self.box
        return self.open[-1]

    def _open(self, marker: Marker, lines: list[int]) -> None:
        node = self._node(marker, lines)
        while len(self.open) > 1 and WIDTH[self.open[-1].kind] >= WIDTH[marker.kind]:
            self.open.pop()
        self.open[-1].children.append(node)
        self.open.append(node)

    def _in_box(self, marker: Marker) -> bool:
        """Whether a marker counts on inside the box; otherwise it ends the box.

        Only items do. One counts on where its number is the next in the box; the first of a box
        is 1. So an outer item 2 after a box with six items goes on outside.
        """
        return (
            marker.kind == ITEM
            and self.box is not None
            and marker.number == (self.box.children[-1].number if self.box.children else 0) + 1
        )

    def _row(self, paragraph: Paragraph) -> None:
        if self.table is None:
            self.table = ParsedNode(TABLE)
            here = self._here()
            self._take_caption(here, self.table)
            here.children.append(self.table)
        self._say(self.table, paragraph)

    def _take_caption(self, here: ParsedNode, table: ParsedNode) -> None:
        """The paragraph 表 1 … just before a table is its heading."""
        before, _, last = here.text.rpartition("\n")
        if CAPTION.match(last) and here.lines and not here.children:
            here.text = before
            table.heading = last
            table.lines.append(here.lines.pop())

    @staticmethod
    def _say(node: ParsedNode, paragraph: Paragraph) -> None:
        node.text = f"{node.text}\n{paragraph.text}" if node.text else paragraph.text
        node.lines += paragraph.lines

    @staticmethod
    def _node(marker: Marker, lines: list[int], *, split: bool = True) -> ParsedNode:
        heading, text = heading_of(marker.rest) if split else (marker.rest, "")
        return ParsedNode(
            marker.kind, marker.number, marker.label, heading, text, lines=list(lines)
        )


def heading_of(text: str) -> tuple[str, str]:
    """A line after its marker, as heading and text.

    A line without a full stop is a heading; so is a short first sentence before others. A
    sentence that promises money is text.
    """
    first, stop, rest = text.partition("。")
    if MONEY.search(first):
        return "", text
    if not stop:
        is_text = len(text) > LONGEST_HEADING or text[-1:] in "：；:;"
        return ("", text) if is_text else (text, "")
    if len(first) > LONGEST_SENTENCE:
        return "", text
    return first, rest.strip()


def assign_paths(root: ParsedNode) -> None:
    """Deep links: b2-k3-x1 for 二、（三）1.; an article is t5 whatever its chapter.

    The second node with the same number at the same place gets a tail: b2-k3.2.
    """
    taken: Counter[str] = Counter()

    def give(node: ParsedNode, prefix: str) -> None:
        unnumbered: Counter[str] = Counter()
        for child in node.children:
            number = child.number
            if child.kind in (TABLE, STRAY):
                unnumbered[child.kind] += 1
                number = unnumbered[child.kind]
            own = f"{LETTER[child.kind]}{number}"
            path = own if child.kind == ARTICLE or not prefix else f"{prefix}-{own}"
            taken[path] += 1
            child.path = path if taken[path] == 1 else f"{path}.{taken[path]}"
            give(child, child.path)

    root.path = ROOT
    give(root, "")
