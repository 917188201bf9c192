"""Through whom an applicant files: by its region, or through a unit it names."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import masterdata
from accounts.models import Organisation
from applications import routing
from applications.forms import BasicsForm
from applications.models import Application
from calls.models import LevelDate
from tests import world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
K = Organisation.Kind
#: A district of each 计划单列市, the city's key, and its province's.
SEPARATE = [
    ("210211", "210200", "大连"),
    ("370203", "370200", "青岛"),
    ("330203", "330200", "宁波"),
    ("350203", "350200", "厦门"),
    ("440305", "440300", "深圳"),
]


@pytest.fixture
def call(db):
    masterdata.load_recommenders(actor=SYSTEM, at=AT)
    return world.open_call()


def firm(region, n=61, **more):
    return world.unit(K.ENTERPRISE, "示例路由有限公司", region=region, n=n, **more)


def group(name="示例航天集团有限公司", kind=K.CENTRAL_GROUP, **more):
    return world.unit(kind, name, region="110000", **more)


@pytest.mark.parametrize(("district", "key", "name"), SEPARATE)
@pytest.mark.parametrize("level", ["district", "city"])
def test_a_unit_in_a_separately_planned_city_goes_to_the_city_alone(
    call, district, key, name, level
):
    unit = firm(district if level == "district" else key)
    found = routing.ways(call, unit).local
    assert [one.key for one in found] == [key]
    assert name in found[0].name
    assert found[0].kind == K.SEPARATE_CITY


@pytest.mark.parametrize(
    ("region", "key"),
    [("210102", "210000"), ("370102", "370000"), ("330102", "330000"), ("440106", "440000")],
)
def test_a_neighbour_of_such_a_city_goes_to_the_province(call, region, key):
    assert [one.key for one in routing.ways(call, firm(region)).local] == [key]


def test_a_programme_without_such_cities_sends_them_to_the_province(call):
    spec = world.programme()
    quota = tuple(
        one.model_copy(update={"kinds": tuple(k for k in one.kinds if k != "separate_city")})
        for one in spec.quota
    )
    without = spec.model_copy(
        update={
            "quota": tuple(one for one in quota if one.kinds),
            "recommendation": spec.recommendation.model_copy(
                update={
                    "kinds": tuple(k for k in spec.recommendation.kinds if k != "separate_city")
                }
            )
            if hasattr(spec.recommendation, "kinds")
            else spec.recommendation,
        }
    )
    if "separate_city" in {str(kind) for kind in without.recommender_kinds}:
        pytest.fail("the programme still names the cities")
    call.rules = without.model_dump(mode="json", by_alias=True)
    call.save(update_fields=["rules"])
    fresh = type(call).objects.get(pk=call.pk)
    assert [one.key for one in routing.ways(fresh, firm("440305")).local] == ["440000"]


def form(call, unit, **typed):
    subfield = call.directions.first().subfields.first()
    found = BasicsForm(
        {"title": "示例项目", "subfield": subfield.pk, **typed},
        call=call,
        ways=routing.ways(call, unit),
    )
    found.is_valid()
    return found


def test_with_one_way_nothing_is_asked(call):
    found = form(call, firm("440305"))
    assert not {"way", "recommender", "through"} & set(found.fields)
    assert found.chosen["recommender"].key == "440300"


def test_a_switch_stands_before_the_units_that_are_named(call):
    aerospace = group()
    unit = firm("440305")
    assert form(call, unit, way="region").chosen["recommender"].key == "440300"
    found = form(call, unit, way="through", through="示例航天集团 有限公司")
    assert found.chosen["recommender"] == aerospace
    assert found.through_words == "通过中央企业集团"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "way", "请选择推荐途径"),
        ({"way": "elsewhere"}, "way", "请从列出的途径中选择"),
        ({"way": "through"}, "through", "请选择推荐单位"),
        ({"way": "through", "through": "没有的集团"}, "through", "没有找到这个推荐单位"),
        ({"way": "through", "through": "深圳市工业和信息化局"}, "through", "没有找到这个推荐单位"),
    ],
)
def test_what_is_missing_or_wrong_is_told_at_its_field(call, typed, field, words):
    group()
    found = form(call, firm("440305"), **typed)
    assert words in "".join(found.errors[field])


def test_a_unit_of_a_group_starts_with_its_group(call):
    above = group()
    found = BasicsForm(call=call, ways=routing.ways(call, firm("440305", parent=above)))
    assert found.initial["way"] == "through"
    assert found.initial["through"] == above.name


@pytest.fixture
def cast():
    return world.build()


def test_the_page_says_which_unit_confirms_and_until_when(cast):
    until = cast.call.recommendation_until - timedelta(days=2)
    LevelDate.objects.create(
        call=cast.call, organisation=cast.province, key="recommendation", until=until
    )
    client = Client()
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("applications:create", args=[cast.call.code])).content.decode()
    assert f"由{cast.province.name}推荐" in page
    assert 'name="way"' not in page
    group()
    page = client.get(reverse("applications:create", args=[cast.call.code])).content.decode()
    assert 'name="way"' in page and "通过中央企业集团" in page


def test_a_filing_started_through_a_group_can_go_back_to_the_region(cast):
    above = group()
    client = Client()
    client.force_login(cast.people["editor"], backend="django.contrib.auth.backends.ModelBackend")
    subfield = cast.call.directions.first().subfields.first()
    body = {"title": "示例集团项目", "subfield": subfield.pk}
    answer = client.post(
        reverse("applications:create", args=[cast.call.code]),
        {**body, "way": "through", "through": above.name},
    )
    assert answer.status_code == 302
    made = Application.objects.get(title="示例集团项目")
    assert (made.recommender, made.preselector) == (above, None)
    url = reverse("applications:basics", args=[made.public_id])
    page = client.get(url).content.decode()
    assert f'value="{above.name}"' in page and f"现由{above.name}推荐" in page
    assert client.post(url, {**body, "way": "region"}).status_code == 302
    made.refresh_from_db()
    assert made.recommender == cast.province


def test_only_units_that_are_chosen_by_name_are_in_the_public_list(client, cast):
    group()
    group("示例人工智能产业协会", kind=K.INDUSTRY_BODY)
    url = reverse("reference:recommenders")

    def names(**query):
        return [item["label"] for item in client.get(url, query).json()["items"]]

    assert names(kinds="central_group") == ["示例航天集团有限公司"]
    assert names(kinds="central_group,industry_body", q="协会") == ["示例人工智能产业协会"]
    assert names(kinds="enterprise,office,province,pool") == []
    assert names() == []
