"""Bytes in the default storage, addressed by their hash. Knows no rows."""

import hashlib
import os
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from documents import fingerprints
from documents.errors import DamagedFile


def write(path: str, data: bytes) -> None:
    """Write and read back. Existing good bytes stay; damaged ones are replaced."""
    sha256 = fingerprints.sha256(data)
    if _holds(path, sha256):
        return
    if default_storage.exists(path):
        default_storage.delete(path)
    name = default_storage.save(path, ContentFile(data))
    if name != path:  # somebody stored the same bytes at the same moment
        default_storage.delete(name)
    _flush(path)
    if not _holds(path, sha256):
        raise DamagedFile(f"{path} could not be written")


def read(path: str, *, sha256: str) -> bytes:
    """The bytes under this path. Raises ``DamagedFile`` when missing or changed."""
    try:
        with default_storage.open(path) as file:
            data = file.read()
    except FileNotFoundError as error:
        raise DamagedFile(f"{path} is missing") from error
    if fingerprints.sha256(data) != sha256:
        raise DamagedFile(f"{path} is not what was stored")
    return data


def write_file(path: str, file: IO[bytes]) -> str:
    """Write a large file under a path of its own, a piece at a time, and read it back.

    Returns its SHA-256. Nothing may lie under the path yet.
    """
    file.seek(0)
    sha256 = _digest(file)
    file.seek(0)
    name = default_storage.save(path, File(file))
    if name != path:
        default_storage.delete(name)
        raise DamagedFile(f"{path} is taken")
    _flush(path)
    verify(path, sha256=sha256)
    return sha256


def verify(path: str, *, sha256: str) -> None:
    """Read a large file a piece at a time. Raises ``DamagedFile`` when missing or changed."""
    try:
        with default_storage.open(path) as file:
            found = _digest(file)
    except FileNotFoundError as error:
        raise DamagedFile(f"{path} is missing") from error
    if found != sha256:
        raise DamagedFile(f"{path} is not what was stored")


def delete(path: str) -> None:
    """Remove what lies there; nothing happens when there is nothing."""
    default_storage.delete(path)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()


def _holds(path: str, sha256: str) -> bool:
    try:
        read(path, sha256=sha256)
    except DamagedFile:
        return False
    return True


def _flush(path: str) -> None:
    """On a local disk, wait until the bytes and the name are really there."""
    try:
        local = default_storage.path(path)
    except NotImplementedError:
        return
    for target in (local, os.path.dirname(local)):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
