"""Each guard taken away in turn: some test must turn red, or the guard is not tested.

    python -m tests.architecture.sabotage [guard ...]

A guard is removed in a process of its own: ``tests/conftest.py`` calls ``commit`` with what
``JIEBANG_SABOTAGE`` names. Nothing of this is reachable outside the tests.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture import sabotage_doors
from tests.architecture.guards import Guard

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "JIEBANG_SABOTAGE"
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")

APPLICATIONS = "tests/applications/test_services.py"
DEADLINE = "tests/applications/test_deadline.py"
HALF_WAY = "tests/faults/test_half_way.py::test_an_act_that_fails_half_way_leaves_nothing"
RACE = "tests/recommenders/test_quota_race.py"
UNITS_RACE = "tests/applications/test_exclusivity_race.py"


# Taking away -----------------------------------------------------------------------------------


def _after_migration(statement: Callable[[str], Sequence[str]]) -> None:
    """Run SQL once the test database exists."""
    from django.db import connection
    from django.db.models.signals import post_migrate

    def run(sender: Any, **kwargs: Any) -> None:
        if sender.label == "accounts":  # one signal of the many that follow the migrations
            with connection.cursor() as cursor:
                for sql in statement(connection.vendor):
                    cursor.execute(sql)

    post_migrate.connect(run, weak=False, dispatch_uid="sabotage")


def no_lock() -> None:
    from recommenders.models import Allotment
    from recommenders.services import ground

    def unlocked(application: Any, *, pool: str = "") -> tuple[Allotment, bool]:
        from recommenders import queries

        found = queries.allotment_for(application, pool=pool)
        assert found is not None
        return found, True

    ground.lock_room = unlocked


def status_not_read_again() -> None:
    """``move`` takes the row as the page had it, without locking and reading it anew."""
    from applications.services import moving

    moving.locked = lambda application: application


def no_unique_place() -> None:
    _after_migration(lambda vendor: ["DROP INDEX confirmation_place_held_once"])


def no_deadline_trigger() -> None:
    def sql(vendor: str) -> list[str]:
        on = " ON applications_version" if vendor == "postgresql" else ""
        return [f"DROP TRIGGER applications_version_in_time{on}"]

    _after_migration(sql)


def open_view() -> None:
    """The door of the accounts policy stands open for every role."""
    from accounts import policy

    whole = policy._refuse

    def lenient(request: Any, rule: Any) -> Any:
        if rule.kind == "roles":
            rule = policy.Rule("signed_in")
        return whole(request, rule)

    policy._refuse = lenient


def letters_after_the_commit() -> None:
    """Letters are written once the act is done, not with it: a failure would lose them."""
    from django.db import transaction

    from applications import letters

    whole = letters.announce

    def later(*args: Any, **given: Any) -> None:
        transaction.on_commit(lambda: whole(*args, **given), robust=True)

    letters.announce = later


def units_not_held() -> None:
    from applications import exclusivity

    judge = exclusivity.clashes_of_draft

    def slowly(application: Any, material: Any, **known: Any) -> Any:
        found = judge(application, material, **known)
        time.sleep(0.5)  # long enough for the others to judge as well
        return found

    exclusivity.hold = lambda application, material: None
    exclusivity.clashes_of_draft = slowly


def no_clashes() -> None:
    from applications import exclusivity

    exclusivity.refuse = lambda found: None


def submit_incomplete() -> None:
    from applications import readiness

    readiness.problems = lambda material: []


def any_list_will_do() -> None:
    from recommenders.services import lists

    lists._same_as_shown = lambda rows, shown: None


def conflicts_unseen() -> None:
    from reviews import queries

    queries.barred_pairs = lambda round: set()
    queries.is_barred = lambda task: False
    queries.conflicts_between = lambda expert, application: _nothing()


def room_for_everybody() -> None:
    """Who is barred by now stays in the room of a meeting."""
    from panels import access

    access._hidden = lambda member, item: False


def _nothing() -> Any:
    from reviews.models import Conflict

    return Conflict.objects.none()


def no_caps() -> None:
    """The service hands out no slots, and the database does not ask for them."""

    def sql(vendor: str) -> list[str]:
        if vendor == "postgresql":
            return ["DROP TRIGGER outcomes_decision_cap ON outcomes_decision"]
        return [f"DROP TRIGGER outcomes_decision_cap_{act}" for act in ("insert", "update")]

    from outcomes.services import slots

    slots.take = lambda application, tier: {}
    _after_migration(sql)


def results_at_once() -> None:
    """What the office decided shows as soon as it takes effect, before any list."""
    from applications import workflow

    workflow.RESULTS = ()


def chain_of_nothing() -> None:
    """Links that do not depend on what they link."""
    from audit import services

    services.digest = lambda previous, seq, contents: f"{seq:064d}"


GUARDS = (
    Guard(
        "lock in confirming",
        no_lock,
        (f"{RACE}::test_forty_at_once_for_fifteen_places_leave_fifteen",),
        postgres=True,
    ),
    Guard(
        "row locked and read again in move",
        status_not_read_again,
        (
            f"{APPLICATIONS}::test_of_two_people_who_act_on_the_same_page_the_second_meets_the_new_status",
        ),
    ),
    Guard(
        "unique place",
        no_unique_place,
        ("tests/architecture/test_invariants.py::test_a_whole_season_keeps_every_promise[here]",),
    ),
    Guard(
        "units held while submitting",
        units_not_held,
        (f"{UNITS_RACE}::test_of_six_that_name_one_partner_at_once_one_is_submitted",),
        postgres=True,
    ),
    Guard("clashes at submission", no_clashes, ("tests/applications/test_exclusivity.py",)),
    Guard("deadline trigger", no_deadline_trigger, (DEADLINE,)),
    Guard(
        "policy of a view",
        open_view,
        (
            "tests/office/test_pages.py",
            "tests/accounts/test_signing_in.py",
            "MATRIX office:cockpit",
        ),
    ),
    Guard(
        "letter in the transaction",
        letters_after_the_commit,
        (f"{HALF_WAY}[here-_submit-notifications.services.enqueue]",),
    ),
    Guard("completeness", submit_incomplete, (APPLICATIONS,)),
    Guard("hash of the list", any_list_will_do, ("tests/recommenders/test_lists.py",)),
    Guard("conflict", conflicts_unseen, ("tests/reviews/test_rounds.py",)),
    Guard(
        "out of the room",
        room_for_everybody,
        (
            "tests/panels/test_room_pages.py::test_a_conflict_recorded_by_another_pool_puts_the_person_out_as_well",
        ),
    ),
    Guard("cap", no_caps, ("tests/outcomes/test_caps.py",)),
    Guard("result kept back", results_at_once, ("tests/outcomes/test_unpublished.py",)),
    Guard("chain", chain_of_nothing, ("tests/audit/test_chain.py",)),
    *sabotage_doors.GUARDS,
)


def commit() -> None:
    """Take away what the environment names. Called when the tests start."""
    name = os.environ.get(VARIABLE, "")
    if name:
        next(guard for guard in GUARDS if guard.name == name).remove()


# Looking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    guard: str
    caught_by: tuple[str, ...]
    seconds: float
    output: str


def arguments(guard: Guard) -> list[str]:
    found: list[str] = []
    for test in guard.tests:
        if test.startswith("MATRIX "):
            route = test.removeprefix("MATRIX ")
            test = f"tests/architecture/test_matrix_review.py::test_the_row_is_true[{route}]"
        found.append(test)
    return found


def environment(guard: Guard) -> dict[str, str]:
    """Of the process without the guard: on PostgreSQL its test database has a name of its own,
    for two guards may be played at once."""
    found = {**os.environ, VARIABLE: guard.name}
    if ON_POSTGRES:
        server, _, name = found["DATABASE_URL"].rpartition("/")
        found["DATABASE_URL"] = f"{server}/{name}_without_{os.getpid()}"
    return found


def play(guard: Guard) -> Outcome:
    """Run the guard's tests without it, up to the first that notices."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-rfE", "-p", "no:cacheprovider"]
        + ([] if guard.postgres else ["-m", "not postgres"])
        + arguments(guard),
        cwd=ROOT,
        env=environment(guard),
        capture_output=True,
        text=True,
        timeout=300,
    )
    caught = tuple(
        line.split(" ", 1)[1].split(" - ")[0]
        for line in done.stdout.splitlines()
        if line.startswith("FAILED ")
    )
    return Outcome(guard.name, caught, time.monotonic() - started, done.stdout + done.stderr)


def chosen(names: Sequence[str] = ()) -> list[Guard]:
    return [
        guard
        for guard in GUARDS
        if (not names or guard.name in names) and guard.postgres <= ON_POSTGRES
    ]


def main(names: Sequence[str]) -> int:
    outcomes = [play(guard) for guard in chosen(names)]
    for one in outcomes:
        print(f"{one.guard:36} {one.seconds:5.1f} s  {', '.join(one.caught_by) or 'NOT NOTICED'}")
        if not one.caught_by:
            print(one.output[-2000:])
    left = [guard.name for guard in GUARDS if guard.postgres and not ON_POSTGRES]
    for name in left:
        print(f"{name:36} NOT RUN: needs PostgreSQL (DATABASE_URL)")
    return 0 if all(one.caught_by for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
