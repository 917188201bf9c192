"""The quota ledger and its whole history: what each level is shown, and what cannot be evaded."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from applications import services as applications
from core.errors import Refusal
from recommenders import history, queries, services
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.recommenders.test_programmes import quota, spec
from tests.recommenders.test_recommending import REASON, refused
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(cast):
    """A province that has done one of everything."""
    found = scene.filings(cast, 4)
    open_recommendation(cast)
    operator, chief = cast.actor("operator"), cast.actor("chief")
    scene.limit(cast, 2, at=AT)
    scene.recommend(cast, *found[:2], at=AT)
    services.set_rank(found[1], number=1, actor=operator, at=AT)
    services.unrecommend(found[0], actor=operator, at=AT, reason="企业放弃")
    services.recommend(found[0], condition="补交材料", actor=operator, at=AT)
    services.reserve(found[2], actor=operator, at=AT)
    asked = services.request_over_quota(found[3], reason=REASON, actor=operator, at=AT)
    services.decide_over_quota(asked, approve=True, note="同意增加", actor=chief, at=AT)
    scene.confirm_list(cast, at=AT)
    services.reopen_list(
        scene.ranked(cast), reason="补充材料后重排", actor=cast.actor("approver"), at=AT
    )
    cast.found = found
    return cast


def test_the_history_says_who_did_what_when_and_what_it_was_before(busy):
    events = history.of(scene.ranked(busy))
    said = [(one.who, one.what, one.title, one.before, one.after, one.reason) for one in events]
    assert ("郑示例", "调整名额", "", "15 项", "2 项", "测试用的名额") in said
    assert ("赵示例", "推荐，列第 1 位", "示例项目1号", "", "", "") in said
    assert ("赵示例", "撤下，名额释放", "示例项目1号", "", "", "推荐单位撤下") in said
    assert ("赵示例", "推荐，列第 2 位；有条件：补交材料", "示例项目1号", "", "", "") in said
    assert ("赵示例", "调整序号", "示例项目2号", "第 2 位", "第 1 位", "") in said
    assert ("赵示例", "提出超额申请", "示例项目4号", "", "", REASON) in said
    assert ("郑示例", "同意超额推荐", "示例项目4号", "", "", "同意增加") in said
    assert any("使用经批准增加的名额" in one.what for one in events)
    assert any(one.what.startswith("确认第 1 版，3 项") for one in events)
    assert ("钱示例", "第 1 版作废，名单重新打开", "", "", "", "补充材料后重排") in said
    assert [one.at for one in events] == sorted((one.at for one in events), reverse=True)


def test_every_act_that_the_trail_knows_of_a_list_has_words(busy):
    from audit.models import Entry

    known = {f"recommenders.{name}" for name in history.ACTIONS}
    own = {"allot", "register_seal", "approve_seal", "add_note", "make_tag", "tag"}
    written = set(
        Entry.objects.filter(action__startswith="recommenders.").values_list("action", flat=True)
    )
    assert written - known <= {f"recommenders.{name}" for name in own}


def test_unit_and_office_read_the_same_history_and_take_it_along(client, busy):
    pk = scene.ranked(busy).pk
    as_(client, busy, "operator")
    own = client.get(url("history", busy.call.code))
    as_(client, busy, "office")
    seen = client.get(url("office_history", pk))
    assert [one.what for one in own.context["page"]] == [one.what for one in seen.context["page"]]
    only = client.get(url("office_history", pk), {"kind": "over"})
    assert {one.kind for one in only.context["page"]} == {"over"}
    assert len(client.get(url("office_history", pk), {"q": "示例项目2号"}).context["page"]) == 2
    book = client.get(url("office_history_sheet", pk) + "?kind=over").content
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(book)).active]
    assert len(rows) == 2 + 2 + 2 and "超额申请" in rows[-1][0] and "吴示例" in rows[-2][0]
    as_(client, busy, "neighbour")
    other = client.get(url("history", busy.call.code))
    assert len(other.context["page"]) == 0
    assert client.get(url("office_history", pk)).status_code == 403


def test_the_history_takes_the_same_queries_however_long_it_is(client, cast):
    found = scene.filings(cast, 8)
    open_recommendation(cast)
    scene.recommend(cast, found[0], at=AT)
    as_(client, cast, "operator")
    where = url("history", cast.call.code)
    client.get(where)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(where).status_code == 200
        return len(caught)

    one = count()
    scene.recommend(cast, *found[1:], at=AT)
    for number in (1, 5, 3):
        services.set_rank(found[2], number=number, actor=cast.actor("operator"), at=AT)
    assert count() == one


def test_lowering_below_what_is_held_names_the_filings(cast):
    found = scene.filings(cast, 3)
    open_recommendation(cast)
    scene.recommend(cast, *found, at=AT)
    said = refused("limit-below-used", scene.limit, cast, 1, at=AT)
    assert "第 1 位《示例项目1号》" in said.message and "第 3 位《示例项目3号》" in said.message
    assert scene.allotment(cast).limit == 15


def test_withdrawing_frees_the_place_and_coming_back_takes_no_second_one(cast):
    found = scene.filings(cast, 2)
    open_recommendation(cast)
    scene.limit(cast, 1, soft=False, at=AT)
    scene.recommend(cast, found[0], at=AT)
    applicant = world.actor(found[0].created_by)
    applications.withdraw(found[0], actor=applicant, at=AT, reason="企业放弃申报")
    assert queries.ledger_of(scene.allotment(cast)).used == 0
    scene.recommend(cast, found[1], at=AT)
    with pytest.raises(Refusal):
        services.recommend(found[0], actor=cast.actor("operator"), at=AT)
    assert scene.places_taken(cast) == 1


def test_the_office_sees_what_counts_in_the_region_and_what_does_not(client):
    own = quota(limit=2, soft=False)
    side = quota(limit=3, soft=False, pool="先导区", counts_in_region=False)
    cast = world.build(spec(quota=(own, side)))
    one, two = scene.filings(cast, 2)
    open_recommendation(cast)
    operator = cast.actor("operator")
    services.recommend(one, actor=operator, at=AT)
    services.recommend(two, pool="先导区", actor=operator, at=AT)
    as_(client, cast, "office")
    page = client.get(url("office_allotments", cast.call.code))
    assert (page.context["region"].used, page.context["region"].limit) == (1, 4)
    assert (page.context["apart"].used, page.context["apart"].limit) == (1, 6)
    apart = client.get(url("office_allotments", cast.call.code), {"only": "apart"})
    assert {allotment.pool for allotment, _ in apart.context["rows"]} == {"先导区"}
    book = client.get(url("office_allotments_sheet", cast.call.code)).content
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(book)).active]
    mine = [row for row in rows if row[0] == cast.province.name]
    assert [row[3:7] for row in mine] == [[None, 2, 1, 0], ["先导区", 3, 1, 0]]
    assert [row[10] for row in mine] == ["是", "否"]
