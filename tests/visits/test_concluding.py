"""After the site: conclusion, signatures, the result and what it does, the applicant's remark."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application
from documents import services as documents
from notifications.models import Message
from outcomes import services as outcomes
from outcomes.models import Decision, StepRecord
from reviews.services import elsewhere
from tests import kept, season
from tests.outcomes import helpers
from tests.visits import scene
from tests.visits.scene import actor, refused, save
from tests.world import AT
from visits import queries, services
from visits.models import Signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(scene.build)


def test_the_lead_concludes_once_everybody_handed_in_and_all_sign(made, visit):
    lead, other = made.seats(visit)
    services.declare(lead, actor=actor(lead), at=AT)
    said = refused("findings-missing", made.concluded, visit)
    assert other.name in said.message
    made.found(visit)
    refused(
        "not-the-lead",
        services.conclude,
        other,
        result="pass",
        opinion="同意通过，情况良好",
        actor=actor(other),
        at=AT,
    )
    report = made.concluded(visit)
    act = {"actor": actor(lead), "at": AT}
    assert refused("changed", services.sign, lead, shown="0" * 64, **act).status == 409
    assert services.sign(lead, shown=report.fingerprint, **act) is False
    refused("signed-before", services.sign, lead, shown=report.fingerprint, **act)
    refused("concluded", save, other, 1, overall="改主意")
    assert services.sign(other, shown=report.fingerprint, actor=actor(other), at=AT) is True
    visit.refresh_from_db()
    report.refresh_from_db()
    assert visit.state == "done" and report.document.number.endswith("-XC-0001")
    assert report.document.snapshot["content_fingerprint"] == report.fingerprint


def test_a_conclusion_taken_back_voids_the_signatures_on_it(made, visit):
    made.found(visit)
    first = made.concluded(visit)
    lead, other = made.seats(visit)
    services.sign(other, shown=first.fingerprint, actor=actor(other), at=AT)
    services.reopen(lead, reason="漏写一处情况", actor=actor(lead), at=AT)
    second = made.concluded(visit, result="fail")
    assert second.number == 2 and second.fingerprint != first.fingerprint
    refused("changed", services.sign, other, shown=first.fingerprint, actor=actor(other), at=AT)
    assert Signature.objects.filter(report=second).count() == 0


def test_a_member_barred_before_the_conclusion_does_not_count(made, visit):
    made.found(visit)
    elsewhere.bar(made.experts[1], made.application(0), reason="举报属实", actor=made.office, at=AT)
    report = made.concluded(visit)
    assert [one["name"] for one in report.snapshot["team"]] == [made.experts[0].name]
    lead = made.seats(visit)[0]
    assert services.sign(lead, shown=report.fingerprint, actor=actor(lead), at=AT) is True


def test_a_conflict_after_the_conclusion_stops_the_signing_until_it_is_taken_back(made, visit):
    made.found(visit)
    report = made.concluded(visit)
    _, other = made.seats(visit)
    elsewhere.bar(made.experts[0], made.application(0), reason="举报属实", actor=made.office, at=AT)
    act = {"shown": report.fingerprint, "at": AT}
    refused("member-barred", services.sign, other, actor=actor(other), **act)
    services.make_lead(other, actor=made.office, at=AT)
    other.refresh_from_db()
    services.reopen(other, reason="原组长须回避", actor=actor(other), at=AT)
    second = made.concluded(visit)
    assert [one["name"] for one in second.snapshot["team"]] == [other.name]
    made.signed(visit)
    assert StepRecord.objects.get().result == "pass"


def test_a_member_who_declares_after_the_conclusion_takes_it_back(made, visit):
    made.found(visit)
    made.concluded(visit)
    lead, other = made.seats(visit)
    services.recuse(other, reason="想起曾为其顾问", actor=actor(other), at=AT)
    visit.refresh_from_db()
    assert visit.state == "confirmed" and queries.report_in_force(visit) is None
    assert [one.pk for one in made.seats(visit)] == [lead.pk]


def test_the_signed_result_is_the_record_of_the_step(made):
    visit = made.done()
    record = StepRecord.objects.get()
    assert (record.step, record.result, record.visit) == ("site_visit", "pass", visit.public_id)
    assert "测试记录" in record.note


def test_a_recheck_stands_in_the_way_until_a_second_visit_passes(made):
    day = (AT + timedelta(days=60)).date()
    visit = made.done(result="recheck", due=day)
    record = StepRecord.objects.get()
    assert record.result == "recheck" and record.is_in_the_way
    with pytest.raises(IntegrityError), transaction.atomic():
        StepRecord.objects.filter(pk=record.pk).update(visit="")
    starts = visit.starts_at + timedelta(days=7)
    (second,) = made.plan(0, starts=starts)
    assert second.follows == visit
    second = made.at_the_site(second)
    made.found(second)
    made.concluded(second)
    made.signed(second)
    latest = StepRecord.objects.latest("pk")
    assert latest.result == "pass" and latest.visit == second.public_id


def test_a_failing_visit_takes_a_staged_selection_back(made):
    visit = made.at_the_site(made.plan(0)[0])
    made.found(visit)
    Application.objects.filter(call=made.call, status="accepted").update(status="in_review")
    ranked = SimpleNamespace(
        call=made.call,
        office=made.season.cast.office,
        applications=[made.application(n) for n in range(3)],
    )
    helpers.rank(ranked)
    ids, act = [made.application(0).public_id], {"actor": made.office, "at": AT}
    outcomes.record(
        made.call, ids, step="site_visit", result="pass", note="地方已考察，在案", **act
    )
    outcomes.select(made.call, ids, tier="finalist", **act)
    assert Decision.objects.get().state == "pending"
    made.concluded(visit, result="fail")
    made.signed(visit)
    assert not Decision.objects.exists()


def test_a_finding_typed_in_beside_the_visits_needs_a_reason(made):
    Application.objects.filter(call=made.call, status="accepted").update(status="in_review")
    act = {"step": "site_visit", "result": "pass", "actor": made.office, "at": AT}
    ids = [made.application(0).public_id]
    refused("reason-short", outcomes.record, made.call, ids, **act)
    assert not StepRecord.objects.exists()
    outcomes.record(made.call, ids, note="此前已由地方考察，材料在案", **act)
    assert StepRecord.objects.get().visit == ""


def test_a_recheck_cannot_be_typed_in(made):
    Application.objects.filter(call=made.call, status="accepted").update(status="in_review")
    refused(
        "no-result",
        outcomes.record,
        made.call,
        [made.application(0).public_id],
        step="site_visit",
        result="recheck",
        note="整改后再看一次",
        actor=made.office,
        at=AT,
    )


def test_the_applicant_is_told_only_the_conclusion_and_adds_one_remark(made):
    visit = made.at_the_site(made.plan(0)[0])
    services.add_remark(visit, text="数据下月补齐", actor=made.admin, at=AT)
    refused("remarked", services.add_remark, visit, text="再说一句", actor=made.admin, at=AT)
    made.found(visit)
    report = made.concluded(visit)
    assert report.snapshot["remark"] == "数据下月补齐"
    refused("not-done", services.release, visit, actor=made.office, at=AT)
    visit = made.signed(visit)
    services.release(visit, actor=made.office, at=AT)
    refused("released", services.release, visit, actor=made.office, at=AT)
    assert "通过" in Message.objects.get(kind="released").body


def test_the_signed_scan_must_be_the_report_page_by_page(made):
    visit = made.done()
    report = queries.report_in_force(visit)
    act = {"actor": made.office, "at": AT}
    refused("not-ready", services.keep_scan, visit, data=b"%PDF", name="签字.pdf", **act)
    season.render(report.document)
    report.document.refresh_from_db()
    from tests.applications.filling import pdf

    refused("mismatch", services.keep_scan, visit, data=pdf(7), name="别的.pdf", **act)
    kept_ = services.keep_scan(
        visit, data=documents.read(report.document.pdf), name="签字.pdf", **act
    )
    assert kept_.scan is not None and kept_.scan_note == ""
