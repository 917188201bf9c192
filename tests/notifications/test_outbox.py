"""The outbox: one letter for one occasion, sent once, postponed and not lost, links never shown."""

import itertools
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.db import OperationalError, transaction

from accounts import links
from accounts.models import Link
from notifications import handing, services
from notifications.models import Attempt, Message
from tests.world import AT

pytestmark = pytest.mark.django_db
TEMPLATE = "notifications/letters/verify.txt"


@pytest.fixture
def link(cast):
    return links.make(
        Link.Purpose.VERIFY,
        email="new@example.org",
        name="新人",
        user=cast.people["viewer"],
        at=AT,
        announce=False,
    )


def enqueue(link, *, key: str = "occasion:1", to="new@example.org", **more) -> None:
    services.enqueue(
        key=key, to=to, template=TEMPLATE, context={"link": link}, link=link, at=AT, **more
    )


def only() -> Message:
    return Message.objects.get(email="new@example.org")


def away(self, *args, **kwargs):
    raise ConnectionRefusedError("mail server is away")


class Killed(BaseException):
    """The sender's process has ended."""


def killed(*args, **kwargs):
    raise Killed


def test_the_same_occasion_is_one_letter_however_often_it_is_asked_and_sent(link):
    enqueue(link)
    enqueue(link)
    assert [services.send_waiting(at=AT), services.send_waiting(at=AT)] == [1, 0]
    assert [sent.to for sent in mail.outbox] == [["new@example.org"]]


def test_one_occasion_is_a_letter_to_each_person(link, cast):
    for name in ("admin", "editor"):
        enqueue(link, to=cast.people[name])
    assert Message.objects.filter(key__startswith="occasion:1:").count() == 2
    assert Message.objects.filter(user=cast.people["admin"]).exists()


def test_the_one_use_link_stands_in_what_is_sent_and_never_in_what_is_kept(link):
    enqueue(link)
    assert services.LINK_MARK in only().body
    assert links.token(link) not in only().body
    services.send_waiting(at=AT)
    assert links.url(link) in mail.outbox[0].body
    assert services.LINK_MARK not in mail.outbox[0].body
    assert links.token(link) not in only().body


def test_when_the_act_fails_its_letter_was_never_written(link):
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(link)
        raise RuntimeError
    assert not Message.objects.filter(email="new@example.org").exists()


def test_a_letter_waits_for_its_time(link):
    enqueue(link, not_before=AT + timedelta(hours=1))
    assert services.send_waiting(at=AT) == 0
    assert services.send_waiting(at=AT + timedelta(hours=1)) == 1


def test_a_dead_mail_server_postpones_longer_each_time_and_gives_up_in_the_end(link, monkeypatch):
    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    enqueue(link)
    at, waits = AT, []
    for _ in services.PATIENCE:
        services.send_waiting(at=at)
        assert only().state == "waiting"
        waits.append(only().not_before - at)
        at = only().not_before
    assert waits == list(services.PATIENCE)
    services.send_waiting(at=at)
    assert (only().state, only().attempts) == ("failed", len(services.PATIENCE) + 1)
    assert "mail server is away" in only().last_error
    assert services.send_waiting(at=at + timedelta(days=9)) == 0


def test_a_sender_that_was_killed_leaves_a_letter_that_waits_again(link, monkeypatch):
    enqueue(link)
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", killed)
        with pytest.raises(Killed):
            services.send_waiting(at=AT)
    assert services.send_waiting(at=AT + timedelta(minutes=1)) == 0
    assert services.send_waiting(at=AT + services.CLAIM + timedelta(seconds=1)) == 1


def test_a_letter_that_has_gone_goes_once_though_the_database_was_away_just_then(link, monkeypatch):
    enqueue(link)
    create, away = Attempt.objects.get_or_create, [OperationalError("server closed"), None]

    def sometimes(**given):
        if error := away.pop(0):
            raise error
        return create(**given)

    monkeypatch.setattr(Attempt.objects, "get_or_create", sometimes)
    monkeypatch.setattr(services, "PAUSE", 0)
    assert services.send_waiting(at=AT) == 1
    assert services.send_waiting(at=AT + timedelta(days=1)) == 0
    assert (len(mail.outbox), only().state, Attempt.objects.count()) == (1, "sent", 1)


def test_a_letter_goes_once_though_its_sender_was_killed_with_it_in_the_hand(link, monkeypatch):
    enqueue(link)
    with monkeypatch.context() as patched:
        patched.setattr(services, "_mark_sent", killed)
        with pytest.raises(Killed):
            services.send_waiting(at=AT)
    assert (len(mail.outbox), only().state) == (1, "waiting")
    assert services.send_waiting(at=AT + timedelta(seconds=1)) == 0
    assert services.send_waiting(at=AT + timedelta(days=1)) == 0
    assert (len(mail.outbox), only().state, Attempt.objects.count()) == (1, "sent", 1)
    assert not list(handing.left())


def test_a_note_of_another_attempt_or_of_another_letter_says_nothing_of_this_one(link):
    enqueue(link)
    letter = only()
    for attempts, key in ((letter.attempts + 1, letter.key), (letter.attempts, "other")):
        handing.note(Message(pk=letter.pk, attempts=attempts, key=key), "")
    assert len(list(handing.left())) == 2
    assert services.send_waiting(at=AT) == 1
    assert not list(handing.left())


def test_where_no_note_can_be_written_a_letter_that_has_gone_is_not_sent_again(link, settings):
    enqueue(link)
    settings.MEDIA_ROOT.write_text("a file, not a folder")
    assert services.send_waiting(at=AT) == 1
    assert services.send_waiting(at=AT + timedelta(days=1)) == 0
    assert (len(mail.outbox), only().state) == (1, "sent")


def test_a_mail_server_that_takes_a_letter_and_does_not_say_goodbye_has_it_once(link, monkeypatch):
    def hang_up(self):
        raise ConnectionResetError

    enqueue(link)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.close", hang_up)
    assert services.send_waiting(at=AT) == 1
    assert services.send_waiting(at=AT + timedelta(days=1)) == 0
    assert len(mail.outbox) == 1


def test_behind_a_slow_mail_server_each_letter_is_held_from_its_own_moment(link, monkeypatch):
    """The claims of many once ended together, five minutes after the first was begun."""
    for n in range(3):
        enqueue(link, key=f"occasion:{n}")
    clock, left = itertools.count(0, 200), []

    def slow(self, *args, **kwargs):
        held = Message.objects.get(claimed_until__isnull=False)
        left.append(held.claimed_until - AT)
        return 1

    monkeypatch.setattr("django.core.mail.EmailMessage.send", slow)
    monkeypatch.setattr("notifications.services.time.monotonic", lambda: next(clock))
    assert services.send_waiting(at=AT) == 3
    assert left[0] >= services.CLAIM
    assert all(later - one >= timedelta(seconds=200) for one, later in pairwise(left))


def test_a_letter_that_another_sender_holds_is_left_alone(link):
    enqueue(link)
    held = services._claim(at=AT)
    assert held.pk == only().pk
    assert services.send_waiting(at=AT) == 0


def test_a_reminder_of_what_is_done_is_taken_back_and_a_sent_one_stays(link):
    enqueue(link, key="remind:1")
    enqueue(link, key="remind:2")
    Message.objects.filter(key__startswith="remind:2").update(state="sent", sent_at=AT)
    assert services.cancel(kind="verify", key_prefix="remind:") == 1
    assert services.send_waiting(at=AT) == 0
    assert set(Message.objects.filter(kind="verify").values_list("state", flat=True)) == {
        "cancelled",
        "sent",
    }


def test_a_letter_carries_the_same_message_id_when_it_is_sent_again(link):
    enqueue(link)
    services.send_waiting(at=AT)
    Message.objects.filter(pk=only().pk).update(state="waiting", sent_at=None)
    services.send_waiting(at=AT)
    assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == 1
