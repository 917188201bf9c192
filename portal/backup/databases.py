"""The two kinds of database, out as one stream of bytes and in again as one transaction.

PostgreSQL goes through ``pg_dump`` and ``pg_restore`` (custom format), SQLite through its own
online backup. Both show one instant, while people work.
"""

import contextlib
import gzip
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from portal.backup.archive import AT_ONCE
from portal.backup.errors import BackupError

MARK = "audit_restoration"
FORGOTTEN = "accounts_session"
"""Whoever was signed in at the instant of the backup may have signed out since."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the stream shows: rows by table, and the migrations that made the tables."""

    rows: dict[str, int]
    migrations: list[str]


Dump = Callable[[IO[bytes]], Any]


def dump(into: Dump) -> Shown:
    """Hand the database as a stream to ``into``. Returns what it shows at that same instant."""
    assert not connection.in_atomic_block, "a backup shows what is committed"
    return _dump_postgres(into) if _is_postgres() else _dump_sqlite(into)


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _shown(run: Callable[[str], list[tuple[Any, ...]]], tables: list[str]) -> Shown:
    return Shown(
        rows={name: run(f'SELECT count(*) FROM "{name}"')[0][0] for name in sorted(tables)},
        migrations=sorted(
            f"{app}.{name}" for app, name in run("SELECT app, name FROM django_migrations")
        ),
    )


def shown() -> Shown:
    """Of the database as it is now."""
    with connection.cursor() as cursor:

        def run(words: str) -> list[tuple[Any, ...]]:
            cursor.execute(words)
            return list(cursor.fetchall())

        return _shown(run, connection.introspection.table_names(cursor))


# PostgreSQL ---------------------------------------------------------------------------------------


def _program(name: str) -> tuple[list[str], dict[str, str]]:
    """The words and the environment with which a program of PostgreSQL finds our database."""
    if shutil.which(name) is None:
        raise BackupError(f"本机没有 {name}。请安装与数据库同版本的 postgresql-client。")
    words, env = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return [name, *words[1:]], {**os.environ, **(env or {})}


def _dump_postgres(into: Dump) -> Shown:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        instant = cursor.fetchone()[0]
        found = shown()
        words, env = _program("pg_dump")
        words[1:1] = [
            *("--format=custom", "--compress=1", "--no-owner", "--no-acl"),
            f"--snapshot={instant}",
        ]
        with tempfile.TemporaryFile() as errors:
            with subprocess.Popen(
                words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            ) as process:
                assert process.stdout is not None
                try:
                    into(process.stdout)
                except BaseException:
                    process.kill()
                    raise
            if process.returncode:
                raise BackupError(f"pg_dump 没有完成：{_said(errors)}")
    return found


def _said(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode("utf-8", "replace").strip()[-500:]


@contextlib.contextmanager
def _restoring_postgres(backup_at: datetime, at: datetime) -> Iterator[IO[bytes]]:
    """What is written is the dump. Committed, with the mark, when the block ends well."""
    _program("pg_restore")
    read, env = _program("psql")
    with tempfile.TemporaryFile() as errors, contextlib.ExitStack() as ending:
        pipe: dict[str, Any] = {"env": env, "stdin": subprocess.PIPE, "stderr": errors}
        server = subprocess.Popen(
            [read[0], "-X", "-q", "-v", "ON_ERROR_STOP=1", *read[1:]],
            stdout=subprocess.DEVNULL,
            **pipe,
        )
        ending.callback(_end, server)
        words = ["pg_restore", "--format=custom", "--no-owner", "--no-acl", "--file=-"]
        reader = subprocess.Popen(words, stdout=subprocess.PIPE, **pipe)
        ending.callback(_end, reader)
        assert server.stdin and reader.stdin and reader.stdout

        def broken(what: str) -> BackupError:
            return BackupError(f"{what}，数据库没有恢复：{_said(errors)}")

        server.stdin.write(b"BEGIN;\n")
        server.stdin.flush()
        pumping = threading.Thread(target=_pump, args=(reader.stdout, server.stdin), daemon=True)
        pumping.start()
        try:
            yield reader.stdin
            reader.stdin.close()
        except BrokenPipeError:
            raise broken("pg_restore 中断") from None
        if reader.wait():
            raise broken("pg_restore 没有完成")
        pumping.join()
        # Only these words make it last: whoever is killed before leaves nothing behind.
        last = (
            f"DELETE FROM public.{FORGOTTEN};\n"
            f"INSERT INTO public.{MARK} (restored_at, backup_at, unsealed_by, reason)"
            f" VALUES ('{at.isoformat()}', '{backup_at.isoformat()}', '', '');\nCOMMIT;\n"
        )
        try:
            server.stdin.write(last.encode())
            server.stdin.close()
        except BrokenPipeError:
            raise broken("psql 中断") from None
        if server.wait():
            raise broken("psql 没有完成")


def _pump(source: IO[bytes], target: IO[bytes]) -> None:
    try:
        shutil.copyfileobj(source, target, AT_ONCE)
    except (OSError, ValueError):
        source.close()  # psql has ended: pg_restore must not wait for it


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


# SQLite -------------------------------------------------------------------------------------------


def _place() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _dump_sqlite(into: Dump) -> Shown:
    # A database in memory has no place of its own.
    place = _place().parent if _place().exists() else Path(tempfile.gettempdir())
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=place) as folder:
        path = Path(folder) / "copy.sqlite3"
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
            found = _shown(lambda words: copy.execute(words).fetchall(), _tables(copy))
        with path.open("rb") as plain:
            into(_Compressed(plain))  # type: ignore[arg-type]
    return found


def _tables(line: sqlite3.Connection) -> list[str]:
    words = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [name for (name,) in line.execute(words)]


class _Compressed:
    """A file that reads as its gzip."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._ready, self._ended = file, bytearray(), False
        self._zip = zlib.compressobj(1, wbits=31)

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and not self._ended:
            data = self._file.read(AT_ONCE)
            self._ended = not data
            self._ready += self._zip.compress(data) if data else self._zip.flush()
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found


@contextlib.contextmanager
def _restoring_sqlite(backup_at: datetime, at: datetime) -> Iterator[IO[bytes]]:
    target = _place()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=target.parent) as folder:
        packed, path = Path(folder) / "packed", Path(folder) / "whole.sqlite3"
        with packed.open("wb") as out:
            yield out
        try:
            with gzip.open(packed) as found, path.open("wb") as whole:
                shutil.copyfileobj(found, whole, AT_ONCE)
            with contextlib.closing(sqlite3.connect(path)) as line, line:
                if line.execute("PRAGMA quick_check").fetchone() != ("ok",):
                    raise BackupError("备份中的数据库不完整，没有恢复。")
                line.execute(f"DELETE FROM {FORGOTTEN}")
                line.execute(
                    f"INSERT INTO {MARK} (restored_at, backup_at, unsealed_by, reason)"
                    " VALUES (?, ?, '', '')",
                    [str(one.astimezone(UTC).replace(tzinfo=None)) for one in (at, backup_at)],
                )
        except (OSError, EOFError, zlib.error, sqlite3.Error) as error:
            raise BackupError(f"数据库没有恢复：{error}") from error
        with path.open("rb") as whole:
            os.fsync(whole.fileno())
        connection.close()
        if _size(target):  # somebody made one meanwhile
            raise BackupError(f"{target} 已有数据，没有恢复。")
        path.replace(target)


def _size(path: Path) -> int:
    both = (path, path.with_name(f"{path.name}-wal"))
    return sum(one.stat().st_size for one in both if one.exists())


# Either -------------------------------------------------------------------------------------------


def is_empty() -> bool:
    """Whether there is no table yet. On SQLite nothing is made by looking."""
    if not _is_postgres() and not _size(_place()):
        return True
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


@contextlib.contextmanager
def restoring(*, backup_at: datetime, at: datetime) -> Iterator[IO[bytes]]:
    """The dump is written into what this gives; at the end of the block it stands, and is sealed.

    When the block raises, nothing of it stands.
    """
    way = _restoring_postgres if _is_postgres() else _restoring_sqlite
    with way(backup_at, at) as into:
        yield into
