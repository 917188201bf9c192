"""People and units through their services: links used once, roles given and ended, in the trail."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import links, people, services
from accounts.models import Link, Membership, Organisation, User
from accounts.roles import Role
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from tests import world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def refused(expected, act, /, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as found:
        act(*args, **kwargs)
    assert found.value.code == expected
    return found.value


def register(**changes) -> User:
    return services.register(
        **{
            "unit_name": "示例新单位有限公司",
            "code": world.uscc(321),
            "kind": "enterprise",
            "region": "430100",
            "name": "新示例",
            "email": "New@Example.org",
            "phone": "000-00000001",
            "password": world.PASSWORD,
            "at": AT,
            **changes,
        }
    )


def invite(cast, *, role=Role.EDITOR, email="guest@example.org", at=AT) -> Link:
    return services.invite(
        organisation=cast.company,
        role=role,
        email=email,
        name="客示例",
        actor=cast.actor("admin"),
        at=at,
    )


def activate(link: Link, *, at=LATER) -> User:
    return services.activate(links.token(link), password=world.PASSWORD, phone="", at=at)


def test_a_registration_makes_unit_person_role_and_letter_in_one(db):
    user = register()
    held = user.memberships.get()
    assert (held.role, held.may_submit) == (Role.UNIT_ADMIN, True)
    assert held.organisation.code == world.uscc(321)
    assert user.email == "new@example.org"
    assert user.email_verified_at is None
    assert Message.objects.filter(email=user.email, kind="verify").count() == 1
    assert Entry.objects.get(action="accounts.register").data["code"] == world.uscc(321)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"email": "other@example.org"}, "code-taken"), ({"code": world.uscc(322)}, "email-taken")],
)
def test_a_code_or_an_address_that_is_taken_is_refused_and_nothing_is_made(db, changes, code):
    register()
    before = (User.objects.count(), Organisation.objects.count(), Link.objects.count())
    assert refused(code, register, **changes).status == 422
    assert before == (User.objects.count(), Organisation.objects.count(), Link.objects.count())


def test_a_letter_that_cannot_be_written_leaves_no_half_registered_unit(db, monkeypatch):
    def broken(**kwargs):
        raise RuntimeError

    monkeypatch.setattr("notifications.services.enqueue", broken)
    with pytest.raises(RuntimeError):
        register()
    assert not User.objects.exists()
    assert not Organisation.objects.exists()


def test_an_invitation_is_used_once_by_one_person_in_one_unit(cast):
    link = invite(cast)
    user = activate(link)
    held = user.memberships.get()
    assert (held.organisation, held.role, held.valid_from) == (cast.company, Role.EDITOR, LATER)
    assert refused("link-used", activate, link).status == 410


def test_a_link_lives_seventy_two_hours(cast):
    link = invite(cast)
    assert link.expires_at == AT + timedelta(hours=72)
    assert refused("link-expired", activate, link, at=link.expires_at).status == 410
    assert activate(link, at=link.expires_at - timedelta(microseconds=1)).pk


def test_a_new_invitation_ends_the_earlier_one(cast):
    first = invite(cast)
    second = invite(cast, at=LATER)
    assert refused("link-revoked", activate, first).status == 410
    assert activate(second, at=LATER).pk


def test_only_the_hash_of_a_token_is_kept(cast):
    link = invite(cast)
    token = links.token(link)
    assert link.token_hash == links.hash_of(token)
    row = Link.objects.filter(pk=link.pk).values().get()
    assert token not in map(str, row.values())
    assert refused("link-unknown", links.find, token[:-1] + "0x", link.purpose, at=AT).status == 404


def test_a_link_of_one_purpose_opens_no_other(cast):
    link = invite(cast)
    for purpose in set(Link.Purpose) - {Link.Purpose.ACTIVATE}:
        refused("link-unknown", links.find, links.token(link), purpose, at=AT)


def test_the_last_administrator_of_a_unit_stays(cast):
    held = Membership.objects.get(user=cast.people["admin"])
    refused("last-admin", services.end_membership, held, actor=cast.actor("admin"), at=AT)
    people.hand_over(
        held,
        to=Membership.objects.get(user=cast.people["editor"]),
        stay_as_editor=True,
        actor=cast.actor("admin"),
        at=LATER,
    )
    now = Membership.objects.active(LATER).filter(organisation=cast.company)
    assert set(now.values_list("user__name", "role")) >= {
        ("李示例", Role.UNIT_ADMIN),
        ("王示例", Role.EDITOR),
    }


def test_an_ended_role_is_gone_at_that_instant_and_not_before(cast):
    held = Membership.objects.get(user=cast.people["viewer"])
    services.end_membership(held, actor=cast.actor("admin"), at=LATER)
    active = Membership.objects.filter(pk=held.pk)
    assert active.active(LATER - timedelta(microseconds=1)).exists()
    assert not active.active(LATER).exists()
    refused("already-ended", services.end_membership, held, actor=cast.actor("admin"), at=LATER)


def test_a_role_is_held_once_at_a_time(cast):
    again = services.appoint(
        cast.people["viewer"],
        organisation=cast.company,
        role=Role.VIEWER,
        actor=SYSTEM,
        at=LATER,
    )
    assert again == Membership.objects.get(user=cast.people["viewer"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            user=cast.people["viewer"],
            organisation=cast.company,
            role=Role.VIEWER,
            valid_from=LATER,
        )


def test_nobody_gives_a_role_that_is_not_theirs_to_give(cast):
    held = {name: Membership.objects.get(user=user) for name, user in cast.people.items()}
    assert people.roles_to_give(held["viewer"]) == ()
    for name, role in (
        ("admin", Role.OFFICE_APPROVER),
        ("editor", Role.EDITOR),
        ("operator", Role.REC_OPERATOR),
        ("approver", Role.AUDITOR),
        ("office", Role.OFFICE_OPERATOR),
    ):
        assert refused("role-not-yours", people.check_may_give, held[name], role).status == 403


def test_a_profile_keeps_what_was_not_named(cast):
    for profile in ({"a": "1", "b": "2"}, {"b": "3"}):
        services.update_profile(cast.company, profile=profile, actor=cast.actor("admin"), at=AT)
    assert Organisation.objects.get(pk=cast.company.pk).profile == {"a": "1", "b": "3"}
