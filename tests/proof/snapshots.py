"""A database that is really committed to, kept at many moments and set back to any of them.

Beside the database of the tests, whose transactions are thrown away and which one process has
alone: what is killed here is killed on a file of SQLite or on a database of a PostgreSQL server,
and other processes open it too. Stored files are kept and set back with the rows.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, connections
from django.test import override_settings

APART = {"axes.AccessAttempt", "axes.AccessLog", "axes.AccessFailureLog"}
"""Rows that say who looked, not what was done."""
TOLD_BY = ("action", "state", "status")
"""Columns by whose words rows are counted apart."""


class Kept:
    """The database in use, and its copies by name."""

    def __init__(self, folder: Path, whole: Any, mine: Any) -> None:
        self.folder, self.whole, self.mine = folder, whole, mine
        self.media = folder / "media"
        self.media.mkdir()
        self.names: list[str] = []

    def keep(self, name: str) -> None:
        self.names.append(name)
        self._copy(self._name("work"), self._name(name))
        shutil.copytree(self.media, self.folder / f"media-{name}")

    def set_back(self, name: str) -> None:
        self._copy(self._name(name), self._name("work"))
        shutil.rmtree(self.media)
        shutil.copytree(self.folder / f"media-{name}", self.media)

    @contextlib.contextmanager
    def use(self) -> Iterator[None]:
        """While it lasts every row goes into this database, for good."""
        connections["default"] = self.mine
        try:
            with override_settings(
                MEDIA_ROOT=self.media,
                EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend",
                EMAIL_FILE_PATH=str(self.media / "mail"),
            ):
                yield
        finally:
            self.mine.close()
            connections["default"] = self.whole

    def begin(self) -> None:
        """A copy of the tests' own database, migrated and empty."""
        if self.mine.vendor == "sqlite":
            target = sqlite3.connect(self._name("work"))
            self.whole.ensure_connection()
            self.whole.connection.backup(target)
            target.close()
        else:
            self.whole.close()
            self._copy(self.whole.settings_dict["NAME"], self._name("work"))

    def end(self) -> None:
        self.mine.close()
        if self.mine.vendor != "sqlite":
            for name in ("work", *self.names):
                self._statement("DROP DATABASE IF EXISTS {}", self._name(name))

    def _name(self, name: str) -> str:
        if self.mine.vendor == "sqlite":
            return str(self.folder / f"{name}.sqlite3")
        kept = "".join(c if c.isalnum() else "_" for c in name)
        return f"{self.whole.settings_dict['NAME']}_{kept}"[:63]

    def _copy(self, source: str, target: str) -> None:
        self.mine.close()
        if self.mine.vendor == "sqlite":
            for more in ("-wal", "-shm"):
                Path(target + more).unlink(missing_ok=True)
            if Path(source + "-wal").exists():  # whoever was killed has left it
                with contextlib.closing(sqlite3.connect(source)) as left:
                    left.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(source, target)
            return
        self._statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", target)
        self._statement("CREATE DATABASE {} TEMPLATE {}", target, source)

    def _statement(self, words: str, *names: str) -> None:
        with self.whole._nodb_cursor() as cursor:
            cursor.execute(words.format(*(self.whole.ops.quote_name(name) for name in names)))


@contextlib.contextmanager
def made(folder: Path) -> Iterator[Kept]:
    """A copy of the tests' own database, migrated and empty; ``use`` it."""
    whole = connections["default"]
    mine = connections.create_connection("default")
    kept = Kept(folder, whole, mine)
    mine.settings_dict = {**whole.settings_dict, "NAME": kept._name("work")}
    if mine.vendor == "sqlite":
        options = whole.settings_dict["OPTIONS"]
        # Processes are killed here, not the machine: the disk is not waited for.
        quick = options["init_command"] + "PRAGMA synchronous=OFF;"
        mine.settings_dict["OPTIONS"] = {**options, "init_command": quick}
    kept.begin()
    try:
        yield kept
    finally:
        kept.end()


def census() -> dict[tuple[str, str], int]:
    """How many rows of each table, by the state they say they are in; of the trail, by its acts."""
    parts = []
    for model in apps.get_models():
        if model._meta.label in APART or not model._meta.managed or model._meta.proxy:
            continue
        columns = {field.name: field.column for field in model._meta.concrete_fields}
        told = next((columns[name] for name in TOLD_BY if name in columns), None)
        quote = connection.ops.quote_name
        said = f"CAST({quote(told)} AS VARCHAR(80))" if told else "''"
        parts.append(
            f"SELECT '{model._meta.label}', {said} AS told, COUNT(*) "
            f"FROM {quote(model._meta.db_table)} GROUP BY 2"
        )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {(label, told): count for label, told, count in cursor.fetchall() if count}
