"""100 clients for 15 places, all at once, on PostgreSQL: how long until all are answered.

The clients are processes with a connection of their own (``tests.recommenders.proof_quota``),
forked from one that has recommended before, as a server's worker has. ``all_answered_ms`` is what
is promised: the whole recommendation, judged by every rule, with the trail and the letters in its
transaction. Beside it, in turn with it, ``guard_only_ms``: the same clients take only what guards
the quota (the lock, the place, the row of the confirmation) through the same functions. Bare
statements of that kind are what the target was once taken from (163 ms). The control counts
naively, without the lock, and shows how many it would have let through.
"""

import statistics
import time
from typing import Any

from django.db import connections, transaction

from recommenders.models import Confirmation
from recommenders.services import confirming, ground
from tests import world
from tests.recommenders import proof_quota, scene

CLIENTS, ROUNDS = 100, 5


class Client(proof_quota.Client):
    """Recommends, or takes a place by the guard alone."""

    def _act(self, act: str, application: Any) -> str:
        if act == "guard":
            return guard_only(application, by=self.actors["operator"].person)
        return super()._act(act, application)


@transaction.atomic
def guard_only(application: Any, *, by: int) -> str:
    """What keeps the quota and nothing else: no rule, no rank, no trail, no letter."""
    allotment = ground.lock_allotment(application)
    place = confirming.free_place(allotment, application)
    if place is None:
        return "quota-used"
    confirming.hold(place, application, allotment, rank=place.number, by=by, at=scene.LATER)
    return "confirmed"


def measure(clients: int = CLIENTS, times: int = ROUNDS) -> dict[str, Any]:
    cast = world.build()
    found = scene.filings(cast, clients)
    actors = {"operator": cast.actor("operator")}
    scene.recommend(cast, found[0])
    shared = proof_quota.FORK.RawValue("i", 0)
    connections.close_all()
    crowd = [Client(n, shared, one.pk, actors) for n, one in enumerate(found)]
    taken: dict[str, list[float]] = {"recommend": [], "guard": []}
    held = []
    try:
        for number in range(1, times + 2):
            for signal, act in enumerate(taken, start=2 * number):
                proof_quota._reset(cast)
                connections.close_all()
                milliseconds = together(crowd, shared, signal, act)
                held.append(Confirmation.objects.filter(released_at=None).count())
                if number > 1:
                    taken[act].append(milliseconds)
    finally:
        for one in crowd:
            one.stop()
    proof_quota._reset(cast)
    return {
        "name": "places",
        "clients": clients,
        "all_answered_ms": round(statistics.median(taken["recommend"]), 1),
        "guard_only_ms": round(statistics.median(taken["guard"]), 1),
        "held": held,
        "exact": set(held) == {proof_quota.PLACES},
        "target_ms": 200,
        "naive_held": proof_quota.control(cast, clients=clients, rounds=2),
    }


def together(crowd: list[Any], shared: Any, number: int, act: str) -> float:
    """Milliseconds from the signal until the last client has its answer."""
    for one in crowd:
        one.ask(number, act)
    for one in crowd:
        assert one.here.recv() == "ready"
    begun = time.perf_counter()
    shared.value = number
    for one in crowd:
        answer = one.here.recv()
        assert answer in ("confirmed", "quota-used"), answer
    return (time.perf_counter() - begun) * 1000
