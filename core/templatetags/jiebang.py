"""Everything our templates may say beyond Django's own tags. The list is closed.

Words and marks
    {% status value %}            the tag of an application's, section's or document's state
    {% mark shape "words" %}      the same mark with words of one's own
    {{ value|status_word }}       the Chinese word alone
    {{ message|note_class }}      the jb-note class of a Django message
    {{ verdict|cmp }}             comparison with a reference: met, over, under, none

Time (Asia/Shanghai)
    {{ at|moment }}               2021年11月15日 21:31:07
    {{ end|deadline }}            an exclusive end: midnight is shown as 23:59:59 of the day before
    {{ end|deadline_weekday }}    2021年11月15日 星期一 23:59:59
    {{ at|day }}                  2021年11月15日
    {{ at|time_of_day }}          21:31:07
    {{ at|iso }}                  for datetime attributes
    {% clock until=… label=… %}   the deadline clock (see _clock.html)

Figures
    {{ amount|wan }}              6,850.00 (万元, from a Decimal or a decimal string)
    {{ figure|percent }}          26.3 %
    {{ size|filesize_zh }}        4.2 MB
    {{ n|cn_number }}             一、二、… 九十九

    {{ rank|half }}               the middle of a place on a scale of ranks: 0.5 for the first

Identity
    {{ code|uscc_group }}         91430000 MA00 DEMO 0X
    {{ phone|mask_phone }}        138****5678
    {{ sha256|fingerprint }}      groups of four; |fingerprint:12 for the first twelve characters

Rules
    {{ rule|cite }}               the clause a rule comes from, as a link to what is known of it

Lists
    {% slots used=3 limit=15 %}   quota cells; above 40 figures and progress
    {% query page=2 %}            the query string of this page with one part changed
    {% pages page_obj %}          pagination that keeps the query string

Forms (used by the crispy pack templates/jiebang/)
    {{ field|shape }}             check, radio, checks, select, file, hidden, text, textarea, number
    {% control field %}           the widget with our classes and aria attributes
    {{ field|unit }}              the unit beside the input (widget attribute data-unit)
    {{ field|max_chars }}         the limit in 字 (widget attribute data-max-chars)
    {{ text|chars }}              length in 字: every character that is not white space
    {{ form|mistakes }}           all errors as (label, words, target id), once each
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms, template
from django.contrib.messages import constants as levels
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import days
from core.lengths import characters

register = template.Library()

CHINA = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
DIGITS = "零一二三四五六七八九"

#: State -> (shape of the mark, word). Capitals: applications; small: sections and documents.
STATES: dict[str, tuple[str, str]] = {
    "DRAFT": ("doing", "填写中"),
    "SUBMITTED": ("done", "已提交"),
    "RETURNED": ("fix", "退回修改"),
    "RECOMMENDED": ("done", "已推荐"),
    "ACCEPTED": ("done", "形式审查通过"),
    "NOT_ACCEPTED": ("no", "形式审查未通过"),
    "IN_REVIEW": ("wait", "评审中"),
    "FINALIST": ("done", "入围"),
    "NOT_SELECTED": ("no", "未入围"),
    "WITHDRAWN": ("void", "已撤回"),
    "LAPSED": ("void", "已失效"),
    "todo": ("todo", "未开始"),
    "doing": ("doing", "填写中"),
    "done": ("done", "已完成"),
    "locked": ("locked", "暂不可填"),
    "fix": ("fix", "需修改"),
    "waiting": ("wait", "生成中"),
    "ready": ("done", "已生成"),
    "failed": ("fix", "生成失败"),
    "void": ("void", "已作废"),
}
#: A statement to agree to is a long label: the summary names its beginning.
LABEL_AT_MOST = 16
SHAPES = frozenset({"todo", "doing", "done", "locked", "fix", "wait", "void", "no"})
NOTES = {
    levels.SUCCESS: "jb-note-ok",
    levels.INFO: "jb-note-info",
    levels.WARNING: "jb-note-warn",
    levels.ERROR: "jb-note-bad",
}
COMPARISONS = {"met": "达到", "over": "超过", "under": "未达到", "none": "无参考值"}


# Words and marks -----------------------------------------------------------------------------


@register.simple_tag
def mark(shape: str, words: str) -> SafeString:
    """A status mark: the shape says it without colour, the words say it without the shape."""
    if shape not in SHAPES:
        raise template.TemplateSyntaxError(f"no such mark: {shape}")
    return format_html('<span class="jb-tag" data-s="{}">{}</span>', shape, words)


@register.simple_tag
def status(value: str, words: str = "") -> SafeString:
    """The mark of a state, from the one mapping ``STATES``."""
    return _marks(str(value)) if not words else mark(_state(value)[0], words)


@cache
def _marks(value: str) -> SafeString:
    """Of the few states there are; a list shows one in each row."""
    return mark(*_state(value))


def _state(value: str) -> tuple[str, str]:
    try:
        return STATES[str(value)]
    except KeyError as missing:
        raise template.TemplateSyntaxError(f"no such state: {value}") from missing


@register.filter
def status_word(value: str) -> str:
    return STATES[str(value)][1]


@register.filter
def note_class(message: Any) -> str:
    return NOTES.get(message.level, "")


@register.filter
def cmp(verdict: str) -> SafeString:
    """How a target compares with its reference, as sign and word."""
    key = verdict if verdict in COMPARISONS else "none"
    return format_html('<span class="jb-cmp" data-c="{}">{}</span>', key, COMPARISONS[key])


# Time ------------------------------------------------------------------------------------------


def _local(value: datetime) -> datetime:
    return value.astimezone(CHINA) if value.tzinfo else value.replace(tzinfo=CHINA)


def _last_second(value: datetime) -> datetime:
    """The last second before an exclusive end, when that end is a midnight."""
    local = _local(value)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return local - timedelta(seconds=1)
    return local


@register.filter
def day(value: date | datetime | None) -> str:
    if not value:
        return ""
    local = _local(value) if isinstance(value, datetime) else value
    return days.in_words(local)


@register.filter
def time_of_day(value: datetime | None) -> str:
    return f"{_local(value):%H:%M:%S}" if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    return f"{day(value)} {time_of_day(value)}" if value else ""


@register.filter
def deadline(value: datetime | None) -> str:
    """An exclusive end as people say it: the next midnight is 23:59:59 of the day."""
    return moment(_last_second(value)) if value else ""


@register.filter
def deadline_weekday(value: datetime | None) -> str:
    if not value:
        return ""
    last = _last_second(value)
    return f"{day(last)} 星期{WEEKDAYS[last.weekday()]} {time_of_day(last)}"


@register.filter
def iso(value: datetime | None) -> str:
    return _local(value).isoformat() if value else ""


@register.inclusion_tag("_clock.html", takes_context=True)
def clock(
    context: template.Context,
    until: datetime | None = None,
    label: str = "截止",
    now: datetime | None = None,
    closed: str = "",
) -> dict[str, Any]:
    """The time left until ``until`` (exclusive), by the server's clock.

    ``now`` is the request's arrival unless a rehearsal's moved clock is given; ``closed`` is
    the sentence that says what to do when the time is over.
    """
    now = now or context.get("arrived_at")
    if until is None or now is None:
        return {"until": None}
    left = until - now
    state = "closed" if left <= timedelta(0) else "last" if left <= timedelta(days=1) else "calm"
    seconds = max(int(left.total_seconds()), 0)
    return {
        "until": until,
        "now": now,
        "label": label,
        "closed": closed,
        "state": state,
        "days": seconds // 86400,
        "hours": f"{seconds % 86400 // 3600:02d}" if state == "calm" else seconds // 3600,
        "minutes": f"{seconds % 3600 // 60:02d}",
        "seconds": f"{seconds % 60:02d}",
    }


# Figures ---------------------------------------------------------------------------------------


@register.filter
def wan(value: Decimal | str | int | None) -> str:
    """An amount in 万元 with separators and two decimals; empty stays empty."""
    if value is None or value == "":
        return ""
    try:
        return f"{Decimal(str(value).replace(',', '')):,.2f}"
    except InvalidOperation:
        return str(value)


@register.filter
def percent(value: Decimal | float | None) -> str:
    """A share (0–1) as a percentage with one decimal."""
    return "—" if value is None else f"{Decimal(str(value)) * 100:.1f} %"


@register.filter
def half(rank: int) -> str:
    """Where a rank stands on an axis with one unit for each place."""
    return f"{rank - 0.5:g}"


@register.filter
def cite(rule: str) -> SafeString | str:
    """A citation (示例文〔2021〕1号 三（二）) as a link to the page that says where it leads."""
    if not rule:
        return ""
    where = f"{reverse('policies:cite')}?{urlencode({'text': rule})}"
    return format_html('<a class="jb-quiet" href="{}">{}</a>', where, rule)


@register.filter
def filesize_zh(value: int | None) -> str:
    size = Decimal(value or 0)
    for unit in ("字节", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "字节" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


@register.filter
def cn_number(value: int) -> str:
    """1–99 in Chinese figures, as sections are numbered."""
    tens, ones = divmod(int(value), 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


# Identity --------------------------------------------------------------------------------------


@register.filter
def uscc_group(code: str | None) -> str:
    """A 统一社会信用代码 in groups: 8, 4, 4, 2."""
    text = str(code or "")
    if len(text) != 18:
        return text
    return " ".join((text[:8], text[8:12], text[12:16], text[16:]))


@register.filter
def mask_phone(phone: str | None) -> str:
    """A telephone number as lists may show it: the middle is hidden."""
    text = str(phone or "")
    if len(text) < 7:
        return "*" * len(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"


@register.filter
def fingerprint(value: str | None, length: int = 64) -> str:
    """A SHA-256 in groups of four."""
    text = str(value or "")[:length]
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


# Lists -----------------------------------------------------------------------------------------


@register.inclusion_tag("_slots.html")
def slots(used: int, limit: int | None, pending: int = 0, small: bool = False) -> dict[str, Any]:
    """Quota as cells, one per place; without a limit only the figure, above 40 a bar."""
    used, pending = int(used or 0), int(pending or 0)
    if limit is None:
        return {"used": used, "limit": None, "small": small}
    over = max(used - limit, 0)
    cells = ["is-used"] * min(used, limit)
    cells += ["is-pend"] * min(pending, limit - len(cells))
    cells += [""] * (limit - len(cells)) + ["is-over"] * over
    words = f"已用 {min(used, limit)}"
    words += f"，待批 {pending}" if pending else ""
    words += f"，共 {limit}" + (f"，超出 {over}" if over else "")
    return {
        "used": used,
        "limit": limit,
        "cells": cells if limit <= 40 else None,
        "words": words,
        "small": small,
    }


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with parts replaced; an empty value takes the part out."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}"


@register.inclusion_tag("_pages.html", takes_context=True)
def pages(context: template.Context, page: Any, unit: str = "项") -> dict[str, Any]:
    """Pagination of a list; ``page`` is a Django ``Page``."""
    return {
        "request": context["request"],
        "page": page,
        "unit": unit,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
    }


# Forms -----------------------------------------------------------------------------------------


@register.filter
def shape(field: forms.BoundField) -> str:
    """Which of the few shapes of our field template a form field takes."""
    widget = field.field.widget
    kinds: tuple[tuple[type, str], ...] = (
        (forms.CheckboxSelectMultiple, "checks"),
        (forms.RadioSelect, "radio"),
        (forms.CheckboxInput, "check"),
        (forms.FileInput, "file"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
    )
    if widget.is_hidden:
        return "hidden"
    for kind, name in kinds:
        if isinstance(widget, kind):
            return name
    numeric = isinstance(field.field, forms.IntegerField | forms.DecimalField | forms.FloatField)
    if numeric or widget.attrs.get("inputmode") in ("decimal", "numeric"):
        return "number"
    return "text"


CONTROL_CLASSES = {
    "check": "form-check-input",
    "radio": "form-check-input",
    "checks": "form-check-input",
    "select": "form-select",
    "number": "form-control jb-num",
}


@register.simple_tag
def control(field: forms.BoundField, classes: str = "") -> SafeString:
    """The widget with our classes, and with its help, error and counter named for readers."""
    kind = shape(field)
    widget_attrs = field.field.widget.attrs
    names = [CONTROL_CLASSES.get(kind, "form-control"), classes, widget_attrs.get("class", "")]
    attrs: dict[str, Any] = {}
    described = []
    if field.help_text:
        described.append(f"{field.auto_id}_helptext")
    if field.errors:
        described.append(f"{field.auto_id}_error")
        names.append("is-invalid")
        attrs["aria-invalid"] = "true"
    if "data-max-chars" in widget_attrs:
        described.append(f"{field.auto_id}_count")
    if kind == "number" and "inputmode" not in widget_attrs:
        # Django's DecimalField and FloatField are IntegerFields too
        fraction = isinstance(field.field, forms.DecimalField | forms.FloatField)
        attrs["inputmode"] = "decimal" if fraction else "numeric"
    if described and kind not in ("radio", "checks"):
        attrs["aria-describedby"] = " ".join(described)
    attrs["class"] = " ".join(name for name in names if name)
    return field.as_widget(attrs=attrs)


@register.filter
def unit(field: forms.BoundField) -> str:
    return str(field.field.widget.attrs.get("data-unit", ""))


@register.filter
def max_chars(field: forms.BoundField) -> str:
    return str(field.field.widget.attrs.get("data-max-chars", ""))


@register.filter
def chars(text: object) -> int:
    """Length in 字, as the counter in the page counts: white space counts nothing."""
    return characters(str(text)) if text else 0


@register.filter
def mistakes(form: forms.BaseForm) -> list[tuple[str, str, str]]:
    """Every error of a form once: the field's label, the words, and the id to jump to."""
    if not getattr(form, "is_bound", False):
        return []
    found = [("", str(words), "") for words in form.non_field_errors()]
    for field in form:
        target = (
            f"div_{field.auto_id}" if shape(field) in ("radio", "checks") else field.id_for_label
        )
        label = str(field.label or "")
        if len(label) > LABEL_AT_MOST:
            label = label[:LABEL_AT_MOST] + "…"
        found += [(label, str(words), target) for words in field.errors]
    return found
