"""Who reviews what: a proposal of least cost. Pure, deterministic, conflicts hard.

The problem is a flow: every application asks for ``wanted`` experts, every expert takes at
most ``capacity`` applications, a pair may be used once and a conflicted pair never. A pair
costs 100 minus its field match, and an expert's n-th application costs a little more than
the one before, so that loads level out. OR-Tools solves it over each application's best
candidates; the duals then price every pair left out, and applications for which one of
those would help are widened and solved again. What is returned is therefore the optimum
over all allowed pairs.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

Pair = tuple[int, int]
Costs = NDArray[np.int64]

MATCH, OTHER_TOPIC, PARTLY = 100, 90, 60
SCALE = 16  # one point of match; leaves room for the drawn tie-break below it
LEVELLING = 2 * SCALE
CANDIDATES = 40


@dataclass(frozen=True, slots=True)
class Task:
    """An application to be reviewed. ``topics``: its direction, sub-field and keywords."""

    key: int
    topics: tuple[str, ...]
    wanted: int


@dataclass(frozen=True, slots=True)
class Reviewer:
    key: int
    fields: tuple[str, ...]
    capacity: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An application that got fewer experts than asked for, and why."""

    task: int
    wanted: int
    given: int
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """``objective``: mean field match of the pairs, 0 to 100. ``cost``: what was minimised."""

    pairs: tuple[Pair, ...]
    cost: int
    objective: float
    loads: dict[int, int]
    histogram: dict[int, int]
    shortfalls: tuple[Shortfall, ...]
    commitment: str


def commitment(seed: str) -> str:
    """What is published before the draw; the seed itself is disclosed after it."""
    return hashlib.sha256(seed.encode()).hexdigest()


def match(topics: Sequence[str], fields: Sequence[str]) -> int:
    """How well an expert's fields fit an application, 0 to 100.

    The same term in full gives 100 for the first topic (the direction), 90 for others;
    otherwise the best share of common two-character pieces counts, up to 60.
    """
    terms = [_fold(term) for term in fields]
    return max(
        (
            _term_match(_fold(topic), term, position == 0)
            for position, topic in enumerate(topics)
            for term in terms
        ),
        default=0,
    )


@lru_cache(maxsize=100_000)
def _term_match(topic: str, term: str, leading: bool) -> int:
    """Of one folded topic and one folded term; ``leading``: the topic is the direction."""
    if not topic or not term:
        return 0
    if topic == term:
        return MATCH if leading else OTHER_TOPIC
    mine, theirs = _pieces(topic), _pieces(term)
    return PARTLY * len(mine & theirs) // min(len(mine), len(theirs))


@lru_cache(maxsize=20_000)
def _fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


@lru_cache(maxsize=20_000)
def _pieces(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset({text})


def propose(
    tasks: Collection[Task],
    reviewers: Collection[Reviewer],
    *,
    conflicts: Collection[Pair] = (),
    fixed: Collection[Pair] = (),
    seed: str = "",
    candidates: int = CANDIDATES,
) -> Proposal:
    """Find the cheapest assignment. Pairs are (task key, reviewer key).

    ``fixed`` pairs are kept as they are and use up wants and capacities; ``conflicts`` are
    never proposed. With a ``seed``, equal pairs are ordered by a draw that anybody can repeat.
    """
    ordered_tasks = sorted(tasks, key=lambda task: task.key)
    ordered = sorted(reviewers, key=lambda reviewer: reviewer.key)
    problem = _Problem(ordered_tasks, ordered, frozenset(conflicts), frozenset(fixed), seed)
    chosen, cost = problem.solve(min(max(candidates, 1), max(len(ordered), 1)))
    pairs = tuple(sorted({*chosen, *fixed}))
    loads = {reviewer.key: 0 for reviewer in ordered}
    loads.update(Counter(reviewer for _, reviewer in pairs))
    fits = problem.fits
    values = [fits(task, reviewer) for task, reviewer in pairs if problem.knows(task, reviewer)]
    return Proposal(
        pairs=pairs,
        cost=cost,
        objective=round(sum(values) / len(values), 2) if values else 0.0,
        loads=loads,
        histogram=dict(sorted(Counter(loads.values()).items())),
        shortfalls=problem.shortfalls(pairs),
        commitment=commitment(seed) if seed else "",
    )


class _Problem:
    def __init__(
        self,
        tasks: list[Task],
        reviewers: list[Reviewer],
        conflicts: frozenset[Pair],
        fixed: frozenset[Pair],
        seed: str,
    ) -> None:
        self.tasks, self.reviewers = tasks, reviewers
        self.conflicts, self.fixed, self.seed = conflicts, fixed, seed
        self.row_of = {task.key: row for row, task in enumerate(tasks)}
        self.column_of = {reviewer.key: column for column, reviewer in enumerate(reviewers)}
        held_by_task = Counter(task for task, _ in fixed)
        held_by_reviewer = Counter(reviewer for _, reviewer in fixed)
        self.wants = [max(task.wanted - held_by_task[task.key], 0) for task in tasks]
        self.used = [held_by_reviewer[reviewer.key] for reviewer in reviewers]
        self.free = [
            max(reviewer.capacity - used, 0)
            for reviewer, used in zip(reviewers, self.used, strict=True)
        ]
        self.closed = self._closed(conflicts | fixed)
        self._bases: dict[tuple[str, ...], Costs] = {}
        self._offered: list[Costs] = []
        self.terms, self.fields = _vocabulary(reviewers)
        self._drawn = np.array([_draw(seed, "e", one.key) for one in reviewers], dtype=np.uint64)

    def _closed(self, pairs: frozenset[Pair]) -> list[Costs]:
        """Of each application the columns of the experts it must not or need not get again."""
        row_of, column_of = self.row_of, self.column_of
        known = np.array(
            [
                (row_of[task], column_of[reviewer])
                for task, reviewer in pairs
                if task in row_of and reviewer in column_of
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
        known = known[np.argsort(known[:, 0], kind="stable")]
        ends = np.searchsorted(known[:, 0], np.arange(len(self.tasks) + 1))
        return [known[ends[row] : ends[row + 1], 1] for row in range(len(self.tasks))]

    def knows(self, task: int, reviewer: int) -> bool:
        return task in self.row_of and reviewer in self.column_of

    def fits(self, task: int, reviewer: int) -> int:
        topics = self.tasks[self.row_of[task]].topics
        return MATCH - int(self._base(topics)[self.column_of[reviewer]]) // SCALE

    def _base(self, topics: tuple[str, ...]) -> Costs:
        if topics not in self._bases:
            worth = np.array([match(topics, (term,)) for term in self.terms], dtype=np.int64)
            self._bases[topics] = (MATCH - worth[self.fields].max(axis=1)) * SCALE
        return self._bases[topics]

    def costs(self, row: int) -> Costs:
        """The cost of each expert for one application, closed pairs at -1."""
        values = self._base(self.tasks[row].topics).copy()
        if self.seed:
            mixed = self._drawn ^ np.uint64(_draw(self.seed, "a", self.tasks[row].key))
            values += (_stir(mixed) % np.uint64(SCALE)).astype(np.int64)
        values[self.closed[row]] = -1
        return values

    def solve(self, width: int) -> tuple[list[Pair], int]:
        if not self.tasks or not self.reviewers:
            return [], 0
        widths = [width] * len(self.tasks)
        while True:
            arcs = self._arcs(widths)
            used, cost, potentials = self._flow(*arcs)
            improvable = self._priced(potentials, widths)
            if not improvable:
                return used, cost
            for row in improvable:
                widths[row] = min(widths[row] * 2, len(self.reviewers))

    def _arcs(self, widths: list[int]) -> tuple[Costs, Costs, Costs]:
        """The pairs offered to the solver: of each application its ``width`` best experts."""
        rows, columns, costs = [], [], []
        self._offered = [np.zeros(0, dtype=np.int64)] * len(widths)
        for row, width in enumerate(widths):
            if not self.wants[row]:
                continue
            values = self.costs(row)
            best = self._best(row, values, width)
            self._offered[row] = best
            rows.append(np.full(len(best), row, dtype=np.int64))
            columns.append(best)
            costs.append(values[best])
        if not rows:
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing, nothing
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(costs)

    def _best(self, row: int, values: Costs, width: int) -> Costs:
        """The columns of the cheapest experts; ties start at another expert in each row."""
        count = len(self.reviewers)
        turned = (self._columns - row * 7) % count
        keys = np.where(values < 0, np.iinfo(np.int64).max, values * count + turned)
        best = np.argpartition(keys, width - 1)[:width] if width < count else self._columns
        return np.sort(best[values[best] >= 0])

    @cached_property
    def _columns(self) -> Costs:
        return np.arange(len(self.reviewers), dtype=np.int64)

    @cached_property
    def penalty(self) -> int:
        """The price of one missing review: more than any chain of exchanges could save."""
        highest = MATCH * SCALE + SCALE + LEVELLING * (max(self.free + self.used, default=0) + 1)
        return highest * (sum(self.wants) + 1)

    def _flow(
        self, rows: Costs, columns: Costs, costs: Costs
    ) -> tuple[list[Pair], int, NDArray[np.int64]]:
        count, experts = len(self.tasks), len(self.reviewers)
        sink = count + experts
        tails, heads, capacities, prices = [rows], [columns + count], [np.ones_like(rows)], [costs]
        for column, free in enumerate(self.free):
            steps = np.arange(self.used[column], self.used[column] + free, dtype=np.int64)
            tails.append(np.full(free, count + column, dtype=np.int64))
            heads.append(np.full(free, sink, dtype=np.int64))
            capacities.append(np.ones(free, dtype=np.int64))
            prices.append(steps * LEVELLING)
        for row, wants in enumerate(self.wants):
            tails.append(np.full(wants, row, dtype=np.int64))
            heads.append(np.full(wants, sink, dtype=np.int64))
            capacities.append(np.ones(wants, dtype=np.int64))
            # the second review an application lacks weighs more than the first
            prices.append(self.penalty + np.arange(wants, dtype=np.int64) * MATCH * SCALE)
        tail, head = np.concatenate(tails), np.concatenate(heads)
        capacity, price = np.concatenate(capacities), np.concatenate(prices)
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, price)
        for row, wants in enumerate(self.wants):
            solver.set_node_supply(row, wants)
        solver.set_node_supply(sink, -sum(self.wants))
        status = solver.solve()
        if status != solver.OPTIMAL:
            raise RuntimeError(f"the assignment solver stopped with status {status}")
        flows = np.asarray(solver.flows(arcs), dtype=np.int64)
        chosen = np.flatnonzero(flows[: len(rows)] > 0)
        pairs = [
            (self.tasks[int(rows[at])].key, self.reviewers[int(columns[at])].key) for at in chosen
        ]
        return pairs, int(solver.optimal_cost()), _potentials(tail, head, price, flows, sink + 1)

    def _priced(self, potentials: NDArray[np.int64], widths: list[int]) -> list[int]:
        """The applications for which a pair that was left out would lower the cost."""
        count, experts = len(self.tasks), len(self.reviewers)
        unable = np.array(self.free, dtype=np.int64) <= 0
        theirs = potentials[count : count + experts].copy()
        theirs[unable] = np.iinfo(np.int64).min // 4  # never cheaper
        found = []
        for row, width in enumerate(widths):
            if not self.wants[row] or width >= experts:
                continue
            values = self.costs(row)
            gains = theirs - values > potentials[row]
            gains[self._offered[row]] = False
            gains[self.closed[row]] = False
            if gains.any():
                found.append(row)
        return found

    def shortfalls(self, pairs: Collection[Pair]) -> tuple[Shortfall, ...]:
        given = Counter(task for task, _ in pairs)
        short = [task for task in self.tasks if given[task.key] < task.wanted]
        if not short:
            return ()
        barred = Counter(task for task, reviewer in self.conflicts if reviewer in self.column_of)
        found = []
        for task in short:
            able = len(self.reviewers) - barred[task.key]
            if not self.reviewers:
                reason = "没有可用专家，请先邀请专家或调整其可用状态"
            elif able < task.wanted:
                reason = (
                    f"可用专家 {len(self.reviewers)} 人，其中 {barred[task.key]} 人须回避，"
                    f"不足 {task.wanted} 人，请增补专家"
                )
            else:
                reason = "无须回避的专家评审量已满，请增补专家或提高评审量上限"
            found.append(Shortfall(task.key, task.wanted, given[task.key], reason))
        return tuple(found)


def _vocabulary(reviewers: Sequence[Reviewer]) -> tuple[list[str], NDArray[np.int64]]:
    """The experts' terms, each once, and of each expert the places of its own (padded)."""
    places: dict[str, int] = {"": 0}
    most = max((len(one.fields) for one in reviewers), default=0)
    fields = np.zeros((len(reviewers), max(most, 1)), dtype=np.int64)
    for row, one in enumerate(reviewers):
        for column, term in enumerate(one.fields):
            fields[row, column] = places.setdefault(term, len(places))
    return list(places), fields


def _potentials(
    tail: Costs, head: Costs, price: Costs, flows: Costs, nodes: int
) -> NDArray[np.int64]:
    """Shortest distances in the residual graph (Bellman-Ford): the duals of the flow."""
    forward, backward = flows < 1, flows > 0  # all arcs carry 0 or 1
    sources = np.concatenate([tail[forward], head[backward]])
    targets = np.concatenate([head[forward], tail[backward]])
    lengths = np.concatenate([price[forward], -price[backward]])
    distance = np.zeros(nodes, dtype=np.int64)
    for _ in range(nodes + 1):
        reached = distance.copy()
        np.minimum.at(reached, targets, distance[sources] + lengths)
        if np.array_equal(reached, distance):
            return distance
        distance = reached
    raise RuntimeError("the solver's flow has a cheaper cycle: not an optimum")


def _draw(seed: str, kind: str, key: int) -> int:
    digest = hashlib.sha256(f"{seed}|{kind}|{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _stir(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: close inputs, unrelated outputs; the same on every machine."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
