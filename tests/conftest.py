"""Fixtures of every test: the world's cast, and a clock that only tests may set."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests import emptying, kept, migrated, world
from tests.architecture import sabotage

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")  # a loaded machine is no failure


def pytest_configure(config):
    sabotage.commit()
    migrated.use()
    emptying.only_what_is_filled()


def pytest_collection_finish():
    """What is loaded by now stays to the end, as in a process at work."""
    from portal import warm

    warm.set_apart()


@pytest.fixture
def at():
    """The instant of most tests: inside the filing phase of ``world.call``."""
    return world.AT


@pytest.fixture
def cast(db):
    """The small fixed cast: one call with its units, people and one draft."""
    return world.build()


@pytest.fixture(params=["here", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either_database(request):
    """Runs a test on SQLite and, where there is a server, on PostgreSQL too."""
    return request.param


@pytest.fixture(scope="session")
def celery_config():
    return {"broker_url": "memory://"}


@pytest.fixture(autouse=True)
def _quiet_broker(settings, tmp_path, monkeypatch):
    """No test talks to a broker or writes into the project's own storage."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *args, **kwargs: None)
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *args, **kwargs: None)


@pytest.fixture
def kept_files(settings, _quiet_broker):
    """For a world of ``tests/kept.py``: the files are those of the world."""
    settings.MEDIA_ROOT = kept.folders[-1]


def pytest_collection_modifyitems(items):
    """What needs PostgreSQL is deselected where the tests run on SQLite; dev.py says NOT RUN."""
    on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    if on_postgres:
        return
    chosen = [item for item in items if "postgres" not in item.keywords]
    if len(chosen) != len(items):
        items[:] = chosen
