"""R3 at length: many clients at once for few places, round after round, on PostgreSQL.

    python -m tests.recommenders.proof_quota --clients 64 --rounds 200 --minutes 8

Rounds of four kinds take turns: all at once; all at once while the office lowers the limit; all at
once while some clients are killed on the way; all at once while the holders give their places up.
After each round the database is read: never more recommendations than places, one place each,
dense ranks, and statuses that agree with the places. Then the negative control takes the guards
away (the lock, the unique place) and must overrun, or the proof proves nothing. Without
DATABASE_URL a server of its own is started and thrown away. Exit status 0: all held, and the
control overran.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import connection as pipes
from typing import Any

FORK = multiprocessing.get_context("fork")
PLACES = 15
LOWERED = 10
KILLED = 5
REASON = "并发证明所用"
KINDS = ("plain", "lowering", "killing", "leaving")
EXPECTED = {
    "confirmed",
    "quota-used",
    "limit-below-used",
    "lowered",
    "left",
    "illegal-move",
    "wrong-status",
}


@dataclass
class Report:
    clients: int
    rounds: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    most: int = 0
    control: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.wrong and bool(self.rounds)

    def words(self) -> str:
        said = "，".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        kinds = "，".join(f"{name} {count}" for name, count in sorted(self.kinds.items()))
        lines = [
            f"{self.clients} clients × {self.rounds} rounds in {self.seconds:.0f} s: {kinds}",
            f"answers: {said}; clients killed {self.killed}",
            f"most held at once {self.most} of {PLACES}",
            *(["control without the guards held " + "，".join(map(str, self.control))]),
            *(f"WRONG: {one}" for one in self.wrong[:10]),
        ]
        return "\n".join(lines)


class Client:
    """One process with a connection of its own; it waits for the round and answers by a pipe."""

    def __init__(self, number: int, shared: Any, pk: int, actors: dict[str, Any]) -> None:
        self.number, self.shared, self.pk, self.actors = number, shared, pk, actors
        self.start()

    def start(self) -> None:
        """Fork; the parent's own connection is closed first, so that no two processes share it."""
        from django.db import connections

        connections.close_all()
        self.here, there = FORK.Pipe()
        self.process = FORK.Process(target=self._live, args=(there,), daemon=True)
        self.process.start()
        there.close()

    def _live(self, pipe: Any) -> None:
        from django.db import connections

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.here.close()
        connections.close_all()
        while True:
            try:
                number, act = pipe.recv()
            except EOFError:
                os._exit(0)
            try:
                ready = self._ready()
                pipe.send("ready")
                while self.shared.value < number:
                    time.sleep(0.0003)
                pipe.send(self._act(act, ready))
            except Exception:
                pipe.send("broken: " + traceback.format_exc(limit=3)[-400:])

    def _ready(self) -> Any:
        from applications.models import Application

        return Application.objects.select_related(
            "call", "organisation", "recommender", "preselector", "direction"
        ).get(pk=self.pk)

    def _act(self, act: str, application: Any) -> str:
        from core.errors import Refusal
        from recommenders import services
        from tests.recommenders import scene

        try:
            if act == "lower":
                services.change_limit(
                    self.actors["allotment"],
                    limit=LOWERED,
                    reason=REASON,
                    actor=self.actors["chief"],
                    at=scene.LATER,
                )
                return "lowered"
            if act == "leave":
                services.unrecommend(
                    application, actor=self.actors["operator"], at=scene.LATER, reason=REASON
                )
                return "left"
            services.recommend(application, actor=self.actors["operator"], at=scene.LATER)
            return "confirmed"
        except Refusal as refusal:
            return refusal.code

    def ask(self, number: int, act: str) -> None:
        self.here.send((number, act))

    def stop(self) -> None:
        self.here.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join(5)


def play(cast: Any, *, clients: int, rounds: int, seconds: float, say: Any = None) -> Report:
    """Play the rounds on the present database and judge each. The cast's call must be open."""
    from django.db import connections

    from tests.recommenders import scene

    found = scene.filings(cast, clients)
    actors = {
        "operator": cast.actor("operator"),
        "chief": cast.actor("chief"),
        "allotment": scene.allotment(cast),
    }
    report, began = Report(clients), time.monotonic()
    draw = random.Random(20211130)
    shared = FORK.RawValue("i", 0)
    connections.close_all()
    crowd = [Client(n, shared, one.pk, actors) for n, one in enumerate(found)]
    try:
        for number in range(1, rounds + 1):
            if time.monotonic() - began > seconds:
                break
            kind = KINDS[(number - 1) % len(KINDS)]
            _reset(cast)
            leaving = _hold_some(found, cast) if kind == "leaving" else set()
            _round(crowd, shared, number, kind, leaving, report, draw)
            report.rounds += 1
            report.kinds[kind] += 1
            report.wrong += [
                f"round {number} ({kind}): {one}" for one in _judge(cast, kind, report)
            ]
            if say and number % 10 == 0:
                say(f"round {number}, {time.monotonic() - began:.0f} s, most {report.most}")
            if len(report.wrong) > 10:
                break
    finally:
        for one in crowd:
            one.stop()
    report.seconds = time.monotonic() - began
    odd = {name for name in report.outcomes if name not in EXPECTED}
    report.wrong += [f"unexpected answer: {name}" for name in sorted(odd)]
    return report


def _reset(cast: Any) -> None:
    """Everybody is submitted again, nobody holds a place, the limit is as it was."""
    from applications.models import Application
    from recommenders import services
    from recommenders.models import Confirmation, RankedList
    from tests.recommenders import scene

    Confirmation.objects.all().delete()
    Application.objects.filter(status="recommended").update(status="submitted")
    RankedList.objects.update(undo=None)
    allotment = scene.allotment(cast)
    if allotment.limit != PLACES:
        services.change_limit(
            allotment, limit=PLACES, reason=REASON, actor=cast.actor("chief"), at=scene.LATER
        )


def _hold_some(found: list[Any], cast: Any) -> set[int]:
    """The first clients hold every place before the round, and will give it up in it."""
    from applications.models import Application
    from recommenders import services
    from tests.recommenders import scene

    holders = found[: min(PLACES, len(found) // 2)]
    for one in holders:
        services.recommend(
            Application.objects.select_related("call", "organisation", "recommender").get(
                pk=one.pk
            ),
            actor=cast.actor("operator"),
            at=scene.LATER,
        )
    return {one.pk for one in holders}


def _round(
    crowd: list[Client],
    shared: Any,
    number: int,
    kind: str,
    leaving: set[int],
    report: Report,
    draw: random.Random,
) -> None:
    acts = ["leave" if one.pk in leaving else "recommend" for one in crowd]
    if kind == "lowering":
        acts[draw.randrange(len(acts))] = "lower"
    for one, act in zip(crowd, acts, strict=True):
        one.ask(number, act)
    for one in crowd:
        if one.here.recv() != "ready":
            report.wrong.append(f"client {one.number} was not ready")
    shared.value = number
    doomed = set(draw.sample(range(len(crowd)), min(KILLED, len(crowd) // 4)))
    if kind == "killing":
        for n in sorted(doomed):
            time.sleep(draw.random() * 0.02)
            crowd[n].process.kill()
            report.killed += 1
    waiting = {one.here: one for one in crowd}
    gone = {crowd[n] for n in doomed} if kind == "killing" else set()
    end = time.monotonic() + 120
    while waiting and time.monotonic() < end:
        for pipe in pipes.wait(list(waiting), timeout=5):
            one = waiting.pop(pipe)  # type: ignore[call-overload]
            try:
                report.outcomes[str(one.here.recv()).strip()[:200]] += 1
            except (EOFError, ConnectionResetError):
                gone.add(one)
    for one in waiting.values():
        report.wrong.append(f"client {one.number} did not answer")
    for one in gone:  # a killed client may have answered before it died
        one.process.join(10)
        one.stop()
        one.start()


def _judge(cast: Any, kind: str, report: Report) -> list[str]:
    """What the database says after the round, once the killed clients' work has been undone."""
    from applications.models import Application
    from recommenders.models import Confirmation, Place
    from tests.recommenders import scene

    allotment = scene.allotment(cast)
    held = list(Confirmation.objects.filter(released_at__isnull=True).values_list("place", "rank"))
    live = len(held)
    report.most = max(report.most, live)
    wrong = []
    assert allotment.limit is not None
    if live > allotment.limit:
        wrong.append(f"{live} held, {allotment.limit} places")
    if len({place for place, _ in held}) != live or None in {place for place, _ in held}:
        wrong.append("a place is held twice, or by nobody")
    if sorted(rank for _, rank in held) != list(range(1, live + 1)):
        wrong.append("ranks are not dense")
    if Application.objects.filter(status="recommended").count() != live:
        wrong.append("statuses and places disagree")
    if Place.objects.filter(allotment=allotment).count() != allotment.limit:
        wrong.append("places and limit disagree")
    enough = len(cast_filings(cast)) >= PLACES
    if kind == "plain" and enough and live != PLACES:
        wrong.append(f"{live} held where {PLACES} should be")
    return wrong


def cast_filings(cast: Any) -> list[int]:
    from applications.models import Application

    return list(
        Application.objects.filter(
            recommender=cast.province, status__in=["submitted", "recommended"]
        ).values_list("pk", flat=True)
    )


def control(cast: Any, *, clients: int, rounds: int = 3) -> list[int]:
    """The same race without lock and unique place, counting naively. Returns what was held."""
    from django.db import connections

    from recommenders.models import Confirmation
    from tests.recommenders import unguarded

    held = []
    with unguarded.everything():
        shared = FORK.RawValue("i", 0)
        actors = {"operator": cast.actor("operator")}
        pks = cast_filings(cast)[:clients]
        connections.close_all()
        crowd = [Client(n, shared, pk, actors) for n, pk in enumerate(pks)]
        try:
            for number in range(1, rounds + 1):
                _reset(cast)
                scratch = Report(clients)
                _round(crowd, shared, number, "plain", set(), scratch, random.Random(1))
                held.append(Confirmation.objects.filter(released_at__isnull=True).count())
        finally:
            for one in crowd:
                one.stop()
    return held


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="R3 on PostgreSQL, at length")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=8.0)
    given = parser.parse_args(argv)
    server = None
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        from dev_tools.servers import Postgres

        server = Postgres()
        os.environ["DATABASE_URL"] = server.start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        return _prove(given)
    finally:
        if server:
            server.stop()


def _prove(given: argparse.Namespace) -> int:
    import celery.app.base
    import celery.app.task
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection, connections

    settings.MEDIA_ROOT = tempfile.mkdtemp(prefix="jiebang-proof-")
    celery.app.task.Task.apply_async = lambda *args, **more: None
    celery.app.base.Celery.send_task = lambda *args, **more: None
    old = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        from tests import world

        cast = world.build()
        report = play(
            cast,
            clients=given.clients,
            rounds=given.rounds,
            seconds=given.minutes * 60,
            say=lambda words: print(words, flush=True),
        )
        report.control = control(cast, clients=given.clients)
        print(report.words())
        if max(report.control) <= PLACES:
            print("WRONG: the control did not overrun; the proof proves nothing")
            return 1
        return 0 if report.holds else 1
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(old, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
