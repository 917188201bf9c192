"""The demonstration's rounds after their list: one of each state under test, and under work."""

import pytest

from fulfilment import queries
from fulfilment.models import Task
from office.demo import testing, working
from office.demo.cast import Cast
from portal import invariants
from testing import board
from tests import world
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    """Four units of one province."""
    settings.JIEBANG_DEMO = True
    cast = world.build()
    made = Cast(cast.office, cast.people["office"], cast.people["chief"])
    for n in range(4):
        unit = world.unit("enterprise", f"示例演示{n}有限公司", region="430100", n=700 + n)
        user = world.person(unit, "unit_admin", f"演示{n}")
        made.units.append((unit, user, cast.province))
    return made


def broken(*rooms):
    return [one for one in invariants.run() if one.subject.partition(".")[0] in rooms]


def test_the_round_under_test_of_the_demonstration_shows_every_state(people):
    call = testing.round_under_test(people, at=AT)
    states = [one.state for one in board.lines(call, now=call.time(AT))]
    assert {"none", "proposed", "offered", "under_way", "released", "disputed"} <= set(states)
    assert broken("testing") == []


def test_the_round_under_work_of_the_demonstration_has_each_thing_that_waits(people):
    call = working.round_at_work(people, at=AT)
    tasks = Task.objects.filter(application__call=call)
    today = queries.today_of(call, AT)
    counts = {name: count for name, _, count in queries.figures(tasks, today)}
    assert counts["under_way"] == working.TASKS and counts["overdue"] == 0
    assert counts["report"] == counts["plan"] == counts["change"] == 1
    assert counts["late"] == 3, "the one shown, and those whose plan or term is being talked about"
    assert tasks.filter(milestones__done_on__isnull=False).count() == 1
    assert broken("fulfilment") == []
