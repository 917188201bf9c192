"""The outbox: a letter is a row in the transaction of its occasion; the pulse sends it."""

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Model, Q, QuerySet
from django.template.loader import render_to_string

from accounts import links
from accounts.models import Link, User
from audit import services as audit
from audit.services import Actor, label
from core import writing
from core.errors import Refusal
from core.failpoints import failpoint
from notifications import handing, sms
from notifications.models import Attempt, Message

PATIENCE = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
CLAIM = timedelta(minutes=5)
PAUSE = 0.5
"""Seconds between two tries to write that a letter has gone."""
FEW = 4
"""Up to so many letters at once are written by a statement that is kept for their number."""
LINK_MARK = "[[链接]]"

_held_about: ContextVar[str] = ContextVar("held_about", default="")


@contextmanager
def held_back(about: Model) -> Iterator[None]:
    """Every letter written inside is held, and is about this, until somebody lets it go."""
    token = _held_about.set(label(about))
    try:
        yield
    finally:
        _held_about.reset(token)


def enqueue(
    *,
    key: str,
    to: User | str | Collection[User],
    template: str,
    context: dict[str, Any],
    at: datetime,
    not_before: datetime | None = None,
    link: Link | None = None,
    hold: bool = False,
    by_sms: bool = False,
) -> None:
    """Put one letter to each into the outbox, in the caller's transaction and in one statement.

    ``key`` names the occasion: asking twice for the same occasion and person writes one letter.
    With ``hold`` it waits until somebody has looked at it and lets it go (``release``). With
    ``by_sms`` its subject also goes to the person's telephone, where there is a gateway.
    The template's first line is the subject. A one-use link stands as ``[[链接]]`` and is written
    in only when the letter is sent, so that nobody who reads the outbox can use it.
    """
    text = render_to_string(template, {**context, "link_mark": LINK_MARK}).strip()
    subject, _, body = text.partition("\n")
    people: Iterable[tuple[User | None, str]]
    if isinstance(to, str):
        people = [(User.objects.filter(email=to.lower()).first(), to)]
    else:
        people = [(user, user.email) for user in ([to] if isinstance(to, User) else to)]
    about = context.get("call")
    _write(
        key=key,
        letters=[Letter(user, email, subject, body) for user, email in people],
        kind=template.rsplit("/", 1)[-1].removesuffix(".txt"),
        about=label(about) if isinstance(about, Model) else "",
        at=at,
        not_before=not_before,
        link=link,
        hold=hold,
        by_sms=by_sms,
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """One person's letter, in words of its own."""

    user: User | None
    email: str
    subject: str
    body: str


def enqueue_each(
    *,
    key: str,
    letters: Iterable[Letter],
    kind: str,
    about: Model,
    at: datetime,
    hold: bool = False,
    by_sms: bool = False,
) -> None:
    """Letters that differ from person to person, in one statement. As ``enqueue``."""
    _write(
        key=key,
        letters=letters,
        kind=kind,
        about=label(about),
        at=at,
        not_before=None,
        link=None,
        hold=hold,
        by_sms=by_sms,
    )


def _write(
    *,
    key: str,
    letters: Iterable[Letter],
    kind: str,
    about: str,
    at: datetime,
    not_before: datetime | None,
    link: Link | None,
    hold: bool,
    by_sms: bool,
) -> None:
    hold, about = hold or bool(_held_about.get()), about or _held_about.get()
    state = Message.State.HELD if hold else Message.State.WAITING
    more: dict[str, Any] = {
        "kind": kind,
        "about": about,
        "state": state,
        "created_at": at,
        "not_before": not_before or at,
    }
    rows = []
    for one in letters:
        text = {"subject": one.subject.strip()[:150], "body": one.body.strip()}
        rows.append(
            Message(
                key=f"{key}:{one.email}"[:160],
                user=one.user,
                email=one.email,
                link=link,
                **text,
                **more,
            )
        )
        if by_sms and sms.is_on() and one.user is not None and one.user.phone:
            rows.append(
                Message(
                    key=f"{key}:sms:{one.user.pk}"[:160],
                    user=one.user,
                    channel=Message.Channel.SMS,
                    phone=one.user.phone,
                    **{**text, "body": ""},
                    **more,
                )
            )
    if len(rows) <= FEW:
        writing.insert(*rows, ignore_conflicts=True)
    else:
        Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def send_waiting(*, at: datetime, limit: int = 50) -> int:
    """Send what is due. Returns how many went out. A killed sender's letters wait again, but for
    the one that the server had: of that it is said that it has gone.

    Each letter is held from its own moment: behind a slow mail server the last of many would else
    be held for no time at all, and another sender would send it too.
    """
    begun, sent = time.monotonic(), 0
    _settle_left(at=at)
    for _ in range(limit):
        moment = at + timedelta(seconds=int(time.monotonic() - begun))
        message = _claim(at=moment)
        if message is None:
            break
        sent += _send(message, at=moment)
    return sent


def _claim(*, at: datetime) -> Message | None:
    while True:
        message = (
            Message.objects.due(at).order_by("not_before", "pk").select_related("link").first()
        )
        if message is None:
            return None
        taken = (
            Message.objects.due(at)
            .filter(pk=message.pk, claimed_until=message.claimed_until)
            .update(claimed_until=at + CLAIM, attempts=message.attempts + 1)
        )
        if taken:
            message.attempts += 1
            return message


def _send(message: Message, *, at: datetime) -> bool:
    failpoint("letter.claimed")
    try:
        reference = (
            _by_sms(message) if message.channel == Message.Channel.SMS else _by_mail(message)
        )
    except Exception as error:
        _postpone(message, error, at=at)
        return False
    failpoint("letter.handed_over")
    _mark_sent(message, reference, at=at)
    handing.forget(handing.path_of(message))
    return True


def _settle_left(*, at: datetime) -> None:
    """Say for senders that have ended that their letter has gone. One still at work says it too."""
    for one in handing.left():
        message = Message.objects.filter(
            pk=one.message, attempts=one.attempt, state=Message.State.WAITING
        ).first()
        if message is not None and handing.mark_of(message) == one.mark:
            _mark_sent(message, one.reference, at=at)
        handing.forget(one.path)


def _mark_sent(message: Message, reference: str, *, at: datetime) -> None:
    """Write that it has gone. While the database is away this is tried again, as long as nobody
    else may take the letter: one that has gone and does not say so goes twice."""
    until = time.monotonic() + CLAIM.total_seconds() / 2
    while True:
        try:
            with transaction.atomic():
                Message.objects.filter(pk=message.pk).update(
                    state=Message.State.SENT, sent_at=at, claimed_until=None, last_error=""
                )
                Attempt.objects.get_or_create(
                    message=message,
                    number=message.attempts,
                    error="",
                    defaults={"at": at, "reference": reference[:100]},
                )
                failpoint("letter.marked")
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
            connection.close_if_unusable_or_obsolete()
            time.sleep(PAUSE)
        else:
            return


def _by_mail(message: Message) -> str:
    body = message.body
    if message.link is not None:
        body = body.replace(LINK_MARK, links.url(message.link))
    server = get_connection()
    server.open()
    try:
        EmailMessage(
            subject=message.subject,
            body=body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.email],
            headers={"Message-ID": f"<jiebang.{message.pk}@outbox>"},
            connection=server,
        ).send()
        handing.note(message, "")
    finally:
        with suppress(Exception):  # a farewell that fails takes nothing back
            server.close()
    return ""


def _by_sms(message: Message) -> str:
    found = sms.gateway()
    if found is None:
        raise RuntimeError("no SMS gateway is set (JIEBANG_SMS_BACKEND)")
    reference = found.send(message.phone, message.subject[: sms.TEXT_AT_MOST])
    handing.note(message, reference)
    return reference


def _postpone(message: Message, error: Exception, *, at: datetime) -> None:
    over = message.attempts > len(PATIENCE)
    words = sms.masked(f"{type(error).__name__}: {error}")[:500]
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(
            state=Message.State.FAILED if over else Message.State.WAITING,
            not_before=at if over else at + PATIENCE[message.attempts - 1],
            claimed_until=None,
            last_error=words,
        )
        Attempt.objects.create(message=message, at=at, number=message.attempts, error=words)


# What the office does with a letter ---------------------------------------------------------------


@transaction.atomic
def send_again(message: Message, *, reason: str, actor: Actor, at: datetime) -> Message:
    """Send a letter that failed once more, or one that went out as another letter.

    Raises ``Refusal`` for a letter that still waits, and for one with a one-use link, which is
    asked for anew where it was made.
    """
    message = Message.objects.select_for_update().get(pk=message.pk)
    reason = _reason(reason)
    if message.link_id is not None:
        raise Refusal("has-a-link", "含一次性链接的消息不能重发。请在“人员”页重新邀请。")
    if message.state == Message.State.FAILED:
        Message.objects.filter(pk=message.pk).update(
            state=Message.State.WAITING, attempts=0, not_before=at, last_error=""
        )
        again = message
    elif message.state == Message.State.SENT:
        first = message.again_of or message
        number = first.sent_again.count() + 1
        again = Message.objects.create(
            key=f"again:{first.pk}:{number}",
            user=first.user,
            channel=first.channel,
            email=first.email,
            phone=first.phone,
            about=first.about,
            kind=first.kind,
            subject=first.subject,
            body=first.body,
            created_at=at,
            not_before=at,
            again_of=first,
        )
    else:
        raise Refusal("still-waiting", "这封消息还没有发出，不需要重发。请刷新页面查看状态。")
    audit.record(
        actor=actor,
        action="notifications.send_again",
        subject=message,
        at=at,
        reason=reason,
        letter=again.pk,
    )
    return again


@transaction.atomic
def take_back(message: Message, *, reason: str, actor: Actor, at: datetime) -> None:
    """Cancel one letter that has not gone out and is not just being sent."""
    held = (
        Message.objects.filter(pk=message.pk, state__in=[Message.State.WAITING, Message.State.HELD])
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=at))
        .update(state=Message.State.CANCELLED, claimed_until=None)
    )
    if not held:
        raise Refusal("already-gone", "这封消息已经发出、正在发送或已取消，不能再取消。")
    audit.record(
        actor=actor,
        action="notifications.cancel",
        subject=message,
        at=at,
        reason=_reason(reason),
    )


@transaction.atomic
def hold(message: Message, *, actor: Actor, at: datetime) -> None:
    """Keep one letter back that has not gone out."""
    held = (
        Message.objects.filter(pk=message.pk, state=Message.State.WAITING)
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=at))
        .update(state=Message.State.HELD, claimed_until=None)
    )
    if not held:
        raise Refusal("not-waiting", "只有待发送的消息可以暂缓。请刷新页面查看状态。")
    audit.record(actor=actor, action="notifications.hold", subject=message, at=at)


@transaction.atomic
def release(message: Message, *, actor: Actor, at: datetime) -> None:
    """Let a held letter go."""
    held = Message.objects.filter(pk=message.pk, state=Message.State.HELD).update(
        state=Message.State.WAITING, not_before=at
    )
    if not held:
        raise Refusal("not-held", "这封消息没有在等待放行。请刷新页面查看状态。")
    audit.record(actor=actor, action="notifications.release", subject=message, at=at)


def held(about: Model, *, kinds: Collection[str]) -> QuerySet[Message]:
    """The held letters of these kinds about something."""
    return (
        Message.objects.filter(about=label(about), kind__in=kinds, state=Message.State.HELD)
        .select_related("user")
        .order_by("pk")
    )


def release_all(about: Model, *, kinds: Collection[str], at: datetime) -> int:
    """Let all of those go, in the caller's transaction, which records it. Returns how many."""
    return Message.objects.filter(
        about=label(about), kind__in=kinds, state=Message.State.HELD
    ).update(state=Message.State.WAITING, not_before=at)


def settle_old(*, written_by: datetime, due_by: datetime, hold: bool) -> int:
    """Hold or cancel the waiting letters that another copy of this place may have sent already:
    written and due by then. In the caller's transaction, which records it. Returns how many."""
    return Message.objects.filter(
        state=Message.State.WAITING, created_at__lte=written_by, not_before__lte=due_by
    ).update(state=Message.State.HELD if hold else Message.State.CANCELLED, claimed_until=None)


def _reason(text: str) -> str:
    reason = text.strip()
    if not 2 <= len(reason) <= 200:
        raise Refusal("reason-missing", "请填写理由，2 至 200 字。", status=422)
    return reason


@transaction.atomic
def cancel(*, kind: str, key_prefix: str) -> int:
    """Take letters back that have not gone out: a reminder of what has been done."""
    return Message.objects.filter(
        kind=kind,
        key__startswith=key_prefix,
        state__in=[Message.State.WAITING, Message.State.HELD],
    ).update(state=Message.State.CANCELLED)


def inbox(user: User) -> QuerySet[Message]:
    """The person's letters, newest first; those taken back or kept back are left out."""
    return (
        Message.objects.filter(user=user, channel=Message.Channel.MAIL)
        .exclude(state__in=[Message.State.CANCELLED, Message.State.HELD])
        .order_by("-pk")
    )


def mark_read(user: User, *, at: datetime) -> int:
    """Mark every letter of the person as read; how many were unread."""
    return inbox(user).filter(read_at=None).update(read_at=at)
