"""What can be done in a review. One module per act: rounds, assigning, declaring, marking, pool."""

from reviews.services.assigning import (
    add,
    deploy,
    propose_assignment,
    remove,
    replace,
    undo,
)
from reviews.services.barring import end_withdrawn, judge_conflict, set_conflict
from reviews.services.closing import close_round
from reviews.services.declaring import declare_conflicts, recuse
from reviews.services.feedback import release_feedback, released_for, write_feedback
from reviews.services.intake import (
    ask_intake,
    cancel_intake,
    in_pool,
    resume_intake,
    take_in_waiting,
)
from reviews.services.marking import reopen, save_score, submit_score
from reviews.services.pool import (
    add_expert,
    import_experts,
    invite_again,
    leave,
    name_lead,
    pool_of,
    reveal_phone,
    update_expert,
)
from reviews.services.reminding import remind_behind
from reviews.services.rounds import create_round, extend_round

__all__ = [
    "add",
    "add_expert",
    "ask_intake",
    "cancel_intake",
    "close_round",
    "create_round",
    "declare_conflicts",
    "deploy",
    "end_withdrawn",
    "extend_round",
    "import_experts",
    "in_pool",
    "invite_again",
    "judge_conflict",
    "leave",
    "name_lead",
    "pool_of",
    "propose_assignment",
    "recuse",
    "release_feedback",
    "released_for",
    "remind_behind",
    "remove",
    "reopen",
    "replace",
    "resume_intake",
    "reveal_phone",
    "save_score",
    "set_conflict",
    "submit_score",
    "take_in_waiting",
    "undo",
    "update_expert",
    "write_feedback",
]
