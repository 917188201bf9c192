"""What a recommender and the office can do here. Locks are taken in one order: allotment,
application, list."""

from recommenders.services.allotments import allot, allot_missing, change_limit
from recommenders.services.confirming import promote, recommend, release, unrecommend
from recommenders.services.coverletters import set_cover_letter
from recommenders.services.levels import (
    forward,
    hold,
    record_visit,
    set_level_quota,
    take_up_visit,
)
from recommenders.services.lists import corrected, deliver, propose_list, reopen_list, submit_list
from recommenders.services.noting import (
    add_note,
    drop_tag,
    make_tag,
    remove_note,
    tag_filings,
    undo_tagging,
)
from recommenders.services.ordering import (
    condition_met,
    explain_clash,
    move_row,
    order_by_score,
    reserve,
    set_condition,
    set_note,
    set_rank,
    undo,
    unreserve,
)
from recommenders.services.overquota import (
    cancel_over_quota,
    decide_over_quota,
    request_over_quota,
)
from recommenders.services.paperreminders import remind_by_hand as remind_paper
from recommenders.services.paperreminders import remind_due as remind_paper_due
from recommenders.services.paperwork import (
    code_of_photo,
    correct_paper,
    receive_by_hand,
    receive_rest,
    receive_scanned,
)
from recommenders.services.reporting import report_up, void_those_with
from recommenders.services.results import send_results, set_result_text
from recommenders.services.scans import (
    Uploaded,
    confirm_scan_manually,
    read_upload,
    read_uploads,
    receive_scan,
    refuse_manual,
    second_look,
)
from recommenders.services.seals import approve_seal, register_seal, retry_seal, stop_seal
from recommenders.services.selections import enter_paper_selection
from recommenders.services.sweep import close_unrecommended, settle_unsubmitted
from recommenders.services.tree import (
    apply_due_transfers,
    approve_transfer,
    ask_restore,
    cancel_transfer,
    move_person,
    propose_transfer,
    restore_unit,
    revoke_unit,
)

__all__ = [
    "Uploaded",
    "add_note",
    "allot",
    "allot_missing",
    "apply_due_transfers",
    "approve_seal",
    "approve_transfer",
    "ask_restore",
    "cancel_over_quota",
    "cancel_transfer",
    "change_limit",
    "close_unrecommended",
    "code_of_photo",
    "condition_met",
    "confirm_scan_manually",
    "correct_paper",
    "corrected",
    "decide_over_quota",
    "deliver",
    "drop_tag",
    "enter_paper_selection",
    "explain_clash",
    "forward",
    "hold",
    "make_tag",
    "move_person",
    "move_row",
    "order_by_score",
    "promote",
    "propose_list",
    "propose_transfer",
    "read_upload",
    "read_uploads",
    "receive_by_hand",
    "receive_rest",
    "receive_scan",
    "receive_scanned",
    "recommend",
    "record_visit",
    "refuse_manual",
    "register_seal",
    "release",
    "remind_paper",
    "remind_paper_due",
    "remove_note",
    "reopen_list",
    "report_up",
    "request_over_quota",
    "reserve",
    "restore_unit",
    "retry_seal",
    "revoke_unit",
    "second_look",
    "send_results",
    "set_condition",
    "set_cover_letter",
    "set_level_quota",
    "set_note",
    "set_rank",
    "set_result_text",
    "settle_unsubmitted",
    "stop_seal",
    "submit_list",
    "tag_filings",
    "take_up_visit",
    "undo",
    "undo_tagging",
    "unrecommend",
    "unreserve",
    "void_those_with",
]
