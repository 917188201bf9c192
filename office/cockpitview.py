"""What the cockpit shows of one call, read from the address: stage, region, direction, units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import RECOMMENDER_KINDS
from calls.models import Call
from office import cockpit, filters, forecast, funnel
from office.cockpit import Unit

NO_LIST = "none"
MAY_MISS = "may_miss"
STATES = {
    NO_LIST: "未开始",
    "open": "编制中",
    "frozen": "待盖章",
    "sealed": "盖章件已核对",
    "delivered": "已报送",
    MAY_MISS: "可能到期未报送",
}
SORTS = {
    "name": lambda unit: (unit.organisation.key, unit.organisation.pk),
    "submitted": lambda unit: unit.submitted,
    "used": lambda unit: unit.used,
    "share": lambda unit: unit.used / unit.limit if unit.limit else -1,
    "changed": lambda unit: unit.changed_at.timestamp() if unit.changed_at else 0,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A count and the list behind it; without a list the address is empty."""

    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A region's line of the cross table."""

    code: str
    name: str
    cells: tuple[Number, ...]
    total: Number


@dataclass(frozen=True, slots=True)
class View:
    """Everything the cockpit's tables show."""

    call: Call
    lines: tuple[tuple[funnel.Line, str], ...]
    stages: tuple[funnel.Stage, ...]
    stage: funnel.Stage
    region: str
    direction: str
    regions: tuple[tuple[str, str], ...]
    directions: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    cross: tuple[Row, ...]
    totals: tuple[Number, ...]
    total: Number
    units: tuple[Unit, ...]
    every_unit: tuple[Unit, ...]
    kinds: tuple[tuple[str, str], ...]
    forecast: forecast.Forecast | None
    sort: str
    chosen: Mapping[str, str]

    @property
    def used(self) -> int:
        return sum(unit.used for unit in self.every_unit)

    @property
    def limit(self) -> int | None:
        limits = [unit.limit for unit in self.every_unit]
        return None if None in limits else sum(limit or 0 for limit in limits)

    @property
    def delivered(self) -> int:
        return sum(unit.state == "delivered" for unit in self.every_unit)

    @property
    def may_miss(self) -> int:
        return sum(unit.may_miss for unit in self.every_unit)

    @property
    def submitted_shown(self) -> int:
        return sum(unit.submitted for unit in self.units)

    @property
    def used_shown(self) -> int:
        return sum(unit.used for unit in self.units)

    @property
    def words(self) -> str:
        """The conditions in words, for the small print of an export."""
        said = [
            dict(self.regions).get(self.region, ""),
            dict(self.directions).get(self.direction, ""),
        ]
        return "，".join(word for word in said if word) or "全部"

    @property
    def units_words(self) -> str:
        said = [
            f"“{self.chosen['q']}”" if self.chosen["q"] else "",
            dict(self.kinds).get(self.chosen["kind"], ""),
            STATES.get(self.chosen["state"], ""),
        ]
        return "，".join(word for word in said if word) or "全部"


def read(call: Call, params: Mapping[str, str], *, at: datetime) -> View:
    """The view an address asks for; what it does not know is left out."""
    cells, stages = cockpit.cells(call), cockpit.stages(call)
    titles: dict[str, str] = dict(call.directions.values_list("key", "title"))
    names = _names(cell.region for cell in cells)
    region = params.get("region", "") if params.get("region", "") in dict(names) else ""
    direction = params.get("direction", "")
    direction = direction if direction in titles else ""
    stage = next((one for one in stages if one.key == params.get("stage", "")), stages[1])
    kept = [
        cell
        for cell in cells
        if region in ("", or_unknown(cell.region)) and direction in ("", cell.direction)
    ]
    table = funnel.cross(cells, stage, list(titles))
    units = cockpit.units(call, call.time(at))
    chosen = {key: params.get(key, "").strip()[:60] for key in ("q", "kind", "state")}
    sort = params.get("sort", "")
    return View(
        call=call,
        lines=tuple(
            (line, listed(call, line.stage, region=region, direction=direction))
            for line in funnel.lines(kept, stages)
        ),
        stages=tuple(stages),
        stage=stage,
        region=region,
        direction=direction,
        regions=names,
        directions=tuple(titles.items()),
        heads=tuple(titles.get(key, "未注明") for key in table.directions),
        cross=tuple(
            Row(
                or_unknown(code),
                dict(names)[or_unknown(code)],
                tuple(
                    Number(
                        n,
                        listed(
                            call,
                            stage,
                            region=or_unknown(code),
                            direction=or_unknown(key),
                        ),
                    )
                    for n, key in zip(counts, table.directions, strict=True)
                ),
                Number(total, listed(call, stage, region=or_unknown(code))),
            )
            for code, counts, total in table.rows
        ),
        totals=tuple(
            Number(n, listed(call, stage, direction=or_unknown(key)))
            for n, key in zip(table.totals, table.directions, strict=True)
        ),
        total=Number(table.total, listed(call, stage)),
        units=_shown(units, chosen, sort),
        every_unit=tuple(units),
        kinds=tuple((str(kind), str(kind.label)) for kind in RECOMMENDER_KINDS),
        forecast=cockpit.drafts_forecast(call, at),
        sort=sort,
        chosen=chosen,
    )


def or_unknown(code: str) -> str:
    return code or filters.UNKNOWN


def _names(codes: Any) -> tuple[tuple[str, str], ...]:
    known = dict(filters.provinces())
    found = sorted(set(codes), key=lambda code: (not code, code))
    return tuple((or_unknown(code), known.get(code, code) if code else "未注明") for code in found)


def _shown(units: Sequence[Unit], chosen: Mapping[str, str], sort: str) -> tuple[Unit, ...]:
    found = [
        unit
        for unit in units
        if chosen["q"].lower() in unit.organisation.name.lower()
        and chosen["kind"] in ("", unit.organisation.kind)
        and _in_state(unit, chosen["state"])
    ]
    key = sort.lstrip("-")
    if key in SORTS:
        found.sort(key=SORTS[key], reverse=sort.startswith("-"))
    else:
        found.sort(key=lambda unit: -unit.submitted)
    return tuple(found)


def _in_state(unit: Unit, state: str) -> bool:
    if state not in STATES:
        return True
    if state == MAY_MISS:
        return unit.may_miss
    return unit.state == ("" if state == NO_LIST else state)


def listed(call: Call, stage: funnel.Stage, *, region: str = "", direction: str = "") -> str:
    """The address of the filings a number counts; empty for drafts, which are only counted."""
    if not stage.statuses:
        return ""
    query = {
        "call": call.code,
        "status": ",".join(stage.statuses),
        **({"region": region} if region else {}),
        **({"direction": direction} if direction else {}),
    }
    return f"{reverse('office:applications')}?{urlencode(query, safe=',')}"


HEADS = (
    ("name", "推荐单位"),
    ("submitted", "已提交"),
    ("used", "推荐／名额"),
    ("changed", "最近操作"),
)


def heads(sort: str) -> list[tuple[str, str, str, str]]:
    """The sortable heads of the units' table: key, title, the next order, aria-sort."""
    said = {"": "", "-": "descending", "+": "ascending"}
    return [
        (
            key,
            title,
            key if sort == f"-{key}" else f"-{key}",
            said["-" if sort == f"-{key}" else "+" if sort == key else ""],
        )
        for key, title in HEADS
    ]
