"""Until a list publishes it, nobody but the office can tell whether and how it was decided."""

import pytest

from tests import kept
from tests.architecture import expanding
from tests.twins import comparing, facts, watching, worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(worlds.closed)


def test_nobody_without_title_to_it_can_tell_the_worlds_apart(world):
    report = watching.apart(world, facts.RESULT)
    assert not report.leaks, watching.told(report)
    assert report.requests > 5


@pytest.mark.parametrize("route", ["outcomes:call_board", "office:applications"])
def test_those_who_may_know_see_the_difference(world, route):
    """Without this, worlds that do not differ at all would pass."""
    assert comparing.differs(world, facts.RESULT, "office", expanding.address(route, world))


def test_a_house_that_leaks_is_found(world):
    assert watching.leaking(world, facts.RESULT).leaks
