"""At the site: declaration, form, photographs; reminders before and after."""

import io
import threading
from datetime import timedelta

import pytest

from core.errors import Refusal
from documents import previews
from documents import services as documents
from notifications.models import Message
from reviews.models import Conflict
from reviews.services import elsewhere
from tests import kept
from tests.visits import scene
from tests.visits.scene import GOOD, actor, add, refused, save
from tests.world import AT
from visits import services
from visits.form import Typed
from visits.models import Finding, Photo
from visits.services import photos

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(scene.build)


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
