"""The rows of calls: the call and its parts, its rules over time, notices and questions."""

from calls.models.call import (
    CalendarDay,
    Call,
    CallQuerySet,
    Direction,
    Extension,
    Indicator,
    LevelDate,
    SubField,
    Winner,
    known,
    rules_digest,
    without_rules,
)
from calls.models.public import Notice, Question, new_public_id
from calls.models.rules import CallChange, Opening, RulesVersion

__all__ = [
    "CalendarDay",
    "Call",
    "CallChange",
    "CallQuerySet",
    "Direction",
    "Extension",
    "Indicator",
    "LevelDate",
    "Notice",
    "Opening",
    "Question",
    "RulesVersion",
    "SubField",
    "Winner",
    "known",
    "new_public_id",
    "rules_digest",
    "without_rules",
]
