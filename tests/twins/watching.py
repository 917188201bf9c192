"""What each module of twins does with its world: a sample always, everything where it is asked."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from django.test import override_settings

from portal import settings as house
from tests.architecture.canaries import World
from tests.twins.comparing import Fact, Report, a_sample, compare, everything

WHOLE = bool(os.environ.get("JIEBANG_TWINS"))
SEED = os.environ.get("JIEBANG_TWINS_SEED") or f"{datetime.now(UTC):%G-%V}"
"""Another sample each week; the report of a failure names it."""
SIZE = 16


def apart(world: World, fact: Fact) -> Report:
    report = compare(world, fact, choose=everything if WHOLE else a_sample(SIZE, SEED))
    print(f"{fact.name}: {report} (seed {SEED})")
    return report


def leaking(world: World, fact: Fact) -> Report:
    middleware = [*house.MIDDLEWARE, "tests.twins.leaking.Counting"]
    with override_settings(MIDDLEWARE=middleware):
        return compare(world, fact, choose=a_sample(3, SEED))


def told(report: Report) -> Any:
    return "\n".join(report.leaks[:20])
