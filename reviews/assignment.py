"""Who reviews what: a proposal of least cost. Pure, deterministic, conflicts hard.

Every application asks for ``wanted`` experts, every expert takes at most ``capacity``
applications, a pair may be used once and a conflicted pair never. A pair costs 100 minus its
field match, and an expert's n-th application costs a little more than the one before, so that
loads level out.

Applications with the same topics and wants are alike but for their conflicts. They are solved as
one group (``reviews.flow``), and what a group got is dealt out among its applications
(``reviews.dealing``). A group whose conflicts do not let it be dealt out is taken apart, and all is
solved again, in the end down to single applications. Groups only leave conflicts out, so the
cheapest deal of groups is never dearer than the cheapest assignment: what is returned, dealt out
whole, is the optimum over all allowed pairs, or states its gap.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from reviews import dealing, flow
from reviews.flow import Costs

Pair = tuple[int, int]

MATCH, OTHER_TOPIC, PARTLY = 100, 90, 60
SCALE = 16  # one point of match; leaves room for the drawn tie-break below it
LEVELLING = 2 * SCALE
CANDIDATES = 40
"""Experts offered to a group at first; more where their capacity would not do."""


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
    """``objective``: mean field match of the pairs, 0 to 100. ``cost``: what was minimised;
    ``gap``: how much less it might be at best, of which 16 are a point of match. 0: proved to be
    the least there is; anything else is the drawn tie-break giving way to conflicts."""

    pairs: tuple[Pair, ...]
    cost: int
    gap: int
    objective: float
    loads: dict[int, int]
    histogram: dict[int, int]
    shortfalls: tuple[Shortfall, ...]
    commitment: str


def as_array(pairs: Collection[Pair] | Costs) -> Costs:
    """Pairs as rows of two; what is one already is given back."""
    if isinstance(pairs, np.ndarray):
        return pairs
    flat = np.fromiter(chain.from_iterable(pairs), dtype=np.int64, count=2 * len(pairs))
    return flat.reshape(-1, 2)


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
    conflicts: Collection[Pair] | Costs = (),
    fixed: Collection[Pair] = (),
    seed: str = "",
    candidates: int = CANDIDATES,
) -> Proposal:
    """Find the cheapest assignment. Pairs are (task key, reviewer key).

    ``fixed`` pairs are kept as they are and use up wants and capacities; ``conflicts`` (also as an
    array of two columns) are never proposed. With a ``seed``, equal pairs are ordered by a draw
    that anybody can repeat.
    """
    problem = _Problem(
        sorted(tasks, key=lambda task: task.key),
        sorted(reviewers, key=lambda reviewer: reviewer.key),
        conflicts,
        fixed,
        seed,
    )
    chosen, cost, gap = problem.solve(max(candidates, 1))
    pairs = tuple(sorted({*chosen, *fixed}))
    loads = {reviewer.key: 0 for reviewer in problem.reviewers}
    loads.update(Counter(reviewer for _, reviewer in pairs))
    return Proposal(
        pairs=pairs,
        cost=cost,
        gap=gap,
        objective=problem.objective(pairs),
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
        conflicts: Collection[Pair] | Costs,
        fixed: Collection[Pair],
        seed: str,
    ) -> None:
        self.tasks, self.reviewers, self.seed = tasks, reviewers, seed
        self.rows = np.array([task.key for task in tasks], dtype=np.int64)
        self.columns = np.array([one.key for one in reviewers], dtype=np.int64)
        barred, held = self._places(conflicts), self._places(fixed)
        self.barred = np.bincount(barred[:, 0], minlength=len(tasks))
        self.closed = np.sort(self._codes(np.concatenate([barred, held])))
        wanted = np.array([task.wanted for task in tasks], dtype=np.int64)
        mine = Counter(task for task, _ in fixed)
        theirs = Counter(reviewer for _, reviewer in fixed)
        given = np.array([mine[task.key] for task in tasks], dtype=np.int64)
        self.wants = np.maximum(wanted - given, 0)
        self.used = np.array([theirs[one.key] for one in reviewers], dtype=np.int64)
        capacity = np.array([one.capacity for one in reviewers], dtype=np.int64)
        self.free = np.maximum(capacity - self.used, 0)
        self._rate()

    def _places(self, pairs: Collection[Pair] | Costs) -> Costs:
        """Rows and columns of those pairs that are about our tasks and reviewers, each once."""
        if not len(pairs) or not len(self.rows) or not len(self.columns):
            return np.zeros((0, 2), dtype=np.int64)
        known = as_array(pairs)
        row = np.minimum(np.searchsorted(self.rows, known[:, 0]), len(self.rows) - 1)
        column = np.minimum(np.searchsorted(self.columns, known[:, 1]), len(self.columns) - 1)
        ours = (self.rows[row] == known[:, 0]) & (self.columns[column] == known[:, 1])
        return np.stack([row[ours], column[ours]], axis=1)

    def _codes(self, places: Costs) -> Costs:
        return places[:, 0] * len(self.reviewers) + places[:, 1]

    def _rate(self) -> None:
        """``kinds``: of each task its distinct topics; ``worth``: kinds × experts, 0 to 100."""
        known: dict[tuple[str, ...], int] = {}
        self.kinds = np.array(
            [known.setdefault(task.topics, len(known)) for task in self.tasks], dtype=np.int64
        )
        terms, fields = _vocabulary(self.reviewers)
        rated: dict[tuple[str, bool], Costs] = {}

        def rate(topic: str, leading: bool) -> Costs:
            if (topic, leading) not in rated:
                row = [_term_match(_fold(topic), _fold(term), leading) for term in terms]
                rated[topic, leading] = np.array(row, dtype=np.int64)[fields].max(axis=1)
            return rated[topic, leading]

        self.worth = np.zeros((len(known), len(self.reviewers)), dtype=np.int64)
        for topics, kind in known.items():
            for position, topic in enumerate(topics):
                np.maximum(self.worth[kind], rate(topic, position == 0), out=self.worth[kind])
        self.costs = (MATCH - self.worth) * SCALE
        if self.seed:
            experts = _draws(self.seed, "e", (str(one.key) for one in self.reviewers))
            drawn = _draws(self.seed, "t", ("|".join(one) for one in known))
            mixed = _stir(drawn[:, None] ^ experts[None, :])
            self.costs += (mixed % np.uint64(SCALE)).astype(np.int64)

    def solve(self, width: int) -> tuple[list[Pair], int, int]:
        if not self.tasks or not self.reviewers:
            return [], 0, 0
        order = self._order([str(key) for key in self.rows], "a")
        turn = self._order([str(key) for key in self.columns], "o")
        groups, offered = self._groups(), None
        while True:
            costs = self.costs[[self.kinds[group[0]] for group in groups]]
            found = flow.cheapest(
                costs,
                room=self._room(groups),
                sizes=np.array([len(group) for group in groups], dtype=np.int64),
                wants=np.array([self.wants[group[0]] for group in groups], dtype=np.int64),
                used=self.used,
                free=self.free,
                levelling=LEVELLING,
                lacking=MATCH * SCALE,
                width=width,
                offered=offered,
            )
            rows, columns, stuck, more = dealing.deal(
                groups,
                found.groups,
                found.experts,
                found.amounts,
                costs,
                self.closed,
                order,
                turn,
                SCALE - 1 if self.seed else 0,
            )
            if not stuck:
                keys = zip(self.rows[rows].tolist(), self.columns[columns].tolist(), strict=True)
                return list(keys), found.cost + more, more
            apart = [
                [[row] for row in one] if at in stuck else [one] for at, one in enumerate(groups)
            ]
            offered = np.repeat(found.near, [len(parts) for parts in apart], axis=0)
            groups = list(chain.from_iterable(apart))

    def _groups(self) -> list[list[int]]:
        """Rows of the tasks that are alike: same topics, same wants."""
        found: dict[tuple[int, int], list[int]] = {}
        for row, (kind, wants) in enumerate(
            zip(self.kinds.tolist(), self.wants.tolist(), strict=True)
        ):
            if wants:
                found.setdefault((kind, wants), []).append(row)
        return list(found.values())

    def _room(self, groups: list[list[int]]) -> Costs:
        """Groups × experts: how many of a group's tasks an expert may still be given."""
        count = len(self.reviewers)
        of = np.full(len(self.tasks), -1, dtype=np.int64)
        for at, group in enumerate(groups):
            of[group] = at
        group_of, column = of[self.closed // count], self.closed % count
        inside = group_of >= 0
        held = np.bincount(
            group_of[inside] * count + column[inside], minlength=len(groups) * count
        ).reshape(len(groups), count)
        sizes = np.array([len(group) for group in groups], dtype=np.int64)
        return sizes[:, None] - held

    def _order(self, keys: list[str], kind: str) -> Costs:
        """The place of each in the order of dealing: by key, or drawn by the seed."""
        if not self.seed:
            return np.arange(len(keys), dtype=np.int64)
        drawn = np.argsort(_draws(self.seed, kind, keys), kind="stable")
        place = np.empty(len(keys), dtype=np.int64)
        place[drawn] = np.arange(len(keys))
        return place

    def objective(self, pairs: Collection[Pair]) -> float:
        places = self._places(pairs)
        if not len(places):
            return 0.0
        return round(float(self.worth[self.kinds[places[:, 0]], places[:, 1]].mean()), 2)

    def shortfalls(self, pairs: Collection[Pair]) -> tuple[Shortfall, ...]:
        given = Counter(task for task, _ in pairs)
        found = []
        for row, task in enumerate(self.tasks):
            if given[task.key] >= task.wanted:
                continue
            barred = int(self.barred[row])
            if not self.reviewers:
                reason = "没有可用专家，请先邀请专家或调整其可用状态"
            elif len(self.reviewers) - barred < task.wanted:
                reason = (
                    f"可用专家 {len(self.reviewers)} 人，其中 {barred} 人须回避，"
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


def _draws(seed: str, kind: str, keys: Iterable[str]) -> NDArray[np.uint64]:
    """A number of 64 bits for each key: the start of SHA-256 of "seed|kind|key"."""
    start = hashlib.sha256(f"{seed}|{kind}|".encode())

    def draw(key: str) -> int:
        one = start.copy()
        one.update(key.encode())
        return int.from_bytes(one.digest()[:8], "big")

    return np.array([draw(key) for key in keys], dtype=np.uint64)


def _stir(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: close inputs, unrelated outputs; the same on every machine."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
