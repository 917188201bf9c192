"""What the demonstration shows of visits, made through the services."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from office.demo import visiting
from portal import invariants
from reviews.models import Expert
from tests import kept, world
from tests.visits import scene
from tests.world import AT
from visits.models import Photo, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(lambda: scene.build(filings=4, experts=4))


def test_two_are_held_with_photographs_and_the_others_lie_ahead(made):
    people = made.season.cast.people
    cast = SimpleNamespace(
        operator=people["office"], actor=lambda user, role: world.actor(user, role)
    )
    ids = [made.application(n).public_id for n in range(4)]
    experts = list(Expert.objects.select_related("user").order_by("pk"))
    visiting.play(cast, made.call, experts, ids, now=made.call.time(AT) + timedelta(days=21), at=AT)
    states = list(Visit.objects.order_by("pk").values_list("state", "asked"))
    assert states == [("done", ""), ("concluded", ""), ("confirmed", ""), ("planned", "open")]
    assert Photo.objects.count() == 6
    found = invariants.run(leave_out=invariants.READS_FILES)
    assert not [one for one in found if one.subject.startswith(("visits", "outcomes"))]
    assert visiting.set_aside(made.call, ids) == ids
