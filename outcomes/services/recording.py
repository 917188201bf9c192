"""Records of steps: typed here (考察), or written by the machinery that covers them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from applications.models import Application
from applications.workflow import FINAL, Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from outcomes import queries, rules
from outcomes.models import Decision, StepRecord
from outcomes.services import ground

TYPED = (StepRecord.Result.PASS, StepRecord.Result.FAIL, StepRecord.Result.NOTED)
"""What the office can type in."""


@transaction.atomic
def record(
    call: Call,
    public_ids: Sequence[str],
    *,
    step: str,
    result: str,
    note: str = "",
    by_machinery: bool = False,
    actor: Actor,
    at: datetime,
) -> list[StepRecord]:
    """Record what came of a step for these applications. The latest record is in force.

    A step before the decision is recorded while the application waits for it, a later one once
    it was selected, each only when the recorded steps before it passed. A failing record takes
    a staged selection back. Where visits are held in the system, a finding typed in beside them
    says why. ``by_machinery``: it follows from the signatures or the meeting that are kept
    elsewhere; such a step is never typed. Raises ``Refusal`` ``no-such-step``,
    ``kept-elsewhere``, ``step-order``, ``not-waiting``, ``reason-short`` (422).
    """
    ground.must_be_office(actor)
    call = ground.lock(call)
    steps = rules.recorded(call.steps)
    if step not in steps:
        raise Refusal("no-such-step", "本批次没有这一步，或这一步不在这里登记。", status=422)
    if not by_machinery and step not in rules.typed(call.programme):
        raise Refusal(
            "kept-elsewhere",
            f"“{call.programme.step_title(step)}”由会签、签署或验收办理产生，不在这里登记。",
            status=422,
        )
    if result not in TYPED:
        raise Refusal("no-result", "请选择结论。", status=422)
    if result == StepRecord.Result.FAIL:
        note = rules.reason_of(note, shortest=5, what="不通过的情况")
    elif step == Step.SITE_VISIT and call.programme.site_visit is not None:
        what = f"不经系统内{call.programme.step_title(step)}、直接登记的理由"
        note = rules.reason_of(note, shortest=5, what=what)
    applications = _here(call, public_ids, Step(step))
    _in_order(call, applications, Step(step))
    records = [
        StepRecord.objects.create(
            application=one,
            step=step,
            result=result,
            note=note.strip()[:1000],
            at=call.time(at),
            by_id=actor.person,
        )
        for one in applications
    ]
    for one in records:
        audit.record(
            actor=actor,
            action="outcomes.record",
            subject=one.application,
            at=at,
            step=step,
            result=result,
            note=one.note,
        )
    if result == StepRecord.Result.FAIL:
        _take_back(applications, actor=actor, at=at)
    return records


@transaction.atomic
def from_visit(
    application: Application,
    *,
    result: str,
    note: str,
    visit: str,
    actor: Actor,
    at: datetime,
) -> StepRecord | None:
    """The signed result of a visit is the record of its step, while the application waits.

    ``actor`` is the member who signed last. None, and nothing written, when the application no
    longer waits for the decision.
    """
    call = ground.lock(application.call)
    status = Application.objects.values_list("status", flat=True).get(pk=application.pk)
    if Step.SITE_VISIT not in rules.recorded(call.steps) or status in FINAL:
        return None
    made = StepRecord.objects.create(
        application=application,
        step=Step.SITE_VISIT,
        result=result,
        note=note.strip()[:1000],
        visit=visit,
        at=call.time(at),
        by_id=actor.person,
    )
    audit.record(
        actor=actor,
        action="outcomes.record",
        subject=application,
        at=at,
        step=Step.SITE_VISIT,
        result=result,
        visit=visit,
    )
    if made.is_in_the_way:
        _take_back([application], actor=actor, at=at)
    return made


def _here(call: Call, public_ids: Sequence[str], step: Step) -> list[Application]:
    if step in rules.before_decision(call.steps):
        return ground.waiting(call, public_ids)
    asked = list(dict.fromkeys(public_ids))
    if not asked:
        raise Refusal("nothing-chosen", "请先选择申报项目。", status=422)
    found = list(
        Application.objects.select_for_update(of=("self",))
        .filter(call=call, public_id__in=asked, status=Status.FINALIST)
        .order_by("pk")
    )
    if len(found) != len(asked):
        raise Refusal(
            "not-waiting",
            f"“{call.programme.step_title(step)}”只对已入选的项目登记，请刷新页面后重新选择。",
        )
    return found


def _in_order(call: Call, applications: Sequence[Application], step: Step) -> None:
    steps = rules.recorded(call.steps)
    earlier = steps[: steps.index(step)]
    records = queries.latest_records(applications)
    for application in applications:
        for before in earlier:
            found = records.get((application.pk, before))
            if found is None or found.is_in_the_way:
                raise Refusal(
                    "step-order",
                    f"《{application.title}》须先通过“{call.programme.step_title(before)}”，"
                    f"才能登记“{call.programme.step_title(step)}”。",
                    rule=call.programme.notice,
                )


def _take_back(applications: Sequence[Application], *, actor: Actor, at: datetime) -> None:
    staged = Decision.objects.filter(
        application__in=[one.pk for one in applications],
        state=Decision.State.PENDING,
        outcome=Decision.Outcome.SELECT,
    ).select_related("application")
    for decision in staged:
        audit.record(
            actor=actor,
            action="outcomes.unstage",
            subject=decision.application,
            at=at,
            outcome=decision.outcome,
            tier=decision.tier,
        )
        decision.delete()
