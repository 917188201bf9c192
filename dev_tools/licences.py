"""Under which terms the installed packages may be used: read from their own metadata, offline.

    python -m dev_tools.licences     one line a package; 1 when one may not be used

The project is handed over whole, so what binds whoever runs a changed copy as a service (AGPL and
kin), or forbids a use, may not come in. LGPL, MPL and the like bind only their own files.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements/base.txt"

FORBIDDEN = re.compile(
    r"\bA-?GPL|affero|\bSSPL|server side public|\bBUSL|business source|commons clause|"
    r"non-?commercial|\bCC[- ]BY-NC|proprietary|elastic license",
    re.IGNORECASE,
)
GPL = re.compile(r"(?<![LA])GPL|(?<!lesser )(?<!library )general public license", re.IGNORECASE)
FREE = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla|LGPL|lesser general|HPND|"
    r"Unlicense|public domain|zlib|0BSD|CC0|Zope|ZPL|OFL|PIL",
    re.IGNORECASE,
)
CHOSEN = {"pyphen": "MPL 1.1"}
"""Packages offered under several licences at once, and the one under which we take it."""
LINK = re.compile(r"\bwith exceptions?\b|\bexception\b", re.IGNORECASE)


@dataclass(frozen=True)
class Terms:
    """A package and what it says of its licence; ``problem`` is empty when it may be used."""

    package: str
    licence: str
    problem: str


def judge(licence: str) -> str:
    """Why a package under these terms may not be used, or nothing."""
    offers = re.split(r"\s+or\s+(?!later)", licence, flags=re.IGNORECASE)
    if any(FREE.search(one) and not FORBIDDEN.search(one) for one in offers) and len(offers) > 1:
        return ""  # of several licences offered, a free one is taken
    if FORBIDDEN.search(licence):
        return "may not be used"
    if GPL.search(licence) and not LINK.search(licence):
        return "binds the whole"
    return "" if FREE.search(licence) else "says nothing that is known"


def locked(text: str) -> list[str]:
    """The packages of a lock, by name."""
    return re.findall(r"^([A-Za-z0-9][\w.-]*)==", text, re.MULTILINE)


def said(package: metadata.PackageMetadata) -> str:
    """The licence as the package states it: expression, classifiers, then its own words."""
    held = package.get_all("License-Expression") or []
    held += [
        one.rpartition(" :: ")[2]
        for one in package.get_all("Classifier") or []
        if one.startswith("License ::") and not one.endswith("OSI Approved")
    ]
    if not held:
        held = [str(one).strip().partition("\n")[0] for one in package.get_all("License") or []]
    return "; ".join(dict.fromkeys(held)) or "not stated"


def of(packages: Iterable[str]) -> Iterator[Terms]:
    """The terms of those packages that are installed here."""
    for name in packages:
        try:
            licence = said(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            yield Terms(name, "not installed", "cannot be judged")
        else:
            yield Terms(name, licence, judge(CHOSEN.get(name, licence)))


def main() -> int:
    found = list(of(locked(LOCK.read_text(encoding="utf-8"))))
    for one in found:
        print(
            f"{one.package:26} {one.licence}{'   PROBLEM: ' + one.problem if one.problem else ''}"
        )
    return int(any(one.problem for one in found))


if __name__ == "__main__":
    sys.exit(main())
