#!/usr/bin/env python3
"""The last hour of a call with very many filers, played as queues. Standard library only.

    python3 scripts/simulate_deadline.py --filers 100000 --web 32 --papers 16

Every figure that goes in is an option with a default that docs/scaling.md names as assumed or
measured. People arrive in the last hour, ever more of them towards its end; each sends some pages
and saves, and one submission. Web processes take what comes in order, one at a time each. A
submission also holds its call's number counter for a moment, one after another. Its two papers wait
for whoever draws papers.
"""

import argparse
import heapq
import json
import math
import random
from typing import Any

HOUR = 3600.0


def options() -> argparse.ArgumentParser:
    read = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    read.add_argument("--filers", type=int, default=100_000)
    read.add_argument("--last-hour", type=float, default=0.3, help="share that files in it")
    read.add_argument("--steep", type=float, default=3.0, help="e-foldings of the rate in the hour")
    read.add_argument("--pages", type=float, default=8.0, help="other requests for each filing")
    read.add_argument("--page-ms", type=float, default=80.0, help="processor time of one")
    read.add_argument("--submit-ms", type=float, default=170.0, help="of a submission")
    read.add_argument("--lock-ms", type=float, default=8.0, help="counter held by one submission")
    read.add_argument("--paper-ms", type=float, default=1600.0, help="of one paper, two a filing")
    read.add_argument("--web", type=int, default=24, help="web processes, a processor each")
    read.add_argument("--papers", type=int, default=16, help="paper workers, a processor each")
    read.add_argument("--seed", type=int, default=20211130)
    return read


def arrivals(count: int, steep: float, draw: random.Random) -> list[float]:
    """Instants within the hour; the rate grows by exp(steep) from its begin to its end."""
    whole = math.expm1(steep)
    return sorted(math.log1p(draw.random() * whole) / steep * HOUR for _ in range(count))


def play(asked: argparse.Namespace) -> dict[str, Any]:
    draw = random.Random(asked.seed)
    filings = arrivals(int(asked.filers * asked.last_hour), asked.steep, draw)
    events = [(at, True) for at in filings]
    for at in filings:
        # The other pages of a filing lie in the ten minutes before it.
        pages = (at - draw.random() * 600 for _ in range(round(asked.pages)))
        events += [(page, False) for page in pages if page >= 0]
    events.sort()
    free = [0.0] * asked.web
    heapq.heapify(free)
    counter, longest, waits, last = 0.0, 0.0, [], 0.0
    for at, files in events:
        begin = max(at, heapq.heappop(free))
        longest = max(longest, begin - at)
        work = (asked.submit_ms if files else asked.page_ms) / 1000
        end = begin + work * draw.lognormvariate(-0.08, 0.4)
        if files:
            # The lock is the end of the transaction: whoever waits for it keeps the process.
            counter = max(counter, end) + asked.lock_ms / 1000
            end = counter
            waits.append(end - at)
            last = max(last, end)
        heapq.heappush(free, end)
    waits.sort()
    papers = 2 * len(filings) * asked.paper_ms / 1000 / asked.papers
    busiest = sum(at > HOUR - 60 for at in filings) / 60
    return {
        "filings_in_the_last_hour": len(filings),
        "filings_a_second_in_the_last_minute": round(busiest, 1),
        "requests_a_second_in_the_last_minute": round(busiest * (1 + asked.pages), 1),
        "submit_seconds": {
            f"p{share}": round(waits[math.ceil(share / 100 * len(waits)) - 1], 2)
            for share in (50, 95, 99)
        },
        "longest_wait_for_a_process_seconds": round(longest, 1),
        "last_answer_seconds_after_the_end": round(max(0.0, last - HOUR), 1),
        "papers_drawn_minutes_if_begun_at_the_start": round(papers / 60, 1),
    }


if __name__ == "__main__":
    print(json.dumps(play(options().parse_args()), indent=1))
