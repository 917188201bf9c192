"""The pages: what each person sees, and what they send."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Entry
from notifications.models import Message
from outcomes.models import StepRecord
from reviews.services import elsewhere
from tests import kept, season
from tests.visits import scene
from tests.visits.scene import GOOD, actor, working_day
from tests.world import AT
from visits import queries, services
from visits.models import Finding, Photo, Seat, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(lambda: scene.build(filings=3))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def office(made):
    return signed_in(made.season.cast.people["office"])


@pytest.fixture
def lead(made):
    return signed_in(made.experts[0].user)


def url(name, *args):
    return reverse(f"visits:{name}", args=args)


def typed(made, *numbers, **more):
    return {
        "application": [made.application(n).public_id for n in numbers],
        "lead": f"e{made.experts[0].pk}",
        "members": [f"e{made.experts[1].pk}", f"u{made.season.cast.people['chief'].pk}"],
        "first": f"{working_day(5):%Y-%m-%d}",
        "half": "am",
        "hours": "3",
        "prepare": "营业执照原件",
        **more,
    }


def test_a_plan_is_previewed_changed_and_applied(made, office):
    page = office.get(url("plan", made.call.code))
    assert page.status_code == 200 and "待安排 3 项" in page.content.decode()
    sent = typed(made, 0, 1, act="preview")
    page = office.post(url("plan", made.call.code), sent)
    assert page.status_code == 200 and not Visit.objects.exists()
    rows = page.context["proposals"]
    assert [f"{one.starts_at:%H}" for one in rows] == ["09", "14"]
    lines = {}
    for one in rows:
        key = one.application.public_id
        lines[f"{key}-starts_at"] = f"{one.starts_at:%Y-%m-%dT%H:%M}"
        lines[f"{key}-ends_at"] = f"{one.ends_at:%Y-%m-%dT%H:%M}"
        lines[f"{key}-place"] = "示例路 1 号"
    sent = typed(made, 0, 1, act="apply", agreed="1", **lines)
    answer = office.post(url("plan", made.call.code), sent)
    assert answer.status_code == 302, answer.content.decode()
    assert Visit.objects.count() == 2
    assert {seat.lead for seat in Visit.objects.first().seats.all()} == {True, False}
    assert Message.objects.filter(kind="planned").count() == 2


def test_a_line_that_clashes_is_named_and_nothing_is_planned(made, office):
    made.plan(2)
    key = made.application(0).public_id
    begins = working_day(5)
    sent = typed(
        made,
        0,
        act="apply",
        **{
            f"{key}-starts_at": f"{begins:%Y-%m-%dT%H:%M}",
            f"{key}-ends_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}",
            f"{key}-place": "他处",
        },
    )
    page = office.post(url("plan", made.call.code), sent)
    assert page.status_code == 422 and "同一时间不能去两处" in page.content.decode()
    assert Visit.objects.count() == 1


def test_list_week_and_workbook_show_the_same_by_the_same_filter(made, office):
    made.plan(0)
    made.plan(1, starts=working_day(6))
    shown = made.application(0)
    asked = {"q": shown.organisation.name}
    page = office.get(url("board"), asked).content.decode()
    assert shown.title in page and made.application(1).title not in page
    week = office.get(url("week"), {**asked, "week": f"{working_day(5):%Y-%m-%d}"})
    assert shown.title in week.content.decode()
    assert made.application(1).title not in week.content.decode()
    book = load_workbook(io.BytesIO(office.get(url("sheet"), asked).content))
    cells = [cell.value for row in book.active.rows for cell in row]
    assert shown.number in cells and made.application(1).number not in cells
    for part in ({"member": made.experts[2].user_id}, {"state": "done"}, {"region": "110000"}):
        assert shown.title not in office.get(url("board"), part).content.decode()
    for part in ({"member": made.experts[0].user_id}, {"state": "planned"}, {"region": "430000"}):
        assert shown.title in office.get(url("board"), part).content.decode()


def test_an_empty_list_says_what_to_do(made, office):
    assert "还没有现场评估安排" in office.get(url("board")).content.decode()
    page = office.get(url("board"), {"state": "done"}).content.decode()
    assert "没有符合条件的安排" in page


def test_a_member_declares_fills_in_saves_and_hands_in(made, lead):
    visit = made.at_the_site(made.plan(0)[0])
    seat = made.seats(visit)[0]
    assert lead.get(url("desk")).status_code == 200
    assert lead.get(url("form", seat.public_id)).url == url("declare", seat.public_id)
    for closed in ("material", "photos", "sign"):
        assert lead.get(url(closed, seat.public_id)).status_code == 404
    page = lead.get(url("declare", seat.public_id)).content.decode()
    assert made.application(0).organisation.name in page
    assert made.application(0).title not in page
    lead.post(url("declare", seat.public_id), {"answer": "clear"})
    page = lead.get(url("form", seat.public_id)).content.decode()
    assert "现场与申报材料一致" in page and "未核实" in page
    row = next(one for one in visit.sheet.stated if one.spec and one.current)
    saved = lead.post(
        url("save", seat.public_id),
        {**GOOD, f"seen-{row.key}": row.current, "version": "0"},
    )
    told = json.loads(saved.content)
    assert told["version"] == 1 and "达到" in told["compared"][f"seen-{row.key}"]
    stale = lead.post(url("save", seat.public_id), {**GOOD, "version": "0"})
    assert stale.status_code == 409 and json.loads(stale.content)["code"] == "stale"
    wrong = lead.post(url("form", seat.public_id), {**GOOD, "item-site": "", "version": "1"})
    assert wrong.status_code == 422 and "请填写“研发、测试场地已具备”" in wrong.content.decode()
    done = lead.post(url("form", seat.public_id), {**GOOD, "version": "1"})
    assert done.status_code == 302 and Finding.objects.get().state == "submitted"
    shut = lead.post(url("save", seat.public_id), {**GOOD, "version": "2"})
    assert shut.status_code == 409 and json.loads(shut.content)["shut"]
    lead.post(url("take_back", seat.public_id))
    assert Finding.objects.get().state == "draft"


def test_photographs_come_several_at_once_and_each_refusal_is_told(made, lead):
    visit = made.at_the_site(made.plan(0)[0])
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    files = [
        SimpleUploadedFile("一.jpg", scene.picture("red"), "image/jpeg"),
        SimpleUploadedFile("二.jpg", scene.picture("green"), "image/jpeg"),
        SimpleUploadedFile("三.gif", b"GIF89a", "image/gif"),
    ]
    page = lead.post(url("add_photo", seat.public_id), {"file": files}, follow=True)
    assert Photo.objects.count() == 2
    assert "三.gif”的类型不能上传" in page.content.decode()
    one = SimpleUploadedFile("四.gif", b"GIF89a", "image/gif")
    told = lead.post(
        url("add_photo", seat.public_id), {"file": one}, HTTP_ACCEPT="application/json"
    )
    assert told.status_code == 422 and json.loads(told.content)["code"] == "wrong-type"
    photo = Photo.objects.first()
    shown = lead.get(url("picture", seat.public_id, photo.public_id))
    assert shown["Content-Type"] == "image/webp" and b"Exif" not in shown.content
    act = {"caption": "全景"}
    lead.post(url("caption", seat.public_id, photo.public_id), act)
    lead.post(url("move_photo", seat.public_id, photo.public_id), {"direction": "down"})
    lead.post(url("remove_photo", seat.public_id, photo.public_id))
    assert "已移除 1 份" in lead.get(url("photos", seat.public_id)).content.decode()
    lead.post(url("restore_photo", seat.public_id, photo.public_id))
    photo.refresh_from_db()
    assert photo.caption == "全景" and photo.position == 2 and photo.removed_at is None


def test_every_page_of_a_file_can_be_looked_at_and_no_other(made, lead):
    from tests.applications.filling import pdf

    visit = made.at_the_site(made.plan(0)[0])
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    sent = SimpleUploadedFile("记录.pdf", pdf(3), "application/pdf")
    lead.post(url("add_photo", seat.public_id), {"file": sent})
    photo = Photo.objects.get()
    where = url("picture", seat.public_id, photo.public_id)
    assert [lead.get(where, {"page": n}).status_code for n in (1, 3, 4, 0)] == [200, 200, 404, 404]
    assert "第 3 页" in lead.get(url("photos", seat.public_id)).content.decode()


def test_the_original_is_for_the_organiser_alone(made, office, lead):
    visit = made.at_the_site(made.plan(0)[0])
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    from visits.services import photos

    data = scene.picture()
    photo = photos.add(seat, name="现场.jpg", data=data, actor=actor(seat), at=AT)
    where = url("original", visit.public_id, photo.public_id)
    assert office.get(where).content == data
    assert lead.get(where).status_code == 403
    assert signed_in(made.season.cast.people["auditor"]).get(where).status_code == 403
    assert office.get(url("photo", visit.public_id, photo.public_id)).status_code == 200


def test_from_the_conclusion_to_the_report_and_the_record(made, office, lead):
    visit = made.at_the_site(made.plan(0)[0])
    made.found(visit)
    first, second = made.seats(visit)
    member = signed_in(second.user)
    assert member.get(url("conclude", second.public_id)).status_code == 404
    page = lead.get(url("conclude", first.public_id)).content.decode()
    assert "样机可以现场运行" in page
    wrong = lead.post(
        url("conclude", first.public_id), {"result": "recheck", "opinion": "应当补齐数据"}
    )
    assert wrong.status_code == 422 and "整改期限" in wrong.content.decode()
    lead.post(url("conclude", first.public_id), {"result": "pass", "opinion": "同意，予以通过。"})
    report = queries.report_in_force(visit)
    assert "同意，予以通过。" in member.get(url("sign", second.public_id)).content.decode()
    assert member.post(url("sign", second.public_id), {"shown": "x"}).status_code == 409
    for client, seat in ((lead, first), (member, second)):
        client.post(url("sign", seat.public_id), {"shown": report.fingerprint})
    assert StepRecord.objects.get().result == "pass"
    assert office.get(url("report", visit.public_id)).status_code == 409
    report.refresh_from_db()
    season.render(report.document)
    assert office.get(url("report", visit.public_id)).content.startswith(b"%PDF")
    assert lead.get(url("member_report", first.public_id)).content.startswith(b"%PDF")
    applicant = signed_in(made.people(0))
    assert (
        "同意，予以通过" not in applicant.get(url("invitation", visit.public_id)).content.decode()
    )
    office.post(url("release", visit.public_id))
    page = applicant.get(url("invitation", visit.public_id)).content.decode()
    assert "同意，予以通过" in page and "样机可以现场运行" not in page
    steps = office.get(reverse("outcomes:steps", args=[made.call.code]) + "?step=site_visit")
    assert steps.status_code == 200


def test_the_applicant_sees_its_date_and_what_to_prepare_and_nothing_of_the_team(made):
    (visit,) = made.plan(0)
    client = signed_in(made.people(0))
    assert made.application(0).title in client.get(url("mine")).content.decode()
    page = client.get(url("invitation", visit.public_id)).content.decode()
    assert "测试记录" in page and made.experts[0].name not in page
    client.post(url("ask_day", visit.public_id), {"wished": "下周", "reason": "负责人在外"})
    page = client.get(url("invitation", visit.public_id)).content.decode()
    assert "另约请求待答复" in page
    rival = signed_in(made.people(1))
    for name in ("invitation", "confirm", "ask_day", "remark"):
        where = url(name, visit.public_id)
        answer = rival.get(where) if name == "invitation" else rival.post(where)
        assert answer.status_code == 404, name


def test_a_barred_member_gets_404_everywhere_on_the_next_request(made, lead):
    visit = made.at_the_site(made.plan(0)[0])
    seat = made.seats(visit)[0]
    services.declare(seat, actor=actor(seat), at=AT)
    assert lead.get(url("form", seat.public_id)).status_code == 200
    elsewhere.bar(made.experts[0], made.application(0), reason="举报属实", actor=made.office, at=AT)
    entries = Entry.objects.count()
    for name in ("form", "declare", "material", "photos", "conclude"):
        assert lead.get(url(name, seat.public_id)).status_code == 404, name
    for name in ("save", "add_photo", "take_back", "sign", "declare"):
        assert lead.post(url(name, seat.public_id)).status_code == 404, name
    assert Entry.objects.count() == entries
    assert made.application(0).title not in lead.get(url("desk")).content.decode()


def test_an_expert_whose_role_ended_sees_nothing(made, lead):
    from accounts import services as accounts
    from accounts.models import Membership

    (visit,) = made.plan(0)
    seat = made.seats(visit)[0]
    held = Membership.objects.get(user=made.experts[0].user)
    accounts.end_membership(held, actor=made.office, at=AT - timedelta(seconds=1))
    assert lead.get(url("declare", seat.public_id)).status_code in (403, 404)


def test_the_calendar_file_names_place_and_hour_and_no_unit(made, lead):
    (visit,) = made.plan(0)
    text = lead.get(url("calendar")).content.decode()
    assert text.count("BEGIN:VEVENT") == 1 and "\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    joined = text.replace("\r\n ", "")
    assert visit.place in joined and made.application(0).organisation.name not in joined


def test_the_auditor_reads_and_changes_nothing(made):
    (visit,) = made.plan(0)
    client = signed_in(made.season.cast.people["auditor"])
    assert client.get(url("board")).status_code == 200
    page = client.get(url("visit", visit.public_id)).content.decode()
    assert "取消这次安排" not in page and "增加成员" not in page
    assert client.post(url("cancel", visit.public_id), {"cancel-reason": "随便"}).status_code == 403


def test_the_lists_cost_as_many_queries_with_one_visit_as_with_three(made, office, lead):
    def cost(client, where, **asked):
        client.get(where, asked)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(where, asked).status_code == 200
        return len(seen)

    week = f"{working_day(5):%Y-%m-%d}"
    pages = [
        (office, url("board"), {}),
        (office, url("week"), {"week": week}),
        (office, url("sheet"), {}),
        (lead, url("desk"), {}),
    ]
    made.plan(0)
    first = [cost(client, where, **asked) for client, where, asked in pages]
    made.plan(1, starts=working_day(5) + timedelta(hours=5))
    made.plan(2, starts=working_day(6))
    assert [cost(client, where, **asked) for client, where, asked in pages] == first
    _more(made, 57)
    assert Visit.objects.count() == 60
    assert [cost(client, where, **asked) for client, where, asked in pages] == first


def _more(made, count):
    """Finished visits beside the planned ones, in the same week, each with a team."""
    model = Visit.objects.get(application=made.application(0))
    for n in range(count):
        begins = working_day(5) + timedelta(minutes=30 * (n % 20))
        one = Visit.objects.create(
            call=model.call,
            application=made.application(n % 3),
            version=model.version,
            state="done",
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
            place=f"示例路 {n} 号",
            form=model.form,
            planned_at=AT,
            planned_by=model.planned_by,
            concluded_at=AT,
            done_at=AT,
        )
        for expert in made.experts:
            Seat.objects.create(
                visit=one,
                user=expert.user,
                expert=expert,
                lead=expert == made.experts[0],
                added_at=AT,
                declared_at=AT,
            )
