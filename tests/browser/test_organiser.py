"""The organiser's way through a round: the proposal adjusted by hand, sent out, ended, ranked."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from tests import season as seasons
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


def agree(page, word: str = "") -> None:
    """To what the dialog asks."""
    dialog = page.locator("dialog")
    if word:
        dialog.locator("input").fill(word)
    dialog.locator("button").first.click()


def test_from_the_proposal_adjusted_by_hand_to_the_ranking(season, enter):
    seasons.play(season, to="checked")
    seasons.assign(season, experts=6)
    round = season.round
    here, office = round.get_absolute_url(), enter("office")
    office.goto(here)
    office.get_by_role("button", name="撤回下发").click()
    agree(office)
    office.get_by_text("已撤回下发").wait_for()
    found = looked_at(office, here, "round-assigning")
    held = round.assignments.order_by("pk").first()
    before = round.assignments.count()
    office.goto(here)
    office.locator(f"[formaction*='{held.public_id}']").click()
    office.get_by_text(f"已移出专家{held.expert.name}").wait_for()
    assert not round.assignments.filter(pk=held.pk).exists()
    assert round.assignments.count() == before - 1
    number = round.entries.get(application=held.application_id).number
    choose = reverse("reviews:choose", args=[round.public_id, number])
    found += looked_at(office, choose, "choose")
    office.goto(choose)
    office.locator(f"form:has([name=expert][value='{held.expert_id}']) button").click()
    office.get_by_text(f"已增加专家{held.expert.name}").wait_for()
    assert round.assignments.filter(state="proposed").count() == before
    office.get_by_role("button", name="下发评审任务").click()
    agree(office)
    office.get_by_text("评审任务已下发").wait_for()
    round.assignments.update(declared_at=AT)
    seasons.score_all(season)
    found += looked_at(office, here, "round-open")
    office.goto(here)
    office.get_by_role("button", name="结束评审并排名").click()
    agree(office, "结束评审")
    office.wait_for_url("**/ranking/")
    for name in ("ranking", "leanings", "sensitivity", "feedback", "conflicts"):
        url = reverse(f"reviews:{name}", args=[round.public_id])
        found += looked_at(office, url, name)
    assert found == []
