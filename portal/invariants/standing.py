"""Who takes part in what was submitted, and the rounds of correction."""

from collections.abc import Iterator

from django.db.models import F

from applications import overlaps
from applications.exclusivity import COUNTED
from applications.models import Application, Correction, Version
from applications.workflow import Status
from calls.models import Call
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]


def _name(pk: int) -> str:
    return f"applications.application:{pk}"


@check("R1")
def whoever_takes_part_is_written_down() -> Found:
    """R1: limits and exclusions count the units of the latest version, so all are kept as rows."""
    programmes = {call.pk: call.programme for call in Call.objects.all()}  # once, not a filing
    rows = (
        Version.objects.filter(
            application__status__in=COUNTED, number=F("application__version_number")
        )
        .select_related("application__organisation")
        .prefetch_related("application__participations")
        .order_by("application")
    )
    for version in rows.iterator(200):
        application, answers = version.application, version.snapshot.get("answers", {})
        named = {one.code for one in overlaps.partners(programmes[application.call_id], answers)}
        rows_of = list(application.participations.all())
        lead = {row.code for row in rows_of if row.lead}
        kept = {row.code for row in rows_of if not row.lead}
        if named - lead != kept:
            yield _name(application.pk), f"合作单位应有 {len(named)} 家，实记 {len(kept)} 家"
        if len(lead) != 1 and (lead or application.organisation.code):
            yield _name(application.pk), f"牵头单位应有 1 家，实记 {len(lead)} 家"


@check("R1")
def a_returned_filing_has_its_open_round() -> Found:
    """R1: what is out for correction has one open round, and nothing else has."""
    opened = set(
        Correction.objects.filter(state=Correction.State.OPEN).values_list("application", flat=True)
    )
    returned = set(Application.objects.filter(status=Status.RETURNED).values_list("pk", flat=True))
    for pk in sorted(returned - opened):
        yield _name(pk), "在退回修改中，却没有正在进行的修改轮次"
    for pk in sorted(opened - returned):
        yield _name(pk), "不在退回修改中，却有正在进行的修改轮次"
