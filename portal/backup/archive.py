"""What lies in a backup: parts of the database, stored files, and a list of both at the end. Pure.

The members are those of a tar in one stream: ``database/000000`` and so on, ``files/NAME``, and
last ``manifest.json`` with size and SHA-256 of each and what the maker said of the whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

from portal.backup.envelope import Opener, Sealer
from portal.backup.errors import BackupError

DATABASE, FILES, MANIFEST = "database/", "files/", "manifest.json"
PART = 8 * 1024 * 1024
AT_ONCE = 1024 * 1024
BROKEN = "备份文件的内容与其清单不符：{}。"


class Hashing(io.RawIOBase):
    """A file that is read once, from front to end, and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class Writer:
    """Puts members into a backup. Only ``finish`` makes it one."""

    def __init__(self, out: IO[bytes], key: bytes) -> None:
        self._sealer = Sealer(out, key)
        self._tar = tarfile.open(  # noqa: SIM115  closed by finish
            fileobj=cast(Any, self._sealer), mode="w|", bufsize=AT_ONCE, format=tarfile.PAX_FORMAT
        )
        self.members: list[list[Any]] = []

    def add(self, name: str, file: IO[bytes], size: int) -> None:
        """Add ``size`` bytes. Raises ``BackupError`` when the file is shorter than that."""
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, 0o600
        hashing = Hashing(file)
        try:
            self._tar.addfile(head, hashing)
        except OSError as error:
            raise BackupError(f"读不出 {name}：{error}") from error
        self.members.append([name, size, hashing.hexdigest()])

    def add_stream(self, stream: IO[bytes]) -> int:
        """Add the database, whose size nobody knows before. Returns its size in bytes."""
        number = total = 0
        while data := stream.read(PART):
            self.add(f"{DATABASE}{number:06d}", io.BytesIO(data), len(data))
            number, total = number + 1, total + len(data)
        return total

    def finish(self, about: dict[str, Any]) -> None:
        said = json.dumps({**about, "members": self.members}, ensure_ascii=False).encode()
        self.add(MANIFEST, io.BytesIO(said), len(said))
        self._tar.close()
        self._sealer.close()


@dataclass
class Member:
    """One member while it passes: read it, or it is passed over."""

    name: str
    size: int
    file: Hashing


@dataclass
class Reader:
    """Goes once through a backup. ``about`` is what its maker said, known after the last member.

    Whoever has taken every member without a ``BackupError`` has read what was written.
    """

    file: IO[bytes]
    known: list[bytes]
    about: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Member]:
        seen: list[list[Any]] = []
        opener: Any = Opener(self.file, self.known)
        try:
            with tarfile.open(fileobj=opener, mode="r|", bufsize=AT_ONCE) as tar:
                for head in tar:
                    inner = tar.extractfile(head)
                    if inner is None:
                        raise BackupError(BROKEN.format(head.name))
                    hashing = Hashing(inner)
                    if head.name == MANIFEST:
                        self.about = json.loads(hashing.read())
                        continue
                    yield Member(head.name, head.size, hashing)
                    while hashing.read(AT_ONCE):
                        pass
                    seen.append([head.name, head.size, hashing.hexdigest()])
            opener.read()  # what follows the tar's end belongs to the file too
        except tarfile.TarError as error:
            raise BackupError(f"备份文件的内容读不出来：{error}") from error
        if not self.about:
            raise BackupError(BROKEN.format("没有清单"))
        listed = self.about.pop("members")
        if listed != seen:
            odd = next((a for a, b in zip(seen, listed, strict=False) if a != b), ["数目不同"])
            raise BackupError(BROKEN.format(odd[0]))


def check(members: Iterable[Member]) -> tuple[int, int]:
    """Read everything and keep nothing. Returns how many members there are and their bytes."""
    count = total = 0
    for member in members:
        count, total = count + 1, total + member.size
    return count, total
