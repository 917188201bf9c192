"""The demonstration's next round: in preparation, a year on, with its checklist open."""

from types import SimpleNamespace

import pytest

from calls.models import Call
from office import checklist
from office.demo import next_call
from tests.world import AT

pytestmark = pytest.mark.django_db


def test_the_next_round_stands_in_preparation_with_something_left_to_do(cast):
    people = SimpleNamespace(operator="office", actor=lambda who, role: cast.actor(who))
    made = next_call.prepare(people, cast.call, at=AT)
    assert made.state == Call.State.PREPARING and not made.rehearsal
    assert made.filing_until.year == cast.call.filing_until.year + 1
    assert ("fix", "演练") in {(one.state, one.title) for one in checklist.lines(made, at=AT)}
