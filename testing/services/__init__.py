"""What is done about testing. One transaction, one audit entry, per act."""

from testing.services.agencies import (
    add,
    add_many,
    declare,
    end_person,
    end_tie,
    invite,
    set_state,
    update,
    verify,
)
from testing.services.awarding import score
from testing.services.commissioning import (
    Proposal,
    accept,
    approve,
    propose,
    refuse,
    reject,
    reject_together,
    replace,
    withdraw,
)
from testing.services.disputing import raise_dispute
from testing.services.measuring import Problem, Typed, attach, remove, save
from testing.services.releasing import release
from testing.services.samples import declare as declare_sample
from testing.services.samples import give_back, receive

__all__ = [
    "Problem",
    "Proposal",
    "Typed",
    "accept",
    "add",
    "add_many",
    "approve",
    "attach",
    "declare",
    "declare_sample",
    "end_person",
    "end_tie",
    "give_back",
    "invite",
    "propose",
    "raise_dispute",
    "receive",
    "refuse",
    "reject",
    "reject_together",
    "release",
    "remove",
    "replace",
    "save",
    "score",
    "set_state",
    "update",
    "verify",
    "withdraw",
]
