"""The security administrator lets somebody in again, with a reason, and never by a password."""

import pytest
from django.urls import reverse

from accounts.models import Authenticator, RecoverySet
from audit.models import Entry
from tests import world

pytestmark = pytest.mark.django_db


def rescue(client, **changes):
    data = {"email": "zhao@example.com", "act": "factor", "reason": "电话核实", **changes}
    return client.post(reverse("accounts:rescue"), data)


def test_a_lost_device_is_taken_away_and_the_reason_is_in_the_trail(house, signed_in):
    Authenticator.of(house.operator)
    RecoverySet.objects.create(user=house.operator, name="x")
    assert rescue(signed_in(house.guard)).status_code == 302
    assert not Authenticator.objects.exists()
    assert not RecoverySet.objects.exists()
    entry = Entry.objects.get(action="accounts.second_factor_removed")
    assert entry.data == {"reason": "电话核实"}


def test_nobody_takes_their_own_device_away(house, signed_in):
    Authenticator.of(house.guard)
    answer = rescue(signed_in(house.guard), email=house.guard.email)
    assert answer.status_code == 403
    assert Authenticator.objects.count() == 1


def test_without_a_device_there_is_nothing_to_take(house, signed_in):
    answer = rescue(signed_in(house.guard))
    assert answer.status_code == 409
    assert "没有设置两步验证" in answer.content.decode()


def test_a_locked_person_gets_in_again(client, house, signed_in):
    login = reverse("accounts:login")
    wrong = {"email": house.operator.email, "password": "不是它-0000000"}
    right = {"email": house.operator.email, "password": world.PASSWORD}
    for _ in range(5):
        client.post(login, wrong)
    assert client.post(login, right).status_code == 429
    rescue(signed_in(house.guard), act="unlock")
    client.post(reverse("accounts:logout"))
    assert client.post(login, right).status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "nobody@example.com"}, "没有这个账号"),
        ({"reason": ""}, "请填写"),
        ({"act": "password"}, "请从列表中选择"),
    ],
)
def test_bad_input_is_named(house, signed_in, changes, words):
    answer = rescue(signed_in(house.guard), **changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize("who", ["admin", "approver", "sysadmin"])
def test_nobody_else_may(house, signed_in, who):
    assert rescue(signed_in(getattr(house, who))).status_code == 403
