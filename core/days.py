"""A day in words. Pure."""

from datetime import date


def in_words(day: date) -> str:
    """2021年11月15日, also of an instant: its own day, whatever its zone."""
    return f"{day.year}年{day.month}月{day.day}日"
