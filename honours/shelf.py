"""Reading the public library: what is before the public at an instant, filtered, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from accounts import regions
from fulfilment.states import State
from honours import tiles
from honours.models import Project

SORTS = {
    "new": ("公开时间", ("-since", "pk")),
    "title": ("项目名称", ("title", "pk")),
    "unit": ("单位", ("organisation", "title", "pk")),
    "direction": ("方向", ("direction", "title", "pk")),
    "region": ("地区", ("region", "organisation", "pk")),
}
SHORTEST_WORD = 2
KEYS = ("q", "programme", "year", "direction", "region", "tier", "state", "sort")

STATES = {
    "going": ("实施中", (State.UNDER_WAY,)),
    "done": ("已完成", (State.READY, State.ENDED)),
    "over": ("已结束", (State.FAILED, State.TERMINATED)),
}
"""Where a task stands, as far as the public is told: no verdict that no list has published."""


def visible(at: datetime) -> QuerySet[Any]:
    """Projects whose list stands before the public at this instant; ``result`` is what is shown.

    An award is shown from its own announcement on; before it, and after its list is taken down,
    the project stands with the result of the selection.
    """
    won = Q(award_since__isnull=False, award_since__lte=at)
    return Project.objects.filter(since__lte=at, closed_at__isnull=True).annotate(
        won=Case(When(won, then=Value(True)), default=Value(False)),
        result=Case(When(won, then=F("award_title")), default=F("tier_title")),
        progress=Case(
            *(
                When(application__task__state__in=states, then=Value(key))
                for key, (_, states) in STATES.items()
            ),
            default=Value(""),
            output_field=CharField(),
        ),
    )


def progress_words(key: str) -> str:
    """实施中, 已完成, 已结束; empty for a project without a task."""
    return STATES[key][0] if key in STATES else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of the library, as the address gives it; what is unknown is nothing."""

    words: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    programme: str = ""
    year: str = ""
    direction: str = ""
    region: str = ""
    tier: str = ""
    state: str = ""
    sort: str = "new"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Wanted:
        typed = asked.get("q", "")[:100].split()
        year = asked.get("year", "")
        sort = asked.get("sort", "new")
        return cls(
            words=tuple(one for one in typed if len(one) >= SHORTEST_WORD),
            short=tuple(one for one in typed if len(one) < SHORTEST_WORD),
            programme=asked.get("programme", "")[:120],
            year=year if year.isascii() and year.isdecimal() and len(year) == 4 else "",
            direction=asked.get("direction", "")[:120],
            region=tiles.province_of(asked.get("region", "")[:6]),
            tier=asked.get("tier", "")[:60],
            state=asked.get("state", "") if asked.get("state", "") in STATES else "",
            sort=sort if sort in SORTS else "new",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.in_words())

    def in_words(self) -> str:
        """The filter as a sentence, for exports and the printed page."""
        parts = [
            f"关键词“{' '.join(self.words)}”" if self.words else "",
            self.programme,
            f"{self.year}年" if self.year else "",
            self.direction,
            regions.name_of(self.region) if self.region else "",
            self.tier,
            progress_words(self.state),
        ]
        return "，".join(part for part in parts if part)


def found(at: datetime, wanted: Wanted) -> QuerySet[Any]:
    """The projects a filter finds, in its order."""
    rows = visible(at)
    for word in wanted.words:
        rows = rows.filter(words__icontains=word)
    if wanted.programme:
        rows = rows.filter(programme_title=wanted.programme)
    if wanted.year:
        rows = rows.filter(year=int(wanted.year))
    if wanted.direction:
        rows = rows.filter(direction=wanted.direction)
    if wanted.region:
        rows = rows.filter(region__startswith=wanted.region[:2])
    if wanted.tier:
        rows = rows.filter(result=wanted.tier)
    if wanted.state:
        rows = rows.filter(progress=wanted.state)
    return rows.order_by(*SORTS[wanted.sort][1])


def choices(at: datetime) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in each filter: only what some project has. One query."""
    rows = list(
        visible(at)
        .order_by()
        .values_list("programme_title", "year", "direction", "region", "result", "progress")
        .distinct()
    )
    provinces = {tiles.province_of(row[3]) for row in rows} - {""}
    return {
        "programme": _pairs({row[0] for row in rows}),
        "year": [(str(one), f"{one}年") for one in sorted({row[1] for row in rows}, reverse=True)],
        "direction": _pairs({row[2] for row in rows} - {""}),
        "region": [(code, regions.name_of(code)) for code in sorted(provinces)],
        "tier": _pairs({row[4] for row in rows}),
        "state": [
            (key, words) for key, (words, _) in STATES.items() if key in {r[5] for r in rows}
        ],
    }


def _pairs(values: set[str]) -> list[tuple[str, str]]:
    return [(one, one) for one in sorted(values)]


@dataclass(slots=True)
class Bar:
    """One line of a chart; ``share`` is its length, 0 to 100. ``key`` filters by it."""

    label: str
    key: str
    count: int
    share: int = 0


@dataclass(slots=True)
class Figures:
    """What the charts show of the projects found."""

    total: int = 0
    won: int = 0
    directions: list[Bar] = field(default_factory=list)
    results: list[Bar] = field(default_factory=list)
    years: list[Bar] = field(default_factory=list)
    provinces: list[Bar] = field(default_factory=list)
    map: list[tiles.Tile] = field(default_factory=list)
    unplaced: int = 0


def figures(rows: QuerySet[Any]) -> Figures:
    """Counts by direction, result, year and province, in one query."""
    directions: Counter[str] = Counter()
    results: Counter[str] = Counter()
    years: Counter[str] = Counter()
    provinces: Counter[str] = Counter()
    made = Figures()
    for direction, result, year, region, won in rows.order_by().values_list(
        "direction", "result", "year", "region", "won"
    ):
        made.total += 1
        made.won += bool(won)
        directions[direction] += 1
        results[result] += 1
        years[str(year)] += 1
        provinces[tiles.province_of(region)] += 1
    made.unplaced = provinces.pop("", 0)
    made.directions = _bars(directions.most_common(), {"": "未分方向"})
    made.results = _bars(results.most_common())
    made.years = _bars(sorted(years.items()), {one: f"{one}年" for one in years})
    names = {code: regions.name_of(code) for code in provinces}
    made.provinces = _bars(provinces.most_common(), names)
    made.map = tiles.tiles(provinces)
    return made


def _bars(counts: Sequence[tuple[str, int]], labels: Mapping[str, str] | None = None) -> list[Bar]:
    most = max((count for _, count in counts), default=0)
    return [
        Bar((labels or {}).get(key, key), key, count, round(count * 100 / most) if most else 0)
        for key, count in counts
    ]


COLUMNS = (
    ("项目计划", 24),
    ("年度", 8),
    ("方向", 28),
    ("项目名称", 40),
    ("单位", 36),
    ("推荐单位", 30),
    ("地区", 16),
    ("结果", 20),
    ("进展", 10),
    ("公布名单", 40),
    ("公开日期", 14),
    ("网页", 40),
)

SCHEMA = "jiebang.library/1"


def as_json(project: Any, *, host: str) -> dict[str, Any]:
    """A project for other programs (``docs/library.md`` describes each key)."""
    return {
        "id": project.public_id,
        "programme": project.programme_title,
        "year": project.year,
        "direction": project.direction,
        "title": project.title,
        "organisation": project.organisation,
        "recommender": project.recommender,
        "province": tiles.province_of(project.region),
        "province_name": regions.name_of(tiles.province_of(project.region)),
        "result": project.result,
        "won": bool(project.won),
        "state": progress_words(project.progress),
        "published_on": f"{project.since:%Y-%m-%d}",
        "list": f"{host}{project.shown_list.get_absolute_url()}",
        "page": f"{host}{project.get_absolute_url()}",
        "fields": project.fields,
        "indicators": project.indicators,
    }
