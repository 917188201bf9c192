"""Proving a unit, renaming it, merging it: the acts."""

from units.services.administering import invite_administrator
from units.services.changing import correct_region, decide, propose_merge, propose_rename
from units.services.verifying import add_proof, must_be_verified, send_back, state_of, verify

__all__ = [
    "add_proof",
    "correct_region",
    "decide",
    "invite_administrator",
    "must_be_verified",
    "propose_merge",
    "propose_rename",
    "send_back",
    "state_of",
    "verify",
]
