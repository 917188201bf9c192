"""What differs between two frozen contents of a filing, field by field. Pure.

Long texts are compared character by character (words and figures stay whole), tables row by row,
files by their hash. Pieces are ``(kind, text)`` with kind ``same``, ``old`` or ``new``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

Frozen = Mapping[str, Any]
Piece = tuple[str, str]
Line = tuple[str, str]

BASICS, FILES = "basics", "attachments"
CONTEXT = 40
"""Unchanged characters kept on each side of a change in a long text."""
TOKEN = re.compile(r"[A-Za-z0-9_.%]+|\s+|.", re.DOTALL)
SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]?")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. ``section`` and ``field`` are keys; ``before`` or ``after`` is empty
    where it was added or removed."""

    section: str
    field: str
    label: str
    before: str
    after: str
    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The changes of one section."""

    key: str
    title: str
    changes: tuple[Change, ...]


def between(left: Frozen, right: Frozen) -> list[Part]:
    """The sections that differ, in the order of the newer form; empty = the same contents."""
    found = []
    old = {section["key"]: section for section in left["sections"]}
    new = {section["key"]: section for section in right["sections"]}
    basics = list(_basics(left, right))
    if basics:
        found.append(Part(BASICS, "基本信息", tuple(basics)))
    for key in dict.fromkeys([*new, *old]):
        changes = tuple(_section(key, old.get(key), new.get(key)))
        if changes:
            title = (new.get(key) or old[key])["title"]
            found.append(Part(key, title, changes))
    files = list(_files(left.get("attachments", []), right.get("attachments", [])))
    if files:
        found.append(Part(FILES, "证明材料", tuple(files)))
    return found


def _change(section: str, field: str, label: str, before: str, after: str) -> Change:
    left, right = pieces(before, after)
    return Change(section, field, label, before, after, left, right)


def _basics(left: Frozen, right: Frozen) -> Iterator[Change]:
    names = {
        "title": "项目名称",
        "class": "类别",
        "direction": "方向",
        "subfield": "细分领域",
    }
    for key, label in names.items():
        if left.get(key, "") != right.get(key, ""):
            yield _change(BASICS, key, label, left.get(key, ""), right.get(key, ""))
    for key, label in (("organisation", "申报单位"), ("recommender", "推荐单位")):
        was, now = left.get(key, {}).get("name", ""), right.get(key, {}).get("name", "")
        if was != now:
            yield _change(BASICS, key, label, was, now)


def _section(
    key: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[Change]:
    before, after = _fields(old), _fields(new)
    for field in dict.fromkeys([*after, *before]):
        was, now = before.get(field), after.get(field)
        label = (now or was or ("", []))[0]
        if was is not None and now is not None and was == now:
            continue
        yield from _field(key, field, label, was[1] if was else [], now[1] if now else [])


def _fields(section: Mapping[str, Any] | None) -> dict[str, tuple[str, list[Line]]]:
    """Each field of a frozen section: its label and its lines of (what it is, words)."""
    found: dict[str, tuple[str, list[Line]]] = {}
    for block in section["blocks"] if section else ():
        kind = block["kind"]
        if kind == "fields":
            for row in block["rows"]:
                words = f"{row['value']} {row.get('unit', '')}".strip() if row["value"] else ""
                found[row["key"]] = (row["label"], [("", words)] if words else [])
        elif kind == "text":
            found[block["key"]] = (block["label"], [("", block["text"])] if block["text"] else [])
        elif kind == "indicators":
            found[block["key"]] = (block["label"], [_indicator(row) for row in block["rows"]])
        else:
            found[block["key"]] = (block["label"], [_row(block, row) for row in block["rows"]])
    return found


def _indicator(row: Mapping[str, Any]) -> Line:
    words = (
        f"当前 {row['current'] or '—'}，目标 {row['target'] or '—'} {row['unit']}，"
        f"{row['comparison']}；{row['method'] or '未填方法'}；{row['evidence'] or '无证据'}"
    )
    return row["name"] or "未命名的指标", words


def _row(block: Mapping[str, Any], row: Sequence[str]) -> Line:
    heads = [column["label"] for column in block["columns"]]
    cells = [f"{head} {cell}" for head, cell in zip(heads, row, strict=False) if cell]
    return "", "；".join(cells)


def _field(
    section: str, field: str, label: str, was: list[Line], now: list[Line]
) -> Iterator[Change]:
    if len(was) <= 1 and len(now) <= 1:
        before, after = (one[0] if one else ("", "") for one in (was, now))
        name = before[0] or after[0]
        yield _change(section, field, f"{label} {name}".strip(), before[1], after[1])
        return
    for old, new in _rows(was, now):
        place = f"第 {(new or old)[0] + 1} 行"  # type: ignore[index]
        before, after = (one[1] if one else ("", "") for one in (old, new))
        name = before[0] if before[0] == after[0] or not after[0] else after[0]
        state = "" if old and new else "，新增" if new else "，删去"
        yield _change(section, field, f"{label}：{name or place}{state}", before[1], after[1])


Numbered = tuple[int, Line]


def _rows(was: list[Line], now: list[Line]) -> Iterator[tuple[Numbered | None, Numbered | None]]:
    """Rows that changed, were added or removed; rows that only moved down are the same."""
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(a_end - a, b_end - b)
        for offset in range(both):
            yield (a + offset, was[a + offset]), (b + offset, now[b + offset])
        for place in range(a + both, a_end):
            yield (place, was[place]), None
        for place in range(b + both, b_end):
            yield None, (place, now[place])


def _files(was: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """Files by kind and hash: another hash is another file, whatever its name."""
    old = {(file["key"], file["sha256"]): file for file in was}
    new = {(file["key"], file["sha256"]): file for file in now}
    for place in dict.fromkeys([*old, *new]):
        before, after = old.get(place), new.get(place)
        if before and after and before["name"] == after["name"]:
            continue
        file = after or before
        assert file is not None
        state = "改名" if before and after else "新增" if after else "移除"
        was_words = _file(before) if before else ""
        now_words = _file(after) if after else ""
        yield Change(
            FILES,
            place[0],
            f"{file['kind']}，{state}",
            was_words,
            now_words,
            left=(("old", was_words),) if was_words else (),
            right=(("new", now_words),) if now_words else (),
        )


def _file(file: Mapping[str, Any]) -> str:
    pages = f"，{file['pages']} 页" if file.get("pages") else ""
    return f"{file['name']}{pages}，SHA-256 {file['sha256'][:12]}…"


# Characters ----------------------------------------------------------------------------------


def pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts cut into what is the same and what is not; sentences first, then characters."""
    left: list[Piece] = []
    right: list[Piece] = []
    old, new = (SENTENCE.findall(text) for text in (before, after))
    for kind, a, a_end, b, b_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = "".join(old[a:a_end]), "".join(new[b:b_end])
        if kind == "equal":
            _add(left, "same", was)
            _add(right, "same", now)
        elif kind == "replace" and len(was) * len(now) <= 4_000_000:
            _characters(was, now, left, right)
        else:
            _add(left, "old", was)
            _add(right, "new", now)
    return tuple(left), tuple(right)


def _characters(was: str, now: str, left: list[Piece], right: list[Piece]) -> None:
    old, new = TOKEN.findall(was), TOKEN.findall(now)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < 0.3:
        _add(left, "old", was)
        _add(right, "new", now)
        return
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        same = kind == "equal"
        _add(left, "same" if same else "old", "".join(old[a:a_end]))
        _add(right, "same" if same else "new", "".join(new[b:b_end]))


def _add(found: list[Piece], kind: str, text: str) -> None:
    if not text:
        return
    if found and found[-1][0] == kind:
        found[-1] = (kind, found[-1][1] + text)
    else:
        found.append((kind, text))


def shortened(found: Sequence[Piece]) -> list[Piece]:
    """The pieces for a page: long unchanged stretches with their middle left out."""
    short: list[Piece] = []
    for place, (kind, text) in enumerate(found):
        if kind != "same" or len(text) <= 3 * CONTEXT:
            short.append((kind, text))
            continue
        alone = len(found) == 1
        head = text[:CONTEXT] if place or alone else ""
        tail = text[-CONTEXT:] if place + 1 < len(found) or alone else ""
        left_out = len(text) - len(head) - len(tail)
        short += [("same", head)] if head else []
        short.append(("gap", f"（{left_out} 字相同）"))
        short += [("same", tail)] if tail else []
    return short
