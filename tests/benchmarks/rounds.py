"""Timing of several things in turn, so that a busy moment falls on all of them alike."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def medians(rounds: int = 15, /, **acts: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of each act, the median over the rounds. One round before is not counted."""
    return _medians(rounds, acts, time.perf_counter)


def processor(rounds: int = 15, /, **acts: Callable[[], Any]) -> dict[str, float]:
    """As ``medians``, but of this process's time on a processor: others do not count."""
    return _medians(rounds, acts, time.process_time)


def _medians(
    rounds: int, acts: dict[str, Callable[[], Any]], clock: Callable[[], float]
) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(rounds + 1):
        for name, act in acts.items():
            begun = clock()
            act()
            if number:
                taken[name].append((clock() - begun) * 1000)
    return {name: round(statistics.median(one), 2) for name, one in taken.items()}
