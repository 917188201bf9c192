"""Figures with units as people type them: one number, brought to the unit that is asked. Pure.

``0.2 s`` is 200 where milliseconds are asked; ``≥95``, ``0.5-0.8`` and ``约 90%`` are no figure
that can be held to, and each is refused with the figure to type instead.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

from calls.programme import Better

TABLE: dict[str, dict[str, str]] = {
    "时间": {
        "ns": "0.000000001",
        "μs": "0.000001",
        "ms": "0.001",
        "s": "1",
        "min": "60",
        "h": "3600",
        "天": "86400",
    },
    "比例": {"%": "0.01", "‰": "0.001", "ppm": "0.000001"},
    "数据量": {
        "B": "8",
        "kB": "8000",
        "MB": "8000000",
        "GB": "8000000000",
        "TB": "8000000000000",
        "PB": "8000000000000000",
        "bit": "1",
        "kbit": "1000",
        "Mbit": "1000000",
        "Gbit": "1000000000",
    },
    "金额": {
        "元": "1",
        "千元": "1000",
        "万元": "10000",
        "百万元": "1000000",
        "千万元": "10000000",
        "亿元": "100000000",
    },
    "功率": {"mW": "0.001", "W": "1", "kW": "1000", "MW": "1000000", "GW": "1000000000"},
    "能量": {
        "J": "1",
        "kJ": "1000",
        "MJ": "1000000",
        "Wh": "3600",
        "kWh": "3600000",
        "MWh": "3600000000",
    },
    "长度": {
        "nm": "0.000000001",
        "μm": "0.000001",
        "mm": "0.001",
        "cm": "0.01",
        "dm": "0.1",
        "m": "1",
        "km": "1000",
    },
    "面积": {"mm2": "0.000001", "cm2": "0.0001", "m2": "1", "km2": "1000000"},
    "体积": {
        "mm3": "0.000000001",
        "cm3": "0.000001",
        "mL": "0.000001",
        "dm3": "0.001",
        "L": "0.001",
        "m3": "1",
    },
    "质量": {"mg": "0.000001", "g": "0.001", "kg": "1", "t": "1000"},
    "压强": {"Pa": "1", "hPa": "100", "kPa": "1000", "MPa": "1000000", "bar": "100000"},
    "磁感应强度": {
        "pT": "0.000000000001",
        "nT": "0.000000001",
        "μT": "0.000001",
        "mT": "0.001",
        "T": "1",
    },
    "频率": {"Hz": "1", "kHz": "1000", "MHz": "1000000", "GHz": "1000000000"},
    "电压": {"μV": "0.000001", "mV": "0.001", "V": "1", "kV": "1000"},
    "电流": {"nA": "0.000000001", "μA": "0.000001", "mA": "0.001", "A": "1"},
    "浮点算力": {"MFLOPS": "1", "GFLOPS": "1000", "TFLOPS": "1000000", "PFLOPS": "1000000000"},
    "定点算力": {"GOPS": "1", "TOPS": "1000", "POPS": "1000000"},
    "角度": {
        "°": "1",
        "角分": "0.0166666666666666666666666667",
        "角秒": "0.000277777777777777777777778",
    },
    "温度": {"°C": "1"},
    "声级": {"dB": "1"},
}
ALIASES = {
    "纳秒": "ns", "微秒": "μs", "us": "μs", "毫秒": "ms", "秒": "s", "秒钟": "s", "分钟": "min",
    "小时": "h", "时": "h", "d": "天", "日": "天", "百分之": "%", "KB": "kB", "Mb": "Mbit",
    "Gb": "Gbit", "kb": "kbit", "Kb": "kbit", "比特": "bit", "字节": "B", "瓦": "W", "千瓦": "kW",
    "兆瓦": "MW", "千瓦时": "kWh", "焦": "J", "千焦": "kJ", "纳米": "nm", "微米": "μm", "um": "μm",
    "毫米": "mm", "厘米": "cm", "分米": "dm", "米": "m", "公里": "km", "千米": "km",
    "平方米": "m2", "平方公里": "km2", "立方米": "m3", "立方厘米": "cm3", "毫升": "mL", "ml": "mL",
    "升": "L", "l": "L", "毫克": "mg", "克": "g", "千克": "kg", "公斤": "kg", "吨": "t", "帕": "Pa",
    "千帕": "kPa", "兆帕": "MPa", "赫兹": "Hz", "伏": "V", "毫伏": "mV", "安": "A", "毫安": "mA",
    "度": "°", "′": "角分", "′′": "角秒", "摄氏度": "°C", "分贝": "dB",
    "uT": "μT", "uV": "μV", "uA": "μA",
    "bps": "bit/s", "kbps": "kbit/s", "Mbps": "Mbit/s", "Gbps": "Gbit/s", "fps": "帧/s",
    "rpm": "转/min", "r/min": "转/min",
}  # fmt: skip
TIMES = {
    "百": "100",
    "千": "1000",
    "万": "10000",
    "百万": "1000000",
    "千万": "10000000",
    "亿": "100000000",
}
EXACT = 12
"""Digits kept of a conversion that does not end."""

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_PLAIN = re.compile(rf"(?P<number>{_NUMBER})(?P<rest>\D.*)?")
_POWER = re.compile(rf"({_NUMBER})(?:[eE]|[x×X*]10\^?)([-+]?\d{{1,3}})(.*)")
_RANGE = re.compile(rf"({_NUMBER})([^\d~至到±-]*)(?:-|~|至|到|—+)({_NUMBER})(.*)")
_SPREAD = re.compile(rf"({_NUMBER})(.*?)(?:±|\+/-)({_NUMBER})(.*)")
_SIGNED = re.compile(
    r"(?:≥|≤|>=|<=|>|<|=|不低于|不少于|不小于|不超过|不高于|不大于|不多于|大于等于|小于等于"
    r"|大于|小于|高于|低于|超过|至少|至多|最多|达到|优于)(.+)"
)
_ABOVE = re.compile(r"(.+?)(?:及以上|以上|及以下|以下|以内|之内)")
_ABOUT = re.compile(r"(?:约|大约|近|接近|≈|~)(.+)|(.+?)(?:左右|上下)")


class Unmeasurable(ValueError):
    """The text is no figure in the unit; the message says why and what to type, in Chinese."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure in the unit asked. ``told`` says how it was converted; empty where it was not."""

    value: Decimal
    told: str = ""
    typed_unit: str = ""


def plain(number: Decimal) -> str:
    """A number without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read(typed: str, unit: str, *, better: Better = Better.NONE) -> Measure:
    """One figure in ``unit``. Raises ``Unmeasurable`` with the way out; ``better`` says which end
    of a range can be held to."""
    text = _fold(typed)
    found = _PLAIN.fullmatch(text)
    if found is None or _is_more(found["rest"] or ""):
        raise Unmeasurable(_advice(text, unit, better))
    value = _decimal(found["number"])
    rest = found["rest"] or ""
    if not rest or same(rest, unit):
        return Measure(value, typed_unit=rest)
    times, name = _times(rest, unit)
    if times != 1:
        value *= times
        if not name or same(name, unit):
            return Measure(value, f"{text}＝{plain(value)}{_behind(unit)}", name)
    converted = _converted(value, name, unit)
    return Measure(converted, f"{text}＝{plain(converted)}{_behind(unit)}", name)


def same(one: str, other: str) -> bool:
    """Whether two names are of one unit."""
    return _canonical(one) == _canonical(other)


def known(unit: str) -> bool:
    return _factor(_canonical(unit)) is not None


def looks_measured(typed: str) -> bool:
    """Whether a text is a number with a unit behind it that we know, so that it can be judged."""
    found = _PLAIN.fullmatch(_fold(typed))
    return bool(found and found["rest"] and known(_times(found["rest"], "")[1]))


def fraction_for_percent(
    measure: Measure, unit: str, *, reference: Decimal | None, better: Better
) -> str:
    """Why a bare 0.95 is doubtful where percent are asked; empty where it is not.

    Only where more is better and the reference is a matter of tens: ``< 1 %`` is met by 0.5.
    """
    if measure.typed_unit or not same(unit, "%") or better is not Better.HIGHER:
        return ""
    if reference is None or reference < 10 or not 0 < measure.value <= 1:
        return ""
    meant = plain(measure.value * 100)
    shown = plain(measure.value)
    return (
        f"单位是 %，填 {shown} 表示 {shown}%。如为 {meant}%，请填 {meant}；"
        f"确为 {shown}%，请写成“{shown}%”"
    )


# Words --------------------------------------------------------------------------------------------


def _advice(text: str, unit: str, better: Better) -> str:
    if found := _POWER.fullmatch(text):
        if not -EXACT <= int(found[2]) <= EXACT:
            return "数字过大或过小，请核对单位，写成普通数字"
        value = _decimal(found[1]).scaleb(int(found[2]))
        return f"请写成普通数字“{plain(value)}”"
    if found := _SPREAD.fullmatch(text):
        low = _decimal(found[1]) - _decimal(found[3])
        return f"填的是带误差的值，请只填一个保证达到的数，如 {plain(low)}，误差写在测试方法里"
    if found := _ABOUT.fullmatch(text):
        inner = _figure(found[1] or found[2])
        return f"“约”不能用来比较，请填一个确定的数{f'，如 {inner}' if inner else ''}"
    if found := _SIGNED.fullmatch(text) or _ABOVE.fullmatch(text):
        inner = _figure(found[1])
        return f"不用填写比较符号，请只填一个数{f'：{inner}' if inner else ''}"
    if found := _RANGE.fullmatch(text):
        if better is not Better.NONE:
            end = f"下限 {found[1]}" if better is Better.HIGHER else f"上限 {found[3]}"
            return f"填的是范围，请只填一个保证达到的数，即{end}"
        return (
            f"填的是范围，请只填一个保证达到的数：越高越好的填下限 {found[1]}，"
            f"越低越好的填上限 {found[3]}"
        )
    behind = f"，单位是 {unit}，不用填写" if unit else "，不带单位"
    said = f"“{text[:12]}{'…' if len(text) > 12 else ''}”不是数字，" if text else ""
    return f"{said}请填一个数字{behind}"


def _figure(text: str) -> str:
    found = _PLAIN.fullmatch(text)
    return found["number"] if found else ""


def _is_more(rest: str) -> bool:
    """What follows the number is no unit but more of a range, a power or a vague word."""
    return bool(
        re.search(r"\d.*\d|±|\+/-|以上|以下|以内|之内|左右|上下|^[eE][-+]?\d|^[x×X*]10", rest)
    ) or bool(re.match(r"[^\d]*(?:-|~|至|到|—)\d", rest))


def _behind(unit: str) -> str:
    return f" {unit}" if unit else ""


# Units --------------------------------------------------------------------------------------------


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").replace("º", "°")
    return "".join(
        c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@cache
def _canonical(unit: str) -> str:
    """One name for every way to write a unit; parts of ``km/h`` each for itself."""
    folded = _fold(unit).strip(".。")
    if folded in ALIASES:
        return ALIASES[folded]
    if "/" in folded and folded not in _UNITS:
        return "/".join(_canonical(part) for part in folded.split("/"))
    if folded in _UNITS:
        return folded
    near = _BY_CASE.get(folded.casefold(), ())
    return near[0] if len(near) == 1 else folded


def _ambiguous(unit: str) -> str:
    folded = _fold(unit)
    near = _BY_CASE.get(folded.casefold(), ())
    return "、".join(near) if folded not in _UNITS and len(near) > 1 else ""


_UNITS = {
    name: (kind, Decimal(size)) for kind, units in TABLE.items() for name, size in units.items()
}
_BY_CASE: dict[str, tuple[str, ...]] = {}
for _name in _UNITS:
    _BY_CASE[_name.casefold()] = (*_BY_CASE.get(_name.casefold(), ()), _name)


@cache
def _factor(canonical: str) -> tuple[tuple[str, ...], Decimal] | None:
    """What is measured, and how much of the base unit one is; None for an unknown unit.

    Counted things (家, 帧) measure themselves, as the numerator of a rate.
    """
    head, *below = canonical.split("/")
    if head in _UNITS:
        kinds, size = [_UNITS[head][0]], _UNITS[head][1]
    elif below and head:
        kinds, size = [head], Decimal(1)
    else:
        return None
    for part in below:
        if part not in _UNITS:
            return None
        kinds.append(_UNITS[part][0])
        with localcontext() as context:
            context.prec = 40
            size /= _UNITS[part][1]
    return tuple(kinds), size


def _times(rest: str, unit: str) -> tuple[Decimal, str]:
    """``万家`` is ten thousand of 家; ``万元`` is a unit of its own."""
    if known(rest):
        return Decimal(1), rest
    for word in sorted(TIMES, key=len, reverse=True):
        if rest.startswith(word):
            behind = rest[len(word) :]
            if not behind or same(behind, unit) or known(behind):
                return Decimal(TIMES[word]), behind
    return Decimal(1), rest


def _converted(value: Decimal, name: str, unit: str) -> Decimal:
    ours, theirs = _factor(_canonical(unit)), _factor(_canonical(name))
    if several := _ambiguous(name):
        raise Unmeasurable(
            f"“{name}”可以是 {several}，请写清大小写，或只填数字（单位 {unit or '无'}）"
        )
    if theirs is None or ours is None:
        if not unit:
            raise Unmeasurable(f"这个指标没有单位，请去掉“{name[:10]}”，只填数字")
        raise Unmeasurable(f"单位应为 {unit}，填的是“{name[:10]}”，请换算后只填数字")
    if ours[0] != theirs[0]:
        raise Unmeasurable(
            f"{name} 是{'／'.join(theirs[0])}的单位，这里按 {unit}（{'／'.join(ours[0])}）填写，"
            "请核对后只填数字"
        )
    with localcontext() as context:
        context.prec = 40
        exact = value * theirs[1] / ours[1]
        context.prec = EXACT
        near = +exact
    return (
        exact.normalize() if len(exact.normalize().as_tuple().digits) <= EXACT else near.normalize()
    )
