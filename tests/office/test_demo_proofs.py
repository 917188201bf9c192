"""The demonstration's papers of units: every state is there, and each has its picture."""

import pytest

from office.demo import proofs
from office.demo.cast import Cast
from tests import world
from tests.world import AT
from units import access
from units.models import Proof, Verification

pytestmark = pytest.mark.django_db


def test_papers_in_every_state_are_made_through_the_services():
    cast = world.build()
    group = world.unit("central_group", "示例中央企业集团", region="110000")
    head = world.person(group, "rec_operator", "集团经办")
    entries = [(cast.company, cast.people["admin"], cast.province)]
    for number in range(1, 8):
        n = 60 + number
        unit = world.unit("enterprise", f"示例证照（{n}）有限公司", region="430100", n=n)
        admin = world.person(unit, "unit_admin", f"管理{n}")
        entries.append((unit, admin, cast.province))
    under = world.unit("enterprise", "示例集团下属有限公司", region="110105", n=80, parent=group)
    entries.append((under, world.person(under, "unit_admin", "下属管理"), group))
    made = Cast(
        cast.office,
        cast.people["office"],
        cast.people["chief"],
        recommenders=[cast.province, group],
        units=entries,
    )
    proofs.make(made, at=AT)
    states = Verification.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["verified", "waiting", "returned"] * 2 + ["verified"]
    assert Proof.objects.count() == 7
    assert {one.pages for one in Proof.objects.all()} == {1}
    assert [one.pk for one in access.units(head.memberships.get())] == [under.pk]
