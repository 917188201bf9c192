"""A programme as a file that ``reading`` reads back to the same programme. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from calls.programme.shape import Programme

BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def to_toml(programme: Programme, *, head: str = "") -> str:
    """The file of a programme; what has its default is left out. ``head`` stands above it."""
    data = programme.model_dump(mode="json", exclude_defaults=True)
    for written, direction in zip(data.get("directions", []), programme.directions, strict=True):
        for line, one in zip(written.get("indicators", []), direction.indicators, strict=True):
            # Which way is better would otherwise be read off the operator again.
            line |= {"kind": str(one.kind), "better": str(one.better)}
    lines = [f"# {line}" for line in head.splitlines()]
    return "\n".join([*lines, *_table("", data)]).strip() + "\n"


def _table(path: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Plain values first; then tables, then lists of tables, each under its path."""
    below: list[tuple[str, Any]] = []
    for key, value in data.items():
        if value is None:
            continue
        if isinstance(value, Mapping) or _is_tables(value):
            below.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in sorted(below, key=lambda pair: isinstance(pair[1], list)):
        here = f"{path}.{_key(key)}" if path else _key(key)
        entries = value if isinstance(value, list) else [value]
        mark = f"[[{here}]]" if isinstance(value, list) else f"[{here}]"
        for entry in entries:
            yield ""
            yield mark
            yield from _table(here, entry)


def _is_tables(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    )


def _key(key: str) -> str:
    return key if BARE.match(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return _text(str(value))


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for the one of DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
