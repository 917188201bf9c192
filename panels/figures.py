"""The score after the meeting: the round's own scores, some of them changed. Pure.

The figures are those of ``reviews.aggregation`` by the round's own method; nothing here depends
on the order of what comes in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from reviews import aggregation
from reviews.aggregation import Rule, Score, Standing

Pair = tuple[int, int]
"""(application, expert)"""


def merged(
    scores: Iterable[Score], changed: Mapping[Pair, Decimal], *, barred: Collection[Pair] = ()
) -> list[Score]:
    """The scores that count: changed ones in place of their originals, none of a barred expert."""
    return sorted(
        (
            Score(
                one.application,
                one.expert,
                changed.get((one.application, one.expert), one.total),
            )
            for one in scores
            if (one.application, one.expert) not in barred
        ),
        key=lambda one: (one.application, one.expert),
    )


def standings(
    groups: Mapping[int, Collection[int]], scores: Collection[Score], *, rule: Rule, seed: str
) -> list[Standing]:
    """Each direction ranked by itself, as when the round was closed."""
    found: list[Standing] = []
    for direction, applications in sorted(groups.items()):
        found += aggregation.standings(
            applications, scores, rule=rule, seed=f"{seed}|panel|{direction}"
        )
    return found


def spread(totals: Collection[Decimal]) -> Decimal | None:
    """Highest minus lowest, in points."""
    return max(totals) - min(totals) if totals else None
