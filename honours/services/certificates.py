"""Certificates: issued with an announcement, revoked or issued anew by two people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from applications.models import Application
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import Document, DocumentKind
from core.errors import Refusal
from documents import services as documents
from honours import letters
from honours.models import Certificate, CertificateChange
from outcomes import rules
from outcomes.models import Award, Decision, Publication
from outcomes.services import ground

State = Certificate.State
KIND = "certificate"


def asked(call: Call, tier: str) -> Document | None:
    """The programme's certificate for this tier, where it has one."""
    document = call.programme.document(DocumentKind.CERTIFICATE)
    if document is None or (document.tiers and tier not in document.tiers):
        return None
    return document


def issue(
    publication: Publication,
    decisions: Iterable[Decision] | Iterable[Award],
    *,
    actor: Actor,
    at: datetime,
) -> list[Certificate]:
    """A certificate for each of these, in the transaction of their announcement."""
    made = []
    for decision in decisions:
        if asked(publication.call, decision.tier):
            made.append(
                _make(
                    publication.call,
                    decision.application,
                    publication,
                    decision.tier,
                    actor=actor,
                    at=at,
                )
            )
    return made


def _make(
    call: Call,
    application: Application,
    publication: Publication,
    tier: str,
    *,
    actor: Actor,
    at: datetime,
) -> Certificate:
    spec = asked(call, tier)
    assert spec is not None
    running = documents.next_number(f"certificate:{call.code}")
    number = f"{call.number_prefix}-ZS-{running:04d}"
    document = documents.request_document(
        kind=KIND,
        subject=application,
        snapshot=snapshot(call, application, publication, tier, number=number),
        title=f"{spec.title}：{application.organisation.name}",
        at=at,
        organisation=application.organisation,
        number=number,
    )
    certificate = Certificate.objects.create(
        application=application,
        publication=publication,
        tier=tier,
        number=number,
        document=document,
        issued_at=call.time(at),
    )
    audit.record(
        actor=actor,
        action="honours.issue_certificate",
        subject=certificate,
        at=at,
        number=number,
        application=application.public_id,
        tier=tier,
    )
    return certificate


def snapshot(
    call: Call, application: Application, publication: Publication, tier: str, *, number: str
) -> dict[str, Any]:
    """What the certificate says (``documents.snapshots.Certificate``): the published result."""
    programme = call.programme
    found = programme.tier(tier)
    title = found.title if found else tier
    direction = application.direction
    place = ""
    if direction:
        known = direction.class_title and direction.class_title != "未注明"
        place = f"（{f'{direction.class_title} · ' if known else ''}{direction.title}方向）"
    spec = asked(call, tier)
    assert publication.published_at is not None
    how = "完成攻关任务，" if publication.is_award else ""
    return {
        "title": "证书",
        "to": application.organisation.name,
        "paragraphs": [
            f"你单位承担的“{application.title}”项目，在{programme.title}{place}中{how}"
            f"列入公布的{title}名单。",
            "特发此证。",
        ],
        "number": number,
        "demo": call.rehearsal,
        "unverified": bool(spec and not spec.verified),
        "signed_by": programme.organiser,
        "date": rules.day_of(publication.published_at).isoformat(),
        "seal": None,
    }


def end_all(publication: Publication, *, reason: str, actor: Actor, at: datetime) -> int:
    """Revoke what a list gave, in the transaction that takes the list down."""
    found = list(
        Certificate.objects.select_for_update(of=("self",))
        .filter(publication=publication, state=State.VALID)
        .select_related("document", "application__organisation", "application__call")
        .order_by("pk")
    )
    for certificate in found:
        _end(certificate, reason=f"名单已撤下：{reason}", actor=actor, at=at)
    CertificateChange.objects.filter(
        certificate__in=[one.pk for one in found], state=CertificateChange.State.PENDING
    ).delete()
    return len(found)


def _end(
    certificate: Certificate,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    replaced_by: Certificate | None = None,
) -> None:
    certificate.state = State.REPLACED if replaced_by else State.REVOKED
    certificate.ended_at = certificate.application.call.time(at)
    certificate.ended_reason = reason[:300]
    certificate.replaced_by = replaced_by
    certificate.save(update_fields=["state", "ended_at", "ended_reason", "replaced_by"])
    documents.void(
        certificate.document,
        reason=reason[:300],
        at=at,
        actor=actor,
        replaced_by=replaced_by.document if replaced_by else None,
    )
    audit.record(
        actor=actor,
        action="honours.end_certificate",
        subject=certificate,
        at=at,
        state=certificate.state,
        reason=reason,
        replaced_by=replaced_by.number if replaced_by else "",
    )
    letters.certificate_ended(certificate, at=at)


@transaction.atomic
def propose(
    certificate: Certificate, *, kind: str, reason: str, actor: Actor, at: datetime
) -> CertificateChange:
    """Ask to revoke a certificate or to issue it anew (after a change of name, or a mistake).

    Raises ``Refusal`` ``not-valid``, ``reason-short``, ``pending``, ``same-content``.
    """
    ground.must_be_office(actor)
    certificate = _locked(certificate)
    if not certificate.is_valid:
        raise Refusal("not-valid", "这份证书已经失效，不能再办理。")
    if kind not in CertificateChange.Kind.values:
        raise Refusal("no-such-kind", "请选择撤销还是换发。", status=422)
    reason = rules.reason_of(reason, shortest=5, what="理由，理由将在核验页面公开")
    call = certificate.application.call
    try:
        with transaction.atomic():
            change = CertificateChange.objects.create(
                certificate=certificate,
                kind=kind,
                reason=reason[:300],
                proposed_by_id=actor.person,
                proposed_at=call.time(at),
            )
    except IntegrityError:
        raise Refusal("pending", "这份证书已有一件待批准的变更。") from None
    audit.record(
        actor=actor,
        action="honours.propose_certificate_change",
        subject=certificate,
        at=at,
        kind=kind,
        reason=reason,
    )
    return change


@transaction.atomic
def decide(
    change: CertificateChange, *, approve: bool, actor: Actor, at: datetime
) -> CertificateChange:
    """A second person agrees, and it is done at once; or refuses.

    Raises ``Refusal`` ``approver-only``, ``two-people``, ``decided``, ``not-valid``.
    """
    ground.must_approve(actor)
    certificate = _locked(change.certificate)
    change = CertificateChange.objects.select_for_update().get(pk=change.pk)
    if change.state != CertificateChange.State.PENDING:
        raise Refusal("decided", "这件变更已经处理过，请刷新页面。")
    if approve:
        ground.two_people(actor, {change.proposed_by_id}, what="提出变更")
        if not certificate.is_valid:
            raise Refusal("not-valid", "这份证书已经失效，不能再办理。")
    call = certificate.application.call
    change.state = CertificateChange.State.DONE if approve else CertificateChange.State.REFUSED
    change.approved_by_id, change.approved_at = actor.user_id, call.time(at)
    change.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(
        actor=actor,
        action="honours.decide_certificate_change",
        subject=certificate,
        at=at,
        kind=change.kind,
        approve=approve,
    )
    if not approve:
        return change
    if change.kind == CertificateChange.Kind.REVOKE:
        _end(certificate, reason=change.reason, actor=actor, at=at)
    else:
        _replace(certificate, reason=change.reason, actor=actor, at=at)
    return change


def _replace(certificate: Certificate, *, reason: str, actor: Actor, at: datetime) -> None:
    """Issue anew with today's names. The old one ends first: one valid certificate per result."""
    application = certificate.application
    Certificate.objects.filter(pk=certificate.pk).update(
        state=State.REVOKED, ended_at=application.call.time(at), ended_reason=reason[:300]
    )
    fresh = _make(
        application.call, application, certificate.publication, certificate.tier, actor=actor, at=at
    )
    _end(certificate, reason=reason, actor=actor, at=at, replaced_by=fresh)


def _locked(certificate: Certificate) -> Certificate:
    return (
        Certificate.objects.select_for_update(of=("self",))
        .select_related(
            "application__call",
            "application__organisation",
            "application__direction",
            "publication",
            "document",
        )
        .get(pk=certificate.pk)
    )
