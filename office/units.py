"""The office's dealings with units: who recommends, who is brought in, from which sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from accounts import services as accounts
from accounts.models import RECOMMENDER_KINDS, Link, Membership, Organisation
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


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in the tree: how deep it stands, how many people it has, its earlier names."""

    unit: Organisation
    depth: int
    people: int
    below: int
    name_on: str
    earlier: tuple[str, ...]
    revoked: bool


def as_tree(*, at: datetime, day: date, text: str = "") -> list[Row]:
    """The recommending units with those below them, from the top down. Three queries.

    ``name_on`` is the name each bore on ``day``. With ``text`` a unit is shown whose name, now or
    earlier, holds it, with every unit above it.
    """
    found = list(listed(at=at).prefetch_related("names"))
    known = {unit.pk: unit for unit in found}
    children: dict[int, list[Organisation]] = {}
    roots = []
    for unit in found:
        if unit.parent_id in known:
            children.setdefault(unit.parent_id, []).append(unit)
        else:
            roots.append(unit)
    revoked = set(
        UnitRevocation.objects.filter(restored_at__isnull=True).values_list(
            "organisation", flat=True
        )
    )

    def rows(unit: Organisation, depth: int) -> Iterator[Row]:
        names = list(unit.names.all())
        current = next(
            (
                one.name
                for one in sorted(names, key=lambda one: one.valid_from, reverse=True)
                if one.valid_from <= day and (one.valid_until is None or day < one.valid_until)
            ),
            unit.name,
        )
        below = [row for child in children.get(unit.pk, []) for row in rows(child, depth + 1)]
        earlier = tuple(one.name for one in names if one.valid_until and one.name != unit.name)
        if below or not text or any(text in name for name in (unit.name, *earlier)):
            yield Row(
                unit,
                depth,
                unit.people,  # type: ignore[attr-defined]
                len(children.get(unit.pk, [])),
                current,
                earlier,
                unit.pk in revoked,
            )
            yield from below

    return [row for root in roots for row in rows(root, 0)]


def membership_or_404(pk: int, *, at: datetime) -> Membership:
    """A role in force in a recommending unit."""
    found = (
        Membership.objects.active(at)
        .filter(pk=pk, role__in=RECOMMENDING, organisation__kind__in=KINDS)
        .select_related("user", "organisation")
        .first()
    )
    if found is None:
        raise Http404("没有这个任职。")
    return found


def by_name(name: str) -> Organisation:
    """The recommending unit of this name. Raises ``Refusal`` ``no-such-unit`` (422)."""
    found = list(Organisation.objects.filter(kind__in=KINDS, name=name.strip())[:2])
    if len(found) != 1:
        raise Refusal("no-such-unit", "没有这个名称的推荐单位，请从列表中选择。", status=422)
    return found[0]


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
