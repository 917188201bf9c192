"""The way of one test: commissioned, measured, approved, sealed, released, disputed, retested."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from testing import queries, services
from testing.models import Commission, Result, SealedReport
from testing.services import disputing, reporting, sealing
from testing.services.measuring import Typed
from tests import kept, world
from tests.testing import scene
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(scene.build)


def refused(code: str):
    return pytest.raises(Refusal, match="") if not code else _Refused(code)


class _Refused:
    """``with refused("code")``: the block is refused with this code."""

    def __init__(self, code):
        self.code = code

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        assert isinstance(error, Refusal), f"not refused: {error!r}"
        assert error.code == self.code, (error.code, str(error))
        return True


# Commissioning ---------------------------------------------------------------------------------


def test_who_proposes_does_not_approve(played):
    made = scene.propose(played)
    both = played.actor("chief")
    Commission.objects.filter(pk=made.pk).update(proposed_by=both.user_id)
    with refused("two-people"):
        services.approve([made], actor=both, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Commission.objects.filter(pk=made.pk).update(
            state="offered", approved_by=both.user_id, approved_at=AT
        )


def test_a_task_that_is_not_reported_done_is_not_commissioned(played):
    task = played.task(1)
    type(task).objects.filter(pk=task.pk).update(state="under_way", ready_on=None)
    with refused("not-eligible"):
        scene.propose(played, 1)


def test_a_task_has_one_live_commission_whatever_the_code_does(played):
    made = scene.propose(played)
    with refused("commissioned"):
        scene.propose(played, 0, 1)
    twin = Commission(
        task=made.task,
        agency=played.agencies[1],
        due=made.due,
        proposed_by=made.proposed_by,
        proposed_at=AT,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_the_unit_and_the_agency_are_told_when_it_is_approved(played):
    commission = scene.offered(played)
    mails = Message.objects.filter(key__contains=f":{commission.pk}:")
    subjects = {one.subject for one in mails}
    assert f"测评委托：{commission.task.title}"[:150] in subjects
    assert any(one.startswith("测评安排") for one in subjects)


def test_an_agency_that_refuses_says_why_and_leaves_room_for_another(played):
    commission = scene.offered(played)
    with refused("reason-short"):
        services.refuse(commission, reason="忙", actor=played.tester(), at=AT)
    done = services.refuse(commission, reason="近期没有测评能力", actor=played.tester(), at=AT)
    assert done.state == "refused"
    assert scene.propose(played, 0, 1).state == "proposed"


def test_another_agency_cannot_answer(played):
    commission = scene.offered(played)
    with refused("not-yours"):
        services.accept(commission, actor=played.tester(1), at=AT)


def test_replaced_mid_way_the_result_is_closed_and_another_agency_proposed(played):
    result = scene.filled(played, scene.accepted(played))
    made = services.replace(
        scene.again(result.commission),
        agency=played.agencies[1],
        due=scene.due(played),
        reason="仪器故障，无法按期完成",
        actor=played.actor("office"),
        at=AT,
    )
    old = Result.objects.get(pk=result.pk)
    assert (old.state, old.commission.state) == ("closed", "withdrawn")
    assert made.agency == played.agencies[1] and made.replaces_id == old.commission_id
    with refused("not-open"):
        services.save(old, Typed(), version=old.version, actor=played.tester(), at=AT)


# Measuring -------------------------------------------------------------------------------------


def test_a_draft_saves_with_anything_missing_and_computes_what_is_there(played):
    result = scene.accepted(played)
    row = next(r for r in result.rows.select_related("target") if r.target.operator)
    typed = Typed(rows={row.pk: {"measured": scene.value_for(row, "over")}})
    saved, problems = services.save(result, typed, version=0, actor=played.tester(), at=AT)
    row.refresh_from_db()
    assert (saved.version, problems) == (1, [])
    assert row.standing in ("over", "met") and row.conclusion in ("超过", "达到")
    assert saved.tally.open == saved.tally.total - 1


def test_a_stale_page_is_refused_and_changes_nothing(played):
    result = scene.filled(played, scene.accepted(played))
    before = list(result.rows.values())
    row = result.rows.first()
    with refused("stale"):
        services.save(
            result,
            Typed(rows={row.pk: {"measured": "1"}}),
            version=0,
            actor=played.tester(0, second=True),
            at=AT,
        )
    assert list(result.rows.values()) == before


def test_a_conclusion_cannot_be_typed(played):
    result = scene.filled(played, scene.accepted(played), how="under")
    row = next(r for r in result.rows.select_related("target") if r.standing == "under")
    typed = Typed(rows={row.pk: {"standing": "over", "value": "999", "measured": row.measured}})
    services.save(result, typed, version=result.version, actor=played.tester(), at=AT)
    row.refresh_from_db()
    assert row.standing == "under" and row.value != "999"


def test_a_figure_in_words_is_kept_and_judged_not_at_all(played):
    result = scene.accepted(played)
    row = next(r for r in result.rows.select_related("target") if r.target.kind == "number")
    typed = Typed(rows={row.pk: {"measured": "约 95"}})
    _, problems = services.save(result, typed, version=0, actor=played.tester(), at=AT)
    row.refresh_from_db()
    assert [(one.row, one.name) for one in problems] == [(row.pk, "measured")]
    assert (row.measured, row.standing) == ("约 95", "open")


def test_what_was_not_tested_needs_a_reason_and_never_counts_as_reached(played):
    result = scene.filled(played, scene.accepted(played))
    row = result.rows.order_by("order").first()
    gone = {"measured": "", "untested": "样品不支持该接口"}
    saved, _ = services.save(
        result,
        Typed(rows={row.pk: gone}),
        version=result.version,
        actor=played.tester(),
        at=AT,
    )
    assert saved.tally.untested == 1 and saved.tally.overall != "all"


def test_an_incomplete_result_is_not_submitted(played):
    result = scene.accepted(played)
    with refused("incomplete"):
        reporting.submit(result, version=0, actor=played.tester(), at=AT)


def test_who_wrote_it_does_not_approve_it_where_there_are_two(played):
    result = scene.filled(played, scene.accepted(played))
    result = reporting.submit(result, version=result.version, actor=played.tester(), at=AT)
    with refused("two-people"):
        reporting.approve(result, version=result.version, actor=played.tester(), at=AT)
    done = reporting.approve(
        result, version=result.version, actor=played.tester(0, second=True), at=AT
    )
    assert (done.state, done.alone) == ("approved", False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.filter(pk=done.pk).update(approved_by=done.submitted_by_id)


def test_an_agency_of_one_person_approves_alone_and_it_is_said(played):
    from accounts import services as accounts

    other = played.season.cast.people["tester0b"].memberships.get()
    accounts.end_membership(other, actor=played.actor("office"), at=AT - timedelta(minutes=1))
    result = scene.filled(played, scene.accepted(played))
    result = reporting.submit(result, version=result.version, actor=played.tester(), at=AT)
    done = reporting.approve(result, version=result.version, actor=played.tester(), at=AT)
    assert (done.state, done.alone) == ("approved", True)


def test_a_target_changed_with_approval_is_shown_with_the_first_one(played):
    result = scene.accepted(played)
    row = next(r for r in result.rows.select_related("target") if r.target.operator == "ge")
    first = row.target.target
    type(row.target).objects.filter(pk=row.target_id).update(target="1")
    result = scene.approved(played, result)
    printed = next(one for one in result.snapshot["rows"] if one["name"] == row.target.name)
    assert printed["target"] == "≥ 1"
    assert printed["first_target"] == row.target.first_target == first


# The paper -------------------------------------------------------------------------------------


def upload(*codes):
    from documents import scanfiles

    return [scanfiles.Uploaded(b"%PDF-x", "a.pdf", "application/pdf", list(codes))]


def ready(result, pages=2):
    from documents import services as documents
    from documents.models import Document
    from tests.applications.filling import pdf

    blob = documents.store(pdf(1, mark="r"), media_type="application/pdf", at=AT)
    Document.objects.filter(pk=result.report_id).update(
        state="ready", pdf=blob, file_sha256=blob.sha256, pages=pages, ready_at=AT
    )
    return scene.result_again(result)


def test_a_sealed_paper_whose_pages_all_match_seals_the_result(played):
    result = scene.approved(played, scene.accepted(played))
    found = scene.scan(played, result)
    assert found.state == "matched"
    assert scene.result_again(result).state == "sealed"


def test_stale_foreign_and_missing_pages_are_refused_with_the_difference(played):
    result = scene.approved(played, scene.accepted(played))
    old = result.report.code
    reporting.send_back(result, reason="单位写错", actor=played.tester(), at=AT)
    result = ready(scene.approved(played, scene.result_again(result)))
    new, send = result.report.code, sealing.receive
    assert new != old
    for pages, words in (
        ([(old, 1), (new, 2)], "旧版本"),
        ([("23456789AB", 1), (new, 2)], "不是本文件"),
        ([(new, 1)], "未找到"),
        ([(new, 1), (None, None)], "二维码无法识别"),
    ):
        found = send(result, upload(*pages), actor=played.tester(), at=AT)
        assert found.state == "refused" and words in found.reading["title"], found.reading
    assert scene.result_again(result).state == "approved"
    assert SealedReport.objects.filter(result=result).count() == 4


def test_the_report_is_drawn_with_a_code_on_each_page_and_read_back(played):
    from documents import scanfiles

    result = scene.approved(played, scene.accepted(played))
    data = scene.paper(result)
    read = scanfiles.read_upload(data, "盖章报告.pdf")
    result = scene.result_again(result)
    assert {code for code, _ in read.codes} == {result.report.code}
    found = sealing.receive(result, [read], actor=played.tester(), at=AT)
    assert found.state == "matched", found.reading["title"]


# Released, disputed, retested ------------------------------------------------------------------


def test_release_needs_the_approver_and_ends_the_commission(played):
    result = scene.sealed(played, scene.accepted(played))
    with refused("approver-only"):
        services.release([result], actor=played.actor("office"), at=AT)
    (done,) = services.release([result], actor=played.actor("chief"), at=AT)
    assert (done.state, done.commission.state) == ("released", "done")


def test_a_dispute_is_raised_once_and_in_time(played):
    result = scene.released(played)
    until = queries.dispute_until(result)
    late = AT + (until - played.now)
    person = world.actor(scene.unit_person(played))
    more = {"keys": [result.rows.first().target.key], "reason": "固件不是申报的版本，结果偏低"}
    with refused("too-late"):
        services.raise_dispute(result, **more, actor=person, at=late)
    services.raise_dispute(result, **more, actor=person, at=late - timedelta(microseconds=1))
    with refused("disputed"):
        services.raise_dispute(result, **more, actor=person, at=AT)


def test_a_rival_cannot_dispute(played):
    result = scene.released(played)
    with refused("not-yours"):
        services.raise_dispute(
            result,
            keys=["x"],
            reason="x" * 20,
            actor=world.actor(scene.unit_person(played, 1)),
            at=AT,
        )


def test_upheld_by_two_people_the_result_stays(played):
    dispute = scene.disputed(played, scene.released(played))
    chief = played.actor("chief")
    disputing.propose(
        dispute, ruling="uphold", finding="经核查，测试固件即申报版本", actor=chief, at=AT
    )
    with refused("two-people"):
        disputing.approve(dispute, actor=chief, at=AT)
    type(dispute).objects.filter(pk=dispute.pk).update(proposed_by=played.actor("office").user_id)
    done = disputing.approve(dispute, actor=chief, at=AT)
    assert done.state == "upheld"
    assert not queries._unsettled([dispute.result.commission.task_id])


def test_a_retest_of_named_indicators_replaces_those_alone_and_the_old_result_stays(played):
    first = scene.released(played, how="under")
    task = first.commission.task_id
    before = {row.target.key: row.standing for row in queries.in_force([task])[task]}
    dispute = scene.disputed(played, first)
    disputing.propose(
        dispute,
        ruling="retest",
        finding="同意另行复测有异议的指标",
        agency=played.agencies[1],
        due=scene.due(played),
        actor=played.actor("office"),
        at=AT,
    )
    done = disputing.approve(dispute, actor=played.actor("chief"), at=AT)
    retest = done.retest
    assert (done.state, retest.state, retest.keys) == ("retest", "offered", dispute.keys)
    assert queries._unsettled([task]) == {task}
    services.accept(retest, actor=played.tester(1), at=AT)
    second = scene.sampled(played, retest, 0, 1)
    assert [row.target.key for row in second.rows.select_related("target")] == dispute.keys
    services.release(
        [scene.sealed(played, second, 1, how="met")], actor=played.actor("chief"), at=AT
    )
    after = {row.target.key: row.standing for row in queries.in_force([task])[task]}
    changed = {key for key in before if before[key] != after[key]}
    assert changed <= set(dispute.keys)
    assert Result.objects.get(pk=first.pk).state == "released"
    assert not queries._unsettled([task])


# Ranking ---------------------------------------------------------------------------------------


def test_the_ranking_computes_completion_and_says_what_is_missing(played):
    from decimal import Decimal

    scene.released(played, 0)
    scene.released(played, 1, how="under")
    call = played.season.call
    for n in (0, 1):
        for one in queries.criteria(call):
            if one.key != "completion":
                services.score(
                    played.task(n),
                    criterion=one.key,
                    figure=Decimal(8),
                    source="experts",
                    reason="专家组一致意见",
                    actor=played.actor("office"),
                    at=AT,
                )
    lines = queries.ranking(call, None)
    assert [line.rank for line in lines] == [1, 2, None]
    assert lines[0].total > lines[1].total and lines[1].gap == lines[0].total - lines[1].total
    assert lines[0].completion == 100 and "指标完成度" in lines[2].missing


def test_completion_is_never_scored_by_hand(played):
    from decimal import Decimal

    with refused("computed"):
        services.score(
            played.task(),
            criterion="completion",
            figure=Decimal(10),
            source="office",
            reason="看起来都完成了",
            actor=played.actor("office"),
            at=AT,
        )


def test_every_act_is_in_the_trail(played):
    scene.released(played)
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {
        "testing.propose",
        "testing.approve",
        "testing.accept",
        "testing.declare_sample",
        "testing.receive_sample",
        "testing.save",
        "testing.submit_result",
        "testing.approve_result",
        "testing.receive_report",
        "testing.seal_result",
        "testing.release_result",
        "testing.finish",
    } <= actions
