"""The permission matrix, played while a meeting discusses own's filing."""

import pytest

from tests import kept
from tests.architecture import expanding, matrix_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(lambda: matrix_world.build("panel"))


def test_every_token_has_its_audience(world):
    for name in set(world.canaries.names.values()):
        expanding.may_meet(name, "anonymous")


@pytest.mark.parametrize(
    ("start", "route", "person"),
    [
        ("own.title", "panels:room", "expert"),
        ("panel.notes", "panels:room", "expert"),
        ("panel.place", "panels:room", "conflicted"),
        ("panel.reason", "panels:item", "auditor"),
        ("panel.reason", "panels:minutes", "office"),
        ("third.title", "panels:meeting", "auditor"),
    ],
)
def test_the_tokens_are_on_the_pages_of_those_who_may_see_them(world, start, route, person):
    answer = world.client(person).get(expanding.address(route, world))
    text = expanding.text_of(answer)
    found = {name for token, name in world.canaries.names.items() if token in text}
    assert any(name.startswith(start) for name in found), found


def test_a_barred_member_meets_no_token_of_the_item_in_discussion(world):
    for route in ("panels:room", "panels:pulse", "panels:mine", "panels:enter"):
        text = expanding.text_of(world.client("conflicted").get(expanding.address(route, world)))
        found = {name for token, name in world.canaries.names.items() if token in text}
        assert found <= {"panel.title", "panel.place"}, (route, found)


@pytest.mark.parametrize("route", expanding.routes_of("panel"))
def test_the_row_is_true(world, route):
    found = expanding.differences(route, world)
    assert not found, "\n".join(found)
