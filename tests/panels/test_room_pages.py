"""The room of a meeting: the member's pages, and what somebody out of the room sees."""

import re

import pytest
from django.urls import reverse

from panels import queries, services
from panels.models import Rescore, Vote
from reviews.models import Round
from tests.panels import scene
from tests.panels.people import at, expert, for_item
from tests.panels.scene import WHY
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_the_meeting")]


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
