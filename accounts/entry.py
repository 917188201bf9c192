"""Coming in: signing in and out, resetting and changing a password, demo links.

A session lasts ``SESSION_COOKIE_AGE`` from the last change it made, and never longer than
``JIEBANG_SESSION_HOURS`` from the sign-in; ``until`` in the session is its end, which tells the
page when to warn and stands in the session's row too.
"""

from datetime import datetime, timedelta
from typing import Any

from axes import utils as axes_utils
from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import browsers, links
from accounts.models import Link, User
from accounts.policy import SESSION_KEY
from audit import services as audit
from audit.services import Actor
from core import addresses
from core.errors import Refusal

UNTIL, BEGAN, SEEN, BROWSER, ADDRESS = "until", "began", "seen", "browser", "address"
"""What a session says of itself: its end, its sign-in, its last act, kind of browser, network."""
SPARED = 60
"""Seconds. A session that was lengthened so lately is not written again: one write a minute is
enough for a person who types, and an autosave is one transaction."""


def sign_in(request: HttpRequest, user: User, *, at: datetime, way: str = "password") -> None:
    """Begin a session for a person whose password (or link) was right; recorded in the trail."""
    auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    session = request.session
    for key in (UNTIL, DEVICE_ID_SESSION_KEY):  # of an earlier sign-in of the same person
        session.pop(key, None)
    session[BEGAN] = at.isoformat()
    session[BROWSER] = browsers.kind(request.headers.get("User-Agent", ""))
    session[ADDRESS] = addresses.masked(addresses.client(request))
    extend(request, at=at)
    audit.record(
        actor=Actor(user.name, user.pk), action="accounts.sign_in", subject=user, at=at, way=way
    )


def sign_out(request: HttpRequest, *, at: datetime) -> None:
    user = request.user
    if isinstance(user, User):
        audit.record(
            actor=Actor(user.name, user.pk), action="accounts.sign_out", subject=user, at=at
        )
    auth.logout(request)


def extend(request: HttpRequest, *, at: datetime) -> int:
    """Let the session last its full time from now, or up to a minute less.

    Returns how long it lasts, in seconds: less than the full time near its longest.
    """
    session = request.session
    began = moment(session.get(BEGAN)) or at
    longest = began + timedelta(hours=settings.JIEBANG_SESSION_HOURS)
    until = min(at + timedelta(seconds=settings.SESSION_COOKIE_AGE), longest)
    full = int((until - at).total_seconds())
    lasts = int(((moment(session.get(UNTIL)) or at) - at).total_seconds())
    if full - SPARED <= lasts <= full:
        return max(lasts, 0)
    session[BEGAN], session[SEEN] = began.isoformat(), at.isoformat()
    session[UNTIL] = until.isoformat()
    session.set_expiry(until)
    return max(full, 0)


def moment(text: Any) -> datetime | None:
    """An instant as a session keeps it."""
    return datetime.fromisoformat(text) if text else None


def person_mark(user: Any) -> str:
    """A name for a person that a page may carry and keep on the machine: it tells nothing.

    Pages say with it whom they were made for; empty for a visitor.
    """
    if not user.is_authenticated:
        return ""
    return salted_hmac("accounts.person-mark", str(user.pk)).hexdigest()[:20]


def act_as(request: HttpRequest, membership_pk: int) -> None:
    """Choose the identity in which the person goes on; its pages are guarded anew each time."""
    request.session[SESSION_KEY] = membership_pk


def request_reset(email: str, *, at: datetime) -> None:
    """Send a reset link to a person with this address; an unknown address is told nothing."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        return
    with transaction.atomic():
        Link.objects.filter(user=user, purpose=Link.Purpose.RESET, used_at=None).update(
            revoked_at=at
        )
        links.make(Link.Purpose.RESET, email=user.email, name=user.name, user=user, at=at)
        audit.record(actor=Actor("公众"), action="accounts.request_reset", subject=user, at=at)


@transaction.atomic
def reset_password(token: str, *, password: str, at: datetime) -> User:
    """Take a reset link: the person's new password. Every session of theirs ends.

    Whoever holds the link holds the mailbox, so the address counts as verified.
    Raises ``Refusal`` as ``links.find``.
    """
    link = links.find(token, Link.Purpose.RESET, at=at, lock=True)
    user = link.user
    assert user is not None
    user.set_password(password)
    user.email_verified_at = user.email_verified_at or at
    user.save(update_fields=["password", "email_verified_at"])
    link.used_at = at
    link.save(update_fields=["used_at"])
    audit.record(
        actor=Actor(user.name, user.pk), action="accounts.reset_password", subject=user, at=at
    )
    return user


@transaction.atomic
def change_password(user: User, *, password: str, actor: Actor, at: datetime) -> None:
    """A new password chosen by the person. Their other sessions end."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(actor=actor, action="accounts.change_password", subject=user, at=at)


@transaction.atomic
def unlock(user: User, *, reason: str, actor: Actor, at: datetime) -> None:
    """Lift a lock-out before its quarter of an hour is over, on whatever machine it was."""
    axes_utils.reset(username=user.email)
    audit.record(actor=actor, action="accounts.unlock", subject=user, at=at, reason=reason)


@transaction.atomic
def update_person(user: User, *, name: str, phone: str, actor: Actor, at: datetime) -> None:
    changed = [key for key, new in (("name", name), ("phone", phone)) if getattr(user, key) != new]
    user.name, user.phone = name, phone
    user.save(update_fields=["name", "phone"])
    if changed:
        audit.record(
            actor=actor, action="accounts.update_person", subject=user, at=at, fields=changed
        )


def set_large_text(user: User, on: bool) -> None:
    """A matter of taste, not of record."""
    User.objects.filter(pk=user.pk).update(large_text=on)


@transaction.atomic
def enter_demo(token: str, *, at: datetime) -> User:
    """Take a one-time demo link. Only in a demonstration; the view checks the address."""
    if not settings.JIEBANG_DEMO:
        raise Refusal("link-unknown", "没有这个链接。", status=404)
    link = links.find(token, Link.Purpose.DEMO, at=at, lock=True)
    user = link.user
    assert user is not None
    link.used_at = at
    link.save(update_fields=["used_at"])
    return user
