from testing.models.agencies import Agency, Tie
from testing.models.awards import AwardScore
from testing.models.commissions import Commission
from testing.models.disputes import Dispute
from testing.models.results import Evidence, Result, ResultRow, ScanPart, SealedReport

__all__ = [
    "Agency",
    "AwardScore",
    "Commission",
    "Dispute",
    "Evidence",
    "Result",
    "ResultRow",
    "ScanPart",
    "SealedReport",
    "Tie",
]
