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
from reviews.services.marking import reopen, save_score, submit_score
from reviews.services.pool import (
    add_expert,
    import_experts,
    invite_again,
    leave,
    pool_of,
    update_expert,
)
from reviews.services.rounds import create_round, extend_round

__all__ = [
    "add",
    "add_expert",
    "close_round",
    "create_round",
    "declare_conflicts",
    "deploy",
    "end_withdrawn",
    "extend_round",
    "import_experts",
    "invite_again",
    "judge_conflict",
    "leave",
    "pool_of",
    "propose_assignment",
    "recuse",
    "release_feedback",
    "released_for",
    "remove",
    "reopen",
    "replace",
    "save_score",
    "set_conflict",
    "submit_score",
    "undo",
    "update_expert",
    "write_feedback",
]
