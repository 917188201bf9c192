"""What can be done with a filing. ``move`` is the only writer of ``status``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Membership, Organisation
from accounts.roles import FILING
from applications import access, eligibility, letters, queries, readiness, snapshot, workflow
from applications.models import Application, Section, SectionVersion, Version
from applications.signals import moved
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call, Direction, SubField, Winner
from calls.phases import Phase
from core.errors import Refusal
from documents import services as documents
from documents.fingerprints import fingerprint


@transaction.atomic
def move(
    application: Application,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    **changes: Any,
) -> Application:
    """Take one step of the workflow, or raise ``Refusal`` and change nothing.

    The row is locked first, so of two people who act at once the second meets the new status.
    The step, its audit entry and its letters are one transaction. ``changes`` are further
    columns that belong to the step.
    """
    application = locked(application)
    call = application.call
    step = workflow.find(
        call.steps,
        name,
        status=application.status,
        roles=access.workflow_roles(actor, application),
        phase=call.phase(at),
    )
    before, application.status = application.status, step.target
    if step.target != Status.RETURNED and before == Status.RETURNED:
        changes = {"returned_fields": [], "correction_until": None, "returned_from": "", **changes}
    for column, value in {**changes, "changed_at": at}.items():
        setattr(application, column, value)
    application.save(update_fields=["status", "changed_at", *changes])
    entry = audit.record(
        actor=actor,
        action=f"applications.{name}",
        subject=application,
        at=at,
        before=before,
        after=step.target,
        note=note,
    )
    letters.announce(name, application, occasion=entry.pk, note=note, at=at)
    moved.send(Application, application=application, move=name, before=before, actor=actor, at=at)
    return application


def locked(application: Application) -> Application:
    """The row as it is now, held until the transaction ends."""
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related(
            "call", "organisation", "recommender", "preselector", "direction", "subfield"
        )
        .get(pk=application.pk)
    )


@transaction.atomic
def create(
    *,
    call: Call,
    organisation: Organisation,
    title: str,
    actor: Actor,
    at: datetime,
    direction: Direction | None = None,
    subfield: SubField | None = None,
    recommender: Organisation | None = None,
    preselector: Organisation | None = None,
) -> Application:
    """Start a draft.

    Raises ``Refusal``: ``wrong-phase`` outside filing, ``kind-not-admitted``,
    ``limit-reached``, ``won-before``, each with the clause of the notice.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    programme = call.programme
    if call.phase(at) != Phase.FILING:
        raise Refusal("wrong-phase", f"“{call.title}”现在是{call.phase_title(at)}，不能新建申报。")
    eligibility.kind_fits(programme, organisation.kind, organisation.get_kind_display())
    eligibility.region_fits(programme, organisation.region)
    eligibility.within_limit(programme, queries.live_of(organisation, call))
    _check_winners(programme, title, organisation)
    application = Application.objects.create(
        call=call,
        organisation=organisation,
        recommender=recommender,
        preselector=preselector,
        title=title,
        direction=direction,
        subfield=subfield,
        created_at=at,
        changed_at=at,
        created_by_id=actor.person,
    )
    Section.objects.bulk_create(
        [Section(application=application, key=section.key) for section in programme.sections]
    )
    audit.record(
        actor=actor,
        action="applications.create",
        subject=application,
        at=at,
        call=call.code,
        title=title,
    )
    return application


def _check_winners(programme: Any, title: str, organisation: Organisation) -> None:
    won = Winner.objects.filter(organisation_code=organisation.code or "-").values_list(
        "title", "round_title"
    )
    eligibility.not_won_before(programme, title, won)


def must_be_writable(
    application: Application, *, at: datetime, section: str = "", fields: Sequence[str] = ()
) -> None:
    """Refuse writing after the deadline, in the wrong status, or outside the returned fields.

    The deadline is judged by ``at``, the instant at which the request arrived.
    """
    call = application.call
    now = call.time(at)
    if application.status not in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED):
        raise Refusal(
            "wrong-status",
            f"这份申报现在是“{application.get_status_display()}”，内容不能再改。",
        )
    end = queries.filing_deadline(application)
    if end is None or now >= end or call.phase(at) in (Phase.ANNOUNCED, Phase.CLOSED):
        raise Refusal(
            "deadline-passed",
            f"申报已经截止（服务器时间 {_words(now)}），内容只能查看。已提交的版本有效。",
            rule=call.programme.notice,
        )
    if application.status == Status.RETURNED and section:
        allowed = {(item["section"], item.get("field", "")) for item in application.returned_fields}
        if (section, "") in allowed:
            return
        shut = [field for field in fields if (section, field) not in allowed]
        if shut or not any(one == section for one, _ in allowed):
            raise Refusal("not-returned", "退回修改时只能改退回意见点名的栏目，其他内容已锁定。")


def _words(instant: datetime) -> str:
    from django.utils import timezone

    return timezone.localtime(instant).strftime("%Y年%m月%d日 %H:%M:%S")


@transaction.atomic
def save_section(
    application: Application,
    key: str,
    *,
    data: Mapping[str, Any],
    version: int,
    actor: Actor,
    at: datetime,
    fields: Sequence[str] = (),
) -> int:
    """Keep the working copy of a section, whatever is missing in it. Returns its new version.

    ``version`` is the one the person saw; when it is no longer current the save is refused
    (``stale``, 409) and nothing is overwritten. ``fields`` are those that changed.
    """
    must_be_writable(application, at=at, section=key, fields=fields)
    section = Section.objects.get(application=application, key=key)
    saved = Section.objects.filter(pk=section.pk, version=version).update(
        data=dict(data), version=F("version") + 1, saved_at=at, saved_by_id=actor.user_id
    )
    if not saved:
        raise Refusal("stale", "这一部分刚被别人保存过，您的内容没有覆盖它。请对照后再保存。")
    SectionVersion.objects.create(
        section=section,
        version=version + 1,
        data=dict(data),
        saved_at=at,
        saved_by_id=actor.person,
    )
    return version + 1


@transaction.atomic
def set_basics(
    application: Application,
    *,
    title: str,
    direction: Direction | None,
    subfield: SubField | None,
    recommender: Organisation | None,
    actor: Actor,
    at: datetime,
) -> Application:
    """Change title, direction or recommender while the filing is open."""
    application = locked(application)
    must_be_writable(application, at=at, section="basics", fields=("title",))
    _check_winners(application.call.programme, title, application.organisation)
    application.title, application.direction = title, direction
    application.subfield, application.recommender = subfield, recommender
    application.changed_at = at
    application.save(update_fields=["title", "direction", "subfield", "recommender", "changed_at"])
    audit.record(
        actor=actor, action="applications.set_basics", subject=application, at=at, title=title
    )
    return application


@transaction.atomic
def submit(
    application: Application, *, key: str, seen: str | None = None, actor: Actor, at: datetime
) -> Version:
    """Freeze what stands now as the next version, and acknowledge it.

    ``key`` makes the act one however often it arrives: the same key gives the same version. The
    last version submitted before the deadline counts. ``seen`` is the fingerprint of what the
    person was shown; None where nobody was shown anything. Raises ``Refusal``: ``may-not-submit``
    (403), ``deadline-passed``, ``incomplete`` (422), ``changed-since-shown``, those of ``move``.
    """
    application = locked(application)
    earlier = Version.objects.filter(application=application, idempotency_key=key).first()
    if earlier is not None:
        return earlier
    _may_submit(application, actor=actor, at=at)
    must_be_writable(application, at=at)
    material = queries.material(application)
    blockers = readiness.problems(material)
    if blockers:
        raise Refusal(
            "incomplete",
            f"还有 {len(blockers)} 处阻止提交，第一处：{blockers[0]}。请在核对页逐条处理。",
            status=422,
        )
    _check_winners(application.call.programme, application.title, application.organisation)
    frozen = snapshot.build(material)
    if seen is not None and seen != fingerprint(frozen):
        raise Refusal(
            "changed-since-shown",
            "您核对之后内容又有改动（可能是同事刚保存）。请核对现在的内容，再提交一次。",
        )
    return _freeze(application, frozen, key=key, actor=actor, at=at)


def _may_submit(application: Application, *, actor: Actor, at: datetime) -> None:
    allowed = (
        Membership.objects.active(at)
        .filter(
            user=actor.user_id,
            organisation=application.organisation_id,
            role__in=FILING,
            may_submit=True,
        )
        .exists()
    )
    if not allowed:
        raise Refusal(
            "may-not-submit", "提交需要单位授权。请联系本单位管理员提交或授权。", status=403
        )


def _freeze(
    application: Application, frozen: dict[str, Any], *, key: str, actor: Actor, at: datetime
) -> Version:
    """The transaction's writing part; the number is taken late, so that others wait briefly."""
    call = application.call
    arrived = call.time(at)
    print_of_it = fingerprint(frozen)
    corrected = (
        application.status == Status.RETURNED and application.returned_from == Status.RECOMMENDED
    )
    number = application.number or _next_number(call)
    try:
        with transaction.atomic():
            version = Version.objects.create(
                application=application,
                number=application.version_number + 1,
                snapshot=frozen,
                fingerprint=print_of_it,
                idempotency_key=key,
                arrived_at=arrived,
                submitted_by_id=actor.person,
                submitted_by_name=actor.name,
            )
    except IntegrityError as error:
        if "late filing" not in str(error):
            raise
        raise Refusal("deadline-passed", "申报已经截止，本次没有提交成功。") from None
    application = move(
        application,
        "correct" if corrected else "submit",
        actor=actor,
        at=at,
        number=number,
        version_number=version.number,
        submitted_at=arrived,
        first_submitted_at=application.first_submitted_at or arrived,
    )
    version.application = application
    version.form = documents.request_document(
        kind="application_form",
        subject=version,
        snapshot=snapshot.form(frozen, application=application, version=version),
        title=f"项目申报书：{application.title}",
        organisation=application.organisation,
        at=at,
        number=number,
        version=version.number,
    )
    version.receipt = documents.request_document(
        kind="receipt",
        subject=version,
        snapshot=snapshot.receipt(frozen, application=application, version=version),
        title=f"网上申报回执：{application.title}",
        organisation=application.organisation,
        at=at,
        number=number,
        version=version.number,
    )
    version.save(update_fields=["form", "receipt"])
    return version


def _next_number(call: Call) -> str:
    prefix = call.programme.number_prefix or call.code.upper()
    return f"{prefix}-{documents.next_number(f'application:{call.pk}'):06d}"


@transaction.atomic
def return_for_correction(
    application: Application,
    *,
    fields: Sequence[Mapping[str, str]],
    note: str,
    until: datetime,
    actor: Actor,
    at: datetime,
) -> Application:
    """Give the filing back to have named fields corrected until ``until`` (call's own time).

    ``fields`` are ``{"section", "field", "comment"}``; an empty field opens the whole section.
    The end lies after now and inside the call's limits: the recommender's up to its own
    deadline, the office's up to the end of review. When it passes without a new submission the
    last submitted version stands.
    """
    application = locked(application)
    call = application.call
    now = call.time(at)
    if not fields:
        raise Refusal("no-fields", "请至少点名一处需要修改的栏目，并写明意见。", status=422)
    known = {section.key for section in call.programme.sections} | {"basics", "attachments"}
    if any(item.get("section") not in known for item in fields):
        raise Refusal("unknown-section", "点名的栏目不在本批次的申报书中。", status=422)
    limit = _return_limit(application, actor)
    if until <= now or (limit is not None and until > limit):
        end = f"，且不晚于{_words(limit)}" if limit else ""
        raise Refusal("bad-until", f"修改截止时间须晚于现在{end}。", status=422)
    return move(
        application,
        "return",
        actor=actor,
        at=at,
        note=note,
        returned_from=application.status,
        returned_fields=[dict(item) for item in fields],
        return_note=note,
        correction_until=until,
    )


def _return_limit(application: Application, actor: Actor) -> datetime | None:
    call = application.call
    if workflow.Role.OFFICE in access.workflow_roles(actor, application):
        return call.review_until or call.announcement_by
    if application.recommender is None:
        return call.recommendation_until
    return queries.recommendation_deadline(call, application.recommender)


def withdraw(application: Application, *, reason: str, actor: Actor, at: datetime) -> Application:
    """Take the filing back for good; it frees the unit's limit and any place it holds."""
    return move(application, "withdraw", actor=actor, at=at, note=reason)


def accept(application: Application, *, actor: Actor, at: datetime, note: str = "") -> Application:
    """形式审查 passed."""
    return move(application, "accept", actor=actor, at=at, note=note)


def not_accept(application: Application, *, reason: str, actor: Actor, at: datetime) -> Application:
    """形式审查 not passed; the reason goes to the applicant."""
    if len(reason.strip()) < 5:
        raise Refusal(
            "reason-short", "请写明不通过的理由（不少于 5 字），理由将告知申报单位。", status=422
        )
    return move(application, "not_accept", actor=actor, at=at, note=reason.strip())
