"""What parsing gives: zones of policies, policies of nodes, and a report of what was mended."""

from collections import Counter
from dataclasses import dataclass, field

#: Kinds of nodes from the outside in. A node stands under the nearest open node that is wider.
POLICY, CHAPTER, ARTICLE, PART, SECTION, ITEM, SUBITEM = (
    "policy",
    "chapter",
    "article",
    "part",
    "section",
    "item",
    "subitem",
)
BOX, TABLE, STRAY = "box", "table", "stray"
WIDTH = {POLICY: 0, CHAPTER: 1, ARTICLE: 2, PART: 3, SECTION: 4, ITEM: 5, SUBITEM: 6}


class Unreadable(ValueError):
    """The text is no compendium: it has no table of contents, or none of its titles is found."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file that is not blank. ``number`` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Repair:
    """One change to the wording. ``kind`` names the rule; the words themselves are not repeated."""

    line: int
    kind: str


@dataclass(slots=True)
class ParsedNode:
    """An article of whatever level: its own heading and text without those of its children.

    ``lines`` are the numbers of the lines of the file that it was made of; every line of the body
    stands in exactly one node. ``text`` keeps one paragraph per line, a table one row per line
    with tabs between its cells. ``path`` is the deep link inside the policy, unique in it.
    """

    kind: str
    number: int = 0
    label: str = ""
    heading: str = ""
    text: str = ""
    path: str = ""
    lines: list[int] = field(default_factory=list)
    children: list["ParsedNode"] = field(default_factory=list)

    def walk(self) -> list["ParsedNode"]:
        """This node and all below, in the order of the file."""
        found = [self]
        for child in self.children:
            found += child.walk()
        return found


@dataclass(slots=True)
class ParsedPolicy:
    """``key`` comes from the title, so that it survives another order of the compendium."""

    key: str
    title: str
    zone: str
    order: int
    root: ParsedNode
    digest: str


@dataclass(slots=True)
class Compendium:
    zones: list[str]
    policies: list[ParsedPolicy]
    repairs: list[Repair]
    body_lines: int
    unplaced: list[int]
    missing: list[str]

    def counts(self) -> dict[str, int]:
        """How often each rule mended something."""
        return dict(sorted(Counter(repair.kind for repair in self.repairs).items()))
