"""Bytes in the default storage, addressed by their hash. Knows no rows."""

import os

from django.core.files.base import ContentFile
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
