"""Figures with units: converted where the unit measures the same, refused with a way out else."""

from decimal import Decimal

import pytest

from calls import measures
from calls.comparison import compare
from calls.measures import Unmeasurable, plain, read
from calls.programme import Better, Indicator


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("74", "dB", "74"),
        ("74 dB", "dB", "74"),
        ("７４ｄＢ", "dB", "74"),
        ("74分贝", "dB", "74"),
        ("1,248.50", "万元", "1248.50"),
        ("-3", "℃", "-3"),
        ("95%", "%", "95"),
        ("95 ％", "%", "95"),
        ("0.005°", "度", "0.005"),
        ("360", "度", "360"),
        ("20家", "家", "20"),
        ("2万", "个", "20000"),
        ("2万个", "个", "20000"),
        ("450 cm3/h", "cm³/h", "450"),
        ("1.5 TOPS/W", "TOPS/W", "1.5"),
        ("128TFLOPS", "TFLOPS", "128"),
        ("3", "", "3"),
    ],
)
def test_a_figure_with_or_without_its_own_unit_is_read(typed: str, unit: str, value: str) -> None:
    assert read(typed, unit).value == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "unit", "value", "told"),
    [
        ("0.2 s", "ms", "200", "0.2s＝200 ms"),
        ("200毫秒", "s", "0.2", "200毫秒＝0.2 s"),
        ("5‰", "%", "0.5", "5‰＝0.5 %"),
        ("50 ppm", "%", "0.005", "50ppm＝0.005 %"),
        ("2 GB", "MB", "2000", "2GB＝2000 MB"),
        ("1500kB", "MB", "1.5", "1500kB＝1.5 MB"),
        ("3.2亿元", "万元", "32000", "3.2亿元＝32000 万元"),
        ("12480元", "万元", "1.248", "12480元＝1.248 万元"),
        ("1.2kW", "W", "1200", "1.2kW＝1200 W"),
        ("0.5 m", "cm", "50", "0.5m＝50 cm"),
        ("500 mm", "m", "0.5", "500mm＝0.5 m"),
        ("0.1 kPa", "Pa", "100", "0.1kPa＝100 Pa"),
        ("1 nT", "pT", "1000", "1nT＝1000 pT"),
        ("10天", "h", "240", "10天＝240 h"),
        ("36 km/h", "m/s", "10", "36km/h＝10 m/s"),
        ("1000 GOPS/W", "TOPS/W", "1", "1000GOPS/W＝1 TOPS/W"),
        ("0.5 L/h", "cm³/h", "500", "0.5L/h＝500 cm³/h"),
        ("8 Mbps", "MB/s", "1", "8Mbps＝1 MB/s"),
        ("25 fps", "帧/s", "25", ""),
        ("1 min", "h", "0.0166666666667", "1min＝0.0166666666667 h"),
    ],
)
def test_a_figure_in_a_kindred_unit_is_converted_and_told(
    typed: str, unit: str, value: str, told: str
) -> None:
    found = read(typed, unit)
    assert (plain(found.value), found.told) == (value, told)


@pytest.mark.parametrize(
    ("typed", "unit", "words"),
    [
        ("0.5-0.8", "Pa", "填的是范围，请只填一个保证达到的数：越高越好的填下限 0.5"),
        ("0.5～0.8 Pa", "Pa", "越低越好的填上限 0.8"),
        ("0.5Pa至0.8Pa", "Pa", "填的是范围"),
        ("≥95", "%", "不用填写比较符号，请只填一个数：95"),
        ("不低于 95%", "%", "请只填一个数：95"),
        ("95%以上", "%", "请只填一个数：95"),
        ("<=0.6", "Pa", "请只填一个数：0.6"),
        ("约90%", "%", "“约”不能用来比较，请填一个确定的数，如 90"),
        ("90%左右", "%", "请填一个确定的数，如 90"),
        ("95±2", "%", "请只填一个保证达到的数，如 93，误差写在测试方法里"),
        ("1.2e3", "h", "请写成普通数字“1200”"),
        ("1.2×10^3", "h", "请写成普通数字“1200”"),
        ("3 kW", "kWh", "kW 是功率的单位，这里按 kWh（能量）填写"),
        ("3 kg", "dB", "kg 是质量的单位，这里按 dB（声级）填写"),
        ("3 套", "家", "单位应为 家，填的是“套”"),
        ("95%", "", "这个指标没有单位，请去掉“%”"),
        ("3 mw", "W", "“mw”可以是 mW、MW，请写清大小写"),
        ("很好", "dB", "请填一个数字，单位是 dB，不用填写"),
        ("--3", "", "请填一个数字，不带单位"),
        ("", "dB", "请填一个数字"),
        ("1e999999999", "dB", "数字过大或过小"),
    ],
)
def test_what_is_no_single_figure_is_refused_with_the_way_out(
    typed: str, unit: str, words: str
) -> None:
    with pytest.raises(Unmeasurable) as refused:
        read(typed, unit)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "reference", "better", "doubtful"),
    [
        ("0.95", "95", Better.HIGHER, True),
        ("1", "95", Better.HIGHER, True),
        ("0.95%", "95", Better.HIGHER, False),
        ("95", "95", Better.HIGHER, False),
        ("0.5", "1", Better.LOWER, False),
        ("0", "95", Better.HIGHER, False),
        ("0.5", None, Better.HIGHER, False),
    ],
)
def test_a_bare_fraction_is_doubted_where_percent_are_asked(
    typed: str, reference: str | None, better: Better, doubtful: bool
) -> None:
    told = measures.fraction_for_percent(
        read(typed, "%"),
        "%",
        reference=Decimal(reference) if reference else None,
        better=better,
    )
    assert bool(told) is doubtful
    if doubtful and typed == "0.95":
        assert told.endswith("如为 95%，请填 95；确为 0.95%，请写成“0.95%”")


def test_every_unit_of_the_table_converts_into_its_kin_and_back() -> None:
    for units in measures.TABLE.values():
        for one in units:
            for other in units:
                there = read(f"3{one}", other).value
                back = read(f"{plain(there)}{other}", one).value
                assert abs(back - 3) < Decimal("0.000001"), (one, other)


def test_no_alias_hides_a_unit_and_each_leads_to_one() -> None:
    names = {name for units in measures.TABLE.values() for name in units}
    assert not names & set(measures.ALIASES)
    assert all(measures.known(target) for target in measures.ALIASES.values())


@pytest.mark.parametrize(
    ("operator", "value", "unit", "typed", "text"),
    [
        ("le", "100", "ms", "0.08 s", "超过 20"),
        ("lt", "100", "ms", "0.1 s", "未达到"),
        ("ge", "1", "TOPS/W", "900 GOPS/W", "未达到 0.1"),
        ("gt", "240", "h", "12 天", "超过 48"),
        ("eq", "360", "度", "360°", "达到"),
        ("ge", "1000", "万元", "0.1亿元", "达到"),
        ("ge", "95", "%", "≥96", "无法比较"),
        ("le", "0.6", "Pa", "0.5-0.8", "无法比较"),
        ("le", "0.6", "Pa", "3 kg", "无法比较"),
        ("le", "0.6", "Pa", "NaN", "无法比较"),
        ("le", "0.6", "Pa", "1e400", "无法比较"),
    ],
)
def test_a_comparison_converts_or_says_that_it_cannot(
    operator: str, value: str, unit: str, typed: str, text: str
) -> None:
    one = Indicator.model_validate(
        {"key": "it", "name": "指标", "operator": operator, "value": value, "unit": unit}
    )
    assert compare(one, typed).text == text


@pytest.mark.parametrize(
    ("better", "words"),
    [
        (Better.HIGHER, "即下限 0.5"),
        (Better.LOWER, "即上限 0.8"),
        (Better.NONE, "填下限 0.5，越低"),
    ],
)
def test_the_end_of_a_range_that_can_be_held_to_is_named(better: Better, words: str) -> None:
    with pytest.raises(Unmeasurable, match=words):
        read("0.5-0.8", "Pa", better=better)
