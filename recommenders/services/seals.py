"""The registered seal picture of a unit: one person registers it, another approves it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads
from documents.models import Blob
from recommenders.models import Seal
from recommenders.services import ground


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
) -> Seal:
    """Register the picture of a unit's own seal. It is used once another person approved it.

    ``data`` is a PNG, checked here. Diameters: 国发〔1999〕25号.
    """
    ground.must_belong(actor, unit.pk)
    checked = uploads.check_upload(data, name, allow=(uploads.PNG,))
    blob = documents.store(data, name=checked.name, media_type=checked.media_type, at=at)
    return _register(
        unit, blob, diameter_mm, valid_from=valid_from, valid_until=valid_until, actor=actor, at=at
    )


@transaction.atomic
def _register(
    unit: Organisation,
    blob: Blob,
    diameter_mm: Decimal,
    *,
    valid_from: date,
    valid_until: date | None,
    actor: Actor,
    at: datetime,
) -> Seal:
    if not Decimal(30) <= diameter_mm <= Decimal(50):
        raise Refusal(
            "diameter", "印章直径应在 30 至 50 毫米之间。", rule="国发〔1999〕25号", status=422
        )
    if valid_until is not None and valid_until <= valid_from:
        raise Refusal("span", "停用日须晚于启用日。", status=422)
    seal = Seal.objects.create(
        organisation=unit,
        blob=blob,
        diameter_mm=diameter_mm,
        valid_from=valid_from,
        valid_until=valid_until,
        registered_by_id=actor.person,
        registered_at=at,
    )
    audit.record(
        actor=actor,
        action="recommenders.register_seal",
        subject=seal,
        at=at,
        sha256=blob.sha256,
        diameter_mm=diameter_mm,
    )
    return seal


@transaction.atomic
def approve_seal(seal: Seal, *, actor: Actor, at: datetime) -> Seal:
    """Approve a registered seal; the earlier one ends the day this one begins."""
    ground.must_approve(actor, seal.organisation_id)
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    if seal.approved_at is not None:
        raise Refusal("approved", "这枚印章已经核准。")
    if seal.registered_by_id == actor.user_id:
        raise Refusal("two-people", "登记印章的人不能自己核准，请由另一人核准。", status=403)
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
