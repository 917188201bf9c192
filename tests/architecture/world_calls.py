"""What the rows of the calls' pages are played with: a change that waits, and what comes after."""

from datetime import timedelta

from calls import changes
from tests.architecture.matrix_world import Canaries
from tests.season import Season
from tests.world import AT

ARGUMENTS = {
    "office:call_version number": "version",
    "office:call_version_file number": "version",
    "office:call_change_decide pk": "call_change",
}


def build(played: Season, canaries: Canaries) -> dict[str, object]:
    change = changes.propose_dates(
        played.call,
        dates={"announcement_by": AT + timedelta(days=95)},
        reason=canaries.mark("callchange.reason", "顺延五天公布"),
        actor=played.actor("office"),
        at=AT,
    )
    return {"call_change": change.pk}
