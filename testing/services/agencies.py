"""The register of agencies: added, imported, verified, suspended; their people by links. The only
writer of ``Agency.state``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts import services as accounts
from accounts.models import Membership, Organisation
from accounts.roles import Role
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from outcomes import rules
from testing import letters
from testing.agencyfile import Entry
from testing.models import Agency, Tie
from testing.services import ground
from testing.states import AgencyState

CHANGEABLE = ("accreditation", "accredited_by", "valid_until", "fields", "contact", "phone")
PROVES = ("accreditation", "accredited_by", "valid_until")
"""What was verified: changing one of these makes the accreditation 未核实 again."""


@transaction.atomic
def add(entry: Entry, *, actor: Actor, at: datetime) -> Agency:
    """Register an agency and send its first person the activation link.

    A unit that is registered already with this code (a company with a laboratory) stays what it
    is: the agency is a unit of its own beneath it, so that the kinship is known. Raises
    ``Refusal`` ``agency-there`` (422).
    """
    ground.must_be_office(actor)
    same = Agency.objects.filter(organisation__name=entry.name)
    if entry.code:
        same |= Agency.objects.filter(organisation__code=entry.code)
        same |= Agency.objects.filter(organisation__parent__code=entry.code)
    if same.exists():
        raise Refusal("agency-there", f"{entry.name}已经登记为测评机构。", status=422)
    parent = Organisation.objects.filter(code=entry.code).first() if entry.code else None
    organisation = Organisation.objects.create(
        kind=Organisation.Kind.AGENCY,
        name=entry.name,
        code=None if parent else entry.code or None,
        parent=parent,
        created_at=at,
    )
    agency = Agency.objects.create(
        organisation=organisation,
        accreditation=entry.accreditation,
        accredited_by=entry.accredited_by,
        valid_until=entry.valid_until,
        fields=list(entry.fields),
        contact=entry.contact,
        phone=entry.phone,
        added_by_id=actor.person,
        added_at=at,
    )
    audit.record(actor=actor, action="testing.add_agency", subject=agency, at=at, name=entry.name)
    if entry.email:
        invite(agency, email=entry.email, name=entry.contact or entry.email, actor=actor, at=at)
    return agency


@transaction.atomic
def add_many(entries: Sequence[Entry], *, actor: Actor, at: datetime) -> list[Agency]:
    """All of them or none."""
    return [add(entry, actor=actor, at=at) for entry in entries]


@transaction.atomic
def update(agency: Agency, entry: Entry, *, actor: Actor, at: datetime) -> Agency:
    """Change what is known of an agency; a changed accreditation has to be verified again."""
    ground.must_be_office(actor)
    agency = _locked(agency)
    said = {name: getattr(entry, name) for name in CHANGEABLE} | {"fields": list(entry.fields)}
    changed = [name for name in CHANGEABLE if getattr(agency, name) != said[name]]
    for name in changed:
        setattr(agency, name, said[name])
    if any(name in PROVES for name in changed):
        agency.verified_by = agency.verified_at = None
    agency.save()
    audit.record(
        actor=actor, action="testing.update_agency", subject=agency, at=at, changed=changed
    )
    return agency


@transaction.atomic
def verify(agency: Agency, *, actor: Actor, at: datetime) -> Agency:
    """The office looked at the certificate: the accreditation counts as 已核实.

    Raises ``Refusal`` ``no-accreditation`` (422).
    """
    ground.must_be_office(actor)
    agency = _locked(agency)
    if not agency.accreditation:
        raise Refusal("no-accreditation", "还没有填写资质证书编号，无从核实。", status=422)
    agency.verified_by_id, agency.verified_at = actor.person, at
    agency.save(update_fields=["verified_by", "verified_at"])
    audit.record(
        actor=actor,
        action="testing.verify_agency",
        subject=agency,
        at=at,
        accreditation=agency.accreditation,
    )
    return agency


@transaction.atomic
def set_state(agency: Agency, state: str, *, reason: str, actor: Actor, at: datetime) -> Agency:
    """Suspend, resume or end an agency, at once. What it was testing has to be moved by hand.

    Raises ``Refusal`` ``reason-short`` (422), ``not-now``.
    """
    ground.must_be_office(actor)
    reason = rules.reason_of(reason, shortest=4, what="理由")
    agency = _locked(agency)
    state = AgencyState(state)
    if agency.state == state or agency.state == AgencyState.ENDED:
        raise Refusal("not-now", f"该机构现在是“{agency.get_state_display()}”，请刷新页面。")
    before, agency.state = agency.state, state
    agency.state_reason = "" if state == AgencyState.ACTIVE else reason[:300]
    agency.save(update_fields=["state", "state_reason"])
    audit.record(
        actor=actor,
        action="testing.agency_state",
        subject=agency,
        at=at,
        state=state,
        before=before,
        reason=reason,
    )
    letters.agency_state(agency, reason=reason, at=at)
    return agency


# People ------------------------------------------------------------------------------------------


@transaction.atomic
def invite(agency: Agency, *, email: str, name: str, actor: Actor, at: datetime) -> None:
    """A one-use activation link for one person; no password is made for anybody."""
    ground.must_be_office(actor)
    accounts.invite(
        organisation=agency.organisation,
        role=Role.TESTER,
        email=email,
        name=name,
        actor=actor,
        at=at,
    )


@transaction.atomic
def end_person(agency: Agency, membership: int, *, actor: Actor, at: datetime) -> None:
    """End a person's part in the agency; gone on their next request. Raises ``not-there`` (404)."""
    ground.must_be_office(actor)
    held = (
        Membership.objects.active(at)
        .filter(pk=membership, organisation=agency.organisation_id, role=Role.TESTER)
        .first()
    )
    if held is None:
        raise Refusal("not-there", "没有这位测评人员，或已经停用。", status=404)
    accounts.end_membership(held, actor=actor, at=at)


# Ties --------------------------------------------------------------------------------------------


@transaction.atomic
def declare(
    agency: Agency, *, name: str, code: str = "", reason: str, actor: Actor, at: datetime
) -> Tie:
    """Declare a tie to a unit, by the agency itself or by the office. It holds at once.

    Raises ``Refusal`` ``not-yours`` (403), ``no-unit``, ``reason-short`` (422).
    """
    by_agency = actor.role == Role.TESTER and actor.organisation_id == agency.organisation_id
    if not by_agency:
        ground.must_be_office(actor)
    if not name.strip():
        raise Refusal("no-unit", "请写明与哪个单位有利益关系。", status=422)
    tie = Tie.objects.create(
        agency=agency,
        name=name.strip()[:100],
        code=code.strip().upper()[:18],
        reason=rules.reason_of(reason, shortest=4, what="利益关系")[:300],
        by_agency=by_agency,
        declared_by_id=actor.person,
        declared_at=at,
    )
    audit.record(
        actor=actor,
        action="testing.declare_tie",
        subject=agency,
        at=at,
        tie=tie.pk,
        name=tie.name,
        code=tie.code,
    )
    letters.tie_declared(tie, at=at)
    return tie


@transaction.atomic
def end_tie(tie: Tie, *, reason: str, actor: Actor, at: datetime) -> Tie:
    """The office takes a declaration back; it stays in the record.

    Raises ``Refusal`` ``tie-ended``, ``reason-short`` (422).
    """
    ground.must_be_office(actor)
    reason = rules.reason_of(reason, shortest=4, what="撤销理由")
    tie = Tie.objects.select_for_update(of=("self",)).select_related("agency").get(pk=tie.pk)
    if tie.ended_at is not None:
        raise Refusal("tie-ended", "这条利益关系已经撤销。")
    tie.ended_by_id, tie.ended_at, tie.end_reason = actor.person, at, reason[:300]
    tie.save(update_fields=["ended_by", "ended_at", "end_reason"])
    audit.record(
        actor=actor, action="testing.end_tie", subject=tie.agency, at=at, tie=tie.pk, reason=reason
    )
    return tie


def _locked(agency: Agency) -> Agency:
    return (
        Agency.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=agency.pk)
    )
