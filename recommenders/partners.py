"""Consortia across provinces: the lead's region recommends, the partners' regions are told.

Where a partner lies is read from its 统一社会信用代码, whose third to eighth characters are the
region it registered in. A partner's own region learns that it takes part, with whom, and who
recommends it: neither the title nor the contents.
"""

from dataclasses import dataclass

from django.db.models.functions import Substr

from accounts import regions
from accounts.models import Organisation
from applications.exclusivity import COUNTED
from applications.models import Application, Participation
from calls.models import Call


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner of a filing; ``elsewhere``: it lies in another recommender's region."""

    name: str
    code: str
    region: str
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A unit of this region that takes part in a filing led from another one."""

    name: str
    lead: str
    recommender: str


def of(application: Application) -> list[Partner]:
    """The partners of a filing as last submitted, those of other regions last."""
    own = application.recommender.key if application.recommender else ""
    found = []
    for row in Participation.objects.filter(application=application, lead=False).order_by("pk"):
        key = regions.recommender_key_for(row.code[2:8])
        known = bool(own and key)
        found.append(
            Partner(row.name, row.code, regions.name_of(row.code[2:8]), known and key != own)
        )
    return sorted(found, key=lambda one: one.elsewhere)


def led_elsewhere(call: Call, unit: Organisation) -> list[Elsewhere]:
    """Units of this recommender's region that are partners in filings others recommend."""
    if not unit.key or not unit.region:
        return []
    rows = (
        Participation.objects.filter(
            lead=False, application__call=call, application__status__in=COUNTED
        )
        .exclude(application__recommender=unit)
        .annotate(province=Substr("code", 3, 2))
        .filter(province=unit.region[:2])
        .select_related("application__organisation", "application__recommender")
        .order_by("name", "pk")
    )
    return [
        Elsewhere(
            row.name,
            row.application.organisation.name,
            row.application.recommender.name if row.application.recommender else "",
        )
        for row in rows
        if regions.recommender_key_for(row.code[2:8]) == unit.key
    ]
