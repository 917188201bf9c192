"""The survey file: the shipped one is the table of 2017, and a fault names file and key."""

import re

import pytest

from surveys import reading
from surveys.reading import SurveyError
from surveys.spec import Level
from tests.surveys.scene import SPEC

COLUMNS = [
    "企业（平台）名称",
    "所从事的人工智能行业地位描述",
    "掌握的人工智能核心技术、建设的技术平台",
    "拥有的主要人工智能产品、专利、标准等情况",
    "下一阶段主要的技术攻关方向",
    "2017 年营业收入（预估）",
]


def test_the_shipped_survey_has_the_columns_of_the_table_in_their_order():
    survey = reading.read(SPEC)
    assert [column.title for column in survey.columns] == COLUMNS
    assert survey.levels == (Level.DISTRICT, Level.CITY)
    assert str(survey.dates.answer_until) == "2017-12-20"


def test_the_figure_has_its_unit_and_says_that_the_source_has_none():
    _, revenue = reading.read(SPEC).found("table.revenue")
    assert revenue.unit == "万元"
    assert "未核实" in revenue.help


def test_a_survey_reads_the_same_from_its_copy():
    survey = reading.read(SPEC)
    assert reading.from_rules(reading.to_rules(survey)) == survey


def test_the_catalogue_finds_each_file_by_its_code():
    assert reading.catalogue()["2017-ai-enterprises"] == SPEC


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("short_title =", "shorttitle =", "shorttitle"),
        ('levels = ["district", "city"]', 'levels = ["city", "district"]', "levels"),
        ('levels = ["district", "city"]', 'levels = ["village"]', "levels.0"),
        ('field = "table.next"', 'field = "table.nothing"', "columns.4.field"),
        ('key = "material"', 'key = "name"', "sections.1.fields.1.key"),
        (' unit = "万元",', "", "sections.0.fields.5.unit"),
        ('kinds = ["enterprise",', 'kinds = ["bakery",', "asked.kinds.0"),
        ("[dates]", "[dates]\nprovince_until = 2018-01-01", "dates.province_until"),
        ("[dates]", "[dates]\ncity_until = 2017-12-01", "dates.city_until"),
        ('kinds = ["ent', 'regions = ["999999"]\nkinds = ["ent', "asked.regions.0"),
        ('filing = "operation.finance.revenue"', 'filing = "operation"', "compare.0.filing"),
        ('prefill = "name"', 'prefill = "shoe_size"', "sections.0.fields.0.prefill"),
        ('code = "2017', "code = 2017", "file"),
    ],
)
def test_a_fault_is_named_with_file_and_key(tmp_path, old, new, where):
    text = SPEC.read_text("utf-8")
    assert old in text
    path = tmp_path / "broken.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SurveyError) as caught:
        reading.read(path)
    assert re.search(rf"broken\.toml: {re.escape(where)}[.:]? ", str(caught.value)), caught.value
