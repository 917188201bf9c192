"""Named places where a test may strike an act: end its process, raise, or hold it there.

Nothing happens at them unless a test has armed them, and only the settings of the tests let it.
``tests/proof/crash.py`` strikes every one of them; a test fails when a name is never reached.
"""

from collections.abc import Callable

from django.conf import settings

POINTS: dict[str, str] = {
    "web.answering": "everything is committed, nobody has been told",
    "filing.judged": "a submission is found whole, nothing is written",
    "filing.numbered": "the number is taken",
    "filing.written": "every row of the submission stands, before its COMMIT",
    "filing.moved": "the status has changed, the trail and the letters do not say so yet",
    "place.chosen": "a free place is found under the lock",
    "place.held": "the confirmation stands on its place",
    "list.frozen": "the list's version stands with its hash",
    "list.numbered": "the summary sheet has its number",
    "list.papered": "the summary sheet is asked for",
    "scan.stored": "the bytes of a scan are stored, no row names them",
    "scan.kept": "the scan's rows stand, the list is not sealed",
    "list.delivered": "the list is delivered, no letter says so",
    "tasks.deployed": "the experts' tasks are out, no letter says so",
    "score.kept": "the figures stand, not yet submitted",
    "round.ranked": "the ranks stand, the round is still open",
    "round.closed": "the round is closed, its papers are asked for",
    "decision.applied": "one of the staged decisions has taken effect",
    "publication.frozen": "the list is frozen, its rows do not name it",
    "publication.shown": "the results are shown, nobody is told",
    "award.applied": "one of the staged awards has taken effect",
    "dates.moved": "the extension is in force, nobody is told",
    "paper.claimed": "a worker has the paper",
    "paper.drawn": "the PDF is drawn",
    "paper.stored": "the PDF's bytes are stored, no row names them",
    "paper.ready": "the paper is ready and committed",
    "work.committed": "work is asked for and committed, no worker is told",
    "letter.claimed": "a sender has the letter",
    "letter.handed_over": "the mail server has the letter, its row does not say so",
    "letter.marked": "the letter's row says sent, before its COMMIT",
    "trail.linked": "entries have their place in the chain, its head is as before",
}
"""What has been done when an act reaches the place."""

_strike: Callable[[str], None] | None = None


def failpoint(name: str) -> None:
    """Do nothing, unless a test has armed the failpoints."""
    if _strike is not None:
        _strike(name)


def arm(strike: Callable[[str], None] | None) -> None:
    """Call ``strike`` with the name of each place that is reached; None: nothing any more.

    Raises ``RuntimeError`` outside the tests.
    """
    global _strike
    if not settings.TESTING:
        raise RuntimeError("failpoints are for tests")
    _strike = strike
