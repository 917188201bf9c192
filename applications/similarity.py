"""How far the texts of two filings are the same. Pure.

A text is read without spaces, punctuation and case. Every run of eight characters becomes one
number. A filing is indexed by a sample of its numbers (one in sixteen, always the same ones for
the same text, as in MinHash sketches), so that pairs are found among ten thousand filings without
comparing each with each; the pairs found are then compared exactly. The share is counted over the
shorter filing, so that a short text taken over whole counts as whole. What the form itself says,
and what very many filings say, is standard wording and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from calls.programme import FieldType, Programme

Numbers = npt.NDArray[np.uint32]
Texts = Mapping[str, str]
"""Long texts of a filing by ``section.field``."""

RUN = 8
SAMPLE = 16
STANDARD = 50
"""A sampled number in more filings than this is standard wording."""
AT_LEAST_RUNS = 60
"""A filing with fewer runs is too short to be compared."""
AT_LEAST_SAMPLED = 4
ROUGH = 0.12
"""Sampled share from which a pair is compared exactly."""
KEPT = 0.15
"""Exact share from which a pair is kept."""
PASSAGE = 16
"""Fewest characters of a passage that is shown."""
MOST_PASSAGES = 40
_PRIME = np.uint64(1_000_003)


@dataclass(frozen=True, slots=True)
class Passage:
    """The same words in both filings: field and span of characters as they stand there."""

    a_field: str
    a_start: int
    a_end: int
    b_field: str
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class FieldShare:
    """Which share of one field of the first filing stands in a field of the second."""

    a_field: str
    b_field: str
    share: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """``share``: runs in common over the runs of the shorter filing, 0 to 1."""

    share: float
    fields: tuple[FieldShare, ...] = ()
    passages: tuple[Passage, ...] = ()


# Texts ---------------------------------------------------------------------------------------


def texts(programme: Programme, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The long texts of a filing, rows with long texts joined. What the unit's profile fills in
    is left out: it is the same in all filings of the unit."""
    found: dict[str, str] = {}
    for section, asked in programme.fields():
        value = answers.get(section.key, {}).get(asked.key)
        if asked.prefill or not value:
            continue
        if asked.type == FieldType.LONGTEXT and isinstance(value, str):
            found[f"{section.key}.{asked.key}"] = value
        elif asked.type == FieldType.ROWS and isinstance(value, list):
            columns = [one.key for one in asked.columns if one.type == FieldType.LONGTEXT]
            lines = [
                str(row.get(key) or "") for row in value if isinstance(row, dict) for key in columns
            ]
            if any(lines):
                found[f"{section.key}.{asked.key}"] = "\n".join(line for line in lines if line)
    return found


def titles(programme: Programme) -> dict[str, str]:
    """How the fields of ``texts`` are called."""
    return {
        f"{section.key}.{asked.key}": f"{section.title}：{asked.label}"
        for section, asked in programme.fields()
    }


def wording(programme: Programme) -> set[int]:
    """The runs of what the form itself says: titles, helps, introductions, the declaration."""
    said = [*programme.declaration, programme.title, programme.notice]
    for section in programme.sections:
        said += [section.title, section.intro]
        for asked in section.fields:
            said += [asked.label, asked.help, *(one.help for one in asked.columns)]
    return {int(number) for text in said for number in numbers(bare(text)[0])}


def bare(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each character where it stands in the original."""
    kept = [(char.casefold()[:1], place) for place, char in enumerate(text) if char.isalnum()]
    return "".join(char for char, _ in kept), [place for _, place in kept]


def numbers(plain: str) -> Numbers:
    """One number for each run of eight characters of a bare text, in order."""
    count = len(plain) - RUN + 1
    if count <= 0:
        return np.empty(0, np.uint32)
    codes = np.frombuffer(plain.encode("utf-32-le"), np.uint32).astype(np.uint64)
    mixed = np.zeros(count, np.uint64)
    for offset in range(RUN):
        mixed = mixed * _PRIME + codes[offset : offset + count]
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(29)
    return (mixed & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def sketch(found: Texts, *, ignored: set[int]) -> tuple[Numbers, int]:
    """The sampled numbers of a filing, sorted, and how many runs it has."""
    whole = [numbers(bare(text)[0]) for text in found.values()]
    every = np.unique(np.concatenate(whole)) if whole else np.empty(0, np.uint32)
    if ignored:
        every = every[~np.isin(every, np.fromiter(ignored, np.uint32, len(ignored)))]
    return every[every % np.uint32(SAMPLE) == 0], len(every)


# Which pairs are worth comparing ---------------------------------------------------------------


def candidates(
    sketches: Sequence[Numbers], *, fresh: Iterable[int] | None = None
) -> list[tuple[int, int, float]]:
    """Pairs of positions with the share of sampled numbers they have in common, largest first.

    ``fresh`` are the positions of which one must be in the pair; None = all. The time grows with
    the number of filings, not with its square: only filings that share a number meet.
    """
    if not sketches:
        return []
    sizes = np.array([len(one) for one in sketches])
    values = np.concatenate(sketches)
    owners = np.repeat(np.arange(len(sketches)), sizes)
    new = np.ones(len(sketches), bool)
    if fresh is not None:
        new[:] = False
        new[list(fresh)] = True
        wanted = np.isin(values, np.unique(values[new[owners]]))
        values, owners = values[wanted], owners[wanted]
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    if not len(values):
        return []
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    lengths = np.diff(np.r_[starts, len(values)])
    keys = []
    for size in np.unique(lengths):
        if not 2 <= size <= STANDARD:
            continue
        groups = owners[starts[lengths == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(int(size), 1)
        a, b = groups[:, left].ravel(), groups[:, right].ravel()
        worth = new[a] | new[b]
        keys.append(a[worth] * len(sketches) + b[worth])
    if not keys:
        return []
    met, times = np.unique(np.concatenate(keys), return_counts=True)
    a, b = met // len(sketches), met % len(sketches)
    share = times / np.maximum(np.minimum(sizes[a], sizes[b]), 1)
    good = (share >= ROUGH) & (times >= AT_LEAST_SAMPLED)
    found = [
        (int(x), int(y), float(s)) for x, y, s in zip(a[good], b[good], share[good], strict=True)
    ]
    return sorted(found, key=lambda pair: -pair[2])


# Comparing two exactly ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    field: str
    numbers: list[int]
    places: list[int]


def compare(a: Texts, b: Texts, *, ignored: set[int]) -> Comparison:
    """Share, fields and passages that two filings have in common."""
    one, two = _read(a), _read(b)
    own = {number for field in one for number in field.numbers} - ignored
    other = {number for field in two for number in field.numbers} - ignored
    fewer = min(len(own), len(other))
    if fewer < AT_LEAST_RUNS:
        return Comparison(0.0)
    common = own & other
    share = len(common) / fewer
    if share < KEPT:
        return Comparison(share)
    return Comparison(share, _fields(one, two, common), _passages(one, two, common))


def _read(found: Texts) -> list[_Read]:
    fields = []
    for name, text in found.items():
        plain, places = bare(text)
        fields.append(_Read(name, numbers(plain).tolist(), places))
    return fields


def _fields(one: list[_Read], two: list[_Read], common: set[int]) -> tuple[FieldShare, ...]:
    sets = [(field.field, set(field.numbers) & common) for field in two]
    found = []
    for field in one:
        whole = set(field.numbers)
        if not whole:
            continue
        name, best = max(
            ((name, len(whole & other) / len(whole)) for name, other in sets),
            key=lambda pair: pair[1],
            default=("", 0.0),
        )
        if best >= 0.1:
            found.append(FieldShare(field.field, name, round(best, 4)))
    return tuple(sorted(found, key=lambda one: -one.share))


def _passages(one: list[_Read], two: list[_Read], common: set[int]) -> tuple[Passage, ...]:
    """The longest stretches that run on in both, each place of the first filing once."""
    where: dict[int, list[tuple[int, int]]] = {}
    for index, field in enumerate(two):
        for place, number in enumerate(field.numbers):
            if number in common:
                spots = where.setdefault(number, [])
                if len(spots) < 4:
                    spots.append((index, place))
    found: list[tuple[int, Passage]] = []
    for field in one:
        place = 0
        while place < len(field.numbers):
            spots = where.get(field.numbers[place], [])
            if not spots:
                place += 1
                continue
            longest, (index, start) = max(
                (_runs_on(field.numbers, place, two[i].numbers, at), (i, at)) for i, at in spots
            )
            chars = longest + RUN - 1
            if chars >= PASSAGE:
                there = two[index]
                found.append(
                    (
                        chars,
                        Passage(
                            field.field,
                            field.places[place],
                            field.places[place + chars - 1] + 1,
                            there.field,
                            there.places[start],
                            there.places[start + chars - 1] + 1,
                        ),
                    )
                )
            place += longest
    found.sort(key=lambda pair: -pair[0])
    return tuple(passage for _, passage in found[:MOST_PASSAGES])


def _runs_on(a: list[int], i: int, b: list[int], j: int) -> int:
    length = 0
    while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
        length += 1
    return length
