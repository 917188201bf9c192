"""Letters of verification and reset are counted by mailbox and by network address, in an hour."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Link

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_an_hour(settings):
    cache.clear()
    settings.JIEBANG_LETTERS_PER_HOUR = 2
    yield
    cache.clear()


def ask(client, email, name="forgot", address="192.0.2.1"):
    return client.post(reverse(f"accounts:{name}"), {"email": email}, REMOTE_ADDR=address)


def resets():
    return Link.objects.filter(purpose=Link.Purpose.RESET).count()


@pytest.mark.parametrize("name", ["forgot", "resend"])
def test_one_mailbox_is_not_filled_from_wherever_it_is_asked(client, house, name):
    asked = [ask(client, house.admin.email, name, f"192.0.2.{n}").status_code for n in (1, 2, 3)]
    assert asked == [302, 302, 429]
    if name == "forgot":
        assert resets() == 2


def test_the_refusal_is_the_same_for_an_address_that_nobody_has(client, house):
    answers = []
    for email in (house.admin.email, "nobody@example.com"):
        for _ in range(3):
            answer = ask(client, email)
        page = answer.content.decode().replace(email, "…")
        answers.append((answer.status_code, page[page.index("<main") :].count("已申请 2 次")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 429
    assert answers[0][1] >= 1


def test_capitals_make_no_other_mailbox(client, house):
    for email in (house.admin.email, house.admin.email.upper()):
        ask(client, email)
    assert ask(client, house.admin.email.title()).status_code == 429


def test_one_network_address_does_not_ask_for_everybody(client, house):
    asked = [ask(client, f"n{n}@example.com").status_code for n in range(21)]
    assert asked == [302] * 20 + [429]
    assert ask(client, "n99@example.com", address="198.51.100.1").status_code == 302


def test_without_the_cache_letters_go_out(client, house, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("core.counting.cache.add", away)
    assert [ask(client, house.admin.email).status_code for _ in range(3)] == [302, 302, 302]
    assert resets() == 3
