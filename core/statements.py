"""SQL that PostgreSQL keeps ready: parsed and planned once for each connection.

What nearly every request asks takes the server longer to plan than to answer. ``PREPARE`` stands
outside transactions: what was made ready in one that is rolled back stays ready. It is done only
where connections are kept (``CONN_MAX_AGE``), which they are not before a pooler that gives each
transaction another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_ready: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""The names of what each connection to the server has ready."""


@dataclass(frozen=True, slots=True)
class Statement:
    """``sql`` with ``%s`` where each value will stand; where it reads or writes, ``name`` says."""

    sql: str
    name: str

    @classmethod
    def of(cls, sql: str, *, table: str) -> Statement:
        return cls(sql, f"{table}_{sha256(sql.encode()).hexdigest()[:8]}")

    def run(self, cursor: Any, values: Sequence[Any]) -> None:
        """Ask the default database; the rows are in the cursor."""
        sql = self.sql
        if connection.vendor == "postgresql" and connection.settings_dict["CONN_MAX_AGE"] != 0:
            self.make_ready()
            marks = ", ".join(["%s"] * len(values))
            sql = f"EXECUTE {self.name} ({marks})" if values else f"EXECUTE {self.name}"
        if values:
            cursor.execute(sql, values)
        else:  # without values the driver leaves the signs of percent as they are
            cursor.execute(sql.replace("%%", "%"))

    def make_ready(self) -> None:
        """Let this connection's server parse and plan it, once."""
        raw: Any = connection.connection
        ready = _ready.setdefault(raw, set())
        if self.name in ready:
            return
        numbers = tuple(f"${n}" for n in range(1, self.sql.replace("%%", "").count("%s") + 1))
        with connection.wrap_database_errors, raw.cursor() as beside:
            beside.execute(f"PREPARE {self.name} AS {self.sql % numbers}")
        ready.add(self.name)
