"""Stored files in S3-compatible storage: django-storages' backend, with our patience and errors.

Only where ``JIEBANG_S3_BUCKET`` is set; needs ``requirements/s3.txt``. Differs from the backend in
four things: what lies there is never overwritten silently; a request waits seconds, not minutes,
for storage that does not answer; a large file is read through the disk instead of memory; and
whatever keeps the storage from serving is a ``StorageAway``. What is not there is a
``FileNotFoundError``, as on a disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import RetriesExceededError
from storages.backends.s3 import S3Storage

from documents.errors import StorageAway

IN_MEMORY = 8 * 1024 * 1024
PATIENCE = Config(
    connect_timeout=3,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 2},
    # Sums as trailers are not understood by every product; ours are checked on reading back.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


@contextmanager
def _reached(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey"):
            raise FileNotFoundError(name) from error
        raise StorageAway(f"{name}: {error}") from error
    except (BotoCoreError, Boto3Error, RetriesExceededError) as error:
        raise StorageAway(f"{name}: {error}") from error


class ObjectStorage(S3Storage):  # type: ignore[misc]  # not installed everywhere
    """Never overwrites; raises ``StorageAway`` while the storage does not serve."""

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {
            "file_overwrite": False,
            "max_memory_size": IN_MEMORY,
            "client_config": PATIENCE,
            "transfer_config": TransferConfig(use_threads=False),
        }

    def _open(self, name: str, mode: str = "rb") -> Any:
        """The whole file, fetched now: a failure later could only cut an answer short."""
        with _reached(name):
            file = super()._open(name, mode)
            if "r" in mode:
                file.open()
            return file

    def _save(self, name: str, content: Any) -> Any:
        with _reached(name):
            return super()._save(name, content)

    def exists(self, name: str) -> Any:
        with _reached(name):
            return super().exists(name)

    def delete(self, name: str) -> None:
        with _reached(name):
            super().delete(name)

    def listdir(self, name: str) -> Any:
        with _reached(name):
            return super().listdir(name)

    def size(self, name: str) -> Any:
        with _reached(name):
            return super().size(name)

    def open_to_all(self, name: str) -> bool:
        """Whether somebody without a key may read this object, which nobody should."""
        stranger = boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name=self.region_name,
            config=PATIENCE.merge(Config(signature_version=UNSIGNED)),
        )
        with _reached(name), suppress(ClientError):
            stranger.head_object(Bucket=self.bucket_name, Key=name)
            return True
        return False
