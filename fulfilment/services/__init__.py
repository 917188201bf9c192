"""What is done with a task. One transaction, one audit entry, per act."""

from fulfilment.services.accepting import decide_acceptance, record_acceptance
from fulfilment.services.booking import sign_book
from fulfilment.services.changing import (
    approve_change,
    ask_change,
    propose_change,
    propose_termination,
    refuse_change,
    withdraw_change,
)
from fulfilment.services.deliberating import open_deliberation, sign
from fulfilment.services.dispatching import (
    propose_dispatch,
    return_dispatch,
    sign_dispatch,
    void_dispatch,
)
from fulfilment.services.filing import attach, detach
from fulfilment.services.planning import decide_plan, save_plan, submit_plan
from fulfilment.services.recognising import (
    decide_withdrawal,
    give_plaque,
    propose_withdrawal,
    recognise,
)
from fulfilment.services.reminding import fire_due
from fulfilment.services.reporting import (
    accept_report,
    return_report,
    save_report,
    submit_report,
)
from fulfilment.services.scheduling import ask_report, chase, set_term
from fulfilment.services.starting import start, void

__all__ = [
    "accept_report",
    "approve_change",
    "ask_change",
    "ask_report",
    "attach",
    "chase",
    "decide_acceptance",
    "decide_plan",
    "decide_withdrawal",
    "detach",
    "fire_due",
    "give_plaque",
    "open_deliberation",
    "propose_change",
    "propose_dispatch",
    "propose_termination",
    "propose_withdrawal",
    "recognise",
    "record_acceptance",
    "refuse_change",
    "return_dispatch",
    "return_report",
    "save_plan",
    "save_report",
    "set_term",
    "sign",
    "sign_book",
    "sign_dispatch",
    "start",
    "submit_plan",
    "submit_report",
    "void",
    "void_dispatch",
    "withdraw_change",
]
