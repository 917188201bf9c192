"""Packages, the register of paper and letters in a browser: by hand scanner, with axe, narrow."""

from datetime import timedelta

import pytest

from applications.models import Version
from calls import services as calls
from documents.packages import services as packages
from recommenders import queries, resultletters
from recommenders.models import PaperReceipt
from tests import season as seasons
from tests.browser.watching import inspect
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def delivered(season):
    """A delivered list, and a ministry that asks for two copies of each 申报书."""
    seasons.play(season, to="delivered")
    calls.set_level_date(
        season.call,
        organisation=season.cast.office,
        key="paper",
        until=AT + timedelta(days=5),
        copies=2,
        actor=season.cast.actor("office"),
        at=AT,
    )
    return season


def test_pages_of_paper_and_letters(delivered, enter):
    code, province = delivered.call.code, delivered.cast.province.pk
    office = enter("office")
    found = inspect(office, f"/recommend/calls/{code}/paper/")
    found += inspect(office, f"/recommend/calls/{code}/paper/{province}/")
    operator = enter("operator")
    ranked = seasons.list_of(delivered)
    one = resultletters.recipients(ranked)[0].application.public_id
    for url in ("letter/", "labels/", "paper/", "results/", f"results/{one}/"):
        found += inspect(operator, f"/recommend/calls/{code}/{url}")
    operator.goto(f"/recommend/calls/{code}/")
    operator.get_by_text("打包下载全部申报书").click()
    operator.get_by_role("button", name="开始打包").click()
    operator.wait_for_selector("[data-progress]")
    found += inspect(operator)
    found += inspect(operator, "/packages/")
    assert found == []


def test_a_hand_scanner_types_presses_enter_and_goes_on(delivered, enter):
    """The code lands in the field that has the focus; the next one can follow at once."""
    version = queries.version_in_force(seasons.list_of(delivered))
    forms = [
        Version.objects.get(
            application__public_id=row["application"], number=row["version"]
        ).form.code
        for row in version.rows[:2]
    ]
    page = enter("office")
    page.goto(f"/recommend/calls/{delivered.call.code}/paper/")
    for number, code in enumerate(forms, start=1):
        assert page.evaluate("document.activeElement.name") == "text"
        page.keyboard.type(f"HTTPS://EXAMPLE.ORG/V/{code}/1")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "相符：与现行版本一致" in page.inner_text(".jb-notes")
        assert PaperReceipt.objects.count() == number
    page.keyboard.type("222222222Z")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "没有查到这个核验码" in page.inner_text(".jb-errors")
    assert PaperReceipt.objects.count() == 2


def test_progress_is_followed_without_pressing_anything(delivered, enter):
    page = enter("operator")
    page.goto(f"/recommend/calls/{delivered.call.code}/")
    page.get_by_text("打包下载全部申报书").click()
    page.get_by_role("button", name="开始打包").click()
    assert "已排队" in page.inner_text("[data-progress-words]")
    packages.build_waiting(at=AT + timedelta(minutes=30))  # what is not drawn is left out
    page.get_by_role("link", name="下载（").wait_for(timeout=15000)
    assert "没有装入" in page.inner_text("main")
    with page.expect_download() as caught:
        page.get_by_role("link", name="下载（").click()
    assert caught.value.suggested_filename.endswith(".zip")
