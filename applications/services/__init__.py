"""What can be done with a filing."""

from applications.services.corrections import accept_correction
from applications.services.drafting import create, must_be_writable, save_section, set_basics
from applications.services.moving import (
    accept,
    locked,
    move,
    not_accept,
    show_results,
    step,
    withdraw,
)
from applications.services.returning import return_for_correction
from applications.services.submitting import submit, submit_held

__all__ = [
    "accept",
    "accept_correction",
    "create",
    "locked",
    "move",
    "must_be_writable",
    "not_accept",
    "return_for_correction",
    "save_section",
    "set_basics",
    "show_results",
    "step",
    "submit",
    "submit_held",
    "withdraw",
]
