"""The storage of a test may be a door on loopback that speaks S3."""

import pytest
from botocore.config import Config

from documents import objectstore
from tests.portal import s3door


@pytest.fixture(scope="module")
def opened():
    with s3door.opened() as door:
        yield door


@pytest.fixture
def door(opened, settings, monkeypatch):
    """The storage of this process is the door, empty and in service."""
    opened.objects.clear()
    opened.asked.clear()
    opened.away, opened.refuse, opened.public = False, set(), False
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    once = objectstore.PATIENCE.merge(Config(retries={"total_max_attempts": 1}))
    monkeypatch.setattr(objectstore, "PATIENCE", once)
    s3door.use(opened, settings)
    return opened
