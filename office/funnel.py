"""How many filings came how far, by region and direction. Pure: cells in, tables out.

A cell counts the filings of one call that agree in region, direction and status. A stage counts
those that came at least that far; what ended on the way (未入围, 形式审查未通过, 已撤回) is counted
as submitted, since its status no longer tells how far it had come.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """``region`` is a province's code, ``direction`` a key; both empty where none is known.
    ``submitted`` tells whether these were ever submitted."""

    region: str
    direction: str
    status: str
    submitted: bool
    count: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage and the statuses of those that came at least that far. The first has none: it
    counts everything that was begun, and leads to no list."""

    key: str
    title: str
    statuses: tuple[str, ...]
    note: str = ""

    def takes(self, cell: Cell) -> bool:
        return not self.statuses or (cell.submitted and cell.status in self.statuses)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the funnel. ``share`` is a percentage of the first line, 0–100."""

    stage: Stage
    count: int
    share: float
    of_last: float | None


Step = tuple[str, str, tuple[str, ...], str]
"""Key, title, the statuses of exactly that stage, a note."""


def stages(steps: Sequence[Step], ended: Collection[str]) -> list[Stage]:
    """The stages of a call: each takes its own statuses and those of every later one."""
    found = [Stage(steps[0][0], steps[0][1], (), steps[0][3])]
    for number, (key, title, _, note) in enumerate(steps[1:], start=1):
        later = [status for _, _, group, _ in steps[number:] for status in group]
        found.append(Stage(key, title, (*later, *(ended if number == 1 else ())), note))
    return found


def lines(cells: Iterable[Cell], of: Sequence[Stage]) -> list[Line]:
    """The funnel over these cells."""
    counts = [0] * len(of)
    for cell in cells:
        for number, stage in enumerate(of):
            if stage.takes(cell):
                counts[number] += cell.count
    first = counts[0] or 1
    return [
        Line(
            stage,
            count,
            round(100 * count / first, 1),
            round(100 * count / counts[number - 1], 1) if number and counts[number - 1] else None,
        )
        for number, (stage, count) in enumerate(zip(of, counts, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Cross:
    """A table of regions by directions for one stage; ``rows`` are (region, counts, total)."""

    directions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    totals: tuple[int, ...]
    total: int


def cross(cells: Iterable[Cell], stage: Stage, directions: Sequence[str]) -> Cross:
    """Regions in the order of their codes, unknown ones last; empty rows are left out."""
    found: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        if stage.takes(cell):
            found[cell.region, cell.direction] += cell.count
    columns = [*directions, *([""] if any(direction == "" for _, direction in found) else [])]
    regions = sorted({region for region, _ in found}, key=lambda code: (not code, code))
    rows = tuple(
        (region, counts := tuple(found[region, key] for key in columns), sum(counts))
        for region in regions
    )
    totals = tuple(sum(found[region, key] for region in regions) for key in columns)
    return Cross(tuple(columns), rows, totals, sum(totals))
