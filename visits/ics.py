"""A calendar file (RFC 5545) of visits. Pure: lines of at most 75 bytes, texts escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Event:
    """``uid`` stays the same while ``sequence`` grows with each change."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    text: str
    changed_at: datetime


def calendar(events: Iterable[Event]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//jiebang//visits//ZH"]
    for one in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}",
            f"SEQUENCE:{one.sequence}",
            f"DTSTAMP:{_utc(one.changed_at)}",
            f"DTSTART:{_utc(one.starts_at)}",
            f"DTEND:{_utc(one.ends_at)}",
            f"SUMMARY:{_escaped(one.summary)}",
            f"LOCATION:{_escaped(one.place)}",
            f"DESCRIPTION:{_escaped(one.text)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,")):
        text = text.replace(plain, escaped)
    return "\\n".join(text.splitlines())


def _folded(line: str) -> Iterator[str]:
    """No part is longer than 75 bytes, and none breaks inside a character."""
    part, size, first = "", 0, True
    for character in line:
        width = len(character.encode())
        if size + width > (75 if first else 74):
            yield part if first else f" {part}"
            part, size, first = "", 0, False
        part, size = part + character, size + width
    yield part if first else f" {part}"
