from outcomes.models.awarding import Award
from outcomes.models.deciding import Decision, Slot, SlotGroup, SlotRequest, Stage, StepRecord
from outcomes.models.publishing import Objection, Publication

__all__ = [
    "Award",
    "Decision",
    "Objection",
    "Publication",
    "Slot",
    "SlotGroup",
    "SlotRequest",
    "Stage",
    "StepRecord",
]
