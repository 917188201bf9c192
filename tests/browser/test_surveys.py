"""A survey in the browser: answered by a link, checked by a level, before axe and at 390 pixels."""

import pytest
from django.urls import reverse

from accounts import links
from accounts.models import User
from surveys.models import Request
from tests.browser.watching import inspect
from tests.surveys import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db):
    found = scene.build(n=3)
    for key, user in found.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    return found


def by_link(made, n):
    return reverse("surveys:by_link", args=[links.token(made.request(n).link)])


def test_a_unit_answers_by_its_link_with_its_keyboard(made, watched):
    page = watched.page()
    page.goto(by_link(made, 1))
    page.fill("[name=position]", "细分领域前三位")
    page.wait_for_selector("[data-save-state] >> text=已保存")
    for name, words in {**scene.TEXTS, "name": "示例企业01有限公司", "revenue": "1200.00"}.items():
        page.focus(f"main [name={name}]")
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(words)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="提交", exact=False).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=已填报")
    assert made.request(1).state == Request.State.ANSWERED
    assert made.request(1).answer.submissions.get().data["table"]["position"] == "示例地位"


def test_pages_of_a_survey(made, watched, enter):
    scene.answer(made, 0)
    found = inspect(watched.page(), by_link(made, 1))
    office = enter("office")
    for name in ("area", "days", "add"):
        found += inspect(office, reverse(f"surveys:{name}", args=[made.survey.code]))
    district = enter("district")
    found += inspect(district, reverse("surveys:area", args=[made.survey.code]))
    found += inspect(district, reverse("surveys:detail", args=[made.request(0).public_id]))
    assert found == []
