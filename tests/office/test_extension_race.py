"""R4 while an extension is being given: what arrived at the old end counts only if it came to be.

Each race is played in an order that is forced: the extension is written and not yet committed, the
submission arrives exactly at the old end, then the extension fails (its letter cannot be written).
The negative control takes the guards away, one by one and then both; without both a late filing
stays, and ``check_invariants`` says so.
"""

import threading

import pytest
from django.db import connection, transaction

from applications.models import Application, Version
from applications.services import submitting
from core.errors import Refusal
from portal import invariants
from tests import season
from tests.office.test_postponing import INSTANT, ask, fresh, give

pytestmark = [pytest.mark.postgres, pytest.mark.race, pytest.mark.django_db(transaction=True)]


class LetterFailed(Exception):
    pass


def at_the_old_end(*, fails: bool) -> tuple[Application, str]:
    """The filing, and what its submission met: "" or the code of the refusal."""
    played = season.begin()
    cast = played.cast
    draft = season.draft(played, "甲一", unit=cast.company, user=cast.people["admin"])
    asked = ask(cast)
    edge = cast.call.filing_until
    written, answered, said = threading.Event(), threading.Event(), []

    def extend():
        try:
            with transaction.atomic():
                give(cast, asked)
                written.set()
                answered.wait(3)  # a submission that nothing refuses waits for this transaction
                if fails:
                    raise LetterFailed
        except LetterFailed:
            pass
        finally:
            written.set()
            connection.close()

    def file():
        try:
            assert written.wait(60)
            season.submit(fresh(draft), at=edge)
            said.append("")
        except Refusal as refusal:
            said.append(refusal.code)
        finally:
            answered.set()
            connection.close()

    threads = [threading.Thread(target=one) for one in (extend, file)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(90)
    return fresh(draft), said[0]


def late_ones() -> list:
    return [one for one in invariants.run() if one.rule == "R4"]


@pytest.mark.parametrize("fails", [True, False])
def test_an_extension_not_yet_in_force_takes_nothing(fails):
    filing, said = at_the_old_end(fails=fails)
    assert said == "deadline-passed"
    assert not Version.objects.exists()
    edge = filing.call.filing_until
    assert season.submit(filing, at=edge - INSTANT)  # in time under whichever end is in force
    assert late_ones() == []


def unchecked(monkeypatch) -> None:
    """As if the service took the end it expects to be in force soon."""
    monkeypatch.setattr(submitting, "must_be_writable", lambda *args, **kwargs: None)


def untriggered() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE applications_version DISABLE TRIGGER applications_version_in_time"
        )


def triggered() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE applications_version ENABLE TRIGGER applications_version_in_time"
        )


def test_without_the_rule_of_the_service_the_database_still_refuses(monkeypatch):
    unchecked(monkeypatch)
    _, said = at_the_old_end(fails=True)
    assert said == "deadline-passed"
    assert not Version.objects.exists()


def test_without_the_trigger_the_rule_of_the_service_still_refuses():
    untriggered()
    try:
        _, said = at_the_old_end(fails=True)
    finally:
        triggered()
    assert said == "deadline-passed"
    assert not Version.objects.exists()


def test_without_both_a_late_filing_stays_and_the_invariants_say_so(monkeypatch):
    """Negative control."""
    unchecked(monkeypatch)
    untriggered()
    try:
        filing, said = at_the_old_end(fails=True)
        assert said == ""
        (version,) = Version.objects.all()
        assert version.arrived_at == filing.call.filing_until
        assert late_ones() != []
    finally:
        triggered()
