"""The 申报书 of every programme, with little, everything, and as much as fits."""

import re

import pytest

from calls import programme as programmes
from documents import scans
from tests.applications import onpaper
from tests.documents import drawing

CODES = sorted(programmes.catalogue())
SIZES = ("bare", "full", "most")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", CODES)
def test_the_form_has_its_parts_its_codes_and_no_empty_box(code, size, caplog):
    pages = drawing.texts(onpaper.pdf(code, size))
    spec = onpaper.programme(code)
    whole = "".join(pages)
    assert spec.title_label in pages[0] and "盖章处" in pages[0]
    for part in ("目录", "申报单位承诺书", "证明材料清单"):
        assert part in whole
    for number, text in enumerate(pages, start=1):
        assert "JB-2021-000123" in text and f"第{number}页/共{len(pages)}页" in text
        assert "指纹" + "abab" * 8 in text
    for kind in [file["kind"] for file in onpaper.form(code, size)["attachments"]]:
        assert kind in whole
    assert not [record for record in caplog.records if record.name.startswith("weasyprint")]


@pytest.mark.parametrize("code", CODES)
def test_the_code_of_each_page_names_its_page(code):
    read = scans.read_codes(onpaper.pdf(code, "full"), "application/pdf")
    found = [(page.code, page.page) for page in read]
    assert found == [(drawing.CODE, number) for number in range(1, len(read) + 1)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", CODES)
def test_a_draft_says_so_on_each_page_and_carries_nothing_that_could_pass_for_final(code, size):
    pages = drawing.texts(onpaper.draft(code, size))
    whole = "".join(pages)
    for text in pages:
        assert "草稿" in text
    for forbidden in ("盖章处", "核验码" + drawing.CODE[:4], "指纹", "JB-2021", "申报编号"):
        assert forbidden not in whole.replace("文件指纹", "").replace("不含核验码", "")


@pytest.mark.parametrize("code", CODES)
def test_a_draft_has_no_code_on_any_page(code):
    read = scans.read_codes(onpaper.draft(code, "bare"), "application/pdf")
    assert [page.code for page in read if page.code] == []


@pytest.mark.parametrize("code", CODES)
def test_many_rows_and_long_names_stay_within_reason(code):
    """Sixty indicators with a page each of evidence take pages by the dozen, not by the hundred."""
    assert len(drawing.texts(onpaper.pdf(code, "most"))) < 45


@pytest.mark.parametrize("code", CODES)
def test_no_row_of_a_table_stands_on_two_pages(code):
    pages = drawing.texts(onpaper.pdf(code, "most"))
    for n in range(1, onpaper.MANY + 1):
        name = re.compile(rf"自定义指标{n}(?!\d)")
        on = [number for number, text in enumerate(pages) if name.search(text)]
        assert len(on) <= 1, (n, on)


@pytest.mark.parametrize("code", CODES)
def test_evidence_is_named_by_its_place_in_the_list(code):
    spec = onpaper.programme(code)
    asks = [f for s in spec.sections for f in s.fields if f.type == "indicators"]
    whole = "".join(drawing.texts(onpaper.pdf(code, "most")))
    assert ("材料1第3页" in whole) == bool(asks and onpaper.form(code, "most")["attachments"])


def test_a_rare_character_is_replaced_and_named_on_the_last_page():
    pages = drawing.texts(onpaper.pdf("2021-jiebang", "most"))
    assert "示例喆昇（吉旻）科技有限公司" in pages[0]
    assert "U+20BB7印作“吉”" in pages[-1]


def test_the_same_version_gives_the_same_bytes():
    first = onpaper.pdf("2021-jiebang", "full")
    onpaper.pdf.cache_clear()
    assert onpaper.pdf("2021-jiebang", "full") == first
