"""How far an order rests on its method and on single experts. Pure, independent of input order.

Figures are whole cents, halves up, as in ``aggregation``; only z-scores go through floats.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import floor, fsum, sqrt

from reviews.aggregation import LEAST_FOR_TRIMMING, Method, Score


@dataclass(frozen=True, slots=True)
class Sway:
    """Where one application would stand otherwise.

    ``methods``: its rank by each method. ``low`` to ``high``: the ranks it takes when the scores
    of one expert are left out. ``deciding``: the experts without whom it would cross the line.
    Applications without a rank are left out of all of this.
    """

    application: int
    rank: int
    methods: Mapping[Method, int]
    low: int
    high: int
    deciding: tuple[int, ...]

    @property
    def steady(self) -> bool:
        """One and the same rank by every method and without any one expert."""
        return {self.low, self.high, *self.methods.values()} == {self.rank}


def sways(
    ranks: Mapping[int, int], scores: Collection[Score], *, method: Method, line: int | None
) -> list[Sway]:
    """Of each ranked application of one group how it would stand otherwise, best first.

    ``ranks`` are those of the closed round. ``line``: how many are taken (the cap); None = no
    line, and nobody decides. For z-scores all scores of the round must be given.
    """
    held = _by_application(ranks, scores)
    orders = {
        one: dict(ranks) if one is method else _ranks(_figures(one, ranks, held, scores, None))
        for one in Method
    }
    low, high = dict(ranks), dict(ranks)
    deciding: dict[int, list[int]] = {key: [] for key in ranks}
    for expert in sorted({expert for own in held.values() for expert, _ in own}):
        for key, place in _ranks(_figures(method, ranks, held, scores, expert)).items():
            low[key], high[key] = min(low[key], place), max(high[key], place)
            if line is not None and (place <= line) != (ranks[key] <= line):
                deciding[key].append(expert)
    return [
        Sway(
            key,
            ranks[key],
            {one: order[key] for one, order in orders.items()},
            low[key],
            high[key],
            tuple(deciding[key]),
        )
        for key in sorted(ranks, key=lambda key: (ranks[key], key))
    ]


Held = Mapping[int, list[tuple[int, int]]]
"""By application: (expert, total in cents)."""


def _by_application(group: Iterable[int], scores: Iterable[Score]) -> Held:
    held: dict[int, list[tuple[int, int]]] = {key: [] for key in group}
    for score in scores:
        if score.application in held:
            held[score.application].append((score.expert, int(score.total * 100)))
    return held


def _figures(
    method: Method, group: Iterable[int], held: Held, scores: Collection[Score], leave: int | None
) -> dict[int, int]:
    """Figures in cents without one expert; who has no other score keeps it."""
    if method is Method.Z_SCORE:
        held = _standardised(group, scores, leave)
    found = {}
    for key in group:
        rest = sorted(total for expert, total in held[key] if expert != leave)
        found[key] = _figure(method, rest or sorted(total for _, total in held[key]))
    return found


def _figure(method: Method, ordered: list[int]) -> int:
    if not ordered:
        return 0
    if method is Method.MEDIAN:
        half = len(ordered) // 2
        ordered = ordered[half : half + 1] if len(ordered) % 2 else ordered[half - 1 : half + 1]
    elif method is Method.TRIMMED and len(ordered) >= LEAST_FOR_TRIMMING:
        ordered = ordered[1:-1]
    return (2 * sum(ordered) + len(ordered)) // (2 * len(ordered))  # halves go up


def _standardised(group: Iterable[int], scores: Collection[Score], leave: int | None) -> Held:
    """As ``aggregation.standardise``, through floats."""
    own: dict[int, list[int]] = {}
    for score in scores:
        own.setdefault(score.expert, []).append(int(score.total * 100))
    own.pop(leave, None)  # type: ignore[arg-type]
    held: dict[int, list[tuple[int, int]]] = {key: [] for key in group}
    if not own:
        return held
    centre, width = _centre(sorted(total for totals in own.values() for total in totals))
    facts = {expert: _centre(sorted(totals)) for expert, totals in own.items()}
    for score in scores:
        if score.expert in own and score.application in held:
            middle, spread = facts[score.expert]
            z = (int(score.total * 100) - middle) / spread if spread else 0.0
            value = floor(min(max(centre + z * width, 0.0), 10000.0) + 0.5)
            held[score.application].append((score.expert, value))
    return held


def _centre(ordered: list[int]) -> tuple[float, float]:
    """Mean and standard deviation of the whole population."""
    middle = fsum(ordered) / len(ordered)
    return middle, sqrt(fsum((value - middle) ** 2 for value in ordered) / len(ordered))


def _ranks(figures: Mapping[int, int]) -> dict[int, int]:
    """1 for the highest; equal figures share a rank."""
    rising = sorted(figures.values())
    count = len(rising)
    return {key: 1 + count - bisect_right(rising, figure) for key, figure in figures.items()}
