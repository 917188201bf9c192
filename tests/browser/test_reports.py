"""上报材料 of a district before the eyes: from the pre-selection to papers in hand."""

import pytest

from accounts.models import User
from tests.browser.watching import inspect, picture
from tests.recommenders import test_reports as scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sent(transactional_db):
    made = scene.forwarded(spare=5)
    User.objects.filter(pk=made.people["district"].pk).update(email="district@example.org")
    return made


def test_a_district_makes_its_papers_and_prints_labels(sent, enter):
    page = enter("district")
    page.goto(f"/recommend/calls/{sent.call.code}/area/")
    assert inspect(page) == []
    page.get_by_role("link", name="上报函、汇总表、标签").click()
    assert page.get_by_text("草稿，核对后生成正式材料").is_visible()
    page.get_by_label("发文字号").fill("示工信〔2021〕9号")
    page.get_by_role("button", name="生成上报材料").click()
    page.get_by_text("第 1 版现行有效").wait_for()
    assert inspect(page) == []
    picture(page, "report")
    with page.expect_download() as taken:
        page.get_by_role("button", name="生成标签").click()
    assert taken.value.suggested_filename == "labels.pdf"
