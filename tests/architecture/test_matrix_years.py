"""The permission matrix, played in the years after the list."""

import pytest

from tests import kept
from tests.architecture import expanding, world_years

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(world_years.build)


def test_every_token_has_its_audience(world):
    for name in set(world.canaries.names.values()):
        expanding.may_meet(name, "anonymous")


def test_the_company_has_a_task_and_its_rival_has_none(world):
    assert world_years.own_task(world).state == "under_way"
    assert not hasattr(world.season.again(1), "task")


@pytest.mark.parametrize("route", expanding.routes_of("years"))
def test_the_row_is_true(world, route):
    found = expanding.differences(route, world)
    assert not found, "\n".join(found)
