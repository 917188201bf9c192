"""The pages over HTTP: the asked unit with and without account, the levels, the office."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts import links
from audit.models import Entry
from surveys import services
from surveys.models import Survey
from tests import world
from tests.surveys import scene
from tests.surveys.test_services import check
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr("portal.middleware.timezone.now", lambda: AT)


@pytest.fixture
def made():
    return scene.build(n=2)


def url(name, *args):
    return reverse(f"surveys:{name}", args=args)


def text(response) -> str:
    return response.content.decode()


def link_of(request, name="by_link"):
    return url(name, links.token(request.link))


# The asked unit ----------------------------------------------------------------------------------


def test_a_unit_fills_in_saves_and_submits_in_its_account(made):
    client = made.client("filler")
    page = url("answer", made.request().public_id)
    assert page in text(client.get(url("index")))
    assert made.companies[0].name in text(client.get(page))
    assert client.post(page, scene.posted(action="save")).status_code == 302
    assert made.request().state == "started"
    assert client.post(page, scene.posted(version="1", action="submit")).status_code == 302
    shown = text(client.get(page))
    assert made.request().state == "answered"
    assert "示例区局核对" in shown and "1,200.00 万元" in shown
    assert 'name="revenue"' not in shown


def test_a_unit_answers_by_its_link_without_an_account(made):
    request = made.request(1)
    client = Client()
    shown = client.get(link_of(request))
    assert made.companies[1].name in text(shown)
    saved = client.post(
        link_of(request, "link_autosave"), scene.posted(name=made.companies[1].name)
    )
    assert saved.json()["version"] == 1
    sent = client.post(link_of(request), scene.posted(version="1", action="submit"))
    assert sent.status_code == 302
    assert made.request(1).state == "answered"
    assert made.request(1).answer.submissions.get().submitted_by.endswith("（凭链接）")
    assert made.request(0).state == "asked"


def test_a_link_opens_nothing_else_and_a_wrong_one_nothing_at_all(made):
    client = Client()
    client.get(link_of(made.request(1)))
    assert client.get(url("answer", made.request(1).public_id)).status_code == 302
    assert client.get(url("by_link", "0" * 64)).status_code == 404
    old = link_of(made.request(1))
    services.close(made.survey, actor=made.actor("chief"), at=AT)
    assert client.get(old).status_code == 410


def test_looking_writes_nothing(made):
    before = Entry.objects.count()
    made.client("filler").get(url("answer", made.request().public_id))
    Client().get(link_of(made.request(1)))
    assert Entry.objects.count() == before
    assert not hasattr(made.request(), "answer")


def test_an_incomplete_answer_comes_back_with_its_faults_and_is_kept(made):
    client = made.client("filler")
    page = url("answer", made.request().public_id)
    answered = client.post(page, {"version": "0", "name": "甲", "revenue": "x", "action": "submit"})
    shown = text(answered)
    assert answered.status_code == 422
    assert "处需要修改" in shown and 'href="#id_position"' in shown and 'value="x"' in shown
    assert made.request().answer.data["table"]["name"] == "甲"


def test_an_overtaken_page_gets_409_and_both_values(made):
    client = made.client("filler")
    request = made.request()
    client.post(url("answer", request.public_id), scene.posted())
    late = scene.posted(scene.filled(revenue="77.00"))
    told = client.post(url("autosave", request.public_id), late)
    assert told.status_code == 409 and told.json()["code"] == "stale"
    shown = client.post(url("answer", request.public_id), late)
    assert shown.status_code == 409
    assert "对方保存的内容：1,200.00 万元" in text(shown) and 'value="77.00"' in text(shown)
    again = client.post(url("answer", request.public_id), {**late, "version": "1"})
    assert again.status_code == 302
    assert made.request().answer.data["table"]["revenue"] == "77.00"


def test_a_viewer_reads_and_does_not_write(made):
    client = made.client("viewer")
    page = url("answer", made.request().public_id)
    assert client.get(page).status_code == 200
    assert client.post(page, scene.posted()).status_code == 403
    assert client.post(url("autosave", made.request().public_id), scene.posted()).status_code == 403
    assert not hasattr(made.request(), "answer")


def test_another_units_request_is_hidden(made):
    page = url("answer", made.request(1).public_id)
    assert made.client("filler").get(page).status_code == 404


def test_a_damaged_version_is_stale_and_no_fault(made):
    page = url("autosave", made.request().public_id)
    for version in ("", "x", "-1", "9" * 40, "²"):
        told = made.client("filler").post(page, scene.posted(version=version))
        assert told.status_code == 409


# The levels --------------------------------------------------------------------------------------


def test_a_level_sees_who_answered_and_checks_them_together(made):
    for n in (0, 1):
        scene.answer(made, n)
    client = made.client("district")
    assert url("area", "demo-survey") in text(client.get(url("index")))
    shown = text(client.get(url("area", "demo-survey")))
    assert "2,400.00" in shown and shown.count('name="chosen"') == 2
    chosen = [made.request(n).public_id for n in (0, 1)]
    assert client.post(url("check", "demo-survey"), {"chosen": chosen}).status_code == 302
    assert {made.request(n).place for n in (0, 1)} == {1}


def test_the_filters_leave_what_they_name(made):
    scene.answer(made, 0)
    client = made.client("city")
    page = url("area", "demo-survey")
    under = made.units["district"].pk
    for query, there in (
        ("?state=open", [1]),
        ("?state=in", [0]),
        ("?state=waiting", []),
        ("?state=asked", [1]),
        ("?q=企业01", [1]),
        (f"?under={under}", [0, 1]),
        ("?under=9999", []),
        ("?under=x&page=99", [0, 1]),
    ):
        shown = text(client.get(page + query))
        links_ = [url("detail", made.request(n).public_id) for n in (0, 1)]
        rows = [n for n in (0, 1) if f'class="jb-quiet" href="{links_[n]}"' in shown]
        assert rows == there, query


def test_a_draft_is_not_shown_to_the_levels(made):
    made.client("filler").post(
        url("answer", made.request().public_id), scene.posted(scene.filled(next="密不外传"))
    )
    shown = made.client("district").get(url("detail", made.request().public_id))
    assert shown.status_code == 200 and "密不外传" not in text(shown)


def test_a_level_gives_back_with_a_reason(made):
    scene.answer(made)
    client = made.client("district")
    page = url("give_back", made.request().public_id)
    day = (AT + timedelta(days=4)).date().isoformat()
    assert client.post(page, {"note": "", "day": day}).status_code == 422
    assert client.post(page, {"note": "核对营收", "day": day}).status_code == 302
    assert made.request().state == "returned"
    shown = text(made.client("filler").get(url("answer", made.request().public_id)))
    assert "核对营收" in shown and 'name="revenue"' in shown
    told = client.post(page, {"note": "再退", "day": day})
    assert told.status_code == 422 and "不由本单位核对" in text(told)


def test_a_level_sends_a_fresh_link_and_reminds(made):
    client = made.client("district")
    sent = client.post(url("send", made.request(1).public_id), {"email": "neu@example.org"})
    assert sent.status_code == 302 and made.request(1).email == "neu@example.org"
    bad = client.post(url("send", made.request(1).public_id), {"email": "x"})
    assert bad.status_code == 422
    assert client.post(url("remind", "demo-survey")).status_code == 302
    assert made.request(0).reminders == 1


def test_another_district_finds_nothing(made):
    client = made.client("other")
    assert client.get(url("area", "demo-survey")).status_code == 404
    assert client.get(url("table", "demo-survey")).status_code == 404
    assert client.get(url("detail", made.request().public_id)).status_code == 404
    assert client.post(url("remind", "demo-survey")).status_code == 404
    assert client.post(url("check", "demo-survey"), {"chosen": "x"}).status_code == 404


def test_the_table_of_an_area_holds_what_was_submitted(made):
    scene.answer(made, 0, data=scene.filled(name="=示例"))
    scene.answer(made, 1, data=scene.filled(name="换了名"))
    for name in ("district", "city", "office", "auditor"):
        response = made.client(name).get(url("table", "demo-survey"))
        page = load_workbook(io.BytesIO(response.content))["调查表"]
        assert [row[0].value for row in page.iter_rows(min_row=3)] == ["=示例", "换了名"]


def test_odd_figures_are_named_on_the_page_and_in_the_table(made):
    scene.answer(made, 0)
    services.close(made.survey, actor=made.actor("chief"), at=AT)
    later = services.create(
        scene.rules(),
        code="later",
        owner=made.units["office"],
        regions_asked=["430102"],
        answer_until=scene.UNTIL,
        actor=made.actor("office"),
        at=AT,
    )
    services.open_survey(later, actor=made.actor("chief"), at=AT)
    made.survey = later
    scene.answer(made, 0, data=scene.filled(name=made.companies[0].name, revenue="12000000.00"))
    client = made.client("district")
    for page in (url("area", "later"), url("detail", made.request().public_id)):
        assert "10,000 倍" in text(client.get(page))
    book = load_workbook(io.BytesIO(client.get(url("table", "later")).content))
    assert book["需核对"]["A2"].value == made.companies[0].name


# The office --------------------------------------------------------------------------------------


def test_the_office_makes_a_survey_and_another_person_opens_it():
    made = scene.build(n=1, opened=False)
    client = made.client("office")
    form = {
        "file": "2017-ai-enterprises",
        "code": "neu",
        "regions": "430100，430103",
        "answer_until": scene.UNTIL.isoformat(),
    }
    assert client.post(url("new"), {**form, "regions": "9"}).status_code == 422
    assert client.post(url("new"), {**form, "code": "demo-survey"}).status_code == 422
    assert client.post(url("new"), form).status_code == 302
    assert "还没有开放" in text(client.get(url("area", "neu")))
    assert client.post(url("open", "neu")).status_code == 403
    assert made.client("chief").post(url("open", "neu")).status_code == 302
    assert Survey.objects.get(code="neu").requests.count() == 1
    assert "neu" in text(client.get(url("index")))
    assert made.client("chief").post(url("close", "neu")).status_code == 302
    assert made.client("chief").post(url("close", "neu")).status_code == 409


def test_what_is_not_open_is_hidden_from_everybody_but_the_office():
    made = scene.build(n=1, opened=False)
    assert made.client("city").get(url("area", "demo-survey")).status_code == 404
    assert "人工智能产业" not in text(made.client("filler").get(url("index")))


# Cost --------------------------------------------------------------------------------------------


def queries_of(client, page) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as told:
        assert client.get(page).status_code == 200
    return len(told)


def cost(made) -> list[int]:
    names = ("district", "city", "office", "auditor")
    pages = [url("index"), *(url(name, made.survey.code) for name in ("area", "table"))]
    return [queries_of(made.client(name), page) for name in names for page in pages]


def test_thirty_units_cost_as_many_queries_as_one():
    made = scene.build(n=1)
    scene.answer(made, 0)
    check(made, "district", 0)
    one = cost(made)
    made.companies += [
        world.unit("enterprise", f"示例增加{n:02d}有限公司", region="430102", n=300 + n)
        for n in range(29)
    ]
    made.survey = services.create(
        scene.rules(),
        code="many",
        owner=made.units["office"],
        regions_asked=["430102"],
        answer_until=scene.UNTIL,
        actor=made.actor("office"),
        at=AT,
    )
    services.open_survey(made.survey, actor=made.actor("chief"), at=AT)
    for n in range(30):
        scene.answer(made, n)
    check(made, "district", 0)
    assert cost(made) == one
    assert max(one) < 20
