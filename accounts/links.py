"""One-use links: made, read and used. The token is derived, never stored; only its hash is."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac

from accounts.models import Link, Organisation, User
from accounts.signals import link_made
from core.errors import Refusal

LIFE = {
    Link.Purpose.ACTIVATE: timedelta(hours=72),
    Link.Purpose.VERIFY: timedelta(hours=72),
    Link.Purpose.RESET: timedelta(hours=2),
    Link.Purpose.DEMO: timedelta(hours=12),
}
ROUTES = {
    Link.Purpose.ACTIVATE: "accounts:activate",
    Link.Purpose.VERIFY: "accounts:verify_email",
    Link.Purpose.RESET: "accounts:reset",
    Link.Purpose.DEMO: "accounts:demo_login",
    Link.Purpose.SURVEY: "surveys:by_link",
}


def token(link: Link) -> str:
    """The secret part of a link's address; the same each time it is asked for."""
    made = int(link.created_at.timestamp() * 1000)
    return salted_hmac("accounts.link", f"{link.pk}:{link.purpose}:{link.email}:{made}").hexdigest()


def path(link: Link) -> str:
    """The link's address on this site."""
    return reverse(ROUTES[Link.Purpose(link.purpose)], args=[token(link)])


def url(link: Link) -> str:
    return f"{settings.JIEBANG_BASE_URL.rstrip('/')}{path(link)}"


@transaction.atomic
def make(
    purpose: Link.Purpose,
    *,
    email: str,
    at: datetime,
    name: str = "",
    organisation: Organisation | None = None,
    role: str = "",
    may_submit: bool = False,
    user: User | None = None,
    made_by_id: int | None = None,
    announce: bool = True,
    expires_at: datetime | None = None,
) -> Link:
    """Make a link that lives as ``LIFE`` says, or until ``expires_at``; its letter is queued."""
    link = Link.objects.create(
        purpose=purpose,
        token_hash=get_random_string(64),
        email=email.strip().lower(),
        name=name,
        organisation=organisation,
        role=role,
        may_submit=may_submit,
        user=user,
        made_by_id=made_by_id,
        created_at=at,
        expires_at=expires_at or at + LIFE[purpose],
    )
    link.token_hash = hash_of(token(link))
    link.save(update_fields=["token_hash"])
    if announce:
        link_made.send(Link, link=link, at=at)
    return link


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()


def find(text: str, purpose: Link.Purpose, *, at: datetime, lock: bool = False) -> Link:
    """The link behind a token, if it can still be used.

    Raises ``Refusal`` ``link-unknown`` (404), ``link-used``, ``link-expired`` or
    ``link-revoked`` (410).
    """
    links = Link.objects.select_for_update() if lock else Link.objects
    link = links.filter(token_hash=hash_of(text), purpose=purpose).first()
    if link is None:
        raise Refusal(
            "link-unknown", "没有这个链接。请从邮件中完整复制，或请发出邀请的单位重发。", status=404
        )
    if link.used_at:
        raise Refusal("link-used", "这个链接已经用过。账号已开通的，请直接登录。", status=410)
    if link.revoked_at:
        raise Refusal("link-revoked", "这个链接已被撤销。请与发出邀请的单位联系。", status=410)
    if at >= link.expires_at:
        raise Refusal("link-expired", "这个链接已过期。请申请重发。", status=410)
    return link
