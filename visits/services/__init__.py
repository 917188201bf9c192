"""What can be done with a visit. One module per act."""

from visits.services.answering import add_remark, ask_day, confirm, decline_day
from visits.services.concluding import conclude, keep_scan, release, reopen, sign
from visits.services.filling import (
    Unfit,
    before_the_day,
    declare,
    recuse,
    save_finding,
    submit_finding,
    take_back,
)
from visits.services.planning import Proposal, cancel, change, judge, plan, propose
from visits.services.reminding import remind, report_due
from visits.services.team import Member, add_member, end_member, make_lead

__all__ = [
    "Member",
    "Proposal",
    "Unfit",
    "add_member",
    "add_remark",
    "ask_day",
    "before_the_day",
    "cancel",
    "change",
    "conclude",
    "confirm",
    "declare",
    "decline_day",
    "end_member",
    "judge",
    "keep_scan",
    "make_lead",
    "plan",
    "propose",
    "recuse",
    "release",
    "remind",
    "reopen",
    "report_due",
    "save_finding",
    "sign",
    "submit_finding",
    "take_back",
]
