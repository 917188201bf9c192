"""R1 to R13 of docs/reliability.md, as far as they can be read from the data.

Each check reads, never writes, and works on SQLite and PostgreSQL. It must run on any database
at any moment: while people work, after a restore, in a test. ``run`` reads one consistent state.
"""

from collections.abc import Collection

from django.db import connection, transaction

from portal.invariants import (
    database,
    deciding,
    desk,
    filing,
    honours,
    panels,
    papers,
    paperwork,
    people,
    quota,
    restored,
    review,
    seals,
    standing,
    tasks,
    testing,
    trail,
    visiting,
)
from portal.invariants.base import CHECKS, Problem

__all__ = ["CHECKS", "Problem", "run"]

MODULES = (
    database,
    filing,
    standing,
    quota,
    papers,
    paperwork,
    seals,
    review,
    panels,
    people,
    deciding,
    desk,
    tasks,
    testing,
    honours,
    trail,
    visiting,
    restored,
)
READS_FILES = frozenset(
    {
        "R5.stored_bytes_are_whole",
        "R5.the_newest_papers_are_drawn_again_byte_by_byte",
        "R5.ready_packages_are_whole",
        "R10.sealed_files_stand_on_their_documents",
    }
)


def run(*, leave_out: Collection[str] = ()) -> list[Problem]:
    """Every problem of every check, read from one state of the database."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return [
            problem for name, find in CHECKS.items() if name not in leave_out for problem in find()
        ]
