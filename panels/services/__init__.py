"""What can be done in a panel meeting. One module per part of it."""

from panels.services.attending import enter, mark
from panels.services.closing import close, file_scan, make_signatures
from panels.services.conducting import (
    call_up,
    conclude,
    open_vote,
    put_back,
    reopen,
    revote,
    write_notes,
)
from panels.services.leaving import declare_late
from panels.services.planning import (
    arrange,
    cancel,
    create,
    edit,
    invite,
    name_chair,
    place_item,
    remove,
    start,
)
from panels.services.scoring import rescore, vote

__all__ = [
    "arrange",
    "call_up",
    "cancel",
    "close",
    "conclude",
    "create",
    "declare_late",
    "edit",
    "enter",
    "file_scan",
    "invite",
    "make_signatures",
    "mark",
    "name_chair",
    "open_vote",
    "place_item",
    "put_back",
    "remove",
    "reopen",
    "rescore",
    "revote",
    "start",
    "vote",
    "write_notes",
]
