"""公示 and the announcement: drafted by one person, published by another, frozen for everybody."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from applications import services as applications
from audit import services as audit
from audit.services import Actor
from calls import calendar
from calls.models import Call
from calls.programme import Step
from calls.services import overrides
from core.errors import Refusal
from core.failpoints import failpoint
from documents import services as documents
from documents.fingerprints import fingerprint
from outcomes import letters, notice, queries, rules, signals
from outcomes.models import Award, Decision, Publication, Stage
from outcomes.services import ground

Kind = Publication.Kind
State = Publication.State


@transaction.atomic
def draft(
    call: Call,
    *,
    kind: str,
    stage: str = Stage.SELECTION,
    title: str,
    basis: str,
    contacts: str = "",
    number: str = "",
    starts: date | None = None,
    working_days: int | None = None,
    publication: Publication | None = None,
    actor: Actor,
    at: datetime,
) -> Publication:
    """Draft a publicity or announcement, or change a draft. Whoever drafts last proposed it.

    ``stage`` says of what: of the selection or of the award. ``starts`` empty: the day of
    publishing. Raises ``Refusal`` ``no-such-step``, ``draft-there``, ``not-a-draft``,
    ``days-missing``, ``days-wrong``, ``credentials``.
    """
    ground.must_be_office(actor)
    call = ground.lock(call)
    _step_exists(call, kind, publication.stage if publication else stage)
    rules.without_credentials(title, basis, contacts)
    days = rules.days_of(call.programme.publicity, working_days) if kind == Kind.PUBLICITY else None
    if publication is None:
        if Publication.objects.filter(
            call=call, kind=kind, stage=stage, state=State.DRAFT
        ).exists():
            raise Refusal("draft-there", "已有一份拟稿，请继续编辑原来的拟稿。")
        publication = Publication(call=call, kind=kind, stage=stage)
    else:
        publication = _locked(publication)
        _must_be(publication, State.DRAFT)
    publication.title, publication.basis = title.strip(), basis.strip()
    publication.contacts, publication.number = contacts.strip(), number.strip()
    publication.starts = starts if kind == Kind.PUBLICITY else None
    publication.working_days = days
    publication.proposed_by_id = actor.person
    publication.proposed_at = call.time(at)
    publication.save()
    audit.record(
        actor=actor,
        action="outcomes.draft",
        subject=publication,
        at=at,
        kind=kind,
        stage=publication.stage,
        title=title,
    )
    return publication


def _step_exists(call: Call, kind: str, stage: str) -> None:
    step = Step.PUBLICITY if kind == Kind.PUBLICITY else Step.ANNOUNCEMENT
    if stage == Stage.AWARD:
        if Step.AWARD not in call.steps:
            raise Refusal("no-such-step", "本批次没有评定优胜这一步。", rule=call.programme.notice)
        if kind == Kind.PUBLICITY and not queries.publicised(call, stage):
            raise Refusal(
                "no-such-step", "本批次的优胜名单不需要公示。", rule=call.programme.notice
            )
        return
    if step not in call.steps:
        word = call.programme.step_titles.get(step, Kind(kind).label)
        raise Refusal("no-such-step", f"本批次没有“{word}”这一步。", rule=call.programme.notice)


@transaction.atomic
def discard(publication: Publication, *, actor: Actor, at: datetime) -> None:
    """Throw a draft away; the trail keeps that it was."""
    ground.must_be_office(actor)
    publication = _locked(publication)
    _must_be(publication, State.DRAFT)
    audit.record(
        actor=actor, action="outcomes.discard", subject=publication, at=at, title=publication.title
    )
    publication.delete()


def rows_for(publication: Publication) -> list[dict[str, Any]]:
    """What a draft would publish now; the frozen rows of one that is published."""
    if publication.state != State.DRAFT:
        return list(publication.rows)
    return notice.rows(publication.call, _ready(publication))


def _ready(publication: Publication) -> list[Decision] | list[Award]:
    found: list[Any] = list(
        queries.to_publish(publication.call, publication.kind, publication.stage)
    )
    if publication.kind == Kind.PUBLICITY:
        return found
    held = queries.held(publication.call, publication.stage)
    return [one for one in found if one.application_id not in held]


def preview_hash(publication: Publication) -> str:
    """The fingerprint of a draft as previewed; what is published must have the same."""
    return fingerprint(
        {
            "title": publication.title,
            "number": publication.number,
            "basis": publication.basis,
            "contacts": publication.contacts,
            "starts": str(publication.starts or ""),
            "working_days": publication.working_days or 0,
            "rows": rows_for(publication),
        }
    )


def period(publication: Publication, *, at: datetime) -> tuple[date, date]:
    """First and last day of a publicity published at ``at``, in the call's own time.

    Raises ``calls.calendar.UnknownYear`` (a ``Refusal``) rather than guess a year's holidays,
    and ``starts-past`` for a first day that has gone by.
    """
    call = publication.call
    today = rules.day_of(call.time(at))
    first = publication.starts or today
    if first < today:
        raise Refusal("starts-past", "公示的开始日已经过去，请改为当日或以后的日期。", status=422)
    rule = call.programme.publicity
    last = calendar.add_working_days(
        first,
        rules.days_of(rule, publication.working_days),
        first_day_counts=rule.first_day_counts if rule else True,
        overrides=overrides(),
    )
    return first, last


@transaction.atomic
def publish_publicity(
    publication: Publication, *, shown: str, actor: Actor, at: datetime
) -> Publication:
    """Put a list before the public for its working days; the rows are frozen.

    Raises ``Refusal``: ``approver-only``, ``two-people``, ``not-a-draft``, ``changed`` (409),
    ``nothing-to-publish``, the calendar's for an unknown year.
    """
    publication = _for_publishing(publication, Kind.PUBLICITY, shown=shown, actor=actor)
    first, last = period(publication, at=at)
    publication.starts, publication.ends_on = first, last
    decisions = _freeze(publication, actor=actor, at=at)
    _rows(publication, decisions).update(publicity=publication)
    _show(publication, decisions, actor=actor, at=at)
    return publication


@transaction.atomic
def announce(publication: Publication, *, shown: str, actor: Actor, at: datetime) -> Publication:
    """Publish the final list with its letter; the units on it are told.

    Only selections whose publicity has ended, where the programme has that step, and that no
    open objection holds. Raises what ``publish_publicity`` raises, without the calendar's.
    """
    publication = _for_publishing(publication, Kind.ANNOUNCEMENT, shown=shown, actor=actor)
    decisions = _freeze(publication, actor=actor, at=at)
    _rows(publication, decisions).update(announcement=publication)
    _show(publication, decisions, actor=actor, at=at)
    letters.announced(publication, decisions, at=at)
    signals.announced.send(
        sender=Publication, publication=publication, decisions=decisions, actor=actor, at=at
    )
    return publication


def _show(
    publication: Publication,
    decisions: list[Decision] | list[Award],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """What the list says may be known now: who is on it, and of whom it is silent."""
    if publication.is_award:
        return
    listed = Q(pk__in=[one.application_id for one in decisions])
    silent = Q(decision__outcome=Decision.Outcome.DECLINE)
    found = queries.unpublished(publication.call).filter(listed | silent)
    applications.show_results(found, actor=actor, at=at)
    failpoint("publication.shown")


def _rows(publication: Publication, decisions: list[Decision] | list[Award]) -> Any:
    """The rows of these selections or awards, to write which list holds them."""
    model: Any = Award if publication.is_award else Decision
    return model.objects.filter(pk__in=[one.pk for one in decisions])


def _for_publishing(
    publication: Publication, kind: str, *, shown: str, actor: Actor
) -> Publication:
    ground.must_approve(actor)
    ground.lock(publication.call)
    publication = _locked(publication)
    if publication.kind != kind:
        raise Refusal("wrong-kind", "这份拟稿不是这一类，请返回列表重新打开。")
    _must_be(publication, State.DRAFT)
    _step_exists(publication.call, kind, publication.stage)
    ground.two_people(actor, {publication.proposed_by_id}, what="拟稿")
    _hold(publication)
    if preview_hash(publication) != shown:
        raise Refusal(
            "changed", "拟稿或名单在您预览之后有变动，没有发布。请重新预览最新的内容再办理。"
        )
    rules.without_credentials(publication.title, publication.basis, publication.contacts)
    return publication


def _hold(publication: Publication) -> None:
    """Lock what would be listed, so that nobody on it withdraws while it is published."""
    if publication.is_award:
        return
    found = queries.unpublished(publication.call).select_for_update(of=("self",))
    list(found.order_by("pk").values_list("pk", flat=True))


def _freeze(
    publication: Publication, *, actor: Actor, at: datetime
) -> list[Decision] | list[Award]:
    decisions = _ready(publication)
    if not decisions:
        raise Refusal("nothing-to-publish", _why_nothing(publication))
    call = publication.call
    publication.rows = notice.rows(call, decisions)
    publication.state = State.PUBLISHED
    publication.approved_by_id, publication.published_at = actor.user_id, call.time(at)
    snapshot = notice.snapshot(publication)
    publication.fingerprint = fingerprint(snapshot)
    publication.document = documents.request_document(
        kind="notice",
        subject=publication,
        snapshot=snapshot,
        title=publication.title,
        at=at,
        number=publication.number,
    )
    publication.save()
    failpoint("publication.frozen")
    audit.record(
        actor=actor,
        action="outcomes.publish",
        subject=publication,
        at=at,
        kind=publication.kind,
        stage=publication.stage,
        fingerprint=publication.fingerprint,
        rows=len(publication.rows),
        starts=str(publication.starts or ""),
        ends_on=str(publication.ends_on or ""),
    )
    return decisions


def _why_nothing(publication: Publication) -> str:
    if publication.kind == Kind.ANNOUNCEMENT and queries.publicised(
        publication.call, publication.stage
    ):
        return "没有可以公布的项目：须先公示期满，且没有未办结的异议。"
    where = "优胜评定" if publication.is_award else "遴选"
    return f"没有可以发布的项目：须先在{where}中一并生效。"


@transaction.atomic
def end_publicity(publication: Publication, *, actor: Actor, at: datetime) -> Publication:
    """The time for objections is over. Refused before it is, by the call's own time."""
    if not actor.is_clock:
        ground.must_be_office(actor)
    publication = _locked(publication)
    _must_be(publication, State.PUBLISHED)
    if publication.until is None:
        raise Refusal("no-period", "公布名单没有公示期，不需要结束。")
    now = publication.call.time(at)
    if now < publication.until:
        raise Refusal(
            "still-running",
            f"公示到{notice.words(publication.ends_on)}结束，现在还不能结束公示。",
            rule=publication.call.programme.publicity.source
            if publication.call.programme.publicity
            else "",
        )
    publication.state, publication.ended_at = State.ENDED, now
    publication.save(update_fields=["state", "ended_at"])
    audit.record(actor=actor, action="outcomes.end_publicity", subject=publication, at=at)
    return publication


@transaction.atomic
def withdraw(publication: Publication, *, reason: str, actor: Actor, at: datetime) -> Publication:
    """Take a published list down: its paper is void, its projects can be published again."""
    ground.must_approve(actor)
    ground.lock(publication.call)
    publication = _locked(publication)
    reason = rules.reason_of(reason, shortest=5, what="撤下的原因，原因将在原页面公开")
    if publication.state not in (State.PUBLISHED, State.ENDED):
        raise Refusal("not-published", "只有已发布的内容可以撤下。")
    listed: Any = Award.objects if publication.is_award else Decision.objects
    listed = listed.filter(**{publication.kind: publication})
    if publication.is_publicity and listed.exclude(announcement=None).exists():
        raise Refusal("announced", "名单已经公布，不能再撤下公示；如需更正，请先撤下公布名单。")
    decisions = list(listed.select_related("application"))
    _not_awarded(publication)
    listed.update(**{publication.kind: None})
    publication.state = State.WITHDRAWN
    publication.withdrawn_at = publication.call.time(at)
    publication.withdrawn_reason = reason[:300]
    publication.save(update_fields=["state", "withdrawn_at", "withdrawn_reason"])
    if publication.document:
        documents.void(publication.document, reason=reason, at=at, actor=actor)
    audit.record(actor=actor, action="outcomes.withdraw", subject=publication, at=at, reason=reason)
    if not publication.is_publicity:
        signals.taken_down.send(
            sender=Publication,
            publication=publication,
            decisions=decisions,
            reason=reason,
            actor=actor,
            at=at,
        )
    return publication


def _not_awarded(publication: Publication) -> None:
    """A list of finalists stays while a list of winners among them stands."""
    if publication.is_award or publication.is_publicity:
        return
    if Award.objects.filter(
        application__decision__announcement=publication, announcement__isnull=False
    ).exists():
        raise Refusal(
            "awarded", "名单中有项目已列入公布的优胜名单，请先撤下优胜名单，再撤下这份名单。"
        )


def _locked(publication: Publication) -> Publication:
    return (
        Publication.objects.select_for_update(of=("self",))
        .select_related("call", "document")
        .get(pk=publication.pk)
    )


def _must_be(publication: Publication, state: str) -> None:
    if publication.state != state:
        code = "not-a-draft" if state == State.DRAFT else "not-published"
        raise Refusal(
            code, f"这份内容现在是“{publication.get_state_display()}”，不能再这样办理，请刷新页面。"
        )
