"""100 clients for 15 places, all at once, on PostgreSQL: how long until all are answered.

The clients are processes with a connection of their own (``tests.recommenders.proof_quota``).
``all_answered_ms`` is what is promised: the whole recommendation, judged by every rule, with the
trail and the letters in its transaction, by clients of whom each has recommended before, as a
server's worker has. ``first_ever_ms`` is the same where none of them has (the first round).
Beside it, in turn with it, ``guard_only_ms``: the same clients take only what guards
the quota (the lock, the place, the row of the confirmation) through the same functions. Bare
statements of that kind are what the target was once taken from (163 ms). The control counts
naively, without the lock, and shows how many it would have let through.
"""

import itertools
import statistics
import time
from typing import Any

from django.db import connection, connections, transaction

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
    allotment, room = ground.lock_room(application)
    place = confirming.free_place(allotment, application) if room else None
    if place is None:
        return "quota-used"
    confirming.hold(place, application, allotment, rank=place.number, by=by, at=scene.LATER)
    return "confirmed"


def measure(clients: int = CLIENTS, times: int = ROUNDS) -> dict[str, Any]:
    cast = world.build()
    found = scene.filings(cast, clients)
    actors = {"operator": cast.actor("operator")}
    scene.recommend(cast, found[0])
    _alike_for_all_rounds()
    shared = proof_quota.FORK.RawValue("i", 0)
    connections.close_all()
    crowd = [Client(n, shared, one.pk, actors) for n, one in enumerate(found)]
    taken: dict[str, list[float]] = {"recommend": [], "guard": []}
    held = []
    signals = itertools.count(1)
    try:
        first_ever = _round(cast, crowd, shared, next(signals), "recommend")
        for at in range(0, clients, proof_quota.PLACES):
            _clear(cast)
            for one in crowd[at : at + proof_quota.PLACES]:
                together([one], shared, next(signals), "recommend")
        for number in range(times + 1):
            for act in taken:
                milliseconds = _round(cast, crowd, shared, next(signals), act)
                held.append(Confirmation.objects.filter(released_at=None).count())
                if number:
                    taken[act].append(milliseconds)
    finally:
        for one in crowd:
            one.stop()
    proof_quota._reset(cast)
    return {
        "name": "places",
        "clients": clients,
        "all_answered_ms": round(statistics.median(taken["recommend"]), 1),
        "first_ever_ms": round(first_ever, 1),
        "guard_only_ms": round(statistics.median(taken["guard"]), 1),
        "held": held,
        "exact": set(held) == {proof_quota.PLACES},
        "target_ms": 200,
        "naive_held": proof_quota.control(cast, clients=clients, rounds=2),
    }


def _round(cast: Any, crowd: list[Any], shared: Any, signal: int, act: str) -> float:
    _clear(cast)
    return together(crowd, shared, signal, act)


def _clear(cast: Any) -> None:
    """All places are free again; no connection stands between the clients."""
    proof_quota._reset(cast)
    connections.close_all()


def _alike_for_all_rounds() -> None:
    """The server knows how many rows there are and does not look again meanwhile: it would do so
    in one round of them, and every client would plan anew in the next."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)')


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
