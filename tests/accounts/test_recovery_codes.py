"""Codes that were kept in clear are hashed by the migration and go on working, each once."""

import importlib
import threading

import pytest
from django.apps import apps
from django_otp import match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from accounts import recovery
from accounts.models import RecoveryCode, RecoverySet
from portal import invariants

migration = importlib.import_module("accounts.migrations.0008_hash_recovery_codes")


@pytest.fixture
def held(db, cast, monkeypatch):
    """A person with three codes as the library kept them."""
    monkeypatch.setitem(recovery.COST, "n", 2)
    device = StaticDevice.objects.create(
        user=cast.people["operator"], name="恢复码", throttling_failure_count=2
    )
    codes = ["abcdefg2", "abcdefg3", "abcdefg4"]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=one) for one in codes)
    return cast.people["operator"], codes


def test_codes_in_clear_are_hashed_and_go_on_working_each_once(held):
    user, codes = held
    assert [str(one) for one in invariants.run() if "恢复码" in one.text]
    migration.hash_those_in_use(apps, None)
    assert not StaticDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert RecoverySet.objects.get(user=user).throttling_failure_count == 2
    assert RecoveryCode.objects.count() == 3
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    RecoverySet.objects.update(throttling_failure_count=0)
    assert match_token(user, codes[1]) == RecoverySet.objects.get()
    assert match_token(user, codes[1]) is None
    assert RecoveryCode.objects.count() == 2
    assert not [str(one) for one in invariants.run() if "恢复码" in one.text]


def test_the_migration_finds_nothing_to_do_the_second_time(held):
    migration.hash_those_in_use(apps, None)
    before = list(RecoveryCode.objects.values_list("digest", flat=True))
    migration.hash_those_in_use(apps, None)
    assert list(RecoveryCode.objects.values_list("digest", flat=True)) == before


def test_what_is_kept_says_nothing_without_the_salt():
    code = recovery.drawn()
    assert recovery.may_be_code(code)
    assert not recovery.may_be_code("123456")
    one, other = recovery.digest(code, recovery.salt()), recovery.digest(code, recovery.salt())
    assert one != other
    assert len(one) == 64


@pytest.mark.postgres
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_one_code_one_is_taken_even_without_the_lock(monkeypatch):
    """``match_token`` locks the set; here nobody does, and the row that is taken decides."""
    from tests import racing, world

    monkeypatch.setitem(recovery.COST, "n", 2)
    office = world.unit("office", "示例主管部门", region="110000")
    user = world.person(office, "office_operator", "并发示例")
    made = RecoverySet.objects.create(user=user, name="恢复码")
    made.codes.create(digest=recovery.digest("abcdefg2", made.salt))
    taken = []
    ready = threading.Barrier(2)
    digest = recovery.digest

    def both_have_looked(code, salt):
        ready.wait(10)
        return digest(code, salt)

    monkeypatch.setattr(recovery, "digest", both_have_looked)
    one, other = RecoverySet.objects.get(), RecoverySet.objects.get()
    racing.together(
        lambda: taken.append(one.verify_token("abcdefg2")),
        lambda: taken.append(other.verify_token("abcdefg2")),
    )
    assert sorted(taken) == [False, True]
    assert not RecoveryCode.objects.exists()
