"""Figures by year in a unit's profile."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import figures
from accounts.models import Organisation
from audit.models import Entry
from tests.world import AT

YEAR = timezone.localtime(AT).year - 1


def test_the_last_three_years_and_those_that_hold_something_are_shown():
    kept = {"2018": {"revenue": "1.00"}, "2016": {}}
    assert figures.shown_years(kept, this_year=2026) == [2018, 2023, 2024, 2025]
    assert figures.shown_years({}, this_year=2026, more=2020) == [2020, 2023, 2024, 2025]
    assert figures.shown_years({}, this_year=2026, more=3020) == [2023, 2024, 2025]


def test_a_changed_cell_leaves_the_others_and_an_emptied_one_goes():
    kept = {"2020": {"revenue": "1.00", "profit": "2.00"}, "2019": {"revenue": "3.00"}}
    changed = {"2020": {"profit": "5.00"}, "2019": {"revenue": ""}, "2021": {"employees": "7"}}
    assert figures.merged(kept, changed) == {
        "2020": {"revenue": "1.00", "profit": "5.00"},
        "2021": {"employees": "7"},
    }


def test_damaged_figures_count_as_none():
    for damaged in (None, [], "x", {"2020": 5}, {"2020": {"revenue": None}}):
        assert not any(figures.of({"figures": damaged}).values())


def test_a_figure_without_a_year_is_the_latest():
    kept = {"2019": {"employees": "10"}, "2021": {"employees": "30"}, "2022": {"revenue": "1"}}
    assert figures.at(kept, "employees", year=None) == "30"
    assert figures.at(kept, "employees", year=2019) == "10"
    assert figures.at(kept, "employees", year=2020) == ""
    assert figures.at({}, "employees", year=None) == ""


@pytest.mark.django_db
def test_the_table_is_kept_folded_and_merged(house, signed_in):
    client = signed_in(house.editor)
    url = reverse("accounts:figures")
    answer = client.post(url, {f"{YEAR}-revenue": "１２，４８０", f"{YEAR}-employees": "120"})
    assert answer.status_code == 302
    client.post(url, {f"{YEAR}-revenue": "12,480.00", f"{YEAR}-profit": "-3.5"})
    house.company.refresh_from_db()
    assert figures.of(house.company.profile) == {
        str(YEAR): {"revenue": "12480.00", "profit": "-3.50"}
    }
    trail = Entry.objects.filter(action="accounts.update_profile").latest("pk")
    assert trail.data["years"] == {str(YEAR): ["employees", "profit"]}


@pytest.mark.django_db
def test_what_cannot_be_is_told_at_its_cell_and_nothing_is_kept(house, signed_in):
    client = signed_in(house.admin)
    url = reverse("accounts:figures")
    for body, words in (
        ({f"{YEAR}-revenue": "很多"}, "只能填数字"),
        ({f"{YEAR}-research": "-1"}, "不能小于 0"),
        ({f"{YEAR}-employees": "1.5"}, "小数"),
        ({f"{YEAR}-employees": "5", f"{YEAR}-researchers": "6"}, "研发人员数不能多于职工总数"),
        ({f"{YEAR}-revenue": "1", f"{YEAR}-ai_revenue": "2"}, "不能多于营业收入"),
        ({f"{YEAR}-revenue": "9" * 40}, "数字太大"),
    ):
        answer = client.post(url, body)
        assert answer.status_code == 422, body
        assert words in answer.content.decode(), body
    assert not Organisation.objects.exclude(profile={}).exists()


@pytest.mark.django_db
def test_a_further_year_is_added_and_a_viewer_only_looks(house, signed_in):
    client = signed_in(house.viewer)
    page = client.get(reverse("accounts:figures"), {"year": "2018"}).content.decode()
    assert 'name="2018-revenue"' in page and "disabled" in page
    assert client.get(reverse("accounts:figures"), {"year": "x" * 9}).status_code == 200
    answer = client.post(reverse("accounts:figures") + "?year=2018", {"2018-revenue": "1"})
    assert answer.status_code == 403
