"""At the site and after: declaration, form, photographs, conclusion, signatures, the result."""

import io
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application
from core.errors import Refusal
from documents import previews
from documents import services as documents
from notifications.models import Message
from outcomes import services as outcomes
from outcomes.models import Decision, StepRecord
from portal import invariants
from reviews.models import Conflict
from reviews.services import elsewhere
from tests import kept, season
from tests.outcomes import helpers
from tests.visits import scene
from tests.visits.scene import GOOD, actor
from tests.world import AT
from visits import queries, services
from visits.form import Typed
from visits.models import Finding, HeldSlot, Photo, Report, Seat, Signature, Visit
from visits.services import filling, photos

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(scene.build)


def refused(code, act, *args, **more):
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    assert caught.value.code == code, caught.value
    return caught.value


@pytest.fixture
def visit(made):
    return made.at_the_site(made.plan()[0])


def save(seat, version=0, **typed):
    return services.save_finding(
        seat, Typed.of(seat.visit.sheet, typed), version=version, actor=actor(seat), at=AT
    )


def add(seat, name="现场.jpg", data=None):
    return photos.add(seat, name=name, data=data or scene.picture(), actor=actor(seat), at=AT)


# The form --------------------------------------------------------------------------------------


def test_nothing_is_written_before_the_declaration_or_before_the_day(made):
    planned = made.plan()[0]
    seat = made.seats(planned)[0]
    refused("undeclared", save, seat)
    services.declare(seat, actor=actor(seat), at=AT)
    refused("too-early", save, seat)
    refused("too-early", add, seat)
    assert not Finding.objects.exists() and not Photo.objects.exists()


def test_a_draft_keeps_anything_and_the_second_page_meets_409(made, visit):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    kept_ = save(seat, **{"item-people": "三十来个", "note-running": "重启一次"})
    assert kept_.version == 1 and kept_.answers == {"people": "三十来个"}
    stale = refused("stale", save, seat, overall="另一页")
    assert stale.status == 409
    assert Finding.objects.get().overall == ""


def test_handing_in_names_every_line_that_is_missing_or_no_figure(made, visit):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    typed = Typed.of(visit.sheet, {**GOOD, "item-match": "", "item-people": "约 30", "overall": ""})
    with pytest.raises(services.Unfit) as caught:
        services.submit_finding(seat, typed, version=0, actor=actor(seat), at=AT)
    assert {one.key for one in caught.value.problems} == {"item-match", "item-people", "overall"}
    assert not Finding.objects.exists()


def test_what_was_seen_is_compared_by_the_system(made, visit):
    row = next(one for one in visit.sheet.stated if one.spec and one.current)
    beside_stated, beside_reference = row.seen_compares(row.current)
    assert beside_stated.standing == "met"
    assert beside_reference.standing in ("met", "over", "under", "none")
    assert row.seen_compares("看不清")[0].standing == "none"


def test_a_late_declaration_ends_access_and_bars_in_the_reviews(made, visit):
    seat = made.seats(visit)[1]
    services.declare(seat, actor=actor(seat), at=AT)
    save(seat, overall="先写一句")
    services.recuse(seat, reason="其负责人是我的学生", actor=actor(seat), at=AT)
    assert refused("recused", save, seat, 1, overall="再写").status == 404
    assert Conflict.objects.get(kind="declared").expert_id == seat.expert_id
    assert Finding.objects.get(seat=seat).overall == "先写一句"


def test_a_conflict_recorded_in_another_place_ends_access_at_once(made, visit):
    seat = made.seats(visit)[1]
    services.declare(seat, actor=actor(seat), at=AT)
    elsewhere.bar(made.experts[1], made.application(0), reason="举报属实", actor=made.office, at=AT)
    assert refused("recused", save, seat, overall="还想写").status == 404
    assert [one.expert_id for one in made.seats(visit)] == [made.experts[0].pk]


# Photographs -----------------------------------------------------------------------------------


def test_a_photograph_is_kept_byte_for_byte_and_shown_without_its_place(made, visit):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    data = scene.picture()
    assert b"Exif" in data
    photo = add(seat, data=data)
    assert documents.read(photo.blob) == data
    shown = previews.page_image(photo.blob, 1, width=320)
    assert shown[:4] == b"RIFF" and b"Exif" not in shown and b"EXIF" not in shown


def test_photographs_are_captioned_ordered_removed_and_put_back(made, visit):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    act = {"actor": actor(seat), "at": AT}
    first, second = add(seat, "一.jpg"), add(seat, "二.png", scene.picture("red", kind="PNG"))
    photos.caption(seat, first, text="测试间　全景", **act)
    photos.shift(seat, second, by=-1, **act)
    assert [one.name for one in visit.photos.filter(removed_at=None)] == ["二.png", "一.jpg"]
    photos.remove(seat, first, **act)
    refused("already-removed", photos.remove, seat, first, **act)
    photos.restore(seat, first, **act)
    first.refresh_from_db()
    assert first.caption == "测试间 全景" and first.removed_at is None


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.jpg", b"", "empty-file"),
        ("图.gif", b"GIF89a", "wrong-type"),
        ("假.jpg", b"%PDF-1.4", "type-mismatch"),
        ("大.jpg", b"\xff\xd8\xff" + b"0" * (photos.MOST_BYTES + 1), "too-large"),
    ],
)
def test_each_wrong_file_has_a_message_of_its_own(made, visit, name, data, code):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    with pytest.raises(Refusal) as caught:
        photos.add(seat, name=name, data=data, actor=actor(seat), at=AT)
    assert caught.value.code == code
    assert not Photo.objects.exists()


def test_the_same_photograph_twice_is_told(made, visit):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    add(seat)
    refused("already-there", add, seat, "另一个名字.jpg")


def test_the_report_prints_the_photographs_drawn_anew_and_small(made, visit):
    from PIL import Image

    from tests.applications.filling import pdf

    made.found(visit)
    seat = made.seats(visit)[0]
    large = scene.picture("maroon", size=(3000, 2000))
    first, second = add(seat, data=large), add(seat, "记录.pdf", pdf(2))
    for photo in (first, second):
        drawn = documents.read(photo.picture)
        image = Image.open(io.BytesIO(drawn))
        assert image.format == "JPEG" and image.width <= photos.PRINTED and len(drawn) < 200_000
        assert not image.getexif() and "示例相机".encode() not in drawn
    report = made.concluded(visit)
    assert [one["picture"] for one in report.snapshot["photos"]] == [
        first.picture_id,
        second.picture_id,
    ]
    for one in made.seats(visit):
        services.sign(one, shown=report.fingerprint, actor=actor(one), at=AT)
    report.refresh_from_db()
    paper = documents.draw(report.document)
    assert documents.draw(report.document) == paper
    assert documents.read(first.picture) in paper and len(paper) < 2_000_000
    assert "示例相机".encode() not in paper


def test_a_file_that_cannot_be_drawn_is_kept_and_named_without_a_picture(made, visit, monkeypatch):
    made.found(visit)
    seat = made.seats(visit)[0]
    monkeypatch.setattr(previews, "still", lambda blob, width: None)
    add(seat)
    report = made.concluded(visit)
    assert Photo.objects.get().picture is None
    assert report.snapshot["photos"][0]["picture"] == ""


def test_where_pictures_are_being_drawn_for_others_nothing_is_kept(made, visit, monkeypatch):
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    monkeypatch.setattr(previews, "PATIENCE", 0)
    monkeypatch.setattr(previews, "_children", threading.BoundedSemaphore(1))
    with previews._children:
        assert refused("preview-busy", add, seat).status == 503
    assert not Photo.objects.exists()


# The conclusion --------------------------------------------------------------------------------


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


# Reminders -------------------------------------------------------------------------------------


def test_before_a_visit_people_are_reminded_once_for_each_date(made):
    (visit,) = made.plan()
    services.remind(at=AT)
    assert not Message.objects.filter(kind__in=["remind", "team_remind"]).exists()
    made.clock(visit.starts_at - timedelta(hours=30))
    assert services.remind(at=AT) == 1
    assert services.remind(at=AT) == 0
    assert Message.objects.filter(kind="remind").count() == 1
    assert Message.objects.filter(kind="team_remind").count() == 2


def test_an_overdue_report_is_asked_for_from_those_whose_part_is_missing(made, visit):
    lead, other = made.seats(visit)
    services.declare(lead, actor=actor(lead), at=AT)
    services.submit_finding(lead, Typed.of(visit.sheet, GOOD), version=0, actor=actor(lead), at=AT)
    made.clock(services.report_due(visit) - timedelta(seconds=1))
    assert services.remind(at=AT) == 0
    made.clock(services.report_due(visit))
    assert services.remind(at=AT) == 1
    assert [one.user for one in Message.objects.filter(kind="overdue")] == [other.user]
    assert services.remind(at=AT + timedelta(days=1)) == 0
    assert services.remind(at=AT + timedelta(days=3)) == 1


def test_nobody_is_reminded_of_what_is_done(made):
    visit = made.done()
    made.clock(services.report_due(visit) + timedelta(days=1))
    assert services.remind(at=AT) == 0


# Half way --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("visits.services.planning.letters", "to_team"),
        ("visits.services.planning.audit", "record"),
        ("visits.services.planning.team", "hold"),
    ],
)
def test_a_plan_that_fails_half_way_leaves_nothing(made, monkeypatch, where, name):
    _breaks(monkeypatch, where, name)
    counted = (Visit.objects.count(), Seat.objects.count(), Message.objects.count())
    with pytest.raises(RuntimeError):
        made.plan(0)
    assert counted == (Visit.objects.count(), Seat.objects.count(), Message.objects.count())


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("visits.services.concluding.audit", "record"),
        ("visits.services.concluding.documents", "request_document"),
        ("outcomes.receivers.recording", "from_visit"),
    ],
)
def test_the_last_signature_that_fails_half_way_leaves_nothing(
    made, visit, monkeypatch, where, name
):
    made.found(visit)
    report = made.concluded(visit)
    lead, other = made.seats(visit)
    services.sign(lead, shown=report.fingerprint, actor=actor(lead), at=AT)
    _breaks(monkeypatch, where, name)
    with pytest.raises(RuntimeError):
        services.sign(other, shown=report.fingerprint, actor=actor(other), at=AT)
    visit.refresh_from_db()
    assert visit.state == "concluded"
    assert Signature.objects.count() == 1 and not StepRecord.objects.exists()


@pytest.mark.parametrize("act", ["conclude", "recuse", "change", "cancel", "photo", "submit"])
def test_each_act_that_cannot_be_audited_leaves_nothing(made, visit, monkeypatch, act):
    made.found(visit)
    lead = made.seats(visit)[0]
    before = _picture()
    for module in ("concluding", "filling", "planning", "photos", "team"):
        _breaks(monkeypatch, f"visits.services.{module}.audit", "record")
    more = {"actor": actor(lead), "at": AT}
    acts = {
        "conclude": lambda: made.concluded(visit),
        "recuse": lambda: services.recuse(lead, reason="其实有合作", **more),
        "change": lambda: services.change(
            visit, starts_at=visit.starts_at + timedelta(days=40),
            ends_at=visit.ends_at + timedelta(days=40), place="他处", prepare="",
            reason="另行安排", rest_days_agreed=True, actor=made.office, at=AT,
        ),
        "cancel": lambda: services.cancel(visit, reason="不再需要", actor=made.office, at=AT),
        "photo": lambda: add(lead),
        "submit": lambda: filling.take_back(lead, **more),
    }  # fmt: skip
    with pytest.raises(RuntimeError):
        acts[act]()
    assert _picture() == before


def _picture():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Visit, Seat, Finding, Photo, Report, Conflict, Message)
    ]


def _breaks(monkeypatch, where, name):
    from importlib import import_module

    module, _, holder = where.rpartition(".")

    def fails(*args, **kwargs):
        raise RuntimeError("half way")

    monkeypatch.setattr(getattr(import_module(module), holder), name, fails)


# Whether the data holds -------------------------------------------------------------------------


def _rules():
    return {
        one.subject.partition(":")[0] for one in invariants.run(leave_out=invariants.READS_FILES)
    }


@pytest.mark.parametrize(
    ("subject", "tamper"),
    [
        ("visits.report", lambda: Report.objects.update(opinion="改过", snapshot={"team": []})),
        (
            "visits.signature",
            lambda: Signature.objects.filter(pk=Signature.objects.first().pk).update(
                fingerprint="0" * 64
            ),
        ),
        ("visits.visit", lambda: Signature.objects.first().delete()),
        ("visits.seat", lambda: HeldSlot.objects.first().delete()),
        ("outcomes.steprecord", lambda: StepRecord.objects.update(visit="nowhere")),
    ],
)
def test_tampering_with_a_finished_visit_is_found(made, subject, tamper):
    made.done()
    assert not {one for one in _rules() if one.startswith(("visits", "outcomes"))}
    tamper()
    assert subject in _rules()


def test_a_member_who_signed_in_conflict_is_found(made):
    made.done()
    elsewhere.bar(
        made.experts[1],
        made.application(0),
        reason="早已知情",
        actor=made.office,
        at=AT - timedelta(hours=1),
    )
    assert "visits.signature" in _rules()
