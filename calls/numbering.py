"""Under which prefix a call gives its numbers: no two calls under the same.

A programme file names a prefix (``JB-2021``). Calls of one file, a clone among them, would all
begin at ``JB-2021-000001``, so a call takes a prefix of its own as it opens: the file's where it is
free, else with a number behind it. Rehearsals never take the one that the real call is to have.
"""

import re
from collections.abc import Collection

REHEARSAL = "YL"
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def free(wanted: str, *, rehearsal: bool, taken: Collection[str]) -> str:
    """The prefix for a call whose file asks for ``wanted``: that, or the next one free."""
    first = f"{wanted}-{REHEARSAL}" if rehearsal else wanted
    found, n = first, 1
    while found in taken:
        n += 1
        found = f"{first}-{n}"
    return found


def moved(prefix: str, years: int) -> str:
    """The prefix of an edition so many years later: a year in it moves along."""
    return YEAR.sub(lambda found: str(int(found.group()) + years), prefix)
