"""`dev.py test`: every check and every test, each step timed, nothing passed over in silence."""

import argparse
import contextlib
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dev_tools import machine, servers
from dev_tools.children import Child
from dev_tools.ground import ROOT, VAR, VENV, CannotProvide, DevError, say
from dev_tools.report import NotRun, Result, closing_line, exit_code, read_junit, summary

LINT: dict[str, Sequence[str]] = {
    "ruff": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "imports": ("lint-imports",),
    "mypy": ("mypy", "--explicit-package-bases", "."),
    "djlint": ("djlint", "templates", "--lint", "--quiet"),
}
SQLITE = "not postgres and not browser and not race and not redis"
POSTGRES = "postgres or journey or race"
BROWSER = "browser"
STEPS = (*LINT, "sqlite", "postgres", "browser")
FAST_STEPS = (*LINT, "sqlite")
STEP_SECONDS = 1800.0
KEPT_RUNS = 5


def add_command(commands: Any) -> None:
    """Register `test` and its options."""
    command: argparse.ArgumentParser = commands.add_parser(
        "test",
        help="every check and every test, with servers of their own",
        description="Lint, types, layers, then all tests on SQLite, PostgreSQL and in Chromium. "
        "Missing servers are installed (root) or unpacked into .sysroot (ordinary user).",
    )
    command.add_argument(
        "--only",
        nargs="+",
        choices=STEPS,
        metavar="STEP",
        help=f"only these of: {', '.join(STEPS)}",
    )
    command.add_argument("--fast", action="store_true", help="only lint and the tests on SQLite")
    command.add_argument("-k", metavar="EXPRESSION", help="only tests that match (as in pytest)")
    command.add_argument(
        "--strict", action="store_true", help="fail when anything could not run or was skipped"
    )
    command.set_defaults(run=test)


def chosen_steps(*, only: Sequence[str] | None, fast: bool) -> list[str]:
    """The steps of this run, always in the fixed order."""
    wanted = set(only) if only else set(FAST_STEPS if fast else STEPS)
    return [step for step in STEPS if step in wanted]


def test(options: argparse.Namespace) -> int:
    """Run the chosen steps and return the exit code."""
    machine.prepare("dev")
    steps = chosen_steps(only=options.only, fast=options.fast)
    folder = _run_folder()
    results: list[Result] = []
    with contextlib.ExitStack() as ending:
        try:
            if any(step not in LINT for step in steps):
                why = machine.why_no_pdf()
                if why:
                    results.append(Result("pdf", ok=True, not_run=[NotRun("PDF rendering", why)]))
            for step in steps:
                results.append(_step(step, k=options.k, folder=folder, ending=ending))
                _say_result(results[-1])
        except KeyboardInterrupt:
            results.append(Result("interrupted", ok=False))
    _finish(results, folder=folder)
    return exit_code(results, strict=options.strict)


def clean_env(folder: Path) -> dict[str, str]:
    """Nothing of an installation on this machine reaches the tests."""
    env = machine.clean_env()
    (folder / "var/static").mkdir(parents=True, exist_ok=True)
    return env | {"JIEBANG_VAR": str(folder / "var")}


def _finish(results: Sequence[Result], *, folder: Path) -> None:
    print(f"\n{summary(results)}\n")
    for missing in (line for result in results for line in result.not_run):
        print(missing)
    print(f"logs: {folder.relative_to(ROOT)}")
    closing = closing_line(results)
    if closing:
        print(closing, flush=True)


def _say_result(result: Result) -> None:
    if not result.ran:
        say(f"{result.step}: NOT RUN")
        return
    counts = f", {result.passed} passed, {result.failed} failed" if result.tests else ""
    say(f"{result.step}: {'ok' if result.ok else 'FAILED'}{counts} ({result.seconds:.1f} s)")


def _run_folder() -> Path:
    """A folder for the logs of this run; the last few are kept."""
    top = VAR / "test"
    top.mkdir(parents=True, exist_ok=True)
    for old in sorted(top.iterdir(), key=lambda path: path.stat().st_mtime)[: -(KEPT_RUNS - 1)]:
        shutil.rmtree(old, ignore_errors=True)
    folder = top / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir()
    return folder


def _step(step: str, *, k: str | None, folder: Path, ending: contextlib.ExitStack) -> Result:
    started = time.monotonic()
    if step in LINT:
        code = _watched(LINT[step], env=clean_env(folder), log=folder / f"{step}.log", name=step)
        result = Result(step, ok=code == 0)
    else:
        result = {"sqlite": _sqlite, "postgres": _postgres, "browser": _browser}[step](
            k, folder, ending
        )
    result.seconds = time.monotonic() - started
    return result


def _sqlite(k: str | None, folder: Path, ending: contextlib.ExitStack) -> Result:
    more = {"DATABASE_URL": f"sqlite:///{folder}/test.sqlite3"}
    return _pytest("sqlite", SQLITE, more=more, k=k, folder=folder, workers=2)


def _postgres(k: str | None, folder: Path, ending: contextlib.ExitStack) -> Result:
    try:
        url = _started(servers.Postgres(), ending)
    except CannotProvide as problem:
        return Result("postgres", ok=True, not_run=[NotRun("tests on PostgreSQL", str(problem))])
    more, marks, lost = {"DATABASE_URL": url, "JIEBANG_TEST_POSTGRES": url}, POSTGRES, []
    try:
        more["JIEBANG_TEST_REDIS"] = _started(servers.Redis(), ending)
        marks += " or redis"
    except CannotProvide as problem:
        marks = f"({marks}) and not redis"
        lost = [NotRun("tests with Redis", str(problem))]
    result = _pytest("postgres", marks, more=more, k=k, folder=folder, workers=2)
    result.not_run += lost
    return result


def _started(server: "servers.Postgres | servers.Redis", ending: contextlib.ExitStack) -> str:
    ending.callback(server.stop)
    return server.start()


def _browser(k: str | None, folder: Path, ending: contextlib.ExitStack) -> Result:
    try:
        path = servers.chromium()
    except CannotProvide as problem:
        return Result("browser", ok=True, not_run=[NotRun("browser tests", str(problem))])
    more = {
        "JIEBANG_TEST_CHROMIUM": path,
        "DATABASE_URL": f"sqlite:///{folder}/browser.sqlite3",
        "JIEBANG_TEST_DATABASE_FILE": "1",
        # The synchronous Playwright runs inside an event loop; Django must not mind.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }
    return _pytest("browser", BROWSER, more=more, k=k, folder=folder, workers=2)


def _pytest(
    step: str, marks: str, *, more: Mapping[str, str], k: str | None, folder: Path, workers: int
) -> Result:
    """One pytest run, counted from its JUnit file. No test found is a NOT RUN, not a success."""
    junit = folder / f"{step}.xml"
    command = ["python", "-m", "pytest", "-q", "-n", str(workers), "-m", marks, "-rfE"]
    command += [f"--junitxml={junit}", *(["-k", k] if k else [])]
    # Read only now: a server or browser unpacked for this very step must be found.
    env = clean_env(folder) | dict(more)
    code = _watched(command, env=env, log=folder / f"{step}.log", name=step, quiet_codes=(0, 5))
    try:
        result = read_junit(junit.read_text(encoding="utf-8"), step=step)
    except (OSError, SyntaxError):
        result = Result(step, ok=False, tests=True)
    if code == 5 and not k:
        result.not_run.append(NotRun(f"{step} tests", f"none is marked: {marks}"))
    result.ok = result.ok and code in (0, 5)
    return result


def _watched(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    name: str,
    quiet_codes: Sequence[int] = (0,),
) -> int:
    """Run to the end, print everything when it went wrong, leave no process behind."""
    program = VENV / "bin" / command[0]
    if not program.exists():
        raise DevError(f"{command[0]} is not installed; is it in requirements/dev.txt?")
    child = Child(name, [program, *command[1:]], env=env, log=log)
    code = child.run(seconds=STEP_SECONDS)
    if code not in quiet_codes:
        print(f"----- {name}: exit code {code}")
        print(log.read_text(encoding="utf-8", errors="replace").rstrip())
        print(f"----- end of {name}", flush=True)
    return code
