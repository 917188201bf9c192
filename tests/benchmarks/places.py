"""100 clients for 15 places, all at once, on PostgreSQL: how long until all are answered.

The clients are processes with a connection of their own (``tests.recommenders.proof_quota``). The
control beside it counts naively, without the lock, and shows how many it would have let through.
"""

import statistics
import time
from typing import Any

from django.db import connections

from recommenders.models import Confirmation
from tests import world
from tests.recommenders import proof_quota, scene

CLIENTS, ROUNDS = 100, 5


def measure(clients: int = CLIENTS, times: int = ROUNDS) -> dict[str, Any]:
    cast = world.build()
    found = scene.filings(cast, clients)
    actors = {"operator": cast.actor("operator")}
    shared = proof_quota.FORK.RawValue("i", 0)
    connections.close_all()
    crowd = [proof_quota.Client(n, shared, one.pk, actors) for n, one in enumerate(found)]
    taken, held = [], []
    try:
        for number in range(1, times + 2):
            proof_quota._reset(cast)
            connections.close_all()
            milliseconds = together(crowd, shared, number)
            held.append(Confirmation.objects.filter(released_at=None).count())
            if number > 1:
                taken.append(milliseconds)
    finally:
        for one in crowd:
            one.stop()
    proof_quota._reset(cast)
    return {
        "name": "places",
        "clients": clients,
        "all_answered_ms": round(statistics.median(taken), 1),
        "held": held,
        "exact": set(held) == {proof_quota.PLACES},
        "target_ms": 200,
        "naive_held": proof_quota.control(cast, clients=clients, rounds=2),
    }


def together(crowd: list[Any], shared: Any, number: int) -> float:
    """Milliseconds from the signal until the last client has its answer."""
    for one in crowd:
        one.ask(number, "recommend")
    for one in crowd:
        assert one.here.recv() == "ready"
    begun = time.perf_counter()
    shared.value = number
    for one in crowd:
        answer = one.here.recv()
        assert answer in ("confirmed", "quota-used"), answer
    return (time.perf_counter() - begun) * 1000
