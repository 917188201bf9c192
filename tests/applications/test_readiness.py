"""What blocks submission, and where each part stands. No database."""

from dataclasses import replace
from decimal import Decimal

import pytest

from applications import readiness
from applications.material import File, Material, Row, Unit
from calls import programme as programmes
from calls.programme import Indicator, Programme
from tests import world

SPEC = Indicator(
    key="snr", name="声学信噪比", operator="ge", value=Decimal(70), unit="dB", better="higher"
)
LEVEL = Indicator(key="ready", name="成熟度", kind="maturity", operator="ge", value="量产")


@pytest.fixture(scope="module")
def programme() -> Programme:
    return world.programme()


@pytest.fixture
def material(programme) -> Material:
    return Material(
        programme=programme,
        call_code="x",
        call_title=programme.title,
        title="低噪声声学传感器",
        organisation=Unit("示例科技（甲）有限公司"),
        recommender=Unit("示例省工业和信息化厅"),
        direction="智能传感器",
        direction_key="sensor",
        sections={},
    )


def row(spec=SPEC, **more) -> Row:
    values = {"current": "68", "target": "74", "method": "消声室", **more}
    return Row(
        spec=spec,
        name=spec.name if spec else values.pop("name", "芯片温漂"),
        unit=spec.unit if spec else values.pop("unit", "%"),
        **values,
    )


def ledger(material, *rows):
    section = material.programme.section("indicators")
    found = readiness.section_problems(section, replace(material, rows=rows))
    return {problem.name: problem.message for problem in found}


def test_an_empty_filing_names_every_required_answer_in_the_order_of_the_form(material):
    found = readiness.problems(material)
    sections = list(dict.fromkeys(problem.section for problem in found))
    order = [section.key for section in material.programme.sections]
    assert sections[:-1] == [key for key in order if key in sections]
    assert sections[-1] == readiness.FILES
    assert all(problem.missing for problem in found)


def test_title_direction_and_recommender_block_too(material):
    bare = replace(material, title="字" * 31, direction_key="", recommender=None)
    told = {problem.name: problem.message for problem in readiness.problems(bare)}
    assert told["title"] == "超出 1 字，最多 30 字"
    assert told["direction"] == "请选择"
    assert told["recommender"] == "请选择"


def test_a_programme_without_recommendation_asks_for_no_recommender():
    small = programmes.read(programmes.catalogue()["changsha-platform"])
    material = Material(
        programme=small, call_code="x", call_title="x", title="题", organisation=Unit("甲")
    )
    told = {problem.name for problem in readiness.problems(material)}
    assert ("recommender" in told) == small.has("recommendation")


def test_a_reference_row_may_stay_empty_but_not_half_filled(material):
    empty = row(current="", target="", method="")
    assert "请至少填写 1 行" in ledger(material, empty)["ref-snr-current"]
    half = ledger(material, row(current=""))
    assert half["ref-snr-current"] == "请填写，没有样品的填“0”"


def test_a_row_of_ones_own_needs_name_unit_and_method(material):
    told = ledger(material, row(None, name="", unit="", method=""))
    assert set(told) == {"own-0-name", "own-0-unit", "own-0-method"}


def test_letters_in_a_figure_and_levels_that_do_not_exist_are_named(material):
    assert "优" in ledger(material, row(target="优"))["ref-snr-target"]
    told = ledger(material, row(LEVEL, current="样机", target="卖得好"))
    assert "样机、量产、商用" in told["ref-ready-target"]


def test_the_page_of_the_evidence_must_exist(material):
    file = File("f1", "test_report", "检测报告.pdf", "0" * 64, 10, "application/pdf", 3)
    assert "共 3 页" in ledger(material, row(evidence=file, evidence_page=4))["ref-snr-page"]
    assert "请选择证据文件" in ledger(material, row(evidence_page=4))["ref-snr-evidence"]
    assert ledger(material, row(evidence=file, evidence_page=3)) == {}


def test_a_cell_that_was_cut_for_the_table_is_still_too_long(material):
    typed = {"rows": {"ref": {"snr": {"method": "长" * 201}}, "own": []}}
    with_typed = replace(material, sections={"indicators": typed})
    told = ledger(with_typed, row(method="长" * 200))
    assert told["ref-snr-method"] == "超出 1 字，最多 200 字"


def test_files_are_asked_by_condition_and_counted(material):
    told = {p.name for p in readiness.problems(material) if p.section == readiness.FILES}
    assert told == {"file-licence"}
    joint = replace(material, sections={"consortium": {"joint": True}})
    told = {p.name for p in readiness.problems(joint) if p.section == readiness.FILES}
    assert told == {"file-licence", "file-agreement"}


def test_the_parts_say_where_they_stand(material):
    begun = replace(
        material,
        sections={
            "benefit": {"economic": "有", "social": "有"},
            "operation": {"employees": 10, "researchers": 11},
            "project": {"summary": "简介"},
        },
    )
    parts = {part.key: part for part in readiness.parts(begun)}
    assert parts["benefit"].status == "done"
    assert parts["benefit"].count == "2/2 项"
    assert parts["operation"].status == "fix"
    assert parts["project"].status == "doing"
    assert parts["technology"].status == "todo"
    assert parts["property"].optional
    assert parts[readiness.DECLARATION].status == "locked"
    done, total = readiness.tally(parts.values())
    assert done == 1
    assert total == len(parts) - 3  # 知识产权 and 联合体 untouched and optional, 承诺书 apart


def test_a_part_that_was_returned_needs_mending(material):
    returned = [{"section": "benefit", "field": "economic", "comment": "依据"}]
    parts = {part.key: part for part in readiness.parts(material, returned=returned)}
    assert parts["benefit"].status == "fix"
