"""The parts of `dev.py cluster` and `storm` that need no servers."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev_tools import cluster, commands, httpline, kills, machine, storm, stormclient
from dev_tools.children import Child, Supervisor
from dev_tools.ground import ROOT, DevError


def settings(folder: Path) -> dict[str, str]:
    return cluster.settings(
        folder=folder, https=8443, database=f"sqlite:///{folder}/db", redis="redis://127.0.0.1:1/0"
    )


def test_the_cluster_has_the_settings_of_production_and_none_of_this_machine(
    tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("JIEBANG_DEMO", "1")
    monkeypatch.setenv("JIEBANG_S3_BUCKET", "real")
    found = settings(tmp_path)
    assert not {"JIEBANG_DEMO", "JIEBANG_DEBUG", "JIEBANG_S3_BUCKET"} & set(found)
    assert found["BROKER_URL"] != found["REDIS_URL"]
    assert found["JIEBANG_SECRET_KEY"] != settings(tmp_path)["JIEBANG_SECRET_KEY"]


DEPLOYED = """
import django, json
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
call_command("check", deploy=True, fail_level="INFO")
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
host = settings.ALLOWED_HOSTS[0]
answer = Client(HTTP_HOST=host).get("/account/register/", secure=True)
plain = Client(HTTP_HOST=host).get("/account/register/")
print(json.dumps({
    "status": answer.status_code,
    "plain": [plain.status_code, plain.headers.get("Location", "")[:8]],
    "hsts": answer.headers.get("Strict-Transport-Security", ""),
    "cookies": {one.key: one.OutputString() for one in answer.cookies.values()},
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
                settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN],
}))
"""


def test_django_finds_nothing_to_say_about_these_settings_and_cookies_stay_on_this_host(
    tmp_path: Path,
):
    """A browser takes a ``__Host-`` cookie only if it is secure, for one host and its root."""
    done = subprocess.run(
        [machine.PYTHON, "-c", DEPLOYED],
        cwd=ROOT,
        env={**settings(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["status"] == 200
    assert said["plain"] == [301, "https://"]
    assert "includeSubDomains" in said["hsts"]
    assert said["session"] == ["__Host-sessionid", True, "/", None]
    (name, cookie), *more = said["cookies"].items()
    assert (name, more) == ("__Host-csrftoken", [])
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_the_scripts_find_the_csrf_cookie_under_both_of_its_names():
    for script in ("session.js", "autosave.js"):
        text = (ROOT / "static/js" / script).read_text("utf-8")
        pattern = re.search(r"cookie\.match\(/(.+?)/\)", text)[1]
        for name in ("csrftoken", "__Host-csrftoken"):
            assert re.search(pattern, f"a=b; {name}=QX12; c=d")[1] == "QX12"
        assert not re.search(pattern, "x-csrftoken=QX12")


def test_the_client_of_a_storm_sends_the_cookies_the_cluster_asks_for():
    line = httpline.Line(1, None, "S", "T")  # type: ignore[arg-type]
    assert "__Host-sessionid=S; __Host-csrftoken=T" in line.head("GET", "/", "")


def sleeper(tmp_path: Path, name: str) -> Child:
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "time.sleep(60)"
    )
    return Child(name, [sys.executable, "-c", code], env=os.environ, log=tmp_path / f"{name}.log")


def until(what, *, seconds: float = 20):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


def test_a_kill_takes_a_part_with_its_children_and_nobody_else(tmp_path: Path):
    with Supervisor([]) as watch:
        one, other = sleeper(tmp_path, "one"), sleeper(tmp_path, "other")
        watch.add(one)
        watch.add(other)
        assert one.process and other.process
        assert until(lambda: len(storm.family(one.process.pid)) == 2)
        family = storm.family(one.process.pid)
        kills.kill(family)
        assert one.process.wait(timeout=10) == -signal.SIGKILL
        assert until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in family))
        assert other.is_alive()


def test_a_part_that_was_killed_is_watched_and_comes_back(tmp_path: Path):
    now = [0.0]
    with Supervisor([], clock=lambda: now[0]) as watch:
        child = sleeper(tmp_path, "one")
        watch.add(child)
        first = child.process.pid
        kills.kill([first])
        child.process.wait()
        watch.look()
        now[0] += 1.1
        watch.look()
        assert child.is_alive()
        assert child.process.pid != first


def test_only_a_whole_cluster_is_ready():
    here = cluster.Cluster()
    assert here.readiness()["ready"] is False


CLEAN = {
    "lost": 0,
    "false": 0,
    "late": 0,
    "numbers_doubled": 0,
    "filings_with_two_versions": 0,
    "letter_rows_doubled": 0,
}


@pytest.mark.parametrize("harm", CLEAN)
def test_one_broken_promise_fails_the_storm(harm: str):
    told = {"clients": {"late": {"409": 10}, "given_up": 0}, "compared": CLEAN}
    assert storm.is_whole(told)
    assert not storm.is_whole({**told, "compared": CLEAN | {harm: 1}})


@pytest.mark.parametrize(
    "clients", [{"late": {"302": 1}, "given_up": 0}, {"late": {}, "given_up": 1}]
)
def test_a_late_filing_accepted_or_a_person_without_a_receipt_fails_it(clients):
    assert not storm.is_whole({"clients": clients, "compared": CLEAN})


def test_percentiles_are_values_that_were_measured():
    values = [n / 100 for n in range(1, 101)]
    assert stormclient.figures(values) == {
        "count": 100,
        "p50": 0.5,
        "p95": 0.95,
        "p99": 0.99,
        "most": 1.0,
    }
    assert stormclient.figures([])["p95"] == 0
    assert stormclient.percentile([3.0], 0.99) == 3.0


def test_a_storm_has_bounds():
    with pytest.raises(DevError, match="people"):
        storm.play(cluster.Cluster(), rate=1000, seconds=3600, during=lambda: None)


def test_the_commands_are_there():
    read = commands.parser().parse_args
    assert read(["cluster", "--check"]).check
    assert read(["storm", "--rate", "50"]).rate == 50
    assert isinstance(read(["cluster", "--kills", "--seconds", "60"]), argparse.Namespace)
