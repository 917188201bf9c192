"""Results of tests, their reports and sealed papers."""

from collections.abc import Iterator

from fulfilment import targets
from portal.invariants.base import check
from testing import barring, conclusions, measured
from testing.models import Result, ResultRow, SealedReport, Tie
from testing.states import Reported

Found = Iterator[tuple[str, str]]
FROZEN = (Reported.APPROVED, Reported.SEALED, Reported.RELEASED)
SENT_IN = (Reported.SUBMITTED, *FROZEN)


@check("R13")
def conclusions_follow_from_the_figures() -> Found:
    """R13: what a test says of an indicator is computed from its figure and the pinned target."""
    rows = ResultRow.objects.filter(result__state__in=[str(one) for one in SENT_IN])
    standings: dict[int, list[str]] = {}
    for row in rows.select_related("target").order_by("pk").iterator(500):
        standings.setdefault(row.result_id, []).append(row.standing)
        pinned, spec = row.pinned, row.target.spec
        value, _, problem = measured.in_unit(row.measured, kind=pinned["kind"], unit=pinned["unit"])
        compared = targets.to_target(
            spec,
            operator=pinned["operator"],
            unit=pinned["unit"],
            target=pinned["target"],
            value=value,
        )
        found = measured.judge(
            row.measured,
            row.untested,
            kind=pinned["kind"],
            unit=pinned["unit"],
            comparison=None if problem else compared,
        )
        if found.standing != row.standing:
            words = f"结论 {row.standing}，按实测值应为 {found.standing}"
            yield f"testing.resultrow:{row.pk}", words
    for result in Result.objects.filter(pk__in=standings):
        if conclusions.count(standings[result.pk]).as_dict() != result.counts:
            yield f"testing.result:{result.pk}", "结论统计与各行不符"


@check("R5")
def reports_are_of_their_results() -> Found:
    """R5: a frozen result has one report in force, drawn from what was frozen."""
    found = Result.objects.filter(state__in=[str(one) for one in FROZEN]).select_related("report")
    for result in found.iterator(500):
        name = f"testing.result:{result.pk}"
        if result.report is None or result.report.voided_at is not None:
            yield name, "已批准的结果没有有效的测评报告"
        elif result.report.snapshot != result.snapshot:
            yield name, "测评报告与冻结的结果不符"


@check("R10")
def released_results_rest_on_a_sealed_report() -> Found:
    """R10: what was sealed or released has a sealed paper that names its report."""
    found = Result.objects.filter(state__in=[str(Reported.SEALED), str(Reported.RELEASED)])
    matched = set(
        SealedReport.objects.filter(state=SealedReport.State.MATCHED).values_list(
            "result", "document"
        )
    )
    for result in found.iterator(500):
        if (result.pk, result.report_id) not in matched:
            yield f"testing.result:{result.pk}", "没有与测评报告相符的盖章件"


@check("R7")
def nobody_released_a_test_in_conflict() -> Found:
    """R7: no result was released of an agency whose tie to the unit stood declared by then."""
    tied = set(Tie.objects.filter(ended_at=None).values_list("agency", flat=True))
    found = Result.objects.filter(
        state=Reported.RELEASED, commission__agency__in=tied
    ).select_related("commission__agency__organisation__parent")
    for result in found.iterator(500):
        commission = result.commission
        task = barring.with_units(type(commission.task).objects.all()).get(pk=commission.task_id)
        known = barring.ties_at(commission.agency, task, result.released_at)
        if known:
            yield f"testing.result:{result.pk}", f"发布时测评机构已申报利益关系：{known[0].note}"
