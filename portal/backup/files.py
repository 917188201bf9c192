"""The stored files of an installation, by the names under which the storage knows them."""

import os
import shutil
import tempfile
from collections.abc import Iterator

from django.core.files.base import File
from django.core.files.storage import default_storage

from portal.backup.archive import AT_ONCE, FILES, Member, Writer
from portal.backup.errors import BackupError

LEFT_OUT = frozenset({"cache"})
"""Folders that can be made anew at any time."""


IN_MEMORY = 8 * 1024 * 1024


def names(folder: str = "") -> Iterator[str]:
    """Every stored file, a folder at a time."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}/{name}".lstrip("/")
    for inner in sorted(folders):
        if folder or inner not in LEFT_OUT:
            yield from names(f"{folder}/{inner}".lstrip("/"))


def are_there() -> bool:
    return next(names(), None) is not None


def put_into(writer: Writer) -> int:
    """Add every file; one that is deleted meanwhile was not needed any more. Returns how many."""
    count = 0
    for name in names():
        try:
            file = default_storage.open(name)
            size = file.seek(0, os.SEEK_END)
        except FileNotFoundError:
            continue
        with file:
            file.seek(0)
            writer.add(f"{FILES}{name}", file, size)
        count += 1
    return count


def take(member: Member) -> str:
    """Store one file under its name. Raises ``BackupError`` when something lies there."""
    name = member.name.removeprefix(FILES)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
        shutil.copyfileobj(member.file, whole, AT_ONCE)
        whole.seek(0)
        stored: str = default_storage.save(name, File(whole, name=name))  # type: ignore[arg-type]
    if stored != name:
        default_storage.delete(stored)
        raise BackupError(f"文件 {name} 的位置上已有文件。")
    return name


def remove(stored: list[str]) -> None:
    for name in stored:
        default_storage.delete(name)
