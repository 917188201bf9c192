"""Choosing a region and an industry: by keyboard, with an input method, by mouse, on a phone."""

import pytest

from tests.browser.watching import faults, inspect, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPTION = "#jb-picker-list [role=option]"


def options(page):
    page.wait_for_selector(OPTION)
    return page.locator(f"{OPTION} b").all_inner_texts()


def test_a_region_is_chosen_by_keyboard_alone(transactional_db, watched):
    page = watched.page()
    page.goto("/account/register/")
    field = page.locator("[name=region]")
    assert field.get_attribute("role") == "combobox"
    field.focus()
    page.keyboard.press("ArrowDown")
    assert options(page)[0] == "北京市"
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.locator("#jb-picker-list").is_hidden()
    assert field.get_attribute("aria-expanded") == "false"

    page.keyboard.type("长沙")
    until(page, "document.querySelectorAll('#jb-picker-list [role=option]').length > 5")
    assert options(page)[0] == "长沙市"
    assert "湖南省 › 长沙市" in page.locator(OPTION).first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    last = page.locator(OPTION).last
    assert last.get_attribute("aria-selected") == "true"
    assert field.get_attribute("aria-activedescendant") == last.get_attribute("id")
    page.keyboard.press("ArrowDown")
    first = page.locator(OPTION).first
    assert first.get_attribute("aria-selected") == "true"
    assert faults(page) == []
    page.keyboard.press("Enter")
    assert field.input_value() == "湖南省长沙市"
    assert page.locator("#jb-picker-list").is_hidden()
    assert "/account/register/" in page.url  # Enter chose and did not send the form


def test_the_list_waits_while_an_input_method_composes(transactional_db, watched):
    page = watched.page()
    page.goto("/account/register/")
    page.locator("[name=industry]").focus()
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "ji", "selectionStart": 2, "selectionEnd": 2})
    page.wait_for_timeout(500)
    assert page.locator("#jb-picker-list").is_hidden()
    method.send("Input.insertText", {"text": "集成电路"})
    assert "集成电路设计" in options(page)
    page.locator(OPTION).first.click()
    assert page.locator("[name=industry]").input_value() == "652 集成电路设计"


def test_a_typed_code_gets_its_name_on_leaving(transactional_db, watched):
    page = watched.page()
    page.goto("/account/register/")
    page.locator("[name=industry]").fill("3983")
    page.keyboard.press("Tab")
    until(page, "document.querySelector('[name=industry]').value === '3983 敏感元件及传感器制造'")


def test_without_the_list_the_text_is_still_taken(transactional_db, watched):
    page = watched.page(java_script_enabled=False)
    page.goto("/account/register/")
    field = page.locator("[name=region]")
    assert field.get_attribute("role") is None
    field.fill("湖南省长沙市岳麓区")
    page.get_by_role("button", name="注册单位").click()
    assert field.input_value() == "湖南省长沙市岳麓区"
    assert field.get_attribute("aria-invalid") is None


def test_the_list_fits_a_narrow_window(transactional_db, watched):
    page = watched.page(width=390, height=844)
    page.goto("/account/register/")
    page.locator("[name=region]").fill("南山")
    options(page)
    box = page.locator("#jb-picker-list").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.locator(OPTION, has_text="深圳市").click()
    assert page.locator("[name=region]").input_value() == "广东省深圳市南山区"
    assert inspect(page) == []
