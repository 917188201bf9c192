"""A letter is sent again with a reason, cancelled, held and released; attempts are kept; SMS."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from audit.models import Entry
from core.errors import Refusal
from notifications import services, sms
from notifications.models import Attempt, Message
from tests.notifications.test_outbox import away
from tests.world import AT

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.locmem.EmailBackend.send_messages"


def write(cast, *, key="occasion", who="admin", **more) -> Message:
    services.enqueue(
        key=key,
        to=cast.people[who],
        template="office/letters/remind_filing.txt",
        context={"call": cast.call, "until": AT, "what": "项目", "user": cast.people[who]},
        at=AT,
        **more,
    )
    return Message.objects.filter(key__startswith=f"{key}:").latest("pk")


def given(cast, who="office"):
    return {"actor": cast.actor(who), "at": AT}


def test_a_letter_knows_the_call_it_is_about(cast):
    assert write(cast).about == f"calls.call:{cast.call.pk}"


def test_a_held_letter_waits_until_it_is_released(cast):
    letter = write(cast, hold=True)
    assert letter.state == "held"
    assert services.send_waiting(at=AT) == 0
    assert letter not in services.inbox(letter.user)
    services.release(letter, **given(cast))
    assert services.send_waiting(at=AT) == 1
    with pytest.raises(Refusal):
        services.release(letter, **given(cast))
    assert Entry.objects.filter(action="notifications.release").count() == 1


def test_a_waiting_letter_is_held_and_cancelled_and_a_sent_one_is_not(cast):
    letter = write(cast)
    services.hold(letter, **given(cast))
    services.take_back(letter, reason="内容有误", **given(cast))
    assert services.send_waiting(at=AT) == 0
    sent = write(cast, key="other")
    services.send_waiting(at=AT)
    for act, more in ((services.hold, {}), (services.take_back, {"reason": "内容有误"})):
        with pytest.raises(Refusal):
            act(sent, **more, **given(cast))
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_a_letter_that_is_just_being_sent_is_not_cancelled(cast):
    letter = write(cast)
    Message.objects.filter(pk=letter.pk).update(claimed_until=AT + timedelta(minutes=1))
    with pytest.raises(Refusal) as refusal:
        services.take_back(letter, reason="内容有误", **given(cast))
    assert refusal.value.code == "already-gone"


def test_each_attempt_is_kept_and_a_failed_letter_goes_out_again(cast, monkeypatch):
    letter = write(cast)
    with monkeypatch.context() as patch:
        patch.setattr(SMTP, away)
        at = AT
        for wait in (*services.PATIENCE, timedelta()):
            services.send_waiting(at=at)
            at += wait
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("failed", 5)
    assert [one.number for one in letter.tries.all()] == [1, 2, 3, 4, 5]
    assert all("mail server is away" in one.error for one in letter.tries.all())
    services.send_again(letter, reason="邮件服务器已恢复", actor=cast.actor("office"), at=at)
    assert services.send_waiting(at=at) == 1
    assert letter.tries.last().error == ""
    assert Entry.objects.get(action="notifications.send_again").data["reason"] == "邮件服务器已恢复"


def test_a_sent_letter_goes_again_as_another_that_names_the_first(cast):
    letter = write(cast)
    services.send_waiting(at=AT)
    again = services.send_again(letter, reason="对方说没有收到", **given(cast))
    assert (again.again_of, again.state) == (letter, "waiting")
    letter.refresh_from_db()
    assert letter.state == "sent"
    services.send_waiting(at=AT)
    third = services.send_again(again, reason="仍然没有收到", **given(cast))
    assert third.again_of == letter and third.key != again.key
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("reason", ["", " ", "x", "太" * 201])
def test_without_a_reason_nothing_is_sent_again_or_cancelled(cast, reason):
    sent, waiting = write(cast), None
    services.send_waiting(at=AT)
    waiting = write(cast, key="other")
    for act, letter in ((services.send_again, sent), (services.take_back, waiting)):
        with pytest.raises(Refusal) as refusal:
            act(letter, reason=reason, **given(cast))
        assert refusal.value.code == "reason-missing"
    waiting.refresh_from_db()
    assert waiting.state == "waiting" and Message.objects.count() == 2


def test_what_fails_half_way_leaves_the_letter_as_it_was(cast, monkeypatch):
    letter = write(cast, hold=True)

    def broken(**data):
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr("notifications.services.audit.record", broken)
    with pytest.raises(RuntimeError):
        services.release(letter, **given(cast))
    letter.refresh_from_db()
    assert letter.state == "held"


def test_a_short_message_goes_through_the_gateway_with_the_number_masked(cast, settings, tmp_path):
    settings.JIEBANG_SMS_BACKEND = "notifications.sms.FileGateway"
    settings.JIEBANG_SMS_FOLDER = str(tmp_path)
    person = cast.people["admin"]
    person.phone = "13800138000"
    person.save()
    write(cast, by_sms=True)
    message = Message.objects.get(channel="sms")
    assert message.body == ""
    assert message not in services.inbox(person)
    services.send_waiting(at=AT)
    [file] = tmp_path.glob("*.txt")
    text = file.read_text("utf-8")
    assert "138****8000" in text and "13800138000" not in text and message.subject in text
    assert message.tries.get().reference.startswith("file:")


def test_without_a_gateway_no_short_message_is_written(cast, settings):
    settings.JIEBANG_SMS_BACKEND = ""
    write(cast, by_sms=True)
    assert not Message.objects.filter(channel="sms").exists()


class Broken:
    def send(self, phone, text):
        raise RuntimeError(f"no route to {phone}")


def test_a_gateway_that_fails_leaves_the_letter_waiting_and_no_number_in_the_log(cast, settings):
    settings.JIEBANG_SMS_BACKEND = "tests.notifications.test_acts_on_letters.Broken"
    person = cast.people["admin"]
    person.phone = "13800138000"
    person.save()
    message = Message.objects.create(
        key="sms:1",
        user=person,
        channel="sms",
        phone=person.phone,
        kind="test",
        subject="标题",
        body="",
        created_at=AT,
        not_before=AT,
    )
    services.send_waiting(at=AT)
    message.refresh_from_db()
    assert message.state == "waiting"
    assert "13800138000" not in message.last_error + Attempt.objects.get().error
    assert sms.masked("致电 13800138000。") == "致电 138****8000。"


def test_the_database_refuses_a_letter_without_an_address(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            key="x", channel="sms", kind="x", subject="x", body="x", created_at=AT, not_before=AT
        )
