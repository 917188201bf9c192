"""Whatever stands in a parameter of an address, no page breaks over it."""

import ast
from functools import cache

import pytest

from tests import kept
from tests.architecture import expanding, matrix_world
from tests.architecture.matrix_file import matrix
from tests.architecture.reading import calls, modules, name_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(lambda: matrix_world.build("decision"))

# A digit that ``int`` does not take, more digits than a column holds, none at all, a list of them.
ODD = ("²", "9" * 30, "-1", "9" * 500, "'\x00<b>", "1,²,")


@cache
def parameters() -> list[str]:
    """Every name that some view reads from an address: ``request.GET.get("name")``."""
    found = set()
    for tree in modules().values():
        for call in calls(tree):
            named = call.args and isinstance(call.args[0], ast.Constant)
            if name_of(call) in ("get", "getlist") and named and "GET" in ast.dump(call.func):
                found.add(call.args[0].value)
    return sorted(found)


def test_parameters_are_found(world):
    assert {"page", "under", "w", "q", "state"} <= set(parameters())


def readers() -> list[tuple[str, str]]:
    """Each page with somebody who may open it."""
    found = []
    for route, row in sorted(matrix()["routes"].items()):
        if row.get("world", "review") in ("review", "decision") and "get" in row:
            who = [
                one for one, (word, _) in expanding.expected(route, "get").items() if word == "ok"
            ]
            if who:
                found.append((route, sorted(who)[-1]))
    return found


@pytest.mark.parametrize(("route", "person"), readers())
def test_no_odd_parameter_breaks_a_page(world, route, person):
    url = expanding.address(route, world)
    client = world.client(person)
    for turn in (0, 3):
        typed = {name: ODD[(n + turn) % len(ODD)] for n, name in enumerate(parameters())}
        answer = client.get(url, typed)
        assert answer.status_code < 500, turn
        if answer.streaming:
            answer.close()
