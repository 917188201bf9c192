"""R3 at length: see ``tests.recommenders.proof_quota``."""

from __future__ import annotations

from tests import world
from tests.proof.frame import Report
from tests.recommenders import proof_quota

CLIENTS = 64
GOAL = ("rounds", 2_000)


def prove(report: Report, *, seconds: float) -> None:
    cast = world.build()
    most = 100_000 if report.goal is None else report.goal[1]
    played = proof_quota.play(cast, clients=CLIENTS, rounds=most, seconds=seconds)
    held = proof_quota.control(cast, clients=CLIENTS)
    report.figures |= {
        "clients": CLIENTS,
        "rounds": played.rounds,
        "confirmed": played.outcomes["confirmed"],
        "clients killed": played.killed,
        "most held of fifteen": played.most,
        "held without the guards": max(held),
    }
    for words in played.wrong:
        report.fail(words)
    report.expect(played.rounds > 0, "no round was played")
    report.expect(max(held) > proof_quota.PLACES, "the control did not overrun")
