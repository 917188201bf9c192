"""The envelope of a backup: AES-256-GCM in pieces of one MiB. Pure.

Each file has a key of its own, derived from the installation's key and a random salt. A piece is
bound to its place by its nonce, and the last one is marked as the last: a changed byte, a piece
left out, doubled or moved, and a file cut short are all refused. Neither side holds more than two
pieces in memory.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.backup.errors import BackupError

MAGIC = b"JIEBANG-BACKUP-1\n"
SALT, MARK, TAG = 32, 16, 16
PIECE = 1024 * 1024
HEADER = len(MAGIC) + SALT + MARK


def keys(texts: Sequence[str]) -> list[bytes]:
    """The keys of the setting. Raises ``BackupError`` when there is none or one is not a key."""
    if not texts:
        raise BackupError("没有设置 JIEBANG_BACKUP_KEY，不能备份或恢复。见 docs/operations.md。")
    found = []
    for text in texts:
        try:
            key = base64.urlsafe_b64decode(text.encode("ascii"))
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise BackupError("JIEBANG_BACKUP_KEY 不是密钥（应为 32 字节的 base64 文本）。")
        found.append(key)
    return found


def _derived(key: bytes, salt: bytes, use: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=use).derive(key)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class Sealer:
    """Writes into ``out``; what is written is complete only after ``close``."""

    def __init__(self, out: IO[bytes], key: bytes) -> None:
        salt = os.urandom(SALT)
        self._header = MAGIC + salt + _derived(key, salt, b"mark", MARK)
        self._cipher = AESGCM(_derived(key, salt, b"pieces", 32))
        self._out, self._kept, self._number = out, bytearray(), 0
        out.write(self._header)

    def write(self, data: bytes) -> int:
        self._kept += data
        while len(self._kept) > PIECE:
            self._put(bytes(self._kept[:PIECE]), last=False)
            del self._kept[:PIECE]
        return len(data)

    def close(self) -> None:
        self._put(bytes(self._kept), last=True)
        self._kept.clear()

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header))
        self._number += 1


class Opener:
    """Reads what ``Sealer`` wrote. Raises ``BackupError`` at the first thing that does not fit."""

    def __init__(self, file: IO[bytes], known: Sequence[bytes]) -> None:
        self._header = file.read(HEADER)
        if len(self._header) < HEADER or not self._header.startswith(MAGIC):
            raise BackupError("这不是备份文件，或文件头已损坏。")
        salt = self._header[len(MAGIC) : -MARK]
        for key in known:
            if hmac.compare_digest(_derived(key, salt, b"mark", MARK), self._header[-MARK:]):
                self._cipher = AESGCM(_derived(key, salt, b"pieces", 32))
                break
        else:
            raise BackupError("密钥不对：JIEBANG_BACKUP_KEY 不是做这份备份时的密钥。")
        self._file, self._number, self._ended = file, 0, False
        self._ahead = file.read(PIECE + TAG)
        self._kept, self._at = b"", 0

    def read(self, size: int = -1) -> bytes:
        parts, missing = [], size
        while size < 0 or missing > 0:
            if self._at == len(self._kept) and not self._next():
                break
            end = len(self._kept) if size < 0 else self._at + missing
            part = self._kept[self._at : end]
            self._at += len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _next(self) -> bool:
        """Open one more piece; False after the last."""
        if self._ended:
            return False
        sealed, self._ahead = self._ahead, self._file.read(PIECE + TAG)
        last = not self._ahead
        try:
            self._kept = self._cipher.decrypt(_nonce(self._number, last=last), sealed, self._header)
        except InvalidTag:
            raise BackupError(self._why(sealed, last=last)) from None
        self._at, self._ended = 0, last
        self._number += 1
        return True

    def _why(self, sealed: bytes, *, last: bool) -> str:
        if last:
            try:
                self._cipher.decrypt(_nonce(self._number, last=False), sealed, self._header)
            except InvalidTag:
                return f"备份文件不完整或被改动（第 {self._number + 1} 段）。"
            return f"备份文件不完整：在第 {self._number + 1} 段之后被截断。"
        return f"备份文件被改动（第 {self._number + 1} 段）。"
