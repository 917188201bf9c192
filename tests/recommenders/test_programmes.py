"""Rules that other programmes state: quota per direction, side pools, checks on site, letters."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from calls import directionrows
from calls import programme as programmes
from calls.programme import Quota, Recommendation
from documents import services as documents
from recommenders import queries, services, tasks
from recommenders.models import Allotment, RankedList
from tests import world
from tests.recommenders import scene
from tests.recommenders.scene import LATER
from tests.recommenders.test_recommending import refused
from tests.world import AT

pytestmark = pytest.mark.django_db


def spec(**changes):
    return world.programme().model_copy(update=changes)


def quota(**more) -> Quota:
    return Quota(kinds=("province",), source="测试通知 一", **more)


def test_a_quota_per_direction_counts_each_direction_apart():
    cast = world.build(spec(quota=(quota(scope="direction", limit=1, soft=False),)))
    one, two = cast.call.directions.all()[:2]
    first, second = scene.filing(cast, 1, direction=one), scene.filing(cast, 2, direction=one)
    other = scene.filing(cast, 3, direction=two)
    scene.recommend(cast, first, other)
    said = refused("quota-used", services.recommend, second, actor=cast.actor("operator"), at=LATER)
    assert f"“{one.title}”方向名额 1 项" in said.message
    ledgers = [ledger for _, ledger in queries.ledgers(cast.call, cast.province)]
    assert sum(ledger.used for ledger in ledgers) == 2
    assert len(ledgers) == cast.call.directions.count()
    assert scene.order(cast) == [first.title, other.title]


def test_a_direction_that_the_office_adds_later_gets_its_places():
    cast = world.build(spec(quota=(quota(scope="direction", limit=2),)))
    directionrows.add_direction(
        cast.call, key="later", title="后补方向", class_title="", actor=cast.actor("chief"), at=AT
    )
    services.allot_missing(at=AT)
    added = Allotment.objects.get(call=cast.call, organisation=cast.province, scope="later")
    assert added.places.count() == 2


def test_a_side_pool_is_counted_apart_from_the_units_own_quota():
    rows = (quota(limit=1), quota(limit=1, pool="先导区", counts_in_region=False))
    cast = world.build(spec(quota=rows))
    one, two, three = scene.filings(cast, 3)
    operator = cast.actor("operator")
    services.recommend(one, actor=operator, at=LATER)
    services.recommend(two, actor=operator, at=LATER, pool="先导区")
    refused("quota-used", services.recommend, three, actor=operator, at=LATER, pool="先导区")
    refused("no-allotment", services.recommend, three, actor=operator, at=LATER, pool="没有")


def test_a_check_on_site_comes_first_where_the_programme_asks_for_it(client):
    settings = Recommendation(visit=True, visit_title="现场核查", source="测试通知 二")
    cast = world.build(spec(recommendation=settings))
    application = scene.filing(cast, 1)
    operator = cast.actor("operator")
    said = refused("visit-missing", services.recommend, application, actor=operator, at=LATER)
    assert "现场核查" in said.message and said.rule == "测试通知 二"
    visit = {"day": date(2021, 11, 20), "people": "赵示例、钱示例", "finding": "设备已到位"}
    services.record_visit(application, **visit, passed=False, actor=operator, at=LATER)
    refused("visit-missing", services.recommend, application, actor=operator, at=LATER)
    cast.call = scene.move_dates(
        cast.call,
        filing_until=AT - timedelta(days=1),
        recommendation_until=AT + timedelta(days=9),
    )
    client.force_login(cast.people["operator"], backend="django.contrib.auth.backends.ModelBackend")
    where = reverse("recommenders:visit", args=[application.public_id])
    page = client.post(where, {"day": "昨天", "people": "", "finding": "", "passed": "1"})
    assert page.status_code == 422
    client.post(where, {**visit, "day": "2021-11-20", "passed": "1"})
    services.recommend(application, actor=operator, at=AT)
    assert scene.places_taken(cast) == 1


def test_a_letter_goes_with_the_list_where_the_programme_asks_for_it():
    cast = world.build(spec(recommendation=Recommendation(letter=True)))
    scene.recommend(cast, scene.filing(cast, 1))
    version = scene.confirm_list(cast)
    letter = documents.of(version, "cover_letter").get()
    assert letter.number == version.letter_number
    assert version.letter_number in letter.snapshot["enclosures"][0]
    services.reopen_list(
        scene.ranked(cast), reason="需要调整顺序", actor=cast.actor("approver"), at=LATER
    )
    letter.refresh_from_db()
    assert letter.voided_at is not None


def test_a_programme_without_a_recommendation_allots_nothing(cast):
    every = [programmes.read(path) for path in programmes.catalogue().values()]
    without = next(one for one in every if "recommendation" not in one.steps)
    before = Allotment.objects.count()
    call = world.open_call(without, code="no-recommendation", recommendation_until=None)
    assert services.allot(call, at=AT, actor=cast.actor("chief")) == 0
    assert Allotment.objects.count() == before
    assert not RankedList.objects.filter(call=call).exists()


def test_the_pulse_finds_its_work_in_rows_and_a_second_run_finds_none(cast):
    world.unit(world.K.PROVINCE, "示例新省工业和信息化厅", region="420000", key="new")
    tasks.sweep_recommendations()
    before = scene.everything()
    assert RankedList.objects.filter(call=cast.call).count() == 3
    tasks.sweep_recommendations()
    assert scene.everything() == before
