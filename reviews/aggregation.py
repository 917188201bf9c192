"""From many scores to one figure and one order. Pure, and the same whatever the order (R13).

Scores are totals on 0 to 100, to the cent. Sums are taken over sorted values in one fixed
decimal context; the bootstrap draws from a generator seeded by the caller.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from math import fsum

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
EXACT = Context(prec=40, rounding=ROUND_HALF_UP)
LEAST_FOR_TRIMMING = 3


class Method(StrEnum):
    MEAN = "mean"
    TRIMMED = "trimmed"
    MEDIAN = "median"
    Z_SCORE = "z_score"


LABELS = {
    Method.MEAN: "算术平均",
    Method.TRIMMED: "去掉一个最高分和一个最低分后平均",
    Method.MEDIAN: "中位数",
    Method.Z_SCORE: "按专家标准化（z 分数）",
}


@dataclass(frozen=True, slots=True)
class Score:
    """One submitted review: who scored which application how high."""

    application: int
    expert: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of one application among those it is ranked with."""

    application: int
    score: Decimal | None
    rank: int | None
    low: int | None
    high: int | None
    reviews: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """How a round is added up.

    ``least``: fewer reviews than this give no rank. ``spread``: highest minus lowest total,
    in points, from which the experts are said to disagree. ``draws``: bootstrap samples.
    """

    method: Method = Method.MEAN
    least: int = 3
    spread: Decimal = Decimal(30)
    draws: int = 200
    level: Decimal = Decimal("0.90")


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def _sum(values: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for value in sorted(values):
        result = EXACT.add(result, value)
    return result


def _mean(values: Collection[Decimal]) -> Decimal:
    return EXACT.divide(_sum(values), Decimal(len(values)))


def mean(values: Collection[Decimal]) -> Decimal:
    return cents(_mean(values))


def trimmed_mean(values: Collection[Decimal]) -> Decimal:
    """Without one highest and one lowest (去掉最高最低分); with fewer than three, the mean."""
    ordered = sorted(values)
    return mean(ordered[1:-1] if len(ordered) >= LEAST_FOR_TRIMMING else ordered)


def median(values: Collection[Decimal]) -> Decimal:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return cents(ordered[middle])
    return cents((ordered[middle - 1] + ordered[middle]) / 2)


def deviation(values: Collection[Decimal]) -> Decimal:
    """Standard deviation of the whole population; 0 for a single value."""
    centre = _mean(values)
    squares = [EXACT.power(EXACT.subtract(value, centre), 2) for value in sorted(values)]
    return EXACT.sqrt(EXACT.divide(_sum(squares), Decimal(len(squares))))


def standardise(scores: Collection[Score]) -> list[Score]:
    """Each expert's totals moved to the common mean and spread, kept within 0 to 100.

    An expert whose totals are all alike says nothing about the order: the common mean.
    """
    if not scores:
        return []
    everything = [score.total for score in scores]
    centre, width = _mean(everything), deviation(everything)
    own: dict[int, list[Decimal]] = {}
    for score in scores:
        own.setdefault(score.expert, []).append(score.total)
    facts = {expert: (_mean(totals), deviation(totals)) for expert, totals in own.items()}
    moved = []
    for score in sorted(scores, key=_order):
        middle, spread = facts[score.expert]
        distance = EXACT.subtract(score.total, middle)
        z = EXACT.divide(distance, spread) if spread else Decimal(0)
        value = EXACT.add(centre, EXACT.multiply(z, width))
        moved.append(
            Score(score.application, score.expert, cents(min(max(value, Decimal(0)), HUNDRED)))
        )
    return moved


def _order(score: Score) -> tuple[int, int, Decimal]:
    return score.application, score.expert, score.total


FIGURES: dict[Method, Callable[[Collection[Decimal]], Decimal]] = {
    Method.MEAN: mean,
    Method.TRIMMED: trimmed_mean,
    Method.MEDIAN: median,
    Method.Z_SCORE: mean,
}


def ranks(figures: Mapping[int, Decimal]) -> dict[int, int]:
    """1 for the highest; equal figures share a rank and the next one is skipped (1, 2, 2, 4)."""
    ordered = sorted(figures.values(), reverse=True)
    first: dict[Decimal, int] = {}
    for place, figure in enumerate(ordered, start=1):
        first.setdefault(figure, place)
    return {key: first[figure] for key, figure in figures.items()}


def standings(
    applications: Iterable[int], scores: Collection[Score], *, rule: Rule, seed: str
) -> list[Standing]:
    """Rank the applications of one group, best first; those without a rank come last.

    Every figure is a function of the set of scores, the rule and the seed alone.
    """
    keys = sorted(set(applications))
    used = standardise(scores) if rule.method is Method.Z_SCORE else list(scores)
    totals: dict[int, list[Decimal]] = {key: [] for key in keys}
    raw: dict[int, list[Decimal]] = {key: [] for key in keys}
    for score in used:
        if score.application in totals:
            totals[score.application].append(score.total)
    for score in scores:
        if score.application in raw:
            raw[score.application].append(score.total)
    figures = {
        key: FIGURES[rule.method](sorted(values)) for key, values in totals.items() if values
    }
    enough = {key: figures[key] for key in keys if len(totals[key]) >= max(rule.least, 1)}
    places = ranks(enough)
    spans = intervals({key: totals[key] for key in enough}, rule=rule, seed=seed)
    shared = {place for place, held in Counter(places.values()).items() if held > 1}
    result = []
    for key in keys:
        flags = []
        if len(totals[key]) < rule.least:
            flags.append("too_few")
        if raw[key] and max(raw[key]) - min(raw[key]) >= rule.spread:
            flags.append("disagreement")
        if rule.method is Method.TRIMMED and 0 < len(totals[key]) < LEAST_FOR_TRIMMING:
            flags.append("not_trimmed")
        place = places.get(key)
        if place in shared:
            flags.append("tie")
        low, high = spans.get(key, (None, None))
        result.append(
            Standing(
                key, figures.get(key), place, low, high, len(totals[key]), tuple(sorted(flags))
            )
        )
    return sorted(result, key=lambda one: (one.rank is None, one.rank or 0, one.application))


def intervals(
    totals: Mapping[int, Sequence[Decimal]], *, rule: Rule, seed: str
) -> dict[int, tuple[int, int]]:
    """Between which ranks an application falls when its experts are drawn again.

    A bootstrap: the middle ``rule.level`` of the ranks over ``rule.draws`` samples. The
    observed rank always lies inside. Needs two applications; one alone is first.
    """
    keys = sorted(totals)
    if not keys:
        return {}
    figure = _quick(rule.method)
    values = {key: [float(value) for value in sorted(totals[key])] for key in keys}
    generator = random.Random(seed)
    seen: dict[int, list[int]] = {key: [] for key in keys}
    for _ in range(rule.draws):
        sample = {key: figure(generator.choices(one, k=len(one))) for key, one in values.items()}
        for key, place in _places(sample).items():
            seen[key].append(place)
    observed = ranks({key: FIGURES[rule.method](totals[key]) for key in keys})
    cut = int((1 - float(rule.level)) / 2 * rule.draws)
    spans = {}
    for key in keys:
        inside = sorted(seen[key])[cut : rule.draws - cut] or [observed[key]]
        spans[key] = (min(inside[0], observed[key]), max(inside[-1], observed[key]))
    return spans


def _places(figures: Mapping[int, float]) -> dict[int, int]:
    first: dict[float, int] = {}
    for place, figure in enumerate(sorted(figures.values(), reverse=True), start=1):
        first.setdefault(figure, place)
    return {key: first[figure] for key, figure in figures.items()}


def _quick(method: Method) -> Callable[[list[float]], float]:
    """The same figures in floats, rounded to the cent; ``fsum`` is exact whatever the order."""

    def plain(values: list[float]) -> float:
        return round(fsum(values) / len(values), 2)

    def trimmed(values: list[float]) -> float:
        ordered = sorted(values)
        return plain(ordered[1:-1] if len(ordered) >= LEAST_FOR_TRIMMING else ordered)

    def middle(values: list[float]) -> float:
        ordered = sorted(values)
        half = len(ordered) // 2
        return plain(ordered[half : half + 1] if len(ordered) % 2 else ordered[half - 1 : half + 1])

    return {Method.TRIMMED: trimmed, Method.MEDIAN: middle}.get(method, plain)
