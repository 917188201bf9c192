"""Recommenders, the office, experts and testers sign in with a second factor."""

import time

import pytest
from django.urls import reverse
from django_otp.oath import TOTP

from accounts import recovery
from accounts.models import Authenticator, RecoveryCode, RecoverySet
from audit.models import Entry
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _second_factor(settings, monkeypatch):
    """The hash of recovery codes is slow on purpose; here it is not."""
    settings.JIEBANG_SECOND_FACTOR = True
    monkeypatch.setitem(recovery.COST, "n", 2)


def figures(device, *, step=0) -> str:
    """What the person's authenticator shows (now, or ``step`` half-minutes away)."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time() + step * device.step
    return f"{totp.token():06d}"


def set_up(client, user):
    """Sets the device up through the pages; returns it and the recovery codes shown."""
    client.post(reverse("accounts:factor_begin"))
    device = Authenticator.objects.get(user=user, confirmed=False)
    answer = client.post(reverse("accounts:factor_set_up"), {"token": figures(device)})
    assert answer.status_code == 200, answer.content.decode()
    device.refresh_from_db()
    return device, answer.context["codes"]


def sign_in_anew(client, user):
    client.post(reverse("accounts:logout"))
    client.post(reverse("accounts:login"), {"email": user.email, "password": world.PASSWORD})


def test_who_has_no_device_yet_is_led_to_set_one_up(house, signed_in):
    client = signed_in(house.operator)
    answer = client.get(reverse("accounts:people"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("accounts:factor_set_up")
    assert "开始设置" in answer.content.decode()


def test_the_password_alone_opens_no_page_of_such_a_role(house, signed_in):
    client = signed_in(house.approver)
    for name in ("people", "security", "invite", "organisation", "password"):
        answer = client.get(reverse(f"accounts:{name}"))
        assert answer.status_code == 302
        assert answer["Location"] == reverse("accounts:second_factor")


def test_an_applicant_needs_no_second_factor(house, signed_in):
    client = signed_in(house.admin)
    assert client.get(reverse("accounts:people")).status_code == 200


def test_setting_up_shows_the_image_and_ten_recovery_codes(house, signed_in):
    client = signed_in(house.operator)
    client.post(reverse("accounts:factor_begin"))
    image = client.get(reverse("accounts:factor_qr"))
    assert image["Content-Type"] == "image/svg+xml"
    assert b"<svg" in image.content
    device = Authenticator.objects.get(user=house.operator)
    answer = client.post(reverse("accounts:factor_set_up"), {"token": figures(device)})
    assert len(set(answer.context["codes"])) == 10
    assert client.get(reverse("accounts:people")).status_code == 200
    assert Entry.objects.filter(action="accounts.second_factor_set").count() == 1


def test_the_secret_is_never_shown_once_it_is_in_use(house, signed_in):
    client = signed_in(house.operator)
    set_up(client, house.operator)
    assert client.get(reverse("accounts:factor_qr")).status_code == 404


def test_wrong_figures_set_nothing_up(house, signed_in):
    client = signed_in(house.operator)
    client.post(reverse("accounts:factor_begin"))
    answer = client.post(reverse("accounts:factor_set_up"), {"token": "000000"})
    assert answer.status_code == 422
    assert "验证码不对" in answer.content.decode()
    assert not Authenticator.objects.filter(confirmed=True).exists()
    assert client.get(reverse("accounts:people")).status_code == 302


def test_each_session_asks_for_the_figures_and_goes_on_where_one_wanted(house, signed_in):
    client = signed_in(house.operator)
    device, _ = set_up(client, house.operator)
    client.post(reverse("accounts:logout"))
    asked = reverse("accounts:people")
    sent = client.post(
        reverse("accounts:login"),
        {"email": house.operator.email, "password": world.PASSWORD, "next": asked},
    )
    assert sent["Location"] == reverse("accounts:second_factor")
    assert client.get(asked).status_code == 302
    answer = client.post(reverse("accounts:second_factor"), {"token": figures(device, step=1)})
    assert answer["Location"] == asked
    assert client.get(asked).status_code == 200


def test_figures_work_once_only(house, signed_in):
    client = signed_in(house.operator)
    device, _ = set_up(client, house.operator)
    sign_in_anew(client, house.operator)
    token = figures(device, step=1)
    assert client.post(reverse("accounts:second_factor"), {"token": token}).status_code == 302
    sign_in_anew(client, house.operator)
    assert client.post(reverse("accounts:second_factor"), {"token": token}).status_code == 422


def test_a_recovery_code_works_in_the_place_of_the_figures_and_once(house, signed_in):
    client = signed_in(house.operator)
    _, codes = set_up(client, house.operator)
    typed = f" {codes[0][:4]} {codes[0][4:].upper()}"
    sign_in_anew(client, house.operator)
    assert client.post(reverse("accounts:second_factor"), {"token": typed}).status_code == 302
    sign_in_anew(client, house.operator)
    assert client.post(reverse("accounts:second_factor"), {"token": typed}).status_code == 422


def test_of_recovery_codes_only_salted_hashes_are_kept(house, signed_in):
    client = signed_in(house.operator)
    _, codes = set_up(client, house.operator)
    kept = list(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(set(kept)) == 10
    everything = str(list(RecoverySet.objects.values())) + str(kept)
    assert not [code for code in codes if code in everything]
    salt = RecoverySet.objects.get().salt
    assert recovery.digest(codes[0], salt) in kept
    assert recovery.digest(codes[0], recovery.salt()) not in kept
    assert not [code for code in codes if code in str(list(Entry.objects.values()))]


def test_wrong_recovery_codes_make_the_next_try_wait_though_it_is_right(house, signed_in):
    client = signed_in(house.operator)
    _, codes = set_up(client, house.operator)
    sign_in_anew(client, house.operator)
    for _ in range(3):
        client.post(reverse("accounts:second_factor"), {"token": "aaaaaaaa"})
    assert RecoverySet.objects.get().throttling_failure_count >= 1
    right = client.post(reverse("accounts:second_factor"), {"token": codes[0]})
    assert right.status_code == 422
    assert RecoveryCode.objects.count() == 10


def test_figures_with_full_width_digits_are_folded(house, signed_in):
    client = signed_in(house.operator)
    device, _ = set_up(client, house.operator)
    sign_in_anew(client, house.operator)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in figures(device, step=1))
    assert client.post(reverse("accounts:second_factor"), {"token": wide}).status_code == 302


def test_many_wrong_figures_slow_the_guesser_down(house, signed_in):
    client = signed_in(house.operator)
    device, _ = set_up(client, house.operator)
    sign_in_anew(client, house.operator)
    for _ in range(5):
        client.post(reverse("accounts:second_factor"), {"token": "123456"})
    right = client.post(reverse("accounts:second_factor"), {"token": figures(device, step=1)})
    assert right.status_code == 422


def test_knowing_the_password_is_not_enough_to_change_the_device(house, signed_in):
    client = signed_in(house.operator)
    device, _ = set_up(client, house.operator)
    sign_in_anew(client, house.operator)
    assert client.get(reverse("accounts:factor_set_up")).status_code == 403
    assert client.post(reverse("accounts:factor_begin")).status_code == 403
    assert Authenticator.objects.get(user=house.operator) == device


def test_new_recovery_codes_void_the_earlier_ones(house, signed_in):
    client = signed_in(house.operator)
    _, old = set_up(client, house.operator)
    fresh = client.post(reverse("accounts:factor_codes")).context["codes"]
    assert not set(old) & set(fresh)
    sign_in_anew(client, house.operator)
    assert client.post(reverse("accounts:second_factor"), {"token": old[0]}).status_code == 422


def test_reading_the_set_up_page_makes_no_device(house, signed_in):
    client = signed_in(house.operator)
    client.get(reverse("accounts:factor_set_up"))
    assert not Authenticator.objects.exists()
