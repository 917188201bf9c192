"""Damaged drafts: what a broken client, a bad import or an attacker might send or store."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote_from_bytes

from applications.content import synthetic
from calls.programme import FieldType, Section

FORM = "application/x-www-form-urlencoded"
TYPES = (
    *[FORM] * 12,
    "application/json",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=gbk",
    "application/x-www-form-urlencoded; charset=nonsense",
    "image/png",
    "",
)
BYTES = (
    b"",
    b" ",
    b"\x00",
    b"\xff\xfe\xed\xa0\x80",
    "𠮷㐀\u202e\ufeff\u200b".encode(),
    b"10^400",
    b"1e400",
    b"-0",
    b"-1",
    b"9" * 400,
    b"0." + b"0" * 60 + b"1",
    b"NaN",
    b"Infinity",
    "１２，３４５．６７".encode(),
    "１２³½Ⅷ".encode(),
    b"[[[[{}]]]]" * 20,
    b'{"a": [1, {"b": null}]}',
    b"<script>alert(1)</script>",
    b"{{ 7 * 7 }}{% now 'Y' %}",
    b"=cmd|' /C calc'!A0",
    b"' OR 1=1 --",
    b"../../etc/passwd",
    b"true",
    "是".encode(),
    b"2021-02-30",
    b"0000-00-00",
    b"99999-99-99",
    b"430100",
    b"name@example.org",
    "≥95%".encode(),
    b"0.5-0.8",
    b"3 kW",
    "约 90‰".encode(),
    b"1e5 ms",
    b"a\r\n\tb\x0b\x0c\x1b[31m",
    "长".encode() * 6000,
)
NAMES = (
    "_raw",
    "version",
    "action",
    "__proto__",
    "constructor",
    "own-0-name",
    "own-99-target",
    "own-999-delete",
    "own-0-evidence",
    "ref--target",
    "ref-x-target",
    "csrfmiddlewaretoken",
    "held",
    "person",
    "title",
    "direction",
    "subfield",
    "recommender",
    "a" * 900,
    "a[b][c][d]" * 40,
    "-" * 50,
    "\x00",
    "members-0-name-0-name",
    "rows",
    "rows-0",
)
NUMBERS = ("0", "1", "7", "299", "300", "9999", "99999", "-1", "x", "0x1", "１", "1e9")
ACTIONS = (b"save", b"save", b"done", b"add-own", b"add-members", b"add-<b>", b"", b"\xff" * 90)


def names_of(section: Section) -> list[str]:
    """Input names of a section, right ones and ones that are nearly right."""
    found = []
    for field in section.fields:
        found += [field.key, f"{field.key}-", f"{field.key}-0"]
        for column in field.columns:
            places = [*map(str, field.years), *NUMBERS]
            found += [f"{field.key}-{place}-{column.key}" for place in places]
            found.append(f"{field.key}-0-{column.key}-delete")
        found.append(f"{field.key}-0-delete")
    return found


def body(dice: random.Random, section: Section, *, version: int) -> tuple[bytes, str]:
    """A damaged request for this section: its bytes and its type."""
    pairs: list[tuple[bytes, bytes]] = []
    if dice.random() < 0.8:
        typed = synthetic.inputs(section, seed=dice.randrange(1000))
        for name, values in typed.items():
            if dice.random() < 0.15:
                continue
            for value in values:
                kept = dice.random() < 0.7
                pairs.append((name.encode(), value.encode() if kept else damaged(dice)))
    known = names_of(section) + list(NAMES)
    for _ in range(dice.randrange(60)):
        pairs.append((dice.choice(known).encode(), damaged(dice)))
    if dice.random() < 0.15:
        pairs += _huge(dice, section)
    shown = [str(version).encode()] * 5 + [b"-5", b"x", b"", b"9" * 30, b"\xff"]
    pairs.append((b"version", dice.choice(shown)))
    pairs.append((b"action", dice.choice(ACTIONS)))
    dice.shuffle(pairs)
    data = b"&".join(b"=".join(quote_from_bytes(one).encode() for one in pair) for pair in pairs)
    if dice.random() < 0.1:
        data = _torn(dice, data)
    return data, dice.choice(TYPES)


def damaged(dice: random.Random) -> bytes:
    value = dice.choice(BYTES)
    if dice.random() < 0.1:
        value = bytes(dice.randrange(256) for _ in range(dice.randrange(40)))
    return value


def _huge(dice: random.Random, section: Section) -> list[tuple[bytes, bytes]]:
    """Far more rows than any table holds."""
    tables = [field for field in section.fields if field.columns]
    if not tables:
        return [(b"own-%d-name" % n, damaged(dice)) for n in range(300)]
    field = dice.choice(tables)
    column = dice.choice(field.columns)
    return [(f"{field.key}-{n}-{column.key}".encode(), damaged(dice)) for n in range(600)]


def _torn(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice((b"", b"%", b"%zz", b"\xff\x00", b"&&==;;")) + data[at + 3 :]


# Stored data --------------------------------------------------------------------------------------

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    10**400,
    1.5,
    "",
    "x",
    "2021-13-45",
    "-",
    [],
    {},
    [None],
    [[[]]],
    [1, "x", {"a": {}}],
    {"2020": []},
    {"2020": {"revenue": {}}},
    {"ref": []},
    {"ref": {"x": 1}, "own": {}},
    {"own": [None, 1, "x", {"name": 5}, {"name": "a", "target": []}]},
    {"ref": {"snr": {"target": None}}, "own": [{"name": {}}]},
    [{"name": []}, "row", 7, {"share": {}}],
    "9" * 400,
    "\u202e",
)


def stored(dice: random.Random, section: Section) -> dict[str, Any]:
    """A section's data as an older or broken release might have left it."""
    data: dict[str, Any] = {}
    for field in section.fields:
        if dice.random() < 0.2:
            continue
        value: Any = dice.choice(VALUES)
        if field.type == FieldType.ROWS and dice.random() < 0.5:
            value = [
                {column.key: dice.choice(VALUES) for column in field.columns}
                for _ in range(dice.randrange(4))
            ]
        elif field.type == FieldType.YEAR_TABLE and dice.random() < 0.5:
            value = {
                str(year): {column.key: dice.choice(VALUES) for column in field.columns}
                for year in field.years
            }
        data[field.key] = value
    if dice.random() < 0.3:
        data["_raw"] = dice.choice(
            ([], "x", None, {field.key: dice.choice(VALUES) for field in section.fields})
        )
    if dice.random() < 0.3:
        data["gone"] = dice.choice(VALUES)
    return data
