"""How strict or lenient each expert was beside the others who judged the same. Pure.

An expert's lean is the mean of the differences between their totals and the mean of the other
experts' totals of the same application, in points: who was given weak applications is not strict
for it. Sums are those of ``aggregation``, the same whatever the order of the scores (R13).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reviews import aggregation
from reviews.aggregation import Score, cents

LEAST = 3
"""With fewer compared applications nothing is said of an expert."""
APART = Decimal(5)
"""Points from which a lean is named, if it is also more than twice its standard error."""


@dataclass(frozen=True, slots=True)
class Lean:
    """One expert. ``lean``: points above (lenient) or below (strict) the others; ``margin``: twice
    the standard error; ``mean``: of the expert's own totals; ``compared``: applications that
    somebody else judged too. ``word``: strict, lenient, or nothing."""

    expert: int
    reviews: int
    compared: int
    mean: Decimal
    lean: Decimal | None
    margin: Decimal | None
    word: str

    @property
    def low(self) -> Decimal | None:
        return None if self.lean is None or self.margin is None else self.lean - self.margin

    @property
    def high(self) -> Decimal | None:
        return None if self.lean is None or self.margin is None else self.lean + self.margin


def leans(scores: Iterable[Score]) -> list[Lean]:
    """Every expert with a submitted score, the strictest first, those without a lean last."""
    by_application: dict[int, list[Score]] = defaultdict(list)
    totals: dict[int, list[Decimal]] = defaultdict(list)
    apart: dict[int, list[Decimal]] = defaultdict(list)
    for score in scores:
        by_application[score.application].append(score)
        totals[score.expert].append(score.total)
    for held in by_application.values():
        whole = sum((one.total for one in held), Decimal(0))
        for one in held if len(held) > 1 else ():
            apart[one.expert].append(one.total - (whole - one.total) / (len(held) - 1))
    found = [_lean(expert, totals[expert], apart[expert]) for expert in totals]
    return sorted(found, key=lambda one: (one.lean is None, one.lean or Decimal(0), one.expert))


def _lean(expert: int, totals: list[Decimal], apart: list[Decimal]) -> Lean:
    lean = margin = None
    word = ""
    if apart:
        lean = aggregation.mean(apart)
    if lean is not None and len(apart) >= LEAST:
        spread = aggregation.deviation(apart)
        margin = cents(2 * spread / Decimal(len(apart) - 1).sqrt())
        if abs(lean) >= APART and abs(lean) > margin:
            word = "strict" if lean < 0 else "lenient"
    return Lean(expert, len(totals), len(apart), aggregation.mean(totals), lean, margin, word)
