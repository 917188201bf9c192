"""The summary sheet at 1, 15, 16, 31 and 60 rows, with and without an electronic seal."""

import re

import pytest

from documents import sandbox
from documents.codes import parse_payload
from documents.templatetags.paper import name_lines
from tests.documents import drawing, samples, sealed

PAGES = {1: 1, 15: 2, 16: 2, 31: (3, 4), 60: (5, 6)}


@pytest.fixture(scope="module", params=[(n, e) for n in PAGES for e in (False, True)])
def drawn(request):
    rows, electronic = request.param
    pdf = sealed.sheet(rows) if electronic else drawing.sheet(rows)
    return rows, electronic, pdf, drawing.texts(pdf)


def test_the_number_of_pages_is_known(drawn):
    rows, _, _, pages = drawn
    wanted = PAGES[rows]
    assert len(pages) in (wanted if isinstance(wanted, tuple) else (wanted,))


def test_head_row_and_page_label_stand_on_every_page(drawn):
    _, _, _, pages = drawn
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页/共{len(pages)}页" in page
        assert "信息报送汇总表" in page
        assert "统一社会信用代码" in page and "所属地区" in page


def test_every_row_stands_whole_on_one_page_and_in_order(drawn):
    rows, _, _, pages = drawn
    seen = []
    for page in pages:
        seen += re.findall(r"91990100MADEM(\d{4})X", page)
    assert [int(one) for one in seen] == list(range(1, rows + 1))
    for row in samples.summary_sheet(rows)["rows"]:
        holding = [page for page in pages if row["code"] in page]
        assert len(holding) == 1
        for key in ("title", "organisation", "contact", "phone"):
            assert re.sub(r"\s", "", row[key]) in holding[0], (row["rank"], key)


def test_the_signatures_never_stand_alone(drawn):
    rows, electronic, _, pages = drawn
    last = pages[-1]
    assert "填表人" in last and "负责人" in last and "盖章处" in last
    assert ("电子签章处" in last) is electronic
    assert len(re.findall(r"91990100MADEM\d{4}X", last)) >= min(rows, 2)
    assert not any("填表人" in page for page in pages[:-1])


def test_every_page_has_the_code_of_itself(drawn):
    _, _, pdf, pages = drawn
    for number, picture in enumerate(drawing.pictures(pdf, 150), start=1):
        (found,) = sandbox.decode(picture.convert("L"))
        assert parse_payload(found.text) == (drawing.CODE, number)
    assert len(pages) == number


def test_the_last_page_holds_the_whole_box_of_the_seal(drawn):
    """Ring, name and date fit above the foot of the page, where printers cut nothing off."""
    from documents import signing

    _, electronic, pdf, pages = drawn
    if not electronic:
        return
    place = signing.place_of(pdf)
    assert place.page == len(pages) - 1
    assert place.top - 45 * signing.POINTS_PER_MM > 40


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("示例省工业和信息化厅", ["示例省工业和信息化厅"]),
        ("新疆示例建设兵团工业和信息化局", ["新疆示例建设兵团", "工业和信息化局"]),
        ("内蒙古自治区示例工业和信息化厅", ["内蒙古自治区", "示例工业和信息化厅"]),
        ("示例" * 10, ["示例" * 5, "示例" * 5]),
    ],
)
def test_a_long_name_under_a_seal_is_broken_by_sense(name, lines):
    assert name_lines(name) == lines


def test_the_longest_name_stays_inside_its_box():
    snapshot = sealed.snapshot(2) | {"recommender": {"name": "新疆示例建设兵团工业和信息化局"}}
    page = drawing.texts(drawing.draw("summary_sheet", snapshot))[-1]
    assert page.count("新疆示例建设兵团工业和信息化局") >= 2
