"""The working copy of a filing: starting it, saving its sections, changing its basics."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts import units
from accounts.models import Organisation
from applications import eligibility, exclusivity, queries
from applications.models import Application, Section, SectionVersion
from applications.services.moving import locked
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call, Direction, SubField, Winner
from calls.phases import Phase
from core.errors import Refusal
from core.statements import Statement


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

    Raises ``Refusal``: ``unit-merged``; ``wrong-phase`` outside filing, ``kind-not-admitted``,
    ``limit-reached``, ``won-before``, each with the clause of the notice.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    units.must_go_on(organisation)
    programme = call.programme
    if call.phase(at) != Phase.FILING:
        raise Refusal("wrong-phase", f"“{call.title}”现在是{call.phase_title(at)}，不能新建申报。")
    eligibility.kind_fits(programme, organisation.kind, organisation.get_kind_display())
    eligibility.region_fits(programme, organisation.region)
    eligibility.within_limit(programme, exclusivity.filed_by(organisation, call))
    not_won_before(programme, title, organisation)
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


def not_won_before(programme: Any, title: str, organisation: Organisation) -> None:
    won = (
        Winner.objects.in_force()
        .filter(exclusivity.won_by(units.kin(organisation)))
        .values_list("title", "round_title")
    )
    eligibility.not_won_before(programme, title, won)


def must_be_writable(
    application: Application,
    *,
    at: datetime,
    section: str = "",
    fields: Sequence[str] = (),
    end: datetime | None = None,
) -> None:
    """Refuse writing after the deadline, in the wrong status, or outside the returned fields.

    The deadline is judged by ``at``, the instant at which the request arrived. ``end``: where a
    page has just read it (``queries.filing_deadline``) to show it; acts leave it out.
    """
    call = application.call
    now = call.time(at)
    if application.shown_status not in (Status.DRAFT, Status.SUBMITTED, Status.RETURNED):
        raise Refusal(
            "wrong-status",
            f"这份申报现在是“{application.shown_word}”，内容不能再改。",
        )
    end = end or queries.filing_deadline(application)
    if end is None or now >= end or call.phase(at) in (Phase.ANNOUNCED, Phase.CLOSED):
        raise Refusal(
            "deadline-passed",
            f"申报已经截止（服务器时间 {words(now)}），内容只能查看。已提交的版本有效。",
            rule=call.programme.notice,
        )
    if application.status == Status.RETURNED and section:
        allowed = {(item["section"], item.get("field", "")) for item in application.returned_fields}
        if (section, "") in allowed:
            return
        shut = [field for field in fields if (section, field) not in allowed]
        if shut or not any(one == section for one, _ in allowed):
            raise Refusal("not-returned", "退回修改时只能改退回意见点名的栏目，其他内容已锁定。")


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
    (``stale``, 409) and nothing is overwritten. ``fields`` are those that changed. The section and
    its line of history are one statement where the database can do that, else one transaction.
    """
    must_be_writable(application, at=at, section=key, fields=fields)
    saved = _written(application.pk, key, data=dict(data), version=version, by=actor.person, at=at)
    if not saved:
        raise Refusal("stale", "这一部分刚被别人保存过，您的内容没有覆盖它。请对照后再保存。")
    return version + 1


SAVED = Statement.of(
    """
    WITH saved AS (
        UPDATE applications_section
        SET data = %s, version = version + 1, saved_at = %s, saved_by_id = %s
        WHERE application_id = %s AND key = %s AND version = %s
        RETURNING id, version, data, saved_at, saved_by_id
    )
    INSERT INTO applications_sectionversion (section_id, version, data, saved_at, saved_by_id)
    SELECT id, version, data, saved_at, saved_by_id FROM saved
    """,
    table="applications_section",
)


def _written(
    application: int, key: str, *, data: dict[str, Any], version: int, by: int, at: datetime
) -> bool:
    """Whether the section stood at this version, and so was written, with its history."""
    if connection.vendor == "postgresql":
        column = Section._meta.get_field("data").get_db_prep_save(data, connection)
        with connection.cursor() as cursor:
            SAVED.run(cursor, [column, at, by, application, key, version])
            return bool(cursor.rowcount)
    with transaction.atomic():
        rows = Section.objects.filter(application=application, key=key, version=version)
        if not rows.update(data=data, version=F("version") + 1, saved_at=at, saved_by_id=by):
            return False
        SectionVersion.objects.create(
            section_id=Section.objects.values_list("pk", flat=True).get(
                application=application, key=key
            ),
            version=version + 1,
            data=data,
            saved_at=at,
            saved_by_id=by,
        )
        return True


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
    was = (application.title, application.direction, application.subfield, application.recommender)
    names = ("title", "direction", "direction", "recommender")
    changed = [
        name
        for name, before, now in zip(
            names, was, (title, direction, subfield, recommender), strict=True
        )
        if before != now
    ]
    must_be_writable(application, at=at, section="basics", fields=changed)
    not_won_before(application.call.programme, title, application.organisation)
    application.title, application.direction = title, direction
    application.subfield, application.recommender = subfield, recommender
    application.changed_at = at
    application.save(update_fields=["title", "direction", "subfield", "recommender", "changed_at"])
    audit.record(
        actor=actor, action="applications.set_basics", subject=application, at=at, title=title
    )
    return application


def words(instant: datetime) -> str:
    return timezone.localtime(instant).strftime("%Y年%m月%d日 %H:%M:%S")
