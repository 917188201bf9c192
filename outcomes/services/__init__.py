"""What the office decides and publishes. One transaction, one audit entry, per act."""

from outcomes.services import awarding
from outcomes.services.applying import (
    apply_together,
    awaits_list,
    held_letters,
    letters_hash,
    must_be_published,
    release_letters,
)
from outcomes.services.checking import check
from outcomes.services.exceeding import decide_request, request_more
from outcomes.services.objecting import close, handle, raise_objection, reveal
from outcomes.services.publishing import (
    announce,
    discard,
    draft,
    end_publicity,
    publish_publicity,
    withdraw,
)
from outcomes.services.recording import record
from outcomes.services.staging import decline, select, unstage

__all__ = [
    "announce",
    "apply_together",
    "awaits_list",
    "awarding",
    "check",
    "close",
    "decide_request",
    "decline",
    "discard",
    "draft",
    "end_publicity",
    "handle",
    "held_letters",
    "letters_hash",
    "must_be_published",
    "publish_publicity",
    "raise_objection",
    "record",
    "release_letters",
    "request_more",
    "reveal",
    "select",
    "unstage",
    "withdraw",
]
