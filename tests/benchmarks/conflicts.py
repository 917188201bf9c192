"""Computed conflicts of 10,000 applications and 3,000 experts, beside the plain rule pair by pair.

    python -m tests.benchmarks.conflicts

One expert in four has worked for an applicant and one in fifty is on a filing's team; experts'
employers are partners of many filings; a tenth of the units bear other names. The plain rule is
timed on a share of the pairs, on which both sides must agree; its whole time is estimated from it.
"""

from __future__ import annotations

import json
import random
import time
from typing import Any

from reviews import conflicts
from reviews.conflicts import ApplicationFacts, ExpertFacts, Unit

APPLICATIONS, EXPERTS, SHARE = 10_000, 3_000, 30
TIMES = 3
TARGET = 5.0
"""Seconds: within the proposal, which is to be there in seconds."""


def world(
    applications: int, experts: int, *, seed: int = 1
) -> tuple[dict[int, ExpertFacts], dict[int, ApplicationFacts]]:
    draw = random.Random(seed)
    units = [
        Unit(
            f"示例企业{n:05d}有限公司",
            f"91{n:016d}",
            frozenset({f"示例旧名{n:05d}"}) if n % 10 == 0 else frozenset(),
        )
        for n in range(applications)
    ]
    institutes = [Unit(f"示例研究院{n}", "" if n % 3 else f"12{n:016d}") for n in range(500)]
    people = [
        conflicts.person_hash(f"示例人员{n}", f"000-{n:08d}") for n in range(2 * applications)
    ]
    regions = [f"{n}0100" for n in range(11, 42)]
    filed = {
        key: ApplicationFacts(
            units[key],
            (draw.choice(institutes), draw.choice(units)) if key % 2 else (),
            frozenset((people[2 * key], people[2 * key + 1])),
            draw.choice(regions),
        )
        for key in range(applications)
    }
    pool = {
        key: ExpertFacts(
            draw.choice(institutes),
            (draw.choice(units),) if key % 4 == 0 else (),
            people[key] if key % 50 == 0 else conflicts.person_hash(f"示例专家{key}", "000-1"),
            draw.choice(regions),
        )
        for key in range(experts)
    }
    return pool, filed


def pairwise(
    experts: dict[int, ExpertFacts], applications: dict[int, ApplicationFacts], *, by_region: bool
) -> dict[tuple[int, int], list[conflicts.Reason]]:
    return {
        (expert, application): reasons
        for expert, mine in experts.items()
        for application, theirs in applications.items()
        if (reasons := conflicts.find(mine, theirs, by_region=by_region))
    }


def timed(*, by_region: bool) -> dict[str, Any]:
    pool, filed = world(APPLICATIONS, EXPERTS)
    spent = []
    for _ in range(TIMES):
        begun = time.process_time()
        found = conflicts.find_all(pool, filed, by_region=by_region)
        spent.append(time.process_time() - begun)
    some = dict(list(pool.items())[:: EXPERTS // SHARE])
    begun = time.process_time()
    plain = pairwise(some, filed, by_region=by_region)
    taken = time.process_time() - begun
    assert plain == {pair: one for pair, one in found.items() if pair[0] in some}
    joined = sorted(spent)[TIMES // 2]
    return {
        "by_region": by_region,
        "found": len(found),
        "joined_s": round(joined, 3),
        "pairwise_s": round(taken * EXPERTS / len(some), 1),
        "estimated_from_experts": len(some),
        "equal": True,
        "target_s": TARGET,
        "met": joined <= TARGET,
    }


def measure() -> dict[str, Any]:
    return {
        "name": "conflicts",
        "applications": APPLICATIONS,
        "experts": EXPERTS,
        "runs": [timed(by_region=one) for one in (False, True)],
    }


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=1))
