"""Once it is decided: no score, name or unreleased comment shows to those without title."""

import pytest

from tests import kept
from tests.architecture import expanding
from tests.twins import comparing, facts, watching, worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(worlds.decision)
FACTS = [facts.SCORE, facts.NAME, facts.FEEDBACK]


def named(fact):
    return fact.name


@pytest.mark.parametrize("fact", FACTS, ids=named)
def test_nobody_without_title_to_it_can_tell_the_worlds_apart(world, fact):
    report = watching.apart(world, fact)
    assert not report.leaks, watching.told(report)
    assert report.requests > 5


@pytest.mark.parametrize(
    ("fact", "person", "route"),
    [
        (facts.SCORE, "office", "reviews:ranking"),
        (facts.NAME, "office", "reviews:experts"),
        (facts.FEEDBACK, "office", "reviews:feedback"),
    ],
)
def test_those_who_may_know_see_the_difference(world, fact, person, route):
    """Without this, worlds that do not differ at all would pass."""
    assert comparing.differs(world, fact, person, expanding.address(route, world))


@pytest.mark.parametrize("fact", FACTS, ids=named)
def test_a_house_that_leaks_is_found(world, fact):
    assert watching.leaking(world, fact).leaks
