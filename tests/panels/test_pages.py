"""The pages of a meeting: the organiser's, the member's, and what somebody out of the room sees."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdfium2 import PdfDocument

from applications.models import Application, Version
from calls.models import Call
from documents import services as documents
from panels import queries, services
from panels.models import Item, Meeting, PanelResult, Rescore, Vote
from reviews.models import Round, RoundApplication
from tests.panels import scene
from tests.panels.scene import WHY
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moment():
    import time_machine

    with time_machine.travel(AT, tick=False):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def office(made) -> Client:
    return signed_in(made.scene.cast.people["office"])


def expert(made, number: int) -> Client:
    return signed_in(made.scene.user(number))


def at(name: str, made, *more) -> str:
    return reverse(f"panels:{name}", args=[made.meeting.public_id, *more])


def for_item(name: str, made, application: int, *more) -> str:
    return at(name, made, made.item(application).public_id, *more)


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


# The member ------------------------------------------------------------------------------------


def test_a_member_in_the_room_sees_the_item_its_figures_and_the_watermark():
    made = scene.build(start=True)
    made.call_up(0)
    page = expert(made, 0).get(at("room", made)).content.decode()
    assert made.scene.applications[0].title in page and 'id="watermark"' in page
    assert "网评 <b>" in page and "极差" in page
    assert made.scene.user(0).name in page


def test_in_a_blind_round_the_room_names_no_unit():
    made = scene.build(start=True)
    Round.objects.update(blind=True)
    made.call_up(0)
    page = expert(made, 0).get(at("room", made)).content.decode()
    assert "匿名评审" in page
    assert made.scene.applications[0].organisation.name not in page


def test_own_score_or_vote_comes_before_the_changes_of_others():
    made = scene.build(start=True, experts=3, wanted=3, members=3)
    made.call_up(0)
    made.rescore(1, 0, 9)
    first = expert(made, 0)
    assert WHY not in first.get(at("room", made)).content.decode()
    made.open_vote(0)
    made.vote(0, 0)
    page = first.get(at("room", made)).content.decode()
    assert WHY in page and "委员" in page
    assert made.scene.experts[1].name not in page


SECRETS = ("示例项目1号", "示例企业1号", "网评 <b>", "已投", WHY)


def _says_nothing(text: str) -> None:
    assert [one for one in SECRETS if one in text] == []


def test_a_barred_member_learns_only_that_they_are_out_of_the_room():
    made = scene.build(start=True, secret=False)
    made.bar(1, 0)
    made.call_up(0)
    made.rescore(*_other_reviewer(made), figure=9)
    made.open_vote(0)
    made.vote(0, 0)
    client = expert(made, 1)
    page = client.get(at("room", made))
    text = page.content.decode()
    assert page.status_code == 200 and "请在会场外等候" in text
    _says_nothing(text)
    _says_nothing(client.get(reverse("panels:mine")).content.decode())
    pulse = client.get(at("pulse", made))
    _says_nothing(pulse.content.decode())
    for name, method in (
        ("vote", "post"),
        ("rescore", "post"),
        ("recuse", "get"),
        ("recuse", "post"),
        ("lead_notes", "post"),
        ("decide", "post"),
    ):
        answer = getattr(client, method)(for_item(name, made, 0), {"motion": "m1", "reason": WHY})
        assert answer.status_code == 404, (name, answer.status_code)
        _says_nothing(answer.content.decode())
    assert Vote.objects.count() == 1 and Rescore.objects.count() == 1


def _other_reviewer(made) -> tuple[int, int]:
    application = made.scene.applications[0].pk
    held = next(n for n in (0, 2, 3) if queries.review_of(made.member(n), application))
    return held, 0


def test_two_items_give_a_barred_member_the_same_page():
    """Whatever is being discussed, the page of who is out does not differ by a byte."""
    made = scene.build(start=True)
    for application in (0, 1):
        made.bar(1, application)
    client = expert(made, 1)
    pages = []
    for application in (0, 1):
        made.call_up(application)
        pages.append(_pinned(client.get(at("room", made))))
        made.open_vote(application)
        made.vote(0, application)
        assert _pinned(client.get(at("room", made))) == pages[-1]
        made.conclude(application)
    assert pages[0] == pages[1]


def _pinned(answer) -> str:
    """The page without the token of its forms."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def test_a_late_declaration_counts_on_the_next_request():
    made = scene.build(start=True)
    made.call_up(0)
    client = expert(made, 2)
    assert "示例项目1号" in client.get(at("room", made)).content.decode()
    assert client.post(for_item("recuse", made, 0), {"reason": ""}).status_code == 422
    client.post(for_item("recuse", made, 0), {"reason": "刚发现有合作"})
    text = client.get(at("room", made)).content.decode()
    assert "请在会场外等候" in text
    _says_nothing(text)
    assert client.post(for_item("vote", made, 0), {"motion": "m1"}).status_code == 404


def test_a_conflict_recorded_by_another_pool_puts_the_person_out_as_well():
    from reviews import services as reviews
    from reviews.models import Conflict
    from tests.reviews import scene as reviewing

    made = scene.build(start=True)
    made.call_up(0)
    province = made.scene.cast.province
    user = made.scene.user(2)
    reviews.pool_of(province, at=AT)
    other = reviewing.expert(
        77, organisation=province, actor=made.scene.cast.actor("operator"), at=AT
    )
    other.user = user
    other.save(update_fields=["user"])
    Conflict.objects.create(
        expert=other,
        application=made.scene.applications[0],
        kind="declared",
        reason="另一专家库的申明",
        at=AT,
    )
    text = expert(made, 2).get(at("room", made)).content.decode()
    assert "请在会场外等候" in text
    _says_nothing(text)


def test_who_has_not_signed_in_or_has_left_sees_nothing_either():
    made = scene.build(start=True, enter=False)
    made.enter(0, 1, 2)
    services.mark(made.member(2), away=True, actor=made.office, at=AT)
    made.call_up(0)
    for number, words in ((2, "已登记离席"), (3, "请先申明并签到")):
        client = expert(made, number)
        text = client.get(at("room", made)).content.decode()
        assert words in text
        _says_nothing(text)
        assert client.post(for_item("vote", made, 0), {"motion": "m1"}).status_code == 404


def test_the_door_names_units_only_and_takes_a_conflict():
    made = scene.build(start=True, enter=False, experts=5, wanted=2, members=5, figures=(6, 7))
    number = next(n for n in range(5) if queries.undeclared(made.member(n)))
    (first, *_) = queries.undeclared(made.member(number))
    client = expert(made, number)
    door = client.get(at("enter", made)).content.decode()
    assert first.entry.application.organisation.name in door
    assert first.entry.application.title not in door
    said = {"shown": len(queries.undeclared(made.member(number))), "agreed": "yes"}
    said[f"conflict-{first.pk}"] = "yes"
    assert client.post(at("enter", made), said).status_code == 422
    client.post(at("enter", made), {**said, f"reason-{first.pk}": "持有股份"})
    assert queries.is_barred(made.member(number), first.entry.application_id)


def test_the_pulse_brings_the_ballot_and_says_when_the_item_moves_on():
    made = scene.build(start=True)
    made.call_up(0)
    client = expert(made, 0)
    page = client.get(at("room", made))
    hard, soft = page.context["hard"], page.context["soft"]
    asked = {"hard": hard, "soft": soft}
    assert client.get(at("pulse", made), asked).status_code == 204
    made.open_vote(0)
    answer = client.get(at("pulse", made), asked)
    assert "data-ballot" in answer.content.decode()
    made.conclude(0)
    answer = client.get(at("pulse", made), asked)
    assert answer.headers["HX-Refresh"] == "true"
    late = client.post(for_item("vote", made, 0), {"motion": "m1"})
    assert late.status_code == 409 and "会议已转到下一项" in late.content.decode()


def test_a_faulty_new_score_comes_back_as_typed():
    made = scene.build(start=True)
    made.call_up(0)
    number, _ = _other_reviewer(made)
    form = made.scene.form
    posted = {f"score-{one.key}": "9" for one in form.criteria} | {"reason": "短"}
    answer = expert(made, number).post(for_item("rescore", made, 0), posted)
    text = answer.content.decode()
    assert answer.status_code == 422 and "不少于 10 字" in text and 'value="9" checked' in text
    assert Rescore.objects.count() == 0


def test_the_chair_takes_notes_and_decides_and_others_do_not():
    made = scene.build(start=True)
    made.call_up(0)
    notes = {"version": "0", "notes": "组长记"}
    assert expert(made, 1).post(for_item("lead_notes", made, 0), notes).status_code == 404
    assert expert(made, 0).post(for_item("lead_notes", made, 0), notes).status_code == 302
    made.open_vote(0)
    for number, motion in enumerate(("m1", "m1", "m2", "m2")):
        made.vote(number, 0, motion)
    assert "票数相同，请组长决定" in expert(made, 0).get(at("room", made)).content.decode()
    assert "票数相同" not in expert(made, 1).get(at("room", made)).content.decode()
    said = {"motion": "m1", "reason": WHY}
    assert expert(made, 1).post(for_item("decide", made, 0), said).status_code == 404
    assert expert(made, 0).post(for_item("decide", made, 0), said).status_code == 302
    assert made.item(0).state == "concluded" and made.item(0).notes == "组长记"


def test_after_the_meeting_nothing_of_it_is_open_to_its_members():
    made = scene.build(start=True)
    made.discuss(0, {0: "m1"})
    made.close()
    client = expert(made, 0)
    text = client.get(at("room", made)).content.decode()
    assert "会议已结束" in text
    _says_nothing(text)
    assert client.get(for_item("recuse", made, 0)).status_code == 404


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
