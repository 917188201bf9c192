"""Reads the files of matrix/. Knows nothing of Django."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("matrix")


@cache
def matrix() -> dict[str, Any]:
    """Groups, canaries and routes of all files; a route or canary stands in one of them."""
    found: dict[str, Any] = {"groups": {}, "canaries": {}, "routes": {}}
    for file in sorted(FOLDER.glob("*.yaml")):
        for part, rows in yaml.safe_load(file.read_text("utf-8")).items():
            assert not found[part].keys() & rows.keys(), (file.name, part, "stands twice")
            found[part] |= rows
    return found


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
