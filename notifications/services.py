"""The outbox: a letter is a row in the transaction of its occasion; the pulse sends it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string

from accounts import links
from accounts.models import Link, User
from notifications.models import Message

PATIENCE = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
CLAIM = timedelta(minutes=5)
LINK_MARK = "[[链接]]"


def enqueue(
    *,
    key: str,
    to: User | str | Collection[User],
    template: str,
    context: dict[str, Any],
    at: datetime,
    not_before: datetime | None = None,
    link: Link | None = None,
) -> None:
    """Put one letter to each into the outbox, in the caller's transaction and in one statement.

    ``key`` names the occasion: asking twice for the same occasion and person writes one letter.
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
    Message.objects.bulk_create(
        [
            Message(
                key=f"{key}:{email}"[:160],
                user=user,
                email=email,
                kind=template.rsplit("/", 1)[-1].removesuffix(".txt"),
                subject=subject.strip()[:150],
                body=body.strip(),
                link=link,
                created_at=at,
                not_before=not_before or at,
            )
            for user, email in people
        ],
        ignore_conflicts=True,
    )


def send_waiting(*, at: datetime, limit: int = 50) -> int:
    """Send what is due. Returns how many went out. A killed sender's letters wait again."""
    sent = 0
    for _ in range(limit):
        message = _claim(at=at)
        if message is None:
            break
        sent += _send(message, at=at)
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
    body = message.body
    if message.link is not None:
        body = body.replace(LINK_MARK, links.url(message.link))
    try:
        EmailMessage(
            subject=message.subject,
            body=body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.email],
            headers={"Message-ID": f"<jiebang.{message.pk}@outbox>"},
        ).send()
    except Exception as error:
        _postpone(message, error, at=at)
        return False
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.SENT, sent_at=at, claimed_until=None, last_error=""
    )
    return True


def _postpone(message: Message, error: Exception, *, at: datetime) -> None:
    over = message.attempts > len(PATIENCE)
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.FAILED if over else Message.State.WAITING,
        not_before=at if over else at + PATIENCE[message.attempts - 1],
        claimed_until=None,
        last_error=f"{type(error).__name__}: {error}"[:500],
    )


@transaction.atomic
def cancel(*, kind: str, key_prefix: str) -> int:
    """Take letters back that have not gone out: a reminder of what has been done."""
    return Message.objects.filter(
        kind=kind, key__startswith=key_prefix, state=Message.State.WAITING
    ).update(state=Message.State.CANCELLED)


def inbox(user: User) -> QuerySet[Message]:
    """The person's letters, newest first; those taken back before they went out are left out."""
    return Message.objects.filter(user=user).exclude(state=Message.State.CANCELLED).order_by("-pk")


def mark_read(user: User, *, at: datetime) -> int:
    """Mark every letter of the person as read; how many were unread."""
    return inbox(user).filter(read_at=None).update(read_at=at)
