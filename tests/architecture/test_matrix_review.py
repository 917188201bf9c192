"""The permission matrix, played while experts score: every relation, both methods, no leaks."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests import kept
from tests.architecture import expanding, matrix_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(lambda: matrix_world.build("review"))


def test_every_token_has_its_audience(world):
    assert len(world.canaries.names) > 60
    for name in set(world.canaries.names.values()):
        expanding.may_meet(name, "anonymous")


@pytest.mark.parametrize(
    ("start", "route", "person"),
    [
        ("own.", "applications:version", "admin"),
        ("own.", "recommenders:application", "operator"),
        ("own.", "reviews:score", "expert"),
        ("rival.", "office:applications", "office"),
        ("list.note", "recommenders:list", "approver"),
        ("pool.second.", "reviews:experts", "office"),
        ("score.expert.", "reviews:score", "expert"),
        ("survey.own", "surveys:detail", "city"),
    ],
)
def test_the_tokens_are_on_the_pages_of_those_who_may_see_them(world, start, route, person):
    """Without this the search for leaks would prove nothing."""
    answer = world.client(person).get(expanding.address(route, world))
    text = expanding.text_of(answer)
    found = {name for token, name in world.canaries.names.items() if token in text}
    assert any(name.startswith(start) for name in found), found


def test_hidden_and_absent_give_the_same_answer(world):
    rival = world.client("rival")
    with time_machine.travel(datetime.now(UTC), tick=False):
        hidden = rival.get(expanding.address("applications:detail", world))
        absent = rival.get("/applications/23456789abcd/")
    assert hidden.status_code == absent.status_code == 404
    assert expanding.pinned(hidden, world) == expanding.pinned(absent, world)


@pytest.mark.parametrize("route", expanding.routes_of("review"))
def test_the_row_is_true(world, route):
    found = expanding.differences(route, world)
    assert not found, "\n".join(found)
