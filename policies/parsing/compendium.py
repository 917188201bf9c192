"""The whole file: contents, policies, and for each policy its tree."""

import hashlib
import re

from policies.parsing import contents, markers
from policies.parsing.contents import Entry
from policies.parsing.repairs import continues, mend
from policies.parsing.shape import (
    STRAY,
    Compendium,
    Line,
    ParsedPolicy,
    Repair,
    Unreadable,
)
from policies.parsing.tree import Paragraph, Tree, assign_paths

PAGE_NUMBER = re.compile(r"^\W*\d{1,4}\W*$")
COLOPHON = re.compile(r"^【[^】]*】$")


def parse(text: str) -> Compendium:
    """Read a compendium. Raises ``Unreadable`` when it is none.

    Lines before the first policy (cover, foreword, table of contents) are no part of the body.
    """
    lines = [
        Line(number, line.rstrip())
        for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1)
        if line.strip()
    ]
    zones, entries, first = contents.read(lines)
    places = contents.places(lines, first, entries)
    if places[0] is None:  # contents.read ended at this very title
        raise Unreadable("正文中没有找到目录第一项政策的标题")
    starts = [place[0] for place in places if place] + [len(lines)]
    repairs: list[Repair] = []
    policies: list[ParsedPolicy] = []
    for order, (entry, place) in enumerate(zip(entries, places, strict=True), 1):
        if place is None:
            continue
        end = next(start for start in starts if start > place[0])
        last = end == len(lines)
        policies.append(_policy(entry, order, lines[place[0] : end], place[1], last, repairs))
    unplaced = [
        number
        for policy in policies
        for node in policy.root.walk()
        if node.kind == STRAY
        for number in node.lines
    ]
    return Compendium(
        zones=zones,
        policies=policies,
        repairs=repairs,
        body_lines=len(lines) - first,
        unplaced=unplaced,
        missing=[e.title for e, place in zip(entries, places, strict=True) if place is None],
    )


def _policy(
    entry: Entry, order: int, lines: list[Line], titled: int, last: bool, repairs: list[Repair]
) -> ParsedPolicy:
    tree = Tree(entry.title, [line.number for line in lines[:titled]])
    for paragraph in paragraphs(lines[titled:], last, repairs):
        tree.add(paragraph)
    assign_paths(tree.root)
    content = "\n".join(f"{n.path}\t{n.heading}\t{n.text}" for n in tree.root.walk())
    return ParsedPolicy(
        key=hashlib.sha256(entry.key.encode()).hexdigest()[:10],
        title=mend(entry.title)[0],
        zone=entry.zone,
        order=order,
        root=tree.root,
        digest=hashlib.sha256(content.encode()).hexdigest(),
    )


def paragraphs(lines: list[Line], last: bool, repairs: list[Repair]) -> list[Paragraph]:
    """Lines with what a page had cut put together again, and what belongs nowhere set apart.

    ``last``: the last policy of the file, after which a publisher's words may follow.
    """
    found: list[Paragraph] = []
    closing = False
    for line in lines:
        text = line.text.strip()
        closing = closing or (last and COLOPHON.match(text) is not None)
        if "\t" in line.text:
            found.append(_table_row(line, repairs))
            continue
        before = found[-1] if found else None
        if closing or (PAGE_NUMBER.match(text) and not (before and before.open_end)):
            found.append(Paragraph(text, [line.number], stray=True))
            continue
        mended, done = mend(text)
        repairs += [Repair(line.number, kind) for kind in done]
        if before and before.joinable and _goes_on(before, mended):
            repairs.append(Repair(line.number, "跨页断开"))
            joined, more = mend(before.text + _space(before.text, mended) + mended)
            repairs += [Repair(line.number, kind) for kind in more]
            before.text = joined
            before.lines.append(line.number)
        else:
            found.append(Paragraph(mended, [line.number]))
    return found


def _goes_on(before: Paragraph, text: str) -> bool:
    if markers.opens(text):
        return False
    return continues(text) or before.open_end


def _space(before: str, after: str) -> str:
    """Two Latin words cut by a page need their space back."""
    both = before[-1:] + after[:1]
    return " " if both.isascii() and both.isalnum() else ""


def _table_row(line: Line, repairs: list[Repair]) -> Paragraph:
    cells = []
    for cell in line.text.split("\t"):
        mended, done = mend(cell)
        repairs += [Repair(line.number, kind) for kind in done]
        cells.append(mended)
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return Paragraph("\t".join(cells), [line.number], row=True)
