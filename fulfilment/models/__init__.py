from fulfilment.models.accepting import (
    Acceptance,
    Cosignature,
    Deliberation,
    Recognition,
    TaskBook,
)
from fulfilment.models.changes import Change, TaskFile
from fulfilment.models.dispatching import Dispatch, DispatchSignature
from fulfilment.models.plans import Milestone, Plan
from fulfilment.models.reports import Report, ReportVersion
from fulfilment.models.tasks import Happening, Reminder, Target, Task

__all__ = [
    "Acceptance",
    "Change",
    "Cosignature",
    "Deliberation",
    "Dispatch",
    "DispatchSignature",
    "Happening",
    "Milestone",
    "Plan",
    "Recognition",
    "Reminder",
    "Report",
    "ReportVersion",
    "Target",
    "Task",
    "TaskBook",
    "TaskFile",
]
