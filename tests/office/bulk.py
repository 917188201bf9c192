"""Many filings at once, for pages that must cost the same for a thousand and ten thousand."""

from datetime import timedelta
from itertools import islice

from accounts.models import Organisation
from applications.models import Application, Section, SectionVersion
from applications.workflow import Status
from tests.world import AT, K

STATUSES = (Status.SUBMITTED, Status.DRAFT, Status.SUBMITTED, Status.WITHDRAWN, Status.RETURNED)
REGIONS = ("430100", "440300", "110000", "370200", "")


def filings(cast, many: int, *, call=None) -> None:
    """``many`` filings of units in several regions, drafts and returned ones among them."""
    call = call or cast.call
    begun = Application.objects.count()
    units = Organisation.objects.bulk_create(
        Organisation(
            kind=K.ENTERPRISE,
            name=f"批量示例{begun}-{n}有限公司",
            region=REGIONS[n % len(REGIONS)],
            created_at=AT,
        )
        for n in range(20)
    )
    directions = list(call.directions.all())
    made = (
        Application(
            number="" if STATUSES[n % 5] == Status.DRAFT else f"B{begun + n:08d}",
            call=call,
            organisation=units[n % len(units)],
            recommender=(cast.province, cast.other_province)[n % 2],
            direction=directions[n % len(directions)] if n % 7 else None,
            title=f"批量项目{n}",
            status=STATUSES[n % 5],
            version_number=0 if STATUSES[n % 5] == Status.DRAFT else 1,
            first_submitted_at=None if STATUSES[n % 5] == Status.DRAFT else AT - timedelta(days=3),
            submitted_at=None if STATUSES[n % 5] == Status.DRAFT else AT - timedelta(days=3),
            correction_until=AT + timedelta(days=1),
            created_at=AT - timedelta(days=10),
            created_by=cast.people["admin"],
            changed_at=AT,
        )
        for n in range(many)
    )
    while chunk := list(islice(made, 1000)):
        Application.objects.bulk_create(chunk)


def saved(application, parts: int, *, at=AT) -> None:
    """So many of a filing's parts saved once."""
    for section in application.call.programme.sections[:parts]:
        row, _ = Section.objects.update_or_create(
            application=application, key=section.key, defaults={"version": 1, "saved_at": at}
        )
        SectionVersion.objects.create(
            section=row, version=1, data={}, saved_at=at, saved_by=application.created_by
        )
