"""Levels below: their quotas, what they forward, and the one page on which all of it is seen."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import Organisation
from accounts.roles import Role
from calls import services as calls
from calls.models import LevelDate
from calls.programme import Step
from recommenders import levelstate, services
from recommenders.models import LevelQuota, Preselection
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.recommenders.test_programmes import spec
from tests.recommenders.test_recommending import refused
from tests.world import AT

pytestmark = pytest.mark.django_db

K = Organisation.Kind


@pytest.fixture
def chained():
    return chain()


def chain(*, spare: int = 0):
    """District → city → province, three filings from the district and one from the city; so many
    more of the district stand in ``spare``."""
    steps = list(world.programme().steps)
    if Step.PRESELECTION not in steps:
        steps.insert(steps.index(Step.RECOMMENDATION), Step.PRESELECTION)
    cast = world.build(spec(steps=tuple(steps)))
    cast.district = world.unit(
        K.DISTRICT, "示例区工业和信息化局", region="430102", parent=cast.city
    )
    cast.people["district"] = world.person(cast.district, Role.REC_OPERATOR, "区示例")
    cast.found = [scene.filing(cast, n, preselector=cast.district) for n in (1, 2, 3)]
    cast.found.append(scene.filing(cast, 4, preselector=cast.city))
    cast.spare = [scene.filing(cast, 20 + n, preselector=cast.district) for n in range(spare)]
    open_recommendation(cast)
    return cast


def forward(cast, filing, by, **more):
    return services.forward(filing, actor=cast.actor(by), at=AT, **more)


def limit(cast, unit, number, *, by="operator"):
    return services.set_level_quota(
        cast.call, organisation=unit, limit=number, actor=cast.actor(by), at=AT
    )


# Up the chain -----------------------------------------------------------------------------------


def test_a_filing_goes_up_level_by_level_with_rank_and_note(client, chained):
    one = chained.found[0]
    refused("not-forwarded", forward, chained, one, "city")
    forward(chained, one, "district", rank=1, note="区内第一")
    refused("not-forwarded", services.recommend, one, actor=chained.actor("operator"), at=AT)
    forward(chained, one, "city", rank=2, note="市内第二")
    as_(client, chained, "operator")
    text = client.get(url("application", one.public_id)).content.decode()
    assert "区内第一" in text and "市内第二" in text and "本级第 2 位" in text
    services.recommend(one, actor=chained.actor("operator"), at=AT)
    assert scene.order(chained) == [one.title]


def test_the_workspace_says_where_each_filing_stands(client, chained):
    forward(chained, chained.found[0], "district", rank=1)
    as_(client, chained, "operator")
    answer = client.get(url("filings", chained.call.code), {"sort": "title"})
    levels = [row.level for row in answer.context["page"]]
    assert levels == ["市级", "区县", "区县", "市级"]
    only = client.get(url("filings", chained.call.code), {"level": "区县"})
    assert len(only.context["page"]) == 2


def test_a_level_forwards_many_at_once(client, chained):
    as_(client, chained, "district")
    data = {"act": "forward", "pick": [one.public_id for one in chained.found[:3]]}
    said = client.post(url("bulk", chained.call.code), data, follow=True).content.decode()
    assert "已上报 3 项" in said and Preselection.objects.count() == 3


# Their own quota --------------------------------------------------------------------------------


def test_a_level_forwards_no_more_than_the_level_above_allows(chained):
    limit(chained, chained.city, 5)
    limit(chained, chained.district, 2, by="city")
    for one in chained.found[:2]:
        forward(chained, one, "district")
    said = refused("level-quota-used", forward, chained, chained.found[2], "district")
    assert "2 项" in said.message
    forward(chained, chained.found[0], "district", rank=3)  # again: not a further one
    services.hold(chained.found[0], note="本次不上报", actor=chained.actor("district"), at=AT)
    forward(chained, chained.found[2], "district")


def test_a_withdrawn_filing_frees_its_place_at_the_level(chained):
    from applications import services as applications

    limit(chained, chained.district, 1, by="city")
    one, two = chained.found[:2]
    forward(chained, one, "district")
    applications.withdraw(one, actor=world.actor(one.created_by), at=AT, reason="企业放弃申报")
    forward(chained, two, "district")


def test_a_level_quota_below_what_was_forwarded_is_refused_naming_the_filings(chained):
    for one in chained.found[:2]:
        forward(chained, one, "district")
    said = refused("limit-below-used", limit, chained, chained.district, 1, by="city")
    assert "《示例项目1号》" in said.message and "《示例项目2号》" in said.message
    assert not LevelQuota.objects.exists()
    assert limit(chained, chained.district, 2, by="city").limit == 2
    assert limit(chained, chained.district, None, by="city") is None
    assert not LevelQuota.objects.exists()


def test_only_the_unit_directly_above_sets_a_level_quota(client, chained):
    refused("not-yours", limit, chained, chained.district, 2, by="operator")
    refused("not-yours", limit, chained, chained.district, 2, by="district")
    assert limit(chained, chained.district, 2, by="chief").limit == 2
    as_(client, chained, "city")
    data = {"call": chained.call.code, "unit": chained.district.pk, "limit": "３"}
    assert client.post(url("set_level_quota"), data).status_code == 302
    assert LevelQuota.objects.get().limit == 3
    for odd in ("x", "-1", "1000"):
        assert client.post(url("set_level_quota"), {**data, "limit": odd}).status_code == 422
    as_(client, chained, "operator")
    assert client.post(url("set_level_quota"), data).status_code == 422
    as_(client, chained, "district")
    shown = client.get(url("area", chained.call.code)).content.decode()
    assert "已上报 <b>0</b>／名额 <b>3</b>" in shown


# Dates ------------------------------------------------------------------------------------------


def test_a_unit_sets_dates_for_itself_or_for_one_directly_below(client, chained):
    as_(client, chained, "operator")
    day = (AT + timedelta(days=3)).date().isoformat()
    data = {"call": chained.call.code, "key": "preselection", "until": day, "copies": "2"}
    client.post(url("set_level_date"), {**data, "unit": chained.city.pk})
    found = LevelDate.objects.get()
    assert (found.organisation, found.copies) == (chained.city, 2)
    for foreign in (chained.district, chained.other_province):
        answer = client.post(url("set_level_date"), {**data, "unit": foreign.pk})
        assert answer.status_code == 403
    late = (AT + timedelta(days=60)).date().isoformat()
    answer = client.post(url("set_level_date"), {**data, "unit": chained.city.pk, "until": late})
    assert answer.status_code == 422
    assert LevelDate.objects.count() == 1


# The one page -----------------------------------------------------------------------------------


def test_the_ministry_sees_every_level_from_province_to_district(client, chained):
    limit(chained, chained.city, 5)
    calls.set_level_date(
        chained.call,
        organisation=chained.city,
        key="preselection",
        until=AT + timedelta(days=4),
        copies=5,
        actor=chained.actor("city"),
        at=AT,
    )
    for by in ("district", "city"):
        forward(chained, chained.found[0], by)
    forward(chained, chained.found[1], "district")
    services.recommend(chained.found[0], actor=chained.actor("operator"), at=AT)
    roots = levelstate.of(chained.call)
    province = levelstate.find(roots, chained.province.pk)
    city = levelstate.find(roots, chained.city.pk)
    district = levelstate.find(roots, chained.district.pk)
    assert (province.depth, city.depth, district.depth) == (0, 1, 2)
    assert (province.filed, province.drafts, province.ledger.used) == (4, 1, 1)
    assert (city.filed, city.forwarded, city.waiting, city.limit) == (4, 1, 3, 5)
    assert (district.filed, district.forwarded, district.waiting) == (3, 2, 1)
    assert district.until["preselection"] == AT + timedelta(days=4)
    assert province.until["recommendation"] == chained.call.recommendation_until
    assert (city.copies, province.state) == (5, "open")
    as_(client, chained, "office")
    top = client.get(url("office_levels", chained.call.code))
    assert [node.unit for node in top.context["nodes"]] == [chained.province]
    down = client.get(url("office_levels", chained.call.code), {"under": chained.province.pk})
    text = down.content.decode()
    assert "示例区工业和信息化局" in text and "不上报" not in text
    assert client.get(url("office_levels", chained.call.code), {"under": 999999}).status_code == 404
    tabs = {key: count for key, _, count in top.context["tabs"]}
    assert (tabs["waiting"], tabs["open"], tabs["delivered"]) == (1, 1, 0)


def test_the_state_of_all_levels_goes_out_as_a_workbook(client, chained):
    forward(chained, chained.found[0], "district")
    as_(client, chained, "office")
    book = client.get(url("office_levels_sheet", chained.call.code)).content
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(book)).active]
    names = [row[0] for row in rows]
    at = names.index(chained.province.name)
    assert names[at + 1] == f"　{chained.city.name}"
    assert names[at + 2] == f"　　{chained.district.name}"
    assert rows[at + 2][4:9] == [3, 0, 1, 0, 2]


def test_a_province_sees_its_own_levels_and_no_others(client, chained):
    as_(client, chained, "operator")
    text = client.get(url("levels")).content.decode()
    assert chained.district.name in text and chained.other_province.name not in text
    as_(client, chained, "district")
    text = client.get(url("levels")).content.decode()
    assert chained.city.name not in text or "上级" in text


def test_the_page_of_all_levels_takes_the_same_queries_for_many_units(client, chained):
    as_(client, chained, "office")
    where = url("office_levels", chained.call.code)
    client.get(where)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(where).status_code == 200
        return len(caught)

    one = count()
    for n in range(20):
        city = world.unit(K.CITY, f"示例{n}市", region="430200", parent=chained.province)
        world.unit(K.DISTRICT, f"示例{n}区", region="430202", parent=city)
    for one_more in chained.found[1:3]:
        forward(chained, one_more, "district")
    assert count() == one
