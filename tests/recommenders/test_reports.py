"""What a city or district sends up on paper: sheet, letter and labels of what it has forwarded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import services as applications
from audit.models import Entry
from core.errors import Refusal
from documents.models import Document
from recommenders import labels, levelreport, ranking, recognition, services
from recommenders.models import LevelReport
from tests import world
from tests.documents import drawing
from tests.recommenders.test_levels import chain, forward
from tests.recommenders.test_pages import as_, url
from tests.world import AT

pytestmark = pytest.mark.django_db

SAID = {"reference": "示工信[2021]9号", "contact_name": "区示例", "contact_phone": "000-00000009"}


def shown(cast, unit):
    return ranking.list_hash(levelreport.rows(cast.call, unit))


def report(cast, unit, by, **more):
    return services.report_up(
        cast.call,
        unit,
        **{"shown": shown(cast, unit), **SAID, **more},
        actor=cast.actor(by),
        at=AT,
    )


def forwarded(*, spare: int = 0):
    cast = chain(spare=spare)
    for n, filing in enumerate(cast.found[:3], start=1):
        forward(cast, filing, "district", rank=4 - n)
    return cast


@pytest.fixture
def sent():
    return forwarded()


def test_a_district_writes_to_its_city_and_the_city_to_its_province(sent):
    below = report(sent, sent.district, "district")
    assert below.to == sent.city
    assert [row["title"] for row in below.rows] == [f"示例项目{n}号" for n in (3, 2, 1)]
    for filing in sent.found[:2]:
        forward(sent, filing, "city")
    above = report(sent, sent.city, "city")
    assert above.to == sent.province and len(above.rows) == 2
    assert below.letter_number != above.letter_number


def test_letter_and_sheet_say_what_was_forwarded(sent):
    made = report(sent, sent.district, "district")
    letter, sheet = made.letter.snapshot, made.sheet.snapshot
    assert letter["number"] == "示工信〔2021〕9号" and letter["to"] == sent.city.name
    assert "现上报3个项目" in letter["paragraphs"][0] and sent.call.title in letter["paragraphs"][0]
    assert sheet["recommender"]["name"] == sent.district.name
    assert [row["rank"] for row in sheet["rows"]] == [1, 2, 3]
    assert made.sheet.number == made.letter.number == made.letter_number
    words = "".join(drawing.texts(drawing.draw("cover_letter", letter)))
    assert sent.city.name in words and sent.district.name in words


def test_what_changes_meanwhile_is_not_put_on_paper(sent):
    before = shown(sent, sent.district)
    services.hold(sent.found[0], note="材料不齐，下批再报", actor=sent.actor("district"), at=AT)
    with pytest.raises(Refusal) as refused:
        report(sent, sent.district, "district", shown=before)
    assert (refused.value.code, refused.value.status) == ("list-changed", 409)
    assert not LevelReport.objects.exists() and not Document.objects.filter(
        subject__startswith="recommenders.levelreport"
    )


@pytest.mark.parametrize("change", ["hold", "withdraw", "forward"])
def test_papers_are_void_once_what_is_forwarded_changes(change):
    sent = forwarded(spare=1)
    made = report(sent, sent.district, "district")
    first = sent.found[0]
    if change == "hold":
        services.hold(first, note="材料不齐，下批再报", actor=sent.actor("district"), at=AT)
    elif change == "withdraw":
        applications.withdraw(
            first,
            reason="本单位决定撤回",
            actor=world.actor(first.organisation.memberships.get().user),
            at=AT,
        )
    else:
        forward(sent, sent.spare[0], "district")
    made.refresh_from_db()
    for paper in (made, made.sheet, made.letter):
        paper.refresh_from_db()
        assert paper.voided_at and "《" in paper.void_reason
    again = report(sent, sent.district, "district")
    assert again.number == 2 and levelreport.in_force(sent.call, sent.district) == again


def test_a_change_elsewhere_leaves_the_papers_alone(sent):
    made = report(sent, sent.district, "district")
    forward(sent, sent.found[3], "city")  # the city's own filing
    made.refresh_from_db()
    assert made.voided_at is None


def test_the_same_papers_are_not_made_twice(sent):
    report(sent, sent.district, "district")
    with pytest.raises(Refusal, match="内容相同"):
        report(sent, sent.district, "district")
    report(sent, sent.district, "district", reference="示工信〔2021〕10号")
    first, second = LevelReport.objects.order_by("number")
    assert first.voided_at and second.voided_at is None
    first.letter.refresh_from_db()
    assert first.letter.replaced_by == second.letter


def test_others_cannot_write_in_a_levels_name(sent):
    for by in ("city", "operator", "office", "neighbour"):
        with pytest.raises(Refusal, match="本级"):
            report(sent, sent.district, by)


def test_nothing_forwarded_gives_nothing_on_paper(sent):
    with pytest.raises(Refusal, match="还没有上报"):
        report(sent, sent.city, "city")


def test_when_the_letter_cannot_be_asked_for_nothing_is_left(sent, monkeypatch):
    from documents import services as documents

    asked = documents.request_document

    def half_way(*, kind, **more):
        if kind == "cover_letter":
            raise RuntimeError("half way")
        return asked(kind=kind, **more)

    monkeypatch.setattr(documents, "request_document", half_way)
    entries = Entry.objects.count()
    with pytest.raises(RuntimeError):
        report(sent, sent.district, "district")
    assert not LevelReport.objects.exists() and Entry.objects.count() == entries
    assert not Document.objects.filter(subject__startswith="recommenders.levelreport")


def test_labels_name_sender_and_receiver_and_bear_the_sheets_code(sent):
    made = report(sent, sent.district, "district")
    (label, second) = labels.parcels(labels.of_report(made), count=2)
    said = dict(label["lines"])
    assert (said["收"], said["寄"]) == (sent.city.name, sent.district.name)
    assert label["code"] == made.sheet.code and second["count"] == "第 2 件，共 2 件"


def test_the_register_above_says_what_a_report_is_and_whether_it_holds(sent):
    made = report(sent, sent.district, "district")
    with pytest.raises(Refusal, match="现行有效"):
        recognition.recognise(sent.call, sent.city, made.letter.code, [])
    services.hold(sent.found[0], note="材料不齐，下批再报", actor=sent.actor("district"), at=AT)
    with pytest.raises(Refusal, match="已作废"):
        recognition.recognise(sent.call, sent.city, made.sheet.code, [])
    with pytest.raises(Refusal, match="非本单位"):
        recognition.recognise(sent.call, sent.province, made.sheet.code, [])


def test_the_page_leads_from_draft_to_papers_and_keeps_what_was_typed(client, sent):
    as_(client, sent, "district")
    page = client.get(url("report", sent.call.code))
    assert "草稿" in page.content.decode() and page.context["hash"] == shown(sent, sent.district)
    wrong = client.post(
        url("issue_report", sent.call.code),
        {"hash": page.context["hash"], "reference": "示9号", "contact_phone": "000"},
    )
    assert wrong.status_code == 422 and "示9号" in wrong.content.decode()
    stale = client.post(url("issue_report", sent.call.code), {"hash": "0" * 64, **SAID})
    said = stale.content.decode()
    assert stale.status_code == 422 and "有变化" in said and SAID["contact_phone"] in said
    made = client.post(url("issue_report", sent.call.code), {"hash": page.context["hash"], **SAID})
    assert made.status_code == 302
    after = client.get(url("report", sent.call.code)).content.decode()
    assert "第 1 版现行有效" in after
    asked = {"what": "copies", "count": 1, "layout": "2x4", "start": 1}
    printed = client.get(url("report_labels", sent.call.code), asked)
    assert printed.headers["Content-Type"] == "application/pdf"
    odd = client.get(url("report_labels", sent.call.code), {"what": "copies", "count": 99})
    assert odd.status_code == 422


def test_a_level_without_filings_and_a_province_have_no_such_page(client, sent):
    for by in ("operator", "neighbour"):
        as_(client, sent, by)
        assert client.get(url("report", sent.call.code)).status_code == 404


def test_the_page_takes_as_many_queries_for_three_as_for_thirty(client):
    sent = forwarded(spare=27)
    as_(client, sent, "district")

    def count():
        client.get(url("report", sent.call.code))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(url("report", sent.call.code))
        return len(seen)

    few = count()
    for filing in sent.spare:
        forward(sent, filing, "district")
    assert count() == few
