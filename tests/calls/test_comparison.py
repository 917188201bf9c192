"""How a value stands to its reference, for every operator and kind."""

from decimal import Decimal

import pytest

from calls.comparison import compare, plain
from calls.programme import Indicator


def indicator(**more: object) -> Indicator:
    return Indicator.model_validate({"key": "it", "name": "指标", **more})


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("ge", "under", "met", "over"),
        ("gt", "under", "under", "over"),
        ("le", "over", "met", "under"),
        ("lt", "over", "under", "under"),
        ("eq", "under", "met", "under"),
    ],
)
def test_a_number_stands_below_at_or_above_its_reference(
    operator: str, below: str, equal: str, above: str
) -> None:
    reference = indicator(operator=operator, value=70, unit="dB")
    found = [compare(reference, value).standing for value in ("69.5", "70.0", "70.5")]
    assert found == [below, equal, above]


@pytest.mark.parametrize(
    ("better", "below", "above"),
    [("higher", "under", "over"), ("lower", "over", "under"), ("none", "under", "under")],
)
def test_an_exact_reference_can_be_exceeded_only_in_the_better_direction(
    better: str, below: str, above: str
) -> None:
    reference = indicator(operator="eq", value=360, better=better)
    assert compare(reference, "359").standing == below
    assert compare(reference, "360").standing == "met"
    assert compare(reference, "361").standing == above


@pytest.mark.parametrize(
    ("operator", "value", "given", "text"),
    [
        ("ge", "70", "74", "超过 4"),
        ("ge", "135", "135", "达到"),
        ("le", "100", "80", "超过 20"),
        ("le", "0.6", "0.8", "未达到 0.2"),
        ("gt", "95", "95", "未达到"),
        ("lt", "1", "0.25", "超过 0.75"),
        ("le", "0.005", "0.0050", "达到"),
    ],
)
def test_the_words_name_the_distance(operator: str, value: str, given: str, text: str) -> None:
    assert compare(indicator(operator=operator, value=value), given).text == text


def test_the_distance_is_exact_and_never_negative() -> None:
    result = compare(indicator(operator="ge", value="0.3"), "0.1")
    assert result.difference == Decimal("0.2")


@pytest.mark.parametrize("given", ["很高", "NaN", "Infinity", True])
def test_a_value_that_is_no_number_is_not_compared(given: object) -> None:
    assert compare(indicator(operator="ge", value=1), given).standing == "none"


@pytest.mark.parametrize(
    ("given", "standing", "label"),
    [
        ("true", "met", "达到"),
        ("是", "met", "达到"),
        (True, "met", "达到"),
        ("false", "under", "未达到"),
        ("否", "under", "未达到"),
        (False, "under", "未达到"),
        ("也许", "none", "无法比较"),
    ],
)
def test_yes_or_no_is_reached_or_not(given: object, standing: str, label: str) -> None:
    result = compare(indicator(kind="boolean", operator="eq", value=True), given)
    assert (result.standing, result.label, result.difference) == (standing, label, None)


def test_a_no_can_be_what_is_asked_for() -> None:
    reference = indicator(kind="boolean", operator="eq", value=False)
    assert compare(reference, "否").standing == "met"
    assert compare(reference, "是").standing == "under"


@pytest.mark.parametrize(
    ("asked", "given", "standing"),
    [
        ("样机", "样机", "met"),
        ("样机", "商用", "over"),
        ("量产", "样机", "under"),
        ("量产", "量产", "met"),
        ("量产", "商用", "over"),
        ("商用", "量产", "under"),
        ("商用", "概念", "none"),
    ],
)
def test_maturity_runs_from_prototype_to_market(asked: str, given: str, standing: str) -> None:
    reference = indicator(kind="maturity", operator="ge", value=asked)
    assert compare(reference, given).standing == standing


@pytest.mark.parametrize(
    ("operator", "better", "expected"),
    [
        ("ge", "higher", ["under", "met", "over"]),
        ("gt", "higher", ["under", "under", "over"]),
        ("le", "lower", ["over", "met", "under"]),
        ("lt", "lower", ["over", "under", "under"]),
        ("eq", "higher", ["under", "met", "over"]),
        ("eq", "none", ["under", "met", "under"]),
    ],
)
def test_levels_follow_the_order_of_their_own_list(
    operator: str, better: str, expected: list[str]
) -> None:
    reference = indicator(
        kind="level",
        operator=operator,
        value="二级",
        levels=["一级", "二级", "三级"],
        better=better,
    )
    found = [compare(reference, level).standing for level in ("一级", "二级", "三级")]
    assert found == expected


def test_a_national_goal_is_never_compared() -> None:
    reference = indicator(operator="ge", value=90, unit="%", scope="national")
    result = compare(reference, "10")
    assert (result.standing, result.label) == ("none", "全国目标，不比较")


def test_text_is_never_compared() -> None:
    assert compare(indicator(kind="text"), "有").label == "不比较"
    assert compare(indicator(kind="text", value="多语种"), "有").standing == "none"


def test_without_a_reference_there_is_nothing_to_reach() -> None:
    assert compare(indicator(), "5").label == "无参考值"


@pytest.mark.parametrize("given", [None, "", "  "])
def test_an_empty_value_is_not_a_failure(given: str | None) -> None:
    result = compare(indicator(operator="ge", value=1), given)
    assert (result.standing, result.label) == ("none", "未填写")


@pytest.mark.parametrize(
    ("number", "text"), [("0.20", "0.2"), ("1E+2", "100"), ("4", "4"), ("10", "10"), ("0.0", "0")]
)
def test_numbers_are_written_without_exponent_or_idle_zeros(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
