"""Where a person is signed in: their sessions, and ending them.

A session is a row of its own; when the row is gone, the next request finds nobody signed in, and a
request that is under way cannot write it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import entry
from accounts.models import Session, User
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One sign-in as its owner sees it. Times to the minute; no whole address, no version.

    ``mark`` names it in an address of the portal and is of no use as a session. ``seen`` is the
    last act, not the last page: reading writes nothing. ``verified`` is the second factor given.
    """

    mark: str
    began: datetime | None
    seen: datetime | None
    until: datetime
    browser: str
    address: str
    verified: bool
    here: bool


def mark(key: str) -> str:
    """A name for a session that does not open it."""
    return salted_hmac("accounts.session-mark", key).hexdigest()[:20]


def of(user: User, *, here: str | None, at: datetime) -> list[SignedIn]:
    """The person's sessions in force: this one (session key ``here``) first, then the latest."""
    found = [_told(row, here=here) for row in _rows(user, at=at)]

    def place(one: SignedIn) -> tuple[bool, float]:
        return not one.here, -one.seen.timestamp() if one.seen else 0.0

    return sorted(found, key=place)


@transaction.atomic
def end(user: User, which: str, *, here: str | None, actor: Actor, at: datetime) -> SignedIn:
    """End another session of one's own.

    Raises ``Refusal`` ``no-session`` (404) when it is not theirs or has ended already, ``this-one``
    for the session one acts in.
    """
    row = next((one for one in _rows(user, at=at) if mark(one.session_key) == which), None)
    if row is None:
        raise Refusal("no-session", "没有这个登录，或它已经结束。请刷新列表。", status=404)
    if row.session_key == here:
        raise Refusal("this-one", "这是您现在的登录，请用页面上方的“退出登录”。")
    told = _told(row, here=here)
    _end([row], user, whose="one", actor=actor, at=at)
    return told


@transaction.atomic
def end_others(user: User, *, here: str | None, actor: Actor, at: datetime) -> int:
    """End every session of one's own but this one. Returns how many there were."""
    rows = [one for one in _rows(user, at=at) if one.session_key != here]
    if not rows:
        raise Refusal("no-others", "没有其他登录。")
    return _end(rows, user, whose="others", actor=actor, at=at)


@transaction.atomic
def end_all(user: User, *, reason: str, actor: Actor, at: datetime) -> None:
    """End every session of somebody else whose account may be in wrong hands."""
    if actor.user_id == user.pk:
        raise Refusal("not-ones-own", "结束自己的登录请用“登录设备与会话”。", status=403)
    rows = list(_rows(user, at=at))
    if not rows:
        raise Refusal("no-session", "此人现在没有登录。")
    _end(rows, user, whose="all", actor=actor, at=at, reason=reason)


def _rows(user: User, *, at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(user=user, expire_date__gt=at).order_by("pk")


def _end(
    rows: Iterable[Session], user: User, *, whose: str, actor: Actor, at: datetime, reason: str = ""
) -> int:
    keys = [one.session_key for one in rows]
    Session.objects.filter(pk__in=keys).delete()
    audit.record(
        actor=actor,
        action="accounts.end_sessions",
        subject=user,
        at=at,
        which=whose,
        count=len(keys),
        **({"reason": reason} if reason else {}),
    )
    return len(keys)


def _told(row: Session, *, here: str | None) -> SignedIn:
    data: dict[str, Any] = row.get_decoded()
    return SignedIn(
        mark=mark(row.session_key),
        began=entry.moment(data.get(entry.BEGAN)),
        seen=entry.moment(data.get(entry.SEEN)),
        until=row.expire_date,
        browser=data.get(entry.BROWSER, "其他浏览器"),
        address=data.get(entry.ADDRESS, "未知地址"),
        verified=DEVICE_ID_SESSION_KEY in data,
        here=row.session_key == here,
    )
