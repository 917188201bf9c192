"""The registered seal of a unit: picture and certificate. One person brings it, another approves.

With a certificate (电子签章) the sheet of a confirmed list is sealed by a worker; see
``documents.sealing``. A seal without one is kept, and stamps nothing.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from accounts import roles
from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import sealing, sealkeys, uploads
from documents import services as documents
from documents.models import Blob, Document, Signing
from recommenders.models import ListVersion, Seal
from recommenders.services import ground

SIZES = "国发〔1999〕25号"


def register_seal(
    unit: Organisation,
    data: bytes,
    *,
    name: str,
    diameter_mm: Decimal,
    valid_from: date,
    actor: Actor,
    at: datetime,
    valid_until: date | None = None,
    key_file: bytes = b"",
    passphrase: str = "",
    reference: str = "",
    demo: bool = False,
) -> Seal:
    """Register a unit's seal: its picture, and the certificate it signs with.

    ``data`` is a PNG, checked here. Diameters: 国发〔1999〕25号. The certificate is either
    ``key_file``, a PKCS#12 with its ``passphrase``, or the ``reference`` of a key that an external
    provider holds; both are brought by an approver. The passphrase opens the file once and is not
    kept. The seal is used once another person approved it. Raises ``Refusal``.
    """
    ground.must_belong(actor, unit.pk)
    if key_file or reference:
        ground.must_approve(actor, unit.pk)
    if not Decimal(30) <= diameter_mm <= Decimal(50):
        raise Refusal("diameter", "印章直径应在 30 至 50 毫米之间。", rule=SIZES, status=422)
    if valid_until is not None and valid_until <= valid_from:
        raise Refusal("span", "停用日须晚于启用日。", status=422)
    checked = uploads.check_upload(data, name, allow=(uploads.PNG,))
    blob = documents.store(data, name=checked.name, media_type=checked.media_type, at=at)
    with transaction.atomic():
        seal = Seal(
            organisation=unit,
            blob=blob,
            diameter_mm=diameter_mm,
            valid_from=valid_from,
            valid_until=valid_until,
            registered_by_id=actor.person,
            registered_at=at,
        )
        if key_file:
            seal.key = sealkeys.keep(unit, key_file, passphrase=passphrase, at=at, demo=demo)
        elif reference:
            seal.key = sealkeys.keep_reference(unit, reference, at=at)
        _record_registered(seal, blob, actor=actor, at=at)
    return seal


def _record_registered(seal: Seal, blob: Blob, *, actor: Actor, at: datetime) -> None:
    seal.save(force_insert=True)
    key = seal.key
    audit.record(
        actor=actor,
        action="recommenders.register_seal",
        subject=seal,
        at=at,
        sha256=blob.sha256,
        diameter_mm=seal.diameter_mm,
        certificate=key.sha256 if key else "",
        certificate_until=key.valid_until.isoformat() if key else "",
    )


@transaction.atomic
def approve_seal(seal: Seal, *, actor: Actor, at: datetime) -> Seal:
    """Approve a registered seal; the earlier one ends the day this one begins.

    Another approver of the unit does it. A seal with a certificate comes from an approver, so
    there any second person of the unit may, or an approver of the office.
    """
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    _must_be_second(seal, actor)
    if seal.approved_at is not None:
        raise Refusal("approved", "这枚印章已经核准。")
    if seal.registered_by_id == actor.user_id:
        raise Refusal("two-people", "登记印章的人不能自己核准，请由另一人核准。", status=403)
    if seal.key is not None and not seal.key.holds(at):
        raise Refusal("certificate-over", "签章证书已停用或过期，请登记新的证书。")
    seal.approved_by_id, seal.approved_at = actor.user_id, at
    seal.save(update_fields=["approved_by", "approved_at"])
    Seal.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=seal.valid_from),
        organisation=seal.organisation_id,
        approved_at__isnull=False,
        valid_from__lt=seal.valid_from,
    ).exclude(pk=seal.pk).update(valid_until=seal.valid_from)
    audit.record(actor=actor, action="recommenders.approve_seal", subject=seal, at=at)
    return seal


def _must_be_second(seal: Seal, actor: Actor) -> None:
    if seal.key_id is None:
        ground.must_approve(actor, seal.organisation_id)
    elif actor.role != roles.Role.OFFICE_APPROVER:
        ground.must_belong(actor, seal.organisation_id)


@transaction.atomic
def stop_seal(seal: Seal, *, reason: str, actor: Actor, at: datetime) -> Seal:
    """Stop an electronic seal at once: key lost, certificate revoked, people gone.

    What was sealed before stays sealed; the certificate signs nothing more. An approver of the
    unit or of the office may.
    """
    if actor.role != roles.Role.OFFICE_APPROVER:
        ground.must_approve(actor, seal.organisation_id)
    if len(reason.strip()) < 5:
        raise Refusal("reason-short", "请写明停用理由（不少于 5 字）。", status=422)
    seal = Seal.objects.select_for_update(of=("self",)).select_related("key").get(pk=seal.pk)
    if seal.key is None or seal.key.revoked_at is not None:
        raise Refusal("stopped", "这枚印章没有可停用的证书，或已经停用。")
    seal.key.revoked_at = at
    seal.key.save(update_fields=["revoked_at"])
    audit.record(
        actor=actor,
        action="recommenders.stop_seal",
        subject=seal,
        at=at,
        reason=reason.strip()[:300],
        certificate=seal.key.sha256,
    )
    return seal


def ask(paper: Document, seal: Seal, *, actor: Actor, at: datetime) -> Signing:
    """Have a paper of the list sealed once it is drawn; in the caller's transaction."""
    if seal.key is None:
        raise RuntimeError(f"seal {seal.pk} has no certificate")
    return sealing.request(
        paper,
        key=seal.key,
        picture=seal.blob,
        diameter_mm=seal.diameter_mm,
        at=at,
        actor=actor,
    )


@transaction.atomic
def retry_seal(version: ListVersion, *, actor: Actor, at: datetime) -> None:
    """Try again to seal the papers of a version whose sealing failed."""
    ground.must_belong(actor, version.list.organisation_id)
    if version.voided_at is not None:
        raise Refusal("version-void", "该版名单已经作废，请按最新名单办理。")
    failed = Signing.objects.filter(
        document__in=documents.of(version), state=Signing.State.FAILED
    ).select_related("document")
    if not failed:
        raise Refusal("not-failed", "电子签章没有失败，不需要重试。请刷新页面查看进度。")
    for one in failed:
        sealing.retry(one, actor=actor, at=at)
