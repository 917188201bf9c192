"""No lock lies below a floor: the first version without a weakness that we know of."""

import subprocess
import sys

import pytest

from dev_tools import advisories

ENTRY = {
    "package": "Django",
    "version": '"5.2.8"',
    "advisory": "CVE-2025-64459",
    "words": "Names of keywords reached the SQL.",
    "seen": "https://example.org/advisory",
    "on": "2026-11-28",
}


def known(**changes):
    entry = {**ENTRY, **changes}
    lines = ["[[floor]]"]
    for name, value in entry.items():
        bare = name == "on" or value.startswith('"')
        lines.append(f"{name} = {value if bare else repr(value)}")
    return advisories.floors("\n".join(lines))


def said(lock, **changes):
    locks = {"base.txt": advisories.locked(lock)}
    return list(advisories.problems(known(**changes), locks))


def test_our_locks_lie_on_or_above_every_floor():
    done = subprocess.run(
        [sys.executable, "-m", "dev_tools.advisories"],
        cwd=advisories.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    found = advisories.floors(advisories.FLOORS.read_text("utf-8"))
    assert {one.package for one in found} >= {"django", "weasyprint", "pypdf", "pillow", "gunicorn"}
    assert len(found) >= 14


def test_a_lock_below_a_floor_is_named_with_advisory_and_remedy():
    (problem,) = said("django==5.2.7 \\\n    --hash=sha256:00\nlxml==6.1.3 \\\n")
    assert "django 5.2.7 in base.txt" in problem
    assert "CVE-2025-64459" in problem
    assert "5.2.8" in problem


@pytest.mark.parametrize("version", ["5.2.8", "5.2.19", "5.10", "6.0"])
def test_versions_are_compared_as_versions(version):
    assert said(f"django=={version} \\\n") == []


@pytest.mark.parametrize("version", ["5.2.8rc1", "4.2.30", "5.1.99"])
def test_what_comes_before_the_floor_is_below_it(version):
    assert len(said(f"django=={version} \\\n")) == 1


def test_a_floor_of_a_package_that_is_locked_no_more_is_named():
    assert "in no lock any more" in said("lxml==6.1.3 \\\n")[0]


def test_names_are_one_however_they_are_written():
    (floor,) = known(package="Typing_Extensions", version='"4.0"')
    assert floor.package in advisories.locked("typing-extensions==4.16.0 \\\n")


@pytest.mark.parametrize(
    "changes",
    [
        {"advisory": "somewhere"},
        {"seen": "heard of it"},
        {"words": " "},
        {"version": '"new"'},
        {"reviewer": "nobody"},
    ],
)
def test_a_floor_without_number_source_or_words_is_none(changes):
    with pytest.raises(ValueError):
        known(**changes)
