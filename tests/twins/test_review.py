"""While experts score: no score, conflict, name or late rival shows to those without title."""

import pytest

from tests import kept
from tests.architecture import expanding
from tests.twins import comparing, facts, watching, worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(worlds.review)
FACTS = [facts.SCORE, facts.SUBMITTED, facts.CONFLICT, facts.NAME, facts.ACCEPTED]


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
        (facts.SUBMITTED, "stranger", "reviews:desk"),
        (facts.SCORE, "second", "reviews:desk"),
        (facts.CONFLICT, "office", "reviews:conflicts"),
        (facts.NAME, "office", "reviews:experts"),
        (facts.ACCEPTED, "office", "office:applications"),
    ],
)
def test_those_who_may_know_see_the_difference(world, fact, person, route):
    """Without this, worlds that do not differ at all would pass."""
    assert comparing.differs(world, fact, person, expanding.address(route, world))


@pytest.mark.parametrize("fact", FACTS, ids=named)
def test_a_house_that_leaks_is_found(world, fact):
    assert watching.leaking(world, fact).leaks
