"""Electronic seals of the demonstration: 演示专用, with certificates of no legal effect."""

from datetime import date, datetime
from decimal import Decimal

from accounts.models import Membership, Organisation
from accounts.roles import Role
from audit.services import Actor
from documents import demoseal
from recommenders import services as recommenders
from recommenders.models import Seal

SINCE = date(2018, 1, 1)
"""Before every call of the plan: the calls' own clocks stand in these years."""
DIAMETER_MM = Decimal(45)


def make(units: list[Organisation], *, at: datetime) -> list[Seal]:
    """A seal for each unit that has none and has two people: registered by the approver, approved
    by the operator, through the services. The authority's key is forgotten afterwards."""
    held = set(Seal.objects.filter(key__isnull=False).values_list("organisation", flat=True))
    waiting = [unit for unit in units if unit.pk not in held]
    if not waiting:
        return []
    by, picture = demoseal.authority(at=at), demoseal.picture()
    made = []
    for unit in waiting:
        approver, operator = (_staff(unit, r) for r in (Role.REC_APPROVER, Role.REC_OPERATOR))
        if approver is None or operator is None:
            continue
        key_file, passphrase = demoseal.key_file(by=by, at=at)
        seal = recommenders.register_seal(
            unit,
            picture,
            name="演示专用.png",
            diameter_mm=DIAMETER_MM,
            valid_from=SINCE,
            key_file=key_file,
            passphrase=passphrase,
            demo=True,
            actor=approver,
            at=at,
        )
        made.append(recommenders.approve_seal(seal, actor=operator, at=at))
    return made


def _staff(unit: Organisation, role: Role) -> Actor | None:
    found = Membership.objects.filter(organisation=unit, role=role).select_related("user").first()
    return Actor(found.user.name, found.user_id, unit.pk, role) if found else None
