"""What follows a meeting: the decision board, the timeline, the promises of the data."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications import timeline
from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from outcomes import board
from outcomes import services as outcomes
from panels import queries
from panels.models import Attendance, Item, PanelResult, Rescore, Ruling, Vote
from portal import invariants
from reviews.models import Conflict, Result
from tests.panels import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def _held(**more):
    """A meeting that put the last one first."""
    made = scene.build(start=True, experts=3, wanted=3, members=3, **more)
    made.call_up(0)
    last = Result.objects.order_by("rank").last()
    for n in range(3):
        made.rescore(n, 0, 10)
    made.open_vote(0)
    for n in range(3):
        made.vote(n, 0)
    made.conclude(0)
    assert last is not None
    return made


def test_the_decision_board_ranks_by_the_meeting_and_shows_the_round_beside_it():
    made = _held()
    application = made.scene.applications[0]
    before = Result.objects.get(application=application)
    key = f"d{application.direction_id}"
    call = made.scene.cast.call
    waiting = {one.application.pk: one for one in board.lines(call, key)}
    assert "会议评审未结束" in waiting[application.pk].missing
    assert waiting[application.pk].score == before.score
    made.close()
    (first, *rest) = board.lines(call, key)
    assert first.application == application and first.rank == 1
    assert first.score == Decimal("100.00") and first.panel.opinion == "推荐"
    assert first.before == (before.score, before.rank)
    assert all(line.missing == () for line in (first, *rest))
    assert Result.objects.get(application=application).score == before.score


def test_nothing_is_decided_on_what_a_meeting_still_discusses():
    made = _held()
    call, one = made.scene.cast.call, made.scene.applications[0]
    chief = made.office
    for act in (
        lambda: outcomes.select(call, [one.public_id], tier="finalist", actor=chief, at=AT),
        lambda: outcomes.decline(call, [one.public_id], actor=chief, at=AT),
    ):
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.code == "panel-open"
    made.close()
    outcomes.select(call, [one.public_id], tier="finalist", actor=chief, at=AT)


def test_a_round_closed_later_takes_the_place_of_the_meeting():
    made = _held()
    made.close()
    call = made.scene.cast.call
    assert len(queries.results_of(call)) == 3
    made.scene.round.__class__.objects.filter(pk=made.scene.round.pk).update(
        closed_at=AT + timedelta(days=1)
    )
    assert queries.results_of(call) == {}


def test_the_timeline_of_the_applicant_goes_on_once_the_meeting_is_over():
    made = _held()
    call = made.scene.cast.call
    rules = {**call.rules, "steps": _with_panel(call.rules["steps"])}
    Call.objects.filter(pk=call.pk).update(rules=rules)
    one = Application.objects.get(pk=made.scene.applications[0].pk)
    title = one.call.programme.step_title(Step.PANEL)

    def state() -> str:
        fresh = Application.objects.get(pk=one.pk)
        return next(
            row["state"]
            for row in timeline.steps(fresh, Status(fresh.status))
            if row["label"] == title
        )

    assert state() == ""
    made.close()
    assert state() == "done"
    flagged = board.lines(Call.objects.get(pk=call.pk), f"d{one.direction_id}")
    assert ["未经会议评审" in line.flags for line in flagged] == [False, False, False]


def _with_panel(steps: list[str]) -> list[str]:
    at = steps.index("review") + 1
    return [*steps[:at], "panel", *steps[at:]]


# The promises of the data ----------------------------------------------------------------------


def _bar_before_the_vote(made) -> None:
    vote = Vote.objects.select_related("attendance__member").first()
    Conflict.objects.create(
        expert=vote.attendance.member.expert,
        application=made.scene.applications[0],
        kind="office",
        state="pinned",
        reason="事先知道",
        at=AT - timedelta(days=1),
    )


def _send_a_voter_out(made) -> None:
    voter = Vote.objects.first().attendance_id
    Attendance.objects.filter(pk=voter).update(presence="away")


TAMPERING = [
    (_bar_before_the_vote, "R7"),
    (_send_a_voter_out, "R7"),
    (lambda made: Ruling.objects.update(voted=1), "R3"),
    (lambda made: Ruling.objects.update(tally={"m1": 9}), "R3"),
    (lambda made: Item.objects.filter(state="concluded").update(ballots={"1": {"m1": 2}}), "R3"),
    (lambda made: Ruling.objects.all().delete(), "R5"),
    (lambda made: Item.objects.filter(state="concluded").update(state="current"), "R5"),
    (lambda made: PanelResult.objects.filter(rank=1).update(score=Decimal("1.00")), "R13"),
    (lambda made: Rescore.objects.update(item=made.item(1)), "R7"),
]


@pytest.mark.parametrize(("tamper", "rule"), TAMPERING)
def test_what_is_tampered_with_is_found(tamper, rule):
    made = _held()
    made.close()

    def found() -> set[str]:
        return {one.rule for one in invariants.run() if one.subject.startswith("panels.")}

    assert found() == set()
    tamper(made)
    assert rule in found()
