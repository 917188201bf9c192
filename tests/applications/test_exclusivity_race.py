"""Two filings that both name one partner, submitted at once on PostgreSQL: one is refused.

The negative control takes away the rows that are held; if both did not come through then, the
test would prove nothing.
"""

import multiprocessing
import os
import time

import pytest
from django.db import connections

from applications import exclusivity, services
from applications.models import Application
from audit.services import Actor
from core.errors import Refusal
from tests import season, world
from tests.applications import consortium
from tests.world import AT

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
]

CLIENTS = 6
FORK = multiprocessing.get_context("fork")


def press_submit(barrier, results, pk: int, actor: Actor) -> None:
    connections.close_all()
    try:
        application = Application.objects.select_related("call", "organisation").get(pk=pk)
        barrier.wait(timeout=120)
        try:
            services.submit(application, key="k1", actor=actor, at=AT)
            results.put("submitted")
        except Refusal as refusal:
            results.put(refusal.code)
        except Exception as error:
            results.put(f"{type(error).__name__}: {error}")
    finally:
        connections.close_all()
        results.close()
        results.join_thread()
        os._exit(0)


def all_at_once() -> list[str]:
    played = season.begin(consortium.programme(exclusive_in_direction=True, per_applicant=None))
    partner = consortium.company(720, "示例伙伴有限公司")
    made = [consortium.draft(played, f"联{n}", partner) for n in range(CLIENTS)]
    actors = [world.actor(one.created_by) for one in made]
    barrier, results = FORK.Barrier(CLIENTS), FORK.Queue()
    connections.close_all()
    clients = [
        FORK.Process(target=press_submit, args=(barrier, results, one.pk, actor))
        for one, actor in zip(made, actors, strict=True)
    ]
    for client in clients:
        client.start()
    outcomes = [results.get(timeout=180) for _ in clients]
    for client in clients:
        client.join(timeout=30)
    return sorted(outcomes)


def test_of_six_that_name_one_partner_at_once_one_is_submitted():
    assert all_at_once() == ["same-direction"] * (CLIENTS - 1) + ["submitted"]
    assert Application.objects.filter(status="submitted").count() == 1


def test_without_the_rows_that_are_held_more_come_through(monkeypatch):
    monkeypatch.setattr(exclusivity, "hold", lambda *args: None)
    judge = exclusivity.clashes_of_draft

    def slowly(application, material, **known):
        found = judge(application, material, **known)
        time.sleep(0.5)
        return found

    monkeypatch.setattr(exclusivity, "clashes_of_draft", slowly)
    assert all_at_once().count("submitted") > 1
