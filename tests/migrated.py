"""A migrated database, from which the test databases are copied.

A test process that finds the pattern takes it instead of running some hundred migrations again. Its
name is a fingerprint of every file that could change what the migrations make, so any change makes
a new one. On SQLite it is kept from one run to the next, on PostgreSQL as long as its server lives:
`dev.py test` starts a new one, so that every run migrates PostgreSQL once for real.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "migrated"
APART = {"tests", "templates", "static", "docs", "var", "dev_tools"}
READ = {".py", ".toml", ".json", ".csv", ".txt", ".sql"}


def fingerprint() -> str:
    """Of name, size and time of change of each source and data file outside ``APART``."""
    seen = hashlib.sha256()
    for folder, inner, files in os.walk(ROOT):
        inner[:] = sorted(n for n in inner if n not in APART and n[0] not in "._")
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in READ:
                stat = path.stat()
                seen.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:24]


def use() -> None:
    """Let the test databases of this process be copies where there is one."""
    from django.core import management
    from django.db.backends.base.creation import BaseDatabaseCreation

    create, call_command = BaseDatabaseCreation.create_test_db, management.call_command

    def create_test_db(self: Any, *args: Any, **options: Any) -> Any:
        management.call_command = _instead_of(call_command)
        try:
            if self.connection.vendor == "postgresql":
                self.connection.settings_dict["TEST"]["TEMPLATE"] = _pattern(self.connection)
            return create(self, *args, **options)
        finally:
            management.call_command = call_command

    BaseDatabaseCreation.create_test_db = create_test_db  # type: ignore[method-assign]


def _pattern(connection: Any) -> str:
    """The name of the migrated database on this server, made by the first who asks for it.

    One of several processes makes it while the others wait; it gets its name when it is whole.
    """
    import psycopg2
    from django.core import management
    from psycopg2 import sql

    name = f"jiebang_{fingerprint()}"
    half = sql.Identifier(f"{name}_half")
    line = psycopg2.connect(**connection.get_connection_params() | {"dbname": "postgres"})
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None and "JIEBANG_SABOTAGE" not in os.environ:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(half))
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(half))
                usual = connection.settings_dict["NAME"]
                connection.close()
                connection.settings_dict["NAME"] = f"{name}_half"
                try:
                    management.call_command("migrate", verbosity=0, interactive=False)
                finally:
                    connection.close()
                    connection.settings_dict["NAME"] = usual
                cursor.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name))
                )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return name if cursor.fetchone() else "template1"
    finally:
        line.close()


def _instead_of(call_command: Callable[..., Any]) -> Callable[..., Any]:
    def called(name: str, *args: Any, **options: Any) -> Any:
        from django.db import connections

        connection = connections[options.get("database", "default")]
        if name != "migrate" or connection.vendor != "sqlite":
            return call_command(name, *args, **options)
        connection.ensure_connection()
        kept = FOLDER / f"{fingerprint()}.sqlite3"
        if kept.exists():
            return _take(kept, connection)
        result = call_command(name, *args, **options)
        if "JIEBANG_SABOTAGE" not in os.environ:
            _keep(kept, connection)
        return result

    return called


def _take(kept: Path, connection: Any) -> None:
    from django.core.management.sql import emit_post_migrate_signal

    source = sqlite3.connect(f"file:{kept}?mode=ro", uri=True)
    try:
        source.backup(connection.connection)
    finally:
        source.close()
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


def _keep(kept: Path, connection: Any) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    target = sqlite3.connect(fresh)
    try:
        connection.connection.backup(target)
    finally:
        target.close()
    fresh.replace(kept)
