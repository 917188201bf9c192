"""The organiser's way through a round: the proposal adjusted by hand, sent out, ended, ranked."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from tests import season as seasons
from tests.browser.test_entering import tab_to
from tests.browser.test_scoring import marked
from tests.browser.watching import inspect
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("JIEBANG_TEST_PICTURES")
WIDTHS = (1440, 390, 320)


def looked_at(page, url: str, name: str) -> list[str]:
    """What is wrong with the page at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{name} {width}: {one}" for one in inspect(page, url)]
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


POINTED = (
    """addEventListener("pointerdown", () => sessionStorage.setItem("pointed", "yes"), true)"""
)
"""Remembers that a mouse was used, which a press of a key never counts as."""


def by_keys(page):
    page.add_init_script(POINTED)
    page.reload()
    return page


def press(page, selector: str) -> None:
    """Tab to a button or link, Enter, and wait for the page it leads to."""
    tab_to(page, selector, presses=200)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def agree(page, selector: str, word: str = "") -> None:
    """The same where a dialog asks first; it holds the focus when it opens."""
    tab_to(page, selector, presses=200)
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    if word:
        page.keyboard.type(word)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def posts(name: str) -> str:
    """The button of a form by where it posts to."""
    return f"form[action$='/{name}/'] button"


def test_a_whole_review_from_the_proposal_to_the_ranking_by_keyboard_alone(season, enter):
    """The organiser proposes, adjusts, sends out, takes back and ends; an expert declares and
    scores in between. No mouse is used by either."""
    seasons.play(season, to="checked")
    seasons.prepare(season, experts=4, wanted=2)
    round = season.round
    here, office = round.get_absolute_url(), by_keys(enter("office"))
    office.goto(here)
    press(office, posts("propose"))
    office.get_by_text("已生成分配方案").wait_for()
    found = looked_at(office, here, "round-assigning")
    held = round.assignments.order_by("pk").first()
    before = round.assignments.count()
    office.goto(here)
    press(office, f"[formaction*='{held.public_id}']")
    office.get_by_text(f"已移出专家{held.expert.name}").wait_for()
    assert not round.assignments.filter(pk=held.pk).exists()
    number = round.entries.get(application=held.application_id).number
    choose = reverse("reviews:choose", args=[round.public_id, number])
    press(office, f"a[href='{choose}']")
    press(office, f"form:has([name=expert][value='{held.expert_id}']) button")
    office.get_by_text(f"已增加专家{held.expert.name}").wait_for()
    found += looked_at(office, choose, "choose")
    assert round.assignments.filter(state="proposed").count() == before
    office.goto(here)
    agree(office, posts("deploy"))
    office.get_by_text("评审任务已下发").wait_for()
    agree(office, posts("undo"))
    office.get_by_text("已撤回下发").wait_for()
    agree(office, posts("deploy"))
    office.get_by_text("评审任务已下发").wait_for()

    _scored(season, enter)
    found += looked_at(office, here, "round-open")
    office.goto(here)
    agree(office, posts("close"), "结束评审")
    assert office.url.endswith("/ranking/")
    assert office.evaluate("sessionStorage.getItem('pointed')") is None
    for name in ("ranking", "leanings", "sensitivity", "feedback", "conflicts", "draws"):
        url = reverse(f"reviews:{name}", args=[round.public_id])
        found += looked_at(office, url, name)
    public = reverse("public:draws", args=[season.call.code])
    found += looked_at(office, public, "public-draws")
    found += looked_at(enter("auditor"), here, "round-auditor")
    assert found == []


def _scored(season, enter) -> None:
    """One expert's declaration and one score by keys; all others through the services."""
    person = season.experts[0].user
    type(person).objects.filter(pk=person.pk).update(email="expert@example.org")
    tasks = season.round.assignments.filter(expert=season.experts[0]).order_by("pk")
    season.round.assignments.exclude(expert=season.experts[0]).update(declared_at=AT)
    page = by_keys(enter("expert@example.org"))
    page.goto("/reviews/desk/")
    press(page, 'a[href$="/declare/"]')
    for _ in range(tasks.count()):
        tab_to(page, "input[value=clear]:not(:checked)")
        page.keyboard.press("Space")
    press(page, "main button[type=submit]")
    assert not tasks.filter(declared_at=None).exists()
    seasons.score_all(season, but=tasks.last())
    page.goto("/reviews/desk/")
    press(page, "a.btn-primary[href*='/reviews/score/']")
    marked(page, season)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert not season.round.assignments.exclude(review__state="submitted").exists()
    assert page.evaluate("sessionStorage.getItem('pointed')") is None
