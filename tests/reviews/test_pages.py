"""The organiser's review pages over HTTP: who sees what, what bad input gets, what a page costs."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reviews import services
from reviews.models import Assignment, Round
from tests import world
from tests.reviews import scene
from tests.reviews.opening import office, score_url, signed_in
from tests.world import AT

pytestmark = pytest.mark.django_db


# The organiser ----------------------------------------------------------------------------------


def test_the_office_runs_a_round_through_the_pages():
    s = scene.build(filed=2, experts=4, wanted=3, made=False)
    client = office(s)
    response = client.post(
        reverse("reviews:create"),
        {
            "call": s.cast.call.pk,
            "title": "网络评审",
            "opens_at": (AT - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
            "closes_at": (AT + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
            "experts_per_application": "3",
            "method": "",
        },
    )
    s.round = Round.objects.get()
    assert response.status_code == 302
    assert response["Location"] == s.round.get_absolute_url()
    for act in ("propose", "deploy"):
        page = client.post(reverse(f"reviews:{act}", args=[s.round.public_id]), follow=True)
        assert page.status_code == 200
    scene.declared(s)
    for task in Assignment.objects.filter(round=s.round):
        scene.submit(task, 8)
    page = client.post(reverse("reviews:close", args=[s.round.public_id]), follow=True)
    assert page.status_code == 200
    assert "80.00" in page.content.decode()
    assert "并列" in page.content.decode()


@pytest.mark.parametrize("state", ["draft", "assigning", "open", "closed"])
def test_the_round_page_is_drawn_in_every_state(state):
    s = scene.build(filed=2, experts=4, wanted=3)
    if state != "draft":
        services.propose_assignment(s.round, actor=s.office, at=AT)
    if state in ("open", "closed"):
        services.deploy(s.round, actor=s.office, at=AT)
    if state == "closed":
        services.close_round(s.round, actor=s.office, at=AT, note="演练")
    client = office(s)
    for name in ("round", "conflicts", "ranking"):
        assert client.get(reverse(f"reviews:{name}", args=[s.round.public_id])).status_code == 200
    assert client.get(reverse("reviews:board")).status_code == 200
    page = client.get(s.round.get_absolute_url()).content.decode()
    assert s.round.seed_commitment[:4] in page
    assert (s.round.seed in page) == (state in ("open", "closed"))


def test_wrong_dates_come_back_with_the_input_and_422():
    s = scene.build(filed=1, made=False)
    response = office(s).post(
        reverse("reviews:create"),
        {
            "call": s.cast.call.pk,
            "title": "某轮",
            "opens_at": "2030-01-02T00:00",
            "closes_at": "2030-01-01T00:00",
            "experts_per_application": "三",
        },
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "截止时间须晚于开始时间" in page
    assert "请填写整数" in page
    assert 'value="某轮"' in page
    assert Round.objects.count() == 0


def test_the_end_of_a_round_is_moved_on_its_page():
    s = scene.deployed(scene.build(filed=1, experts=3, wanted=3))
    client = office(s)
    url = reverse("reviews:extend", args=[s.round.public_id])
    assert client.get(url).status_code == 200
    assert client.post(url, {"closes_at": "2001-01-01T00:00", "reason": ""}).status_code == 422
    early = client.post(url, {"closes_at": "2001-01-01T00:00", "reason": "补评"})
    assert early.status_code == 422
    assert "须晚于现在" in early.content.decode()
    assert client.post(url, {"closes_at": "2098-01-01T00:00", "reason": "补评"}).status_code == 302
    s.round.refresh_from_db()
    assert s.round.closes_at.year in (2097, 2098)


def test_a_conflict_stands_against_adding_by_hand_with_409():
    s = scene.build(filed=1, experts=2, wanted=1, made=False)
    code = s.applications[0].organisation.code
    s.experts.append(scene.expert(9, actor=s.office, employer_code=code))
    s.round = scene.new_round(s, wanted=1)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    response = office(s).post(
        reverse("reviews:add", args=[s.round.public_id]),
        {"expert": s.experts[2].pk, "application": 1},
    )
    assert response.status_code == 409
    assert "须回避该项目" in response.content.decode()
    assert s.round.assignments.filter(expert=s.experts[2]).count() == 0


@pytest.mark.parametrize("data", [{}, {"expert": "甲", "application": "1"}, {"expert": "1"}])
def test_adding_nobody_or_nothing_is_422(data):
    s = scene.build(filed=1, experts=2, wanted=1)
    services.propose_assignment(s.round, actor=s.office, at=AT)
    if data.get("expert") == "1":
        data = {"expert": str(s.experts[0].pk)}
    response = office(s).post(reverse("reviews:add", args=[s.round.public_id]), data)
    assert response.status_code == 422


def test_another_organisers_round_does_not_exist():
    s = scene.deployed(scene.build(filed=1, experts=3, wanted=3))
    task = s.task(0, 0)
    for who in ("operator", "neighbour"):
        client = signed_in(s.cast.people[who])
        for url in (
            s.round.get_absolute_url(),
            reverse("reviews:ranking", args=[s.round.public_id]),
            reverse("reviews:conflicts", args=[s.round.public_id]),
            reverse("reviews:task", args=[s.round.public_id, task.public_id]),
            reverse("reviews:edit_expert", args=[s.experts[0].pk]),
        ):
            assert client.get(url).status_code == 404
        response = client.post(reverse("reviews:close", args=[s.round.public_id]))
        assert response.status_code == 404
        assert "PS-" not in client.get(reverse("reviews:board")).content.decode()
    s.round.refresh_from_db()
    assert s.round.state == "open"


@pytest.mark.parametrize("who", ["admin", "editor", "viewer", "rival"])
def test_applicants_have_no_business_here(who):
    s = scene.deployed(scene.build(filed=1, experts=3, wanted=3))
    client = signed_in(s.cast.people[who])
    for url in (s.round.get_absolute_url(), reverse("reviews:desk"), score_url(s.task(0, 0))):
        assert client.get(url).status_code == 403


def test_a_get_never_acts():
    s = scene.deployed(scene.build(filed=1, experts=3, wanted=3))
    client = office(s)
    for name in ("propose", "deploy", "undo", "close", "add"):
        url = reverse(f"reviews:{name}", args=[s.round.public_id])
        assert client.get(url).status_code == 405
    s.round.refresh_from_db()
    assert s.round.state == "open"


def test_a_drafted_score_is_not_the_offices_to_read():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    key = s.form.criteria[0].key
    services.save_score(
        task,
        scores={key: 3},
        comments={key: "canary-草稿"},
        overall="canary-意见",
        version=0,
        actor=s.actor(0),
        at=AT,
    )
    client = office(s)
    for url in (
        s.round.get_absolute_url(),
        reverse("reviews:task", args=[s.round.public_id, task.public_id]),
    ):
        assert "canary" not in client.get(url).content.decode()


def test_a_province_runs_its_round_through_the_same_pages():
    cast = world.build()
    s = scene.Scene(cast)
    s.applications = [scene.filing(cast, number) for number in (1, 2)]
    cast.call = scene.close_filing(cast.call)
    actor = cast.actor("operator")
    s.experts = [
        scene.expert(number, organisation=cast.province, actor=actor) for number in (1, 2, 3)
    ]
    client = signed_in(cast.people["operator"])
    response = client.post(
        reverse("reviews:create"),
        {
            "call": cast.call.pk,
            "title": "省级初审",
            "opens_at": "2021-01-01T00:00",
            "closes_at": "2099-01-01T00:00",
            "experts_per_application": "2",
        },
    )
    assert response.status_code == 302
    made = Round.objects.get()
    assert made.organisation == cast.province
    client.post(reverse("reviews:propose", args=[made.public_id]))
    assert made.assignments.count() == 4
    assert office(s).get(made.get_absolute_url()).status_code == 404


# What pages cost --------------------------------------------------------------------------------


def queries_of(client, url) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_pages_cost_the_same_for_one_and_for_thirty():
    def world_of(filed):
        s = scene.declared(scene.deployed(scene.build(filed=filed, experts=3, wanted=3)))
        desk = queries_of(signed_in(s.user(0)), reverse("reviews:desk"))
        score = queries_of(signed_in(s.user(0)), score_url(s.task(0, 0)))
        client = office(s)
        round_page = queries_of(client, s.round.get_absolute_url())
        for task in Assignment.objects.filter(round=s.round):
            scene.submit(task, 8)
        services.close_round(s.round, actor=s.office, at=AT)
        ranking = queries_of(client, reverse("reviews:ranking", args=[s.round.public_id]))
        pool = queries_of(client, reverse("reviews:experts"))
        return {"desk": desk, "score": score, "round": round_page, "ranking": ranking, "pool": pool}

    from django.db import transaction

    with transaction.atomic():
        one = world_of(1)
        transaction.set_rollback(True)
    assert world_of(30) == one
    assert all(count <= 20 for count in one.values()), one
