"""Declaring, scoring, replacing and closing, through the services."""

from datetime import timedelta
from decimal import Decimal

import pytest

from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from reviews import queries, services
from reviews.models import Conflict, Result, Review
from reviews.services.marking import Unfit
from tests.reviews import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def refused(code: str, act, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    assert caught.value.code == code
    return caught.value


def test_nothing_can_be_scored_before_the_declaration():
    s = scene.deployed(scene.build(filed=1, experts=3, wanted=3))
    refused("undeclared", scene.submit, s.task(0, 0), 8)


def test_a_declaration_covers_every_task_or_none():
    s = scene.deployed(scene.build(filed=2, experts=3, wanted=3))
    first, second = (s.task(0, 0), s.task(0, 1))
    error = refused(
        "incomplete",
        services.declare_conflicts,
        s.round,
        s.experts[0],
        clear=[first.pk],
        conflicted={},
        actor=s.actor(0),
        at=AT,
    )
    assert error.status == 422
    refused(
        "reason-missing",
        services.declare_conflicts,
        s.round,
        s.experts[0],
        clear=[first.pk],
        conflicted={second.pk: "  "},
        actor=s.actor(0),
        at=AT,
    )
    first.refresh_from_db()
    assert first.declared_at is None
    left = services.declare_conflicts(
        s.round,
        s.experts[0],
        clear=[first.pk],
        conflicted={second.pk: "曾为其顾问"},
        actor=s.actor(0),
        at=AT,
    )
    second.refresh_from_db()
    assert left == 1
    assert (second.state, second.reason) == ("recused", "曾为其顾问")
    assert Conflict.objects.get().kind == "declared"


def test_what_an_expert_declares_the_office_cannot_dismiss():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    services.recuse(s.task(0, 0), reason="曾为其顾问", actor=s.actor(0), at=AT)
    refused(
        "declared",
        services.judge_conflict,
        Conflict.objects.get(),
        state="dismissed",
        actor=s.office,
        at=AT,
    )


def test_two_pages_of_one_score_do_not_overwrite_each_other():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    key = s.form.criteria[0].key
    save = {"comments": {}, "overall": "", "actor": s.actor(0), "at": AT}
    first = services.save_score(task, scores={key: 7}, version=0, **save)
    assert first.version == 1
    error = refused("stale", services.save_score, task, scores={key: 3}, version=0, **save)
    assert error.status == 409
    assert Review.objects.get().scores == {key: 7}


def test_an_incomplete_score_is_refused_with_every_problem():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    with pytest.raises(Unfit) as caught:
        services.submit_score(
            task,
            scores={s.form.criteria[0].key: 10},
            comments={},
            overall="",
            version=0,
            actor=s.actor(0),
            at=AT,
        )
    assert len(caught.value.problems) == len(s.form.criteria)
    assert Review.objects.count() == 0


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_score_at_the_deadline_is_refused_and_just_before_accepted(seconds):
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    act = {
        "scores": scene.scores(s.form, 8),
        "comments": {},
        "overall": "",
        "version": 0,
        "actor": s.actor(0),
    }
    late = s.round.closes_at + timedelta(seconds=seconds)
    refused("too-late", services.submit_score, task, at=late, **act)
    services.submit_score(task, at=s.round.closes_at - timedelta(microseconds=1), **act)
    assert Review.objects.get().state == "submitted"


def test_a_submitted_score_changes_only_after_reopening_with_a_reason():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    review = scene.submit(task, 8)
    refused("submitted", scene.submit, task, 9, version=1)
    refused("reason-missing", services.reopen, review, reason=" ", actor=s.office, at=AT)
    services.reopen(review, reason="误将满分打成八分", actor=s.office, at=AT)
    scene.submit(task, 9, version=1)
    review.refresh_from_db()
    assert (review.state, review.total) == ("submitted", Decimal("90.00"))
    entry = Entry.objects.get(action="reviews.reopen")
    assert entry.data["before"]["total"] == "80.00"
    assert Message.objects.filter(kind="reopened").count() == 1


def test_an_expert_is_replaced_midway_and_the_newcomer_declares_first():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=4, wanted=3)))
    held = s.round.assignments.first()
    spare = next(one for one in s.experts if not one.assignments.exists())
    fresh = services.replace(held, by=spare, reason="因病不能参加", actor=s.office, at=AT)
    held.refresh_from_db()
    assert (held.state, fresh.state, fresh.declared_at) == ("replaced", "deployed", None)
    refused("recused", scene.submit, held, 8)
    refused("undeclared", scene.submit, fresh, 8)


def test_a_submitted_score_is_not_replaced_away():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=4, wanted=3)))
    held = s.round.assignments.first()
    scene.submit(held, 8)
    spare = next(one for one in s.experts if not one.assignments.exists())
    refused("submitted", services.replace, held, by=spare, reason="试试", actor=s.office, at=AT)


def test_closing_ranks_each_direction_and_missing_scores_need_a_reason():
    s = scene.declared(scene.deployed(scene.build(filed=3, experts=3, wanted=3)))
    for number, figure in ((0, 7), (1, 9), (2, 8)):
        for expert in range(3):
            if (number, expert) != (2, 2):
                scene.submit(s.task(expert, number), figure)
    error = refused("unfinished", services.close_round, s.round, actor=s.office, at=AT)
    assert "还有 1 份" in error.message
    services.close_round(s.round, actor=s.office, at=AT, note="专家三因病缺席")
    rows = queries.ranking(s.cast.call)
    assert [(row.application.pk, row.rank) for row in rows] == [
        (s.applications[1].pk, 1),
        (s.applications[0].pk, 2),
        (s.applications[2].pk, None),
    ]
    assert rows[0].score == Decimal("90.00")
    assert rows[0].interval == (1, 1)
    assert "too_few" in rows[2].flags
    assert not queries.round_open(s.cast.call)
    assert queries.ranking(s.cast.call, s.applications[0].direction) == rows
    other = s.cast.call.directions.exclude(pk=s.applications[0].direction_id).first()
    assert queries.ranking(s.cast.call, other) == []


def test_a_recused_score_does_not_count():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=4, wanted=4)))
    for expert in range(4):
        scene.submit(s.task(expert, 0), 6 if expert else 10)
    services.set_conflict(
        round=s.round,
        expert=s.experts[0],
        application=s.applications[0],
        reason="亲属关系",
        actor=s.office,
        at=AT,
    )
    services.close_round(s.round, actor=s.office, at=AT)
    assert Result.objects.get().score == Decimal("60.00")
    assert Result.objects.get().reviews_count == 3


def test_after_closing_nothing_is_written():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    services.close_round(s.round, actor=s.office, at=AT, note="演练")
    refused("round-closed", scene.submit, task, 8)
    refused("round-closed", services.recuse, task, reason="晚了", actor=s.actor(0), at=AT)
    refused("wrong-state", services.close_round, s.round, actor=s.office, at=AT)
    refused("wrong-state", services.propose_assignment, s.round, actor=s.office, at=AT)
