"""Freezing a filing as its next version, and acknowledging it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import units
from accounts.models import Membership, User
from applications import exclusivity, letters, queries, readiness, snapshot
from applications.models import Application, Version
from applications.services.drafting import must_be_writable
from applications.services.moving import locked, step
from applications.workflow import Status
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.failpoints import failpoint
from documents import services as documents
from documents.fingerprints import fingerprint
from units import services as proving


@transaction.atomic
def submit(
    application: Application, *, key: str, seen: str | None = None, actor: Actor, at: datetime
) -> Version:
    """``submit_held``, in a transaction of its own that locks the row first."""
    return submit_held(locked(application), key=key, seen=seen, actor=actor, at=at)


def submit_held(
    application: Application, *, key: str, seen: str | None = None, actor: Actor, at: datetime
) -> Version:
    """Freeze what stands now as the next version, and acknowledge it. The caller's transaction has
    locked the row with this very read, and ends without a trace when this refuses.

    ``key`` makes the act one however often it arrives: the same key gives the same version. The
    last version submitted before the deadline counts. ``seen`` is the fingerprint of what the
    person was shown; None where nobody was shown anything. Raises ``Refusal``: ``may-not-submit``
    (403), ``deadline-passed``, ``unit-merged``, ``unit-not-verified`` where the call asks for it,
    ``incomplete`` (422), ``changed-since-shown``, those of ``move``; where another filing stands in
    the way ``limit-reached``, ``same-direction``, ``won-before``, ``same-project``: the units that
    take part are held first, so of two at once one is refused.
    """
    if application.version_number:  # else there is no version yet
        earlier = Version.objects.filter(application=application, idempotency_key=key).first()
        if earlier is not None:
            return earlier
    people = letters.filing_memberships(application, at)
    _may_submit(people, actor=actor)
    must_be_writable(application, at=at)
    units.must_go_on(application.organisation)
    applicants = application.call.programme.applicants
    if applicants.verified:
        proving.must_be_verified(
            application.organisation,
            rule=applicants.sources.get("verified", application.call.programme.notice),
        )
    material = queries.material(application)
    blockers = readiness.problems(material)
    if blockers:
        raise Refusal(
            "incomplete",
            f"还有 {len(blockers)} 处阻止提交，第一处：{blockers[0]}。请在核对页逐条处理。",
            status=422,
        )
    kin = exclusivity.hold(application, material)
    exclusivity.refuse(exclusivity.clashes_of_draft(application, material, kin=kin))
    frozen = snapshot.build(material)
    if seen is not None and seen != fingerprint(frozen):
        raise Refusal(
            "changed-since-shown",
            "您核对之后内容又有改动（可能是同事刚保存）。请核对现在的内容，再提交一次。",
        )
    version = _freeze(
        application, frozen, key=key, people={one.user for one in people}, actor=actor, at=at
    )
    exclusivity.take_part(application, material, first=version.number == 1)
    failpoint("filing.written")
    return version


def _may_submit(people: Iterable[Membership], *, actor: Actor) -> None:
    if not any(one.user_id == actor.user_id and one.may_submit for one in people):
        raise Refusal(
            "may-not-submit", "提交需要单位授权。请联系本单位管理员提交或授权。", status=403
        )


def _freeze(
    application: Application,
    frozen: dict[str, Any],
    *,
    key: str,
    people: Collection[User],
    actor: Actor,
    at: datetime,
) -> Version:
    """The transaction's writing part; the number is taken late, so that others wait briefly.

    The row is locked and ``people`` are its filing people. A refusal of the database ends the
    transaction, so no savepoint stands around the insertion.
    """
    call = application.call
    arrived = call.time(at)
    print_of_it = fingerprint(frozen)
    corrected = (
        application.status == Status.RETURNED and application.returned_from == Status.RECOMMENDED
    )
    failpoint("filing.judged")
    number = application.number or _next_number(call)
    failpoint("filing.numbered")
    try:
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
    application = step(
        application,
        "correct" if corrected else "submit",
        actor=actor,
        at=at,
        people=people,
        number=number,
        version_number=version.number,
        submitted_at=arrived,
        first_submitted_at=application.first_submitted_at or arrived,
    )
    version.application = application
    version.form, version.receipt = documents.request_first(
        [
            documents.Asked(
                "application_form",
                f"项目申报书：{application.title}",
                snapshot.form(frozen, application=application, version=version),
            ),
            documents.Asked(
                "receipt",
                f"网上申报回执：{application.title}",
                snapshot.receipt(frozen, application=application, version=version),
            ),
        ],
        subject=version,
        organisation=application.organisation,
        at=at,
        number=number,
        version=version.number,
    )
    version.save(update_fields=["form", "receipt"])
    return version


def _next_number(call: Call) -> str:
    prefix = call.number_prefix
    return f"{prefix}-{documents.next_number(f'application:{call.pk}'):06d}"
