"""The tree of units: names with their time, moves on a day, the emergency stop, people who move."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import links, masterdata, units
from accounts import services as accounts
from accounts.models import Link, Membership, Organisation
from accounts.roles import Role
from core.errors import Refusal
from notifications.models import Message
from office import units as office_units
from recommenders import services
from recommenders.models import UnitRevocation, UnitTransfer
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_
from tests.recommenders.test_recommending import refused
from tests.world import AT

pytestmark = pytest.mark.django_db

K = Organisation.Kind
TODAY = AT.date()
REASON = "区划调整文件"


@pytest.fixture
def tree(cast):
    """A district below the city, and a city of the other province."""
    cast.district = world.unit(
        K.DISTRICT, "示例区工业和信息化局", region="430102", parent=cast.city
    )
    cast.far_city = world.unit(
        K.CITY, "示例邻市工业和信息化局", region="420100", parent=cast.other_province
    )
    return cast


def propose(cast, unit=None, parent=None, *, day=None, by="office", reason=REASON):
    return services.propose_transfer(
        unit or cast.district,
        parent=parent or cast.far_city,
        day=day or TODAY,
        reason=reason,
        today=TODAY,
        actor=cast.actor(by),
        at=AT,
    )


def approve(cast, transfer, *, by="chief"):
    return services.approve_transfer(transfer, today=TODAY, actor=cast.actor(by), at=AT)


def page(name, *args):
    return reverse(f"office:{name}", args=args)


# Under another parent ---------------------------------------------------------------------------


def test_a_district_moves_on_the_approval_of_a_second_person_and_all_three_are_told(tree):
    world.person(tree.far_city, Role.REC_OPERATOR, "邻市经办")
    transfer = propose(tree)
    tree.district.refresh_from_db()
    assert tree.district.parent == tree.city
    approve(tree, transfer)
    tree.district.refresh_from_db()
    transfer.refresh_from_db()
    assert tree.district.parent == tree.far_city and transfer.done_at == AT
    told = set(Message.objects.filter(kind="unit_transferred").values_list("user", flat=True))
    assert tree.people["city"].pk in told and len(told) == 2


def test_who_proposes_does_not_approve(tree):
    transfer = propose(tree, by="chief")
    refused("two-people", approve, tree, transfer)
    refused("approver-only", approve, tree, transfer, by="office")
    assert UnitTransfer.objects.get().approved_at is None


def test_a_move_waits_for_its_day_and_the_pulse_makes_it_once(tree):
    approve(tree, propose(tree, day=TODAY + timedelta(days=5)))
    assert services.apply_due_transfers(today=TODAY + timedelta(days=4), at=AT) == 0
    tree.district.refresh_from_db()
    assert tree.district.parent == tree.city
    later = AT + timedelta(days=5)
    assert services.apply_due_transfers(today=TODAY + timedelta(days=5), at=later) == 1
    assert services.apply_due_transfers(today=TODAY + timedelta(days=5), at=later) == 0
    tree.district.refresh_from_db()
    assert tree.district.parent == tree.far_city


def test_a_unit_whose_filings_go_up_does_not_move_under_them(tree):
    scene.filing(tree, 1, preselector=tree.district)
    said = refused("filings-open", approve, tree, propose(tree))
    assert "1 项" in said.message and tree.call.title in said.message
    UnitTransfer.objects.all().delete()
    refused("filings-open", approve, tree, propose(tree, tree.city, tree.other_province))
    approve_later = propose(tree, day=TODAY + timedelta(days=1))
    approve(tree, approve_later)
    assert services.apply_due_transfers(today=TODAY + timedelta(days=1), at=AT) == 0


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("kind-odd", {"parent": "company"}),
        ("kind-odd", {"unit": "province", "parent": "city"}),
        ("same-parent", {"parent": "city"}),
        ("day-past", {"day": TODAY - timedelta(days=1)}),
        ("reason-short", {"reason": "好"}),
        ("not-yours", {"by": "operator"}),
    ],
)
def test_a_move_that_cannot_be_is_refused(tree, code, change):
    for key in ("unit", "parent"):
        if key in change:
            change = {**change, key: getattr(tree, change[key])}
    refused(code, propose, tree, **change)
    assert not UnitTransfer.objects.exists()


def test_one_move_at_a_time_and_a_cancelled_one_makes_room(tree):
    transfer = propose(tree)
    refused("waiting", propose, tree)
    services.cancel_transfer(transfer, actor=tree.actor("office"), at=AT)
    refused("decided", approve, tree, transfer)
    assert propose(tree).pk != transfer.pk


# Names ------------------------------------------------------------------------------------------


def test_a_renamed_unit_keeps_its_former_name_with_its_time_and_is_found_by_both(client, tree):
    as_(client, tree, "chief")
    day = TODAY - timedelta(days=10)
    client.post(
        page("unit_rename", tree.city.pk),
        {"name": "示例市经济和信息化局", "day": day.isoformat()},
    )
    tree.city.refresh_from_db()
    assert tree.city.name == "示例市经济和信息化局"
    assert tree.city.name_on(day - timedelta(days=1)) == "示例市工业和信息化局"
    assert tree.city.name_on(day) == "示例市经济和信息化局"
    for text in ("示例市工业和信息化局", "示例市经济"):
        found = client.get(page("units_tree"), {"q": text}).content.decode()
        assert "示例市经济和信息化局" in found and tree.province.name in found
    shown = client.get(page("unit", tree.city.pk)).content.decode()
    assert "示例市工业和信息化局" in shown and masterdata.BEGINNING.strftime("%Y年") in shown
    as_(client, tree, "office")
    assert client.post(page("unit_rename", tree.city.pk)).status_code == 403


def test_the_tree_shows_units_under_their_parents(client, tree):
    as_(client, tree, "auditor")
    rows = client.get(page("units_tree")).context["rows"]
    depth = {row.unit.pk: row.depth for row in rows}
    assert [depth[one.pk] for one in (tree.province, tree.city, tree.district)] == [0, 1, 2]
    order = [row.unit.pk for row in rows]
    assert order.index(tree.province.pk) < order.index(tree.city.pk) < order.index(tree.district.pk)
    assert units.head(tree.city) == tree.city


# Emergency --------------------------------------------------------------------------------------


def stop(cast, unit=None, *, by="office", reason="账号疑似泄露"):
    return services.revoke_unit(unit or cast.province, reason=reason, actor=cast.actor(by), at=AT)


def test_everybody_of_a_stopped_unit_is_out_on_the_next_request_and_links_die(client, tree):
    link = accounts.invite(
        organisation=tree.province,
        role=Role.REC_OPERATOR,
        email="new@province.example",
        name="新同事",
        actor=tree.actor("approver"),
        at=AT,
    )
    token = links.token(link)
    as_(client, tree, "operator")
    where = reverse("recommenders:workspace")
    assert client.get(where).status_code == 200
    made = stop(tree)
    assert len(made.ended) == 2 and made.links == 1
    assert client.get(where).status_code in (302, 403)
    assert client.get(reverse("recommenders:list", args=[tree.call.code])).status_code in (302, 403)
    with pytest.raises(Refusal) as said:
        accounts.activate(token, at=AT, name="新同事", password="一个够长的密码-2021")
    assert said.value.code == "link-revoked"
    as_(client, tree, "city")
    assert client.get(where).status_code == 200


def test_a_stopped_unit_takes_nobody_in_before_it_is_restored(tree):
    stop(tree)
    chief = tree.actor("chief")
    refused(
        "revoked",
        office_units.invite,
        tree.province,
        role=Role.REC_OPERATOR,
        email="x@y.example",
        name="新同事",
        actor=chief,
        at=AT,
    )
    membership = Membership.objects.get(user=tree.people["city"])
    refused(
        "revoked",
        services.move_person,
        membership,
        to=tree.province,
        role=Role.REC_OPERATOR,
        actor=chief,
        at=AT,
    )
    assert not Link.objects.filter(organisation=tree.province, revoked_at=None).exists()


def test_two_people_bring_a_unit_back_and_its_links_stay_dead(client, tree):
    made = stop(tree)
    chief, office = tree.actor("chief"), tree.actor("office")
    later = AT + timedelta(microseconds=1)
    refused("not-asked", services.restore_unit, made, actor=chief, at=later)
    services.ask_restore(made, reason="核查未见异常", actor=chief, at=later)
    refused("two-people", services.restore_unit, made, actor=chief, at=later)
    refused("approver-only", services.restore_unit, made, actor=office, at=later)
    services.ask_restore(made, reason="核查未见异常", actor=office, at=later)
    assert services.restore_unit(made, actor=chief, at=later) == 2
    as_(client, tree, "operator")
    held = Membership.objects.active(later).filter(organisation=tree.province)
    assert {one.user for one in held} == {tree.people["operator"], tree.people["approver"]}
    assert client.get(reverse("recommenders:workspace")).status_code == 200
    refused("restored", services.restore_unit, made, actor=chief, at=later)
    assert UnitRevocation.objects.get().restored_by == tree.people["chief"]


def test_who_may_stop_a_unit(tree):
    security = world.person(tree.office, Role.SECURITY_ADMIN, "安全示例")
    refused("not-yours", stop, tree, by="operator")
    refused("not-yours", stop, tree, by="auditor")
    refused("own-office", stop, tree, tree.office)
    refused("reason-short", stop, tree, reason="急")
    tree.people["security"] = security
    assert stop(tree, by="security").revoked_by == security
    refused("revoked", stop, tree)


def test_the_pages_of_the_emergency_over_http(client, tree):
    as_(client, tree, "office")
    client.post(page("unit_revoke", tree.city.pk), {"reason": "账号疑似泄露"})
    made = UnitRevocation.objects.get()
    text = client.get(page("units_tree")).content.decode()
    assert "示例市工业和信息化局已紧急停用" in text
    client.post(page("unit_restore", made.pk), {"reason": "核查未见异常"})
    said = client.post(page("unit_restore", made.pk), {"act": "approve"})
    assert said.status_code == 403
    as_(client, tree, "chief")
    assert "批准恢复" in client.get(page("unit", tree.city.pk)).content.decode()
    client.post(page("unit_restore", made.pk), {"act": "approve"})
    made.refresh_from_db()
    assert made.restored_at is not None
    assert "恢复" in client.get(page("unit", tree.city.pk)).content.decode()


# People -----------------------------------------------------------------------------------------


def test_a_person_who_moves_has_the_new_role_and_no_more_the_old_one(client, tree):
    membership = Membership.objects.get(user=tree.people["city"])
    as_(client, tree, "office")
    client.post(
        page("move_person", membership.pk),
        {"to": tree.province.name, "role": "rec_approver"},
    )
    held = Membership.objects.filter(user=tree.people["city"], valid_until=None).get()
    assert (held.organisation, held.role) == (tree.province, Role.REC_APPROVER)
    membership.refresh_from_db()
    assert membership.valid_until is not None


def test_a_move_of_a_person_that_cannot_be_is_refused(client, tree):
    membership = Membership.objects.get(user=tree.people["city"])
    as_(client, tree, "office")
    for data, status in (
        ({"to": "没有的单位", "role": "rec_operator"}, 422),
        ({"to": tree.city.name, "role": "rec_operator"}, 422),
        ({"to": tree.province.name, "role": "office_approver"}, 422),
    ):
        assert client.post(page("move_person", membership.pk), data).status_code == status
    company = Membership.objects.get(user=tree.people["admin"])
    answer = client.post(page("move_person", company.pk), {"to": tree.province.name})
    assert answer.status_code == 404
    assert Membership.objects.get(pk=membership.pk).valid_until is None
