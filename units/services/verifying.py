"""The check of a unit's papers. The only writer of ``Verification.state``."""

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads, viruses
from units import letters
from units.models import Proof, Verification

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 10
State = Verification.State
UNVERIFIED: dict[str, str] = {
    "none": "本批次要求单位先经核验。请在“单位”中上传营业执照或法人证书，核验通过后再提交。",
    State.WAITING: "单位证照正在核验，核验通过后才能提交。请留意消息，或联系主管部门。",
    State.RETURNED: "单位证照已被退回。请按退回原因重新上传，核验通过后再提交。",
}


def add_proof(
    organisation: Organisation, *, name: str, data: bytes, actor: Actor, at: datetime
) -> Proof:
    """Keep a scan of the licence or certificate and send it to be checked (again).

    Raises ``Refusal`` of ``uploads.check_upload`` (empty, too large, wrong type, encrypted,
    damaged), and ``already-there`` for the very file that is being checked.
    """
    checked = uploads.check_upload(data, name, most_bytes=MOST_BYTES, most_pages=MOST_PAGES)
    found = viruses.check_upload(data, checked.name)
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    if found is not None:
        viruses.note(blob, found, at=at)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
        standing = _standing(organisation)
        if standing is not None and standing.proof.blob_id == blob.pk:
            raise Refusal(
                "already-there", "这份证照已经上传过，内容完全相同，不用再传。", status=422
            )
        proof = Proof.objects.create(
            organisation=organisation,
            blob=blob,
            name=checked.name,
            pages=checked.pages,
            uploaded_by_id=actor.person,
            uploaded_at=at,
        )
        if standing is None:
            standing = Verification(organisation=organisation)
        standing.state, standing.proof, standing.sent_at = State.WAITING, proof, at
        standing.reason, standing.decided_by, standing.decided_at = "", None, None
        standing.save()
        audit.record(
            actor=actor,
            action="units.add_proof",
            subject=organisation,
            at=at,
            name=checked.name,
            sha256=blob.sha256,
        )
    return proof


def _standing(organisation: Organisation) -> Verification | None:
    return (
        Verification.objects.select_for_update()
        .filter(organisation=organisation)
        .select_related("proof")
        .first()
    )


@transaction.atomic
def verify(organisation: Organisation, *, proof: int, actor: Actor, at: datetime) -> Verification:
    """The paper with this key fits the unit. Raises as ``_waiting``."""
    standing = _waiting(organisation, proof)
    standing.state, standing.decided_by_id, standing.decided_at = State.VERIFIED, actor.person, at
    standing.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(actor=actor, action="units.verify", subject=organisation, at=at, proof=proof)
    letters.verified(standing, at=at)
    return standing


@transaction.atomic
def send_back(
    organisation: Organisation, *, proof: int, reason: str, actor: Actor, at: datetime
) -> Verification:
    """The paper does not do; the unit reads why. Raises ``reason-short`` and as ``_waiting``."""
    if len(reason.strip()) < 4:
        raise Refusal("reason-short", "请写明退回原因（不少于 4 字），单位据此改正。", status=422)
    standing = _waiting(organisation, proof)
    standing.state, standing.decided_by_id, standing.decided_at = State.RETURNED, actor.person, at
    standing.reason = reason.strip()
    standing.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    audit.record(
        actor=actor,
        action="units.send_back",
        subject=organisation,
        at=at,
        proof=proof,
        reason=standing.reason,
    )
    letters.returned(standing, at=at)
    return standing


def _waiting(organisation: Organisation, proof: int) -> Verification:
    """The check that waits for a decision on the paper that was looked at.

    Raises ``Refusal``: ``no-proof``, ``newer-proof`` when the unit sent another one meanwhile,
    ``decided`` when it is decided already.
    """
    standing = _standing(organisation)
    if standing is None:
        raise Refusal("no-proof", "这个单位还没有上传证照，没有可核验的内容。")
    if standing.proof_id != proof:
        raise Refusal("newer-proof", "单位刚刚上传了新的证照，请刷新后核对新的一份。")
    if standing.state != State.WAITING:
        raise Refusal("decided", f"这份证照已经处理过：{standing.get_state_display()}。")
    return standing


def state_of(organisation: Organisation) -> str:
    """waiting, verified, returned, or ``none`` before anything was sent."""
    standing = Verification.objects.filter(organisation=organisation).first()
    return standing.state if standing else "none"


def must_be_verified(organisation: Organisation, *, rule: str = "") -> None:
    """Refuse for a unit whose papers the office has not found right. For calls that ask for it."""
    state = state_of(organisation)
    if state == State.VERIFIED:
        return
    raise Refusal("unit-not-verified", UNVERIFIED[state], rule=rule, status=403)
