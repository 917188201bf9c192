"""The worlds in which facts are hidden: while filing runs, while experts score, once decided."""

from tests import season
from tests.architecture import matrix_world, world_people
from tests.architecture.canaries import Canaries, World
from tests.twins.comparing import quiet_papers


def filing() -> World:
    """Two filings of one province and one of another, before the deadline."""
    canaries = Canaries()
    played = season.begin(mark=canaries.mark)
    people = world_people.people(played)
    matrix_world.file(played, canaries)
    made = World("filing", canaries, played, people)
    made.sign_everybody_in()
    quiet_papers(made)
    return made


def review() -> World:
    return _quiet(matrix_world.build("review"))


def closed() -> World:
    """The review is over; nothing is decided."""
    return _quiet(matrix_world.build("closed"))


def decision() -> World:
    return _quiet(matrix_world.build("decision"))


def _quiet(made: World) -> World:
    quiet_papers(made)
    return made
