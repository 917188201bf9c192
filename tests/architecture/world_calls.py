"""What the rows of the calls' pages are played with: a change that waits, and what comes after."""

from datetime import timedelta

from calls import changes
from office.models import Rehearsal
from office.rehearsal import keeping
from tests.architecture.canaries import Canaries
from tests.season import Season
from tests.world import AT

ARGUMENTS = {
    "office:call_version number": "version",
    "office:call_version_file number": "version",
    "office:call_change_decide pk": "call_change",
    "office:call_preview_part key": "preview_part",
    "office:rehearsal pk": "rehearsal",
    "office:rehearsal_progress pk": "rehearsal",
    "office:rehearsal_cancel pk": "rehearsal",
}


def build(played: Season, canaries: Canaries) -> dict[str, object]:
    change = changes.propose_dates(
        played.call,
        dates={"announcement_by": AT + timedelta(days=95)},
        reason=canaries.mark("callchange.reason", "顺延五天公布"),
        actor=played.actor("office"),
        at=AT,
    )
    finding = {
        "step": "dates",
        "words": canaries.mark("rehearsal.words", "没有一个工作日"),
        "way_out": "推迟",
    }
    rehearsal = Rehearsal.objects.create(
        call=played.call,
        state=Rehearsal.State.BLOCKED,
        asked_by=played.cast.people["office"],
        asked_by_name="经办",
        asked_at=AT,
        ended_at=AT,
        basis=keeping.standing(played.call),
        report={"steps": [], "dead_ends": [finding], "warnings": []},
    )
    return {
        "call_change": change.pk,
        "rehearsal": rehearsal.pk,
        "preview_part": played.call.programme.sections[0].key,
    }
