"""The permission matrix, played while a released result is disputed and retested."""

import re

import pytest
from django.urls import reverse

from tests import kept
from tests.architecture import expanding, world_testing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(world_testing.build)
# What differs between any two answers: the clock, the token of the form, the nonce.
PLAIN = re.compile(
    r'\d{2}:\d{2}:\d{2}|csrfmiddlewaretoken" value="[^"]+|nonce="[^"]+|/items/[^/"]+/|\.\d{6}'
)


def test_every_token_has_its_audience(world):
    for name in set(world.canaries.names.values()):
        expanding.may_meet(name, "anonymous")


@pytest.mark.parametrize(
    ("start", "route", "person"),
    [
        ("testing.result.method", "testing:item", "tester"),
        ("testing.result.method", "testing:my_result", "admin"),
        ("testing.unreleased", "testing:desk", None),
        ("testing.sample.name", "testing:my_result", "viewer"),
        ("testing.dispute.reason", "testing:dispute", "auditor"),
        ("testing.tie", "testing:agency", "office"),
    ],
)
def test_the_tokens_are_on_the_pages_of_those_who_may_see_them(world, start, route, person):
    if person is None:  # the other agency finds its own half-written item from its desk
        desk = expanding.text_of(world.client("other_tester").get(reverse("testing:desk")))
        where = re.search(r"/testing/items/[^/\"]+/", desk)[0]
        text = expanding.text_of(world.client("other_tester").get(where))
    else:
        text = expanding.text_of(world.client(person).get(expanding.address(route, world)))
    found = {name for token, name in world.canaries.names.items() if token in text}
    assert any(name.startswith(start) for name in found), found


def test_an_item_of_another_agency_and_one_that_is_not_there_give_the_same_answer(world):
    """Byte for byte, but for the address that was asked and the marks of one request."""
    client, there = world.client("other_tester"), world.arguments["test_item"]
    for name in ("item", "scan", "report"):
        answers = [client.get(reverse(f"testing:{name}", args=[one])) for one in (there, "0" * 12)]
        assert [one.status_code for one in answers] == [404, 404]
        bodies = {PLAIN.sub("", one.content.decode().replace(there, "0" * 12)) for one in answers}
        assert len(bodies) == 1
        assert answers[0].headers.keys() == answers[1].headers.keys()


@pytest.mark.parametrize("route", expanding.routes_of("testing"))
def test_the_row_is_true(world, route):
    found = expanding.differences(route, world)
    assert not found, "\n".join(found)
