"""Chains of levels, consistency, and the workbook: no database."""

import io
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from surveys import chains, consistency, reading, sheet
from surveys.consistency import Earlier
from surveys.spec import Level
from tests.surveys.scene import SPEC, filled
from tests.surveys.test_file import COLUMNS

ALL = tuple(Level)
SURVEY = reading.read(SPEC)


@dataclass(frozen=True)
class Unit:
    pk: int
    kind: str
    region: str


UNITS = [
    Unit(1, "province", "430000"),
    Unit(2, "city", "430100"),
    Unit(3, "district", "430102"),
    Unit(4, "district", "430103"),
    Unit(5, "province", "210000"),
    Unit(6, "separate_city", "210200"),
    Unit(7, "district", "210202"),
]


def path(region, levels=ALL):
    return [unit.pk for unit in chains.chain(region, levels, UNITS)]


def test_an_answer_goes_through_district_city_and_province():
    assert path("430102") == [3, 2, 1]


def test_a_level_without_a_unit_is_left_out():
    assert path("430111") == [2, 1]
    assert path("430800") == [1]


def test_a_survey_of_a_city_ends_there():
    assert path("430102", (Level.DISTRICT, Level.CITY)) == [3, 2]


def test_a_separate_city_belongs_to_no_province():
    assert path("210202") == [7, 6]


def hinted(now, then, field="revenue"):
    said = consistency.hints(
        SURVEY, filled(**{field: now}), [Earlier(f"table.{field}", "“上次调查”", then)]
    )
    return [str(one) for one in said]


def test_a_unit_that_was_mistaken_is_named():
    (said,) = hinted("12000000.00", "1200.00")
    assert "10,000 倍" in said and "万元" in said


def test_a_figure_that_more_than_doubled_or_halved_is_hinted_at():
    assert "增加一倍以上" in hinted("2500.00", "1200.00")[0]
    assert "减少一半以上" in hinted("500.00", "1200.00")[0]


def test_an_ordinary_change_is_not_hinted_at():
    assert hinted("2400.00", "1200.00") == []
    assert hinted("1200.00", "1200.00") == []


def test_another_name_than_before_is_hinted_at_and_other_words_are_not():
    assert hinted("新名", "旧名", "name")
    assert hinted("新方向", "旧方向", "next") == []


def test_words_are_carried_over_and_figures_are_not():
    carried = consistency.carried(
        SURVEY, [Earlier("table.next", "x", "旧方向"), Earlier("table.revenue", "x", "12.00")]
    )
    assert carried == {"table": {"next": "旧方向"}}


@given(st.decimals(1, 10**12, places=2), st.decimals(1, 10**12, places=2))
def test_a_hint_is_given_in_both_directions(a, b):
    assert bool(hinted(str(a), str(b))) == bool(hinted(str(b), str(a)))


def opened(rows, wrong=()):
    data = sheet.workbook(SURVEY, area="示例区", rows=rows, wrong=wrong)
    return load_workbook(io.BytesIO(data))


def test_the_workbook_has_exactly_the_original_columns_with_units():
    page = opened([filled()])["调查表"]
    assert page["A1"].value == "示例区人工智能产业相关企业、技术平台调查表"
    assert [cell.value for cell in page[2]] == [*COLUMNS[:-1], COLUMNS[-1] + "（万元）"]
    assert page.max_column == len(COLUMNS)


def test_a_figure_is_a_number_and_a_code_stays_text():
    page = opened([filled(name="0012345678901234567890")])["调查表"]
    assert page["F3"].value == 1200 and page["F3"].data_type == "n"
    assert page["A3"].value == "0012345678901234567890" and page["A3"].data_type == "s"


def test_nothing_in_the_workbook_is_a_formula():
    page = opened([filled(name="=HYPERLINK(1)", next="+1", products="@x", position="-2")])["调查表"]
    assert [cell.data_type for cell in page[3]] == ["s", "s", "s", "s", "s", "n"]
    assert page["A3"].value == "=HYPERLINK(1)" and page["A3"].quotePrefix


def test_bad_rows_are_named_on_a_second_page():
    book = opened([filled()], [("示例企业", ["营业收入：请填写", "名称：太长"])])
    assert [cell.value for cell in book["需核对"][2]] == [
        "示例企业",
        "营业收入：请填写；名称：太长",
    ]
    assert opened([filled()]).sheetnames == ["调查表"]
