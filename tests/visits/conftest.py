"""A visit for the tests of a room whose scene stands (``made``)."""

import pytest


@pytest.fixture
def visit(made):
    return made.at_the_site(made.plan()[0])
