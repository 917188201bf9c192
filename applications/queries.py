"""Reading for the rules and the pages: material, deadlines, what is overdue."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value

from accounts.models import Organisation
from applications.content import shapes
from applications.material import File, Material, Row, Unit
from applications.models import Application, Attachment, IndicatorRow, Section
from applications.workflow import LIVE, Status
from calls.models import Call, Extension, LevelDate
from calls.phases import GRACE, deadline
from core.prepared import Prepared, Slot


def material(
    application: Application,
    *,
    answers_only: bool = False,
    basics: bool = True,
    sections: dict[str, dict[str, Any]] | None = None,
) -> Material:
    """Everything the filing consists of now, in a fixed number of queries.

    ``answers_only`` leaves files and indicator rows out: enough to judge other sections. Without
    ``basics`` recommender and direction are left out: enough to judge any section.
    ``sections``: the answers, where they were just read.
    """
    call = application.call
    files: dict[int, File] = {}
    rows: list[Row] = []
    if not answers_only:
        files = {item.pk: _file(item) for item in _files(application=application.pk)}
        rows = [_row(row, files) for row in _indicators(application=application.pk)]
    recommender = application.recommender if basics else None
    direction = application.direction if basics else None
    subfield = application.subfield if basics else None
    return Material(
        programme=call.programme,
        call_code=call.code,
        call_title=call.title,
        title=application.title,
        organisation=_unit(application.organisation),
        recommender=_unit(recommender) if recommender else None,
        direction=direction.title if direction else "",
        direction_key=direction.key if direction else "",
        class_title=direction.class_title if direction else "",
        subfield=subfield.title if subfield else "",
        sections=answers(application) if sections is None else sections,
        rows=rows,
        files=list(files.values()),
    )


_files = Prepared(
    lambda: Attachment.objects.filter(
        application_id=Slot("application"), removed_at=None
    ).select_related("blob__virus_check")
)
_indicators = Prepared(
    lambda: (
        IndicatorRow.objects.filter(application_id=Slot("application"))
        .select_related("indicator")
        .order_by("order", "pk")
    )
)


def _row(row: IndicatorRow, files: Mapping[int, File]) -> Row:
    return Row(
        spec=row.indicator.spec if row.indicator else None,
        name=row.indicator.spec.name if row.indicator else row.name,
        unit=row.indicator.spec.unit if row.indicator else row.unit,
        current=row.current,
        target=row.target,
        method=row.method,
        evidence=files.get(row.evidence_id or 0),
        evidence_page=row.evidence_page,
    )


def answers(application: Application) -> dict[str, dict[str, Any]]:
    """What is kept of each section that the programme asks, by its key."""
    return sound_answers(application, sections(application))


def sections(application: Application) -> list[Section]:
    """The working copy: every section as it stands."""
    return _sections(application=application.pk)


_sections = Prepared(lambda: Section.objects.filter(application_id=Slot("application")))


def sound_answers(application: Application, rows: Iterable[Section]) -> dict[str, dict[str, Any]]:
    """Of the sections that were read, the answers to what the programme asks."""
    stored = {section.key: section.data for section in rows}
    asked = application.call.programme.sections
    return {one.key: shapes.sound(one, stored[one.key]) for one in asked if one.key in stored}


def _file(item: Attachment) -> File:
    return File(
        id=item.public_id,
        key=item.key,
        name=item.name,
        sha256=item.blob.sha256,
        size=item.blob.size,
        media_type=item.blob.media_type,
        pages=item.pages,
        uploaded_at=item.uploaded_at,
        infected=getattr(getattr(item.blob, "virus_check", None), "found", ""),
    )


def _unit(organisation: Organisation) -> Unit:
    return Unit(
        name=organisation.name,
        code=organisation.code or "",
        kind=organisation.kind,
        kind_title=organisation.get_kind_display(),
        region=organisation.region,
    )


def with_filing_dates(rows: QuerySet[Application]) -> QuerySet[Application]:
    """These, each with what its levels and extensions say of its end as it is read: for a request
    that asks for the end (``filing_deadline``) of what it has just read."""
    here: dict[str, Any] = {"call": OuterRef("call"), "key": LevelDate.Key.FILING}
    units = (
        Q(organisation=OuterRef("recommender"))
        | Q(organisation=OuterRef("preselector"))
        | Q(organisation=OuterRef("preselector__parent"))
    )
    earlier = LevelDate.objects.filter(units, **here).order_by("until")
    granted = Extension.objects.filter(
        units | Q(organisation=OuterRef("organisation")), state=Extension.State.APPROVED, **here
    ).order_by("-until")
    return rows.annotate(
        level_end=Subquery(earlier.values("until")[:1]),
        granted_end=Subquery(granted.values("until")[:1]),
    )


_filing_ends: Prepared[tuple[int, datetime | None, datetime | None]] = Prepared(
    lambda: with_filing_dates(Application.objects.filter(pk=Slot("application"))).values_list(
        "pk", "level_end", "granted_end"
    )  # type: ignore[misc]
)


def filing_deadline(application: Application) -> datetime | None:
    """The exclusive end of filing for this application, in the call's own time.

    The call's date, or the earlier one of its own chain of levels; an approved extension wins;
    a correction that is open counts when it is later.
    """
    read = vars(application)
    if "level_end" in read:  # with_filing_dates
        level, granted = read["level_end"], read["granted_end"]
    else:
        found = _filing_ends.first(application=application.pk)
        _, level, granted = found or (0, None, None)
    end = deadline(application.call.filing_until, earlier=[level], extended=[granted])
    if application.status == Status.RETURNED and application.correction_until:
        return max(end, application.correction_until) if end else application.correction_until
    return end


def _recommendation() -> Any:
    """The end that a unit set itself, and the extensions granted to it (True beside those)."""
    here: dict[str, Any] = {
        "organisation_id": Slot("unit"),
        "call_id": Slot("call"),
        "key": LevelDate.Key.RECOMMENDATION,
    }
    earlier = LevelDate.objects.filter(**here).values_list("until", Value(False))
    granted = Extension.objects.filter(state=Extension.State.APPROVED, **here)
    return earlier.order_by().union(granted.order_by().values_list("until", Value(True)), all=True)


_recommendation_dates: Prepared[tuple[datetime, bool]] = Prepared(_recommendation)


def recommendation_deadline(call: Call, recommender: Organisation) -> datetime | None:
    """The exclusive end of recommendation for this unit, in the call's own time."""
    dates = _recommendation_dates(call=call.pk, unit=recommender.pk)
    return deadline(
        call.recommendation_until,
        earlier=[one for one, is_granted in dates if not is_granted],
        extended=[one for one, is_granted in dates if is_granted],
    )


def live_of(organisation: Organisation, call: Call) -> int:
    """How many filings of the unit count against its limit: withdrawn and lapsed ones do not."""
    return Application.objects.filter(organisation=organisation, call=call, status__in=LIVE).count()


def overdue(at: datetime) -> Iterator[tuple[Application, str]]:
    """What the clock must move, each with the name of the move.

    Drafts whose deadline passed more than the grace ago lapse; a return whose time passed
    without a new submission lets the last submitted version stand.
    """
    for call in Call.objects.open():
        now = call.time(at)
        edge = now - GRACE
        late = Q(status=Status.DRAFT, call__filing_until__lte=edge) | Q(
            status=Status.RETURNED, correction_until__lte=edge
        )
        candidates = (
            Application.objects.filter(late, call=call)
            .select_related("call", "preselector")
            .order_by("pk")
        )
        for application in candidates.iterator(200):
            end = filing_deadline(application)
            if end is None or end > edge:
                continue
            if application.status == Status.DRAFT:
                yield application, "lapse"
            elif application.returned_from == Status.RECOMMENDED:
                yield application, "stand_recommended"
            else:
                yield application, "stand"
