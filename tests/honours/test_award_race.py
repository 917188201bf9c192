"""Sixty-four processes at once for three winners, on PostgreSQL, with real connections.

With the ledger three are staged and sixty-one refused. The negative control takes the guard away
(the lock, the one holder of a slot, the trigger) and counts naively: if that did not overrun, the
test would prove nothing.
"""

import contextlib
import multiprocessing
import os
import threading

import pytest
from django.db import connection, connections

from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from core.errors import Refusal
from honours.services import awarding
from outcomes.models import Award, Decision, Slot, SlotGroup
from outcomes.services import ground, slots
from tests.honours import helpers
from tests.outcomes import helpers as outcomes
from tests.world import AT

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS, SLOTS = 64, 3
FORK = multiprocessing.get_context("fork")


def crowd():
    """Sixty-four announced finalists of one direction: the cap of the selection is lifted, so that
    the cap of the award alone is tried."""
    made = outcomes.stage(n=CLIENTS, ranked=False)
    SlotGroup.objects.filter(stage="selection").update(limit=CLIENTS)
    group = SlotGroup.objects.get(
        tier="finalist", direction=made.applications[0].direction, kind="direction"
    )
    group.slots.all().delete()
    tokens = Slot.objects.bulk_create(
        [Slot(group=group, number=n, of_limit=CLIENTS) for n in range(1, CLIENTS + 1)]
    )
    Decision.objects.bulk_create(
        [
            Decision(
                application=one,
                outcome="select",
                tier="finalist",
                direction_slot=slot,
                proposed_by=made.operator,
                proposed_at=AT,
                state="applied",
                approved_by=made.chief,
                approved_at=AT,
                applied_at=AT,
            )
            for one, slot in zip(made.applications, tokens, strict=True)
        ]
    )
    Application.objects.filter(call=made.call).update(status=Status.FINALIST)
    made.publicise(kind="announcement")
    helpers.done(made)
    return made


def press_the_button(barrier, results, pk: int, public_id: str, actor, act) -> None:
    """One client: connect, wait for the others, stage once, say what came of it."""
    connections.close_all()
    try:
        call = Call.objects.get(pk=pk)
        barrier.wait(timeout=180)
        try:
            act(call, public_id, actor)
            results.put("staged")
        except Refusal as refusal:
            results.put(refusal.code)
        except Exception as error:
            results.put(f"{type(error).__name__}: {error}")
    finally:
        connections.close_all()
        results.close()
        results.join_thread()
        os._exit(0)


def all_at_once(made, act) -> list[str]:
    barrier, results = FORK.Barrier(CLIENTS), FORK.Queue()
    actor = made.op  # reads the database: before the connections are closed for the forks
    connections.close_all()
    clients = [
        FORK.Process(
            target=press_the_button,
            args=(barrier, results, made.call.pk, one.public_id, actor, act),
        )
        for one in made.applications
    ]
    for client in clients:
        client.start()
    found = [results.get(timeout=240) for _ in clients]
    for client in clients:
        client.join(timeout=30)
    return sorted(found)


def stage(call, public_id, actor) -> None:
    awarding.select(call, [public_id], tier="winner", exception=helpers.WHY, actor=actor, at=AT)


def test_sixty_four_at_once_for_three_slots_leave_three_winners():
    made = crowd()
    found = all_at_once(made, stage)
    assert found == ["cap-reached"] * (CLIENTS - SLOTS) + ["staged"] * SLOTS
    held = Award.objects.filter(outcome="win")
    assert sorted(held.values_list("direction_slot__number", flat=True)) == [1, 2, 3]


HAVE_COUNTED = FORK.Barrier(CLIENTS)
"""Where the naive clients meet between counting and taking, so that the race is always one."""


def naive(application, tier):
    """What one writes without a ledger: count, compare, take any slot."""
    groups = slots.groups_for(application, tier)
    held = Award.objects.filter(tier=tier).count()
    with contextlib.suppress(threading.BrokenBarrierError):
        HAVE_COUNTED.wait(timeout=20)
    if held >= groups[0].limit:
        raise Refusal("cap-reached", "已用完")
    return {"direction_slot": groups[0].slots.get(number=1)}


def test_the_same_race_without_the_guard_overruns(monkeypatch):
    made = crowd()
    monkeypatch.setattr(ground, "lock", lambda call: Call.objects.get(pk=call.pk))
    monkeypatch.setattr(slots, "take", naive)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER outcomes_award_cap ON outcomes_award")
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'outcomes_award'::regclass"
            " AND contype = 'u' AND conname LIKE '%%direction_slot%%'"
        )
        (name,) = cursor.fetchone()
        cursor.execute(f'ALTER TABLE outcomes_award DROP CONSTRAINT "{name}"')
    try:
        all_at_once(made, stage)
        assert Award.objects.filter(outcome="win").count() > SLOTS
    finally:
        Award.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                f'ALTER TABLE outcomes_award ADD CONSTRAINT "{name}" UNIQUE (direction_slot_id)'
            )
            cursor.execute(
                "CREATE TRIGGER outcomes_award_cap BEFORE INSERT OR UPDATE ON outcomes_award"
                " FOR EACH ROW EXECUTE FUNCTION outcomes_award_cap()"
            )
