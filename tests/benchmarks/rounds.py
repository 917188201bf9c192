"""Timing of several things in turn, so that a busy moment falls on all of them alike."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def medians(rounds: int = 15, /, **acts: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of each act, the median over the rounds. One round before is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(rounds + 1):
        for name, act in acts.items():
            begun = time.perf_counter()
            act()
            if number:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return {name: round(statistics.median(one), 2) for name, one in taken.items()}
