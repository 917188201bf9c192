"""The public code lists behind the pickers, and the inputs that use them."""

import pytest

from accounts import lookup, regions
from accounts.forms.fields import IndustryField, PickerInput, RegionField

pytestmark = pytest.mark.django_db


def codes(client, path, query):
    answer = client.get(path, {"q": query})
    assert answer.status_code == 200
    return [item["code"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("长沙", "430100"),
        ("岳麓", "430104"),
        ("长沙岳麓", "430104"),
        ("湖南省 长沙市 岳麓区", "430104"),
        ("４３０１０４", "430104"),
        ("css", "430100"),
        ("CQ", "500000"),
        ("xms", "350200"),
        ("", "110000"),
    ],
)
def test_a_region_is_found(client, query, first):
    assert first in codes(client, "/reference/regions/", query)[:3]


def test_a_found_region_says_its_path_and_what_the_input_will_hold(client):
    item = client.get("/reference/regions/", {"q": "430104"}).json()["items"][0]
    assert item == {
        "code": "430104",
        "name": "岳麓区",
        "path": ["湖南省", "长沙市"],
        "label": "湖南省长沙市岳麓区",
    }
    assert regions.find(item["label"]) == "430104"


def test_every_label_of_a_region_is_read_back_as_its_code():
    for code in regions.regions():
        assert regions.find(regions.label_of(code)) == code


def test_the_answer_is_limited_and_says_that_there_is_more(client):
    told = client.get("/reference/regions/", {"q": "省"}).json()
    assert len(told["items"]) == lookup.LIMIT
    assert told["more"] is True
    assert client.get("/reference/regions/", {"q": "岳麓"}).json()["more"] is False


def test_the_answer_may_be_kept_by_the_browser(client):
    answer = client.get("/reference/industries/", {"q": "39"})
    assert "public" in answer["Cache-Control"] and "max-age=86400" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "query", ["%00", "''; drop", "<script>", "x" * 5000, "𠀀", "()[]*.+", "\\"]
)
def test_a_strange_query_finds_nothing_and_breaks_nothing(client, query):
    assert codes(client, "/reference/regions/", query) == []
    assert codes(client, "/reference/industries/", query) == []


def test_the_lists_cannot_be_written(client):
    assert client.post("/reference/regions/", {"q": "1"}).status_code == 405


def test_a_picker_shows_the_name_of_a_code_and_keeps_what_it_does_not_know():
    shown = PickerInput("regions")
    assert shown.format_value("430104") == "湖南省长沙市岳麓区"
    assert shown.format_value("999999") == "999999"
    assert shown.format_value("长沙") == "长沙"
    assert PickerInput("industries").format_value("3983") == "3983 敏感元件及传感器制造"


def test_a_picked_field_reads_code_name_and_label():
    assert RegionField().clean("湖南省长沙市") == "430100"
    assert RegionField(local=True).clean("430104") == "430104"
    assert IndustryField().clean("6513 应用软件开发") == "6513"
    assert IndustryField(required=False).clean("") == ""


def test_initials_follow_the_reading_and_leave_open_what_is_not_known():
    assert lookup.initials("长沙市") == "css"
    assert lookup.initials("重庆市") == "cqs"
    assert lookup.initials("濮阳市") == ".ys"
