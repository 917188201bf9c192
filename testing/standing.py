"""The order for the award in one direction. Pure: completions and scores in, lines out.

Each criterion of the file's ``[award]`` brings ``weight × share``: for ``completion`` the share is
the computed 指标完成度, for the others the score given divided by the criterion's highest score.
The weights add up to 100, so a total runs from 0 to 100 (two decimals). Equal totals share a rank,
and the next one is left out (1, 1, 3). A line that lacks a part has no total and no rank: it stands
last and says what is missing. The weights come from the file and are unverified there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

COMPLETION = "completion"
"""The key of the criterion that is computed from the results."""


@dataclass(frozen=True, slots=True)
class Criterion:
    key: str
    title: str
    weight: int
    highest: int


@dataclass(frozen=True, slots=True)
class Entry:
    """``completion`` in per cent; ``scores`` by criterion, from 0 to its highest."""

    key: int
    completion: Decimal | None
    scores: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Standing:
    """``parts``: points per criterion; ``missing``: titles; ``gap``: points to the line above."""

    key: int
    rank: int | None
    total: Decimal | None
    parts: Mapping[str, Decimal]
    missing: tuple[str, ...] = ()
    tied: bool = False
    gap: Decimal | None = None


def order(entries: Iterable[Entry], criteria: Sequence[Criterion]) -> list[Standing]:
    """The entries, best first; those without a total last, in the order they came."""
    lines = [_line(entry, criteria) for entry in entries]
    ranked = sorted(
        (one for one in lines if one.total is not None), key=lambda one: -(one.total or 0)
    )
    totals = [one.total for one in ranked]
    found = []
    for number, one in enumerate(ranked):
        above = ranked[number - 1].total if number else None
        found.append(
            replace(
                one,
                rank=totals.index(one.total) + 1,
                tied=totals.count(one.total) > 1,
                gap=above - one.total if above is not None and one.total is not None else None,
            )
        )
    return found + [one for one in lines if one.total is None]


def _line(entry: Entry, criteria: Sequence[Criterion]) -> Standing:
    parts: dict[str, Decimal] = {}
    missing = []
    for one in criteria:
        share = _share(entry, one)
        if share is None:
            missing.append(one.title)
        else:
            parts[one.key] = _round(share * one.weight)
    total = sum(parts.values(), Decimal(0)) if criteria and not missing else None
    return Standing(entry.key, None, total, parts, tuple(missing))


def _share(entry: Entry, criterion: Criterion) -> Decimal | None:
    if criterion.key == COMPLETION:
        return None if entry.completion is None else entry.completion / 100
    score = entry.scores.get(criterion.key)
    return None if score is None else score / criterion.highest


def _round(points: Decimal) -> Decimal:
    return points.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
