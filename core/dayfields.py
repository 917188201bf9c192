"""Days and instants as people type them into forms.

Python counts no further than the year 9999, and a day of the year 1 has no instant in UTC: one day
more, or another zone, and a request would end in an error. Every form takes its days from here.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
WORDS = f"请填写 {FIRST.year} 年至 {LAST.year} 年之间的日期。"


class DateField(forms.DateField):
    """A day from ``FIRST`` to ``LAST``; any other is refused."""

    def to_python(self, value: Any) -> date | None:
        found: date | None = super().to_python(value)
        _check(found)
        return found


class DateTimeField(forms.DateTimeField):
    """An instant on a day from ``FIRST`` to ``LAST``; any other is refused."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        _check(found.date() if found else None)
        return found


def _check(day: date | None) -> None:
    if day is not None and not FIRST <= day <= LAST:
        raise ValidationError(WORDS, code="out-of-range")
