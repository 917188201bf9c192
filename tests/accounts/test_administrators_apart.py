"""System, security and audit administration are never in one hand, whatever way a role comes."""

import importlib
import itertools
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import links, services
from accounts.models import Membership, Organisation, User
from accounts.roles import APART, APART_RULE, Role
from audit.models import Entry
from core.errors import Refusal
from portal import invariants
from tests import world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)
PAIRS = list(itertools.permutations(APART, 2))


def holder(house, role):
    user = world.person(house.office, role, "王示例管理")
    User.objects.filter(pk=user.pk).update(email="holder@example.com")
    user.refresh_from_db()
    return user


def give(user, house, role, *, at=LATER):
    return services.appoint(user, organisation=house.office, role=role, actor=SYSTEM, at=at)


@pytest.mark.parametrize(("held", "asked"), PAIRS)
def test_who_holds_one_is_given_no_other(house, held, asked):
    user = holder(house, held)
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        give(user, house, asked)
    assert (refused.value.code, refused.value.rule) == ("administrators-apart", APART_RULE)
    assert Role(held).label in refused.value.message
    assert Membership.objects.filter(user=user).count() == 1
    assert Entry.objects.count() == before


def test_who_gave_the_first_up_may_have_the_second(house):
    user = holder(house, Role.AUDITOR)
    services.end_membership(Membership.objects.get(user=user), actor=SYSTEM, at=AT)
    assert give(user, house, Role.SECURITY_ADMIN).role == Role.SECURITY_ADMIN


def test_other_roles_of_the_office_go_together_with_one_of_them(house):
    user = holder(house, Role.SYSTEM_ADMIN)
    assert give(user, house, Role.OFFICE_APPROVER).role == Role.OFFICE_APPROVER
    assert (
        give(user, house, Role.SYSTEM_ADMIN).pk
        == Membership.objects.get(user=user, role=Role.SYSTEM_ADMIN).pk
    ), "the same role again is no second one"


def test_the_same_role_in_another_unit_is_a_second_one(house):
    user = holder(house, Role.AUDITOR)
    other = world.unit(Organisation.Kind.OFFICE, "示例另一主管部门", region="110000")
    with pytest.raises(Refusal, match="一人只能任一个"):
        services.appoint(user, organisation=other, role=Role.AUDITOR, actor=SYSTEM, at=LATER)


def test_an_invitation_to_a_second_one_is_refused_and_its_page_says_why(house, client):
    user = holder(house, Role.AUDITOR)
    client.force_login(
        world.person(house.office, Role.SYSTEM_ADMIN, "褚示例系统"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    answer = client.post(
        reverse("accounts:invite"),
        {"email": user.email, "name": user.name, "role": Role.SECURITY_ADMIN},
    )
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert "一人只能任一个" in page
    assert APART_RULE in page
    assert not user.links.exists()


def test_of_two_invitations_that_were_sent_before_only_one_can_be_taken(house):
    """Nobody had the address when they were sent, so that both went out."""
    sent = [
        services.invite(
            organisation=house.office, role=role, email="new@example.com", name="新示例",
            actor=SYSTEM, at=AT,
        )
        for role in (Role.SECURITY_ADMIN, Role.AUDITOR)
    ]  # fmt: skip
    user = services.activate(links.token(sent[0]), at=AT, name="新示例", password=world.PASSWORD)
    with pytest.raises(Refusal, match="一人只能任一个"):
        services.activate(links.token(sent[1]), at=AT, signed_in=user)
    assert [one.role for one in Membership.objects.filter(user=user)] == [Role.SECURITY_ADMIN]
    sent[1].refresh_from_db()
    assert sent[1].used_at is None


def test_the_database_itself_refuses_the_second(house):
    user = holder(house, Role.AUDITOR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            user=user, organisation=house.office, role=Role.SYSTEM_ADMIN, valid_from=LATER
        )


def test_the_invariants_name_who_held_two_at_the_same_time(house):
    """With ends, so that the constraint of the database does not see them."""
    user = holder(house, Role.AUDITOR)
    begun = Membership.objects.get(user=user).valid_from
    second = Membership.objects.create(
        user=user, organisation=house.office, role=Role.SYSTEM_ADMIN,
        valid_from=begun, valid_until=LATER,
    )  # fmt: skip
    found = [one for one in invariants.run() if "兼任" in one.text]
    assert [one.rule for one in found] == ["R7"]
    Membership.objects.filter(pk=second.pk).delete()
    assert not [one for one in invariants.run() if "兼任" in one.text]


def test_an_upgrade_stops_and_names_who_holds_two_rather_than_choosing(house):
    migration = importlib.import_module("accounts.migrations.0009_administrators_apart")
    user = holder(house, Role.AUDITOR)
    migration.somebody_must_choose(apps, None)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX membership_administrators_apart")
    Membership.objects.create(
        user=user, organisation=house.office, role=Role.SYSTEM_ADMIN, valid_from=LATER
    )
    with pytest.raises(RuntimeError, match="holder@example"):
        migration.somebody_must_choose(apps, None)


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_such_roles_given_at_once_one_is_refused(house):
    from tests.racing import together

    user = world.person(house.office, Role.OFFICE_OPERATOR, "并发示例")
    said = together(
        lambda: give(user, house, Role.SYSTEM_ADMIN), lambda: give(user, house, Role.AUDITOR)
    )
    assert sorted(said) == ["", "administrators-apart"]
