"""行文下达: drafted, approved by each issuing office, numbered, sent. Writes ``Dispatch.state``."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Organisation
from accounts.roles import Role
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from documents import services as documents
from documents.fingerprints import fingerprint
from fulfilment import dispatchpaper, letters, queries
from fulfilment.models import Cosignature, Deliberation, Dispatch, DispatchSignature
from fulfilment.services import ground
from outcomes import rules
from outcomes.models import Decision, Objection, Publication
from outcomes.rules import day_of
from outcomes.services import ground as deciding

State = Dispatch.State


@transaction.atomic
def propose_dispatch(
    publication: Publication, *, title: str, mark: str, text: str, actor: Actor, at: datetime
) -> Dispatch:
    """Lay the letter of a published list before the offices that issue it.

    ``mark`` is the organ's 代字 before 〔year〕, as its own register has it. Raises ``Refusal``
    ``no-such-step``, ``not-published``, ``nobody``, ``no-office`` where an issuing office has not
    signed the 审定, ``mark-missing``, ``title-missing`` (422), ``credentials``, ``already-open``.
    """
    ground.must_be_office(actor)
    call = deciding.lock(publication.call)
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    publication.call = call
    rule = call.programme.dispatch
    if rule is None:
        raise Refusal("no-such-step", "本批次不需要行文下达。", rule=call.programme.notice)
    if (
        publication.is_publicity
        or publication.is_award
        or publication.state != Publication.State.PUBLISHED
    ):
        raise Refusal("not-published", "名单公布之后才能行文下达。", rule=rule.source)
    title, mark = title.strip()[:150], "".join(mark.split())[:20]
    if not title:
        raise Refusal("title-missing", "请填写标题。", status=422)
    if not mark:
        raise Refusal("mark-missing", "请填写发文机关代字。", status=422)
    rules.without_credentials(title, text)
    tasks = queries.on_list(publication)
    if not tasks:
        raise Refusal("nobody", "名单上没有需要下达的项目。")
    passed = _deliberation(call)
    offices = _offices(call, passed, actor)
    publicity, objections = _publicity(publication)
    made = Dispatch(
        publication=publication,
        title=title,
        mark=mark,
        rows=dispatchpaper.rows(tasks),
        paragraphs=dispatchpaper.paragraphs(
            publication,
            passed=passed,
            publicity=publicity,
            objections=objections,
            tasks=tasks,
            text=text,
        ),
        proposed_by_id=actor.person,
        proposed_at=call.time(at),
    )
    made.fingerprint = fingerprint(dispatchpaper.content(made))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Refusal("already-open", "这份名单已有行文在会签或已下达。") from None
    DispatchSignature.objects.bulk_create(
        DispatchSignature(dispatch=made, order=order, office=name, organisation=unit)
        for order, (name, unit) in enumerate(offices, 1)
    )
    audit.record(
        actor=actor,
        action="fulfilment.propose_dispatch",
        subject=made,
        at=at,
        rows=len(made.rows),
        fingerprint=made.fingerprint,
    )
    letters.to_issue(made, at=at)
    return made


def _deliberation(call: Call) -> Deliberation | None:
    """The 审定 that passed last."""
    return call.deliberations.filter(state=Deliberation.State.PASSED).order_by("-pk").first()


def _offices(
    call: Call, passed: Deliberation | None, actor: Actor
) -> list[tuple[str, Organisation]]:
    """Each issuing office and the unit whose approver speaks for it, the organiser first."""
    rule = call.programme.dispatch
    assert rule is not None
    own = Organisation.objects.get(pk=actor.organisation_id or 0)
    signed = (
        {
            one.office: one.organisation
            for one in passed.signatures.filter(verdict=Cosignature.Verdict.AGREED).select_related(
                "organisation"
            )
            if one.organisation is not None
        }
        if passed
        else {}
    )
    missing = [name for name in rule.jointly if name not in signed]
    if missing:
        raise Refusal(
            "no-office", f"{'、'.join(missing)}还没有会签审定，不能联合行文。", rule=rule.source
        )
    return [(call.programme.organiser, own), *((name, signed[name]) for name in rule.jointly)]


def _publicity(publication: Publication) -> tuple[Publication | None, int]:
    """The 公示 of those on the list, and how many doubts came in."""
    held = (
        Decision.objects.filter(announcement=publication)
        .exclude(publicity=None)
        .select_related("publicity")
        .order_by("-publicity__pk")
        .first()
    )
    if held is None:
        return None, 0
    on_it = Decision.objects.filter(announcement=publication).values("application")
    doubts = Objection.objects.filter(
        Q(application=None) | Q(application__in=on_it), publication=held.publicity
    )
    return held.publicity, doubts.count()


def _hold(signature: DispatchSignature, *, actor: Actor) -> tuple[Dispatch, DispatchSignature]:
    """Both rows held; the person may speak for this office and the letter is open."""
    held = Dispatch.objects.select_related("publication__call").get(pk=signature.dispatch_id)
    call = deciding.lock(held.publication.call)
    held = (
        Dispatch.objects.select_for_update(of=("self",))
        .select_related("publication")
        .get(pk=held.pk)
    )
    held.publication.call = call
    signature = DispatchSignature.objects.select_for_update().get(pk=signature.pk)
    if actor.role != Role.OFFICE_APPROVER or actor.organisation_id != signature.organisation_id:
        raise Refusal("not-yours", f"这一份由{signature.office}的审批人签发。", status=403)
    if held.state != State.OPEN:
        raise Refusal("over", "这件行文已经办结，请刷新页面。")
    return held, signature


@transaction.atomic
def sign_dispatch(
    signature: DispatchSignature, *, shown: str, actor: Actor, at: datetime
) -> Dispatch:
    """An approver of one office agrees to what was ``shown``; the last one issues the letter.

    Raises ``Refusal`` ``not-yours``, ``two-people`` (403), ``over``, ``changed``, ``signed``,
    ``twice``.
    """
    held, signature = _hold(signature, actor=actor)
    call = held.publication.call
    if held.fingerprint != shown:
        raise Refusal("changed", "行文与您看到的不一致，请刷新页面后重新核对。")
    if signature.signed_at is not None:
        raise Refusal("signed", f"{signature.office}已经签发。")
    ground.two_people(actor, {held.proposed_by_id}, what="拟稿")
    if held.signatures.filter(signed_by=actor.person).exists():
        raise Refusal("twice", "您已代表另一单位签发，请由其他人签发。", status=403)
    signature.signed_by_id, signature.signer = actor.person, actor.name[:60]
    signature.signed_at = call.time(at)
    signature.save()
    audit.record(
        actor=actor,
        action="fulfilment.sign_dispatch",
        subject=held,
        at=at,
        office=signature.office,
        fingerprint=held.fingerprint,
    )
    if not held.signatures.filter(signed_at=None).exists():
        _issue(held, actor=actor, at=at)
    return held


def _issue(held: Dispatch, *, actor: Actor, at: datetime) -> None:
    """Number it, the number as late as can be, ask for the paper and write to the units."""
    call = held.publication.call
    day = day_of(call.time(at))
    offices = list(held.signatures.values_list("office", flat=True))
    held.series = f"dispatch:{held.mark}:{day.year}"
    held.state = State.ISSUED
    held.approved_by_id, held.issued_at = actor.person, call.time(at)
    held.serial = documents.next_number(held.series)
    held.number = f"{held.mark}〔{day.year}〕{held.serial}号"
    held.document = documents.request_document(
        kind="task_letter",
        subject=held,
        snapshot=dispatchpaper.snapshot(held, offices, number=held.number, day=day),
        title=held.title,
        at=at,
        number=held.number,
    )
    held.save()
    audit.record(
        actor=actor, action="fulfilment.issue_dispatch", subject=held, at=at, number=held.number
    )
    letters.dispatched(held, queries.on_list(held.publication), at=at)


@transaction.atomic
def return_dispatch(
    signature: DispatchSignature, *, reason: str, actor: Actor, at: datetime
) -> Dispatch:
    """An office does not agree: the draft ends with its reason, and can be drafted anew."""
    held, signature = _hold(signature, actor=actor)
    reason = ground.reason_of(reason, what="退回的原因")
    held.state = State.RETURNED
    held.ended_at, held.ended_reason = held.publication.call.time(at), reason[:300]
    held.save(update_fields=["state", "ended_at", "ended_reason"])
    audit.record(
        actor=actor,
        action="fulfilment.return_dispatch",
        subject=held,
        at=at,
        office=signature.office,
        reason=reason,
    )
    return held


@transaction.atomic
def void_dispatch(publication: Publication, *, reason: str, actor: Actor, at: datetime) -> None:
    """The list was taken down: its letter is void, one that is being signed ends."""
    found = (
        Dispatch.objects.select_for_update(of=("self",))
        .filter(publication=publication, state__in=[State.OPEN, State.ISSUED])
        .select_related("document")
    )
    for held in found:
        held.state = State.VOID if held.state == State.ISSUED else State.RETURNED
        held.ended_at, held.ended_reason = publication.call.time(at), f"名单已撤下：{reason}"[:300]
        held.save(update_fields=["state", "ended_at", "ended_reason"])
        if held.document is not None:
            documents.void(held.document, reason=held.ended_reason, at=at, actor=actor)
        audit.record(
            actor=actor, action="fulfilment.void_dispatch", subject=held, at=at, reason=reason
        )
