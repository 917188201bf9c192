"""One answer: from what somebody typed to what is kept, and back to words. Pure.

Kept values are JSON-safe: decimals and dates are strings, so that a frozen version reads
the same for ever. What cannot be read is never thrown away: ``parse`` raises ``Unreadable``
and the caller keeps the typed text beside the data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from functools import cache
from typing import Any

from stdnum.cn import uscc as stdnum_uscc

from accounts import regions
from calls.programme import Choice

NUMBERS = frozenset({"integer", "decimal", "money", "percent"})
TEXTS = frozenset({"text", "longtext"})
DIGITS_BEFORE_POINT = 15
MAGNITUDE = 60
"""Powers of ten beyond which a stored number is none: nothing that is asked comes near it."""
PLACES = {"integer": 0, "decimal": 2, "money": 2, "percent": 2, "computed": 2}
"""Decimal places of a sum where the programme names none."""

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?|\d{1,4}(,\d{4})+(\.\d*)?")
_PLAIN = re.compile(r"\d*\.?\d*")
_NEVER_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Controls but for tab and line end, halves of characters, marks that turn the direction."""
_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class Unreadable(ValueError):
    """The text cannot become a value of this type; the message says why, in Chinese."""


def tidy(text: str) -> str:
    """Text as kept: line ends of one kind, no control characters, no space at the ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NEVER_KEPT.sub("", text).strip(" \t\n\u3000\ufeff\u200b")


def fold(text: str) -> str:
    """Codes and figures as people paste them: full width made half, all white space gone."""
    if text.isascii():
        return "".join(text.split())
    text = unicodedata.normalize("NFKC", text)
    text = text.replace("\u2212", "-").replace("\u2013", "-").replace("\ufeff", "")
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")


def parse(
    kind: str, raw: str, *, decimals: int | None = None, choices: Iterable[Choice] = ()
) -> Any:
    """Return the kept value of ``raw``, or None when nothing was typed.

    Raises ``Unreadable`` with a message for the person who typed it. Limits of length and
    size are not judged here (see ``checking``): a text that is too long is still a text.
    """
    if kind in TEXTS:
        return tidy(raw) or None
    if not fold(raw):
        return None
    if kind in NUMBERS:
        return _number(kind, raw, decimals)
    if kind == "date":
        return _date(raw)
    if kind == "month":
        return _month(raw)
    if kind == "uscc":
        return _uscc(raw)
    if kind == "phone":
        return _phone(raw)
    if kind == "email":
        return _email(raw)
    if kind == "region":
        return _region(raw)
    if kind == "industry":
        return _industry(raw)
    if kind == "choice":
        return _choice(tidy(raw), choices)
    if kind == "boolean":
        return _boolean(tidy(raw))
    raise ValueError(f"no reader for a field of type {kind!r}")


def number(value: Any) -> Decimal | None:
    """The kept value as a number, or None."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= MAGNITUDE else None


def is_number(text: str) -> bool:
    """Whether this text can be kept as a number."""
    try:
        return parse("decimal", text) is not None
    except Unreadable:
        return False


def rounded(value: Decimal, places: int) -> Decimal:
    """Rounded half up, as people do."""
    with localcontext() as context:
        context.prec = 4 * MAGNITUDE
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def grouped(value: Any) -> str:
    """A figure with thousands separators: ``12480.00`` becomes ``12,480.00``."""
    found = number(value)
    return "" if found is None else f"{found:,f}"


def _number(kind: str, raw: str, decimals: int | None) -> Any:
    text = fold(raw)
    if kind == "percent" and text.endswith("%"):
        text = text[:-1]
    sign = ""
    if text[:1] in {"-", "+"}:
        sign, text = text[0].replace("+", ""), text[1:]
    strange = "".join(dict.fromkeys(c for c in text if not ("0" <= c <= "9" or c in ".,")))
    if strange:
        shown = strange if len(strange) <= 12 else strange[:12] + "…"
        raise Unreadable(f"只能填数字，不能含有“{shown}”，单位不用填写")
    if "," in text:
        if not _GROUPED.fullmatch(text):
            raise Unreadable("逗号的位置不对：逗号只作千位分隔，小数点请用“.”")
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text) or not any(c.isdigit() for c in text):
        raise Unreadable("不是完整的数字，请核对小数点")
    whole, _, fraction = text.partition(".")
    whole = whole.lstrip("0") or "0"
    if len(whole) > DIGITS_BEFORE_POINT:
        raise Unreadable(f"数字过大：整数部分最多 {DIGITS_BEFORE_POINT} 位，请核对单位")
    if kind == "integer":
        if fraction.strip("0"):
            raise Unreadable("只能填整数")
        return int(sign + whole)
    places = 2 if decimals is None and kind in {"money", "percent"} else decimals
    if places is not None:
        if len(fraction.rstrip("0")) > places:
            raise Unreadable(f"最多 {places} 位小数" if places else "只能填整数")
        fraction = fraction.rstrip("0").ljust(places, "0") if kind == "money" else fraction
    elif len(fraction) > 12:
        raise Unreadable("最多 12 位小数")
    result = f"{whole}.{fraction}" if fraction else whole
    return result if not any(c in "123456789" for c in result) else sign + result


def _date(raw: str) -> str:
    parts = re.fullmatch(
        r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))", fold(raw)
    )
    if parts is None:
        raise Unreadable("日期请写成“2021-11-15”")
    year, month, day = int(parts[1]), int(parts[2] or parts[4]), int(parts[3] or parts[5])
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Unreadable("没有这一天，请核对年、月、日") from None


def _month(raw: str) -> str:
    parts = re.fullmatch(
        r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))(?:[-/.]\d{1,2}|\d{1,2}日)?", fold(raw)
    )
    if parts is None:
        raise Unreadable("年月请写成“2021-11”")
    month = int(parts[2] or parts[3])
    if not 1 <= month <= 12:
        raise Unreadable("月份只能是 1 至 12")
    return f"{parts[1]}-{month:02d}"


def _uscc(raw: str) -> str:
    code = fold(raw).upper().replace("-", "")
    strange = "".join(dict.fromkeys(c for c in code if c not in USCC_ALPHABET))
    if strange:
        raise Unreadable(f"统一社会信用代码不使用“{strange[:12]}”，请对照证照核对")
    if len(code) != 18:
        raise Unreadable(f"统一社会信用代码应为 18 位，现为 {len(code)} 位")
    if not stdnum_uscc.is_valid(code):
        raise Unreadable("统一社会信用代码校验不通过，请对照证照逐位核对")
    return code


def _phone(raw: str) -> str:
    text = fold(raw).replace("(", "").replace(")", "-").replace("转", "-")
    digits = sum(c.isdigit() for c in text)
    if not re.fullmatch(r"\+?[\d-]+", text):
        raise Unreadable("电话只能含数字和“-”，如“000-00000000”")
    if not 7 <= digits <= 20:
        raise Unreadable("电话应为 7 至 20 位数字，座机请加区号")
    return text


def _email(raw: str) -> str:
    text = fold(raw)
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise Unreadable("电子邮箱格式不对，如“name@example.org”")
    return text


def _region(raw: str) -> str:
    text = fold(raw)
    code = re.match(r"\d+", text)
    if code is None:
        found = [one for one in regions.regions() if text in _names(one)]
        if len(found) != 1:
            raise Unreadable("请填写 6 位行政区划代码，或省、市、县全称")
        return found[0]
    if not regions.exists(code[0]):
        raise Unreadable(f"没有“{code[0][:8]}”这个行政区划代码，请核对")
    return code[0]


@cache
def _names(code: str) -> tuple[str, ...]:
    own = regions.regions()[code].name
    return tuple(name for name in (regions.name_of(code), own) if name)


def _industry(raw: str) -> str:
    head = re.match(r"[A-Za-z]?(\d{2,4})(?!\d)", fold(raw))
    if head is None:
        raise Unreadable("请填写 2 至 4 位行业代码（GB/T 4754），如 3983")
    return head[1]


def _boolean(text: str) -> bool:
    found = {"true": True, "false": False, "是": True, "否": False}.get(text)
    if found is None:
        raise Unreadable("请选择“是”或“否”")
    return found


def _choice(text: str, choices: Iterable[Choice]) -> str:
    for choice in choices:
        if text in (choice.key, choice.title):
            return str(choice.key)
    raise Unreadable(f"“{text[:20]}”不在可选项中，请重新选择")
