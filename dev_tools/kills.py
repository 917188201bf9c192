"""`dev.py cluster --kills`: people file while the parts of the cluster are killed in turn.

Killed means SIGKILL, to a part and everything it has started; the supervisor starts it again a
second later, as a container engine would. People press again with the same key until they hold a
receipt. Afterwards every receipt must be in the database, once, and no letter twice.
"""

import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from dev_tools import storm
from dev_tools.cluster import Cluster, only_one
from dev_tools.ground import say

TURN = ("web-1", "worker", "postgres", "papers", "redis", "web-2", "beat")
EVERY_SECONDS = 10.0
PATIENCE = 90.0
SETTLE_SECONDS = 180.0


class Killer:
    """Kills the next part whenever its time has come and everything runs."""

    def __init__(self, cluster: Cluster, *, every: float = EVERY_SECONDS) -> None:
        self.cluster, self.every = cluster, every
        self.due = time.monotonic() + every / 2
        self.turn = 0
        self.killed: Counter[str] = Counter()

    def look(self) -> None:
        self.cluster.look()
        if time.monotonic() < self.due:
            return
        name = TURN[self.turn % len(TURN)]
        self.turn += 1
        self.due = time.monotonic() + self.every
        child = self.cluster.children[name]
        if child.process is None or not child.is_alive():
            say(f"{name} is not up yet; passed over")
            return
        kill(storm.family(child.process.pid))
        self.killed[name] += 1
        say(f"killed {name}")


def kill(ids: Sequence[int]) -> None:
    """End exactly these processes, at once. The parent first, so that it replaces none."""
    for one in ids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def run(*, seconds: float, rate: float) -> int:
    """Play it; 0 when no receipt was lost and no letter doubled."""
    with only_one(), Cluster() as cluster:
        before = storm.memory(cluster)
        killer = Killer(cluster)
        result = storm.play(
            cluster, rate=rate, seconds=seconds, during=killer.look, patience=PATIENCE
        )
        settled = settle(cluster)
        receipts = cluster.folder / "storm/receipts"
        result["compared"] = storm.asked(cluster, "compare", receipts)
        result["killed"] = dict(killer.killed)
        result["settled"] = settled
        result["invariants"] = cluster.manage(
            "check_invariants", "--without-files", seconds=900
        ).strip()
        result["memory_mb"] = {"before": before, "after": storm.memory(cluster)}
    print(json.dumps(result, ensure_ascii=False, indent=1), flush=True)
    missed = [name for name in ("web-1", "worker", "postgres", "redis") if not killer.killed[name]]
    if missed:
        say(f"never killed: {', '.join(missed)}")
    return 0 if storm.is_whole(result) and settled["letters"] == 0 and not missed else 1


def settle(cluster: Cluster) -> dict[str, Any]:
    """Wait until everything runs and every letter is out; papers may take longer."""
    end = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < end:
        cluster.look()
        if cluster.readiness()["ready"]:
            waiting = storm.asked(cluster, "waiting")
            if not waiting["letters"]:
                return waiting
        time.sleep(2)
    return storm.asked(cluster, "waiting")
