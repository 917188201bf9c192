"""A meeting from its plan to its close: order, room, conflicts, scores, votes, results."""

from datetime import timedelta
from decimal import Decimal

import pytest

from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from panels import queries, services
from panels.models import Attendance, Item, Meeting, PanelResult, Rescore, Ruling, Vote
from portal import invariants
from reviews.models import Conflict, Result, Review
from tests.panels import scene
from tests.panels.scene import WHY
from tests.world import AT

pytestmark = pytest.mark.django_db


def refused(code):
    return pytest.raises(Refusal, match="") if code is None else _Refused(code)


class _Refused:
    def __init__(self, code):
        self.code = code

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        assert isinstance(error, Refusal), f"not refused, or broken: {error!r}"
        assert error.code == self.code, error.code
        return True


# Planning --------------------------------------------------------------------------------------


def test_a_meeting_belongs_to_a_closed_round_and_takes_its_applications_best_first():
    made = scene.build(members=0)
    ranks = dict(Result.objects.values_list("application_id", "rank"))
    order = [ranks[one.entry.application_id] for one in queries.agenda(made.meeting)]
    assert order == sorted(ranks.values()) and len(order) == 3
    with refused("nothing-to-discuss"):
        services.create(
            made.scene.round,
            title="又一次",
            place="别处",
            starts_at=AT,
            actor=made.office,
            at=AT,
        )


def test_an_open_round_has_no_meeting():
    from tests.reviews import scene as reviewing

    made = reviewing.deployed(reviewing.build())
    with refused("round-open"):
        services.create(
            made.round, title="早了", place="某处", starts_at=AT, actor=made.office, at=AT
        )
    assert Meeting.objects.count() == 0


def test_inviting_sends_each_member_one_letter_that_names_no_application():
    made = scene.build(members=3)
    letters = Message.objects.filter(kind="invited")
    assert letters.count() == 3
    for one in letters:
        assert "示例会议室" in one.body and "示例项目" not in one.body
    services.invite(made.meeting, made.scene.experts[:3], actor=made.office, at=AT)
    assert Message.objects.filter(kind="invited").count() == 3


def test_a_new_time_is_told_to_the_members_and_the_same_is_not():
    made = scene.build(members=2)
    same = {
        "title": "新名称",
        "place": made.meeting.place,
        "starts_at": made.meeting.starts_at,
        "motions": ["推荐", "不推荐"],
        "secret": False,
        "rule": "half",
        "quorum": 2,
        "actor": made.office,
        "at": AT,
    }
    services.edit(made.meeting, **same)
    assert Message.objects.filter(kind="invited").count() == 2
    services.edit(made.meeting, **{**same, "starts_at": AT + timedelta(days=2)})
    assert Message.objects.filter(kind="invited").count() == 4


def test_a_cancelled_meeting_frees_its_applications_and_tells_its_members():
    made = scene.build(members=2)
    services.cancel(made.meeting, reason="改期另行通知", actor=made.office, at=AT)
    assert made.again().state == "cancelled" and Item.objects.count() == 0
    assert Message.objects.filter(kind="cancelled").count() == 2
    again = services.create(
        made.scene.round, title="改期", place="某处", starts_at=AT, actor=made.office, at=AT
    )
    assert again.items.count() == 3


def test_the_order_is_set_by_hand_and_what_was_taken_up_keeps_its_place():
    made = scene.build(start=True)
    items = list(queries.agenda(made.meeting))
    services.call_up(items[0], actor=made.office, at=AT)
    services.conclude(items[0], actor=made.office, at=AT)
    services.place_item(items[2], position=1, actor=made.office, at=AT)
    assert [one.pk for one in queries.agenda(made.meeting)] == [
        items[0].pk,
        items[2].pk,
        items[1].pk,
    ]
    with refused("taken-up"):
        services.place_item(items[0], position=3, actor=made.office, at=AT)
    with refused("bad-position"):
        services.place_item(items[1], position=9, actor=made.office, at=AT)


def test_a_meeting_starts_with_a_chair_and_enough_members_only():
    made = scene.build(members=0)
    with refused("no-chair"):
        made.start()
    (one,) = services.invite(made.meeting, made.scene.experts[:1], actor=made.office, at=AT)
    services.name_chair(one, actor=made.office, at=AT)
    with refused("too-few-members"):
        made.start()


# The room --------------------------------------------------------------------------------------


def test_calling_up_an_item_writes_down_who_is_in_and_who_is_out_and_why():
    made = scene.build(start=True, enter=False)
    made.enter(0, 1, 2)
    made.bar(1, 0)
    services.mark(made.member(2), away=True, reason="接电话", actor=made.office, at=AT)
    item = made.call_up(0)
    said = dict(Attendance.objects.filter(item=item).values_list("member__expert", "presence"))
    assert [said[one.pk] for one in made.scene.experts[:4]] == ["in", "barred", "away", "absent"]
    assert Attendance.objects.get(presence="barred").reason == "组织方指定"
    assert Attendance.objects.get(presence="away").reason == "接电话"


def test_one_item_is_current_at_a_time_and_a_wrong_call_is_undone():
    made = scene.build(start=True)
    item = made.call_up(0)
    with refused("another-current"):
        made.call_up(1)
    services.put_back(item, actor=made.office, at=AT)
    assert made.item(0).state == "waiting" and Attendance.objects.count() == 0
    made.call_up(1)
    made.rescore(*_reviewer(made, 1), figure=9)
    with refused("has-records"):
        services.put_back(made.item(1), actor=made.office, at=AT)


def _reviewer(made, application: int) -> tuple[int, int]:
    """Some member who reviewed the application."""
    from reviews.models import Assignment

    experts = set(
        Assignment.objects.filter(
            application=made.scene.applications[application], state="deployed"
        ).values_list("expert_id", flat=True)
    )
    held = [n for n, one in enumerate(made.scene.experts[: len(made.members)]) if one.pk in experts]
    return held[0], application


def test_a_late_declaration_ends_the_vote_and_the_score_of_the_member():
    made = scene.build(start=True, secret=True)
    made.call_up(0)
    one, _ = _reviewer(made, 0)
    made.rescore(one, 0, 9)
    made.open_vote(0)
    for expert in range(4):
        made.vote(expert, 0)
    services.declare_late(
        made.member(one), made.item(0), reason="刚发现有合作关系", actor=made.actor(one), at=AT
    )
    item = made.item(0)
    assert item.sitting == 2 and queries.votes_of(item).count() == 0
    assert queries.tally(item) == {"m1": 0, "m2": 0, "m3": 0}
    assert Rescore.objects.get().replaced_at == AT
    assert queries.present(item) == 3
    with refused("out"):
        made.vote(one, 0)
    with refused("out"):
        made.rescore(one, 0, 5)
    assert Conflict.objects.get(kind="declared").reason == "刚发现有合作关系"


def test_votes_of_a_member_barred_meanwhile_are_not_used():
    made = scene.build(start=True)
    made.call_up(0)
    made.open_vote(0)
    made.vote(0, 0)
    made.bar(0, 0)
    with refused("voter-barred"):
        made.conclude(0)
    services.revote(made.item(0), reason="有成员须回避", actor=made.office, at=AT)
    for expert in (1, 2, 3):
        made.vote(expert, 0)
    ruling = made.conclude(0)
    assert (ruling.present, ruling.voted, ruling.sitting) == (3, 3, 2)
    assert Attendance.objects.get(item=made.item(0), sitting=2, presence="barred").member == (
        made.member(0)
    )


def test_who_comes_late_is_let_into_the_current_item():
    made = scene.build(start=True, enter=False)
    made.enter(0, 1)
    made.call_up(0)
    assert queries.present(made.item(0)) == 2
    made.enter(2)
    assert queries.present(made.item(0)) == 3


# Scores ----------------------------------------------------------------------------------------


def test_a_new_score_stands_beside_the_review_and_needs_a_reason():
    made = scene.build(start=True)
    made.call_up(0)
    one, _ = _reviewer(made, 0)
    review = Review.objects.get(
        assignment__expert=made.scene.experts[one],
        assignment__application=made.scene.applications[0],
    )
    before = review.total
    with refused("reason-short"):
        made.rescore(one, 0, 9, reason="很好")
    with refused("unfit"):
        services.rescore(
            made.member(one),
            made.item(0),
            scores={},
            reason=WHY,
            actor=made.actor(one),
            at=AT,
        )
    made.rescore(one, 0, 9)
    made.rescore(one, 0, 10)
    review.refresh_from_db()
    kept = list(Rescore.objects.order_by("pk").values_list("before", "total", "replaced_at"))
    assert review.total == before
    assert kept == [(before, Decimal("90.00"), AT), (Decimal("90.00"), Decimal("100.00"), None)]
    with refused("unchanged"):
        made.rescore(one, 0, 10)


def test_who_did_not_review_the_application_votes_and_scores_nothing():
    made = scene.build(start=True, experts=5, wanted=2, members=5, figures=(6, 7))
    made.call_up(0)
    done, _ = _reviewer(made, 0)
    from reviews.models import Assignment

    reviewed = set(
        Assignment.objects.filter(application=made.scene.applications[0]).values_list(
            "expert_id", flat=True
        )
    )
    other = next(n for n, one in enumerate(made.scene.experts) if one.pk not in reviewed)
    with refused("no-review"):
        made.rescore(other, 0, 9)
    made.open_vote(0)
    made.vote(other, 0)
    assert Vote.objects.count() == 1 and done != other


# Votes -----------------------------------------------------------------------------------------


def test_a_secret_vote_keeps_the_choice_nowhere_beside_the_name():
    made = scene.build(start=True, secret=True)
    made.call_up(0)
    made.open_vote(0)
    made.vote(0, 0, "m2")
    held = Vote.objects.get()
    assert held.choice == "" and made.item(0).ballots == {"1": {"m2": 1}}
    entry = Entry.objects.get(action="panels.vote")
    assert "m2" not in str(entry.data) and "motion" not in entry.data


def test_an_open_vote_keeps_who_voted_what():
    made = scene.build(start=True, secret=False)
    made.call_up(0)
    made.open_vote(0)
    made.vote(0, 0, "m2")
    assert Vote.objects.get().choice == "m2" and made.item(0).ballots == {}
    assert queries.tally(made.item(0)) == {"m1": 0, "m2": 1, "m3": 0}


def test_nobody_votes_twice_nor_before_the_vote_is_open_nor_for_what_is_not_asked():
    made = scene.build(start=True)
    made.call_up(0)
    with refused("vote-shut"):
        made.vote(0, 0)
    made.open_vote(0)
    with refused("no-motion"):
        made.vote(0, 0, "m9")
    made.vote(0, 0)
    with refused("voted"):
        made.vote(0, 0, "m2")
    assert Vote.objects.count() == 1 and made.item(0).ballots == {"1": {"m1": 1}}


def test_a_vote_needs_the_quorum_of_those_in_the_room():
    made = scene.build(start=True, quorum=4)
    made.bar(1, 0)
    made.call_up(0)
    with refused("no-quorum"):
        made.open_vote(0)
    assert made.item(0).vote_opened_at is None


def test_equal_votes_are_decided_by_the_chair_with_a_reason():
    made = scene.build(start=True)
    made.call_up(0)
    made.open_vote(0)
    for expert, motion in enumerate(("m1", "m1", "m2", "m2")):
        made.vote(expert, 0, motion)
    with refused("tie"):
        made.conclude(0)
    with refused("not-leading"):
        made.conclude(0, motion="m3", reason=WHY)
    with refused("reason-short"):
        made.conclude(0, motion="m2", reason="好")
    ruling = made.conclude(0, motion="m2", reason=WHY)
    assert (ruling.how, ruling.motion, ruling.reason) == ("chair", "m2", WHY)


def test_the_chair_decides_nothing_where_votes_are_not_equal():
    made = scene.build(start=True)
    made.call_up(0)
    made.open_vote(0)
    made.vote(0, 0)
    with refused("no-tie"):
        made.conclude(0, motion="m2", reason=WHY)
    assert made.conclude(0).motion == "m1"


def test_an_item_taken_up_again_keeps_its_first_ruling_and_votes_anew():
    made = scene.build(start=True)
    made.discuss(0, {0: "m1", 1: "m1", 2: "m1"})
    with refused("reason-short"):
        services.reopen(made.item(0), reason="再议", actor=made.office, at=AT)
    services.reopen(
        made.item(0), reason="补充材料与原记录不一致，须再审议", actor=made.office, at=AT
    )
    made.open_vote(0)
    for expert in (0, 1, 2):
        made.vote(expert, 0, "m2")
    made.conclude(0)
    first, second = Ruling.objects.order_by("sitting")
    assert (first.motion, second.motion) == ("m1", "m2") and "不一致" in first.reopen_reason
    assert queries.rulings([made.item(0)])[made.item(0).pk] == second


def test_notes_that_somebody_else_wrote_meanwhile_are_not_written_over():
    made = scene.build(start=True)
    item = made.call_up(0)
    services.write_notes(item, "第一稿", version=0, actor=made.office, at=AT)
    with refused("stale"):
        services.write_notes(item, "第二稿", version=0, actor=made.actor(0), at=AT)
    assert made.item(0).notes == "第一稿"


# The end ---------------------------------------------------------------------------------------


def test_closing_gives_each_application_a_result_and_leaves_the_rounds_own_alone():
    made = scene.build(start=True)
    before = list(Result.objects.order_by("pk").values())
    made.call_up(0)
    one, _ = _reviewer(made, 0)
    made.rescore(one, 0, 10)
    made.open_vote(0)
    for expert in range(4):
        made.vote(expert, 0)
    made.conclude(0)
    with refused("not-discussed"):
        made.close(note="")
    made.close()
    assert list(Result.objects.order_by("pk").values()) == before
    found = {one.application_id: one for one in PanelResult.objects.select_related("application")}
    first = found[made.scene.applications[0].pk]
    assert first.opinion == "推荐" and first.changed == 1 and first.discussed
    assert first.score > first.before_score
    second = found[made.scene.applications[1].pk]
    assert not second.discussed and second.how == "未审议" and second.score == second.before_score
    assert sorted(one.rank for one in found.values()) in ([1, 2, 3], [1, 1, 3], [1, 2, 2])
    assert [one for one in invariants.run() if one.subject.startswith("panels.")] == []


def test_scores_of_experts_who_are_barred_by_now_do_not_count_after_the_meeting():
    made = scene.build(start=True)
    one, _ = _reviewer(made, 0)
    made.bar(one, 0)
    made.discuss(0, {n: "m1" for n in range(4) if n != one})
    made.close()
    result = PanelResult.objects.get(application=made.scene.applications[0])
    assert result.reviews_count == 2 and "too_few" in result.flags
    assert str(made.scene.experts[one].pk) not in result.counted


def test_a_meeting_does_not_end_while_an_item_is_discussed():
    made = scene.build(start=True)
    made.call_up(0)
    with refused("item-open"):
        made.close()


def test_the_minutes_name_nobody_and_the_signature_sheet_names_everybody():
    from documents import services as documents

    made = scene.build(start=True)
    made.bar(1, 0)
    made.call_up(0)
    services.write_notes(
        made.item(0), "指标先进，建议补充数据。", version=0, actor=made.office, at=AT
    )
    one = next(
        n for n in (0, 2, 3) if queries.review_of(made.member(n), made.item(0).entry.application_id)
    )
    made.rescore(one, 0, 9)
    made.open_vote(0)
    for expert in (0, 2, 3):
        made.vote(expert, 0)
    made.conclude(0)
    made.close()
    (minutes,) = documents.of(made.meeting, "panel_minutes")
    (sheet,) = documents.of(made.meeting, "panel_signatures")
    said = str(minutes.snapshot)
    for expert in made.scene.experts:
        assert expert.name not in said and expert.employer_name not in said
    row = next(one for one in minutes.snapshot["rows"] if one["votes"])
    assert row["votes"] == ["推荐 3", "不推荐 0", "缓议 0"] and row["present"] == 3
    assert row["out"] and "回避：组织方指定" in row["out"][0]
    assert "90.00" in row["changes"][0] and row["notes"].startswith("指标先进")
    assert [one["name"] for one in sheet.snapshot["rows"]] == [
        one.name for one in made.scene.experts[:4]
    ]
    assert minutes.snapshot["number"].endswith("-HY-0001")


def test_a_signature_sheet_made_before_is_void_once_the_members_change():
    from documents import services as documents

    made = scene.build(members=2)
    first = services.make_signatures(made.meeting, actor=made.office, at=AT)
    assert services.make_signatures(made.meeting, actor=made.office, at=AT) == first
    services.invite(made.meeting, made.scene.experts[2:3], actor=made.office, at=AT)
    second = services.make_signatures(made.meeting, actor=made.office, at=AT)
    first.refresh_from_db()
    assert first.voided_at and first.replaced_by == second
    assert second.snapshot["version"] == 2 and second.number == first.number
    assert documents.of(made.meeting, "panel_signatures").filter(voided_at=None).count() == 1


def test_the_signed_paper_is_kept_byte_for_byte_and_a_later_one_replaces_it():
    from documents import services as documents
    from tests.applications.filling import pdf

    made = scene.build(start=True)
    with refused("wrong-state"):
        services.file_scan(
            made.again(), kind="minutes", data=pdf(1), name="纪要.pdf", actor=made.office, at=AT
        )
    made.close()
    first, second = pdf(1, mark="a"), pdf(2, mark="b")
    for data in (first, second):
        services.file_scan(
            made.again(), kind="minutes", data=data, name="纪要.pdf", actor=made.office, at=AT
        )
    held = list(made.again().scans.order_by("pk"))
    assert [documents.read(one.blob) for one in held] == [first, second]
    assert [one.replaced_at is None for one in held] == [False, True]
