"""The parts of `dev.py bench` that need no server: what is judged, and the table of the READMEs."""

import json
import re

import pytest

from dev_tools import bench, targets
from dev_tools.ground import ROOT, DevError

PUBLISHED = json.loads(bench.PUBLISHED.read_text("utf-8"))


def target(item: str) -> targets.Target:
    return next(one for one in targets.TARGETS if one.item.startswith(item))


def test_every_target_has_a_module_that_measures_it():
    for one in targets.TARGETS:
        if one.module == "storm":
            continue
        assert one.module in bench.MODULES
        text = (ROOT / f"tests/benchmarks/{one.module}.py").read_text("utf-8")
        assert re.search(r"^def measure\(", text, re.M), one.module
    assert {one.module for one in targets.TARGETS} - {"storm"} == set(bench.MODULES)


@pytest.mark.parametrize(("path", "chinese"), bench.READMES.items(), ids=lambda value: str(value))
def test_the_tables_of_the_readmes_are_those_of_the_published_figures(path, chinese):
    text = path.read_text("utf-8")
    assert bench.with_table(text, PUBLISHED, chinese=chinese) == text
    table = text.partition(bench.BEGIN)[2].partition(bench.END)[0]
    assert table.count("\n|") == len(targets.TARGETS) + 2


def test_a_readme_without_the_marks_is_an_error():
    with pytest.raises(DevError, match="marks"):
        bench.with_table("# README\n", PUBLISHED, chinese=False)


def test_what_was_not_measured_is_said_and_never_judged():
    nothing = {"load": [1.0], "load_at_the_end": [1.0]}
    assert all(targets.judged(one, nothing) is None for one in targets.TARGETS)
    assert targets.markdown(nothing).count(targets.NOT_MEASURED) == len(targets.TARGETS)
    assert targets.terminal(nothing).count(targets.NOT_MEASURED) == len(targets.TARGETS)


def test_a_line_is_met_at_its_limit_and_not_beyond():
    read = target("Sign and seal").read
    base = {"p256_ms": 900.0, "rsa2048_cpu_ms": 1.0}
    for ms, word in ((35, "aim"), (35.1, "must"), (50, "must"), (50.1, "not met")):
        assert read({**base, "p256_cpu_ms": ms}).word == word


def test_a_wrong_number_of_places_is_never_met_however_fast():
    read = target("100 clients").read
    fast = {"all_answered_ms": 1.0, "naive_held": [64]}
    assert read({**fast, "exact": True, "held": [15, 15]}).word == "aim"
    found = read({**fast, "exact": False, "held": [15, 16]})
    assert found.word == "not met"
    assert "16" in found.said


def test_queries_that_grow_are_not_met_however_few():
    read = target("Submit").read
    sizes = [{"submit_queries": 9, "submit_ms": 1.0}, {"submit_queries": 10, "submit_ms": 1.0}]
    assert read({"sizes": sizes}).word == "not met"
    assert read({"sizes": sizes[:1]}).word == "aim"


def test_a_storm_that_lost_one_receipt_is_not_met():
    read = target("Deadline storm").read

    def played(**more: int):
        compared = {"lost": 0, "false": 0, "late": 0} | more
        return read(
            {"rate": 20, "seconds": 180, "clients": {"pressed": {"p95": 0.4}}, "compared": compared}
        )

    assert played().word == "must"
    assert played(lost=1).word == "not met"
    assert played(late=1).word == "not met"


def test_the_time_of_long_cells_is_told_from_that_which_grows_with_the_square():
    read = target("PDF time").read
    straight = {str(n): 100 + n * 0.02 for n in (250, 500, 1000, 2000, 4000)}
    square = {str(n): 100 + n * n * 0.0001 for n in (250, 500, 1000, 2000, 4000)}
    assert read({"cell_lengths": straight}).must
    assert not read({"cell_lengths": square}).must
