"""A unit whose administrator is gone gets a new one, on the unit's written request."""

from datetime import datetime

from django.db import transaction

from accounts import services as accounts
from accounts import units
from accounts.models import Link, Organisation
from accounts.roles import Role
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from units import letters


@transaction.atomic
def invite_administrator(
    organisation: Organisation, *, name: str, email: str, reason: str, actor: Actor, at: datetime
) -> Link:
    """Send an activation link for 单位管理员; the people of the unit are told.

    Nobody loses a role by it: the new administrator ends those who are gone. Raises
    ``reason-short``, ``unit-merged``, ``already-member``.
    """
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明依据（不少于 5 字），如单位盖章的申请。", status=422)
    units.must_go_on(organisation)
    link = accounts.invite(
        organisation=organisation,
        role=Role.UNIT_ADMIN,
        email=email,
        name=name,
        may_submit=True,
        actor=actor,
        at=at,
    )
    audit.record(
        actor=actor,
        action="units.invite_administrator",
        subject=organisation,
        at=at,
        email=link.email,
        reason=reason.strip(),
    )
    letters.new_administrator(organisation, link=link, name=name, reason=reason.strip(), at=at)
    return link
