"""Seasons played to the announcement and beyond: every filing selected, each with its task."""

from calls.programme import Programme
from fulfilment.models import Task
from tests import season
from tests.season import Mark, Season, plain

NAMES = ("甲一", "乙二", "丙三")


def years(
    *names: str, spec: Programme | None = None, mark: Mark = plain, selected: int | None = None
) -> Season:
    """A season of these filings, announced; all of them selected unless it is said how many."""
    played = season.play(season.begin(spec, mark=mark), to="closed", names=names or NAMES)
    season.stage(played, selected=len(played.filed) if selected is None else selected)
    season.decide(played)
    season.announce(played)
    return played


def task(played: Season, n: int = 0) -> Task:
    """The task of the n-th filing, read anew."""
    return Task.objects.select_related("application__call", "application__organisation").get(
        application=played.filed[n]
    )
