"""Making a backup: the database first, then the files. A file is written once and never changed,
so files that are copied later are always enough for the rows that were copied before."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from portal.backup import databases, envelope, files
from portal.backup.archive import Reader, Writer, check
from portal.backup.errors import BackupError

ENDING, PART = ".jbk", ".part"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that lies there: bytes of the whole and of the database, files, seconds taken."""

    path: Path
    size: int
    database: int
    files: int
    seconds: float


def make(path: Path, *, at: datetime) -> Made:
    """Write one backup to ``path``, which must not exist; whole or not at all."""
    begun = time.monotonic()
    key = envelope.keys(settings.JIEBANG_BACKUP_KEY)[0]
    if path.exists():
        raise BackupError(f"{path} 已存在，不覆盖。")
    part = path.with_name(path.name + PART)
    sizes: list[int] = []
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            writer = Writer(out, key)
            found = databases.dump(lambda stream: sizes.append(writer.add_stream(stream)))
            count = files.put_into(writer)
            writer.finish(
                {
                    "made_at": at.astimezone(UTC).isoformat(),
                    "vendor": connection.vendor,
                    "migrations": found.migrations,
                    "rows": found.rows,
                    "files": count,
                }
            )
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    except OSError as error:
        raise BackupError(f"写不出 {path}：{error}") from error
    finally:
        part.unlink(missing_ok=True)
    return Made(path, path.stat().st_size, sizes[0], count, time.monotonic() - begun)


def look(path: Path) -> dict[str, object]:
    """Read a whole backup without restoring it. Returns what its maker said of it."""
    try:
        with path.open("rb") as file:
            reader = Reader(file, envelope.keys(settings.JIEBANG_BACKUP_KEY))
            check(reader)
    except OSError as error:
        raise BackupError(f"读不出 {path}：{error}") from error
    return reader.about


# One a day ----------------------------------------------------------------------------------------


def name(at: datetime) -> str:
    return f"jiebang-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{ENDING}"


def kept(folder: Path) -> list[Path]:
    """The backups in a folder that we named, the oldest first."""
    return sorted(folder.glob(f"jiebang-*{ENDING}"))


def due(folder: Path, *, every: timedelta, at: datetime) -> bool:
    """Whether the newest is older than that, or there is none."""
    return not (have := kept(folder)) or have[-1].name <= name(at - every)


def clear(folder: Path, *, keep: int) -> list[Path]:
    """Delete what was left half written, and all but the newest ``keep``. Returns those."""
    for part in folder.glob(f"jiebang-*{ENDING}{PART}"):
        part.unlink(missing_ok=True)
    old = kept(folder)[:-keep]
    for path in old:
        path.unlink(missing_ok=True)
    return old
