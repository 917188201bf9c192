"""The pages of each role before axe, at 390 and 320 pixels, under the policy, in both sizes."""

import pytest

from accounts.models import User
from documents.models import Document
from outcomes.models import Publication
from recommenders.models import RankedList
from reviews.models import Assignment
from tests import season as seasons
from tests.browser.watching import inspect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_pages_for_everybody(season, watched):
    page = watched.page()
    found = []
    for url in (
        "/",
        "/account/register/",
        "/account/login/",
        "/open/test-call/",
        "/v/",
        "/faq/",
        "/notices/",
        "/lists/",
        "/help/",
        "/accessibility/",
    ):
        found += inspect(page, url)
    page.goto("/account/register/")
    page.get_by_role("button", name="注册单位").click()
    found += inspect(page)  # with an error at every field
    page.goto("/account/login/")
    page.get_by_role("button", name="大字").click()
    found += inspect(page)
    assert page.locator("html.jb-large").count() == 1
    assert found == []


def test_pages_of_filing(season, enter):
    made = seasons.draft(season, "页面", unit=season.cast.company, user=season.cast.people["admin"])
    page = enter("admin")
    here = f"/applications/{made.public_id}/"
    found = []
    for url in (
        "/applications/",
        "/applications/new/",
        here,
        f"{here}basics/",
        f"{here}files/",
        f"{here}check/",
        "/account/unit/",
        "/account/unit/people/",
        "/account/security/",
    ):
        found += inspect(page, url)
    for section in season.call.programme.sections:
        found += inspect(page, f"{here}sections/{section.key}/")
    empty = f"/applications/{season.cast.application.public_id}/"
    for url in (
        f"{empty}check/",
        f"{empty}sections/{season.call.programme.sections[0].key}/?check=1",
    ):
        found += inspect(page, url)  # with what is missing
    page.goto(f"{here}check/")
    page.check("[name=agree]")
    page.get_by_role("button", name="提交申报书").click()
    page.wait_for_url("**/receipt/")
    found += inspect(page)
    found += inspect(page, f"{here}versions/")
    found += inspect(page, f"{here}withdraw/")
    assert found == []


def test_pages_of_recommending(season, enter):
    seasons.play(season, to="recommended")
    page = enter("operator")
    found = []
    for url in (
        "/recommend/",
        "/recommend/calls/test-call/",
        "/recommend/calls/test-call/?show=rest",
        "/recommend/calls/test-call/history/",
        f"/recommend/filings/{season.again(0).public_id}/",
        "/recommend/levels/",
    ):
        found += inspect(page, url)
    approver = enter("approver")
    found += inspect(approver, "/recommend/calls/test-call/confirm/")
    seasons.freeze(season)
    seasons.seal(season, RankedList.objects.get(version=1).versions.get())
    found += inspect(page, "/recommend/calls/test-call/scan/")
    code = Document.objects.get(kind="summary_sheet").code
    found += inspect(page, f"/v/{code}")
    assert found == []


def test_pages_of_reviewing_and_deciding(season, enter, watched):
    seasons.play(season, to="assigned")
    task = Assignment.objects.filter(state="deployed").order_by("pk").first()
    type(task.expert.user).objects.filter(pk=task.expert.user_id).update(email="e1@example.org")
    expert = enter("e1@example.org")
    found = inspect(expert, "/reviews/desk/")
    found += inspect(expert, f"/reviews/score/{task.public_id}/")
    office = enter("office")
    found += inspect(office, f"/reviews/rounds/{season.round.public_id}/")
    seasons.score_all(season)
    seasons.close(season)
    found += inspect(office, f"/reviews/rounds/{season.round.public_id}/ranking/")
    seasons.stage(season)
    for url in (
        "/office/",
        "/office/applications/",
        "/office/deadlines/",
        "/office/calls/",
        "/office/calls/test-call/",
        "/office/units/",
        "/outcomes/",
        "/outcomes/calls/test-call/",
        "/outcomes/calls/test-call/review/",
        "/outcomes/calls/test-call/check/",
        "/outcomes/calls/test-call/steps/",
    ):
        found += inspect(office, url)
    seasons.decide(season)
    seasons.announce(season)
    seasons.render(season.publication.document)
    visitor = watched.page()
    public = Publication.objects.get().get_absolute_url()
    found += inspect(visitor, public)
    found += inspect(visitor, f"/v/{Document.objects.get(kind='notice').code}")
    found += inspect(office, f"/outcomes/publications/{season.publication.public_id}/")
    assert found == []


def test_pages_in_large_type(season, enter):
    seasons.play(season, to="recommended")
    User.objects.update(large_text=True)
    found = []
    admin = enter("admin")
    draft = f"/applications/{season.cast.application.public_id}/"
    keys = [one.key for one in season.call.programme.sections]
    for url in (
        "/applications/",
        draft,
        f"{draft}check/",
        *(f"{draft}sections/{key}/" for key in keys),
    ):
        found += inspect(admin, url)
    operator = enter("operator")
    for url in ("/recommend/", "/recommend/calls/test-call/"):
        found += inspect(operator, url)
    office = enter("office")
    for url in ("/office/", "/office/deadlines/", "/outcomes/calls/test-call/"):
        found += inspect(office, url)
    assert admin.locator("html.jb-large").count() == 1
    assert found == []


@pytest.mark.parametrize("url", ["/no/such/page/", "/account/activate/nothing/"])
def test_pages_of_refusal(url, season, watched):
    page = watched.page()
    assert page.goto(url).status == 404
    assert inspect(page) == []


def test_the_watch_sees_what_it_looks_for(watched):
    page = watched.page()
    page.goto("/account/login/")
    assert inspect(page) == []
    page.evaluate(
        """() => {
            const main = document.querySelector("main");
            main.insertAdjacentHTML("beforeend", "<input><div class=wide>x</div>");
            main.lastChild.attributeStyleMap.set("width", CSS.px(700));
        }"""
    )
    seen = inspect(page)
    assert any("label" in one for one in seen)
    assert any("700" in one or "wide at 390" in one for one in seen)
    assert watched.wrong == []
    page.evaluate("fetch('https://example.org/').catch(() => null)")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    assert any("example.org" in one for one in watched.wrong)
    assert any("style" in one for one in watched.wrong)
    watched.wrong.clear()
