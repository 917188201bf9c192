"""What differs between two versions of a list, line by line. Pure.

Lines are compared by their position, as a reader with the paper in one hand does: the same
project on the line gives its changed columns, another project gives the whole line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

COLUMNS: dict[str, str] = {
    "class": "类别",
    "direction": "方向",
    "subfield": "细分领域",
    "title": "项目名称",
    "organisation": "申报单位",
    "code": "统一社会信用代码",
    "kind": "单位性质",
    "region": "所属地区",
    "contact": "联系人",
    "phone": "联系电话",
    "note": "备注",
    "fingerprint": "申报书版本",
}
WHOLE_LINE = "整行"


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed cell or line. ``paper`` is the older text, ``system`` the one in force."""

    rank: int
    column: str
    paper: str
    system: str
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "rank": self.rank,
            "column": self.column,
            "paper": segments(self.paper, self.system, side="del"),
            "system": segments(self.system, self.paper, side="ins"),
            "hint": self.hint,
        }


def between(
    paper: Sequence[Mapping[str, Any]], system: Sequence[Mapping[str, Any]]
) -> list[Difference]:
    """Differences from the version on paper to the version in force, by line number."""
    old_rank = {row["application"]: n for n, row in enumerate(paper, start=1)}
    new_rank = {row["application"]: n for n, row in enumerate(system, start=1)}
    found: list[Difference] = []
    for n in range(1, max(len(paper), len(system)) + 1):
        old = paper[n - 1] if n <= len(paper) else None
        new = system[n - 1] if n <= len(system) else None
        if old and new and old["application"] == new["application"]:
            found.extend(_cells(n, old, new))
        else:
            found.append(
                Difference(
                    rank=n,
                    column=WHOLE_LINE,
                    paper=_line(old),
                    system=_line(new),
                    hint="；".join(_hints(n, old, new, old_rank, new_rank)),
                )
            )
    return found


def _cells(n: int, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for key, label in COLUMNS.items():
        before, after = str(old.get(key, "")), str(new.get(key, ""))
        if before != after:
            if key == "fingerprint":
                before, after = before[:8], after[:8]
            yield Difference(rank=n, column=label, paper=before, system=after)


def _line(row: Mapping[str, Any] | None) -> str:
    return f"{row['title']}　{row['organisation']}" if row else ""


def _hints(
    n: int,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    old_rank: Mapping[Any, int],
    new_rank: Mapping[Any, int],
) -> Iterator[str]:
    if old:
        moved_to = new_rank.get(old["application"])
        if moved_to is None:
            yield "纸面上的项目已不在名单中"
        elif moved_to != n:
            yield f"纸面上的项目现为第 {moved_to} 位"
    if new:
        came_from = old_rank.get(new["application"])
        if came_from is None:
            yield "系统中的项目为新列入"
        elif came_from != n:
            yield f"系统中的项目原为第 {came_from} 位"


def segments(text: str, other: str, *, side: str) -> list[tuple[str, str]]:
    """``text`` cut into ("same", …) and (side, …) pieces against ``other``.

    Texts with little in common are marked as a whole: scattered single characters help nobody.
    """
    if not text:
        return []
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    if matcher.ratio() < 0.6:
        return [(side, text)]
    pieces = []
    for tag, start, end, _from, _to in matcher.get_opcodes():
        if start != end:
            pieces.append(("same" if tag == "equal" else side, text[start:end]))
    return pieces


def summary(differences: Sequence[Difference]) -> str:
    """“与当前名单有 2 行不同”, or that there is none."""
    lines = len({one.rank for one in differences})
    return f"与当前名单有 {lines} 行不同" if lines else "与当前名单内容相同，但版本不同"
