"""What a draw is made from, in one canonical form: whoever holds it can make it again. Pure.

Keys only, no names. The seed is not part of it: ``commitment`` binds the seed, ``salt`` keeps the
fingerprint from being found by guessing, so that it can be shown to everybody.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from itertools import chain
from typing import Any

import numpy as np

from documents import fingerprints
from reviews import assignment
from reviews.assignment import Pair, Proposal, Reviewer, Task
from reviews.flow import Costs

FORMAT = "jiebang-draw/1"
RULE = {
    "match": assignment.MATCH,
    "other_topic": assignment.OTHER_TOPIC,
    "partly": assignment.PARTLY,
    "scale": assignment.SCALE,
    "levelling": assignment.LEVELLING,
    "candidates": assignment.CANDIDATES,
}
"""The sizes of the rule; another size is another rule and another draw."""

Inputs = Mapping[str, Any]


class Unreadable(ValueError):
    """Not inputs of a draw, or of a rule that this program does not know. In Chinese words."""


@cache
def solver() -> str:
    """What finds the cheapest flow; its releases may break ties otherwise."""
    return f"OR-Tools {version('ortools')}"


def inputs(
    tasks: Collection[Task],
    reviewers: Collection[Reviewer],
    *,
    elsewhere: Mapping[int, int],
    conflicts: Collection[Pair],
    commitment: str,
    salt: str,
    fixed: Collection[Pair] = (),
) -> dict[str, Any]:
    """``reviewers`` with their whole capacity; ``elsewhere``: what other rounds take of it.

    Conflicts of others than these applications and experts have no part in a draw: left out.
    """
    asked = sorted(tasks, key=lambda task: task.key)
    able = sorted(reviewers, key=lambda one: one.key)
    topics: dict[tuple[str, ...], int] = {}
    fields: dict[tuple[str, ...], int] = {}
    return {
        "format": FORMAT,
        "commitment": commitment,
        "salt": salt,
        "rule": RULE,
        "applications": [
            [task.key, topics.setdefault(task.topics, len(topics)), task.wanted] for task in asked
        ],
        "topics": [list(one) for one in topics],
        "experts": [
            [
                one.key,
                fields.setdefault(one.fields, len(fields)),
                one.capacity,
                elsewhere.get(one.key, 0),
            ]
            for one in able
        ],
        "fields": [list(one) for one in fields],
        "conflicts": together(_about(assignment.as_array(conflicts), asked, able)),
        "fixed": together(fixed),
    }


def _about(pairs: Costs, tasks: Sequence[Task], reviewers: Sequence[Reviewer]) -> Costs:
    """Those of the pairs that are about these applications and experts."""
    ours = np.isin(pairs[:, 0], [task.key for task in tasks])
    return pairs[ours & np.isin(pairs[:, 1], [one.key for one in reviewers])]


def together(pairs: Collection[Pair] | Costs) -> list[list[Any]]:
    """Pairs as [application, [experts]], both ascending."""
    held = assignment.as_array(pairs)
    if not len(held):
        return []
    base = int(held.max()) + 1
    codes = np.sort(held[:, 0] * base + held[:, 1])
    keys, experts = np.divmod(codes, base)
    starts = np.flatnonzero(np.diff(keys, prepend=-1)).tolist()
    ends, all_experts = [*starts[1:], len(codes)], experts.tolist()
    return [
        [key, all_experts[start:end]]
        for key, start, end in zip(keys[starts].tolist(), starts, ends, strict=True)
    ]


def apart(rows: Collection[Any]) -> list[Pair]:
    return [(application, one) for application, experts in rows for one in experts]


def _array(rows: Collection[Any]) -> Costs:
    """The same as an array, for the many conflicts of a large round."""
    keys = np.array([key for key, _ in rows], dtype=np.int64)
    sizes = np.array([len(experts) for _, experts in rows], dtype=np.int64)
    experts = np.fromiter(
        chain.from_iterable(experts for _, experts in rows), np.int64, count=int(sizes.sum())
    )
    return np.stack([np.repeat(keys, sizes), experts], axis=1)


def repeat(given: Inputs, *, seed: str) -> Proposal:
    """Make the draw. Raises ``Unreadable``."""
    if given.get("format") != FORMAT:
        raise Unreadable(f"不是抽取输入（应为 {FORMAT}）。")
    if given.get("rule") != RULE:
        raise Unreadable("抽取规则的参数与本程序不同，须用当时的版本复算。")
    try:
        topics = [tuple(one) for one in given["topics"]]
        fields = [tuple(one) for one in given["fields"]]
        tasks = [Task(key, topics[topic], wanted) for key, topic, wanted in given["applications"]]
        reviewers = [
            Reviewer(key, fields[field], max(capacity - elsewhere, 0))
            for key, field, capacity, elsewhere in given["experts"]
        ]
        conflicts, fixed = _array(given["conflicts"]), apart(given["fixed"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Unreadable("抽取输入的内容不完整。") from error
    return assignment.propose(tasks, reviewers, conflicts=conflicts, fixed=fixed, seed=seed)


def outcome(fingerprint: str, pairs: Collection[Pair]) -> dict[str, Any]:
    """The pairs, bound to the inputs that they came from by their fingerprint."""
    return {"inputs": fingerprint, "pairs": together(pairs)}


LEVEL = 1
"""Of compression: 6 takes ten times as long for 15 % less."""


def packed(content: Inputs) -> tuple[bytes, str]:
    """What is stored, and the fingerprint of what it holds."""
    plain = fingerprints.canonical(content)
    return zlib.compress(plain, LEVEL), fingerprints.sha256(plain)


def unpacked(stored: bytes | memoryview) -> Any:
    return json.loads(zlib.decompress(bytes(stored)))


# Checking --------------------------------------------------------------------------------------


def differences(
    given: Inputs,
    *,
    seed: str,
    commitment: str,
    fingerprint: str,
    pairs: Collection[Pair],
    outcome_fingerprint: str,
    most_pairs: int | None = None,
) -> list[str]:
    """What does not hold of a draw, in Chinese; empty when everything agrees.

    With ``most_pairs`` a larger draw is not made again; its hashes are checked all the same.
    """
    found = []
    if assignment.commitment(seed) != commitment:
        found.append("种子的 SHA-256 与承诺值不同")
    if given.get("commitment") != commitment:
        found.append("抽取输入所载的承诺值与公布的不同")
    if fingerprints.fingerprint(given) != fingerprint:
        found.append("抽取输入的指纹与记录不同")
    if fingerprints.fingerprint(outcome(fingerprint, pairs)) != outcome_fingerprint:
        found.append("抽取结果的指纹与记录不同")
    if most_pairs is not None and len(pairs) > most_pairs:
        return found
    try:
        again = set(repeat(given, seed=seed).pairs)
    except Unreadable as error:
        return [*found, str(error)]
    missing, more = len(set(pairs) - again), len(again - set(pairs))
    if missing or more:
        found.append(
            f"复算结果与记录不同：记录有而复算没有 {missing} 对，复算有而记录没有 {more} 对"
        )
    return found
