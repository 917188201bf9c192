"""The assignment proposal: 1,000 applications × 300 experts and 10,000 × 3,000, five experts each.

    python -m tests.benchmarks.assignment

Conflicts on 2 % of all pairs, ten directions with sub-fields, two fields per expert. Says time,
memory and whether the optimum is proved, and what a draw costs that is kept for its repetition,
in processor time and bytes. Targets: 50 ms and 1 s.
"""

from __future__ import annotations

import json
import random
import resource
import time
from typing import Any

from reviews import assignment, drawing
from reviews.assignment import Reviewer, Task

SIZES = ((1_000, 300, 50), (10_000, 3_000, 1_000))
"""Applications, experts, target in ms."""
WANTED, CLASHES = 5, 0.02
DIRECTIONS = [f"示例方向{number}号" for number in range(10)]
TIMES = 5


def world(
    tasks: int, experts: int, *, seed: int = 1
) -> tuple[list[Task], list[Reviewer], set[tuple[int, int]]]:
    draw = random.Random(seed)
    asked = [
        Task(key, (draw.choice(DIRECTIONS), f"示例细分{draw.randrange(6)}"), WANTED)
        for key in range(1, tasks + 1)
    ]
    most = WANTED * tasks // experts
    able = [
        Reviewer(key, tuple(draw.sample(DIRECTIONS, 2)), most + 5 + draw.randrange(6))
        for key in range(1, experts + 1)
    ]
    clashes = {
        (draw.randrange(1, tasks + 1), draw.randrange(1, experts + 1))
        for _ in range(int(tasks * experts * CLASHES))
    }
    return asked, able, clashes


def timed(tasks: int, experts: int, target: int, *, seed: str = "") -> dict[str, Any]:
    asked, able, clashes = world(tasks, experts)
    walls, spent = [], []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        found = assignment.propose(asked, able, conflicts=clashes, seed=seed)
        walls.append((time.perf_counter() - wall) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    return {
        "applications": tasks,
        "experts": experts,
        "conflicts": len(clashes),
        "drawn": bool(seed),
        "pairs": len(found.pairs),
        "objective": found.objective,
        "gap": found.gap,
        "proved": found.gap == 0,
        "median_ms": round(sorted(walls)[TIMES // 2], 1),
        "cpu_ms": round(sorted(spent)[TIMES // 2], 1),
        "target_ms": target,
        "met": sorted(spent)[TIMES // 2] <= target,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def keeping(tasks: int, experts: int) -> dict[str, Any]:
    """A draw that is kept for its repetition, as a round makes it: what goes in put in order,
    hashed and packed, drawn from that, packed what comes out. The size of the two columns."""
    asked, able, clashes = world(tasks, experts)
    spent = []
    for _ in range(TIMES):
        cpu = time.process_time()
        given = drawing.inputs(
            asked, able, elsewhere={}, conflicts=clashes, commitment="0" * 64, salt="0" * 32
        )
        inputs, fingerprint = drawing.packed(given)
        pairs = drawing.repeat(given, seed="示例种子").pairs
        outcome, _ = drawing.packed(drawing.outcome(fingerprint, pairs))
        spent.append((time.process_time() - cpu) * 1000)
    return {
        "applications": tasks,
        "experts": experts,
        "conflicts": len(clashes),
        "cpu_ms": round(sorted(spent)[TIMES // 2], 1),
        "inputs_kb": round(len(inputs) / 1024),
        "outcome_kb": round(len(outcome) / 1024),
    }


def measure() -> dict[str, Any]:
    """Each size without and with a draw, the smaller first, so that the peak is its own."""
    return {
        "name": "assignment",
        "sizes": [timed(*size, seed=seed) for size in SIZES for seed in ("", "示例种子")],
        "keeping": [keeping(tasks, experts) for tasks, experts, _ in SIZES],
    }


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=1))
