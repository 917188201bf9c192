"""Worlds that differ in one hidden fact, every address and what each page offers, by everybody."""

from __future__ import annotations

import random
from typing import Any

from tests.proof import ground
from tests.proof.frame import Report, Watch
from tests.twins import comparing, facts, watching, worlds

PARTS: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (worlds.filing, (facts.DRAFTING, facts.FILING)),
    (
        worlds.review,
        (facts.SCORE, facts.SUBMITTED, facts.CONFLICT, facts.NAME, facts.ACCEPTED),
    ),
    (worlds.decision, (facts.SCORE, facts.NAME, facts.FEEDBACK)),
)
GOAL = ("answers compared", 5_000)
AT_ONCE = 40
"""Addresses asked before the fact is added and after it."""


def prove(report: Report, *, seconds: float) -> None:
    for build, hidden in PARTS:
        with ground.world(build) as made:
            part = Watch(seconds / len(PARTS))  # building the worlds does not count
            if report.goal is None:
                turn = 0
                while not part.is_up:
                    compare(report, made, hidden[turn % len(hidden)], turn=turn)
                    turn += 1
            else:  # whole: every address, once for each fact
                for fact in hidden:
                    compare(report, made, fact)
            for fact in hidden:
                found = watching.leaking(made, fact).leaks
                report.expect(bool(found), f"{fact.name}: a house that leaks was not noticed")
                report.count("leaks put in on purpose and found", bool(found))


def compare(report: Report, made: Any, fact: comparing.Fact, *, turn: int | None = None) -> None:
    """One sample of the addresses, another one with each turn; without a turn all of them."""
    choose = comparing.everything
    if turn is not None:
        choose = comparing.a_sample(AT_ONCE, str(random.Random(turn).random()))
    found = comparing.compare(made, fact, choose=choose)
    report.count("answers compared", found.requests)
    report.count("of them pages", found.pages)
    report.count("workbooks and packages", found.books)
    report.count("PDFs", found.papers)
    report.count("differences", len(found.leaks))
    for leak in found.leaks:
        report.fail(leak)
