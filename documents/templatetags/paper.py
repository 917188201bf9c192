"""Filters of the printed documents."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import get_fixed_timezone

from core import days
from documents import codes, fingerprints, typography

register = template.Library()
register.filter("rare", typography.rare)
register.filter("unit_name", typography.unit_name)
register.filter("qty", typography.qty)
register.filter("paragraphs", typography.paragraphs)
register.filter("mb", typography.megabytes)

BEIJING = get_fixed_timezone(8 * 60)
_NUMERALS = "一二三四五六七八九"


@register.filter
def group(digits: str, limit: int = 0) -> str:
    """A fingerprint in groups of four; the number cuts it to its first digits."""
    return fingerprints.grouped(digits, limit=limit)


@register.filter
def code_group(code: str) -> str:
    """A verification code as printed: 7K3M-9Q2T-XD."""
    return codes.grouped(code)


@register.filter
def hash_lines(digits: str) -> SafeString:
    """A file's SHA-256 as two lines of four groups."""
    lines = (digits[:32], digits[32:])
    return format_html_join(
        SafeString("<br>"), "{}", ((fingerprints.grouped(line, size=8),) for line in lines if line)
    )


@register.filter
def moment(value: Any) -> str:
    """An ISO instant as 2021年11月14日 20:31:07, Beijing time."""
    at = parse_datetime(value) if isinstance(value, str) else value
    if at is None:
        return str(value or "")
    if at.tzinfo is not None:
        at = at.astimezone(BEIJING)
    return f"{days.in_words(at)} {at:%H:%M:%S}"


@register.filter
def short_moment(value: Any) -> str:
    """An ISO instant as 2021-11-29 16:20:05, Beijing time."""
    at = parse_datetime(value) if isinstance(value, str) else value
    if at is None:
        return str(value or "")
    if at.tzinfo is not None:
        at = at.astimezone(BEIJING)
    return f"{at:%Y-%m-%d %H:%M:%S}"


@register.filter
def day(value: Any) -> str:
    """An ISO date or instant as 2021年11月29日."""
    return _date_words(value, "{0.year}年{0.month}月{0.day}日")


@register.filter
def open_day(value: Any) -> str:
    """Year and month, the day left open for the pen: 2021年11月　　日."""
    return _date_words(value, "{0.year}年{0.month}月　　日") or "　　　　年　　月　　日"


def _date_words(value: Any, pattern: str) -> str:
    if not isinstance(value, str):
        return pattern.format(value) if value else ""
    at = parse_datetime(value) if "T" in value or " " in value else None
    if at is not None:
        return pattern.format(at.astimezone(BEIJING) if at.tzinfo else at)
    try:
        on = parse_date(value)
    except ValueError:
        on = None
    return pattern.format(on) if on else value


@register.filter
def numeral(number: int) -> str:
    """1 to 99 in Chinese: 一, 十二, 三十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_NUMERALS[tens - 1]}十")
    return head + (_NUMERALS[ones - 1] if ones else "")


@register.filter
def title_lines(text: str) -> SafeString:
    """A title broken where its writer put a line break."""
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in str(text).split("\n")))


@register.filter
def wide_name(name: str) -> str:
    """The class for the box of a long name above a seal."""
    return " wide" if len(name) > 15 else ""


ENDS = "团区省市厅局会部院州县"
"""Characters after which a unit's name may be broken into two lines."""


@register.filter
def name_lines(name: str, most: int = 14) -> list[str]:
    """A unit's name for a narrow box: whole, or in two lines broken by sense near the middle."""
    if len(name) <= most:
        return [name]
    middle = len(name) / 2
    places = range(len(name) // 3, len(name) - len(name) // 3 + 1)
    fitting = [at for at in places if max(at, len(name) - at) <= most] or list(places)
    sensible = [at for at in fitting if name[at - 1] in ENDS]
    at = min(sensible or fitting, key=lambda one: abs(one - middle))
    return [name[:at], name[at:]]


_FIGURE = re.compile(r"[<>≤≥=＝±−-]?\s?[\d,]+(\.\d+)?\s?%?")


@register.filter
def is_figure(value: Any) -> bool:
    """True for a cell that is a number, to be set right."""
    return bool(_FIGURE.fullmatch(str(value or "").strip()))


@register.filter
def at_index(items: Any, index: int) -> Any:
    """One item of a list, or nothing beyond its end."""
    return items[index] if 0 <= index < len(items) else ""


@register.simple_tag
def host_line(host: str) -> SafeString:
    """Where to check a document by hand: host/v."""
    return format_html("{}/v", host)


@register.simple_tag
def place(index: int, sheet: Mapping[str, Any]) -> str:
    """Where the label of this number (from 0) lies on its sheet."""
    row, column = divmod(index, sheet["columns"])
    left, top = column * float(sheet["width"]), row * float(sheet["height"])
    return f"left:{left:.2f}mm;top:{top:.2f}mm"
