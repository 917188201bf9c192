"""The award: staged under its own caps, applied together by two people, announced, undone."""

import pytest
from django.db import IntegrityError, connection, transaction

from calls.models import Winner
from core.errors import Refusal
from documents.models import Document
from honours.models import Certificate, Project
from honours.services import awarding
from notifications.models import Message
from outcomes import services as outcomes
from outcomes.models import Award, Decision, Publication, Slot, SlotGroup
from tests.honours import helpers
from tests.world import AT

pytestmark = pytest.mark.django_db


def raw_award(application, chooser, slot=None, tier="winner"):
    """An award written by hand, past every service."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outcomes_award (application_id, outcome, tier, state, reason, exception,"
            " standing, proposed_by_id, proposed_at, direction_slot_id)"
            " VALUES (%s, 'win', %s, 'pending', '', '', '{}', %s, %s, %s)",
            [application.pk, tier, chooser.pk, AT, slot.pk if slot else None],
        )


def refused(act, *args, **more) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return caught.value


def test_three_are_awarded_in_a_direction_and_the_fourth_is_refused_with_the_clause():
    made = helpers.finalists(4)
    helpers.select(made, 0, 1, 2)
    fourth = refused(helpers.select, made, 3)
    assert fourth.code == "cap-reached"
    assert "三（三）" in fourth.rule
    assert Award.objects.count() == 3


def test_four_at_once_are_refused_and_nothing_is_staged():
    made = helpers.finalists(4)
    refused(helpers.select, made, 0, 1, 2, 3)
    assert not Award.objects.exists()


def test_raw_sql_cannot_make_a_fourth_winner_nor_borrow_a_slot_of_the_selection():
    made = helpers.finalists(4)
    helpers.select(made, 0, 1, 2)
    fourth = made.applications[3]
    group = SlotGroup.objects.get(direction=fourth.direction, tier="winner")
    assert group.stage == "award"
    free_of_selection = Slot.objects.filter(
        group__direction=fourth.direction, group__tier="finalist", held_as_direction_slot=None
    ).first()
    elsewhere = (
        Slot.objects.filter(group__tier="winner").exclude(group=group).order_by("pk").first()
    )
    assert free_of_selection and elsewhere
    for slot in (None, *group.slots.all(), free_of_selection, elsewhere):
        with pytest.raises(IntegrityError), transaction.atomic():
            raw_award(fourth, made.operator, slot)
    with pytest.raises(IntegrityError), transaction.atomic():  # in the selection's own tier
        raw_award(fourth, made.operator, free_of_selection, tier="finalist")
    assert Award.objects.count() == 3


def test_raw_sql_can_write_an_award_that_has_its_free_slot():
    """The negative control: the trigger refuses the fourth, not everything."""
    made = helpers.finalists(1)
    slot = Slot.objects.filter(
        group__tier="winner", group__direction=made.applications[0].direction
    ).first()
    raw_award(made.applications[0], made.operator, slot)
    assert Award.objects.count() == 1


def test_a_selection_cannot_hold_a_slot_of_the_award_by_raw_sql():
    helpers.finalists(2)
    slot = Slot.objects.filter(group__tier="winner").first()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outcomes_decision SET tier = 'winner', direction_slot_id = %s WHERE id = %s",
            [slot.pk, Decision.objects.first().pk],
        )


def test_over_a_soft_cap_needs_a_reason_and_a_second_person_who_stages_it():
    made = helpers.finalists(4)
    helpers.select(made, 0, 1, 2)
    fourth = made.applications[3]
    more = {"tier": "winner", "actor": made.boss, "at": AT}
    assert refused(awarding.request_more, fourth, reason="太少 了", **more).code == "no-result"
    request = awarding.request_more(fourth, reason="第三、第四名结果相同，专家组一致建议", **more)
    alone = refused(awarding.decide_request, request, approve=True, actor=made.boss, at=AT)
    assert alone.code == "two-people"
    awarding.decide_request(request, approve=True, actor=made.other, at=AT)
    award = Award.objects.get(application=fourth)
    assert award.direction_slot.granted_for == fourth
    assert award.proposed_by == made.chief
    assert Award.objects.count() == 4


@pytest.mark.parametrize(
    ("state", "words"), [("terminated", "任务已终止"), ("failed", "未通过验收")]
)
def test_a_task_that_ended_otherwise_wins_nothing_whatever_the_reason(state, words):
    made = helpers.finalists(2)
    helpers.end(made, 0, state)
    found = refused(helpers.select, made, 0)
    assert found.code == "barred" and words in found.message
    assert not Award.objects.exists()


def test_without_a_test_result_an_award_needs_a_reason_that_stays_with_it():
    made = helpers.finalists(1)
    found = refused(helpers.select, made, 0, exception="短")
    assert found.code == "no-result" and "测评" in found.message
    award = helpers.select(made, 0)[0]
    assert award.exception == helpers.WHY
    assert award.standing["missing"]


def test_everything_staged_takes_effect_together_by_a_second_person():
    made = helpers.finalists(3)
    helpers.select(made, 0, 1)
    assert refused(helpers.apply, made).code == "undecided"
    helpers.pass_over(made, [2])
    assert refused(helpers.apply, made, actor=made.op).code == "approver-only"
    assert refused(helpers.apply, made, vacancies=False).code == "vacant"
    assert refused(helpers.apply, made, shown="0" * 64).code == "changed"
    done = helpers.apply(made)
    assert (done.won, done.none) == (2, 1)
    assert set(Award.objects.values_list("state", flat=True)) == {"applied"}
    assert not Winner.objects.exists(), "nothing is registered before it is announced"


def test_whoever_staged_does_not_apply():
    made = helpers.finalists(1)
    awarding.select(
        made.call, made.ids(0), tier="winner", exception=helpers.WHY, actor=made.boss, at=AT
    )
    assert refused(helpers.apply, made).code == "two-people"


def test_nobody_awarded_is_a_legal_outcome():
    made = helpers.finalists(2)
    helpers.pass_over(made, [0, 1])
    assert helpers.apply(made).won == 0


def test_one_still_at_work_may_wait_for_a_later_award():
    made = helpers.finalists(2)
    helpers.done(made, 1, state="under_way")
    helpers.select(made, 0)
    assert helpers.apply(made).won == 1
    helpers.done(made, 1)
    helpers.select(made, 1)
    assert helpers.apply(made).won == 1


def test_the_announcement_registers_winners_makes_certificates_and_tells_the_units():
    made = helpers.won(3, 2)
    publication = Publication.objects.get(stage="award")
    assert [row["tier"] for row in publication.rows] == ["揭榜优胜单位"] * 2
    assert publication.document.kind == "notice"
    found = Winner.objects.in_force().order_by("pk")
    assert [one.project for one in found] == made.ids(0, 1)
    assert found[0].round_title == made.call.title
    certificates = Certificate.objects.order_by("number")
    assert [one.application for one in certificates] == made.applications[:2]
    assert [one.number[-4:] for one in certificates] == ["0001", "0002"]
    assert all(one.document.kind == "certificate" for one in certificates)
    assert Project.objects.get(application=made.applications[0]).award_title == "揭榜优胜单位"
    assert Project.objects.get(application=made.applications[2]).award_title == ""
    from notifications.models import Message

    assert Message.objects.filter(kind="awarded").count() == 2


@pytest.mark.parametrize("broken", ["winners", "certificates", "library"])
def test_when_what_follows_fails_half_way_nothing_is_announced(monkeypatch, broken):
    made = helpers.finalists(2)
    helpers.select(made, 0)
    helpers.pass_over(made, [1])
    helpers.apply(made)
    where = {
        "winners": "honours.services.winners.audit.record",
        "certificates": "honours.services.certificates.documents.next_number",
        "library": "honours.services.library.Project.objects.filter",
    }[broken]

    def fails(*args, **kwargs):
        if broken == "winners" and kwargs.get("action") != "honours.enter_winners":
            return
        raise RuntimeError("half way")

    monkeypatch.setattr(where, fails)
    with pytest.raises(RuntimeError):
        helpers.announce(made)
    monkeypatch.undo()
    assert not Winner.objects.exists()
    assert not Certificate.objects.exists()
    assert Publication.objects.get(stage="award").state == "draft"
    assert Award.objects.get(outcome="win").announcement is None


def test_taking_the_list_down_undoes_what_followed_and_keeps_the_history():
    made = helpers.won(2, 1)
    publication = Publication.objects.get(stage="award")
    outcomes.withdraw(publication, reason="名单有误，另行公布", actor=made.boss, at=AT)
    assert not Winner.objects.in_force().exists()
    assert "名单有误" in Winner.objects.get().withdrawn_reason
    certificate = Certificate.objects.get()
    assert certificate.state == "revoked"
    assert (
        certificate.document.voided_at or Document.objects.get(pk=certificate.document_id).voided_at
    )
    assert Project.objects.get(application=made.applications[0]).award_title == ""
    again = helpers.announce(made)
    assert len(again.rows) == 1
    assert Winner.objects.in_force().count() == 1
    assert Certificate.objects.get(state="valid").number.endswith("0002")


def test_the_list_of_finalists_stays_while_winners_among_them_stand():
    made = helpers.won(2, 1)
    finalists = Publication.objects.get(stage="selection")
    found = refused(
        outcomes.withdraw, finalists, reason="名单有误，另行公布", actor=made.boss, at=AT
    )
    assert found.code == "awarded"


def test_an_award_is_taken_back_only_off_its_list_and_by_another_approver():
    made = helpers.won(2, 1)
    award = Award.objects.get(outcome="win")
    why = {"reason": "核查发现材料不实", "at": AT}
    assert refused(awarding.revoke, award, actor=made.other, **why).code == "announced"
    outcomes.withdraw(
        Publication.objects.get(stage="award"), reason="核查后重新公布", actor=made.boss, at=AT
    )
    assert refused(awarding.revoke, award, actor=made.boss, **why).code == "two-people"
    awarding.revoke(award, actor=made.other, **why)
    award.refresh_from_db()
    assert award.state == "revoked" and award.direction_slot is None
    assert refused(helpers.announce, made).code == "nothing-to-publish"


def test_an_upheld_objection_to_the_award_takes_it_back_by_two_people_and_leaves_the_selection():
    made = helpers.publicised()
    shown = helpers.announce(made, kind="publicity", working_days=5)
    raised = outcomes.raise_objection(
        shown,
        kind="person",
        name="异议示例",
        contact="000-11112222",
        text="该项目的实测数据与公开资料不符。",
        row=1,
        at=AT,
    )
    assert raised.application == made.applications[0]
    outcomes.handle(raised, finding="复测数据与报告不一致", actor=made.boss, at=AT)
    answer = {"upheld": True, "answer": "核查属实，取消优胜结果", "at": AT}
    assert refused(outcomes.close, raised, actor=made.boss, **answer).code == "two-people"
    assert Award.objects.filter(state="applied").count() == 2
    outcomes.close(raised, actor=made.other, **answer)
    taken = Award.objects.get(application=made.applications[0])
    assert taken.state == "revoked" and taken.direction_slot is None
    assert made.status(0) == "finalist", "the selection stands, only the award is gone"
    assert Decision.objects.get(application=made.applications[0]).state == "applied"
    assert Message.objects.filter(kind="award_revoked").count() == 1
    helpers.later(made, shown)
    outcomes.end_publicity(shown, actor=made.op, at=AT)
    final = helpers.announce(made)
    assert [row["title"] for row in final.rows] == ["示例项目2"]
    assert [one.title for one in Winner.objects.in_force()] == ["示例项目2"]
    assert [one.application for one in Certificate.objects.all()] == [made.applications[1]]
    assert Project.objects.get(application=made.applications[0]).award_title == ""


def test_an_open_objection_to_the_award_holds_that_winner_and_a_refused_one_frees_it():
    made = helpers.publicised()
    shown = helpers.announce(made, kind="publicity", working_days=5)
    raised = outcomes.raise_objection(
        shown, kind="person", name="异议示例", contact="000-1", text="数据存疑。", row=2, at=AT
    )
    helpers.later(made, shown)
    outcomes.end_publicity(shown, actor=made.op, at=AT)
    first = helpers.announce(made)
    assert [row["title"] for row in first.rows] == ["示例项目1"]
    assert Winner.objects.in_force().count() == 1
    outcomes.handle(raised, finding="复测数据与报告一致", actor=made.op, at=AT)
    outcomes.close(raised, upheld=False, answer="经核查数据属实", actor=made.boss, at=AT)
    assert [row["title"] for row in helpers.announce(made).rows] == ["示例项目2"]
    assert Winner.objects.in_force().count() == 2


def test_an_award_without_publicity_in_the_file_has_no_such_list():
    made = helpers.finalists(1)
    helpers.select(made, 0)
    helpers.apply(made)
    assert refused(helpers.announce, made, kind="publicity", working_days=5).code == "no-such-step"


def test_only_the_office_awards_and_only_who_is_announced():
    made = helpers.finalists(1)
    from tests import world

    stranger = world.actor(made.applications[0].created_by)
    found = refused(
        awarding.select,
        made.call,
        made.ids(0),
        tier="winner",
        exception=helpers.WHY,
        actor=stranger,
        at=AT,
    )
    assert found.code == "not-yours"
    outcomes.withdraw(
        Publication.objects.get(), reason="名单有误，另行公布", actor=made.boss, at=AT
    )
    assert refused(helpers.select, made, 0).code == "not-announced"
