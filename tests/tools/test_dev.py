"""The pure parts of `dev.py`: ports, stamps, results, and the end of what it starts."""

import os
import socket
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from dev_tools import checks, commands, debian, demo, machine
from dev_tools.children import Child, Supervisor, back_off
from dev_tools.ground import DevError, fingerprint, free_port, read_stamp, tail, write_stamp
from dev_tools.report import NotRun, Result, closing_line, exit_code, read_junit, summary
from portal import celery

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_good"/>
<testcase classname="tests.a" name="test_bad"><failure message="no"/></testcase>
<testcase classname="tests.a" name="test_broken"><error message="no fixture"/></testcase>
<testcase classname="tests.a" name="test_later"><skipped message="no server
here"/></testcase>
</testsuite></testsuites>"""


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port


def test_no_free_port_is_said_and_not_guessed():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DevError, match="no free port"):
            free_port(taken.getsockname()[1], tries=1)


def test_the_fingerprint_follows_content_and_order(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    assert fingerprint([one, two]) != fingerprint([two, one])
    before = fingerprint([one])
    one.write_text("a ")
    assert fingerprint([one]) != before


def test_a_broken_or_absent_stamp_says_nothing(tmp_path: Path):
    stamp = tmp_path / "stamp.json"
    assert read_stamp(stamp) == {}
    stamp.write_text('{"base": ')
    assert read_stamp(stamp) == {}
    write_stamp(stamp, {"base": "1"})
    assert read_stamp(stamp) == {"base": "1"}
    assert list(tmp_path.iterdir()) == [stamp]


def test_a_changed_lock_or_another_python_is_installed_again(tmp_path: Path, monkeypatch):
    lock = tmp_path / "base.txt"
    lock.write_text("django==5.2.19")
    monkeypatch.setattr(machine, "LOCKS", {"base": lock})
    monkeypatch.setattr(machine, "STAMP", tmp_path / "stamp.json")
    assert not machine.is_installed("base")
    write_stamp(machine.STAMP, machine.wanted_stamp("base"))
    assert machine.is_installed("base")
    monkeypatch.setattr(machine.platform, "python_version", lambda: "3.11.99")
    assert not machine.is_installed("base")
    monkeypatch.undo()
    monkeypatch.setattr(machine, "LOCKS", {"base": lock})
    monkeypatch.setattr(machine, "STAMP", tmp_path / "stamp.json")
    lock.write_text("django==5.2.20")
    assert not machine.is_installed("base")


def test_every_lock_line_is_pinned_and_hashed():
    for lock in machine.LOCKS.values():
        packages = lock.read_text("utf-8").split("\n\n")[-1].replace("\\\n", " ").splitlines()
        for line in (line for line in packages if line and not line.startswith("#")):
            assert "==" in line.split()[0], line
            assert "--hash=sha256:" in line, line


def test_the_dev_lock_holds_the_whole_base_lock():
    pins = {
        name: {line.split()[0] for line in lock.read_text("utf-8").splitlines() if "==" in line}
        for name, lock in machine.LOCKS.items()
    }
    assert pins["base"] < pins["dev"]


def test_results_are_counted_and_each_skip_is_named():
    result = read_junit(JUNIT, step="sqlite")
    assert (result.passed, result.failed, result.skipped, result.ok) == (1, 2, 1, False)
    assert [str(line) for line in result.not_run] == [
        "NOT RUN sqlite: tests.a::test_later: no server here"
    ]


def test_what_was_not_run_fails_only_when_strict():
    well = Result("ruff", ok=True)
    lost = Result("postgres", ok=True, not_run=[NotRun("tests on PostgreSQL", "no server")])
    assert exit_code([well, lost], strict=False) == 0
    assert exit_code([well, lost], strict=True) == 1
    assert exit_code([well], strict=True) == 0
    assert exit_code([well, Result("mypy", ok=False)], strict=False) == 1


def test_the_summary_names_every_step_and_the_last_line_sums_the_tests():
    lost = Result("browser", ok=True, not_run=[NotRun("browser tests", "no Chromium")])
    results = [
        Result("ruff", ok=True, seconds=1.25),
        Result("sqlite", ok=True, tests=True, passed=10, skipped=1, seconds=3),
        Result("postgres", ok=False, tests=True, passed=4, failed=2, seconds=9),
        lost,
    ]
    lines = summary(results).splitlines()
    assert [line.split()[0] for line in lines] == ["step", "ruff", "sqlite", "postgres", "browser"]
    assert "FAILED" in lines[3]
    assert "NOT RUN" in lines[4]
    assert closing_line(results) == "14 passed, 2 failed, 1 skipped"
    assert closing_line([results[0], lost]) is None


def test_steps_keep_their_order_and_fast_leaves_the_servers_out():
    assert checks.chosen_steps(only=["browser", "ruff"], fast=False) == ["ruff", "browser"]
    assert checks.chosen_steps(only=None, fast=False) == list(checks.STEPS)
    assert "postgres" not in checks.chosen_steps(only=None, fast=True)
    with pytest.raises(SystemExit):
        commands.parser().parse_args(["test", "--only", "nothing-like-this"])


def test_settings_of_an_installation_never_reach_the_tests(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://real/one")
    monkeypatch.setenv("JIEBANG_S3_BUCKET", "real")
    for env in (checks.clean_env(tmp_path), demo.clean_env(port=8000)):
        assert "real" not in env.get("DATABASE_URL", "")
        assert "JIEBANG_S3_BUCKET" not in env


def test_unpacked_libraries_and_programs_are_found(tmp_path: Path):
    assert debian.environment(tmp_path) == {}
    private = tmp_path / "usr/lib/x86_64-linux-gnu/pulseaudio"
    private.mkdir(parents=True)
    (private / "libpulsecommon-16.1.so").touch()
    (tmp_path / "usr/bin").mkdir()
    found = debian.environment(tmp_path)
    assert found["LD_LIBRARY_PATH"].split(os.pathsep)[:2] == [str(private.parent), str(private)]
    assert found["PATH"].endswith(str(tmp_path / "usr/bin"))


def test_waiting_doubles_up_to_half_a_minute():
    assert [back_off(deaths) for deaths in (1, 2, 3, 6, 50)] == [1, 2, 4, 30, 30]


def _child(tmp_path: Path, code: str) -> Child:
    return Child("child", [sys.executable, "-c", code], env=os.environ, log=tmp_path / "log")


def test_a_dead_child_is_started_again_after_its_wait(tmp_path: Path):
    now = [100.0]
    child = _child(tmp_path, "raise SystemExit('gone')")
    with Supervisor([child], clock=lambda: now[0]) as supervisor:
        assert child.process is not None
        first = child.process.pid
        child.process.wait()
        supervisor.look()
        now[0] += 0.5
        supervisor.look()
        assert child.process.pid == first
        now[0] += 0.6
        supervisor.look()
        assert child.process.pid != first
    assert not child.is_alive()


def test_stopping_ends_the_whole_group_even_one_that_will_not_hear(tmp_path: Path):
    pid_file = tmp_path / "pid"
    child = _child(
        tmp_path,
        "import os, signal, subprocess, sys, time\n"
        "deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'\n"
        f"other = subprocess.Popen([sys.executable, '-c', deaf])\n"
        f"open({str(pid_file)!r}, 'w').write(str(other.pid))\n"
        "time.sleep(60)",
    )
    child.start()
    end = time.monotonic() + 20
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    grandchild = int(pid_file.read_text())
    child.stop(seconds=2)
    end = time.monotonic() + 5
    while _is_running(grandchild) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _is_running(grandchild)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_fresh_database_is_empty_and_one_with_a_user_is_not(tmp_path: Path):
    database = tmp_path / "demo.sqlite3"
    connection = sqlite3.connect(database)
    assert demo.is_empty(database)
    connection.execute("create table accounts_user (id integer)")
    connection.commit()
    assert demo.is_empty(database)
    connection.execute("insert into accounts_user values (1)")
    connection.commit()
    connection.close()
    assert not demo.is_empty(database)


def test_the_worker_of_the_demo_listens_to_every_queue():
    routed = {route["queue"] for route in celery.app.conf.task_routes.values()}
    assert set(demo.QUEUES) == routed | {celery.app.conf.task_default_queue}


def test_only_the_end_of_a_long_output_is_shown():
    assert tail("\n".join(map(str, range(100))), lines=2) == "    98\n    99"
