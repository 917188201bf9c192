"""What the benchmarks have in common: timing, counting of statements, a database of their own."""

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

SIZES = tuple(int(word) for word in os.environ.get("BENCH_SIZES", "100,1000,10000").split(","))
"""Filings of the calls that grow, the smallest first."""


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def statements(act: Callable[[], object]) -> int:
    """How many statements the act asks of the database."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def alone(measure: Callable[[], dict[str, Any]]) -> None:
    """Print what a module finds, on a database that is made for it and thrown away."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from tests.proof import ground

    import django  # isort: skip

    django.setup()
    with ground.database():
        print(json.dumps(measure(), ensure_ascii=False, indent=1))


def medians(rounds: int = 15, /, **acts: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of each act, the median over the rounds, in turn: a busy moment falls on all of
    them alike. One round before is not counted."""
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
