"""The made-up people of a rehearsal. They exist in the sandbox alone and have no passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts import masterdata
from accounts.models import Organisation, User
from accounts.roles import Role
from applications.content import synthetic
from audit.services import Actor
from calls.programme import Programme, Step
from office.demo import cast as casting

K = Organisation.Kind


@dataclass
class House:
    """Who plays. ``recommenders`` by kind; ``filers`` with the recommender they go through."""

    office: Organisation
    operator: Actor
    approver: Actor
    recommenders: dict[str, Organisation] = field(default_factory=dict)
    levels: list[Organisation] = field(default_factory=list)
    filers: list[tuple[Organisation, User, Organisation | None]] = field(default_factory=list)
    number: int = 0

    def person(self, unit: Organisation, role: Role, name: str, *, at: datetime) -> User:
        self.number += 1
        return casting.person(unit, role, f"{name}{self.number}", n=self.number, at=at)


def actor_of(user: User) -> Actor:
    membership = user.memberships.order_by("pk")[0]
    return Actor(user.name, user.pk, membership.organisation_id, membership.role)


def build(programme: Programme, *, many: int, at: datetime) -> House:
    """An office, a recommender of each kind with its levels, and ``many`` units that file."""
    at = at - timedelta(days=1)
    masterdata.load_recommenders(actor=Actor("system"), at=at)
    unit = Organisation.objects.create(
        kind=K.OFFICE, name="演练主管部门", region="110000", created_at=at
    )
    made = House(unit, Actor("system"), Actor("system"))
    made.operator = actor_of(made.person(unit, Role.OFFICE_OPERATOR, "演练经办", at=at))
    made.approver = actor_of(made.person(unit, Role.OFFICE_APPROVER, "演练审批", at=at))
    regions = programme.applicants.regions
    region = regions[0] if regions else "430100"
    for kind in map(str, programme.recommender_kinds):
        made.recommenders[kind] = _recommender(made, kind, region, at=at)
    if programme.has(Step.PRESELECTION):
        _levels(made, programme, at=at)
    kinds = list(programme.applicants.kinds)
    ways: list[Organisation | None] = [*made.recommenders.values()] or [None]
    for n in range(many):
        through = ways[n % len(ways)]
        company = Organisation.objects.create(
            kind=str(kinds[n % len(kinds)]),
            name=f"演练申报单位{n + 1:02d}有限公司",
            code=synthetic.code(500 + n),
            region=_region_for(through, region),
            parent=through if through is not None and through.kind == K.CENTRAL_GROUP else None,
            created_at=at,
        )
        person = made.person(company, Role.UNIT_ADMIN, "演练申报人", at=at)
        made.filers.append((company, person, through))
    return made


def _recommender(made: House, kind: str, region: str, *, at: datetime) -> Organisation:
    unit = (
        Organisation.objects.filter(kind=kind, region__startswith=region[:2]).first()
        or Organisation.objects.filter(kind=kind).order_by("key").first()
    )
    if unit is None:
        where = {K.CITY: region[:4] + "00", K.DISTRICT: region[:4] + "02"}.get(K(kind), "110000")
        unit = Organisation.objects.create(
            kind=kind, name=f"演练{K(kind).label}", region=where, created_at=at
        )
    made.person(unit, Role.REC_OPERATOR, "演练推荐经办", at=at)
    made.person(unit, Role.REC_APPROVER, "演练推荐审批", at=at)
    return unit


def _region_for(through: Organisation | None, region: str) -> str:
    """A region of the recommender's own area where it recommends by area."""
    if through is None or through.kind not in (K.PROVINCE, K.SEPARATE_CITY):
        return region
    if through.region[:2] == region[:2] and through.kind == K.PROVINCE:
        return region
    return through.region[:4] + ("02" if through.kind == K.SEPARATE_CITY else "00")


def _levels(made: House, programme: Programme, *, at: datetime) -> None:
    """One unit of each level below each recommender that has an area."""
    for top in list(made.recommenders.values()):
        if top.kind not in (K.PROVINCE, K.SEPARATE_CITY, K.CITY):
            continue
        for level in programme.levels:
            where = top.region[:4] + ("02" if level.kind == "district" else "00")
            below = Organisation.objects.create(
                kind=str(level.kind),
                name=f"演练{level.title}（{top.name}）",
                region=where,
                parent=top,
                created_at=at,
            )
            made.person(below, Role.REC_OPERATOR, "演练初审", at=at)
            made.levels.append(below)
