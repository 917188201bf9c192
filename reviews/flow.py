"""The cheapest way to give groups of applications their experts, as a flow. Pure.

OR-Tools solves it over each group's best experts. The duals then price every pair that was left
out; groups for which one of those would help are widened and solved again. When none is left, the
duals prove that no other flow is cheaper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

Costs = NDArray[np.int64]
Flags = NDArray[np.bool_]
WHOLE = 150_000
"""So many pairs of group and expert are offered as they are, without choosing the best."""


@dataclass(frozen=True, slots=True)
class Flow:
    """``amounts[i]`` applications of ``groups[i]`` go to ``experts[i]``; ``cost`` in all.

    ``near``: the pairs in it and those little dearer, where to begin when groups are taken apart.
    """

    groups: Costs
    experts: Costs
    amounts: Costs
    cost: int
    near: Flags


def cheapest(
    costs: Costs,
    *,
    room: Costs,
    sizes: Costs,
    wants: Costs,
    used: Costs,
    free: Costs,
    levelling: int,
    lacking: int,
    width: int,
    offered: Flags | None = None,
) -> Flow:
    """Groups × experts: ``costs`` of one application, ``room`` for so many of them.

    A group has ``sizes`` applications that want ``wants`` experts each. An expert holds ``used``
    and takes ``free`` more, the n-th for n × ``levelling`` more. What is missing costs more than
    any exchange could save; the second that an application lacks ``lacking`` more than the first.
    """
    count, experts = costs.shape
    if not count:
        nothing = np.zeros(0, dtype=np.int64)
        return Flow(nothing, nothing, nothing, 0, np.zeros((0, experts), dtype=bool))
    able = (room > 0) & (free > 0)
    if offered is None:
        offered = _best(costs, able, sizes * wants, free, width)
    offered = offered & able
    tails, heads, capacities, prices = _frame(
        count, experts, sizes, wants, used, free, levelling, lacking, highest=int(costs.max())
    )
    while True:
        rows, columns = np.nonzero(offered)
        tail = np.concatenate([rows, tails])
        head = np.concatenate([columns + count, heads])
        capacity = np.concatenate([room[rows, columns], capacities])
        price = np.concatenate([costs[rows, columns], prices])
        flows, cost = _solve(tail, head, capacity, price, sizes * wants, count + experts)
        duals = _potentials(tail, head, capacity, price, flows, count + experts + 1)
        helping = able & ~offered & (_dearer(costs, duals) < 0)
        if not helping.any():
            moved = np.flatnonzero(flows[: len(rows)])
            near = offered & (_dearer(costs, duals) <= levelling)
            return Flow(rows[moved], columns[moved], flows[moved], cost, near)
        offered |= _cheapest_of(helping, costs, max(width, int(offered.sum()) // count))


def _best(costs: Costs, able: Flags, asked: Costs, free: Costs, width: int) -> Flags:
    """The pairs that are tried at first: of each group its best experts."""
    count, experts = costs.shape
    if count * experts <= WHOLE:
        return able
    share = max(int(free.mean()), 1)
    return _cheapest_of(able, costs, max(width, int(2 * asked.max() // share)))


def _cheapest_of(able: Flags, costs: Costs, width: int) -> Flags:
    """Of each group the ``width`` cheapest pairs; ties start at another expert in each group, so
    that not all of them ask for the same."""
    count, experts = costs.shape
    if width >= experts:
        return able
    turned = (np.arange(experts)[None, :] - np.arange(count)[:, None] * 7) % experts
    keys = np.where(able, costs * experts + turned, np.iinfo(np.int64).max)
    last = np.partition(keys, width - 1, axis=1)[:, width - 1]
    found: Flags = able & (keys <= last[:, None])
    return found


def _frame(
    count: int,
    experts: int,
    sizes: Costs,
    wants: Costs,
    used: Costs,
    free: Costs,
    levelling: int,
    lacking: int,
    *,
    highest: int,
) -> tuple[Costs, Costs, Costs, Costs]:
    """The arcs that are always there: from experts to the sink, and past them for what lacks."""
    sink = count + experts
    holder = np.repeat(np.arange(experts, dtype=np.int64), free)
    nth = np.arange(len(holder)) - np.repeat(np.cumsum(free) - free, free)
    steps = (used[holder] + nth) * levelling
    # a path through the rest of the network meets no node twice, so it saves less than this
    most = highest + (int((used + free).max(initial=0)) + 1) * levelling
    penalty = (2 * (count + experts) + 2) * most
    group = np.repeat(np.arange(count, dtype=np.int64), wants)
    lack = np.arange(len(group)) - np.repeat(np.cumsum(wants) - wants, wants)
    return (
        np.concatenate([holder + count, group]),
        np.full(len(holder) + len(group), sink, dtype=np.int64),
        np.concatenate([np.ones_like(holder), sizes[group]]),
        np.concatenate([steps, penalty + lack * lacking]),
    )


def _solve(
    tail: Costs, head: Costs, capacity: Costs, price: Costs, asked: Costs, sink: int
) -> tuple[Costs, int]:
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, price)
    for group, amount in enumerate(asked.tolist()):
        solver.set_node_supply(group, amount)
    solver.set_node_supply(sink, -int(asked.sum()))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the assignment solver stopped with status {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64), int(solver.optimal_cost())


def _potentials(
    tail: Costs, head: Costs, capacity: Costs, price: Costs, flows: Costs, nodes: int
) -> Costs:
    """Shortest distances in the residual graph (Bellman-Ford): the duals of the flow."""
    forward, backward = flows < capacity, flows > 0
    sources = np.concatenate([tail[forward], head[backward]])
    targets = np.concatenate([head[forward], tail[backward]])
    lengths = np.concatenate([price[forward], -price[backward]])
    order = np.argsort(targets, kind="stable")
    sources, lengths, targets = sources[order], lengths[order], targets[order]
    starts = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]])
    reached = targets[starts]
    distance = np.zeros(nodes, dtype=np.int64)
    for _ in range(nodes + 1):
        best = np.minimum.reduceat(distance[sources] + lengths, starts)
        if (best >= distance[reached]).all():
            return distance
        distance[reached] = np.minimum(distance[reached], best)
    raise RuntimeError("the solver's flow has a cheaper cycle: not an optimum")


def _dearer(costs: Costs, duals: Costs) -> Costs:
    """What the whole would cost more with one more application of this group to this expert."""
    count, experts = costs.shape
    found: Costs = duals[:count, None] + costs - duals[None, count : count + experts]
    return found
