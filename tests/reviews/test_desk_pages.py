"""The expert's pages over HTTP: declaring, scoring, what is hidden, what ends access."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reviews import services
from reviews.models import Assignment, Conflict, Expert, Review, Round
from tests import world
from tests.reviews import scene
from tests.reviews.opening import marks, score_url, signed_in, text
from tests.world import AT

pytestmark = pytest.mark.django_db


# The expert -------------------------------------------------------------------------------------


def test_before_the_declaration_only_names_of_units_are_seen():
    s = scene.deployed(scene.build(filed=2, experts=3, wanted=3))
    client = signed_in(s.user(0))
    desk = client.get(reverse("reviews:desk")).content.decode()
    declare = client.get(reverse("reviews:declare", args=[s.round.public_id])).content.decode()
    for application in s.applications:
        assert application.title not in desk + declare
        assert application.number not in desk + declare
        assert application.organisation.name in declare
        assert s.task(0, s.applications.index(application)).public_id not in declare
    response = client.get(score_url(s.task(0, 0)))
    assert response.status_code == 302
    assert response["Location"].endswith("/declare/")


def test_a_declaration_left_out_comes_back_with_422_and_its_input():
    s = scene.deployed(scene.build(filed=2, experts=3, wanted=3))
    client = signed_in(s.user(0))
    url = reverse("reviews:declare", args=[s.round.public_id])
    tokens = sorted(set(re.findall(r'name="answer-(\w+)"', client.get(url).content.decode())))
    data = {f"answer-{tokens[0]}": "conflict", f"reason-{tokens[0]}": ""}
    response = client.post(url, data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "有 2 处需要修改" in page
    assert "请写明须回避的理由" in page
    assert Conflict.objects.count() == 0
    data = {
        f"answer-{tokens[0]}": "conflict",
        f"reason-{tokens[0]}": "曾为其顾问",
        f"answer-{tokens[1]}": "clear",
    }
    assert client.post(url, data).status_code == 302
    assert Assignment.objects.filter(expert=s.experts[0], state="recused").count() == 1
    assert client.get(url).status_code == 302


def test_the_score_page_shows_the_frozen_version_and_takes_a_score():
    s = scene.declared(scene.deployed(scene.build(filed=2, experts=3, wanted=3)))
    client = signed_in(s.user(0))
    first, second = s.round.entries.order_by("number")
    task = s.round.assignments.get(expert=s.experts[0], application=first.application_id)
    page = client.get(score_url(task)).content.decode()
    assert first.application.title in page
    assert first.label in page
    assert "指标先进性" in page
    response = client.post(score_url(task), marks(s.form, 8))
    assert response.status_code == 302
    following = s.round.assignments.get(expert=s.experts[0], application=second.application_id)
    assert response["Location"] == score_url(following)
    review = Review.objects.get()
    assert (review.state, str(review.total)) == ("submitted", "80.00")
    assert client.post(score_url(following), marks(s.form, 7))["Location"] == reverse(
        "reviews:desk"
    )
    assert "全部评审完毕" in client.get(reverse("reviews:desk")).content.decode()


def test_a_score_without_its_reason_is_422_and_keeps_what_was_typed():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    task = s.task(0, 0)
    data = marks(s.form, 10)
    data[f"comment-{s.form.criteria[1].key}"] = "双背板差分结构新颖"
    response = signed_in(s.user(0)).post(score_url(task), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "错误：" in page
    assert "有 1 处需要修改" in page
    assert "双背板差分结构新颖</textarea>" in page
    assert Review.objects.count() == 0


@pytest.mark.parametrize("typed", ["11", "-1", "八", "7.5", "999999", "１０"])
def test_a_figure_off_the_scale_is_422(typed):
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    data = {**marks(s.form, 8), f"score-{s.form.criteria[0].key}": typed}
    client = signed_in(s.user(0))
    assert client.post(score_url(s.task(0, 0)), data).status_code == 422
    saved = client.post(reverse("reviews:save", args=[s.task(0, 0).public_id]), data)
    assert saved.status_code == 422
    assert "须为 0 至 10 的整数" in saved.json()["message"]
    assert Review.objects.count() == 0


def test_the_second_tab_gets_409_and_the_first_ones_figures_stay():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    client = signed_in(s.user(0))
    task = s.task(0, 0)
    url = reverse("reviews:save", args=[task.public_id])
    first = client.post(url, marks(s.form, 8))
    assert first.status_code == 200
    assert first.json()["version"] == 1
    assert first.json()["total"] == "80.00"
    assert client.post(url, marks(s.form, 4)).status_code == 409
    response = client.post(score_url(task), marks(s.form, 4))
    assert response.status_code == 409
    assert "已在另一个页面保存过" in response.content.decode()
    assert str(Review.objects.get().total) == "80.00"
    assert client.post(url, {**marks(s.form, 5), "version": "甲"}).status_code == 409


def test_a_conflict_ends_access_on_the_next_request():
    s = scene.declared(scene.deployed(scene.build(filed=2, experts=3, wanted=3)))
    client = signed_in(s.user(0))
    task = s.task(0, 0)
    assert client.get(score_url(task)).status_code == 200
    services.set_conflict(
        round=s.round,
        expert=s.experts[0],
        application=task.application,
        reason="亲属关系",
        actor=s.office,
        at=AT,
    )
    absent = client.get(reverse("reviews:score", args=["absent"]))
    gone = client.get(score_url(task))
    assert gone.status_code == absent.status_code == 404
    assert text(gone).replace(task.public_id, "") == text(absent).replace("absent", "")
    for name in ("save", "recuse"):
        url = reverse(f"reviews:{name}", args=[task.public_id])
        assert client.post(url, marks(s.form, 8)).status_code == 404
    assert task.application.title not in client.get(reverse("reviews:desk")).content.decode()


def test_a_conflict_of_the_same_person_in_another_pool_bars_too():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    elsewhere = services.pool_of(s.cast.province, at=AT)
    twin = Expert.objects.create(
        pool=elsewhere, user=s.user(0), email="other@example.org", name="同一人", created_at=AT
    )
    task = s.task(0, 0)
    Conflict.objects.create(
        expert=twin, application=task.application, kind="declared", reason="曾为其顾问", at=AT
    )
    assert signed_in(s.user(0)).get(score_url(task)).status_code == 404


def test_late_recusal_over_the_page_ends_the_task():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    client = signed_in(s.user(0))
    url = reverse("reviews:recuse", args=[s.task(0, 0).public_id])
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "发现为近亲属"}).status_code == 302
    assert client.get(url).status_code == 404


def test_an_ended_role_ends_access_on_the_next_request():
    from accounts import services as accounts

    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    client = signed_in(s.user(0))
    membership = s.user(0).memberships.get()
    accounts.end_membership(membership, actor=s.office, at=AT - timedelta(seconds=1))
    assert client.get(score_url(s.task(0, 0))).status_code == 403
    accounts.appoint(
        s.user(0),
        organisation=s.cast.province,
        role="expert",
        actor=s.office,
        at=AT - timedelta(days=1),
    )
    assert client.get(score_url(s.task(0, 0))).status_code == 404


def test_an_experts_pages_are_equal_whether_a_rivals_score_exists_or_not():
    s = scene.declared(scene.deployed(scene.build(filed=2, experts=3, wanted=3)))
    client = signed_in(s.user(0))
    urls = [reverse("reviews:desk"), score_url(s.task(0, 0)), score_url(s.task(0, 1))]
    with time_machine.travel(AT, tick=False):
        before = [text(client.get(url)) for url in urls]
        scene.submit(s.task(1, 0), 9)
        scene.submit(s.task(2, 1), 2)
        assert [text(client.get(url)) for url in urls] == before


def test_an_expert_sees_nothing_of_what_others_scored_after_the_end():
    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    for number in range(3):
        scene.submit(s.task(number, 0), 8)
    services.close_round(s.round, actor=s.office, at=AT)
    client = signed_in(s.user(0))
    assert client.get(score_url(s.task(0, 0))).status_code == 404
    assert "80" not in re.sub(
        r"\d{4}年\S*",
        "",
        client.get(reverse("reviews:desk")).content.decode().split("<main")[1].split("</main>")[0],
    )
    assert client.get(s.round.get_absolute_url()).status_code == 403


def test_a_blind_review_hides_the_unit_and_the_marked_fields():
    s = scene.Scene(world.build())
    answers = {
        "unit": {"name": "canary-单位全称", "contact_phone": "000-11112222"},
        "technology": {"solution": "可见的技术方案"},
        "team": {"leader": "canary-负责人"},
    }
    filed = scene.filing(s.cast, 1, answers=answers)
    s.cast.call = scene.close_filing(s.cast.call)
    s.applications = [scene.accepted(s.cast, filed)]
    s.experts = [scene.expert(number, actor=s.office) for number in (1, 2, 3)]
    s.round = scene.new_round(s)
    scene.declared(scene.deployed(s))
    client = signed_in(s.user(0))
    page = client.get(score_url(s.task(0, 0))).content.decode()
    assert "canary-单位全称" in page
    assert "000-11112222" not in page
    Round.objects.update(blind=True)
    page = client.get(score_url(s.task(0, 0))).content.decode()
    assert "canary" not in page
    assert s.applications[0].organisation.name not in page
    assert s.applications[0].number not in page
    assert "可见的技术方案" in page


def test_material_is_read_from_the_frozen_version_not_the_working_copy():
    from applications.models import Section

    s = scene.declared(scene.deployed(scene.build(filed=1, experts=3, wanted=3)))
    Section.objects.filter(application=s.applications[0], key="technology").update(
        data={"solution": "canary-后来的改动"}
    )
    page = signed_in(s.user(0)).get(score_url(s.task(0, 0))).content.decode()
    assert "canary" not in page
