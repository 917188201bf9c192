"""Restoring a backup into an empty place. The whole of it is read and judged before anything is
written; then files and rows are written, the rows last, in one transaction with the seal."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from portal.backup import databases, envelope, files
from portal.backup.archive import AT_ONCE, DATABASE, FILES, Reader, check
from portal.backup.errors import BackupError

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands now: the instant it shows, rows and files."""

    backup_at: datetime
    rows: int
    files: int


def restore(path: Path, *, at: datetime, say: Say = lambda words: None) -> Restored:
    """Raises ``BackupError``; then nothing of the backup stands here."""
    known = envelope.keys(settings.JIEBANG_BACKUP_KEY)
    try:
        if not databases.is_empty():
            raise BackupError("数据库不是空的。只能恢复到空的数据库中。")
        if files.are_there():
            raise BackupError("文件存储不是空的。只能恢复到空的存储中。")
        with path.open("rb") as file:
            reader = Reader(file, known)
            count, total = check(reader)
            say(f"备份完好：{count} 项，{total / 1e6:.1f} MB")
            fits(reader.about)
            file.seek(0)
            about = _write(Reader(file, known), reader.about, at=at)
    except OSError as error:
        raise BackupError(f"没有恢复：{error}") from error
    os.sync()
    _compare(about["rows"])
    return Restored(_instant(about), sum(about["rows"].values()), about["files"])


def _instant(about: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(about["made_at"])


def fits(about: dict[str, Any]) -> None:
    """Whether this version of the program can hold the backup."""
    if about["vendor"] != connection.vendor:
        raise BackupError(f"备份来自 {about['vendor']}，这里是 {connection.vendor}，不能互换。")
    ours = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    theirs = set(about["migrations"])
    if odd := sorted(ours ^ theirs):
        newer = "较新" if set(odd) <= theirs else "不同"
        raise BackupError(
            f"备份由{newer}版本的程序所做（迁移 {odd[0]} 等 {len(odd)} 项不同）。"
            "请用做备份时的版本恢复，再照常升级。"
        )


def _write(reader: Reader, about: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    stored: list[str] = []
    with ExitStack() as undo:
        undo.callback(lambda: files.remove(stored))
        with databases.restoring(backup_at=_instant(about), at=at) as rows:
            for member in reader:
                if member.name.startswith(FILES):
                    stored.append(files.take(member))
                elif member.name.startswith(DATABASE):
                    while data := member.file.read(AT_ONCE):
                        rows.write(data)
        undo.pop_all()
    return reader.about


def _compare(rows: dict[str, int]) -> None:
    """Every table holds what the backup says; the seal is one more, the sessions are gone."""
    wanted = rows | {
        databases.MARK: rows[databases.MARK] + 1,
        databases.FORGOTTEN: 0,
    }
    found = databases.shown().rows
    if odd := sorted(name for name in wanted | found if wanted.get(name) != found.get(name)):
        raise BackupError(
            f"已恢复并封存，但 {odd[0]} 等 {len(odd)} 张表的行数与备份不符。请勿启用。"
        )
