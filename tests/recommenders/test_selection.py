"""初审: own experts under own criteria, or a selection on paper; both feed 初评分 and the order."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core.errors import Refusal
from documents import services as documents
from recommenders import queries, scores, services
from recommenders.models import PaperResult, PaperSelection, Reserve
from recommenders.services import selections
from recommenders.services.selections import Result
from reviews import services as reviews
from reviews.models import Assignment, Round
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.recommenders.test_recommending import refused
from tests.reviews import scene as reviewing
from tests.world import AT

pytestmark = pytest.mark.django_db

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


@pytest.fixture
def area(cast):
    cast.found = scene.filings(cast, 4)
    cast.foreign = scene.filing(cast, 9, recommender=cast.other_province)
    open_recommendation(cast)
    return cast


def enter(cast, results, *, by="operator", **changes) -> PaperSelection:
    values = {
        "held_on": AT.date() - timedelta(days=1),
        "participants": "示例专家三人",
        "note": "",
        "minutes": PDF,
        "minutes_name": "评审会纪要.pdf",
        **changes,
    }
    return services.enter_paper_selection(
        cast.call,
        organisation=cast.province,
        results=results,
        actor=cast.actor(by),
        at=AT,
        **values,
    )


def figures(cast, *typed):
    return [
        Result(one.pk, Decimal(score) if score else None, rank)
        for one, (score, rank) in zip(cast.found, typed, strict=False)
    ]


# On paper ---------------------------------------------------------------------------------------


def test_a_paper_selection_keeps_its_minutes_and_feeds_the_column(client, area):
    made = enter(area, figures(area, ("70", 3), ("91.4", 1), ("85", 2)))
    assert documents.read(made.minutes) == PDF
    known = scores.of(area.call.pk, area.province.pk)
    assert [known[one.pk].value for one in area.found[:3]] == [70, Decimal("91.4"), 85]
    as_(client, area, "operator")
    page = client.get(url("filings", area.call.code), {"sort": "score"})
    order = [row.application.title for row in page.context["page"]]
    assert order == ["示例项目2号", "示例项目3号", "示例项目1号", "示例项目4号"]
    assert "91.40" in page.content.decode() and "线下评审" in page.content.decode()
    least = client.get(url("filings", area.call.code), {"least": "85"})
    assert len(least.context["page"]) == 2
    got = client.get(url("minutes", made.public_id))
    assert got.content == PDF and "attachment" in got["Content-Disposition"]
    as_(client, area, "neighbour")
    assert client.get(url("minutes", made.public_id)).status_code == 404


def test_a_later_entry_replaces_the_former_and_both_stay(area):
    first = enter(area, figures(area, ("70", None)))
    second = enter(area, figures(area, ("80", None), ("60", None)))
    first.refresh_from_db()
    assert first.replaced_at == AT and second.replaced_at is None
    assert PaperResult.objects.count() == 3
    assert scores.of(area.call.pk, area.province.pk)[area.found[0].pk].value == 80


def test_an_entry_that_does_not_hold_is_refused_and_keeps_nothing(area):
    one = figures(area, ("70", 1))
    refused("no-results", enter, area, [])
    refused("same-rank", enter, area, figures(area, ("70", 1), ("60", 1)))
    refused("held-later", enter, area, one, held_on=AT.date() + timedelta(days=3))
    refused("people-missing", enter, area, one, participants=" ")
    refused("not-of-area", enter, area, [Result(area.foreign.pk, Decimal(90), 1)])
    refused("not-yours", enter, area, one, by="neighbour")
    refused("wrong-type", enter, area, one, minutes_name="纪要.exe")
    refused("type-mismatch", enter, area, one, minutes=b"hello")
    assert not PaperSelection.objects.exists()


@pytest.mark.parametrize("typed", ["101", "-1", "nan", "优"])
def test_a_score_lies_between_0_and_100(typed):
    with pytest.raises(Refusal) as said:
        selections.figure(typed, what="《示例》")
    assert said.value.code == "odd-score"


def test_the_template_goes_out_and_comes_back_filled_in(client, area):
    as_(client, area, "operator")
    book = load_workbook(io.BytesIO(client.get(url("selection_template", area.call.code)).content))
    sheet = book.worksheets[0]
    numbers = {row[0].value: row for row in sheet.iter_rows(min_row=3)}
    assert set(numbers) == {one.number for one in area.found}
    numbers[area.found[1].number][3].value = 92.5
    numbers[area.found[1].number][4].value = 1
    numbers[area.found[2].number][3].value = "88"
    filled = io.BytesIO()
    book.save(filled)
    filled.name, filled.size = "结果.xlsx", len(filled.getvalue())
    answer = client.post(
        url("enter_selection", area.call.code),
        {
            "held_on": (AT - timedelta(days=1)).date().isoformat(),
            "participants": "示例专家三人",
            "minutes": upload(PDF, "纪要.pdf"),
            "sheet": upload(filled.getvalue(), "结果.xlsx"),
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    known = scores.of(area.call.pk, area.province.pk)
    assert (known[area.found[1].pk].value, known[area.found[1].pk].rank) == (Decimal("92.5"), 1)
    assert known[area.found[2].pk].value == 88


def upload(data: bytes, name: str):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, data)


def test_every_faulty_row_of_a_sheet_is_named_and_none_is_taken(client, area):
    as_(client, area, "operator")
    book = load_workbook(io.BytesIO(client.get(url("selection_template", area.call.code)).content))
    sheet = book.worksheets[0]
    sheet["D3"], sheet["E4"] = 300, "一"
    sheet.append(["没有的编号", "", "", 80, None])
    data = io.BytesIO()
    book.save(data)
    with pytest.raises(Refusal) as said:
        selections.read_sheet(data.getvalue(), area.found)
    words = said.value.message
    assert "第 3 行" in words and "第 4 行" in words and "没有的编号" in words
    sheet["A5002"] = "太低"
    data = io.BytesIO()
    book.save(data)
    with pytest.raises(Refusal) as long:
        selections.read_sheet(data.getvalue(), area.found)
    assert long.value.code == "too-many-rows"
    with pytest.raises(Refusal) as odd:
        selections.read_sheet(b"PK\x03\x04 no", area.found)
    assert odd.value.status == 422


def test_typed_figures_come_back_with_the_fault_named(client, area):
    as_(client, area, "operator")
    one = area.found[0].public_id
    data = {
        "held_on": (AT - timedelta(days=1)).date().isoformat(),
        "participants": "示例专家三人",
        "minutes": upload(PDF, "纪要.pdf"),
        f"score-{one}": "九十",
    }
    page = client.post(url("enter_selection", area.call.code), data)
    text = page.content.decode()
    assert page.status_code == 422 and "不是数字" in text and 'value="九十"' in text
    assert not PaperSelection.objects.exists()
    data |= {f"score-{one}": "90.5", "minutes": upload(PDF, "纪要.pdf")}
    assert client.post(url("enter_selection", area.call.code), data).status_code == 302
    assert PaperResult.objects.get().score == Decimal("90.5")


# Own experts ------------------------------------------------------------------------------------


CRITERIA = "创新性 40 10\n可行性 60 20"


def test_a_province_scores_by_its_own_criteria_and_sees_the_result_on_its_desk(client, area):
    approver, operator = area.actor("approver"), area.actor("operator")
    experts = [reviewing.expert(n, organisation=area.province, actor=operator) for n in (1, 2, 3)]
    as_(client, area, "operator")
    now = area.call.time(AT)
    answer = client.post(
        reverse_create(),
        {
            "call": area.call.pk,
            "title": "省级初审",
            "opens_at": f"{(now - timedelta(hours=9)).astimezone():%Y-%m-%dT%H:%M}",
            "closes_at": f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}",
            "experts_per_application": "2",
            "criteria_text": CRITERIA,
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = Round.objects.get()
    assert [(c.title, c.weight, c.highest) for c in made.sheet.criteria] == [
        ("创新性", 40, 10),
        ("可行性", 60, 20),
    ]
    reviews.propose_assignment(made, actor=operator, at=AT)
    reviews.deploy(made, actor=approver, at=AT)
    for expert in experts:
        tasks = Assignment.objects.filter(round=made, expert=expert, state="deployed")
        reviews.declare_conflicts(
            made,
            expert,
            clear=[task.pk for task in tasks],
            conflicted={},
            actor=world.actor(expert.user),
            at=AT,
        )
        for task in tasks:
            best = task.application_id == area.found[2].pk
            reviews.submit_score(
                task,
                scores={"own1": 9 if best else 6, "own2": 18 if best else 12},
                comments=dict.fromkeys(("own1", "own2"), "材料充分，结论可信，同意。"),
                overall="同意",
                version=0,
                actor=world.actor(expert.user),
                at=AT,
            )
    assert scores.of(area.call.pk, area.province.pk) == {}
    reviews.close_round(Round.objects.get(pk=made.pk), actor=operator, at=AT)
    known = scores.of(area.call.pk, area.province.pk)
    assert {one.pk: known[one.pk].value for one in area.found} == {
        one.pk: Decimal("90.00") if one == area.found[2] else Decimal("60.00") for one in area.found
    }
    assert {one.status for one in area.found} == {"submitted"}
    page = client.get(url("list", area.call.code), {"show": "rest"}).content.decode()
    assert "初评分" in page and "90.00" in page
    assert scores.of(area.call.pk, area.other_province.pk) == {}


def reverse_create():
    from django.urls import reverse

    return reverse("reviews:create")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("创新性 40\n可行性 50", "权重合计须为 100"),
        ("创新性 四十", "须为：名称 权重 满分"),
        ("创新性 50\n创新性 50", "不能重复"),
        ("创新性", "须为：名称 权重 满分"),
    ],
)
def test_criteria_that_do_not_add_up_are_turned_back(client, area, typed, words):
    as_(client, area, "operator")
    page = client.post(reverse_create(), {"call": area.call.pk, "criteria_text": typed})
    assert page.status_code == 422 and words in page.content.decode()
    assert not Round.objects.exists()


def test_no_round_of_a_recommender_starts_while_filing_runs(cast):
    scene.filing(cast, 1)
    said = refused(
        "contents-closed",
        reviews.create_round,
        cast.call,
        organisation=cast.province,
        title="初审",
        opens_at=AT,
        closes_at=AT + timedelta(days=1),
        actor=cast.actor("operator"),
        at=AT,
    )
    assert "申报截止后" in said.message


# The order --------------------------------------------------------------------------------------


def test_the_list_is_arranged_by_score_and_the_arrangement_taken_back(client, area):
    scene.recommend(area, *area.found[:3], at=AT)
    services.reserve(area.found[3], actor=area.actor("operator"), at=AT)
    enter(area, figures(area, ("70", None), ("95", None), ("80", None), ("99", None)))
    as_(client, area, "operator")
    before = scene.order(area)
    client.post(url("order_by_score", area.call.code))
    assert scene.order(area) == ["示例项目2号", "示例项目3号", "示例项目1号"]
    assert Reserve.objects.get().rank == 1
    page = client.get(url("list", area.call.code)).content.decode()
    assert "刚才：按初评分重排" in page
    client.post(url("undo", area.call.code))
    assert scene.order(area) == before
    assert client.post(url("undo", area.call.code)).status_code == 409


def test_without_scores_there_is_nothing_to_arrange_by(area):
    scene.recommend(area, *area.found[:2], at=AT)
    refused(
        "no-scores",
        services.order_by_score,
        scene.ranked(area),
        actor=area.actor("operator"),
        at=AT,
    )


def test_a_typed_number_moves_a_line_and_can_be_taken_back(client, area):
    scene.recommend(area, *area.found, at=AT)
    as_(client, area, "operator")
    client.post(url("rank", area.found[3].public_id), {"number": "１"})
    assert scene.order(area)[0] == "示例项目4号"
    client.post(url("undo", area.call.code))
    assert scene.order(area)[-1] == "示例项目4号"
    for odd in ("0", "一", "", "-2", "1.5"):
        answer = client.post(url("rank", area.found[3].public_id), {"number": odd})
        assert answer.status_code == 422, odd


def test_undoing_a_promotion_brings_the_line_back_to_its_place_in_the_reserve(area):
    operator = area.actor("operator")
    for one in area.found[1:]:
        services.reserve(one, actor=operator, at=AT)
    services.set_note(area.found[2], note="填补空白", actor=operator, at=AT)
    services.promote(area.found[2], actor=operator, at=AT)
    assert scene.order(area) == ["示例项目3号"]
    services.undo(scene.ranked(area), actor=operator, at=AT)
    lines = Reserve.objects.order_by("rank").values_list("application__title", flat=True)
    assert list(lines) == ["示例项目2号", "示例项目3号", "示例项目4号"]
    assert scene.places_taken(area) == 0


def test_what_came_after_ends_the_undo(area):
    operator = area.actor("operator")
    scene.recommend(area, *area.found[:3], at=AT)
    services.set_rank(area.found[2], number=1, actor=operator, at=AT)
    services.unrecommend(area.found[0], actor=operator, at=AT, reason="企业放弃")
    refused("nothing-to-undo", services.undo, scene.ranked(area), actor=operator, at=AT)
    refused("not-yours", services.undo, scene.ranked(area), actor=area.actor("neighbour"), at=AT)


def test_a_confirmed_list_has_nothing_to_undo(area):
    scene.recommend(area, area.found[0], at=AT)
    scene.confirm_list(area, at=AT)
    refused("list-frozen", services.undo, scene.ranked(area), actor=area.actor("operator"), at=AT)


# Dropping out -----------------------------------------------------------------------------------


def test_when_a_listed_one_withdraws_the_next_is_offered_in_one_press(client, area):
    from applications import services as applications

    scene.limit(area, 2)
    scene.recommend(area, *area.found[:2], at=AT)
    services.reserve(area.found[2], actor=area.actor("operator"), at=AT)
    as_(client, area, "operator")
    assert 'id="promote"' not in client.get(url("list", area.call.code)).content.decode()
    gone = area.found[0]
    applications.withdraw(gone, actor=world.actor(gone.created_by), at=AT, reason="企业放弃申报")
    text = client.get(url("list", area.call.code)).content.decode()
    assert "《示例项目1号》申报单位撤回" in text and "递补备 1" in text
    client.post(url("promote", area.found[2].public_id))
    assert scene.order(area) == ["示例项目2号", "示例项目3号"]
    assert 'id="promote"' not in client.get(url("list", area.call.code)).content.decode()


def test_what_the_unit_took_down_itself_offers_nobody(client, area):
    scene.recommend(area, *area.found[:2], at=AT)
    operator = area.actor("operator")
    services.reserve(area.found[2], actor=operator, at=AT)
    services.unrecommend(area.found[0], actor=operator, at=AT, reason="重新研究")
    as_(client, area, "operator")
    assert 'id="promote"' not in client.get(url("list", area.call.code)).content.decode()


# Under a condition ------------------------------------------------------------------------------


def test_a_condition_is_printed_until_it_is_fulfilled(client, area):
    as_(client, area, "operator")
    one = area.found[0]
    client.post(url("recommend", one.public_id), {"condition": "补交检测报告"})
    rows = client.get(url("confirm", area.call.code)).context["rows"]
    assert rows[0]["note"] == "有条件推荐：补交检测报告"
    frozen = scene.confirm_list(area, at=AT)
    assert frozen.rows[0]["note"] == "有条件推荐：补交检测报告"
    said = client.post(url("condition", one.public_id), {"condition": "另一条件"})
    assert said.status_code == 409
    short = client.post(url("condition", one.public_id), {"act": "met", "note": "好"})
    assert short.status_code == 422
    client.post(url("condition", one.public_id), {"act": "met", "note": "检测报告已补交"})
    held = queries.live(area.call, area.province).get()
    assert held.condition_met_at and held.condition_met_note == "检测报告已补交"
    frozen.refresh_from_db()
    assert frozen.rows[0]["note"] == "有条件推荐：补交检测报告"
    assert (
        client.post(
            url("condition", one.public_id), {"act": "met", "note": "再登记一次吧"}
        ).status_code
        == 409
    )
    assert "已落实" in client.get(url("application", one.public_id)).content.decode()


def test_a_condition_can_be_lifted_while_the_list_is_open(area):
    operator = area.actor("operator")
    services.recommend(area.found[0], condition="补交材料", actor=operator, at=AT)
    before = scene.shown(area)
    services.set_condition(area.found[0], condition="", actor=operator, at=AT)
    assert queries.live(area.call, area.province).get().remark == ""
    assert scene.shown(area) != before
    refused(
        "condition-long",
        services.set_condition,
        area.found[0],
        condition="字" * 101,
        actor=operator,
        at=AT,
    )
    refused(
        "no-condition",
        services.condition_met,
        area.found[0],
        note="已经落实",
        actor=operator,
        at=AT,
    )
