"""The review pages over HTTP: who sees what, what bad input gets, how many queries a page costs."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import Link
from core.errors import Refusal
from notifications.models import Message
from reviews import poolfile, services
from reviews.models import Assignment, Conflict, Expert, Review, Round
from tests import world
from tests.reviews import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def office(s) -> Client:
    return signed_in(s.cast.people["office"])


def text(response) -> str:
    """The page without its tokens and its clock."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r"<time[^>]*>[^<]*</time>", "", page)


def score_url(task: Assignment) -> str:
    return reverse("reviews:score", args=[task.public_id])


def marks(form, figure: int, version: int = 0) -> dict[str, str]:
    data = {"version": str(version), "overall": ""}
    for criterion in form.criteria:
        data[f"score-{criterion.key}"] = str(figure)
        data[f"comment-{criterion.key}"] = scene.REASON
    return data


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


# The pool ---------------------------------------------------------------------------------------


def sheet(*rows, head=poolfile.COLUMNS) -> BytesIO:
    book = Workbook()
    book.active.append(list(head))
    for row in rows:
        book.active.append(list(row))
    target = BytesIO()
    book.save(target)
    target.seek(0)
    target.name = "experts.xlsx"
    return target


GOOD = (
    "张示例",
    "zhang@example.org",
    "000-12345678",
    "教授",
    "智能传感器；机器翻译系统",
    "示例研究院",
    world.uscc(5),
    f"示例大学 {world.uscc(6)}",
    "110000",
    12,
)


def test_a_sheet_is_imported_whole_and_everybody_gets_a_link():
    s = scene.Scene(world.build())
    other = ("李示例", "LI@example.org", "", "", "机器翻译系统", "示例大学", "", "", "", "")
    response = office(s).post(reverse("reviews:import_experts"), {"sheet": sheet(GOOD, other)})
    assert response.status_code == 302
    zhang, li = Expert.objects.order_by("pk")
    assert zhang.fields == ["智能传感器", "机器翻译系统"]
    assert zhang.past_employers == [{"name": "示例大学", "code": world.uscc(6)}]
    assert (zhang.capacity, li.email, li.user) == (12, "li@example.org", None)
    assert Link.objects.filter(purpose="activate").count() == 2
    assert Message.objects.filter(kind="activate").count() == 2


def test_one_bad_row_and_nobody_is_imported():
    s = scene.Scene(world.build())
    bad = ("王示例", "不是邮箱", "", "", "机器翻译系统", "", "91110000MADEMO0000", "", "北京", "零")
    response = office(s).post(reverse("reviews:import_experts"), {"sheet": sheet(GOOD, bad, GOOD)})
    page = response.content.decode()
    assert response.status_code == 422
    for words in (
        "不是有效的邮箱地址",
        "校验正确",
        "必填",
        "6 位行政区划",
        "1 至 200",
        "与第 2 行重复",
    ):
        assert words in page
    assert Expert.objects.count() == 0
    assert Message.objects.filter(kind="activate").count() == 0


def test_a_person_already_in_the_pool_stops_the_whole_import():
    s = scene.Scene(world.build())
    client = office(s)
    client.post(reverse("reviews:import_experts"), {"sheet": sheet(GOOD)})
    other = ("李示例", "li@example.org", "", "", "机器翻译系统", "示例大学", "", "", "", "")
    response = client.post(reverse("reviews:import_experts"), {"sheet": sheet(other, GOOD)})
    assert response.status_code == 422
    assert "zhang@example.org 已在专家库中" in response.content.decode()
    assert Expert.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"not a workbook", "a.xlsx", "不是有效的 xlsx"),
        (b"PK\x03\x04broken", "a.xlsx", "不是有效的 xlsx"),
        (b"name,mail", "a.csv", "只接受 .xlsx"),
        (b"", "a.xlsx", "文件是空的"),
    ],
)
def test_a_wrong_file_is_422_with_its_reason(data, name, words):
    s = scene.Scene(world.build())
    upload = BytesIO(data)
    upload.name = name
    response = office(s).post(reverse("reviews:import_experts"), {"sheet": upload})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_sheet_with_other_columns_names_what_is_missing():
    s = scene.Scene(world.build())
    response = office(s).post(
        reverse("reviews:import_experts"), {"sheet": sheet(("甲",), head=("姓名",))}
    )
    assert response.status_code == 422
    assert "表头缺少“邮箱”" in response.content.decode()


def test_more_rows_than_a_file_may_have_are_refused(monkeypatch):
    monkeypatch.setattr(poolfile, "MOST_ROWS", 1)
    entries, wrong = poolfile.read(sheet(GOOD).getvalue(), "名单.xlsx")
    assert len(entries) == 1 and not wrong
    for more in ([GOOD, GOOD], [("", "")] * 3 + [GOOD]):
        with pytest.raises(Refusal) as said:
            poolfile.read(sheet(*more).getvalue(), "名单.xlsx")
        assert said.value.message == "一次最多导入 1 行，请分批导入。"
        assert (said.value.code, said.value.status) == ("too-large", 422)


def test_a_list_that_unpacks_to_a_flood_or_declares_entities_is_refused():
    def changed(content):
        out = BytesIO()
        with ZipFile(sheet(GOOD)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
            for one in old.namelist():
                new.writestr(one, content(one, old.read(one)))
        return out.getvalue()

    def flood(name, data):
        return data + b" " * 20_000_000 if name == "xl/worksheets/sheet1.xml" else data

    def bomb(name, data):
        return b'<!DOCTYPE x [<!ENTITY a "a">]>' + data if name.endswith("sheet1.xml") else data

    for content, words in ((flood, "解压后过大"), (bomb, "不是有效的 xlsx")):
        with pytest.raises(Refusal) as said:
            poolfile.read(changed(content), "名单.xlsx")
        assert words in said.value.message and said.value.status == 422


def test_what_was_written_is_read_back_as_it_was():
    cells = [str(one) for one in GOOD]
    cells[2], cells[3] = "+86 00012345", "=1+1"
    entries, wrong = poolfile.read(poolfile.write([cells], note="说明"), "名单.xlsx")
    assert not wrong and [(one.phone, one.title) for one in entries] == [("+86 00012345", "=1+1")]
    assert entries[0].region == "110000"


def test_the_export_masks_phones_and_holds_no_formula():
    s = scene.Scene(world.build())
    scene.expert(1, actor=s.office, phone="000-12345678", employer_name="=1+1有限公司")
    client = office(s)
    response = client.get(reverse("reviews:export_experts"))
    book = load_workbook(BytesIO(response.content))
    cells = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert "000-12345678" not in cells
    assert "000*****5678" in cells
    assert "=1+1有限公司" in cells
    assert all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row)
    assert "000-12345678" not in client.get(reverse("reviews:experts")).content.decode()
    assert client.get(reverse("reviews:template_sheet")).status_code == 200


def test_the_pool_is_filtered_by_field_and_state():
    s = scene.Scene(world.build())
    scene.expert(1, actor=s.office)
    scene.expert(2, actor=s.office, fields=("机器翻译系统",))
    client = office(s)
    page = client.get(reverse("reviews:experts"), {"q": "机器翻译"}).content.decode()
    assert "专家2" in page
    assert "专家1<" not in page
    page = client.get(reverse("reviews:experts"), {"state": "waiting"}).content.decode()
    assert "没有符合条件的专家" in page


def test_an_invited_expert_activates_and_is_recognised():
    from accounts import links
    from accounts import services as accounts

    s = scene.Scene(world.build())
    office(s).post(
        reverse("reviews:add_expert"),
        {
            "name": "新专家",
            "email": "New@Example.org",
            "fields_text": "智能传感器",
            "employer_name": "示例研究院",
            "capacity": "9",
        },
    )
    expert = Expert.objects.get()
    assert expert.user is None
    token = links.token(Link.objects.get(email="new@example.org"))
    user = accounts.activate(token, at=AT, name="新专家", password="一个够长的密码-2021")
    expert.refresh_from_db()
    assert expert.user == user
    assert signed_in(user).get(reverse("reviews:desk")).status_code == 200


def test_a_wrong_expert_form_is_422_and_names_each_field():
    s = scene.Scene(world.build())
    response = office(s).post(
        reverse("reviews:add_expert"),
        {
            "name": "新专家",
            "email": "不是邮箱",
            "fields_text": "",
            "employer_name": "某院",
            "employer_code": "123",
            "capacity": "很多",
            "region": "北京",
        },
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("invalid-feedback") >= 5
    assert Expert.objects.count() == 0


def test_an_expert_is_edited_and_leaves_the_pool():
    s = scene.build(filed=1, experts=2, wanted=1, made=False)
    client = office(s)
    expert = s.experts[0]
    url = reverse("reviews:edit_expert", args=[expert.pk])
    assert client.get(url).status_code == 200
    client.post(
        url,
        {
            "name": "改名",
            "fields_text": "智能传感器",
            "employer_name": "新单位",
            "capacity": "7",
            "available": "on",
        },
    )
    expert.refresh_from_db()
    assert (expert.name, expert.employer_name, expert.capacity) == ("改名", "新单位", 7)
    assert client.post(reverse("reviews:leave_pool", args=[expert.pk])).status_code == 302
    assert signed_in(expert.user).get(reverse("reviews:desk")).status_code == 403


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
