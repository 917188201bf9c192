"""The recommender's list and the expert's marks, by keyboard."""

import pytest

from recommenders import queries
from reviews.models import Assignment, Review
from tests import season as seasons
from tests.browser.test_entering import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def order(season):
    found = queries.live(season.call.pk, season.cast.province.pk)
    return [one.application.title for one in found]


def test_a_recommender_moves_a_line_and_undoes_it_by_keyboard(season, enter):
    seasons.play(season, to="recommended")
    page = enter("operator")
    page.goto("/recommend/calls/test-call/")
    first, second, third = order(season)
    tab_to(page, f'button[aria-label="《{third}》上移"]', presses=120)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert order(season) == [first, third, second]
    shown = page.locator("table .jb-rank").all_inner_texts()
    assert shown[:3] == ["1", "2", "3"]
    tab_to(page, "#line", presses=120)
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("１")  # full-width is forgiven
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert order(season) == [third, first, second]


def test_confirming_asks_first_and_the_question_can_be_left_with_escape(season, enter):
    seasons.play(season, to="recommended")
    page = enter("approver")
    page.goto("/recommend/calls/test-call/confirm/")
    button = page.get_by_role("button", name="确认推荐 3 项")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert queries.version_in_force(seasons.list_of(season)) is None
    button.focus()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="确认推荐").wait_for()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert queries.version_in_force(seasons.list_of(season)) is not None


def test_an_expert_marks_with_digits_and_sends_with_ctrl_enter(season, enter):
    seasons.play(season, to="assigned")
    held = Assignment.objects.filter(state="deployed").order_by("pk").first()
    user = held.expert.user
    type(user).objects.filter(pk=user.pk).update(email="expert@example.org")
    page = enter("expert@example.org")
    page.goto(f"/reviews/score/{held.public_id}/")
    criteria = season.round.sheet.criteria
    for number, one in enumerate(criteria):
        page.focus(f'[name="score-{one.key}"]')
        page.keyboard.press("t" if number == 0 else "8")
    expected = sum(one.weight * (1.0 if n == 0 else 0.8) for n, one in enumerate(criteria))
    assert page.inner_text("[data-total]") == f"{expected:.1f}"
    assert page.inner_text("[data-open]") == "全部已评"
    # a mark at the extreme opens its reason
    page.fill(f'[name="comment-{criteria[0].key}"]', "指标先进，检测报告齐全，第三方数据可以复核。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: held.public_id not in url)
    review = Review.objects.get(assignment=held)
    assert review.state == "submitted"
    assert review.scores[criteria[0].key] == 10
    assert {review.scores[one.key] for one in criteria[1:]} == {8}


def test_an_extreme_mark_without_its_reason_comes_back_with_everything(season, enter):
    seasons.play(season, to="assigned")
    held = Assignment.objects.filter(state="deployed").order_by("pk").first()
    user = held.expert.user
    type(user).objects.filter(pk=user.pk).update(email="expert@example.org")
    page = enter("expert@example.org")
    page.goto(f"/reviews/score/{held.public_id}/")
    for one in season.round.sheet.criteria:
        page.focus(f'[name="score-{one.key}"]')
        page.keyboard.press("t")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".jb-errors")
    for one in season.round.sheet.criteria:
        assert page.is_checked(f'[name="score-{one.key}"][value="10"]')
    assert not Review.objects.filter(assignment=held, state="submitted").exists()
