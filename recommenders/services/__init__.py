"""What a recommender and the office can do here. Locks are taken in one order: allotment,
application, list."""

from recommenders.services.allotments import allot, allot_missing, change_limit
from recommenders.services.confirming import promote, recommend, release, unrecommend
from recommenders.services.levels import forward, hold, record_visit
from recommenders.services.lists import corrected, deliver, propose_list, reopen_list, submit_list
from recommenders.services.ordering import (
    move_row,
    reserve,
    set_note,
    set_rank,
    unreserve,
)
from recommenders.services.overquota import (
    cancel_over_quota,
    decide_over_quota,
    request_over_quota,
)
from recommenders.services.scans import (
    Uploaded,
    confirm_scan_manually,
    read_upload,
    receive_scan,
    refuse_manual,
    second_look,
)
from recommenders.services.seals import approve_seal, register_seal
from recommenders.services.sweep import close_unrecommended, settle_unsubmitted

__all__ = [
    "Uploaded",
    "allot",
    "allot_missing",
    "approve_seal",
    "cancel_over_quota",
    "change_limit",
    "close_unrecommended",
    "confirm_scan_manually",
    "corrected",
    "decide_over_quota",
    "deliver",
    "forward",
    "hold",
    "move_row",
    "promote",
    "propose_list",
    "read_upload",
    "receive_scan",
    "recommend",
    "record_visit",
    "refuse_manual",
    "register_seal",
    "release",
    "reopen_list",
    "request_over_quota",
    "reserve",
    "second_look",
    "set_note",
    "set_rank",
    "settle_unsubmitted",
    "submit_list",
    "unrecommend",
    "unreserve",
]
