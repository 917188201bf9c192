"""What the lines of a returned workbook would change in a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from applications.content import values, wording
from applications.content.gridlines import Written
from applications.content.grids import Grid, Line, Slot


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to one line. ``cells``: heading, before, after, whether it differs."""

    kind: str
    row: int
    title: str
    cells: Sequence[tuple[str, str, str, bool]]


def changes(grid: Grid, lines: Sequence[Written]) -> tuple[list[Change], int]:
    before = _matched(grid, lines)
    found: list[Change] = []
    same = 0
    for number, line in enumerate(lines):
        old = before.get(number)
        asked = old or grid.blank
        if asked is None:
            continue
        cells = []
        for head in grid.heads:
            slot = asked.slots.get(head.key)
            if slot is None:
                continue
            was = _in_words(slot, slot.value) if old else ""
            now = _in_words(slot, line.texts.get(head.key, ""))
            if was or now:
                cells.append((head.title, was, now, was != now))
        if old is None:
            found.append(Change("new", line.row, "新增", cells))
        elif any(differs for *_, differs in cells):
            found.append(Change("changed", line.row, old.title, cells))
        else:
            same += 1
    kept = {id(line) for line in before.values()}
    for gone in grid.lines:
        if id(gone) in kept or not grid.blank or gone.id.startswith("ref-"):
            continue
        cells = [
            (head.title, _in_words(slot, slot.value), "", True)
            for head in grid.heads
            if (slot := gone.slots.get(head.key)) and _in_words(slot, slot.value)
        ]
        found.append(Change("removed", 0, gone.title, cells))
    return found, same


def _matched(grid: Grid, lines: Sequence[Written]) -> dict[int, Line]:
    """Which line of the table each line of the file was, by the file's order."""
    by_id = {line.id: line for line in grid.lines}
    found: dict[int, Line] = {}
    for number, line in enumerate(lines):
        if line.id in by_id:
            found[number] = by_id.pop(line.id)
    by_number = {line.id.partition(".")[0]: line for line in by_id.values() if "." in line.id}
    for number, line in enumerate(lines):
        if number not in found and "." in line.id:
            old = by_number.pop(line.id.partition(".")[0], None)
            if old is not None:
                found[number] = old
    return found


def _in_words(slot: Slot, value: Any) -> str:
    named = {key: word for word, key in slot.choices}
    if isinstance(value, list):
        return "、".join(named.get(str(one), str(one)) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    text = "" if value is None else str(value)
    if text in named:
        return named[text]
    try:
        read = values.parse(
            str(slot.asked.type), text, decimals=slot.asked.decimals, choices=slot.asked.choices
        )
    except values.Unreadable:
        return values.tidy(text)
    return wording.in_words(slot.asked, read)
