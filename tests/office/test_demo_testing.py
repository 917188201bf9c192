"""The demonstration's round under test: one of each state on the board."""

import pytest

from office.demo import testing as demo
from office.demo.cast import Cast
from portal import invariants
from testing import board
from tests import world
from tests.world import AT

pytestmark = pytest.mark.django_db


def test_the_round_under_test_of_the_demonstration_shows_every_state(settings):
    settings.JIEBANG_DEMO = True
    cast = world.build()
    people = cast.people
    made = Cast(cast.office, people["office"], people["chief"])
    for n in range(4):
        unit = world.unit("enterprise", f"示例演示{n}有限公司", region="430100", n=700 + n)
        user = world.person(unit, "unit_admin", f"演示{n}")
        made.units.append((unit, user, cast.province))
    call = demo.round_under_test(made, at=AT)
    states = [one.state for one in board.lines(call, now=call.time(AT))]
    assert {"none", "proposed", "offered", "under_way", "released", "disputed"} <= set(states)
    assert [one for one in invariants.run() if one.subject.startswith("testing.")] == []
