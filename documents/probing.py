"""Trying the storage as the portal will use it: written, read back, kept apart, taken away.

For whoever sets a place up (``manage.py check_storage``). What is written lies under ``probe/`` and
is removed again, also when a step fails.
"""

import io
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from documents import storage
from documents.errors import DamagedFile, StorageAway

FOLDER = "probe"
SMALL, LARGE = 1024, 9 * 1024 * 1024
"""Bytes; the large one goes in parts and through the disk where objects are stored."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried; ``wrong`` says why it did not hold and is empty where it did."""

    words: str
    seconds: float
    wrong: str = ""


class _Wrong(Exception):
    """The storage answered, but not as the portal needs it."""


def steps() -> Iterator[Step]:
    """Try everything in turn; after a step that did not hold nothing else is tried."""
    probe = _Probe()
    try:
        for words, act in probe.acts():
            begun, wrong = time.perf_counter(), ""
            try:
                act()
            except (_Wrong, StorageAway, DamagedFile, OSError) as error:
                wrong = str(error) or type(error).__name__
            yield Step(words, time.perf_counter() - begun, wrong)
            if wrong:
                return
    finally:
        probe.clear()


class _Probe:
    def __init__(self) -> None:
        mark = secrets.token_hex(8)
        self.small, self.large = f"{FOLDER}/{mark}.bin", f"{FOLDER}/{mark}.large.bin"
        self.data = os.urandom(SMALL)
        self.written = [self.small, self.large]

    def acts(self) -> list[tuple[str, Callable[[], None]]]:
        private = hasattr(default_storage, "open_to_all")
        return [
            ("写入 1 KB 并读回", self.write),
            ("同名文件不被覆盖", self.write_again),
            ("写入 9 MB 并读回", self.write_large),
            ("列出文件", self.list),
            ("不存在的文件如实报告", self.read_nothing),
            *([("没有密钥的人读不到", self.read_unsigned)] if private else []),
            ("删除", self.delete),
        ]

    def write(self) -> None:
        storage.write(self.small, self.data)

    def write_again(self) -> None:
        name = default_storage.save(self.small, ContentFile(b"other"))
        self.written.append(name)
        with default_storage.open(self.small) as file:
            if name == self.small or file.read() != self.data:
                raise _Wrong("原有内容被后来的同名文件覆盖")

    def write_large(self) -> None:
        storage.write_file(self.large, io.BytesIO(os.urandom(LARGE)))

    def list(self) -> None:
        _, names = default_storage.listdir(FOLDER)
        missing = {name.removeprefix(f"{FOLDER}/") for name in self.written} - set(names)
        if missing:
            raise _Wrong(f"列表中缺少刚写入的 {len(missing)} 个文件")

    def read_nothing(self) -> None:
        nothing = f"{self.small}.none"
        if default_storage.exists(nothing):
            raise _Wrong("从未写入的文件被报告为存在")
        with suppress(FileNotFoundError), default_storage.open(nothing):
            raise _Wrong("从未写入的文件可以打开")

    def read_unsigned(self) -> None:
        place: Any = default_storage
        if place.open_to_all(self.small):
            raise _Wrong("没有密钥也能读到文件，请把存储桶设为私有")

    def delete(self) -> None:
        for name in self.written:
            storage.delete(name)
        left = [name for name in self.written if default_storage.exists(name)]
        if left:
            raise _Wrong(f"删除后仍有 {len(left)} 个文件")

    def clear(self) -> None:
        for name in self.written:
            with suppress(StorageAway, OSError):
                storage.delete(name)
