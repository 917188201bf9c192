"""Whether a locked package has a weakness known to us: ``requirements/floors.toml``, offline.

    python -m dev_tools.advisories     one line a floor; 1 when a lock lies below one

The file is as good as whoever keeps it: it says which weaknesses were looked up, not that there are
no others. Looking up new ones needs the network and is the operator's (docs/operations.md).
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "requirements/floors.toml"
LOCKS = tuple(ROOT / f"requirements/{name}.txt" for name in ("base", "dev", "s3"))
FIELDS = {"package", "version", "advisory", "words", "seen", "on"}
_LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s\\;]+)", re.MULTILINE)
_ADVISORY = re.compile(r"(CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+)")


@dataclass(frozen=True, slots=True)
class Floor:
    """The first version of a package without one known weakness, and where that was read."""

    package: str
    version: Version
    advisory: str
    words: str
    seen: str
    on: date


def floors(text: str) -> list[Floor]:
    """Raises ``ValueError`` for an entry that is not whole: a floor without a source is none."""
    found = []
    for entry in tomllib.loads(text).get("floor", []):
        found.append(_floor(entry))
    return found


def _floor(entry: dict[str, Any]) -> Floor:
    if set(entry) != FIELDS:
        raise ValueError(f"{entry.get('package')}: has {sorted(entry)}, wants {sorted(FIELDS)}")
    if not _ADVISORY.fullmatch(entry["advisory"]):
        raise ValueError(f"{entry['package']}: {entry['advisory']} is no advisory's number")
    if not entry["seen"].startswith("https://") or not entry["words"].strip():
        raise ValueError(f"{entry['package']}: says nothing, or not where it was read")
    return Floor(
        package=_folded(entry["package"]),
        version=Version(entry["version"]),
        advisory=entry["advisory"],
        words=entry["words"],
        seen=entry["seen"],
        on=entry["on"],
    )


def locked(text: str) -> dict[str, Version]:
    """The packages of a lock and their versions."""
    return {_folded(name): Version(version) for name, version in _LOCKED.findall(text)}


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def problems(known: Iterable[Floor], locks: dict[str, dict[str, Version]]) -> Iterator[str]:
    """Each lock that lies below a floor, and each floor that no lock has any more."""
    for floor in known:
        held = {name: lock[floor.package] for name, lock in locks.items() if floor.package in lock}
        if not held:
            yield f"{floor.package}: in no lock any more, take the floor out"
        for name, version in held.items():
            if version < floor.version:
                yield (
                    f"{floor.package} {version} in {name}: {floor.advisory}, "
                    f"gone since {floor.version}: {floor.words}"
                )


def main() -> int:
    known = floors(FLOORS.read_text("utf-8"))
    locks = {path.name: locked(path.read_text("utf-8")) for path in LOCKS}
    for floor in known:
        print(f"{floor.package:20} >= {floor.version!s:10} {floor.advisory:18} {floor.words}")
    found = list(problems(known, locks))
    for one in found:
        print(f"PROBLEM: {one}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
