"""The rows of a list and the papers drawn from them, read in a fixed number of queries."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from accounts import regions
from accounts.models import Organisation
from applications.models import Application, Version
from calls.models import Call
from documents import sealkeys
from recommenders import coverletter, queries
from recommenders.models import Confirmation, ListVersion, RankedList, Seal

CHINA = ZoneInfo("Asia/Shanghai")
Row = dict[str, Any]

PRINTED = (
    "rank",
    "class",
    "direction",
    "subfield",
    "title",
    "organisation",
    "code",
    "kind",
    "region",
    "contact",
    "phone",
    "note",
)


def rows(ranked: RankedList) -> list[Row]:
    """What the list says now, line by line: the submitted versions, never the working copies."""
    held = list(queries.live(ranked.call_id, ranked.organisation_id))
    versions = {
        version.application_id: version
        for version in Version.objects.filter(
            application__in=[one.application_id for one in held],
            number=F("application__version_number"),
        )
    }
    return [row(rank, one, versions[one.application_id]) for rank, one in enumerate(held, start=1)]


def row(rank: int, held: Confirmation, version: Version) -> Row:
    """One line of a list: the version that is recommended, with the list's own remark."""
    return row_of(rank, held.application, version, note=held.remark)


def row_of(rank: int, application: Application, version: Version, *, note: str) -> Row:
    """One line, from the frozen contents of a version."""
    frozen = version.snapshot
    unit = frozen["organisation"]
    contact = frozen.get("contact") or {}
    return {
        "application": application.public_id,
        "number": application.number,
        "version": version.number,
        "fingerprint": version.fingerprint,
        "rank": rank,
        "class": frozen.get("class") or "",
        "direction": frozen.get("direction") or "",
        "subfield": frozen.get("subfield") or "",
        "title": frozen["title"],
        "organisation": unit["name"],
        "code": unit.get("code") or "",
        "kind": unit.get("kind") or "",
        "region": region_words(unit.get("region") or ""),
        "contact": contact.get("name") or "",
        "phone": contact.get("phone") or "",
        "note": note,
    }


def region_words(region: str) -> str:
    """市 and 区县 of a region, without the province, which the list's own unit names.

    ``region`` is the full name of the frozen version, such as 湖南省长沙市岳麓区.
    """
    for province in regions.provinces():
        if region.startswith(province.name):
            return region.removeprefix(province.name) or region
    return region


def has_own_filing(ranked: RankedList) -> bool:
    """Whether the list holds a filing of the recommender itself."""
    return (
        queries.live(ranked.call_id, ranked.organisation_id)
        .filter(application__organisation=ranked.organisation_id)
        .exists()
    )


def summary_sheet(version: ListVersion, *, seal: Seal | None = None) -> dict[str, Any]:
    """The snapshot of the 信息报送汇总表; its shape is ``documents.snapshots.SummarySheet``.

    ``seal``: the seal that the sheet will be signed with, once it is drawn.
    """
    ranked = version.list
    frozen_at = version.frozen_at.astimezone(CHINA)
    day = version.frozen_at.astimezone(CHINA).date()
    figures = [ledger for _, ledger in queries.ledgers(ranked.call, ranked.organisation)]
    limits = [ledger.limit for ledger in figures]
    granted = sum(ledger.granted for ledger in figures)
    return {
        "call": call_part(ranked.call),
        "recommender": {"name": ranked.organisation.name_on(day)},
        "number": version.letter_number,
        "version": version.number,
        "frozen_at": frozen_at.isoformat(),
        "date": day.isoformat(),
        "limit": None if None in limits or not limits else sum(one or 0 for one in limits),
        "limit_soft": any(ledger.soft for ledger in figures),
        "granted": granted,
        "rows": [{key: line[key] for key in PRINTED} for line in version.rows],
        "reserve_count": ranked.reserve.count(),
        "seal": seal_part(seal),
        "content_fingerprint": version.hash,
    }


def cover_letter(version: ListVersion, *, seal: Seal | None = None) -> dict[str, Any]:
    """The snapshot of the 报送函 that goes with the list, where the programme asks for one."""
    return coverletter.snapshot(version, seal=seal_part(seal))


def preview(ranked: RankedList) -> dict[str, Any]:
    """The sheet as it would be now: a draft without number, seal or fingerprint."""
    figures = [ledger for _, ledger in queries.ledgers(ranked.call, ranked.organisation)]
    limits = [ledger.limit for ledger in figures]
    return {
        "call": call_part(ranked.call),
        "recommender": {"name": ranked.organisation.name},
        "number": "",
        "version": ranked.version + 1,
        "frozen_at": "",
        "date": "",
        "limit": None if None in limits or not limits else sum(one or 0 for one in limits),
        "limit_soft": any(ledger.soft for ledger in figures),
        "granted": sum(ledger.granted for ledger in figures),
        "rows": [{key: line[key] for key in PRINTED} for line in rows(ranked)],
        "reserve_count": ranked.reserve.count(),
        "seal": None,
    }


def call_part(call: Call) -> dict[str, Any]:
    return {"code": call.code, "title": call.title, "demo": call.rehearsal}


def seal_of(unit: Organisation, *, day: date, at: datetime) -> Seal | None:
    """The unit's approved seal on that day, with a certificate that holds now; or none.

    A certificate of the demonstration seals in a demonstration only.
    """
    found = (
        Seal.objects.filter(
            organisation=unit, approved_at__isnull=False, valid_from__lte=day, key__isnull=False
        )
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))
        .select_related("key", "blob")
        .order_by("-valid_from", "-pk")
    )
    return next(
        (one for one in found if one.key is not None and sealkeys.may_seal(one.key, at)), None
    )


def seal_part(seal: Seal | None) -> dict[str, Any] | None:
    """What the paper knows of the seal: which picture, how large, that a signature brings it."""
    if seal is None:
        return None
    return {"sha256": seal.blob_id, "mm": float(seal.diameter_mm), "electronic": True}
