"""Regions and the 37 local recommenders."""

import re

import pytest

from accounts import regions


def test_every_region_has_six_digits_and_a_parent_that_exists() -> None:
    known = regions.regions()
    assert len(known) > 3000
    for code, region in known.items():
        assert re.fullmatch(r"\d{6}", code)
        assert not region.parent or region.parent in known
        assert region.parent[:2] in ("", code[:2])


def test_there_are_thirty_four_provinces() -> None:
    assert len(regions.provinces()) == 34
    assert "660000" not in regions.regions()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110000", "北京市"),
        ("110108", "北京市海淀区"),
        ("430104", "湖南省长沙市岳麓区"),
        ("440300", "广东省深圳市"),
        ("429004", "湖北省仙桃市"),
        ("999999", ""),
    ],
)
def test_a_code_has_its_full_name(code: str, name: str) -> None:
    assert regions.name_of(code) == name


def test_cities_lie_below_their_province() -> None:
    names = [city.name for city in regions.cities("210000")]
    assert "大连市" in names
    assert len(names) == 14


def test_the_local_recommenders_are_thirty_seven() -> None:
    kinds = [item.kind for item in regions.recommenders().values()]
    assert len(kinds) == 37
    assert [kinds.count(kind) for kind in ("province", "separate_city", "corps")] == [31, 5, 1]
    for item in regions.recommenders().values():
        assert regions.exists(item.region)


@pytest.mark.parametrize(
    ("region", "key"),
    [
        ("440305", "440300"),
        ("440300", "440300"),
        ("440106", "440000"),
        ("210211", "210200"),
        ("330203", "330200"),
        ("350203", "350200"),
        ("370202", "370200"),
        ("430104", "430000"),
        ("110108", "110000"),
        ("659001", "650000"),
        ("810000", None),
        ("660000", None),
        ("", None),
    ],
)
def test_an_applicant_belongs_to_one_recommender(region: str, key: str | None) -> None:
    assert regions.recommender_key_for(region) == key


def test_every_county_of_the_mainland_has_a_recommender() -> None:
    for code in regions.regions():
        if code[:2] not in ("71", "81", "82"):
            assert regions.recommender_key_for(code) in regions.recommenders()


@pytest.mark.parametrize(
    ("code", "region", "inside"),
    [
        ("420102", "420100", True),
        ("420100", "420100", True),
        ("420500", "420100", False),
        ("420100", "420102", False),
        ("420102", "420000", True),
        ("430104", "420000", False),
        ("110108", "110000", True),
        ("220102", "220000", True),
        ("230102", "200000", False),
        ("420102", "", False),
    ],
)
def test_a_region_lies_in_itself_and_in_what_is_above(code: str, region: str, inside: bool) -> None:
    assert regions.lies_in(code, region) is inside
