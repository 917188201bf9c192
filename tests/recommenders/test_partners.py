"""Consortia across provinces, and contents that a programme opens while filing runs."""

import pytest

from applications.models import Participation
from tests import world
from tests.recommenders import scene
from tests.recommenders.test_pages import as_, open_recommendation, url
from tests.recommenders.test_programmes import spec

pytestmark = pytest.mark.django_db


def joined(cast, *, region: str, name: str = "示例合作研究院"):
    filing = scene.filing(cast, 1, title="联合体牵头的项目")
    code = world.uscc(77, region=region)
    Participation.objects.create(application=filing, code=code, name=name)
    open_recommendation(cast)
    return filing


def test_the_partners_province_is_told_who_leads_and_nothing_of_the_contents(client, cast):
    filing = joined(cast, region="420100")
    as_(client, cast, "neighbour")
    text = client.get(url("filings", cast.call.code)).content.decode()
    assert "示例合作研究院" in text and filing.organisation.name in text
    assert cast.province.name in text and "不占本单位名额" in text
    assert filing.title not in text and filing.number not in text
    assert client.get(url("application", filing.public_id)).status_code == 404
    as_(client, cast, "operator")
    own = client.get(url("filings", cast.call.code)).content.decode()
    assert "由外地牵头的申报" not in own
    page = client.get(url("application", filing.public_id)).content.decode()
    assert "示例合作研究院" in page and "已告知其所在地推荐单位" in page


def test_a_partner_of_the_same_province_is_no_news_to_anybody(client, cast):
    filing = joined(cast, region="430100")
    as_(client, cast, "neighbour")
    assert "示例合作研究院" not in client.get(url("filings", cast.call.code)).content.decode()
    as_(client, cast, "operator")
    page = client.get(url("application", filing.public_id)).content.decode()
    assert "示例合作研究院" in page and "不在本地区" not in page


def test_a_city_with_a_plan_of_its_own_is_told_and_its_province_is_not(client):
    cast = world.build()
    Kind = type(cast.province).Kind
    city = world.unit(Kind.SEPARATE_CITY, "示例计划单列市局", region="210200", key="210200")
    province = world.unit(Kind.PROVINCE, "示例辽省厅", region="210000", key="210000")
    from recommenders import partners

    joined(cast, region="210202")
    assert [one.name for one in partners.led_elsewhere(cast.call, city)] == ["示例合作研究院"]
    assert partners.led_elsewhere(cast.call, province) == []


def test_a_programme_may_open_what_was_submitted_while_filing_runs(client):
    settings = world.programme().recommendation.model_copy(update={"read_while_filing": True})
    cast = world.build(spec(recommendation=settings))
    filing = scene.filing(cast, 1)
    as_(client, cast, "operator")
    page = client.get(url("application", filing.public_id)).content.decode()
    assert "000-00000001" in page and "申报截止前只显示名称和状态" not in page
    assert 'type="submit">推荐</button>' not in page
    assert client.post(url("recommend", filing.public_id)).status_code == 409
