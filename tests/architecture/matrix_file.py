"""Reads matrix.yaml. Knows nothing of Django."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("matrix.yaml")


@cache
def matrix() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text("utf-8"))


def people(words: str) -> set[str]:
    """The persons that a cell names, groups opened."""
    found: set[str] = set()
    for word in words.split():
        group = matrix()["groups"].get(word)
        found |= {word} if group is None else people(group)
    return found


@cache
def everybody() -> frozenset[str]:
    return frozenset(people("everybody"))
