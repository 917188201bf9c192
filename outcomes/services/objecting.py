"""Objections: taken under a real name while the publicity runs, handled, answered."""

from datetime import datetime

from django.db import transaction

from applications import services as applications
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads
from outcomes import letters, rules
from outcomes.models import Award, Decision, Objection, Publication
from outcomes.services import awarding, ground

PUBLIC = Actor("公众")
MOST_PER_CONTACT = 3
MOST_BYTES = 10 * 1024 * 1024


def raise_objection(
    publication: Publication,
    *,
    kind: str,
    name: str,
    contact: str,
    text: str,
    row: int | None = None,
    file: bytes = b"",
    file_name: str = "",
    at: datetime,
) -> Objection:
    """Take an objection to a publicised list, or to one row of it (counted from 1).

    Judged by the request's arrival in the call's own time. A unit's must come with its sealed
    letter. Raises ``Refusal`` ``objections-over`` (410), ``unit-unsealed``, ``enough``, and those
    of ``documents.uploads``. The trail does not say from whom it came.
    """
    must_be_open(publication, at=at)
    if kind == Objection.Kind.UNIT and not file:
        raise Refusal(
            "unit-unsealed", "以单位名义提出异议的，请上传加盖公章的书面材料。", status=422
        )
    blob, safe = None, ""
    if file:
        checked = uploads.check_upload(file, file_name, most_bytes=MOST_BYTES)
        blob = documents.store(file, media_type=checked.media_type, at=at, name=checked.name)
        safe = checked.name
    with transaction.atomic():
        publication = (
            Publication.objects.select_for_update(of=("self",))
            .select_related("call")
            .get(pk=publication.pk)
        )
        must_be_open(publication, at=at)
        if publication.objections.filter(contact=contact.strip()).count() >= MOST_PER_CONTACT:
            raise Refusal(
                "enough",
                f"您已就这次公示提出 {MOST_PER_CONTACT} 件异议，我们会一并核查。"
                "需要补充材料的，请与公示所列的联系方式联系。",
                status=429,
            )
        objection = Objection.objects.create(
            publication=publication,
            application_id=_application_of(publication, row),
            kind=kind,
            name=name.strip(),
            contact=contact.strip(),
            text=text.strip(),
            attachment=blob,
            attachment_name=safe,
            received_at=publication.call.time(at),
        )
        audit.record(
            actor=PUBLIC, action="outcomes.objection", subject=objection, at=at, kind=kind, row=row
        )
        letters.objection_received(objection, at=at)
    return objection


def must_be_open(publication: Publication, *, at: datetime) -> None:
    """Objections are taken now. Raises ``Refusal`` ``objections-over`` (410)."""
    now = publication.call.time(at)
    first = publication.starts
    open_now = (
        publication.is_publicity
        and publication.state == Publication.State.PUBLISHED
        and publication.until is not None
        and now < publication.until
        and (first is None or rules.day_of(now) >= first)
    )
    if not open_now:
        raise Refusal(
            "objections-over",
            "现在不在公示期内，异议须在公示期内提出。其他情况请与公示所列的联系方式联系。",
            status=410,
        )


def _application_of(publication: Publication, row: int | None) -> int | None:
    if row is None:
        return None
    if not 1 <= row <= len(publication.rows):
        raise Refusal("no-such-row", "名单中没有这一项，请重新选择。", status=422)
    return int(publication.rows[row - 1]["application"])


@transaction.atomic
def handle(objection: Objection, *, finding: str, actor: Actor, at: datetime) -> Objection:
    """Look into it and write down what was found. May be done again while it is open."""
    ground.must_be_office(actor)
    objection = _locked(objection)
    finding = rules.reason_of(finding, shortest=5, what="核查情况")
    objection.state = Objection.State.HANDLING
    objection.finding = finding
    objection.handled_by_id = actor.user_id
    objection.handling_at = objection.publication.call.time(at)
    objection.save(update_fields=["state", "finding", "handled_by", "handling_at"])
    audit.record(
        actor=actor, action="outcomes.handle_objection", subject=objection, at=at, finding=finding
    )
    return objection


@transaction.atomic
def close(
    objection: Objection, *, upheld: bool, answer: str, actor: Actor, at: datetime
) -> Objection:
    """Answer it. An upheld one against a project takes its selection back; two people do that."""
    ground.must_approve(actor)
    ground.lock(objection.publication.call)
    objection = _locked(objection)
    if objection.state != Objection.State.HANDLING:
        raise Refusal("not-handled", "请先由经办人登记核查情况，再作结论。")
    answer = rules.reason_of(answer, shortest=5, what="答复")
    if upheld:
        ground.two_people(actor, {objection.handled_by_id}, what="核查")
    objection.state = Objection.State.UPHELD if upheld else Objection.State.REJECTED
    objection.answer, objection.closed_by_id = answer, actor.user_id
    objection.closed_at = objection.publication.call.time(at)
    objection.save(update_fields=["state", "answer", "closed_at", "closed_by"])
    audit.record(
        actor=actor, action="outcomes.close_objection", subject=objection, at=at, upheld=upheld
    )
    if upheld and objection.application_id:
        revoke = _revoke_award if objection.publication.is_award else _revoke
        revoke(objection.application_id, reason=answer, actor=actor, at=at)
    return objection


def _revoke_award(application_id: int, *, reason: str, actor: Actor, at: datetime) -> None:
    """Take the award back; the selection stays. Nothing when it was taken back before."""
    award = (
        Award.objects.select_for_update(of=("self",))
        .filter(application=application_id, state=Award.State.APPLIED, outcome=Award.Outcome.WIN)
        .select_related("application__call", "application__organisation")
        .first()
    )
    if award is not None:
        awarding.withdrawn(award, reason=reason, actor=actor, at=at)


def _revoke(application_id: int, *, reason: str, actor: Actor, at: datetime) -> None:
    """Take the selection back and free its slots; nothing when it was taken back before."""
    application = Application.objects.select_for_update(of=("self",)).get(pk=application_id)
    decision = Decision.objects.filter(
        application=application, state=Decision.State.APPLIED, outcome=Decision.Outcome.SELECT
    ).first()
    if decision is None or application.status != Status.FINALIST:
        return
    if decision.announcement_id:
        raise Refusal("announced", "该项目已经公布，请先撤下公布名单，再作异议成立的结论。")
    decision.application = applications.move(
        application, "revoke", actor=actor, at=at, note=reason[:500]
    )
    decision.state = Decision.State.REVOKED
    decision.reason = reason[:500]
    decision.call_slot = decision.direction_slot = decision.subfield_slot = None
    decision.save()
    letters.revoked(decision, reason=reason, at=at)


@transaction.atomic
def reveal(objection: Objection, *, actor: Actor, at: datetime) -> Objection:
    """Show who raised it; that it was shown is in the trail."""
    ground.must_be_office(actor)
    audit.record(actor=actor, action="outcomes.reveal_objector", subject=objection, at=at)
    return objection


def _locked(objection: Objection) -> Objection:
    objection = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("publication__call", "application")
        .get(pk=objection.pk)
    )
    if not objection.is_open:
        raise Refusal("closed", "这件异议已经办结，请刷新页面。")
    return objection
