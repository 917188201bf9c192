"""When nobody is left who may let people in: whoever runs the host calls an administrator.

There is no master password and nobody is signed in: the one called gets an activation letter as any
other, and everybody who keeps watch in the office is told.
"""

from datetime import datetime

from django.db import transaction

from accounts import services as accounts
from accounts.models import Link, Membership, Organisation, User
from accounts.roles import ADMIN, OFFICE, Role
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from notifications import services as notifications

WATCHING = (*OFFICE, *ADMIN, Role.AUDITOR)
SHORTEST = 10
"""Characters of a reason that says something."""


def living(role: Role, *, at: datetime) -> list[User]:
    """The administrators of this kind who can sign in."""
    held = Membership.objects.active(at).filter(role=role, user__is_active=True)
    return held.people()


@transaction.atomic
def call_in(
    *,
    email: str,
    name: str,
    reason: str,
    witnesses: tuple[str, str],
    actor: Actor,
    at: datetime,
    role: Role = Role.SECURITY_ADMIN,
    although_one_is_there: bool = False,
) -> Link:
    """Invite a new administrator of the ministry's unit, before two named witnesses.

    ``role`` is one of ``ADMIN``: the security administrator lets people in again, the system
    administrator invites the office's people.

    Raises ``Refusal``: ``no-office``, ``reason-short``, ``two-witnesses`` (they and the one called
    are three people), ``one-is-there``, and those of ``accounts.services.invite``.
    """
    office = Organisation.objects.filter(kind=Organisation.Kind.OFFICE).order_by("pk").first()
    if office is None:
        raise Refusal("no-office", "还没有主管部门单位，请先用 bootstrap_office 开通。")
    reason, name = reason.strip(), name.strip()
    seen = tuple(one.strip() for one in witnesses)
    if len(reason) < SHORTEST:
        raise Refusal("reason-short", f"请写明事由（不少于 {SHORTEST} 字）。", status=422)
    if not all((*seen, name)) or len({*seen, name}) != 3:
        raise Refusal("two-witnesses", "须有两名在场见证人，且与受邀人是三个不同的人。", status=422)
    there = living(role, at=at)
    if there and not although_one_is_there:
        names = "、".join(user.name for user in there)
        raise Refusal("one-is-there", f"{role.label} {names} 可以登录，请由其在平台内办理。")
    link = accounts.invite(
        organisation=office, role=role, email=email, name=name, actor=actor, at=at
    )
    audit.record(
        actor=actor,
        action="office.rescue",
        subject=office,
        at=at,
        reason=reason,
        witnesses=list(seen),
        email=link.email,
        name=name,
        role=role,
        link=link.pk,
        although=[user.pk for user in there],
    )
    watching = Membership.objects.active(at).filter(organisation=office, role__in=WATCHING)
    notifications.enqueue(
        key=f"rescue:{link.pk}",
        to=[user for user in watching.people() if user.is_active],
        template="office/letters/rescue.txt",
        context={
            "name": name,
            "role": role.label,
            "reason": reason,
            "witnesses": seen,
            "office": office,
        },
        at=at,
    )
    return link
