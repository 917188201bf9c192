"""A sample of the proof (``python3 dev.py proof doors`` is the whole of it)."""

import pytest
from django.test import RequestFactory

from core import addresses
from tests import world
from tests.proof import doors
from tests.proof.frame import Report, Watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return Report("doors")


def test_guessers_stay_outside_and_the_owner_gets_in(cast, report):
    doors.guesses(report, cast, watch=Watch(60), most=64)
    assert report.holds, report.words()
    assert report.figures["entries"] == 0
    assert report.figures["of them locked out"] >= 8
    assert report.figures["the owner got in"] == 1


def test_a_door_without_a_lock_is_found(cast, report, settings):
    settings.AXES_ENABLED = False
    doors.guesses(report, cast, watch=Watch(60), most=32)
    assert report.figures["entries"] > 0
    assert not report.holds


def test_forged_headers_change_no_answer(report, db):
    doors.proxies(report)
    assert report.holds, report.words()


def test_a_document_loads_nothing_from_outside(report):
    doors.outside(report)
    assert report.holds, report.words()


def test_behind_a_proxy_a_guesser_does_not_lock_the_owner_out(cast, settings):
    """Every connection comes from the proxy; it says in a header from whom."""
    settings.JIEBANG_TRUSTED_ADDRESS_HEADER = "HTTP_X_REAL_IP"
    doors.typable(cast)
    user = cast.people["admin"]
    for n in range(7):
        doors.Client(HTTP_X_REAL_IP="192.0.2.1").post(
            "/account/login/", {"email": user.email, "password": f"猜{n}猜猜猜猜猜猜"}
        )
    locked = doors.Client(HTTP_X_REAL_IP="192.0.2.1").post(
        "/account/login/", {"email": user.email, "password": world.PASSWORD}
    )
    owner = doors.Client(HTTP_X_REAL_IP="192.0.2.2").post(
        "/account/login/", {"email": user.email, "password": world.PASSWORD}
    )
    assert (locked.status_code, owner.status_code) == (429, 302)


@pytest.mark.parametrize(
    ("trusted", "sent", "client"),
    [
        ("", {"HTTP_X_REAL_IP": "192.0.2.1"}, "127.0.0.1"),
        ("", {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, "127.0.0.1"),
        ("HTTP_X_REAL_IP", {"HTTP_X_REAL_IP": "192.0.2.1"}, "192.0.2.1"),
        ("HTTP_X_REAL_IP", {"HTTP_X_REAL_IP": " 2001:db8::1 "}, "2001:db8::1"),
        ("HTTP_X_REAL_IP", {"HTTP_X_REAL_IP": "no address"}, "127.0.0.1"),
        ("HTTP_X_REAL_IP", {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, "127.0.0.1"),
        ("HTTP_X_REAL_IP", {"REMOTE_ADDR": ""}, "127.0.0.1"),
    ],
)
def test_only_the_named_header_says_who_asks(settings, trusted, sent, client):
    settings.JIEBANG_TRUSTED_ADDRESS_HEADER = trusted
    assert addresses.client(RequestFactory().get("/", **sent)) == client
