"""A database of its own for a proof that is not run by pytest, with nothing that goes outside.

``pytest`` is imported before the settings are read: they are those of the tests.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest  # noqa: F401

T = TypeVar("T")


class _Open:
    """In the place of pytest-django's blocker: here the database is always open."""

    def unblock(self) -> Any:
        return contextlib.nullcontext()


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Migrated and empty; thrown away at the end. Files go into a folder that is removed."""
    from unittest import mock

    import celery.app.base
    import celery.app.task
    from django.conf import settings
    from django.db import connection, connections
    from django.test.utils import setup_test_environment, teardown_test_environment

    from tests import migrated

    migrated.use()
    nothing = lambda *given, **more: None  # noqa: E731
    name = connection.settings_dict["NAME"]
    with contextlib.ExitStack() as held:
        logging.disable(logging.WARNING)  # refusals are what is asked for
        held.callback(logging.disable, logging.NOTSET)
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="jiebang-proof-"))
        settings.MEDIA_ROOT = Path(folder) / "media"
        held.enter_context(mock.patch.object(celery.app.task.Task, "apply_async", nothing))
        held.enter_context(mock.patch.object(celery.app.base.Celery, "send_task", nothing))
        setup_test_environment()
        held.callback(teardown_test_environment)
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            yield
        finally:
            connections.close_all()
            connection.creation.destroy_test_db(name, verbosity=0)


@contextlib.contextmanager
def world(build: Callable[[], T]) -> Iterator[T]:
    """What ``build`` returns, as ``tests.kept`` makes it for a module of tests."""
    from tests import kept

    with (
        tempfile.TemporaryDirectory(prefix="jiebang-world-") as folder,
        kept.built(build, _Open(), Path(folder)) as found,
    ):
        yield found


def worlds() -> dict[str, Callable[[], Any]]:
    """The worlds of the permission matrix by their names."""
    from tests.architecture import matrix_world, world_testing, world_years

    return {
        **{
            name: lambda name=name: matrix_world.build(name)
            for name in ("review", "decision", "panel", "visits")
        },
        "testing": world_testing.build,
        "years": world_years.build,
    }
