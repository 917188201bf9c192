"""What everybody may know of the draws of a call: promises, and how to hold us to them.

docs/adr/0017: the ministry's rounds by their place among themselves, each with its commitments from
the moment they are made, and with seed and fingerprint once the draw was sent out. No title, no
number of applications or experts, nothing of units' own rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calls.models import Call
from reviews.drawmodel import Draw
from reviews.models import Round


@dataclass(frozen=True, slots=True)
class Promise:
    """One seed. ``seed`` and ``fingerprint`` are empty until the draw was sent out; ``times``: how
    often a proposal was made with it until then."""

    commitment: str
    since: datetime | None
    deployed_at: datetime | None = None
    undone_at: datetime | None = None
    seed: str = ""
    fingerprint: str = ""
    times: int = 0


@dataclass(frozen=True, slots=True)
class Disclosed:
    """``ordinal``: the place of the round among the ministry's of its call."""

    ordinal: int
    promises: list[Promise]


def disclosed(call: Call) -> list[Disclosed]:
    """The newest round first. Two statements."""
    found = []
    held = list(Round.objects.filter(call=call, organisation=None).order_by("pk"))
    draws: dict[int, list[Draw]] = {one.pk: [] for one in held}
    for draw in (
        Draw.objects.filter(round__in=held).defer("inputs", "outcome").order_by("round", "number")
    ):
        draws[draw.round_id].append(draw)
    for ordinal, round in enumerate(held, start=1):
        found.append(Disclosed(ordinal, _promises(round, draws[round.pk])))
    return found[::-1]


def _promises(round: Round, draws: list[Draw]) -> list[Promise]:
    out = [one for one in draws if one.deployed_at]
    promises = [
        Promise(
            commitment=one.commitment,
            since=one.committed_at,
            deployed_at=one.deployed_at,
            undone_at=one.undone_at,
            seed=one.seed_shown,
            fingerprint=one.fingerprint,
            times=sum(1 for other in draws if other.commitment == one.commitment),
        )
        for one in out
    ]
    known = {one.commitment for one in promises}
    if round.seed_commitment not in known:
        since = next(
            (one.committed_at for one in draws if one.commitment == round.seed_commitment),
            round.created_at,
        )
        promises.append(Promise(round.seed_commitment, since, deployed_at=round.deployed_at))
    if round.next_commitment and not round.deployed_at:
        at = round.proposal.get("next_at")
        then = datetime.fromisoformat(at) if at else None
        promises.append(Promise(round.next_commitment, then))
    return promises
