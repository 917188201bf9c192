"""The parts of `dev.py bench` that need no server: what is judged, and the table of the READMEs."""

import json
import re
import subprocess

import pytest

from dev_tools import bench, licences, machine, peers, targets
from dev_tools.ground import ROOT, CannotProvide, DevError

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
    slow = read({**fast, "all_answered_ms": 201, "guard_only_ms": 1, "exact": True, "held": [15]})
    assert slow.word == "not met", "the guard alone is told, not judged"
    assert "guard alone 1 ms" in slow.said


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


PRETALX = {
    "version": "1",
    "sizes": [
        {
            "proposals": n,
            **{f"{name}_ms": n / 10 for name, *_ in peers.LINES},
            **{f"{name}_queries": 7 for name, *_ in peers.LINES},
        }
        for n in (100, 1000)
    ],
}


def test_a_peer_stands_beside_the_same_number_of_ours_or_beside_nothing():
    assert peers.terminal({}) == "", "off: nothing is said of it"
    ours = {"filings": 100, "office_list_ms": 5.5, "office_list_queries": 11}
    found = {
        "peers": PRETALX,
        "pages": {"sizes": [ours | {"public_call_ms": 1, "public_call_queries": 6}]},
    }
    rows = {(row[0], row[1]): row[2:4] for row in peers.table(found)[1:]}
    assert rows["Organiser's list", "100"] == ("10 ms (7)", "5.5 ms (11)")
    assert rows["Organiser's list", "1,000"] == ("100 ms (7)", "—")
    assert rows["Submit", "100"] == ("10 ms (7)", "—")
    assert "another product" in peers.terminal(found)


def test_a_peer_is_off_unless_asked_for_and_never_among_what_we_install():
    pinned = peers.LOCK.read_text("utf-8")
    assert peers.version(pinned) == "2025.2.2"
    assert peers.LOCK not in machine.LOCKS.values()
    assert "pretalx" not in licences.locked(licences.LOCK.read_text("utf-8"))
    assert peers.VENV.is_relative_to(ROOT / "var")
    assert "--peers" not in (ROOT / ".ci/run").read_text("utf-8")


def test_a_peer_that_cannot_be_installed_is_said_and_stops_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "FOLDER", tmp_path)
    for name, path in (("VENV", "v"), ("PYTHON", "v/bin/python"), ("STAMP", "v/stamp.json")):
        monkeypatch.setattr(peers, name, tmp_path / path)
    broken = subprocess.CompletedProcess([], 1, stdout="no such index")
    monkeypatch.setattr(peers, "run_quietly", lambda *args, **kwargs: broken)
    with pytest.raises(CannotProvide, match="no such index"):
        peers.measure("postgres://127.0.0.1:1/c", sizes=[100])


def test_papers_are_not_measured_where_their_libraries_or_the_baselines_faces_are_missing(
    monkeypatch, tmp_path
):
    def nothing(packages, *, what):
        raise CannotProvide(f"{what} cannot be had")

    monkeypatch.setattr(bench.debian, "provide", nothing)
    monkeypatch.setattr(machine, "why_no_pdf", lambda: "no Pango")
    assert [bench.why_not(name) for name in ("papers", "signing", "pages")] == ["no Pango"] * 2 + [
        None
    ]
    monkeypatch.setattr(machine, "why_no_pdf", lambda: None)
    monkeypatch.setattr(bench, "FACES", (tmp_path,))
    assert "faces" in bench.why_not("papers") and bench.why_not("signing") is None
    (tmp_path / "NotoSerifCJK-Regular.ttc").touch()
    assert bench.why_not("papers") is None
    assert str(tmp_path) in bench.faces_conf(tmp_path).read_text("utf-8")
