"""Every change of a survey. Each service is one transaction with its audit entry."""

from surveys.services.adding import add_units
from surveys.services.answering import save, submit
from surveys.services.asking import remind, send, send_waiting
from surveys.services.attaching import attach, detach
from surveys.services.checking import check, give_back
from surveys.services.dating import ENDS, set_days
from surveys.services.opening import close, create, open_survey
from surveys.services.reminding import fire_due

__all__ = [
    "ENDS",
    "add_units",
    "attach",
    "check",
    "close",
    "create",
    "detach",
    "fire_due",
    "give_back",
    "open_survey",
    "remind",
    "save",
    "send",
    "send_waiting",
    "set_days",
    "submit",
]
