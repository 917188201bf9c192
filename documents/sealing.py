"""Electronic seals: asked for with a document, made by a worker once it is drawn.

Keys, certificates and who signs: ``documents.sealkeys``. How a signature is made:
``documents.signing``.
"""

import logging
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import layout, sealkeys, services, signing
from documents.models import Blob, Document, Signing, SigningKey

SEALER = Actor("sealer")
LEASE = timedelta(minutes=3)
PATIENCE = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
ATTEMPTS = len(PATIENCE) + 1

log = logging.getLogger(__name__)


# Asking ----------------------------------------------------------------------------------------


@transaction.atomic
def request(
    document: Document,
    *,
    key: SigningKey,
    picture: Blob,
    diameter_mm: Decimal,
    at: datetime,
    actor: Actor,
) -> Signing:
    """Ask that a document be sealed, in the caller's transaction. Once per document."""
    found, made = Signing.objects.get_or_create(
        document=document,
        defaults={
            "key": key,
            "picture": picture,
            "diameter_mm": diameter_mm,
            "not_before": at,
            "requested_at": at,
        },
    )
    if made:
        audit.record(
            actor=actor,
            action="documents.request_seal",
            subject=document,
            at=at,
            certificate=key.sha256,
            demo=key.demo,
        )
    return found


@transaction.atomic
def retry(found: Signing, *, actor: Actor, at: datetime) -> None:
    """Put a failed sealing back into the queue."""
    held = Signing.objects.filter(pk=found.pk, state=Signing.State.FAILED).update(
        state=Signing.State.WAITING, attempts=0, not_before=at
    )
    if not held:
        raise Refusal("not-failed", "电子签章没有失败，不需要重试。请刷新页面查看进度。")
    audit.record(actor=actor, action="documents.retry_seal", subject=found.document, at=at)
    services.nudge()


# Signing ---------------------------------------------------------------------------------------


def sign_waiting(*, at: datetime, limit: int = 10) -> int:
    """Sign up to ``limit`` finished documents that wait for their seal; how many were signed.

    Any number of these may run at once; what a killed worker leaves behind is claimed again.
    """
    started, done = time.monotonic(), 0
    for _ in range(limit):
        now = at + timedelta(seconds=time.monotonic() - started)
        found = _claim(at=now)
        if found is None:
            break
        claim = found.claimed_until
        try:
            data, stamped = _signed(found, at=now)
        except Exception as error:
            log.warning("document %s was not sealed: %s", found.document_id, type(error).__name__)
            _postpone(found, claim=claim, at=now, error=error)
            continue
        now = at + timedelta(seconds=time.monotonic() - started)
        done += _finish(found, data, stamped=stamped, claim=claim, at=now)
    return done


def _signed(found: Signing, *, at: datetime) -> tuple[bytes, bool]:
    document, key = found.document, found.key
    if not sealkeys.may_seal(key, at):
        raise RuntimeError("证书已停用或不在有效期内")
    if document.pdf is None:
        raise RuntimeError("文件还没有生成")
    side = sealkeys.provider_of(key)
    stamper = timestamper()
    data = signing.sign(
        services.read(document.pdf),
        chain=sealkeys.chain_of(key),
        sign_raw=lambda raw, digest: side.sign(key, raw, digest),
        picture=services.read(found.picture),
        diameter_mm=float(found.diameter_mm),
        box_mm=layout.box_mm(float(found.diameter_mm)),
        reason=f"{document.number} 第{document.version}版 指纹 {document.shown_fingerprint}",
        name=_signer_of(document, key),
        timestamper=stamper,
    )
    return data, stamper is not None


def _signer_of(document: Document, key: SigningKey) -> str:
    """Who the signature says has signed. A demonstration's signs in nobody's name."""
    if key.demo:
        return "演示专用"
    return document.organisation.name if document.organisation else ""


def timestamper() -> Any:
    """A client of the configured timestamp service (B-T); None where there is none (B-B)."""
    if not settings.JIEBANG_TSA_URL:
        return None
    from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper

    return HTTPTimeStamper(settings.JIEBANG_TSA_URL, timeout=15)


def _due(at: datetime) -> models.QuerySet[Signing]:
    waiting = Q(state=Signing.State.WAITING, not_before__lte=at)
    abandoned = Q(state=Signing.State.SIGNING, claimed_until__lt=at)
    return Signing.objects.filter(
        waiting | abandoned,
        document__state=Document.State.READY,
        document__voided_at__isnull=True,
    )


def _claim(*, at: datetime) -> Signing | None:
    while (pk := _due(at).order_by("pk").values_list("pk", flat=True).first()) is not None:
        taken = Signing.objects.filter(
            Q(state=Signing.State.WAITING) | Q(claimed_until__lt=at), pk=pk, attempts__lt=ATTEMPTS
        ).update(
            state=Signing.State.SIGNING,
            claimed_until=at + LEASE,
            attempts=models.F("attempts") + 1,
        )
        if taken:
            return Signing.objects.select_related(
                "document__pdf", "document__organisation", "key", "picture"
            ).get(pk=pk)
        Signing.objects.filter(pk=pk, attempts__gte=ATTEMPTS).exclude(
            state__in=(Signing.State.READY, Signing.State.FAILED)
        ).update(
            state=Signing.State.FAILED,
            claimed_until=None,
            last_error=f"签章进程 {ATTEMPTS} 次中断",
        )
    return None


def _finish(
    found: Signing, data: bytes, *, stamped: bool, claim: datetime | None, at: datetime
) -> bool:
    """Keep the signed file, unless the claim ran out or the document was voided meanwhile."""
    blob = services.store(data, media_type="application/pdf", at=at)
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=found.document_id)
        if document.voided_at is not None:
            Signing.objects.filter(pk=found.pk, claimed_until=claim).update(
                state=Signing.State.FAILED, claimed_until=None, last_error="文件在签章前已作废"
            )
            return False
        held = Signing.objects.filter(
            pk=found.pk, state=Signing.State.SIGNING, claimed_until=claim
        ).update(
            state=Signing.State.READY,
            claimed_until=None,
            pdf=blob,
            file_sha256=blob.sha256,
            stamped=stamped,
            signed_at=at,
            last_error="",
        )
        if held:
            audit.record(
                actor=SEALER,
                action="documents.sealed",
                subject=document,
                at=at,
                file_sha256=blob.sha256,
                certificate=found.key.sha256,
                stamped=stamped,
            )
    return bool(held)


@transaction.atomic
def _postpone(found: Signing, *, claim: datetime | None, at: datetime, error: Exception) -> None:
    """Try again later; after the last attempt it has failed and says why."""
    last = found.attempts >= ATTEMPTS
    words = f"{type(error).__name__}: {error}"[:500]
    held = Signing.objects.filter(
        pk=found.pk, state=Signing.State.SIGNING, claimed_until=claim
    ).update(
        state=Signing.State.FAILED if last else Signing.State.WAITING,
        claimed_until=None,
        last_error=words,
        not_before=at if last else at + PATIENCE[found.attempts - 1],
    )
    if held:
        audit.record(
            actor=SEALER,
            action="documents.seal_failed" if last else "documents.seal_postponed",
            subject=found.document,
            at=at,
            error=words,
            attempt=found.attempts,
        )
