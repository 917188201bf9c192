"""Keeping what a proposal was drawn from. The only writer of ``Draw``; the round is locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.services import Actor
from reviews import drawing
from reviews.assignment import Proposal
from reviews.drawmodel import Draw
from reviews.models import Round


def keep(
    round: Round, given: dict[str, Any], proposal: Proposal, *, actor: Actor, at: datetime
) -> Draw:
    """The proposal that has just been made from ``given``. ``round.proposal`` is still the one
    before: it knows when the seed drawn with now was committed to."""
    inputs, fingerprint = drawing.packed(given)
    outcome, outcome_fingerprint = drawing.packed(drawing.outcome(fingerprint, proposal.pairs))
    last = round.draws.defer("inputs", "outcome").order_by("-number").first()
    return Draw.objects.create(
        round=round,
        number=last.number + 1 if last else 1,
        made_at=at,
        made_by_id=actor.user_id,
        commitment=round.seed_commitment,
        committed_at=_committed_at(round, last),
        seed=round.seed,
        inputs=inputs,
        fingerprint=fingerprint,
        outcome=outcome,
        outcome_fingerprint=outcome_fingerprint,
        pairs=len(proposal.pairs),
        objective=f"{proposal.objective:.2f}",
        cost=proposal.cost,
        gap=proposal.gap,
        solver=drawing.solver(),
    )


def _committed_at(round: Round, last: Draw | None) -> datetime:
    if since := round.proposal.get("next_at"):
        return datetime.fromisoformat(since)
    return last.committed_at if last else round.created_at


def sent_out(round: Round, *, at: datetime) -> Draw | None:
    """The newest draw went out with the tasks; also one that was taken back and is sent again."""
    draw = round.draws.defer("inputs", "outcome").order_by("-number").first()
    if draw is not None:
        draw.deployed_at, draw.undone_at = at, None
        draw.save(update_fields=["deployed_at", "undone_at"])
    return draw


def taken_back(round: Round, *, at: datetime) -> None:
    round.draws.filter(deployed_at__isnull=False, undone_at__isnull=True).update(undone_at=at)
