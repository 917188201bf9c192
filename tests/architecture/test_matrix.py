"""The permission matrix, played: every route, every relation, both methods, and no leaks."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from tests import kept
from tests.architecture import expanding, matrix_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]


both_worlds = pytest.mark.parametrize("world", matrix_world.WORLDS, indirect=True)


@pytest.fixture(scope="module")
def world(request, django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    with kept.built(lambda: matrix_world.build(request.param), django_db_blocker, folder) as found:
        yield found


@both_worlds
def test_every_token_has_its_audience(world):
    assert len(world.canaries.names) > 60
    for name in set(world.canaries.names.values()):
        expanding.may_meet(name, "anonymous")


@both_worlds
def test_the_worlds_pages_hold_their_tokens_for_those_who_may_see_them(world):
    """Without this the search for leaks would prove nothing."""
    said = {
        "own": ("applications:version", "admin"),
        "rival": ("office:applications", "office"),
    }
    for start, (route, person) in said.items():
        answer = world.client(person).get(expanding.address(route, world))
        text = expanding.text_of(answer)
        names = {name for token, name in world.canaries.names.items() if token in text}
        assert any(name.startswith(start) for name in names), (route, names)


@both_worlds
def test_hidden_and_absent_give_the_same_answer(world):
    rival = world.client("rival")
    with time_machine.travel(datetime.now(UTC), tick=False):
        hidden = rival.get(expanding.address("applications:detail", world))
        absent = rival.get("/applications/23456789abcd/")
    assert hidden.status_code == absent.status_code == 404
    assert pinned(hidden, world) == pinned(absent, world)


def pinned(answer, world) -> str:
    """The page without what any two answers differ in: the token of its forms, its address."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return text.replace(world.season.filed[0].public_id, "23456789abcd")


@pytest.mark.parametrize(("world", "route"), expanding.cells(), indirect=["world"])
def test_the_row_is_true(world, route):
    found = [said for method in ("get", "post") for said in expanding.play(route, method, world)]
    assert not found, "\n".join(found)
