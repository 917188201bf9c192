"""Joining what two people made of a section: field by field, in tables cell by cell. Pure.

``base`` is what a page showed when its person began, ``mine`` what stands on it now, ``theirs``
what somebody saved meanwhile. Whoever changed a field since ``base`` wins it; where both changed
it differently it is a clash. Rows of a table have no name of their own: they are joined only
where nothing was removed and nobody can mean another row, otherwise the whole table clashes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from applications.content import answers
from applications.content.answers import RAW, Data
from calls.programme import Field, FieldType, Section
from core.figures import whole_or

Part = tuple[Any, dict[str, str]]
"""A field as kept: its value (None when empty) and its unreadable texts by input."""
Cell = tuple[str, Any]
Cells = dict[str, Cell]
TABLES = (FieldType.ROWS, FieldType.YEAR_TABLE, FieldType.INDICATORS)


@dataclass(slots=True)
class Joined:
    """What joining came to.

    ``data`` holds one's own value in each field of ``clashes``. ``both`` has, by field, the
    table with the new rows of both people, where they clash in nothing but that each added some.
    """

    data: dict[str, Any]
    clashes: list[Field] = field(default_factory=list)
    both: dict[str, Part] = field(default_factory=dict)


@dataclass(slots=True)
class _Grid:
    """A table as cells: rows with a name (a year, a reference indicator) and rows in order."""

    named: dict[str, Cells]
    listed: list[Cells]


def belongs(asked: Field, name: str) -> bool:
    """Whether an input is one of this field's."""
    return name == asked.key or name.startswith(f"{asked.key}-")


def part(asked: Field, data: Data) -> Part:
    """One field of a section, unreadable text included."""
    raw = {k: v for k, v in answers.raw_of(data).items() if belongs(asked, k)}
    value = data.get(asked.key)
    if answers.is_empty(value) or (asked.type == FieldType.INDICATORS and _untouched(value)):
        value = None
    return value, raw


def put(asked: Field, found: Part, target: dict[str, Any]) -> None:
    """Set one field of ``target``, its unreadable texts included."""
    value, own = found
    target.pop(asked.key, None)
    if value is not None:
        target[asked.key] = value
    raw = {k: v for k, v in answers.raw_of(target).items() if not belongs(asked, k)} | own
    target.pop(RAW, None)
    if raw:
        target[RAW] = raw


def differing(section: Section, a: Data, b: Data) -> list[str]:
    """The keys of the fields in which two versions of a section differ; computed ones follow."""
    return [
        asked.key
        for asked in section.fields
        if asked.type != FieldType.COMPUTED and part(asked, a) != part(asked, b)
    ]


def join(
    section: Section,
    *,
    bases: Mapping[str, Data],
    mine: Data,
    theirs: Data,
    whole: Collection[str] = (),
) -> Joined:
    """Both versions in one. ``bases`` has by field key the section as one's page showed it.

    ``whole`` names tables that must not be joined cell by cell (a row of them is being removed).
    """
    joined = Joined(dict(mine))
    for asked in section.fields:
        if asked.type == FieldType.COMPUTED:
            continue
        was, own, other = (part(asked, data) for data in (bases[asked.key], mine, theirs))
        if own == other or other == was:
            continue
        if own == was:
            put(asked, other, joined.data)
            continue
        found = None
        if asked.type in TABLES and asked.key not in whole:
            found = _joined(asked, was, own, other, union=False)
        if found is not None:
            put(asked, found, joined.data)
            continue
        joined.clashes.append(asked)
        if asked.type in TABLES and asked.key not in whole:
            union = _joined(asked, was, own, other, union=True)
            if union is not None:
                joined.both[asked.key] = union
    joined.data = answers.with_computed(section, joined.data)
    return joined


# Tables ----------------------------------------------------------------------------------------


def _joined(asked: Field, was: Part, own: Part, other: Part, *, union: bool) -> Part | None:
    """A table with the cells of both; None where it is not clear which row is which."""
    a, b, c = (_grid(asked, one) for one in (was, own, other))
    named: dict[str, Cells] = {}
    for name in [*c.named, *(key for key in b.named if key not in c.named)]:
        row = _cells(a.named.get(name, {}), b.named.get(name, {}), c.named.get(name, {}))
        if row is None:
            return None
        named[name] = row
    listed = _rows(a.listed, b.listed, c.listed, union=union)
    return None if listed is None else _ungrid(asked, _Grid(named, listed))


def _rows(
    was: Sequence[Cells], own: Sequence[Cells], other: Sequence[Cells], *, union: bool
) -> list[Cells] | None:
    count = len(was)
    if len(own) < count or len(other) < count:
        return None
    found: list[Cells] = []
    for before, mine, theirs in zip(was, own, other, strict=False):
        if mine == theirs or theirs == before:
            found.append(mine)
        elif mine == before:
            found.append(theirs)
        elif (
            _is_one_row(before, mine, theirs) and (row := _cells(before, mine, theirs)) is not None
        ):
            found.append(row)
        else:
            return None
    mine_new, their_new = list(own[count:]), list(other[count:])
    if mine_new and their_new and mine_new != their_new:
        return [*found, *their_new, *mine_new] if union else None
    return [*found, *(mine_new or their_new)]


def _is_one_row(before: Cells, mine: Cells, theirs: Cells) -> bool:
    """Whether all three are one row: what it is called, its first cell, stands in each."""
    first = next(iter(before.items()), None)
    return first is not None and all(row.get(first[0]) == first[1] for row in (mine, theirs))


def _cells(was: Cells, own: Cells, other: Cells) -> Cells | None:
    found: Cells = {}
    for name in dict.fromkeys([*other, *own]):
        before, mine, theirs = (row.get(name) for row in (was, own, other))
        if mine == theirs or theirs == before:
            value = mine
        elif mine == before:
            value = theirs
        else:
            return None
        if value is not None:
            found[name] = value
    return found


def _grid(asked: Field, found: Part) -> _Grid:
    value, raw = found
    if asked.type == FieldType.INDICATORS:
        table = value if isinstance(value, dict) else {}
        named = {key: _plain(row) for key, row in (table.get("ref") or {}).items()}
        return _Grid(named, [_plain(row) for row in table.get("own") or []])
    computed = {column.key for column in asked.columns if column.type == FieldType.COMPUTED}
    order = [column.key for column in asked.columns if column.key not in computed]

    def cells(name: str, row: Any) -> Cells:
        known = row if isinstance(row, dict) else {}
        here: Cells = {}
        for key in [*order, *(key for key in known if key not in order and key not in computed)]:
            if (typed := raw.get(f"{asked.key}-{name}-{key}")) is not None:
                here[key] = ("raw", typed)
            elif not answers.is_empty(known.get(key)):
                here[key] = ("value", known[key])
        return here

    if asked.type == FieldType.YEAR_TABLE:
        table = value if isinstance(value, dict) else {}
        return _Grid(
            {str(year): cells(str(year), table.get(str(year))) for year in asked.years}, []
        )
    rows = value if isinstance(value, list) else []
    count = max([len(rows), *(_row_of(asked, name) + 1 for name in raw)])
    return _Grid({}, [cells(str(n), rows[n] if n < len(rows) else {}) for n in range(count)])


def _ungrid(asked: Field, grid: _Grid) -> Part:
    if asked.type == FieldType.INDICATORS:
        reference = {key: _typed(row) for key, row in grid.named.items()}
        return {"ref": reference, "own": [_typed(row) for row in grid.listed]}, {}
    raw: dict[str, str] = {}

    def row(name: str, cells: Cells) -> dict[str, Any]:
        for key, (kind, text) in cells.items():
            if kind == "raw":
                raw[f"{asked.key}-{name}-{key}"] = text
        return {key: value for key, (kind, value) in cells.items() if kind == "value"}

    if asked.type == FieldType.YEAR_TABLE:
        table = {name: made for name, cells in grid.named.items() if (made := row(name, cells))}
        return table or None, raw
    return [row(str(n), cells) for n, cells in enumerate(grid.listed)] or None, raw


def _row_of(asked: Field, name: str) -> int:
    return whole_or(name.removeprefix(f"{asked.key}-").partition("-")[0], -1)


INDICATOR_COLUMNS = ("name", "unit", "current", "target", "method", "evidence", "page")


def _plain(row: Any) -> Cells:
    known = row if isinstance(row, dict) else {}
    names = [*INDICATOR_COLUMNS, *(key for key in known if key not in INDICATOR_COLUMNS)]
    return {name: ("value", known[name]) for name in names if not answers.is_empty(known.get(name))}


def _typed(row: Cells) -> dict[str, Any]:
    return dict.fromkeys(INDICATOR_COLUMNS, "") | {name: cell[1] for name, cell in row.items()}


def _untouched(table: Any) -> bool:
    """An indicator table in which nothing stands; pages send its empty cells along."""
    if not isinstance(table, dict):
        return True
    rows = [*(table.get("ref") or {}).values(), *(table.get("own") or [])]
    return not any(_plain(row) for row in rows)
