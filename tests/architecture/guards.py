"""What a guard of the sabotage list is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """What is removed, how, and which tests should notice."""

    name: str
    remove: Callable[[], None]
    tests: tuple[str, ...]
    postgres: bool = False
