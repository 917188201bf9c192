"""Fixtures of the tests of the office's desk."""

import pytest
from django.test import Client

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def enter(cast):
    """A client signed in as somebody of the cast."""

    def enter(name):
        client = Client()
        client.force_login(cast.people[name], backend=BACKEND)
        return client

    return enter
