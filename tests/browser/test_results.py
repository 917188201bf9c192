"""A result without its list: what the office, the unit and the recommender see of it."""

import pytest
from playwright.sync_api import expect

from calls import cloning
from tests import season as seasons
from tests.browser.watching import inspect, picture
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_letters_wait_for_the_list_and_units_read_the_status_before(season, enter):
    seasons.file(season, "甲一", unit=season.cast.company, user=season.cast.people["admin"])
    seasons.play(season, to="decided", names=("乙二",))
    letters = f"/outcomes/calls/{season.call.code}/letters/"
    unit, chief, operator = enter("admin"), enter("chief"), enter("operator")
    unit.goto("/applications/")
    expect(unit.get_by_text("评审中").first).to_be_visible()
    expect(unit.get_by_text("入围")).to_have_count(0)
    picture(unit, "unit-before")
    operator.goto(f"/recommend/calls/{season.call.code}/filings/?col=state")
    expect(operator.get_by_text("入围")).to_have_count(0)
    picture(operator, "recommender-before")
    chief.goto(letters)
    expect(chief.get_by_text("通知不能先于名单发出")).to_be_visible()
    expect(chief.get_by_role("button", name="放行")).to_have_count(0)
    picture(chief, "letters-before")
    assert inspect(chief, letters) == []
    cloning.clone(
        season.call,
        code="again",
        title="同一方案的另一批次",
        interval=cloning.Interval(),
        actor=season.actor("office"),
        at=AT,
    )
    chief.goto("/office/calls/again/")
    expect(chief.get_by_text(f"{season.call.number_prefix}-2", exact=True)).to_be_visible()
    picture(chief, "call-prefix")
    assert inspect(chief, "/office/calls/again/") == []
    seasons.announce(season)
    chief.goto(letters)
    chief.get_by_role("button", name="放行").click()
    expect(chief.get_by_text("已放行").first).to_be_visible()
    unit.goto("/applications/")
    expect(unit.get_by_text("入围", exact=True).first).to_be_visible()
