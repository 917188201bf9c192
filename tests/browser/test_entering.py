"""Coming in without a mouse, and reading in large type."""

import re

import pytest
from django.core import mail

from accounts.models import Organisation, User
from applications.content import synthetic
from tests.journeys.player import LINK, PASSWORD, _path, post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tab_to(page, selector, *, presses=90):
    """Press Tab until the focus stands there; the focus must be visible."""
    for _ in range(presses):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            outline = page.evaluate(
                """() => { const s = getComputedStyle(document.activeElement);
                return s.outlineStyle + s.boxShadow; }"""
            )
            assert outline != "nonenone", f"no visible focus on {selector}"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector} on {page.url}")


def tab_to_button(page, words):
    for _ in range(90):
        here = page.evaluate("(document.activeElement.innerText || '').trim()")
        if here == words:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {words} on {page.url}")


def test_a_visitor_registers_and_signs_in_by_keyboard_alone(transactional_db, watched):
    page = watched.page()
    page.goto("/")
    tab_to(page, ".jb-skip")
    tab_to_button(page, "注册单位")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/register/")
    typed = {
        "unit_name": "示例键盘研究有限公司",
        "code": synthetic.code(3),
        "name": "键盘示例",
        "phone": "000-00000000",
        "email": "keys@example.org",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }
    for name in ("unit_name", "code"):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(typed[name])
    tab_to(page, "[name=kind]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[name=region]")
    page.keyboard.type("hdq")
    page.wait_for_selector("#jb-picker-list [role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for name in ("name", "phone", "email", "password", "password_again"):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(typed[name])
    tab_to(page, "[name=consent]")
    page.keyboard.press("Space")
    tab_to_button(page, "注册单位")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/registered/")
    unit = Organisation.objects.get(name=typed["unit_name"])
    assert unit.kind == "university" and unit.region == "110108"

    post()
    letter = next(one for one in mail.outbox if "keys@example.org" in one.to)
    page.goto(_path(LINK.search(letter.body).group()))
    tab_to_button(page, "确认邮箱")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/login/")
    tab_to(page, "[name=email]")
    page.keyboard.type("keys@example.org")
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/applications/")
    assert "示例键盘研究有限公司" in page.inner_text("main")


def test_an_error_takes_the_focus_to_its_summary_and_leads_to_the_field(transactional_db, watched):
    page = watched.page()
    page.goto("/account/register/")
    tab_to(page, "[name=code]")
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    page.wait_for_selector(".jb-errors")
    assert page.title().startswith("错误：")
    assert page.evaluate("document.activeElement.matches('.jb-errors')")
    link = page.locator(".jb-errors a", has_text=re.compile("18 位|统一社会信用代码")).first
    link.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.input_value("[name=code]") == "12345"
    assert page.get_attribute("[name=code]", "aria-invalid") == "true"
    assert page.get_attribute("[name=code]", "aria-describedby")


def test_large_type_is_kept_with_the_person(season, enter):
    page = enter("admin")
    size = "parseFloat(getComputedStyle(document.querySelector('main p, main li')).fontSize)"
    before = page.evaluate(size)
    page.get_by_role("button", name="大字").click()
    page.wait_for_selector("html.jb-large")
    assert page.evaluate(size) >= 18 > before
    assert page.get_by_role("button", name="大字").get_attribute("aria-pressed") == "true"
    low = page.evaluate(
        """[...document.querySelectorAll("main .btn, main button, main input:not([type=hidden])")]
        .filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML.slice(0, 90))"""
    )
    assert low == []
    assert User.objects.get(email="admin@example.org").large_text
    elsewhere = enter("admin")
    assert elsewhere.locator("html.jb-large").count() == 1
    elsewhere.get_by_role("button", name="大字").click()
    elsewhere.wait_for_selector("html:not(.jb-large)")
