"""The frame of the proofs: what is listed exists, and what counted nothing has proved nothing."""

import contextlib
import importlib
import json
from pathlib import Path

import pytest

from dev_tools import proof
from dev_tools.proof import PROOFS, table
from tests.proof.frame import MOST_TOLD, Report

FOLDER = Path(__file__).parent


def test_every_proof_that_is_listed_is_a_module_with_its_function():
    for name in PROOFS:
        assert callable(importlib.import_module(f"tests.proof.{name}").prove), name


def test_every_module_with_a_proof_is_listed():
    found = {path.stem for path in FOLDER.glob("*.py") if "\ndef prove(" in path.read_text("utf-8")}
    assert found == set(PROOFS)


def test_a_proof_that_counted_nothing_does_not_hold():
    report = Report("nothing")
    assert not report.holds
    report.count("files")
    assert report.holds
    report.fail("one was taken")
    assert not report.holds


def test_all_wrongs_are_counted_and_the_first_ones_told():
    report = Report("many")
    for n in range(MOST_TOLD + 7):
        report.expect(False, f"wrong {n}")
    assert report.wrongs == MOST_TOLD + 7
    assert "and 7 more" in report.words()
    assert json.loads(report.as_json())["holds"] is False


@pytest.mark.parametrize("word", ["ok", "FAILED", "NOT RUN"])
def test_the_table_says_how_each_proof_ended(word):
    one = {"name": "uploads", "holds": word == "ok", "figures": {"files": 2160}, "seconds": 9.4}
    if word == "NOT RUN":
        one = {"name": "uploads", "holds": False, "not_run": "no server"}
    said = table([one])
    assert word in said
    assert ("2160" in said) == (word != "NOT RUN")


def test_a_whole_run_goes_on_until_its_figure_is_counted():
    report = Report("steps", goal=("steps", 100))
    report.count("steps", 50)
    assert report.reached(0.5)
    assert not report.reached()
    report.count("steps", 50)
    assert report.reached()
    assert not Report("by the time alone", figures={"steps": 10**9}).reached()


@pytest.mark.parametrize(("name", "program"), [("strace", "strace"), ("office", "soffice")])
def test_a_proof_whose_program_is_not_there_says_that_it_did_not_run(
    name, program, tmp_path, monkeypatch
):
    monkeypatch.setattr("shutil.which", lambda asked: None)
    one = proof._one(name, 1, tmp_path, {}, contextlib.ExitStack())
    assert one == {"name": name, "holds": False, "not_run": f"{program} is not installed"}


def test_a_whole_run_of_the_twins_asks_every_address_once_for_each_fact(monkeypatch):
    from tests.proof import twins
    from tests.twins import comparing

    chosen = []

    def compare(made, fact, *, choose):
        chosen.append((fact.name, choose is comparing.everything))
        return comparing.Report(requests=1)

    facts = tuple(comparing.Fact(name, "offices", lambda made: None) for name in ("one", "other"))
    monkeypatch.setattr(twins, "PARTS", ((object, facts),))
    monkeypatch.setattr(twins.ground, "world", contextlib.nullcontext)
    monkeypatch.setattr(twins.comparing, "compare", compare)
    leaking = comparing.Report(leaks=["put in"])
    monkeypatch.setattr(twins.watching, "leaking", lambda made, fact: leaking)
    report = Report("twins", goal=twins.GOAL)
    twins.prove(report, seconds=12 * 3600)
    assert chosen == [("one", True), ("other", True)], "and then it ends"
    assert report.figures["answers compared"] == 2 and not report.wrongs


def test_a_whole_run_of_the_quota_ends_with_its_rounds(monkeypatch):
    from tests.proof import quota

    asked = []

    def play(cast, *, clients, rounds, seconds):
        asked.append(rounds)
        return quota.proof_quota.Report(clients, rounds=rounds)

    monkeypatch.setattr(quota.world, "build", lambda: None)
    monkeypatch.setattr(quota.proof_quota, "play", play)
    monkeypatch.setattr(quota.proof_quota, "control", lambda cast, clients: [99])
    quota.prove(Report("quota", goal=quota.GOAL), seconds=12 * 3600)
    quota.prove(Report("quota"), seconds=1)
    assert asked == [2_000, 100_000]
