"""The demonstration's meeting: one item voted on, one in discussion, a member out of the room."""

import pytest

from office.demo import meeting
from office.demo.cast import Cast
from panels import queries
from panels.models import PanelResult, Vote
from tests.panels import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def test_the_meeting_of_the_demonstration_is_under_way():
    made = scene.closed_round(filed=4, experts=5, wanted=4)
    people = made.cast.people
    held = meeting.hold(Cast(made.cast.office, people["office"], people["chief"]), at=AT)
    assert held is not None
    held.refresh_from_db()
    assert held.is_running and held.members.count() == 5
    states = sorted(one.state for one in held.items.all())
    assert states == ["concluded", "current", "waiting", "waiting"]
    current = queries.current(held)
    room = queries.room(current, list(held.members.select_related("expert")))
    assert [one.presence for one in room].count("barred") == 1
    assert queries.votes_of(current).count() == 2 and Vote.objects.count() > 4
    assert PanelResult.objects.count() == 0


def test_where_no_round_waits_there_is_no_meeting():
    from tests import world

    cast = world.build()
    people = cast.people
    assert meeting.hold(Cast(cast.office, people["office"], people["chief"]), at=AT) is None
