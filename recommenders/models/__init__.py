"""Allotments with their places, lists with their versions, and what comes back on paper."""

from recommenders.models.lists import ListVersion, RankedList, Reserve, ScanFile, SealedScan
from recommenders.models.places import (
    GRANTED_FROM,
    Allotment,
    Confirmation,
    OverQuotaRequest,
    Place,
)
from recommenders.models.units import Preselection, Seal, Visit

__all__ = [
    "GRANTED_FROM",
    "Allotment",
    "Confirmation",
    "ListVersion",
    "OverQuotaRequest",
    "Place",
    "Preselection",
    "RankedList",
    "Reserve",
    "ScanFile",
    "Seal",
    "SealedScan",
    "Visit",
]
