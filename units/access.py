"""The one door to a unit's papers: its own people, those of its recommender, and the office."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts import regions, roles
from accounts.models import APPLICANT_KINDS, Membership, Organisation
from units.models import Proof

K = Organisation.Kind
LOCAL = (K.PROVINCE, K.SEPARATE_CITY, K.CITY, K.DISTRICT)
READERS = (*roles.OFFICE, roles.Role.AUDITOR)
Filed = Callable[[Membership], "QuerySet[Any, Any]"]
_filed: list[Filed] = []


def register(filed: Filed) -> None:
    """Let a room above say which units' filings a membership sees: their keys, as a query."""
    if filed not in _filed:
        _filed.append(filed)


def _filing_through(acting: Membership) -> Q:
    """The units that file through a recommending unit, wherever they are registered."""
    found = Q()
    for filed in _filed:
        found |= Q(pk__in=filed(acting))
    return found


def _below(unit: Organisation) -> Q:
    """The units a recommending unit answers for: those under it, and those of its region."""
    found = Q(parent=unit)
    if unit.kind not in LOCAL or not unit.region:
        return found
    region = unit.region
    significant = 2 if region.endswith("0000") else 4 if region.endswith("00") else 6
    there = Q(region__startswith=region[:significant])
    if unit.kind == K.PROVINCE:
        for key, one in regions.recommenders().items():
            if one.kind == K.SEPARATE_CITY and regions.lies_in(one.region, region):
                there &= ~Q(region__startswith=key[:4])
    return found | there


def units(acting: Membership | None) -> QuerySet[Organisation]:
    """The filing units that this membership may see with their papers."""
    found = Organisation.objects.filter(kind__in=APPLICANT_KINDS)
    if acting is None:
        return found.none()
    if acting.role in READERS:
        return found
    if acting.role in roles.RECOMMENDER:
        return found.filter(_below(acting.organisation) | _filing_through(acting))
    if acting.role in roles.APPLICANT:
        return found.filter(pk=acting.organisation_id)
    return found.none()


def unit(acting: Membership | None, pk: int) -> Organisation:
    found = units(acting).filter(pk=pk).select_related("verification", "merged_into").first()
    if found is None:
        raise Http404("没有这个单位。")
    return found


def changeable(pk: int) -> Organisation:
    """A unit the office may rename: whoever files or recommends."""
    found = Organisation.objects.exclude(kind__in=(K.POOL, K.OFFICE)).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个单位。")
    return found


def proof(acting: Membership | None, public_id: str) -> Proof:
    found = (
        Proof.objects.filter(organisation__in=units(acting), public_id=public_id)
        .select_related("blob")
        .first()
    )
    if found is None:
        raise Http404("没有这个文件。")
    return found
