from outcomes.models.deciding import Decision, Slot, SlotGroup, SlotRequest, StepRecord
from outcomes.models.publishing import Objection, Publication

__all__ = [
    "Decision",
    "Objection",
    "Publication",
    "Slot",
    "SlotGroup",
    "SlotRequest",
    "StepRecord",
]
