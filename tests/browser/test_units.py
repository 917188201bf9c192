"""The pages of a unit, its papers and changes: axe, narrow windows, and the switch of ways."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from accounts import services as accounts
from accounts.models import Link, Organisation
from tests import world
from tests.browser.test_picker import OPTION, options
from tests.browser.watching import inspect, until
from tests.world import AT
from units import services as units

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
K = Organisation.Kind


def scan():
    out = BytesIO()
    Image.new("RGB", (620, 877), "white").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def house(season):
    """A unit with a licence to check, open and expired invitations, and a proposed rename."""
    cast = season.cast
    admin, office = cast.actor("admin"), cast.actor("office")
    figures = {"2024": {"revenue": "12480.00", "employees": "120"}}
    accounts.update_profile(
        cast.company, profile={"industry": "3983"}, years=figures, actor=admin, at=AT
    )
    for email in ("old@example.org", "new@example.org"):
        accounts.invite(
            organisation=cast.company, role="editor", email=email, name="同事", actor=admin, at=AT
        )
    Link.objects.filter(email="old@example.org").update(expires_at=AT - timedelta(days=2))
    units.add_proof(cast.company, name="营业执照.png", data=scan(), actor=admin, at=AT)
    units.propose_rename(
        cast.rival,
        name="示例智语（新）有限公司",
        day=AT.date() - timedelta(days=3),
        reason="变更登记通知书〔2021〕1号",
        actor=office,
        at=AT,
    )
    world.unit(K.CENTRAL_GROUP, "示例航天集团有限公司", region="110000")
    return season


def test_pages_of_a_unit(house, enter):
    page = enter("admin")
    draft = house.cast.application or world.draft(house.cast)
    found = []
    for url in (
        "/account/unit/",
        "/account/unit/figures/",
        "/account/unit/people/",
        "/account/security/",
        "/units/own/",
        f"/applications/new/{house.cast.call.code}/",
        f"/applications/{draft.public_id}/basics/",
        f"/applications/{draft.public_id}/profile/",
    ):
        found += inspect(page, url)
    assert found == []


def test_pages_of_the_office_and_of_a_recommender(house, enter):
    company = house.cast.company.pk
    found = []
    page = enter("office")
    for url in (
        "",
        f"{company}/",
        f"{company}/rename/",
        f"{company}/merge/",
        f"{company}/manager/",
    ):
        found += inspect(page, f"/units/{url}")
    page.goto(f"/units/{company}/")
    until(page, "document.querySelector('.jb-preview-sheet img').naturalWidth > 0")
    page.get_by_role("button", name="退回证照").click()
    page.wait_for_selector(".jb-errors")
    found += inspect(page)
    found += inspect(enter("chief"), "/units/changes/")
    operator = enter("operator")
    found += inspect(operator, "/units/") + inspect(operator, f"/units/{company}/")
    assert found == []


def test_the_way_of_recommendation_is_switched_and_the_group_chosen(house, enter):
    page = enter("editor")
    page.goto(f"/applications/new/{house.cast.call.code}/")
    through = page.locator("[name=through]")
    assert page.get_by_label("按注册地").is_checked()
    assert through.is_hidden()
    assert page.get_by_text(f"由{house.cast.province.name}推荐").is_visible()
    page.get_by_label("通过中央企业集团").check()
    assert through.is_visible()
    assert page.get_by_text(f"由{house.cast.province.name}推荐").is_hidden()
    through.fill("航天")
    assert options(page) == ["示例航天集团有限公司"]
    page.locator(OPTION).click()
    page.fill("[name=title]", "示例集团项目")
    page.select_option("[name=subfield]", index=1)
    page.get_by_role("button", name="新建申报").click()
    page.wait_for_url(lambda url: "/new/" not in url)
    assert "示例航天集团有限公司" in page.inner_text("main")
