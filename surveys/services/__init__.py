"""Every change of a survey. Each service is one transaction with its audit entry."""

from surveys.services.answering import save, submit
from surveys.services.asking import remind, send, send_waiting
from surveys.services.checking import check, give_back
from surveys.services.opening import close, create, open_survey
from surveys.services.reminding import fire_due

__all__ = [
    "check",
    "close",
    "create",
    "fire_due",
    "give_back",
    "open_survey",
    "remind",
    "save",
    "send",
    "send_waiting",
    "submit",
]
