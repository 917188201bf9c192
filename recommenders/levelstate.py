"""The state of every level in one call: province → cities → districts, read in nine queries.

Figures of a unit count what goes through it: a province's filings are those it recommends, a
city's those whose way up leads through it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum

from accounts.models import Organisation
from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS, Status
from calls.models import Call, LevelDate
from calls.phases import deadline
from recommenders import liststates, queries
from recommenders.models import (
    Allotment,
    LevelQuota,
    PaperReceipt,
    Preselection,
    RankedList,
    SealedScan,
)
from recommenders.quota import Ledger, combine

Key = LevelDate.Key
GONE = (Status.WITHDRAWN, Status.LAPSED)
NO_LIST, OVERDUE = "none", "overdue"


@dataclass(slots=True)
class Node:
    """One unit in the tree of a call."""

    unit: Organisation
    depth: int = 0
    filed: int = 0
    drafts: int = 0
    gone: int = 0
    forwarded: int = 0
    held: int = 0
    waiting: int = 0
    limit: int | None = None
    ledger: Ledger | None = None
    ranked: RankedList | None = None
    scan: str = ""
    paper: int = 0
    copies: int = 0
    note: str = ""
    own: dict[str, LevelDate] = field(default_factory=dict)
    until: dict[str, datetime | None] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    @property
    def state(self) -> str:
        """A recommender's list; units below have none."""
        if self.ranked is None:
            return NO_LIST
        if self.ranked.state == liststates.OPEN and self.ranked.flagged_at:
            return OVERDUE
        return str(self.ranked.state)

    @property
    def state_words(self) -> str:
        if self.ranked is None:
            return "—"
        return "逾期未确认" if self.state == OVERDUE else self.ranked.get_state_display()

    @property
    def busy(self) -> bool:
        """Whether there is anything to show of it in this call."""
        return bool(
            self.filed
            or self.drafts
            or self.own
            or self.limit is not None
            or (self.ledger and self.ledger.used)
            or any(child.busy for child in self.children)
        )

    def walk(self) -> Iterator["Node"]:
        """This unit and everything below it, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()


def of(call: Call) -> list[Node]:
    """Every recommender of the call with the units below it."""
    lists = {
        one.organisation_id: one
        for one in RankedList.objects.filter(call=call).select_related("organisation", "call")
    }
    filings = list(
        Application.objects.filter(call=call).values_list(
            "recommender", "preselector", "preselector__parent", "status"
        )
    )
    named = {unit for row in filings for unit in row[:3] if unit}
    units = {
        one.pk: one
        for one in Organisation.objects.filter(
            kind__in=[Organisation.Kind.CITY, Organisation.Kind.DISTRICT]
        ).order_by("region", "pk")
    }
    nodes = {pk: Node(one.organisation, ranked=one) for pk, one in lists.items()}
    nodes |= {pk: Node(unit) for pk, unit in units.items() if pk not in nodes}
    roots = [nodes[pk] for pk in lists]
    for pk, unit in units.items():
        if pk in lists:
            continue
        if unit.parent_id in nodes and unit.parent_id != pk:
            nodes[unit.parent_id].children.append(nodes[pk])
        elif pk in named:
            roots.append(nodes[pk])
    _count(nodes, filings)
    _figures(call, nodes)
    _dates(call, nodes)
    for root in roots:
        _deepen(root, 0, [], call)
    roots.sort(key=lambda node: (node.unit.kind, node.unit.region, node.unit.pk))
    return roots


def _count(
    nodes: dict[int, Node], filings: Iterable[tuple[int | None, int | None, int | None, str]]
) -> None:
    for recommender, preselector, parent, status in filings:
        through = {unit for unit in (recommender, preselector, parent) if unit in nodes}
        for unit in through:
            node = nodes[unit]
            if status == Status.DRAFT:
                node.drafts += 1
            elif status in GONE:
                node.gone += 1
            elif status in SEEN_BY_OTHERS:
                node.filed += 1


def _figures(call: Call, nodes: dict[int, Node]) -> None:
    said = Counter(
        Preselection.objects.filter(application__call=call)
        .exclude(application__status__in=GONE)
        .values_list("organisation", "state")
    )
    for (unit, state), count in said.items():
        if unit in nodes:
            if state == Preselection.State.FORWARDED:
                nodes[unit].forwarded = count
            else:
                nodes[unit].held = count
    ledgers: dict[int, list[Ledger]] = defaultdict(list)
    for one in queries.with_figures(Allotment.objects.filter(call=call)):
        ledgers[one.organisation_id].append(queries.ledger_of(one))
    for unit, found in ledgers.items():
        if unit in nodes:
            nodes[unit].ledger = combine(found)
    for unit, limit in LevelQuota.objects.filter(call=call).values_list("organisation", "limit"):
        if unit in nodes:
            nodes[unit].limit = limit
    good = (SealedScan.State.MATCHED, SealedScan.State.MANUAL_CONFIRMED)
    for unit, state in (
        SealedScan.objects.filter(
            list_version__list__call=call, list_version__voided_at__isnull=True
        )
        .order_by("pk")
        .values_list("list_version__list__organisation", "state")
    ):
        node = nodes.get(unit)
        if node is not None and node.scan != "ok":
            node.scan = "ok" if state in good else str(state)
    for unit, copies in (
        PaperReceipt.objects.filter(call=call, state=PaperReceipt.State.COUNTED)
        .values_list("sender")
        .annotate(n=Sum("copies"))
    ):
        if unit in nodes:
            nodes[unit].paper = copies


def _dates(call: Call, nodes: dict[int, Node]) -> None:
    for one in LevelDate.objects.filter(call=call):
        if one.organisation_id in nodes:
            node = nodes[one.organisation_id]
            node.own[one.key] = one
            node.copies = max(node.copies, one.copies)


def _deepen(node: Node, depth: int, above: list[Node], call: Call) -> None:
    """Depth, and the deadlines in force: the levels above can only bring them forward."""
    node.depth = depth
    line = [*above, node]
    bases = {
        Key.FILING: call.filing_until,
        Key.PRESELECTION: call.recommendation_until,
        Key.RECOMMENDATION: call.recommendation_until,
        Key.PAPER: call.paper_until,
    }
    for key, base in bases.items():
        earlier = [one.own[key].until for one in line if key in one.own]
        node.until[key] = deadline(base, earlier=earlier)
    node.waiting = max(node.filed - node.forwarded - node.held, 0) if depth else 0
    for child in node.children:
        _deepen(child, depth + 1, line, call)


SHOWN: dict[str, tuple[str, Callable[[Node], bool]]] = {
    "": ("全部", lambda node: True),
    "busy": ("有申报或安排", lambda node: node.busy),
    "waiting": ("下级待初审", lambda node: any(one.waiting for one in node.walk())),
    "open": (
        "名单未确认",
        lambda node: node.state in (liststates.OPEN, OVERDUE) and node.filed > 0,
    ),
    "delivered": ("已报送", lambda node: node.state == liststates.DELIVERED),
    "overdue": ("逾期", lambda node: node.state == OVERDUE),
}


def find(roots: Iterable[Node], pk: int) -> Node | None:
    """A unit anywhere in the tree."""
    return next((node for root in roots for node in root.walk() if node.unit.pk == pk), None)
