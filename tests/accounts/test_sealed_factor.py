"""The secret of a second factor: never in clear in the database, good after a change of keys."""

import importlib
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import recovery, totp
from accounts.models import Authenticator, RecoverySet
from audit.models import Entry
from core.locking import Locked
from portal import invariants
from tests.accounts.test_second_factor import figures, set_up, sign_in_anew

pytestmark = pytest.mark.django_db
NEW = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def _second_factor(settings, monkeypatch):
    settings.JIEBANG_SECOND_FACTOR = True
    monkeypatch.setitem(recovery.COST, "n", 2)


def everything_kept() -> str:
    """Every column of the device's row, as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_authenticator")
        return repr(cursor.fetchall())


def give(client, token):
    return client.post(reverse("accounts:second_factor"), {"token": token})


def test_the_database_does_not_hold_the_secret_and_signing_in_works(house, signed_in):
    client = signed_in(house.operator)
    device, _ = set_up(client, house.operator)
    kept = everything_kept()
    assert device.bin_key.hex() not in kept and device.bin_key.hex().upper() not in kept
    assert len(device.bin_key) == 20
    sign_in_anew(client, house.operator)
    assert client.get(reverse("accounts:people")).status_code == 302
    assert give(client, figures(device, step=1)).status_code == 302
    assert client.get(reverse("accounts:people")).status_code == 200
    assert not invariants.run()


@pytest.mark.parametrize("token", ["", "12345", "1234567", "abcdef", "１２３４５６７", "-12345"])
def test_what_is_no_code_is_refused_and_counted(house, token):
    device = Authenticator.of(house.operator, confirmed=True)
    assert not device.verify_token(token)
    device.refresh_from_db()
    assert device.throttling_failure_count == 1


def test_a_code_is_good_once(house):
    device = Authenticator.of(house.operator, confirmed=True)
    code = figures(device)
    assert device.verify_token(code)
    assert not Authenticator.objects.get().verify_token(code)


def test_a_secret_in_clear_does_not_go_into_the_database(house):
    with pytest.raises(IntegrityError), transaction.atomic():
        Authenticator.objects.create(user=house.operator, name="x", secret="00" * 20)


def test_a_secret_moved_to_another_person_does_not_open(house):
    mine = Authenticator.of(house.operator, confirmed=True)
    theirs = Authenticator.of(house.approver, confirmed=True)
    Authenticator.objects.filter(pk=theirs.pk).update(secret=mine.secret)
    theirs.refresh_from_db()
    with pytest.raises(Locked):
        assert theirs.bin_key
    assert f"R7 accounts.authenticator:{theirs.pk}" in str(list(map(str, invariants.run())))


def test_a_new_key_in_front_then_relocked_then_the_old_one_taken_off(house, settings):
    device, old = Authenticator.of(house.operator, confirmed=True), settings.JIEBANG_SEAL_KEY
    settings.JIEBANG_SEAL_KEY = [NEW, *old]
    secret = Authenticator.objects.get().bin_key
    assert secret == device.bin_key
    settings.JIEBANG_SEAL_KEY = [NEW]
    assert not Authenticator.objects.get().is_readable, "it is still under the old one"
    settings.JIEBANG_SEAL_KEY = [NEW, *old]
    out = StringIO()
    call_command("relock", by="示例管理员", stdout=out)
    assert "1 条" in out.getvalue()
    settings.JIEBANG_SEAL_KEY = [NEW]
    assert Authenticator.objects.get().bin_key == secret
    said = Entry.objects.get(action="documents.relock")
    assert said.subject == f"accounts.authenticator:{device.pk}" and secret.hex() not in str(
        said.data
    )


def test_one_that_does_not_open_and_none_is_relocked(house, settings):
    fits = Authenticator.of(house.operator, confirmed=True)
    with_other = Authenticator.of(house.approver, confirmed=True)
    old, settings.JIEBANG_SEAL_KEY = settings.JIEBANG_SEAL_KEY, [Fernet.generate_key().decode()]
    secret = totp.sealed(totp.drawn(), user=house.approver.pk)
    Authenticator.objects.filter(pk=with_other.pk).update(secret=secret)
    settings.JIEBANG_SEAL_KEY = [NEW, *old]
    out = StringIO()
    with pytest.raises(CommandError, match="没有改动任何一条"):
        call_command("relock", by="示例管理员", stdout=out)
    assert f"accounts.authenticator:{with_other.pk}" in out.getvalue()
    assert Authenticator.objects.get(pk=fits.pk).secret == fits.secret
    assert not Entry.objects.filter(action="documents.relock").exists()


def test_restored_without_the_key_it_says_so_and_recovery_codes_still_open(
    house, signed_in, settings, caplog
):
    client = signed_in(house.operator)
    device, codes = set_up(client, house.operator)
    code = figures(device, step=1)
    sign_in_anew(client, house.operator)
    settings.JIEBANG_SEAL_KEY = [NEW]
    answer = give(client, code)
    page = answer.content.decode()
    assert answer.status_code == 422 and "打不开您的身份验证器密钥" in page and "恢复码" in page
    assert "JIEBANG_SEAL_KEY" in caplog.text
    assert "JIEBANG_SEAL_KEY" in str(list(map(str, invariants.run())))
    RecoverySet.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert give(client, codes[0]).status_code == 302
    assert client.get(reverse("accounts:people")).status_code == 200


def test_secrets_that_stood_in_clear_are_locked_and_go_on_working(house):
    moving = importlib.import_module("accounts.migrations.0012_lock_authenticators")
    old = TOTPDevice.objects.create(user=house.operator, name="身份验证器", confirmed=True, drift=1)
    assert "以明文保存" in str(list(map(str, invariants.run())))
    moving.lock_them(apps, None)
    made = Authenticator.objects.get()
    assert not TOTPDevice.objects.exists() and not invariants.run()
    assert old.key not in everything_kept()
    assert (made.bin_key.hex(), made.drift, made.confirmed) == (old.key, 1, True)
    assert made.verify_token(figures(made))
    moving.open_them(apps, None)
    assert TOTPDevice.objects.get().key == old.key and not Authenticator.objects.exists()
