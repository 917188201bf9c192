"""Signing in again from an open page: the same machinery, the same lock-out, the same person."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import entry
from accounts.models import Authenticator
from audit.models import Entry
from tests import world
from tests.accounts.test_second_factor import figures

pytestmark = pytest.mark.django_db
AGAIN = "/account/login/again/"


def again(client, user, *, password=world.PASSWORD, email=None, **more):
    posted = {
        "email": email or user.email,
        "password": password,
        "person": entry.person_mark(user),
        **more,
    }
    return client.post(AGAIN, posted, headers={"Accept": "application/json"})


def test_the_pages_person_is_signed_in_and_gets_a_new_token(client, house):
    answer = again(client, house.admin)
    assert answer.json() == {"ok": True, "csrf": answer.json()["csrf"]}
    assert answer["X-Session-Seconds"] == "7200"
    assert client.get(reverse("accounts:security")).status_code == 200
    found = Entry.objects.get(action="accounts.sign_in", actor_id=house.admin.pk)
    assert found.data["way"] == "again"


def test_another_person_is_not_signed_in(client, house):
    answer = again(client, house.admin, email=house.editor.email)
    assert (answer.status_code, answer.json()["code"]) == (409, "other-person")
    assert "仍在本机" in answer.json()["message"]
    assert "_auth_user_id" not in client.session
    assert not Entry.objects.filter(action="accounts.sign_in").exists()


def test_a_wrong_password_is_refused_in_the_words_of_the_sign_in_page(client, house):
    answer = again(client, house.admin, password="错误的密码-0000")
    page = client.post(
        reverse("accounts:login"), {"email": house.admin.email, "password": "错误的密码-0000"}
    )
    assert answer.status_code == 422
    assert answer.json()["message"] in page.content.decode()


def test_wrong_passwords_count_for_the_same_lock_out(client, house):
    for _ in range(3):
        again(client, house.admin, password="错误的密码-0000")
    for _ in range(2):
        client.post(
            reverse("accounts:login"), {"email": house.admin.email, "password": "错误的密码-0000"}
        )
    assert again(client, house.admin).status_code == 429
    assert "_auth_user_id" not in client.session


def test_an_unverified_address_stays_outside(client, house):
    house.editor.email_verified_at = None
    house.editor.save(update_fields=["email_verified_at"])
    assert again(client, house.editor).status_code == 422


def test_the_identity_of_the_page_is_taken_up_again(client, house):
    from accounts import services
    from accounts.roles import Role

    services.appoint(
        house.admin,
        organisation=house.rival,
        role=Role.EDITOR,
        may_submit=False,
        actor=world.SYSTEM,
        at=world.AT,
    )
    second = house.admin.memberships.order_by("-pk").first()
    again(client, house.admin, acting=str(second.pk))
    assert client.session["acting"] == second.pk
    other = Client()
    foreign = house.rival_admin.memberships.first()
    again(other, house.admin, acting=str(foreign.pk))
    assert "acting" not in other.session


def test_it_is_a_post_with_a_token(house):
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(AGAIN).status_code == 405
    assert again(strict, house.admin).status_code == 403


def test_the_second_factor_is_asked_for_in_place(client, house, settings):
    settings.JIEBANG_SECOND_FACTOR = True
    device = Authenticator.of(house.operator, confirmed=True)
    first = again(client, house.operator).json()
    assert (first["ok"], first["second"]) == (False, True)
    page = reverse("accounts:security")
    closed = client.get(page, headers={"Accept": "application/json"})
    assert (closed.status_code, closed.json()["code"]) == (401, "second-factor")
    wrong = client.post(AGAIN, {"token": "000000"})
    assert wrong.status_code == 422
    device.refresh_from_db()
    device.throttle_reset()
    assert client.post(AGAIN, {"token": figures(device)}).json()["ok"] is True
    assert client.get(page).status_code == 200


def test_who_has_no_device_yet_is_led_to_set_one_up(client, house, settings):
    settings.JIEBANG_SECOND_FACTOR = True
    told = again(client, house.approver).json()
    assert told["set_up"] == reverse("accounts:factor_set_up")


def test_a_code_without_a_password_opens_nothing(client, house):
    answer = client.post(AGAIN, {"token": "123456"})
    assert (answer.status_code, answer.json()["code"]) == (409, "signed-out")
