"""Many filings in little time: one made through the services, the others copied from it in bulk.

Each copy has a unit, a person, its own sections, rows and files; a submitted copy also version,
papers, participation, trail and number, as ``applications.services.submit`` leaves them, so that
``manage.py check_invariants`` finds nothing.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from applications import snapshot
from applications.models import (
    Application,
    Attachment,
    IndicatorRow,
    Participation,
    Section,
    UnitInCall,
    Version,
)
from applications.workflow import Status
from audit.models import Entry
from documents.fingerprints import fingerprint
from documents.models import Counter, Document
from tests import world

AT_ONCE = 500


def chunks(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, AT_ONCE):
        yield range(start, min(start + AT_ONCE, first + count))


@transaction.atomic
def drafts(like: Application, numbers: Sequence[int], *, at: datetime) -> list[Application]:
    """A filled draft for each number, of a unit and a person of its own, like this one."""
    unit = like.organisation
    units = Organisation.objects.bulk_create(
        Organisation(
            kind=unit.kind,
            name=f"示例人群{n:06d}有限公司",
            code=world.uscc(n + 1000),
            region=unit.region,
            profile=unit.profile,
            created_at=at,
        )
        for n in numbers
    )
    person = User.objects.get(pk=like.created_by_id)
    people = User.objects.bulk_create(
        User(
            email=f"crowd{n}@example.org",
            name=f"示例{n:06d}",
            phone=person.phone,
            password=make_password(None),
            email_verified_at=at,
            created_at=at,
        )
        for n in numbers
    )
    Membership.objects.bulk_create(
        Membership(
            user=user,
            organisation=unit,
            role=Role.UNIT_ADMIN,
            may_submit=True,
            valid_from=like.created_at,
        )
        for user, unit in zip(people, units, strict=True)
    )
    made = Application.objects.bulk_create(
        Application(
            call_id=like.call_id,
            organisation=unit,
            recommender_id=like.recommender_id,
            title=f"示例项目{n:06d}",
            direction_id=like.direction_id,
            subfield_id=like.subfield_id,
            created_at=at,
            created_by=user,
            changed_at=at,
        )
        for n, unit, user in zip(numbers, units, people, strict=True)
    )
    _contents(like, made, at=at)
    return made


def _contents(like: Application, made: Sequence[Application], *, at: datetime) -> None:
    sections = list(like.sections.all())
    files = list(like.attachments.filter(removed_at=None))
    rows = list(like.indicator_rows.all())
    Section.objects.bulk_create(
        Section(
            application=one,
            key=section.key,
            data=section.data,
            version=section.version,
            saved_at=at,
            saved_by_id=one.created_by_id,
        )
        for one in made
        for section in sections
    )
    Attachment.objects.bulk_create(
        Attachment(
            application=one,
            key=file.key,
            name=file.name,
            blob_id=file.blob_id,
            pages=file.pages,
            uploaded_at=at,
            uploaded_by_id=one.created_by_id,
            position=file.position,
        )
        for one in made
        for file in files
    )
    IndicatorRow.objects.bulk_create(
        IndicatorRow(
            application=one,
            indicator_id=row.indicator_id,
            order=row.order,
            name=row.name,
            unit=row.unit,
            current=row.current,
            target=row.target,
            method=row.method,
        )
        for one in made
        for row in rows
    )


@transaction.atomic
def submitted(like: Application, numbers: Sequence[int], *, at: datetime) -> list[Application]:
    """As ``drafts``, and submitted. ``like`` must have been submitted itself.

    The texts of the copies are those of the pattern; title, unit and number are their own.
    """
    pattern = Version.objects.select_related("form", "receipt").get(
        application=like, number=like.version_number
    )
    made = drafts(like, numbers, at=at)
    series = f"application:{like.call_id}"
    counter = Counter.objects.select_for_update().get(series=series)
    prefix = like.number.rpartition("-")[0]
    for place, one in enumerate(made, start=counter.value + 1):
        one.number = f"{prefix}-{place:06d}"
        one.status, one.version_number = Status.SUBMITTED, 1
        one.submitted_at = one.first_submitted_at = pattern.arrived_at
    counter.value += len(made)
    counter.save(update_fields=["value"])
    Application.objects.bulk_update(
        made, ["number", "status", "version_number", "submitted_at", "first_submitted_at"]
    )
    versions = Version.objects.bulk_create(_version(pattern, one) for one in made)
    _papers(pattern, versions, at=at)
    Version.objects.bulk_update(versions, ["form", "receipt"])
    units = [one.organisation for one in made]
    UnitInCall.objects.bulk_create(
        UnitInCall(call_id=like.call_id, code=unit.code) for unit in units
    )
    lead = like.participations.get(lead=True)
    Participation.objects.bulk_create(
        Participation(
            application=one,
            code=one.organisation.code,
            name=one.organisation.name,
            lead=True,
            direction_key=lead.direction_key,
        )
        for one in made
    )
    Entry.objects.bulk_create(
        Entry(
            at=at,
            actor_id=one.created_by_id,
            actor_name=one.created_by.name,
            actor_role=Role.UNIT_ADMIN,
            organisation=one.organisation_id,
            action="applications.submit",
            subject=f"applications.application:{one.pk}",
            data={"before": Status.DRAFT, "after": Status.SUBMITTED, "note": ""},
        )
        for one in made
    )
    return made


def _version(pattern: Version, one: Application) -> Version:
    frozen = deepcopy(pattern.snapshot)
    frozen["title"] = one.title
    frozen["organisation"] |= {"name": one.organisation.name, "code": one.organisation.code}
    return Version(
        application=one,
        number=1,
        snapshot=frozen,
        fingerprint=fingerprint(frozen),
        idempotency_key=f"bulk-{one.pk}",
        arrived_at=pattern.arrived_at,
        submitted_by_id=one.created_by_id,
        submitted_by_name=one.created_by.name,
    )


def _papers(pattern: Version, versions: Sequence[Version], *, at: datetime) -> None:
    """The waiting papers of each version; drawn by whoever draws papers."""
    made = []
    for version in versions:
        for kind, title, build in (
            ("application_form", "项目申报书", snapshot.form),
            ("receipt", "网上申报回执", snapshot.receipt),
        ):
            frozen = build(version.snapshot, application=version.application, version=version)
            made.append(
                Document(
                    kind=kind,
                    subject=f"applications.version:{version.pk}",
                    fingerprint=fingerprint(frozen),
                    title=f"{title}：{version.application.title}",
                    organisation_id=version.application.organisation_id,
                    snapshot=frozen,
                    host=pattern.form.host,
                    number=version.application.number,
                    version=1,
                    created_at=at,
                    not_before=at,
                )
            )
    Document.objects.bulk_create(made)
    for version, (form, receipt) in zip(
        versions, zip(made[::2], made[1::2], strict=True), strict=True
    ):
        version.form, version.receipt = form, receipt
