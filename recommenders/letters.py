"""Who is told what. Each letter is a row written in the transaction of its occasion."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from notifications import services as notifications
from recommenders import queries
from recommenders.models import (
    Allotment,
    ListVersion,
    OverQuotaRequest,
    RankedList,
    SealedScan,
    UnitTransfer,
)


def _send(name: str, people: Iterable[User], *, key: str, at: datetime, **context: Any) -> None:
    for person in people:
        notifications.enqueue(
            key=f"{name}:{key}",
            to=person,
            template=f"recommenders/letters/{name}.txt",
            context={"person": person, **context},
            at=at,
        )


def _unit(ranked_or_allotment: RankedList | Allotment, *, at: datetime) -> list[User]:
    return queries.people(ranked_or_allotment.organisation_id, at=at, holding=roles.RECOMMENDER)


def list_proposed(ranked: RankedList, *, occasion: int, at: datetime) -> None:
    approvers = queries.people(ranked.organisation_id, at=at, holding=[Role.REC_APPROVER])
    _send("list_proposed", approvers, key=f"{ranked.pk}-{occasion}", at=at, list=ranked)


def list_confirmed(version: ListVersion, *, at: datetime) -> None:
    key = f"{version.list_id}-{version.number}"
    people = {*_unit(version.list, at=at)}
    _send("list_confirmed", people, key=key, at=at, version=version, list=version.list)


def list_reopened(ranked: RankedList, *, reason: str, at: datetime) -> None:
    _send(
        "list_reopened",
        {*_unit(ranked, at=at), *queries.office_people(at=at, holding=[Role.OFFICE_OPERATOR])},
        key=f"{ranked.pk}-{ranked.version}-{at.timestamp():.0f}",
        at=at,
        list=ranked,
        reason=reason,
    )


def list_delivered(version: ListVersion, *, at: datetime) -> None:
    """To the office that the list has come, to each applicant to print and seal."""
    ranked = version.list
    _send(
        "list_delivered",
        queries.office_people(at=at, holding=[Role.OFFICE_OPERATOR]),
        key=f"{ranked.pk}-{version.number}",
        at=at,
        version=version,
        list=ranked,
    )
    copies = _copies(ranked)
    for held in queries.live(ranked.call_id, ranked.organisation_id):
        application = held.application
        _send(
            "print_and_seal",
            queries.people(application.organisation_id, at=at, holding=roles.FILING),
            key=f"{ranked.pk}-{version.number}-{application.pk}",
            at=at,
            application=application,
            list=ranked,
            copies=copies,
        )


def _copies(ranked: RankedList) -> int:
    form = ranked.call.programme.document("form")
    return form.copies if form else 0


def list_overdue(ranked: RankedList, *, at: datetime) -> None:
    _send(
        "list_overdue",
        {*_unit(ranked, at=at), *queries.office_people(at=at)},
        key=str(ranked.pk),
        at=at,
        list=ranked,
    )


def over_quota_requested(request: OverQuotaRequest, *, at: datetime) -> None:
    _send(
        "over_quota_requested",
        queries.office_people(at=at, holding=[Role.OFFICE_APPROVER]),
        key=str(request.pk),
        at=at,
        request=request,
    )


def over_quota_decided(request: OverQuotaRequest, *, at: datetime) -> None:
    _send(
        "over_quota_decided",
        _unit(request.allotment, at=at),
        key=str(request.pk),
        at=at,
        request=request,
    )


def limit_changed(allotment: Allotment, *, before: int | None, reason: str, at: datetime) -> None:
    _send(
        "limit_changed",
        _unit(allotment, at=at),
        key=f"{allotment.pk}-{at.timestamp():.0f}",
        at=at,
        allotment=allotment,
        before=before,
        reason=reason,
    )


def scan_needs_second_look(scan: SealedScan, *, at: datetime) -> None:
    _send(
        "scan_second_look",
        queries.office_people(at=at),
        key=str(scan.pk),
        at=at,
        scan=scan,
        list=scan.list_version.list,
    )


def scan_looked_at(scan: SealedScan, *, confirmed: bool, note: str, at: datetime) -> None:
    _send(
        "scan_looked_at",
        _unit(scan.list_version.list, at=at),
        key=f"{scan.pk}-{confirmed}",
        at=at,
        scan=scan,
        list=scan.list_version.list,
        confirmed=confirmed,
        note=note,
    )


def unit_transferred(transfer: UnitTransfer, *, at: datetime) -> None:
    """To the unit, and to the unit above it before and since."""
    units = [transfer.organisation_id, transfer.old_parent_id, transfer.new_parent_id]
    people = [
        person
        for unit in units
        if unit
        for person in queries.people(unit, at=at, holding=roles.RECOMMENDER)
    ]
    _send(
        "unit_transferred",
        dict.fromkeys(people),
        key=str(transfer.pk),
        at=at,
        transfer=transfer,
        unit=transfer.organisation,
    )
