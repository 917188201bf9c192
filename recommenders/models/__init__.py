"""Allotments with their places, lists with their versions, and what comes back on paper."""

from recommenders.models.desk import FilingNote, PaperResult, PaperSelection, Tag, Tagging
from recommenders.models.levels import LevelReport
from recommenders.models.lists import ListVersion, RankedList, Reserve, ScanFile, SealedScan
from recommenders.models.paper import (
    CoverLetterText,
    PaperReceipt,
    PaperReminder,
    ResultLetter,
)
from recommenders.models.places import (
    GRANTED_FROM,
    Allotment,
    Confirmation,
    OverQuotaRequest,
    Place,
)
from recommenders.models.tree import LevelQuota, UnitRevocation, UnitTransfer
from recommenders.models.units import Preselection, Seal, Visit

__all__ = [
    "GRANTED_FROM",
    "Allotment",
    "Confirmation",
    "CoverLetterText",
    "FilingNote",
    "LevelQuota",
    "LevelReport",
    "ListVersion",
    "OverQuotaRequest",
    "PaperReceipt",
    "PaperReminder",
    "PaperResult",
    "PaperSelection",
    "Place",
    "Preselection",
    "RankedList",
    "Reserve",
    "ResultLetter",
    "ScanFile",
    "Seal",
    "SealedScan",
    "Tag",
    "Tagging",
    "UnitRevocation",
    "UnitTransfer",
    "Visit",
]
