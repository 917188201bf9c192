"""The filings of a unit's area in one call, as its workspace lists them.

Read in a fixed number of queries whatever their number; filtered and sorted by what stands in
the address of the page.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts import regions
from accounts.models import Organisation
from applications import rounds
from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS, Status
from calls.models import Call
from recommenders import queries, scores
from recommenders.models import Confirmation, FilingNote, Preselection, Reserve, Tag, Tagging
from recommenders.scores import Score

LISTED, RESERVE, REST, GONE = "listed", "reserve", "rest", "gone"
STANDINGS = {LISTED: "已推荐", RESERVE: "备选", REST: "未列入", GONE: "已撤回或结束"}
WAITING, NONE_WAITS = "waiting", "none"
OPEN = (Status.SUBMITTED, Status.RETURNED, Status.DRAFT)
CHINA = ZoneInfo("Asia/Shanghai")
COLUMNS = {
    "direction": "方向",
    "region": "地区",
    "state": "状态",
    "level": "所在层级",
    "standing": "名单",
    "score": "初评分",
    "tags": "标签",
    "note": "内部备注",
    "submitted": "提交时间",
}
USUAL = ("direction", "region", "standing", "score", "tags", "note")
KEPT = (
    *("q", "direction", "state", "standing", "city", "district", "tag", "correction"),
    *("level", "least", "sort", "col"),
)
"""What of the page's address makes a saved view of it."""


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing with everything the unit itself knows of it."""

    application: Application
    city: str
    district: str
    region: str
    standing: str
    rank: int = 0
    pool: str = ""
    level: str = ""
    said: Preselection | None = None
    below: tuple[Preselection, ...] = ()
    tags: tuple[Tag, ...] = ()
    notes: int = 0
    note: str = ""
    score: Score | None = None
    pending: bool = False
    of_unit: int = 1
    corrected: bool = False
    """It was corrected on this unit's return and waits for its judgement."""

    @property
    def standing_word(self) -> str:
        if self.standing == LISTED:
            return f"推荐第 {self.rank} 位"
        if self.standing == RESERVE:
            return f"备选第 {self.rank} 位"
        return "超额待批" if self.pending else STANDINGS[self.standing]


def area(unit: int) -> Q:
    """The filings a unit sees: as recommender, as first level, or as the level between."""
    return Q(recommender=unit) | Q(preselector=unit) | Q(preselector__parent=unit)


def of(call: Call, unit: Organisation) -> list[Filing]:
    """Every submitted filing of the unit's area, newest first. Eleven queries."""
    found = list(
        Application.objects.filter(
            area(unit.pk), call=call, status__in=SEEN_BY_OTHERS, version_number__gt=0
        )
        .select_related("organisation", "direction", "preselector__parent", "recommender")
        .order_by("-submitted_at", "pk")
    )
    mine = {"application__call": call}
    listed = {
        one.application_id: one
        for one in Confirmation.objects.filter(
            released_at__isnull=True, allotment__organisation=unit, **mine
        ).select_related("allotment")
    }
    reserve = {
        one.application_id: one for one in Reserve.objects.filter(list__organisation=unit, **mine)
    }
    asked = set(queries.pending_requests(call, unit.pk).values_list("application", flat=True))
    said: dict[int, list[Preselection]] = defaultdict(list)
    for opinion in (
        Preselection.objects.filter(**mine).select_related("organisation").order_by("pk")
    ):
        said[opinion.application_id].append(opinion)
    tags: dict[int, list[Tag]] = defaultdict(list)
    for tagging in (
        Tagging.objects.filter(tag__organisation=unit, **mine)
        .select_related("tag")
        .order_by("tag__name", "tag")
    ):
        tags[tagging.application_id].append(tagging.tag)
    notes: dict[int, list[str]] = defaultdict(list)
    for application, text in (
        FilingNote.objects.filter(organisation=unit, removed_at__isnull=True, **mine)
        .order_by("pk")
        .values_list("application", "text")
    ):
        notes[application].append(text)
    known = scores.of(call.pk, unit.pk)
    corrected = set(
        rounds.waiting_for(unit.pk)
        .filter(application__call=call)
        .values_list("application", flat=True)
    )
    per_unit = Counter(one.organisation_id for one in found if one.status not in GONE_STATUSES)
    rows = []
    for one in found:
        held, spare = listed.get(one.pk), reserve.get(one.pk)
        city, district = places(one.organisation.region)
        own = [p for p in said[one.pk] if p.organisation_id == unit.pk]
        rows.append(
            Filing(
                application=one,
                city=city,
                district=district,
                region=f"{city}{district}" or regions.name_of(one.organisation.region),
                standing=_standing(one, held, spare),
                rank=held.rank if held else spare.rank if spare else 0,
                pool=held.allotment.pool if held else "",
                level=_level(one, said[one.pk]),
                said=own[0] if own else None,
                below=tuple(p for p in said[one.pk] if p.organisation_id != unit.pk),
                tags=tuple(tags[one.pk]),
                notes=len(notes[one.pk]),
                note=notes[one.pk][-1] if notes[one.pk] else "",
                score=known.get(one.pk),
                pending=one.pk in asked,
                of_unit=per_unit[one.organisation_id],
                corrected=one.pk in corrected,
            )
        )
    return rows


GONE_STATUSES = (Status.WITHDRAWN, Status.LAPSED)


def _standing(one: Application, held: Confirmation | None, spare: Reserve | None) -> str:
    if held:
        return LISTED
    if spare:
        return RESERVE
    return REST if one.shown_status in OPEN else GONE


def _level(one: Application, said: Sequence[Preselection]) -> str:
    """Which level has it on its desk now; without levels below it is the recommender's."""
    done = {p.organisation_id for p in said if p.state == Preselection.State.FORWARDED}
    for unit in chain(one):
        if unit.pk not in done:
            return unit.get_kind_display().removesuffix("主管部门") or unit.name
    return "推荐单位"


def chain(one: Application) -> list[Organisation]:
    """The levels below the recommender through which a filing goes up, lowest first."""
    first = one.preselector
    units = [first, first.parent if first else None]
    return [unit for unit in units if unit and unit.pk != one.recommender_id]


def places(code: str) -> tuple[str, str]:
    """The words of 市 and 区县 of a region code; a municipality's district stands as 市."""
    names: list[str] = []
    region = regions.regions().get(code)
    while region and region.parent:
        names.insert(0, region.name)
        region = regions.regions().get(region.parent)
    return (names[0] if names else "", names[1] if len(names) > 1 else "")


# What the address of the page says ---------------------------------------------------------------

SORTS: dict[str, Callable[[Filing], Any]] = {
    "title": lambda row: row.application.title,
    "unit": lambda row: row.application.organisation.name,
    "direction": lambda row: row.application.direction.title if row.application.direction else "",
    "region": lambda row: row.application.organisation.region,
    "state": lambda row: row.application.shown_status,
    "level": lambda row: row.level,
    "standing": lambda row: (list(STANDINGS).index(row.standing), row.rank),
    "score": lambda row: row.score.order if row.score else (True, Decimal(0), True, 0),
    "submitted": lambda row: row.application.submitted_at or row.application.created_at,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One condition of the filter: where it stands in the address, its options, what is chosen."""

    key: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(slots=True)
class View:
    """What the page shows: conditions, order and columns, read from its address."""

    q: str = ""
    least: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    sort: str = ""
    down: bool = False
    columns: tuple[str, ...] = USUAL
    choices: tuple[Choice, ...] = ()

    @property
    def active(self) -> bool:
        return bool(self.q or self.least or any(self.chosen.values()))

    @property
    def words(self) -> str:
        """The conditions in words, for the small print of an export and the chips."""
        said = [f"“{self.q}”"] if self.q else []
        said += [
            f"{one.label} {dict(one.options).get(one.chosen, one.chosen)}"
            for one in self.choices
            if one.chosen
        ]
        return "，".join([*said, f"初评分 ≥ {self.least}"] if self.least else said)


def read(params: Any, rows: Sequence[Filing], *, levels: bool) -> View:
    """The view that the address asks for; what it does not know is left out."""
    view = View(q=params.get("q", "").strip()[:60], least=_figure(params.get("least", "")))
    options: dict[str, tuple[str, Iterable[tuple[str, str]]]] = {
        "direction": (
            "方向",
            sorted(
                {
                    (r.application.direction.key, r.application.direction.title)
                    for r in rows
                    if r.application.direction
                },
                key=lambda pair: pair[1],
            ),
        ),
        "state": (
            "状态",
            sorted({(str(r.application.shown_status), r.application.shown_word) for r in rows}),
        ),
        "standing": (
            "名单",
            [
                (key, word)
                for key, word in STANDINGS.items()
                if any(r.standing == key for r in rows)
            ],
        ),
        "city": ("地区", [(name, name) for name in sorted({r.city for r in rows if r.city})]),
        "district": (
            "区县",
            [(name, name) for name in sorted({r.district for r in rows if r.district})],
        ),
        "tag": (
            "标签",
            sorted(
                {(str(tag.pk), tag.name) for r in rows for tag in r.tags}, key=lambda pair: pair[1]
            ),
        ),
    }
    if any(r.corrected for r in rows):
        options["correction"] = ("修改", [(WAITING, "待核对"), (NONE_WAITS, "没有待核对的")])
    if levels:
        options["level"] = (
            "所在层级",
            [(w, w) for w in sorted({r.level for r in rows if r.level})],
        )
    choices = []
    for key, (label, pairs) in options.items():
        given = tuple(pairs)
        chosen = params.get(key, "")
        view.chosen[key] = chosen if chosen in dict(given) else ""
        if len(given) > 1 or view.chosen[key]:
            choices.append(Choice(key, label, given, view.chosen[key]))
    view.choices = tuple(choices)
    sort = params.get("sort", "")
    view.down = sort.startswith("-")
    view.sort = sort.lstrip("-") if sort.lstrip("-") in SORTS else ""
    wanted = params.getlist("col") if hasattr(params, "getlist") else []
    known = tuple(key for key in COLUMNS if key in wanted)
    usual: tuple[str, ...] = (*USUAL[:2], "level", *USUAL[2:]) if levels else USUAL
    if not any(row.score for row in rows):
        usual = tuple(key for key in usual if key != "score")
    view.columns = known or usual
    return view


def _figure(text: str) -> str:
    try:
        return str(Decimal(text.strip())) if text.strip() else ""
    except InvalidOperation:
        return ""


def shown(rows: Sequence[Filing], view: View) -> list[Filing]:
    """The rows that meet every condition, in the order asked for."""
    found = [row for row in rows if _takes(view, row)]
    if view.sort:
        found.sort(key=SORTS[view.sort], reverse=view.down)
    return found


def _takes(view: View, row: Filing) -> bool:
    one = row.application
    words = f"{one.title}{one.organisation.name}{one.number}{row.note}".lower()
    chosen = view.chosen
    direction = one.direction.key if one.direction else ""
    enough = not view.least or bool(
        row.score and row.score.value is not None and row.score.value >= Decimal(view.least)
    )
    return (
        (not view.q or view.q.lower() in words)
        and enough
        and chosen["direction"] in ("", direction)
        and chosen["state"] in ("", one.shown_status)
        and chosen["standing"] in ("", row.standing)
        and chosen["city"] in ("", row.city)
        and chosen["district"] in ("", row.district)
        and chosen.get("level", "") in ("", row.level)
        and chosen.get("correction", "") in ("", WAITING if row.corrected else NONE_WAITS)
        and (not chosen["tag"] or chosen["tag"] in {str(tag.pk) for tag in row.tags})
    )
