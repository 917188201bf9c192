"""An estimate of no-shows: drafts that will not be submitted, units that will not deliver. Pure.

Drafts are known here only by how many parts of the form were saved at least once. The rule: of
earlier calls (rehearsals for a rehearsal), take the drafts that stood open equally long before
the deadline, in bands of parts saved; the share of them that was submitted in the end is the
share expected now. A band with fewer than ``ENOUGH`` such drafts on record takes the assumed share
of ``ASSUMED``, which comes from no record, and the page says so. The result is always shown as an
estimate (估算).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

ENOUGH = 20
"""Drafts of a band on record from which on their share is believed."""
BANDS = (
    (0.0, "未填写"),
    (1 / 3, "填写三分之一以内"),
    (2 / 3, "三分之一至三分之二"),
    (1.0, "三分之二以上"),
)
"""Upper ends of the share of parts saved, inclusive, and their names."""
FAR, NEAR, LAST = "far", "near", "last"
"""More than seven days left, seven or fewer, the last day."""
ASSUMED: Mapping[str, tuple[float, ...]] = {
    FAR: (0.2, 0.4, 0.6, 0.8),
    NEAR: (0.1, 0.3, 0.5, 0.8),
    LAST: (0.0, 0.1, 0.3, 0.7),
}
"""Assumed shares that are submitted, by time left and band. Not from any record."""
QUIET = timedelta(days=7)
"""A unit that has done nothing for so long is taken for one that may miss its date."""


def band_of(saved: int, parts: int) -> int:
    """The band of a draft with so many of its parts saved."""
    share = saved / parts if parts else 0.0
    return next(number for number, (end, _) in enumerate(BANDS) if min(share, 1.0) <= end)


def nearness(left: timedelta) -> str:
    if left > timedelta(days=7):
        return FAR
    return NEAR if left > timedelta(days=1) else LAST


@dataclass(frozen=True, slots=True)
class Band:
    """A band of drafts. ``share`` of them is expected to be submitted; ``on_record`` is how many
    drafts of earlier calls that share comes from, 0 when it is assumed."""

    title: str
    drafts: int
    share: float
    on_record: int
    submitted: int

    @property
    def missing(self) -> int:
        return self.drafts - self.submitted

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass(frozen=True, slots=True)
class Forecast:
    bands: tuple[Band, ...]

    @property
    def drafts(self) -> int:
        return sum(band.drafts for band in self.bands)

    @property
    def submitted(self) -> int:
        return sum(band.submitted for band in self.bands)

    @property
    def missing(self) -> int:
        return self.drafts - self.submitted

    @property
    def assumed(self) -> bool:
        """Whether any share that counts is assumed and not from a record."""
        return any(band.drafts and not band.on_record for band in self.bands)


def of_drafts(
    now: Mapping[int, int], record: Mapping[int, tuple[int, int]], *, left: timedelta
) -> Forecast:
    """``now`` counts open drafts by band; ``record`` gives (drafts, submitted of them) of earlier
    calls by band, as they stood equally long before their deadline."""
    found = []
    for number, (_, title) in enumerate(BANDS):
        drafts, (known, came) = now.get(number, 0), record.get(number, (0, 0))
        believed = known >= ENOUGH
        share = came / known if believed else ASSUMED[nearness(left)][number]
        submitted = math.floor(drafts * share + 0.5)
        found.append(Band(title, drafts, share, known if believed else 0, submitted))
    return Forecast(tuple(found))


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What the rule looks at of a recommending unit."""

    filed: int
    delivered: bool
    changed_at: datetime | None


def may_miss(unit: UnitFacts, *, now: datetime) -> bool:
    """A unit with filings that has not handed in its list and has done nothing for ``QUIET``."""
    quiet = unit.changed_at is None or now - unit.changed_at > QUIET
    return unit.filed > 0 and not unit.delivered and quiet


def bands(counts: Iterable[tuple[int, int]], parts: int) -> dict[int, int]:
    """(parts saved, drafts) summed by band."""
    found: dict[int, int] = {}
    for saved, drafts in counts:
        band = band_of(saved, parts)
        found[band] = found.get(band, 0) + drafts
    return found
