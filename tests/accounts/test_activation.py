"""Activation links: one use, 72 hours, bound to unit and role; the person chooses the password."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import links, services
from accounts.models import Link, Membership, User
from accounts.roles import Role
from audit.services import Actor
from tests import world

pytestmark = pytest.mark.django_db
EMAIL = "sun@example.com"
PASSWORD = "自己选的密码-2021"


def invited(house, *, email=EMAIL, at=world.AT, role=Role.REC_OPERATOR):
    link = services.invite(
        organisation=house.province,
        role=role,
        email=email,
        name="孙示例",
        actor=Actor("system"),
        at=at,
    )
    return link, links.path(link)


def typed(**changes):
    return {
        "name": "孙示例",
        "phone": "",
        "password": PASSWORD,
        "password_again": PASSWORD,
        **changes,
    }


def test_the_invited_person_chooses_a_password_and_has_the_role(client, house):
    _, path = invited(house)
    shown = client.get(path)
    assert shown.status_code == 200
    assert "示例省工业和信息化厅" in shown.content.decode()
    answer = client.post(path, typed())
    assert answer.status_code == 302
    person = User.objects.get(email=EMAIL)
    assert person.check_password(PASSWORD)
    assert person.email_verified_at is not None
    membership = Membership.objects.get(user=person)
    assert (membership.organisation, membership.role) == (house.province, Role.REC_OPERATOR)
    assert client.session["_auth_user_id"] == str(person.pk)


def test_opening_the_page_uses_nothing_up(client, house):
    link, path = invited(house)
    for _ in range(3):
        assert client.get(path).status_code == 200
    link.refresh_from_db()
    assert link.used_at is None
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_used_link_is_gone(client, house):
    _, path = invited(house)
    client.post(path, typed())
    client.post(reverse("accounts:logout"))
    again = client.post(
        path, typed(password="另一个密码-123456", password_again="另一个密码-123456")
    )
    assert again.status_code == 410
    assert "已经用过" in again.content.decode()
    assert User.objects.get(email=EMAIL).check_password(PASSWORD)


def test_a_link_older_than_72_hours_is_gone(client, house):
    _, path = invited(house, at=world.AT - timedelta(hours=72, seconds=1))
    for answer in (client.get(path), client.post(path, typed())):
        assert answer.status_code == 410
        assert "已过期" in answer.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_link_lives_until_the_72nd_hour(house):
    link, path = invited(house)
    token = path.rstrip("/").rsplit("/", 1)[1]
    end = world.AT + timedelta(hours=72)
    assert links.find(token, Link.Purpose.ACTIVATE, at=end - timedelta(microseconds=1)) == link
    with pytest.raises(Exception, match="已过期"):
        links.find(token, Link.Purpose.ACTIVATE, at=end)


def test_a_revoked_link_is_gone(client, house):
    link, path = invited(house)
    services.revoke_link(link, actor=Actor("system"), at=world.AT)
    answer = client.get(path)
    assert answer.status_code == 410
    assert "已被撤销" in answer.content.decode()


def test_a_second_invitation_voids_the_first(client, house):
    _, first = invited(house)
    _, second = invited(house)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_a_link_of_another_purpose_is_not_found(client, house):
    _, path = invited(house)
    token = path.rstrip("/").rsplit("/", 1)[1]
    assert client.get(reverse("accounts:reset", args=[token])).status_code == 404
    assert client.get(reverse("accounts:verify_email", args=[token])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "短", "password_again": "短"}, "密码"),
        ({"password_again": "不一样的密码-1"}, "两次输入的密码不一样"),
        ({"name": ""}, "请填写"),
        ({"phone": "不是电话"}, "请填写手机号"),
    ],
)
def test_bad_input_leaves_the_link_usable(client, house, changes, words):
    _, path = invited(house)
    answer = client.post(path, typed(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert client.post(path, typed()).status_code == 302


def test_what_was_not_offered_cannot_be_taken(client, house):
    _, path = invited(house)
    client.post(path, typed(role="office_approver", organisation=house.office.pk, may_submit="1"))
    membership = Membership.objects.get(user__email=EMAIL)
    assert membership.role == Role.REC_OPERATOR
    assert not membership.may_submit


def test_the_letter_alone_does_not_open_an_account_that_exists(client, house):
    _, path = invited(house, email=house.editor.email)
    shown = client.get(path)
    assert "请先用这个账号登录" in shown.content.decode()
    answer = client.post(path, typed())
    assert answer.status_code == 403
    assert house.editor.memberships.count() == 1
    assert not User.objects.get(pk=house.editor.pk).check_password(PASSWORD)


def test_somebody_with_an_account_takes_a_further_role_when_signed_in(house, signed_in):
    _, path = invited(house, email=house.editor.email)
    client = signed_in(house.editor)
    assert "接受邀请" in client.get(path).content.decode()
    assert client.post(path).status_code == 302
    roles = set(house.editor.memberships.values_list("role", flat=True))
    assert roles == {Role.EDITOR, Role.REC_OPERATOR}


def test_another_signed_in_person_cannot_take_the_invitation(house, signed_in):
    _, path = invited(house, email=house.editor.email)
    client = signed_in(house.rival_admin)
    assert client.post(path).status_code == 403
    assert house.rival_admin.memberships.count() == 1
