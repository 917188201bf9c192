"""Citations such as ``示例市若干措施 四（三）2``: read into a document and clauses. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies import words
from policies.parsing.markers import CN, value

_CLAUSE = re.compile(
    rf"(?:第(?P<t>[{CN}]+)条)?(?P<b>[{CN}]+(?![{CN}]*[条章]))?(?:（(?P<k>[{CN}]+)）)?"
    r"(?P<x>\d+)?(?:（(?P<j>\d+)）)?"
)
_LEVELS = ("t", "b", "k", "x", "j")
SHORTEST_NAME = 8
"""Characters: a shorter name of a document fits too many titles."""
PLACES = {
    "dates": "时间安排",
    "applicants": "申报条件",
    "classes": "类别",
    "directions": "方向",
    "quota": "推荐名额",
    "caps": "入选上限",
    "recommendation": "推荐",
    "levels": "各级时间和份数",
    "sections": "申报书",
    "attachments": "证明材料",
    "review": "评审",
    "site_visit": "现场评估",
    "approval": "审定",
    "publicity": "公示",
    "decision": "结果",
    "task": "任务",
    "testing": "测评",
    "award": "优胜",
    "documents": "文书",
}
"""Tables of the programme file, in the words of the pages."""
KEYS = {
    "kinds": "申报主体",
    "legal_person": "独立法人资格",
    "per_applicant": "每个主体的申报数量",
    "count_partners": "联合体成员计数",
    "exclude_winners": "前期优胜项目不得重复申报",
    "exclusive_in_direction": "同一方向不得重复参与",
    "max_partners": "联合体成员数量",
    "regions": "注册地",
    "filing_from": "申报开始",
    "filing_until": "申报截止",
    "recommendation_until": "推荐截止",
    "scan_until": "盖章扫描件截止",
    "paper_until": "纸质材料截止",
    "review_until": "评审截止",
    "announcement_by": "公布名单",
}
"""Rules that share a table and have their citations in ``sources``."""


@dataclass(frozen=True, slots=True)
class Citation:
    """``clauses`` are the deep links that it names (``b4-k3-x2``); none = the whole document."""

    document: str
    clauses: tuple[str, ...] = ()


def read(text: str) -> Citation:
    """A citation as it is written: the document, a space, the clauses set apart by 、."""
    name, _, tail = text.strip().rpartition(" ")
    clauses = [_clause(one) for one in tail.split("、")] if name else []
    if name and all(clauses):
        return Citation(name.strip(), tuple(one for one in clauses if one))
    return Citation(text.strip())


def _clause(text: str) -> str:
    found = _CLAUSE.fullmatch(text)
    if found is None or not text:
        return ""
    return "-".join(
        f"{level}{value(number)}" for level in _LEVELS if (number := found.group(level))
    )


def steps_up(path: str) -> Iterator[str]:
    """The deep link and those above it, the nearest first."""
    parts = path.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()


def named(document: str, titles: Iterable[str]) -> str:
    """The title that a citation's document names; empty when none does.

    The same title first; then the shortest in which the cited name stands, or which it shortens:
    it leaves out characters and changes none; then the longest that stands in it. Width, case,
    spaces and punctuation do not count.
    """
    cited = _letters(document)
    if len(cited) < SHORTEST_NAME:
        return ""
    longer, shorter = [], []
    for title in titles:
        whole = _letters(title)
        if whole == cited:
            return title
        rest = iter(whole)
        if all(char in rest for char in cited):
            longer.append(title)
        elif len(whole) >= SHORTEST_NAME and whole in cited:
            shorter.append(title)
    return min(longer, key=len, default="") or max(shorter, key=len, default="")


def _letters(text: str) -> str:
    return "".join(char for char in words.folded(text)[0] if char.isalnum())


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a programme that names its source. ``place`` is its key in the file."""

    place: str
    words: str
    text: str


def rules_of(content: Mapping[str, Any]) -> list[Rule]:
    """Every rule of a programme (its file as data) that cites something, in the file's order."""
    return [
        Rule(f"{top}{place}", f"{PLACES.get(top, top)}{said}", text)
        for top, table in content.items()
        for place, said, text in _walk(table)
    ]


def _walk(node: Any, said: str = "", place: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(node, list):
        for number, one in enumerate(node):
            yield from _walk(one, said, f"{place}[{number}]")
    elif isinstance(node, dict):
        name = next((node[k] for k in ("title", "label", "name", "text") if node.get(k)), "")
        said = f"{said} · {name}" if name else said
        if text := node.get("source"):
            yield place, said, str(text)
        sources = node.get("sources") or {}
        yield from (
            (f"{place}.{key}", f"{said} · {KEYS.get(key, key)}", str(text))
            for key, text in sources.items()
            if text
        )
        for key, one in node.items():
            if key not in ("source", "sources"):
                yield from _walk(one, said, f"{place}.{key}")


def first(path: str, held: Iterable[str]) -> str:
    """The nearest of the held deep links at or above a clause; empty when there is none."""
    held = set(held)
    return next((one for one in steps_up(path) if one in held), "")
