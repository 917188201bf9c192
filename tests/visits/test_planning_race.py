"""Two plans for one expert at the same hour, sent at once on PostgreSQL: one goes through.

The negative control takes the constraint away; if both did not come through then, the test would
prove nothing.
"""

import multiprocessing
import os
import time

import pytest
from django.db import connection, connections, transaction

from core.errors import Refusal
from tests.visits import scene
from visits.models import HeldSlot, Visit
from visits.services import team

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
]

CLIENTS = 4
FORK = multiprocessing.get_context("fork")


class Slowly:
    """Waits between looking whether the hours are free and taking them."""

    def atomic(self):
        time.sleep(1.5)
        return transaction.atomic()


def press_plan(barrier, results, made: scene.Scene, number: int) -> None:
    connections.close_all()
    try:
        made.application(number)
        barrier.wait(timeout=120)
        try:
            made.plan(number, members=[made.member(0)])
            results.put("planned")
        except Refusal as refusal:
            results.put(refusal.code)
        except Exception as error:
            results.put(f"{type(error).__name__}: {error}")
    finally:
        connections.close_all()
        results.close()
        results.join_thread()
        os._exit(0)


def all_at_once(monkeypatch) -> list[str]:
    """Everybody looks before anybody has written, so that only the database can decide."""
    made = scene.build(filings=CLIENTS, experts=1)
    monkeypatch.setattr(team, "transaction", Slowly())
    barrier, results = FORK.Barrier(CLIENTS), FORK.Queue()
    connections.close_all()
    clients = [
        FORK.Process(target=press_plan, args=(barrier, results, made, n)) for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    outcomes = [results.get(timeout=180) for _ in clients]
    for client in clients:
        client.join(timeout=30)
    return sorted(outcomes)


def test_of_four_plans_for_one_expert_at_one_hour_one_goes_through(monkeypatch):
    assert all_at_once(monkeypatch) == ["busy"] * (CLIENTS - 1) + ["planned"]
    assert Visit.objects.count() == 1
    assert HeldSlot.objects.count() == 6


def test_without_the_constraint_more_come_through(monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE visits_heldslot DROP CONSTRAINT slot_held_once")
    try:
        assert all_at_once(monkeypatch).count("planned") > 1
    finally:
        HeldSlot.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE visits_heldslot ADD CONSTRAINT slot_held_once UNIQUE (user_id, at)"
            )
