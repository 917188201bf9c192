"""From making a round to its ranking, through the services."""

from datetime import timedelta

import pytest

from applications.models import Application
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from reviews import queries, services
from reviews.assignment import commitment
from reviews.models import Assignment, Conflict, Review, Round
from tests import world
from tests.reviews import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def refused(code: str, act, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    assert caught.value.code == code
    return caught.value


def test_a_round_takes_in_what_passed_the_check_and_starts_its_review():
    s = scene.build(filed=3)
    assert {one.status for one in s.applications} == {
        Application._meta.get_field("status").choices[6][0]
    }
    entries = list(s.round.entries.all())
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert all(entry.version.number == 1 for entry in entries)
    assert s.round.seed_commitment == commitment("示例种子")
    assert s.round.seed_shown == ""
    rules = s.cast.call.programme.review
    assert [c.title for c in s.round.sheet.criteria] == [c.title for c in rules.criteria]


def test_a_second_round_finds_nothing_while_the_first_runs():
    s = scene.build(filed=2)
    refused("nothing-to-review", scene.new_round, s)
    assert Round.objects.count() == 1


def test_a_call_whose_programme_has_no_review_has_no_rounds():
    spec = world.programme().model_copy(update={"review": None})
    s = scene.Scene(world.build())
    s.cast.call.rules = {**s.cast.call.rules, "review": None}
    s.cast.call.__dict__["programme"] = spec
    refused("no-review", scene.new_round, s)


def test_a_round_needs_a_span():
    s = scene.build(filed=1, made=False)
    error = refused("empty-span", scene.new_round, s, opens_at=AT, closes_at=AT)
    assert error.status == 422


def test_the_proposal_gives_each_application_its_experts_and_audits_the_draw():
    s = scene.build(filed=4, experts=6, wanted=3)
    proposal = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert len(proposal.pairs) == 12
    assert proposal.histogram == {2: 6}
    s.round.refresh_from_db()
    assert s.round.state == "assigning"
    entry = Entry.objects.get(action="reviews.propose")
    assert entry.data["commitment"] == s.round.seed_commitment


def test_a_proposal_again_replaces_the_one_before():
    s = scene.build()
    services.propose_assignment(s.round, actor=s.office, at=AT)
    before = set(s.round.assignments.values_list("application_id", "expert_id"))
    services.propose_assignment(s.round, actor=s.office, at=AT)
    assert set(s.round.assignments.values_list("application_id", "expert_id")) == before


def test_an_expert_of_the_applicant_is_never_proposed():
    s = scene.build(filed=2, experts=3, wanted=3, made=False)
    code = s.applications[0].organisation.code
    s.experts.append(scene.expert(9, actor=s.office, employer_code=code))
    s.round = scene.new_round(s, wanted=4)
    proposal = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert (s.applications[0].pk, s.experts[3].pk) not in proposal.pairs
    assert (s.applications[1].pk, s.experts[3].pk) in proposal.pairs
    assert [one.task for one in proposal.shortfalls] == [s.applications[0].pk]
    conflict = Conflict.objects.get()
    assert "现任职于申报单位" in conflict.reason
    refused(
        "conflict",
        services.add,
        s.round,
        expert=s.experts[3],
        application=s.applications[0],
        actor=s.office,
        at=AT,
    )


def test_a_partner_and_a_contact_in_the_form_are_conflicts():
    s = scene.Scene(world.build())
    answers = {
        "consortium": {
            "joint": True,
            "partners": [{"name": "示例大学", "code": world.uscc(77, region="110000")}],
        },
        "unit": {"contact_name": "钱某例", "contact_phone": "000 4567 8901"},
    }
    filed = scene.filing(s.cast, 1, answers=answers)
    s.cast.call = scene.close_filing(s.cast.call)
    s.applications = [scene.accepted(s.cast, filed)]
    partner = scene.expert(1, actor=s.office, employer_code=world.uscc(77, region="110000"))
    contact = scene.expert(2, actor=s.office, name="钱某例", phone="000-45678901")
    s.round = scene.new_round(s, wanted=1)
    refusal_free = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert refusal_free.pairs == ()
    reasons = {one.expert_id: one.reason for one in Conflict.objects.all()}
    assert "联合体成员单位（示例大学）" in reasons[partner.pk]
    assert "为同一人" in reasons[contact.pk]


def test_a_dismissed_conflict_survives_recomputation_and_a_pinned_one_bars():
    s = scene.build(filed=1, experts=1, wanted=1, made=False)
    code = s.applications[0].organisation.code
    s.experts.append(scene.expert(9, actor=s.office, employer_code=code))
    s.round = scene.new_round(s, wanted=2)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    conflict = Conflict.objects.get()
    services.judge_conflict(conflict, state="dismissed", actor=s.office, at=AT)
    found = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert len(found.pairs) == 2
    services.judge_conflict(conflict, state="pinned", actor=s.office, at=AT)
    found = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert len(found.pairs) == 1


def test_adjusting_keeps_capacity_and_names_it():
    s = scene.build(filed=2, experts=2, wanted=1)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    full, other = s.experts
    services.update_expert(full, values={"capacity": 1}, actor=s.office, at=AT)
    full.refresh_from_db()
    held = s.round.assignments.filter(expert=full).values_list("application_id", flat=True)
    free = next(one for one in s.applications if one.pk not in held)
    refusal = refused(
        "capacity", services.add, s.round, expert=full, application=free, actor=s.office, at=AT
    )
    assert "上限 1 项" in refusal.message
    task = s.round.assignments.get(expert=other)
    services.remove(task, actor=s.office, at=AT)
    assert s.round.assignments.filter(expert=other).count() == 0


def test_sending_out_writes_letters_and_discloses_the_seed():
    s = scene.deployed(scene.build(filed=2, experts=3, wanted=3))
    assert s.round.seed_shown == "示例种子"
    assert set(s.round.assignments.values_list("state", flat=True)) == {"deployed"}
    letters = Message.objects.filter(kind="deployed")
    assert letters.count() == 3
    assert "2 项评审任务" in letters[0].body
    assert not any(one.title in letters[0].body for one in s.applications)


def test_sending_out_is_undone_until_somebody_scores():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    services.undo(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    assert (s.round.state, s.round.seed_shown) == ("assigning", "")
    services.deploy(s.round, actor=s.office, at=AT)
    scene.declared(s)
    services.save_score(
        s.task(0, 0), scores={}, comments={}, overall="", version=0, actor=s.actor(0), at=AT
    )
    refused("scored", services.undo, s.round, actor=s.office, at=AT)


def test_after_an_undo_the_known_seed_draws_no_more_and_the_next_one_was_committed_to():
    s = scene.deployed(scene.build(filed=2, experts=4, wanted=2))
    services.undo(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    promised = s.round.next_commitment
    taken_back = Entry.objects.get(action="reviews.undo").data
    assert taken_back["seed"] == "示例种子" and taken_back["commitment"] == promised
    assert s.round.seed_commitment == commitment("示例种子"), "of the pairs that still stand"
    services.propose_assignment(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    assert s.round.seed_commitment == promised == commitment(s.round.seed)
    assert s.round.seed != "示例种子" and s.round.seed_shown == "" and not s.round.next_commitment
    before = s.round.seed
    services.propose_assignment(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    assert s.round.seed == before, "not known yet: it stays"


def test_when_the_letter_cannot_be_written_nothing_is_sent_out(monkeypatch):
    s = scene.build(filed=2, experts=3, wanted=3)
    services.propose_assignment(s.round, actor=s.office, at=AT)

    def broken(*args, **kwargs):
        raise RuntimeError("no outbox")

    monkeypatch.setattr("reviews.letters.deployed", broken)
    before = Entry.objects.count()
    with pytest.raises(RuntimeError):
        services.deploy(s.round, actor=s.office, at=AT)
    s.round.refresh_from_db()
    assert s.round.state == "assigning"
    assert set(s.round.assignments.values_list("state", flat=True)) == {"proposed"}
    assert Entry.objects.count() == before


def test_when_the_trail_cannot_be_written_the_score_is_not_submitted(monkeypatch):
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    monkeypatch.setattr(
        "audit.services.record", lambda **kwargs: (_ for _ in ()).throw(RuntimeError("no trail"))
    )
    with pytest.raises(RuntimeError):
        scene.submit(s.task(0, 0), 8)
    assert Review.objects.count() == 0


def test_a_province_runs_its_own_round_with_its_own_pool():
    cast = world.build()
    s = scene.Scene(cast)
    s.applications = [scene.filing(cast, number) for number in (1, 2)]
    cast.call = scene.close_filing(cast.call)
    actor = cast.actor("operator")
    s.experts = [
        scene.expert(number, organisation=cast.province, actor=actor) for number in (1, 2, 3)
    ]
    foreign = scene.expert(1, actor=s.office)
    s.round = scene.new_round(s, organisation=cast.province, actor=actor)
    proposal = services.propose_assignment(s.round, actor=actor, at=AT)
    assert len(proposal.pairs) == 6
    assert foreign.pk not in proposal.loads
    services.deploy(s.round, actor=actor, at=AT)
    scene.declared(s)
    for task in Assignment.objects.filter(round=s.round):
        scene.submit(task, 8)
    services.close_round(s.round, actor=actor, at=AT)
    assert {
        one.status for one in Application.objects.filter(pk__in=[a.pk for a in s.applications])
    } == {"submitted"}
    assert queries.ranking(cast.call) == []
    assert queries.results(s.round).count() == 2


def test_nobody_without_an_account_or_unavailable_is_proposed():
    s = scene.build(filed=1, experts=2, wanted=2)
    services.update_expert(s.experts[0], values={"available": False}, actor=s.office, at=AT)
    found = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert {expert for _, expert in found.pairs} == {s.experts[1].pk}
    services.update_expert(s.experts[1], values={"available": False}, actor=s.office, at=AT)
    refused("no-experts", services.propose_assignment, s.round, actor=s.office, at=AT)


def test_somebody_who_left_the_pool_is_not_asked_even_if_marked_available():
    s = scene.build(filed=1, experts=2, wanted=2)
    gone, stays = s.experts
    services.leave(gone, actor=s.office, at=AT)
    services.update_expert(gone, values={"available": True}, actor=s.office, at=AT)
    found = services.propose_assignment(s.round, actor=s.office, at=AT)
    assert {expert for _, expert in found.pairs} == {stays.pk}
    refused(
        "expert-away",
        services.add,
        s.round,
        expert=gone,
        application=s.applications[0],
        actor=s.office,
        at=AT,
    )


def test_what_is_withdrawn_leaves_the_desks_and_takes_no_rank():
    from applications import services as applications

    s = scene.declared(scene.deployed(scene.build(filed=2, experts=3, wanted=3)))
    gone, stays = s.applications
    for expert in range(3):
        scene.submit(s.task(expert, 1), 8)
    task = s.task(0, 0)
    admin = world.actor(gone.organisation.memberships.get().user)
    applications.withdraw(gone, reason="计划变更", actor=admin, at=AT)
    task.refresh_from_db()
    assert (task.state, task.reason) == ("replaced", "申报单位已撤回申报")
    refused("recused", scene.submit, task, 8)
    services.close_round(s.round, actor=s.office, at=AT)
    assert [row.application.pk for row in queries.ranking(s.cast.call)] == [stays.pk]


def test_withdrawing_after_the_ranking_takes_the_row_out():
    from applications import services as applications

    s = scene.deployed(scene.build(filed=2, experts=3, wanted=3))
    services.close_round(s.round, actor=s.office, at=AT, note="演练")
    gone, stays = s.applications
    admin = world.actor(gone.organisation.memberships.get().user)
    applications.withdraw(gone, reason="计划变更", actor=admin, at=AT)
    assert [row.application.pk for row in queries.ranking(s.cast.call)] == [stays.pk]


def test_an_expert_is_added_to_a_round_that_is_out():
    s = scene.deployed(scene.build(filed=1, experts=4, wanted=3))
    spare = next(one for one in s.experts if not one.assignments.exists())
    made = services.add(s.round, expert=spare, application=s.applications[0], actor=s.office, at=AT)
    assert (made.state, made.declared_at) == ("deployed", None)
    assert Message.objects.filter(kind="deployed").count() == 4
    refused(
        "already-assigned",
        services.add,
        s.round,
        expert=spare,
        application=s.applications[0],
        actor=s.office,
        at=AT,
    )


def test_the_end_of_scoring_moves_with_a_reason_and_only_forward_from_now():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    later = s.round.closes_at + timedelta(days=3)
    act = {"actor": s.office, "at": AT}
    refused("bad-until", services.extend_round, s.round, closes_at=AT, reason="补评", **act)
    refused("reason-missing", services.extend_round, s.round, closes_at=later, reason=" ", **act)
    services.extend_round(s.round, closes_at=later, reason="一名专家因病补评", **act)
    task = s.task(0, 0)
    services.submit_score(
        task,
        scores=scene.scores(s.form, 8),
        comments={},
        overall="",
        version=0,
        actor=s.actor(0),
        at=later - timedelta(seconds=1),
    )
    assert Entry.objects.get(action="reviews.extend").data["reason"] == "一名专家因病补评"


def test_an_expert_with_tasks_on_the_desk_does_not_leave():
    s = scene.deployed(scene.build(filed=1, experts=2, wanted=2))
    error = refused("busy", services.leave, s.experts[0], actor=s.office, at=AT)
    assert "还有 1 项" in error.message
    assert s.user(0).memberships.get().valid_until is None


def test_an_assignment_and_its_state_fit_in_the_database():
    from django.db import IntegrityError, transaction

    s = scene.build(filed=1, experts=2, wanted=2)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(round=s.round).update(state="deployed")
    with pytest.raises(IntegrityError), transaction.atomic():
        task = s.round.assignments.first()
        Assignment.objects.create(
            round=s.round, expert=task.expert, application=task.application, proposed_at=AT
        )
