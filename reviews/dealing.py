"""Dealing out: which application of a group gets which of the experts the group was given. Pure.

A group's experts are laid in a row, each as often as it was given, and dealt round and round, so
that nobody meets an application twice and the shares differ by one at most. Where a conflict was
hit, two applications change experts, of the same group or, where that costs little, of two; a group
that cannot be dealt out so is reported.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow

from reviews.flow import Costs

Flags = NDArray[np.bool_]


def deal(
    groups: Sequence[Sequence[int]],
    of: Costs,
    experts: Costs,
    amounts: Costs,
    costs: Costs,
    closed: Costs,
    order: Costs,
    turn: Costs,
    slack: int,
) -> tuple[Costs, Costs, set[int], int]:
    """Rows and columns of the pairs, the groups that could not be dealt out, what it cost more.

    ``of``, ``experts``, ``amounts``: how many of a group an expert was given, by group.
    ``costs``: groups × experts. ``closed``: sorted codes row × experts + column of pairs that must
    not be. ``order`` and ``turn``: the places of rows and columns in the dealing. ``slack``: what
    one exchange between groups may cost.
    """
    nothing = np.zeros(0, dtype=np.int64)
    rows, columns, owners = [nothing], [nothing], [nothing]
    width = len(turn)
    by_group = np.lexsort((turn[experts], of))
    of, experts, amounts = of[by_group], experts[by_group], amounts[by_group]
    ends = np.searchsorted(of, np.arange(len(groups) + 1))
    for at, group in enumerate(groups):
        mine, theirs = experts[ends[at] : ends[at + 1]], amounts[ends[at] : ends[at + 1]]
        if not len(mine):
            continue
        members = np.array(group, dtype=np.int64)
        members = members[np.argsort(order[members], kind="stable")]
        row, column = _round(len(members), theirs)
        if _among(members[row] * width + mine[column], closed).any():
            barred = _among((members[:, None] * width + mine[None, :]).ravel(), closed)
            row, column = _mend(row, column, barred.reshape(len(members), len(mine)), theirs)
        rows.append(members[row])
        columns.append(mine[column])
        owners.append(np.full(len(row), at, dtype=np.int64))
    row, column, owner = (np.concatenate(parts) for parts in (rows, columns, owners))
    return row, column, *_exchange(row, column, owner, costs, closed, slack)


def _exchange(
    row: Costs, column: Costs, owner: Costs, costs: Costs, closed: Costs, slack: int
) -> tuple[set[int], int]:
    """Barred pairs that are left change experts with another group, where that costs little.

    ``row`` and ``column`` are changed in place. The groups for which it cannot be, and the cost.
    """
    more = 0
    width = costs.shape[1]
    stuck: set[int] = set()
    held = {*(row * width + column).tolist()}

    def free(one: Costs, other: Costs) -> bool:
        code = int(one) * width + int(other)
        return code not in held and not _among(np.array([code]), closed)[0]

    for at in np.flatnonzero(_among(row * width + column, closed)):
        mine, expert, group = row[at], column[at], owner[at]
        change = costs[group, column] - costs[group, expert]
        change += costs[owner, expert] - costs[owner, column]
        likely = np.flatnonzero(change <= slack)
        for other in likely[np.argsort(change[likely], kind="stable")]:
            if free(mine, column[other]) and free(row[other], expert):
                held -= {int(mine * width + expert), int(row[other] * width + column[other])}
                more += int(change[other])
                column[at], column[other] = column[other], expert
                held |= {int(mine * width + column[at]), int(row[other] * width + expert)}
                break
        else:
            stuck.add(int(group))
    return stuck, more


def _round(members: int, amounts: Costs) -> tuple[Costs, Costs]:
    """Each expert's share dealt to the next members in turn."""
    column = np.repeat(np.arange(len(amounts), dtype=np.int64), amounts)
    return np.arange(len(column), dtype=np.int64) % members, column


def _among(codes: Costs, closed: Costs) -> Flags:
    if not len(closed):
        return np.zeros(len(codes), dtype=bool)
    place = np.minimum(np.searchsorted(closed, codes), len(closed) - 1)
    found: Flags = closed[place] == codes
    return found


def _mend(row: Costs, column: Costs, barred: Flags, amounts: Costs) -> tuple[Costs, Costs]:
    """Exchange experts within a group until no barred pair is held, as far as that can be."""
    held = np.zeros(barred.shape, dtype=bool)
    held[row, column] = True
    for mine, expert in zip(*(held & barred).nonzero(), strict=True):
        if not held[mine, expert]:
            continue  # went in an exchange before
        partners = np.flatnonzero(~(barred[:, expert] | held[:, expert]))
        wanted = ~(barred[mine] | held[mine])
        for other in np.roll(partners, -int(np.searchsorted(partners, mine))):
            offers = np.flatnonzero(held[other] & wanted)
            if len(offers):
                held[mine, expert] = held[other, offers[0]] = False
                held[other, expert] = held[mine, offers[0]] = True
                break
    if (held & barred).any():
        exact = _exactly(np.bincount(row, minlength=len(barred)), amounts, barred)
        held = held if exact is None else exact
    rows, columns = held.nonzero()
    return rows.astype(np.int64), columns.astype(np.int64)


def _exactly(needs: Costs, amounts: Costs, barred: Flags) -> Flags | None:
    """A dealing with these shares that holds no barred pair, or None when there is none."""
    members, experts = barred.shape
    source, sink = members + experts, members + experts + 1
    row, column = (~barred).nonzero()
    solver = max_flow.SimpleMaxFlow()
    pairs = solver.add_arcs_with_capacity(column, row + experts, np.ones_like(row))
    solver.add_arcs_with_capacity(np.full(experts, source), np.arange(experts), amounts)
    solver.add_arcs_with_capacity(np.arange(members) + experts, np.full(members, sink), needs)
    if solver.solve(source, sink) != solver.OPTIMAL:
        raise RuntimeError("the solver of a group stopped")
    if solver.optimal_flow() != int(amounts.sum()):
        return None
    held = np.zeros(barred.shape, dtype=bool)
    moved = np.asarray(solver.flows(pairs)) > 0
    held[row[moved], column[moved]] = True
    return held
