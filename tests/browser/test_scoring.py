"""A whole review by keyboard alone: desk, declaration, marks, reasons, skip, recusal, the end."""

import os

import pytest

from applications.models import Version
from reviews.models import Assignment, Review
from tests import season as seasons
from tests.browser.test_entering import tab_to
from tests.browser.watching import inspect, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REASON = "指标先进，检测报告齐全，第三方数据可以复核，同意。"


def on_the_desk(season) -> str:
    """Three tasks sent out to one expert and none declared."""
    seasons.play(season, to="assigned")
    Assignment.objects.filter(round=season.round).update(declared_at=None)
    user = season.experts[0].user
    type(user).objects.filter(pk=user.pk).update(email="expert@example.org")
    Assignment.objects.exclude(expert=season.experts[0]).delete()
    for version in Version.objects.all():
        file, row = version.snapshot["attachments"][0], version.snapshot["indicators"][0]
        row |= {"evidence_id": file["id"], "evidence_page": 1}
        Version.objects.filter(pk=version.pk).update(snapshot=version.snapshot)
    return "expert@example.org"


def follow(page, selector, presses=120):
    tab_to(page, selector, presses=presses)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def marked(page, season):
    """Ten for the first criterion, with its reason, eight for the others; by keys alone."""
    criteria = season.round.sheet.criteria
    if page.viewport_size["width"] < 500:
        tab_to(page, "a[href='#pane-score']")
        page.keyboard.press("Enter")
    for number, one in enumerate(criteria):
        tab_to(page, f'[name="score-{one.key}"]', presses=160)
        page.keyboard.press("t" if number == 0 else "8")
        if number == 0:
            tab_to(page, f'[name="comment-{one.key}"]')
            page.keyboard.type(REASON)


@pytest.mark.parametrize("width", [1440, 390])
def test_an_expert_reviews_from_the_desk_to_the_end_by_keyboard(season, enter, width):
    page = enter(on_the_desk(season), width=width)
    page.goto("/reviews/desk/")
    held = Assignment.objects.filter(round=season.round).count()
    assert held >= 2
    follow(page, 'a[href$="/declare/"]')
    for _ in range(held):
        tab_to(page, "input[value=clear]:not(:checked)")
        page.keyboard.press("Space")
    follow(page, "main button[type=submit]")
    assert not Assignment.objects.filter(round=season.round, declared_at=None).exists()

    follow(page, "a.btn-primary[href*='/reviews/score/']")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    first = page.url
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.id") == "evidence"
    picture = page.locator("[data-viewed]")
    picture.scroll_into_view_if_needed()
    until(page, "document.querySelector('[data-viewed]').naturalWidth > 100")
    page.keyboard.press("]")  # one page only: stays
    assert picture.get_attribute("data-page") == "1"
    if width == 1440 or not os.environ.get("JIEBANG_TEST_PICTURES"):
        assert inspect(page) == []
    if folder := os.environ.get("JIEBANG_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/score-{width}.png")
    with page.expect_navigation():
        page.keyboard.press("n")  # skip
    assert page.url != first
    marked(page, season)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert Review.objects.filter(state="submitted").count() == 1
    with page.expect_navigation():
        page.keyboard.press("r")
    tab_to(page, "[name=reason]")
    page.keyboard.type("曾与该单位合作")
    follow(page, "main button[type=submit]")
    assert Assignment.objects.filter(state="recused").count() == 1
    for _ in range(held - 2):
        page.goto("/reviews/desk/")
        follow(page, "a.btn-primary[href*='/reviews/score/']")
        marked(page, season)
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
    assert Review.objects.filter(state="submitted").count() == held - 1
