"""The pages of a meeting: the organiser's and its papers. The member's: test_room_pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdfium2 import PdfDocument

from applications.models import Application, Version
from calls.models import Call
from documents import services as documents
from panels import queries, services
from panels.models import Item, Meeting, PanelResult
from reviews.models import RoundApplication
from tests.panels import scene
from tests.panels.people import at, expert, for_item, office, signed_in
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_the_meeting")]


# The organiser ---------------------------------------------------------------------------------


def test_the_whole_way_of_a_meeting_over_its_pages():
    made = scene.closed_round()
    panel = scene.Panel(made, None)
    client = office(panel)
    page = client.get(reverse("panels:board"))
    assert "可以安排会议的轮次" in page.content.decode()
    answer = client.post(
        reverse("panels:create", args=[made.round.public_id]),
        {
            "title": "第一次会议",
            "starts_at": "2030-01-02T09:00",
            "place": "示例会议室",
            "motions_text": "推荐；不推荐；缓议",
            "secret": "on",
            "rule": "most",
            "quorum": "3",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    panel.meeting = Meeting.objects.get()
    client.post(at("invite", panel), {"expert": [one.pk for one in made.experts[:4]]})
    panel.members = list(panel.meeting.members.order_by("pk"))
    client.post(at("chair", panel, panel.members[0].pk))
    assert client.get(at("meeting", panel)).status_code == 200
    client.post(at("start", panel))
    for number in range(4):
        member = expert(panel, number)
        door = member.get(at("enter", panel)).content.decode()
        shown = len(queries.undeclared(panel.member(number)))
        assert f'name="shown" value="{shown}"' in door
        assert member.post(at("enter", panel), {"shown": shown}).status_code == 422
        member.post(at("enter", panel), {"shown": shown, "agreed": "yes"})
        assert panel.member(number).entered_at == AT
    client.post(for_item("call_up", panel, 0))
    client.post(for_item("notes", panel, 0), {"version": "0", "notes": "指标先进"})
    client.post(for_item("open_vote", panel, 0))
    for number in range(4):
        expert(panel, number).post(for_item("vote", panel, 0), {"motion": "m1"})
    live = client.get(at("meeting", panel)).content.decode()
    assert "已投 <b>4</b>/4" in live
    client.post(for_item("conclude", panel, 0))
    assert "推荐（表决通过）" in client.get(at("meeting", panel)).content.decode()
    client.post(at("close", panel), {"note": "时间所限"})
    page = client.get(at("results", panel)).content.decode()
    assert "会评得分" in page and "表决通过" in page
    assert client.get(at("results_sheet", panel)).content[:2] == b"PK"
    assert "指标先进" in client.get(at("minutes", panel)).content.decode()
    assert client.get(at("minutes_pdf", panel)).status_code == 409
    assert "签到与签字表" in page


def test_the_page_says_who_must_leave_before_an_item_is_called_up():
    made = scene.build(start=True)
    made.bar(1, 0)
    page = office(made).get(at("meeting", made)).content.decode()
    name = made.scene.experts[1].name
    assert f"审议前请{name}离场" in page


def test_the_live_part_answers_only_when_something_changed():
    made = scene.build(start=True)
    made.call_up(0)
    client = office(made)
    page = client.get(at("meeting", made))
    stamp, item = page.context["stamp"], page.context["item"].public_id
    url = at("live", made)
    assert client.get(url, {"seen": stamp, "item": item}).status_code == 204
    made.open_vote(0)
    made.vote(0, 0)
    answer = client.get(url, {"seen": stamp, "item": item})
    assert "已投 <b>1</b>/4" in answer.content.decode()
    assert "m1" not in answer.content.decode()
    made.conclude(0)
    answer = client.get(url, {"seen": stamp, "item": item})
    assert answer.headers["HX-Refresh"] == "true" and answer.content == b""


def test_notes_come_back_beside_those_that_somebody_else_wrote():
    made = scene.build(start=True)
    made.call_up(0)
    services.write_notes(made.item(0), "组长所记", version=0, actor=made.office, at=AT)
    answer = office(made).post(for_item("notes", made, 0), {"version": "0", "notes": "办公室所记"})
    text = answer.content.decode()
    assert answer.status_code == 409 and "组长所记" in text and "办公室所记" in text
    assert made.item(0).notes == "组长所记"


@pytest.mark.parametrize("page", ["meeting", "minutes", "room", "results"])
def test_pages_cost_the_same_with_five_items_and_with_sixty(page):
    made = scene.build(start=True)
    client = expert(made, 0) if page == "room" else office(made)
    made.call_up(0)
    Call.objects.update(
        filing_until=AT + timedelta(hours=1), recommendation_until=AT + timedelta(hours=2)
    )
    _more_items(made, 2)

    def cost() -> int:
        if page == "results":
            _as_if_closed(made)
        client.get(at(page, made))
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(at(page, made))
        assert answer.status_code == 200
        assert page == "room" or "复制1" in answer.content.decode()
        return len(seen)

    small = cost()
    _more_items(made, 55)
    assert made.again().items.count() == 60
    assert cost() == small


def _more_items(made, many: int) -> None:
    """Copies of the first filing on the agenda: the pages count rows, not what is in them."""
    source = made.scene.applications[0]
    version = Version.objects.get(application=source)
    first = made.again().items.count()
    for n in range(first, first + many):
        copy = Application.objects.get(pk=source.pk)
        copy.pk, copy.public_id, copy.number = None, f"copy{n:08d}", f"T-9{n:05d}"
        copy.title = f"复制{n - first + 1}"
        copy.save(force_insert=True)
        frozen = Version.objects.get(pk=version.pk)
        frozen.pk, frozen.application, frozen.idempotency_key = None, copy, f"c{n}"
        frozen.form = frozen.receipt = None
        frozen.save(force_insert=True)
        entry = RoundApplication.objects.create(
            round=made.scene.round, application=copy, version=frozen, number=100 + n
        )
        Item.objects.create(meeting=made.meeting, entry=entry, position=10 + n)


def _as_if_closed(made) -> None:
    Item.objects.filter(state="current").update(
        state="waiting", called_at=None, vote_opened_at=None
    )
    Meeting.objects.update(state="closed", closed_at=AT)
    known = set(PanelResult.objects.values_list("application_id", flat=True))
    PanelResult.objects.bulk_create(
        PanelResult(
            meeting=made.meeting,
            application_id=one.entry.application_id,
            score="70.00",
            rank=1,
            reviews_count=3,
            changed=0,
            how="未审议",
            discussed=False,
            computed_at=AT,
        )
        for one in made.again().items.select_related("entry")
        if one.entry.application_id not in known
    )


# Another organiser -----------------------------------------------------------------------------


def test_a_recommender_holds_a_meeting_on_its_own_round():
    from reviews import services as reviews
    from reviews.models import Assignment, Round
    from tests import world
    from tests.reviews import scene as reviewing

    cast = world.build()
    made = reviewing.Scene(cast)
    made.applications = [reviewing.filing(cast, number) for number in (1, 2)]
    cast.call = reviewing.close_filing(cast.call)
    actor = cast.actor("operator")
    made.experts = [
        reviewing.expert(n, organisation=cast.province, actor=actor) for n in range(1, 4)
    ]
    made.round = reviewing.new_round(made, organisation=cast.province, actor=actor)
    reviews.propose_assignment(made.round, actor=actor, at=AT)
    reviews.deploy(made.round, actor=actor, at=AT)
    made.round.refresh_from_db()
    reviewing.declared(made)
    for task in Assignment.objects.filter(round=made.round).select_related("expert__user"):
        reviewing.submit(task, 7)
    reviews.close_round(made.round, actor=actor, at=AT)
    made.round = Round.objects.select_related("call").get(pk=made.round.pk)
    meeting = services.create(
        made.round, title="初审会", place="示例", starts_at=AT, actor=actor, at=AT
    )
    panel = scene.Panel(made, meeting)
    unit = signed_in(cast.people["operator"])
    assert "初审会" in unit.get(reverse("panels:board")).content.decode()
    assert unit.get(at("meeting", panel)).status_code == 200
    assert office(panel).get(at("meeting", panel)).status_code == 404
    assert signed_in(cast.people["neighbour"]).get(at("meeting", panel)).status_code == 404
    panel.members = services.invite(meeting, made.experts, actor=actor, at=AT)
    services.name_chair(panel.members[0], actor=actor, at=AT)
    services.start(panel.again(), actor=actor, at=AT)
    panel.enter(0, 1, 2)
    panel.discuss(0, {0: "m1", 1: "m1"})
    services.close(panel.again(), note="另一项下次", actor=actor, at=AT)
    from recommenders import scores

    found = scores.of(cast.call.pk, cast.province.pk)
    assert {one.source for one in found.values()} == {scores.PANEL}


def test_in_the_room_the_page_of_evidence_lies_beside_the_indicators():
    made = scene.build(start=True)
    version = made.item(0).entry.version
    file = {"id": "abcdef123456", "kind": "检测报告", "name": "报告.pdf", "pages": 7}
    row = {
        "name": "信噪比", "basis": "", "unit": "dB", "reference": "≥ 70", "current": "71",
        "target": "74", "standing": "over", "comparison": "超过", "method": "",
        "evidence_id": file["id"], "evidence_page": 3,
    }  # fmt: skip
    changed = {**version.snapshot, "attachments": [file], "indicators": [row]}
    Version.objects.filter(pk=version.pk).update(snapshot=changed)
    made.call_up(0)
    client = expert(made, 0)
    page = client.get(at("room", made)).content.decode()
    assert for_item("page_image", made, 0, file["id"], 3) + "?w=1280" in page
    assert for_item("file", made, 0, file["id"]) in page and "第 3 页 / 共 7 页" in page
    turned = client.get(at("room", made), {"file": file["id"], "page": "99"}).content.decode()
    assert for_item("page_image", made, 0, file["id"], 7) + "?w=1280" in turned
    assert "reviews/score" not in page, "the room serves its files itself"


# Papers before the meeting has ended -------------------------------------------------------------


@pytest.mark.parametrize("paper", ["minutes_pdf", "signatures_pdf"])
def test_a_paper_that_nobody_asked_for_yet_says_why_there_is_none(paper):
    made = scene.build(members=2)
    answer = office(made).get(at(paper, made))
    assert answer.status_code == 409 and "还没有生成" in answer.content.decode()


def test_after_a_change_of_members_the_sheet_that_is_downloaded_is_the_new_one():
    made = scene.build(members=2)
    client = office(made)

    def asked_for() -> str:
        services.make_signatures(made.meeting, actor=made.office, at=AT)
        assert client.get(at("signatures_pdf", made)).status_code == 409, "no older one meanwhile"
        documents.render_waiting(at=AT)
        pages = PdfDocument(client.get(at("signatures_pdf", made)).content)
        return "".join(page.get_textpage().get_text_bounded() for page in pages)

    newcomer = made.scene.experts[2].name
    assert newcomer not in asked_for()
    services.invite(made.meeting, made.scene.experts[2:3], actor=made.office, at=AT)
    assert newcomer in asked_for()
