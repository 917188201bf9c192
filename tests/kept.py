"""A world that is built once for many tests; each test's changes are rolled back.

    played = kept.fixture(build)
    pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]

The world lives in a transaction of the module, each test in a savepoint of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.test import override_settings

T = TypeVar("T")
folders: list[Path] = []


@contextmanager
def built(build: Callable[[], T], blocker: Any, folder: Path) -> Iterator[T]:
    """What ``build`` returns, in a transaction that is thrown away at the end."""
    folders.append(folder)
    with blocker.unblock(), override_settings(MEDIA_ROOT=folder):
        try:
            with transaction.atomic():
                yield build()
                transaction.set_rollback(True)
        finally:
            folders.pop()


def fixture(build: Callable[[], T]) -> Any:
    """A module-scoped fixture that gives what ``build`` returns."""

    @pytest.fixture(scope="module")
    def kept(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Any]:
        with built(build, django_db_blocker, tmp_path_factory.mktemp("media")) as found:
            yield found

    return kept
