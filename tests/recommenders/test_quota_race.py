"""Forty processes at once for fifteen places, on PostgreSQL, with real connections.

With the guard there are fifteen recommendations and twenty-five refusals. The negative control
takes the guard away (the lock, the unique place, the triggers) and counts naively: if that did
not overrun, the test would prove nothing.
"""

import multiprocessing
import os

import pytest
from django.db import connections

from applications.models import Application
from audit.services import Actor
from core.errors import Refusal
from recommenders import services
from recommenders.models import Confirmation, Place
from tests.recommenders import proof_quota, scene, unguarded
from tests.recommenders.scene import LATER

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
]

CLIENTS, PLACES = 40, 15
FORK = multiprocessing.get_context("fork")


def press_the_button(barrier, results, pk: int, actor: Actor, act) -> None:
    """One client: connect, wait for the others, confirm once, say what came of it."""
    connections.close_all()
    try:
        application = Application.objects.select_related(
            "call", "organisation", "recommender", "preselector", "direction"
        ).get(pk=pk)
        barrier.wait(timeout=120)
        try:
            act(application, actor=actor, at=LATER)
            results.put("confirmed")
        except Refusal as refusal:
            results.put(refusal.code)
        except Exception as error:
            results.put(f"{type(error).__name__}: {error}")
    finally:
        connections.close_all()
        results.close()
        results.join_thread()
        os._exit(0)


def all_at_once(cast, found, act) -> list[str]:
    actor = cast.actor("operator")
    barrier, results = FORK.Barrier(len(found)), FORK.Queue()
    connections.close_all()
    clients = [
        FORK.Process(target=press_the_button, args=(barrier, results, one.pk, actor, act))
        for one in found
    ]
    for client in clients:
        client.start()
    outcomes = [results.get(timeout=180) for _ in clients]
    for client in clients:
        client.join(timeout=30)
    return sorted(outcomes)


def live() -> int:
    return Confirmation.objects.filter(released_at__isnull=True).count()


def test_forty_at_once_for_fifteen_places_leave_fifteen(cast):
    found = scene.filings(cast, CLIENTS)
    outcomes = all_at_once(cast, found, services.recommend)
    assert outcomes == ["confirmed"] * PLACES + ["quota-used"] * (CLIENTS - PLACES)
    held = Confirmation.objects.filter(released_at__isnull=True)
    assert sorted(held.values_list("place__number", flat=True)) == list(range(1, PLACES + 1))
    assert sorted(held.values_list("rank", flat=True)) == list(range(1, PLACES + 1))
    assert Application.objects.filter(status="recommended").count() == PLACES
    assert Application.objects.filter(status="submitted").count() == CLIENTS - PLACES


def test_forty_at_once_while_the_limit_is_lowered_leave_no_more_than_there_are_places(cast):
    found = scene.filings(cast, CLIENTS)
    allotment, chief = scene.allotment(cast), cast.actor("chief")
    lowered = found[0].pk

    def act(application, *, actor, at):
        if application.pk == lowered:
            services.change_limit(allotment, limit=10, reason="名额统筹考虑", actor=chief, at=at)
            return
        services.recommend(application, actor=actor, at=at)

    outcomes = all_at_once(cast, found, act)
    assert set(outcomes) <= {"confirmed", "quota-used", "limit-below-used"}, outcomes
    allotment.refresh_from_db()
    assert live() <= allotment.limit
    assert Place.objects.filter(allotment=allotment).count() == allotment.limit


def test_the_same_race_without_the_guard_overruns(cast):
    found = scene.filings(cast, CLIENTS)
    with unguarded.everything():
        outcomes = all_at_once(cast, found, services.recommend)
        assert outcomes.count("confirmed") > PLACES, outcomes
        assert live() > PLACES


def test_without_the_lock_alone_the_database_still_holds(cast):
    found = scene.filings(cast, CLIENTS)
    with unguarded.lock():
        outcomes = all_at_once(cast, found, services.recommend)
    assert live() == outcomes.count("confirmed") <= PLACES
    assert set(outcomes) <= {"confirmed", "quota-used", "place-taken"}, outcomes


def test_a_short_proof_of_every_kind_of_round_holds(cast):
    """The long one is ``python -m tests.recommenders.proof_quota``."""
    report = proof_quota.play(cast, clients=20, rounds=8, seconds=120)
    assert report.holds, report.words()
    assert report.rounds == 8 and set(report.kinds) == set(proof_quota.KINDS)
    assert report.most == PLACES and report.killed == 10
