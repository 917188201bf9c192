"""The tables of a form by keyboard and by paste from Excel: cells, rows, steps back, sums."""

import random
from io import BytesIO

import pytest
from openpyxl import load_workbook

from applications.content.answers import compute
from applications.content.values import grouped, number
from calls.programme import Column
from tests.browser.watching import inspect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_section(season, enter):
    """A section of the applicant's own filing, open in their browser."""
    page = enter("admin")

    def visit(key):
        page.goto(f"/applications/{season.cast.application.public_id}/sections/{key}/")
        return page

    return visit


def paste(page, selector, text):
    """What the browser does when a block copied from Excel is pasted into the focused cell."""
    page.focus(selector)
    page.eval_on_selector(
        selector,
        """(cell, text) => {
            const board = new DataTransfer();
            board.setData("text/plain", text);
            cell.dispatchEvent(new ClipboardEvent("paste",
                { clipboardData: board, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def focused(page):
    return page.evaluate("document.activeElement.name")


def row(page, key, number, *columns):
    return [page.input_value(f"[name={key}-{number}-{column}]") for column in columns]


def said(page, key):
    return page.inner_text(f"#{key} [data-grid-said]")


def test_a_block_is_pasted_from_the_focused_cell_and_taken_back_in_one_step(open_section):
    page = open_section("team")
    page.fill("[name=members-0-name]", "原来的人")
    block = '甲\t"工程师\n高级"\t"算法 ""A"""\r\n乙\t研究员\t芯片\r\n'
    paste(page, "[name=members-0-name]", block)
    assert row(page, "members", 0, "name", "title", "field") == ["甲", "工程师 高级", '算法 "A"']
    assert row(page, "members", 1, "name", "title", "field") == ["乙", "研究员", "芯片"]
    assert said(page, "members").startswith("已粘贴 6 格。")
    page.keyboard.press("Control+z")
    assert row(page, "members", 0, "name", "title", "field") == ["原来的人", "", ""]
    assert page.locator("[name=members-1-name]").count() == 0
    many = "\n".join(f"成员{n}\t职称\t专业\t分工\t多出" for n in range(17))
    paste(page, "[name=members-0-name]", many)
    assert page.locator("#members tbody tr").count() == 15
    assert "超过最多 15 行的 2 行" in said(page, "members")
    assert "右边多出的 15 格" in said(page, "members")
    page.click("#members [data-grid-said] button")
    assert page.locator("#members tbody tr").count() == 1


def test_choices_and_figures_fit_and_what_does_not_is_told(open_section):
    page = open_section("property")
    paste(page, "[name=rights-0-kind]", "发明专利\t甲\tZL1\n新型\t乙\tZL2")
    assert row(page, "rights", 0, "kind", "title", "number") == ["invention", "甲", "ZL1"]
    assert row(page, "rights", 1, "kind", "title", "number") == ["", "乙", "ZL2"]
    assert "不在选项中的“新型”" in said(page, "rights")
    page = open_section("operation")
    year = page.get_attribute("#finance tbody tr:first-child input", "name").split("-")[1]
    paste(page, f"[name=finance-{year}-revenue]", "１２，４８０.50\n(300)\n￥1,248.05")
    assert page.input_value(f"[name=finance-{year}-revenue]") == "12,480.50"
    assert page.input_value(f"[name=finance-{year}-profit]") == "-300"
    assert page.input_value(f"[name=finance-{year}-research]") == "1,248.05"
    share = page.inner_text(f"[data-computed=finance-{year}-research_share]")
    assert share == "10.00"


def test_the_keyboard_moves_between_cells_and_rows(open_section):
    page = open_section("team")
    paste(page, "[name=members-0-name]", "甲\t一\n乙\t二\n丙\t三")
    assert focused(page) == "members-0-name"
    page.keyboard.press("Enter")
    assert focused(page) == "members-1-name"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "members-1-title"
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "members-0-title"
    page.keyboard.press("Control+ArrowLeft")
    assert focused(page) == "members-0-name"
    page.keyboard.type("丁")
    page.keyboard.press("Escape")
    assert row(page, "members", 0, "name") == ["甲"]
    page.keyboard.press("Alt+Shift+ArrowDown")
    assert [row(page, "members", n, "name", "title") for n in (0, 1)] == [
        ["乙", "二"],
        ["甲", "一"],
    ]
    assert focused(page) == "members-1-name"
    page.keyboard.press("Alt+Insert")
    assert row(page, "members", 2, "name") == [""] and row(page, "members", 3, "name") == ["丙"]
    assert focused(page) == "members-2-name"
    page.keyboard.press("Alt+Delete")
    assert row(page, "members", 2, "name") == ["丙"]
    page.focus("[name=members-0-name]")
    page.keyboard.press("Alt+Delete")
    assert row(page, "members", 0, "name") == ["甲"]
    page.keyboard.press("Control+z")
    assert row(page, "members", 0, "name", "title") == ["乙", "二"]
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert focused(page) == "members-2-name"


def test_the_pages_with_tables_have_no_fault_and_fit_a_phone(open_section):
    for key in ("team", "operation", "indicators"):
        page = open_section(key)
        assert inspect(page) == []


def test_the_page_computes_what_the_server_computes(open_section):
    page = open_section("operation")
    dice = random.Random(7)
    cases = []
    for _ in range(300):
        upper, lower = (f"{dice.randrange(-(10**6), 10**8) / 100:.2f}" for _ in range(2))
        cases.append([upper, lower, dice.randrange(4)])
    cases += [
        ["1", "3", 2],
        ["0.005", "1", 0],
        ["-0.125", "1", 2],
        ["12,480.50", "0", 2],
        ["", "1", 2],
    ]
    found = page.evaluate(
        """async ([url, cases]) => {
            const { scaled, share, sum, words } = await import(url);
            const said = (value, places) => (value === null ? null : words(value, places));
            return cases.map(([a, b, places]) => [
                said(sum([scaled(a), scaled(b)]), places),
                said(share(scaled(a), scaled(b), true), places),
            ]);
        }""",
        [page.evaluate("new URL('/static/js/cells.js', location).href"), cases],
    )
    for (upper, lower, places), (total, ratio) in zip(cases, found, strict=True):
        parts = {"a": number(upper.replace(",", "")), "b": number(lower)}
        asked = {"key": "c", "label": "算", "type": "computed", "decimals": places}
        for key, told in (("sum", total), ("ratio", ratio)):
            column = Column.model_validate(asked | {"formula": {key: ["a", "b"]}})
            right = compute(column.formula, column, parts.get)
            assert told == (grouped(right) if right is not None else None), (upper, lower, places)


def test_a_template_goes_out_and_in_through_the_page(open_section, tmp_path):
    page = open_section("team")
    with page.expect_download() as download:
        page.click("#members >> text=下载模板")
    book = load_workbook(BytesIO(download.value.path().read_bytes()))
    book["填写"]["B6"], book["填写"]["E6"] = "甲", "算法"
    book.save(tmp_path / "good.xlsx")
    book["填写"]["B7"] = "长" * 40
    book.save(tmp_path / "bad.xlsx")
    page.click("#members >> text=导入")
    page.set_input_files("#id_file", tmp_path / "bad.xlsx")
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_selector("text=第 7 行“姓名”：超出 10 字，最多 30 字")
    assert inspect(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="下载标出错误的表格").click()
    marked = load_workbook(BytesIO(download.value.path().read_bytes()))
    assert "超出 10 字" in marked["填写"]["B7"].comment.text
    page.set_input_files("#id_file", tmp_path / "good.xlsx")
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_selector("text=预览：还没有保存")
    assert inspect(page) == []
    page.get_by_role("button", name="应用到“团队成员”").click()
    page.wait_for_selector("text=已导入“团队成员”，共 1 行")
    assert row(page, "members", 0, "name", "work") == ["甲", "算法"]
