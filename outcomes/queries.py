"""Reading for rules and pages: who waits, what is staged, what is before the public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Membership
from accounts.roles import FILING
from applications import workflow
from applications.models import Application
from calls.models import Call
from calls.programme import Step, TierStage
from outcomes import rules
from outcomes.models import (
    Award,
    Decision,
    Objection,
    Publication,
    SlotRequest,
    Stage,
    StepRecord,
)
from panels import queries as panels
from panels.models import PanelResult
from reviews import queries as reviews


def calls_at_work() -> QuerySet[Call]:
    """Calls that have opened, newest first."""
    return Call.objects.exclude(state=Call.State.PREPARING).order_by("-opened_at", "-pk")


def with_figures(calls: QuerySet[Call]) -> list[Call]:
    """Calls with what the office has before it in each: two queries."""
    found: list[Call] = list(
        calls.annotate(
            filed=Count("applications", filter=Q(applications__version_number__gt=0)),
        )
    )
    per: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in (
        Application.objects.filter(call__in=found)
        .values("call_id", "status", "decision__state")
        .annotate(n=Count("pk"))
    ):
        per[row["call_id"]][row["status"]] += row["n"]
        if row["decision__state"]:
            per[row["call_id"]][f"decision_{row['decision__state']}"] += row["n"]
    for call in found:
        mine = per[call.pk]
        call.to_decide = mine[waiting_status(call)]  # type: ignore[attr-defined]
        call.staged = mine["decision_pending"]  # type: ignore[attr-defined]
        call.selected = mine[workflow.Status.FINALIST]  # type: ignore[attr-defined]
        accept = workflow.moves(call.steps).get("accept")
        call.to_check = mine[accept.sources[0]] if accept else None  # type: ignore[attr-defined]
    return found


def waiting_status(call: Call) -> workflow.Status:
    return workflow.decided_from(call.steps)


def waiting(call: Call) -> QuerySet[Application]:
    """What waits for the decision."""
    return Application.objects.filter(call=call, status=waiting_status(call))


def to_check(call: Call) -> QuerySet[Application]:
    """What waits for the 形式审查; nothing where the programme has none."""
    accept = workflow.moves(call.steps).get("accept")
    if accept is None:
        return Application.objects.none()
    return (
        Application.objects.filter(call=call, status__in=accept.sources)
        .select_related("organisation", "recommender", "direction", "subfield")
        .order_by("direction__order", "number", "pk")
    )


def checked(call: Call) -> dict[str, int]:
    """How many passed the 形式审查 and how many did not."""
    past = (workflow.Status.ACCEPTED, workflow.Status.IN_REVIEW, workflow.Status.FINALIST)
    return Application.objects.filter(call=call).aggregate(
        passed=Count("pk", filter=Q(status__in=past)),
        failed=Count("pk", filter=Q(status=workflow.Status.NOT_ACCEPTED)),
    )


def round_open(call: Call) -> bool:
    return reviews.round_open(call)


def ranking(call: Call) -> list[reviews.Row]:
    """The ministry's ranking, where the programme has a review; else nothing."""
    return reviews.ranking(call) if Step.REVIEW in call.steps else []


def panel_results(call: Call) -> dict[int, PanelResult]:
    """What the ministry's meeting says of each application, where one was held."""
    return panels.results_of(call)


def under_discussion(call: Call) -> set[int]:
    """Applications whose meeting is not over: nothing is decided on them yet."""
    return panels.under_discussion(call)


def scored(call: Call, applications: Sequence[Application]) -> set[int]:
    """Which of these have a result of a closed round."""
    wanted = {one.pk for one in applications}
    return {row.application.pk for row in reviews.ranking(call)} & wanted


def latest_records(
    applications: Iterable[Application],
) -> dict[tuple[int, str], StepRecord]:
    """The record in force of each application and step."""
    rows = (
        StepRecord.objects.filter(application__in=[one.pk for one in applications])
        .select_related("by")
        .order_by("pk")
    )
    return {(row.application_id, row.step): row for row in rows}


def to_record(call: Call, step: Step) -> QuerySet[Application]:
    """Whose record of this step can be written now."""
    before = step in rules.before_decision(call.steps)
    return (
        Application.objects.filter(
            call=call,
            status=waiting_status(call) if before else workflow.Status.FINALIST,
        )
        .select_related("organisation", "direction")
        .order_by("direction__order", "number", "pk")
    )


# The staged list ------------------------------------------------------------------------------


def pending(call: Call) -> list[Decision]:
    """The staged decisions of a call in the order people read them."""
    return list(
        Decision.objects.filter(application__call=call, state=Decision.State.PENDING)
        .select_related(
            "application__organisation",
            "application__direction",
            "application__subfield",
            "application__recommender",
            "proposed_by",
            "call_slot",
            "direction_slot",
            "subfield_slot",
        )
        .order_by("application__direction__order", "application__direction", "application__number")
    )


def undecided(call: Call) -> QuerySet[Application]:
    """What waits and is not staged."""
    return waiting(call).exclude(Exists(Decision.objects.filter(application=OuterRef("pk"))))


def standing(call: Call, staged: Sequence[Decision] | None = None) -> str:
    """The fingerprint of everything that applying would do and would leave undone."""
    staged = pending(call) if staged is None else staged
    rows: list[dict[str, Any]] = [
        {
            "id": decision.application_id,
            "version": decision.application.version_number,
            "outcome": decision.outcome,
            "tier": decision.tier,
            "amount": str(decision.amount or ""),
            "reason": decision.reason,
        }
        for decision in staged
    ]
    rows += [
        {"id": pk, "outcome": "undecided"} for pk in undecided(call).values_list("pk", flat=True)
    ]
    return rules.list_hash(rows)


def recipients(applications: Iterable[Application], at: Any) -> dict[int, int]:
    """How many people each unit's letter goes to, by the unit's key."""
    units = {one.organisation_id for one in applications}
    return dict(
        Membership.objects.active(at)
        .filter(organisation__in=units, role__in=FILING)
        .values_list("organisation")
        .annotate(n=Count("user", distinct=True))
    )


def open_requests(call: Call, stage: str = Stage.SELECTION) -> QuerySet[SlotRequest]:
    """What was asked above a cap of this stage and is not decided."""
    tiers = [tier.key for tier in call.programme.tiers_of(TierStage(stage))]
    return (
        SlotRequest.objects.filter(
            application__call=call, tier__in=tiers, state=SlotRequest.State.PENDING
        )
        .select_related("application__organisation", "application__direction", "proposed_by")
        .order_by("pk")
    )


# Publications and objections ------------------------------------------------------------------


def publicised(call: Call, stage: str) -> bool:
    """Whether a list of this stage goes before the public for a time before it is announced."""
    if stage == Stage.AWARD:
        award = call.programme.award
        return bool(award and award.publicity and call.programme.publicity)
    return Step.PUBLICITY in call.steps


def to_publish(
    call: Call, kind: str, stage: str = Stage.SELECTION
) -> QuerySet[Decision] | QuerySet[Award]:
    """Applied selections, or awards, that no publication of this kind holds yet.

    An announcement takes only those whose publicity has ended, where there is that step.
    """
    chosen: Any = Award.objects if stage == Stage.AWARD else Decision.objects
    found = chosen.filter(
        application__call=call,
        state=Decision.State.APPLIED,
        outcome=Award.Outcome.WIN if stage == Stage.AWARD else Decision.Outcome.SELECT,
        **{f"{kind}__isnull": True},
    )
    if kind == rules.ANNOUNCEMENT and publicised(call, stage):
        found = found.filter(publicity__state=Publication.State.ENDED)
    return found.select_related(
        "application__organisation", "application__recommender", "application__direction"
    ).order_by(
        "application__direction__order", "application__direction", "tier", "application__number"
    )


def publications(call: Call) -> QuerySet[Publication]:
    return (
        Publication.objects.filter(call=call)
        .select_related("proposed_by", "approved_by", "document")
        .annotate(
            doubts=Count("objections"),
            open_doubts=Count("objections", filter=Q(objections__state__in=Objection.OPEN)),
        )
        .order_by("-pk")
    )


def before_the_public() -> QuerySet[Publication]:
    """What anybody may read: published, and for the record also what was taken down."""
    return (
        Publication.objects.exclude(state=Publication.State.DRAFT)
        .select_related("call", "document")
        .order_by("-published_at", "-pk")
    )


def unpublished(call: Call) -> QuerySet[Application]:
    """What is decided on, and the office alone knows how."""
    return Application.objects.filter(call=call).exclude(shown_as="")


def made_public(application: Application, stage: str) -> bool:
    """Whether a list of this stage that named it was ever before the public."""
    lists = Publication.objects.filter(call=application.call_id, stage=stage)
    return any(
        row["application"] == application.pk
        for rows in lists.exclude(state=Publication.State.DRAFT).values_list("rows", flat=True)
        for row in rows
    )


def held(call: Call, stage: str = Stage.SELECTION) -> set[int]:
    """Applications under an objection to a list of this stage that is not yet handled.

    An objection that names no project holds the whole list it was raised against.
    """
    found: set[int] = set()
    doubts = Objection.objects.filter(
        publication__call=call, publication__stage=stage, state__in=Objection.OPEN
    ).select_related("publication")
    for doubt in doubts:
        if doubt.application_id:
            found.add(doubt.application_id)
        else:
            found |= {row["application"] for row in doubt.publication.rows}
    return found
