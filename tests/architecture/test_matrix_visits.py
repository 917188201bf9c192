"""The permission matrix, played once a visit was held, signed and told to the applicant."""

import pytest

from tests import kept
from tests.architecture import expanding, matrix_world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(lambda: matrix_world.build("visits"))


def test_every_token_has_its_audience(world):
    for name in set(world.canaries.names.values()):
        expanding.may_meet(name, "anonymous")


@pytest.mark.parametrize(
    ("start", "route", "person"),
    [
        ("visit.place", "visits:board", "office"),
        ("visit.finding", "visits:visit", "auditor"),
        ("visit.finding", "visits:conclude", "expert"),
        ("visit.photo", "visits:sign", "expert"),
        ("visit.opinion", "visits:invitation", "viewer"),
        ("visit.remark", "visits:invitation", "admin"),
        ("own.", "visits:material", "expert"),
    ],
)
def test_the_tokens_are_on_the_pages_of_those_who_may_see_them(world, start, route, person):
    answer = world.client(person).get(expanding.address(route, world))
    text = expanding.text_of(answer)
    found = {name for token, name in world.canaries.names.items() if token in text}
    assert any(name.startswith(start) for name in found), found


@pytest.mark.parametrize("route", expanding.routes_of("visits"))
def test_the_row_is_true(world, route):
    found = expanding.differences(route, world)
    assert not found, "\n".join(found)
