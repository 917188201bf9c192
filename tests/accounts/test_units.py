"""A unit over time: names with their days, codes, mergers, and which units are one."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import services, units
from accounts.models import Organisation, OrganisationName
from audit.models import Entry
from core.errors import Refusal
from tests import world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
K = Organisation.Kind
TODAY = timezone.localtime(AT).date()


@pytest.fixture
def firms():
    return [
        world.unit(K.ENTERPRISE, f"示例{word}科技有限公司", region="430100", n=n)
        for n, word in enumerate("甲乙丙丁", start=1)
    ]


def refused(why, act, *args, **kwargs):
    with pytest.raises(Refusal) as told:
        act(*args, **kwargs)
    assert told.value.code == why


def rename(unit, name, day, **more):
    return units.rename(unit, name=name, day=day, actor=SYSTEM, at=AT, **more)


def test_a_new_name_keeps_the_old_one_with_its_days(firms):
    day = TODAY - timedelta(days=10)
    unit = rename(firms[0], "示例新智能有限公司", day)
    assert unit.name == "示例新智能有限公司"
    assert unit.name_on(day - timedelta(days=1)) == "示例甲科技有限公司"
    assert unit.name_on(day) == unit.name_on(TODAY) == "示例新智能有限公司"
    assert unit.former_names == ["示例甲科技有限公司"]
    told = Entry.objects.get(action="accounts.rename")
    assert told.data["before"] == "示例甲科技有限公司"
    assert told.data["day"] == day.isoformat()


def test_three_names_follow_each_other_without_gap_or_overlap(firms):
    first, second = TODAY - timedelta(days=400), TODAY - timedelta(days=10)
    unit = rename(rename(firms[0], "示例二名有限公司", first), "示例三名有限公司", second)
    spans = list(
        OrganisationName.objects.filter(organisation=unit)
        .order_by("valid_from")
        .values_list("name", "valid_until")
    )
    assert spans == [
        ("示例甲科技有限公司", first),
        ("示例二名有限公司", second),
        ("示例三名有限公司", None),
    ]
    assert unit.former_names == ["示例二名有限公司", "示例甲科技有限公司"]
    refused("before-present-name", rename, unit, "示例四名有限公司", second)


def test_a_name_to_come_or_the_same_one_is_refused_and_changes_nothing(firms):
    refused("name-to-come", rename, firms[0], "示例明日有限公司", TODAY + timedelta(days=1))
    refused("same-name", rename, firms[0], firms[0].name, TODAY)
    refused("code-taken", rename, firms[0], "示例有限公司", TODAY, code=firms[1].code)
    firms[0].refresh_from_db()
    assert firms[0].name == "示例甲科技有限公司"
    assert not OrganisationName.objects.exists()


def test_a_new_code_keeps_the_old_one_as_kin(firms):
    old, new = firms[0].code, world.uscc(77)
    unit = rename(firms[0], "示例改制有限公司", date(2021, 6, 30), code=new)
    assert unit.code == new
    assert units.kin(unit) == {old, new}
    assert units.kin_of_codes([old]) == {old: {old, new}}


def test_merged_units_are_one_however_far(firms):
    a, b, c, d = firms
    units.merge(b, into=a, actor=SYSTEM, at=AT)
    units.merge(a, into=c, actor=SYSTEM, at=AT)
    for one in (a, b, c):
        one.refresh_from_db()
        assert units.kin(one) == {a.code, b.code, c.code}
        assert units.head(one) == c
    assert units.kin(d) == {d.code}
    strange = world.uscc(99)
    assert units.kin_of_codes([b.code, d.code, strange, ""]) == {
        b.code: {a.code, b.code, c.code},
        d.code: {d.code},
        strange: {strange},
    }


def test_a_merger_in_a_ring_or_of_a_recommender_is_refused(firms):
    a, b, c, _ = firms
    units.merge(b, into=a, actor=SYSTEM, at=AT)
    refused("same-unit", units.merge, a, into=a, actor=SYSTEM, at=AT)
    refused("unit-merged", units.merge, a, into=b, actor=SYSTEM, at=AT)
    refused("unit-merged", units.merge, b, into=c, actor=SYSTEM, at=AT)
    province = world.unit(K.PROVINCE, "示例省工业和信息化厅")
    refused("kind-cannot-merge", units.merge, c, into=province, actor=SYSTEM, at=AT)
    b.refresh_from_db()
    refused("unit-merged", rename, b, "示例有限公司", TODAY)
    refused("unit-merged", units.must_go_on, b)
    units.must_go_on(a)


def test_a_code_that_a_unit_bore_before_cannot_be_registered_anew(firms):
    old = firms[0].code
    unit = rename(firms[0], "示例改制有限公司", date(2021, 6, 30), code=world.uscc(78))
    with pytest.raises(Refusal) as told:
        services.register(
            unit_name="示例甲科技有限公司",
            code=old,
            kind="enterprise",
            region="430100",
            name="新示例",
            email="new@example.org",
            phone="000-00000000",
            password=world.PASSWORD,
            at=AT,
        )
    assert told.value.code == "code-taken"
    assert unit.name in told.value.message and "管理员" in told.value.message
    assert not Organisation.objects.filter(code=old).exists()
