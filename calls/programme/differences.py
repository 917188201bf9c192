"""What changed between two versions of a programme, key by key. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calls.programme.wording import TITLES

Rules = Mapping[str, Any]
AT_MOST = 160
"""Characters of a value that are shown."""


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


KIND_WORDS = {Kind.ADDED: "新增", Kind.REMOVED: "删去", Kind.CHANGED: "改动"}


@dataclass(frozen=True, slots=True)
class Change:
    """One key: its path as in the file, its Chinese name, before and after as people read them."""

    kind: Kind
    path: str
    title: str
    before: str
    after: str

    @property
    def words(self) -> str:
        return KIND_WORDS[self.kind]

    @property
    def part(self) -> str:
        """The part of the programme it belongs to."""
        top = self.path.partition(".")[0].partition("[")[0]
        return TITLES.get(top, top)


def between(before: Rules, after: Rules) -> list[Change]:
    """Every key that differs, in the order of the later version. Defaults count as written."""
    return list(_tables("", "", before, after))


def _tables(path: str, title: str, before: Rules, after: Rules) -> Iterator[Change]:
    for key in [*after, *(key for key in before if key not in after)]:
        here = f"{path}.{key}" if path else key
        named = f"{title} {TITLES.get(key, key)}".strip()
        yield from _values(here, named, before.get(key), after.get(key))


def _values(path: str, title: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _tables(path, title, before, after)
    elif _of_tables(before) and _of_tables(after) and (before or after):
        yield from _lists(path, title, before, after)
    elif before in (None, "", [], {}):
        yield Change(Kind.ADDED, path, title, "", shown(after))
    elif after in (None, "", [], {}):
        yield Change(Kind.REMOVED, path, title, shown(before), "")
    else:
        yield Change(Kind.CHANGED, path, title, shown(before), shown(after))


def _of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _lists(path: str, title: str, before: list[Rules], after: list[Rules]) -> Iterator[Change]:
    """Entries are the same when they bear the same name; their order is one more change."""
    old, new = _named(before), _named(after)
    for name, item in new.items():
        here, named = f"{path}[{name}]", f"{title} “{_title(item) or name}”"
        if name in old:
            yield from _tables(here, named, old[name], item)
        else:
            yield Change(Kind.ADDED, here, named, "", shown(item))
    for name, item in old.items():
        if name not in new:
            named = f"{title} “{_title(item) or name}”"
            yield Change(Kind.REMOVED, f"{path}[{name}]", named, shown(item), "")
    kept_old = [name for name in old if name in new]
    kept_new = [name for name in new if name in old]
    if kept_old != kept_new:
        titles_old = "、".join(_title(old[name]) or name for name in kept_old)
        titles_new = "、".join(_title(new[name]) or name for name in kept_new)
        yield Change(Kind.CHANGED, path, f"{title} 次序", _cut(titles_old), _cut(titles_new))


NAMING = (("key",), ("kinds", "pool", "scope"), ("tier", "scope"), ("kind",), ("rule", "message"))


def _named(items: list[Rules]) -> dict[str, Rules]:
    found: dict[str, Rules] = {}
    for index, item in enumerate(items):
        keys = next((keys for keys in NAMING if all(key in item for key in keys)), ())
        name = "/".join(shown(item[key]) for key in keys if item[key]) or str(index)
        while name in found:
            name += "'"
        found[name] = item
    return found


def _title(item: Rules) -> str:
    found = item.get("title") or item.get("label") or item.get("name") or item.get("message")
    return str(found or item.get("text") or "")


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return "未写"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        said = [
            f"{TITLES.get(key, key)}：{shown(held)}"
            for key, held in value.items()
            if held not in (None, "", [], {}, False)
        ]
        return _cut("；".join(said))
    if isinstance(value, list | tuple):
        return _cut("、".join(_title(v) if isinstance(v, Mapping) else shown(v) for v in value))
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= AT_MOST else f"{text[:AT_MOST]}…"
