"""The office's dealings with units: who recommends, who is brought in, from which sheet."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from accounts import services as accounts
from accounts.models import RECOMMENDER_KINDS, Link, Organisation
from accounts.roles import Role
from audit.services import Actor
from core.errors import Refusal
from recommenders.models import UnitRevocation

K = Organisation.Kind
KINDS = (*RECOMMENDER_KINDS, K.CITY, K.DISTRICT, K.AGENCY)
# What the office may give in which kind of unit; the units' own approvers do the rest.
GIVEN = {
    K.AGENCY: (Role.TESTER,),
    K.OFFICE: (Role.OFFICE_OPERATOR, Role.OFFICE_APPROVER, Role.AUDITOR),
}
RECOMMENDING = (Role.REC_OPERATOR, Role.REC_APPROVER)


def listed(*, at: datetime, text: str = "", kind: str = "") -> QuerySet[Organisation]:
    """Recommending units and those below them, with how many people each has."""
    found = Organisation.objects.filter(kind__in=KINDS).select_related("parent")
    if text:
        found = found.filter(name__icontains=text)
    if kind:
        found = found.filter(kind=kind)
    serving = Q(memberships__valid_until=None, memberships__valid_from__lte=at)
    return found.annotate(people=Count("memberships", filter=serving, distinct=True)).order_by(
        "key", "pk"
    )


def roles_for(unit: Organisation) -> tuple[Role, ...]:
    return GIVEN.get(K(unit.kind), RECOMMENDING)


def invite(
    unit: Organisation, *, role: str, email: str, name: str, actor: Actor, at: datetime
) -> Link:
    """Send an activation link for a role in a recommending unit. No password is made."""
    if role not in roles_for(unit):
        raise Refusal("role-not-here", "这个单位没有这个角色，请重新选择。", status=422)
    if UnitRevocation.objects.filter(organisation=unit, restored_at__isnull=True).exists():
        raise Refusal("revoked", f"{unit.name}已紧急停用，由两人恢复后才能邀请人员。", status=422)
    return accounts.invite(organisation=unit, role=role, email=email, name=name, actor=actor, at=at)
