"""A person who acts stays signed in; the session is written once a minute, not with each key."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import entry
from accounts.models import Session
from tests import world

pytestmark = pytest.mark.django_db
SECONDS = "X-Session-Seconds"


def lasting(client, seconds):
    """The session ends so many seconds from now."""
    session = client.session
    session[entry.UNTIL] = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    session.save()


def post(client):
    """Any post of a signed-in person: here one that finds nothing at its address."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.post(reverse("applications:index") + "none/submit/")
    return answer, [one for one in seen if "UPDATE" in one["sql"] and "session" in one["sql"]]


@pytest.fixture
def signed_in(client, cast):
    client.force_login(cast.people["admin"])
    return client


def test_a_post_in_the_same_minute_writes_no_session_and_tells_what_is_left(signed_in):
    lasting(signed_in, settings.SESSION_COOKIE_AGE - 30)
    answer, written = post(signed_in)
    assert written == []
    left = int(answer[SECONDS])
    assert settings.SESSION_COOKIE_AGE - entry.SPARED <= left <= settings.SESSION_COOKIE_AGE - 30


@pytest.mark.parametrize("seconds", [60, 3600, settings.SESSION_COOKIE_AGE - entry.SPARED - 1])
def test_a_later_post_lengthens_it_to_its_full_time(signed_in, seconds):
    lasting(signed_in, seconds)
    answer, written = post(signed_in)
    assert len(written) == 1
    assert int(answer[SECONDS]) == settings.SESSION_COOKIE_AGE
    kept = Session.objects.get(pk=signed_in.session.session_key)
    left = kept.expire_date - datetime.now(UTC)
    assert left > timedelta(seconds=settings.SESSION_COOKIE_AGE - 60)


def begun(client, ago):
    session = client.session
    session[entry.BEGAN] = (datetime.now(UTC) - ago).isoformat()
    session.save()


def test_a_sign_in_ends_at_its_longest_however_busy_the_person_is(signed_in, settings):
    settings.JIEBANG_SESSION_HOURS = 12
    begun(signed_in, timedelta(hours=11, minutes=30))
    lasting(signed_in, 60)
    answer, written = post(signed_in)
    assert len(written) == 1
    assert 1790 <= int(answer[SECONDS]) <= 1800
    kept = Session.objects.get(pk=signed_in.session.session_key)
    assert timedelta(minutes=29) < kept.expire_date - datetime.now(UTC) <= timedelta(minutes=30)
    answer, written = post(signed_in)
    assert written == [], "what cannot be lengthened is not written again"
    assert int(answer[SECONDS]) <= 1800


def test_after_its_longest_nobody_is_signed_in(signed_in, settings):
    settings.JIEBANG_SESSION_HOURS = 12
    begun(signed_in, timedelta(hours=12, minutes=1))
    lasting(signed_in, 3600)
    post(signed_in)
    answer = signed_in.get(reverse("accounts:security"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login"))


def test_signing_in_anew_begins_the_time_anew_and_asks_for_the_second_factor_again(
    client, cast, settings
):
    user = cast.people["operator"]
    user.email = "operator@example.com"
    user.save(update_fields=["email"])
    given = {"email": user.email, "password": world.PASSWORD}
    client.post(reverse("accounts:login"), given)
    begun(client, timedelta(hours=11, minutes=59))
    session = client.session
    session["otp_device_id"] = "accounts.authenticator/1"
    session.save()
    client.post(reverse("accounts:login"), given)
    assert "otp_device_id" not in client.session
    left = datetime.fromisoformat(client.session[entry.UNTIL]) - datetime.now(UTC)
    assert left > timedelta(seconds=settings.SESSION_COOKIE_AGE - 60)


def test_a_time_that_lies_too_far_ahead_is_not_believed(signed_in):
    lasting(signed_in, settings.SESSION_COOKIE_AGE * 2)
    answer, written = post(signed_in)
    assert len(written) == 1
    assert int(answer[SECONDS]) == settings.SESSION_COOKIE_AGE
