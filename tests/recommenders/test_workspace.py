"""The workspace over all filings: live from the filing stage, filters, tags, notes, export."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from applications import services as applications
from audit.models import Entry
from core.errors import Refusal
from recommenders import queries, services
from recommenders.models import Confirmation, FilingNote, Tag, Tagging
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.recommenders.test_programmes import quota, spec
from tests.recommenders.test_recommending import refused
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def area(cast):
    """Five filings of the province, two of them on the list, recommendation open."""
    one, two = cast.call.directions.all()[:2]
    found = [scene.filing(cast, n, direction=one if n < 4 else two) for n in range(1, 6)]
    open_recommendation(cast)
    scene.recommend(cast, *found[:2], at=AT)
    cast.found = found
    return cast


def page(client, cast, **params):
    return client.get(url("filings", cast.call.code), params)


def titles(answer) -> list[str]:
    return [row.application.title for row in answer.context["page"]]


def tag(cast, name="重点", tone="red", by="operator"):
    return services.make_tag(name=name, tone=tone, actor=cast.actor(by), at=AT)


# Live from the filing stage ---------------------------------------------------------------------


def test_names_come_live_while_filing_runs_and_drafts_are_only_counted(client, cast):
    as_(client, cast, "operator")
    text = page(client, cast).content.decode()
    assert "申报正在进行，已有 1 项，其中填写中 1 项" in text
    assert cast.application.title not in text
    filed = scene.filing(cast, 1)
    text = page(client, cast).content.decode()
    assert filed.title in text and "内容在申报截止" in text and cast.application.title not in text


def test_a_programme_may_keep_even_the_names_closed_while_filing_runs(client):
    programme = world.programme()
    closed = programme.recommendation.model_copy(update={"watch_filing": False})
    cast = world.build(spec(recommendation=closed))
    filed = scene.filing(cast, 1)
    as_(client, cast, "operator")
    text = page(client, cast).content.decode()
    assert "前只显示数量" in text and filed.title not in text
    book = client.get(url("export", cast.call.code)).content
    assert filed.title not in str(cells(book))


# Filters, order, columns ------------------------------------------------------------------------


def test_filters_stand_in_the_address_and_meet_together(client, area):
    as_(client, area, "operator")
    assert len(titles(page(client, area))) == 5
    two = area.found[3].direction
    assert set(titles(page(client, area, direction=two.key))) == {"示例项目4号", "示例项目5号"}
    assert set(titles(page(client, area, standing="listed"))) == {"示例项目1号", "示例项目2号"}
    assert titles(page(client, area, q="示例企业3号")) == ["示例项目3号"]
    assert titles(page(client, area, q="示例企业3号", standing="listed")) == []
    empty = page(client, area, q="没有这样的").content.decode()
    assert "没有符合条件的申报" in empty and "清除条件" in empty
    assert len(titles(page(client, area, direction="unknown", city="nowhere"))) == 5


def test_the_order_follows_the_address_and_columns_are_chosen(client, area):
    as_(client, area, "operator")
    up = titles(page(client, area, sort="title"))
    assert up == sorted(up)
    assert titles(page(client, area, sort="-title")) == up[::-1]
    assert titles(page(client, area, sort="standing"))[:2] == ["示例项目1号", "示例项目2号"]
    answer = client.get(url("filings", area.call.code) + "?col=state&col=submitted")
    assert [key for key, _, _ in answer.context["heads"]] == ["state", "submitted"]
    assert titles(page(client, area, sort="odd")) == titles(page(client, area))


def test_the_page_takes_as_many_queries_for_500_filings_as_for_one(client, cast, monkeypatch):
    first = scene.filing(cast, 1)
    open_recommendation(cast)
    scene.recommend(cast, first, at=AT)
    as_(client, cast, "operator")
    page(client, cast)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert page(client, cast).status_code == 200
        return len(caught)

    one = count()
    multiply(first, 499)
    answer = page(client, cast)
    assert answer.context["total"] == 500
    assert count() == one
    with CaptureQueriesContext(connection) as caught:
        assert len(cells(client.get(url("export", cast.call.code)).content)) == 500 + 4
    assert len(caught) <= one + 2


def multiply(filing, count: int) -> None:
    """As many filings again, each of a unit of its own, written straight into the tables."""
    from accounts.models import Organisation
    from applications.models import Application

    units = Organisation.objects.bulk_create(
        [
            Organisation(kind="enterprise", name=f"示例批量{n}有限公司", region="430100")
            for n in range(count)
        ]
    )
    Application.objects.bulk_create(
        [
            Application(
                public_id=f"many{n:06d}",
                number=f"M-{n:06d}",
                call=filing.call,
                organisation=unit,
                recommender=filing.recommender,
                title=f"批量项目{n}",
                direction=filing.direction,
                status="submitted",
                version_number=1,
                submitted_at=AT,
                first_submitted_at=AT,
                created_at=AT,
                created_by=filing.created_by,
                changed_at=AT,
            )
            for n, unit in enumerate(units)
        ]
    )


# Tags -------------------------------------------------------------------------------------------


def test_bulk_tagging_changes_what_is_ticked_and_one_press_takes_it_back(client, area):
    mark = tag(area)
    services.tag_filings(mark, [area.found[0].pk], put=True, actor=area.actor("operator"), at=AT)
    as_(client, area, "operator")
    picked = [one.public_id for one in area.found[:3]]
    said = client.post(
        url("bulk", area.call.code), {"act": "tag", "tag": mark.pk, "pick": picked}, follow=True
    )
    assert "已为 2 项加上标签“重点”" in said.content.decode()
    assert Tagging.objects.filter(tag=mark).count() == 3
    assert len(titles(page(client, area, tag=mark.pk))) == 3
    entry = said.context["undo"].pk
    back = client.post(url("undo_tagging", entry), follow=True)
    assert "2 项恢复原样" in back.content.decode()
    assert [one.application for one in Tagging.objects.all()] == [area.found[0]]


def test_taking_a_tag_off_can_be_undone_too(area):
    mark, actor = tag(area), area.actor("operator")
    pks = [one.pk for one in area.found]
    services.tag_filings(mark, pks, put=True, actor=actor, at=AT)
    entry = services.tag_filings(mark, pks[:2], put=False, actor=actor, at=AT)
    assert Tagging.objects.count() == 3
    assert services.undo_tagging(entry, actor=actor, at=AT) == 2
    assert Tagging.objects.count() == 5


def test_tags_belong_to_their_unit_alone(client, area):
    theirs = tag(area, name="邻省标签", by="neighbour")
    as_(client, area, "operator")
    assert "邻省标签" not in page(client, area).content.decode()
    picked = {"act": "tag", "tag": theirs.pk, "pick": [area.found[0].public_id]}
    assert client.post(url("bulk", area.call.code), picked).status_code == 404
    assert client.post(url("drop_tag", theirs.pk)).status_code == 404
    refused(
        "not-yours",
        services.tag_filings,
        theirs,
        [area.found[0].pk],
        put=True,
        actor=area.actor("neighbour"),
        at=AT,
    )


def test_a_step_of_tagging_is_undone_by_its_own_unit_only(client, area):
    mark = tag(area)
    entry = services.tag_filings(
        mark, [area.found[0].pk], put=True, actor=area.actor("operator"), at=AT
    )
    refused("not-yours", services.undo_tagging, entry, actor=area.actor("neighbour"), at=AT)
    as_(client, area, "neighbour")
    other = client.post(url("undo_tagging", entry.pk))
    assert other.status_code == 404 and Tagging.objects.count() == 1


def test_a_tag_has_a_name_of_twelve_characters_and_a_known_look(area):
    refused("tag-name", tag, area, name="一" * 13)
    refused("tag-name", tag, area, name="  ")
    refused("tag-tone", tag, area, tone="#ff0000")
    assert tag(area).pk == tag(area, tone="teal").pk
    assert Tag.objects.get().tone == "teal"
    services.tag_filings(
        Tag.objects.get(), [area.found[0].pk], put=True, actor=area.actor("operator"), at=AT
    )
    assert services.drop_tag(Tag.objects.get(), actor=area.actor("operator"), at=AT) == 1
    assert not Tagging.objects.exists()


# Notes ------------------------------------------------------------------------------------------


def test_a_note_is_seen_by_the_units_own_people_alone(client, area):
    filing = area.found[2]
    as_(client, area, "operator")
    client.post(url("add_note", filing.public_id), {"text": "待核实检测报告"})
    as_(client, area, "approver")
    assert "待核实检测报告" in client.get(url("application", filing.public_id)).content.decode()
    assert titles(page(client, area, q="待核实检测")) == [filing.title]
    for who, where in (
        ("office", url("office_list", scene.ranked(area).pk)),
        ("auditor", "/"),
    ):
        as_(client, area, who)
        assert "待核实检测报告" not in client.get(where, follow=True).content.decode()


def test_a_hidden_note_keeps_who_wrote_and_who_hid_it(client, area):
    filing = area.found[2]
    note = services.add_note(filing, text="写错了", actor=area.actor("operator"), at=AT)
    as_(client, area, "neighbour")
    assert client.post(url("remove_note", note.pk)).status_code == 404
    as_(client, area, "approver")
    client.post(url("remove_note", note.pk))
    note = FilingNote.objects.get()
    assert note.by == area.people["operator"] and note.removed_by == area.people["approver"]
    assert "写错了" not in client.get(url("application", filing.public_id)).content.decode()
    assert client.post(url("remove_note", note.pk)).status_code == 404


def test_a_note_needs_words_and_not_too_many(area):
    for text, code in (("", "note-empty"), ("字" * 501, "note-long")):
        refused(
            code,
            services.add_note,
            area.found[0],
            text=text,
            actor=area.actor("operator"),
            at=AT,
        )


# Acts on many -----------------------------------------------------------------------------------


def test_many_are_recommended_at_once_and_each_refusal_is_named(client, area):
    scene.limit(area, 3, soft=False)
    as_(client, area, "operator")
    picked = [one.public_id for one in area.found[2:]]
    said = client.post(
        url("bulk", area.call.code), {"act": "recommend", "pick": picked}, follow=True
    ).content.decode()
    assert "已推荐 1 项" in said and said.count("没有办理：") == 2
    assert scene.places_taken(area) == 3


def test_what_is_ticked_must_lie_in_the_area(client, area):
    as_(client, area, "neighbour")
    data = {"act": "reserve", "pick": [area.found[0].public_id]}
    assert client.post(url("bulk", area.call.code), data).status_code == 404
    as_(client, area, "operator")
    assert client.post(url("bulk", area.call.code), {"act": "reserve"}).status_code == 422
    odd = {"act": "delete", "pick": [area.found[0].public_id]}
    assert client.post(url("bulk", area.call.code), odd).status_code == 422


def test_the_way_back_leads_nowhere_outside(client, area):
    as_(client, area, "operator")
    mark = tag(area)
    for back in ("https://evil.example/", "//evil.example", "/recommend/\\evil", "javascript:x"):
        data = {"act": "tag", "tag": mark.pk, "pick": [area.found[0].public_id], "back": back}
        answer = client.post(url("bulk", area.call.code), data)
        assert answer["Location"].startswith(url("filings", area.call.code))


# Export -----------------------------------------------------------------------------------------


def cells(data: bytes) -> list[tuple]:
    return [
        tuple(cell.value for cell in row)
        for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows()
    ]


def test_the_export_holds_what_the_page_shows_with_who_when_and_filter(client, area):
    services.add_note(area.found[0], text="=HYPERLINK(1)", actor=area.actor("operator"), at=AT)
    before = Entry.objects.count()
    as_(client, area, "operator")
    where = url("export", area.call.code) + "?standing=listed&sort=-title&col=note&col=standing"
    rows = cells(client.get(where).content)
    assert rows[1][:7] == (
        "序号",
        "申报编号",
        "项目名称",
        "申报单位",
        "统一社会信用代码",
        "名单",
        "内部备注",
    )
    assert [row[2] for row in rows[2:4]] == ["示例项目2号", "示例项目1号"]
    assert rows[3][6] == "=HYPERLINK(1)" and rows[2][0] == 1 and len(rows[3][4]) == 18
    assert "赵示例" in rows[4][0] and "名单 已推荐" in rows[5][0]
    sheet = load_workbook(io.BytesIO(client.get(where).content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert Entry.objects.count() == before


# Side pools -------------------------------------------------------------------------------------


def pooled():
    own = quota(limit=1, soft=False)
    side = quota(limit=1, soft=False, pool="先导区", counts_in_region=False)
    return world.build(spec(quota=(own, side)))


def test_a_side_pool_is_chosen_on_the_page_and_not_counted_in_the_region(client):
    cast = pooled()
    one, two = scene.filings(cast, 2)
    open_recommendation(cast)
    as_(client, cast, "operator")
    client.post(url("recommend", one.public_id))
    listing = client.get(url("list", cast.call.code) + "?show=rest").content.decode()
    assert "先导区名额" in listing
    assert client.post(url("recommend", two.public_id)).status_code == 409
    client.post(url("recommend", two.public_id), {"pool": "先导区"})
    assert Confirmation.objects.get(application=two).allotment.pool == "先导区"
    shown = client.get(url("list", cast.call.code))
    assert (shown.context["ledger"].used, shown.context["ledger"].limit) == (1, 1)
    assert "不占本单位名额" in shown.content.decode()
    rows = client.get(url("confirm", cast.call.code)).context["rows"]
    assert rows[1]["note"] == "先导区名额"


# Repetitions and clashes ------------------------------------------------------------------------


def twice(cast):
    """Two filings of one unit, the first on the list."""
    one = scene.filing(cast, 1)
    two = applications.create(
        call=cast.call,
        organisation=one.organisation,
        title="同一单位的另一项",
        direction=one.direction,
        subfield=None,
        recommender=cast.province,
        actor=world.actor(one.created_by),
        at=AT,
    )
    two = scene.submitted(two, one.created_by, 902)
    open_recommendation(cast)
    scene.recommend(cast, one, at=AT)
    return one, two


def test_a_unit_that_stands_on_the_list_twice_needs_a_written_reason(client, cast):
    _, two = twice(cast)
    as_(client, cast, "operator")
    said = client.post(url("recommend", two.public_id), follow=True)
    text = said.content.decode()
    assert "已有《示例项目1号》在推荐名单中" in text and "说明后推荐" in text
    assert scene.places_taken(cast) == 1
    client.post(url("recommend", two.public_id), {"clash_reason": "两项方向不同"})
    held = Confirmation.objects.get(application=two)
    assert held.clash_reason == "两项方向不同"
    assert Entry.objects.filter(action="recommenders.confirm").latest("pk").data["clash"]
    confirm = client.get(url("confirm", cast.call.code)).content.decode()
    assert "有重复情况" in confirm and "两项方向不同" in confirm


def test_a_list_with_an_unexplained_repetition_is_not_frozen(cast):
    one, two = twice(cast)
    services.recommend(two, clash_reason="两项方向不同", actor=cast.actor("operator"), at=AT)
    Confirmation.objects.update(clash_reason="")
    refused("clash-unexplained", scene.confirm_list, cast, at=AT)
    services.explain_clash(one, reason="两项内容不同", actor=cast.actor("operator"), at=AT)
    assert scene.confirm_list(cast, at=AT).number == 1


def test_titles_that_read_alike_are_shown_before_confirming(cast):
    first = scene.filing(cast, 1, title="面向工业听诊的低噪声声学传感器")
    second = scene.filing(cast, 2, title="面向工业听诊的低噪声声学传感器研制")
    open_recommendation(cast)
    scene.recommend(cast, first, at=AT)
    said = refused(
        "clash-unexplained", services.recommend, second, actor=cast.actor("operator"), at=AT
    )
    assert "相近" in said.message and first.title in said.message


def test_what_the_rules_forbid_cannot_be_explained_away(cast, monkeypatch):
    from applications import exclusivity

    one = scene.filing(cast, 1)
    open_recommendation(cast)

    def forbidden(application):
        raise Refusal("same-project", "不得推荐", rule="测试通知 二")

    monkeypatch.setattr(exclusivity, "must_be_clear", forbidden)
    refused(
        "same-project",
        services.recommend,
        one,
        clash_reason="确有必要，说明如下",
        actor=cast.actor("operator"),
        at=AT,
    )
    assert queries.live(cast.call, cast.province).count() == 0


def test_a_filing_after_the_deadline_is_shown_but_not_changed(client, area):
    area.call = scene.move_dates(area.call, recommendation_until=AT - timedelta(hours=1))
    as_(client, area, "operator")
    text = page(client, area).content.decode()
    assert "示例项目1号" in text and 'value="recommend"' not in text
