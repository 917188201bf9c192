"""The world `years`: the world `decision` with the years after the list played in it.

Each room adds what it needs as a step; a step gets the world and puts its arguments into it.
"""

from collections.abc import Callable

from fulfilment.models import Task
from tests.architecture import matrix_world, world_fulfilment, world_honours
from tests.architecture.canaries import World


def build() -> World:
    made = matrix_world.build("decision")
    made.name = "years"
    for step in STEPS:
        step(made)
    return made


def own_task(made: World) -> Task:
    """The task of the company the worlds are about."""
    return Task.objects.select_related("application__call", "application__organisation").get(
        application=made.season.filed[0]
    )


STEPS: list[Callable[[World], None]] = [world_fulfilment.step, world_honours.step]

# Arguments of routes whose rows say `world: years`; read by expanding.ARGUMENTS.
ARGUMENTS: dict[str, str] = {**world_fulfilment.ARGUMENTS, **world_honours.ARGUMENTS}

# By the beginning of a route's name, for its `public_id`.
PREFIXES = {"fulfilment:": "own_task", **world_honours.PREFIXES}
