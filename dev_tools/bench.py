"""`dev.py bench`: each benchmark beside its baseline, on a throw-away PostgreSQL."""

import argparse
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dev_tools import debian, machine, peers, servers, storm, targets
from dev_tools.ground import (
    ROOT,
    SYSROOT,
    VAR,
    CannotProvide,
    DevError,
    run_quietly,
    say,
    tail,
)
from dev_tools.report import NotRun

FOLDER = ROOT / "tests/benchmarks"
MODULES = (
    "pages",
    "papers",
    "signing",
    "places",
    "review_dashboard",
    "assignment",
    "filing",
    "library",
)
"""Modules of tests/benchmarks, each with `measure() -> dict`."""
RESULT = VAR / "bench.json"
PUBLISHED = ROOT / "docs/bench.json"
FACES = (Path("/usr/share/fonts"), SYSROOT / "usr/share/fonts")
"""Where a Debian package puts the faces of the papers' baseline, installed or unpacked."""
READMES = {ROOT / "README.md": False, ROOT / "README.zh-CN.md": True}
"""Where the table stands, and whether in Chinese."""
BEGIN, END = "<!-- bench: written by `dev.py bench --publish` -->", "<!-- bench: end -->"


def add_command(commands: Any) -> None:
    """Register `bench` and its options."""
    command: argparse.ArgumentParser = commands.add_parser(
        "bench",
        help="speed of what matters, each beside its baseline, on a throw-away PostgreSQL",
        description="Run the modules of tests/benchmarks one after another. Figures are medians of "
        "rounds in turn with their baseline; on a busy machine only the ratios say something.",
    )
    command.add_argument("--only", nargs="+", choices=MODULES, metavar="MODULE", default=MODULES)
    command.add_argument(
        "--sizes",
        nargs="+",
        type=int,
        default=[100, 1000, 10000],
        help="filings for the pages, the smallest first (100 1000 10000; 100000 takes minutes)",
    )
    command.add_argument("--json", type=Path, default=RESULT, help="where the figures go")
    command.add_argument(
        "--publish",
        action="store_true",
        help="keep the figures in docs/bench.json and write the table into both READMEs",
    )
    command.add_argument(
        "--peers",
        action="store_true",
        help="pretalx too, from PyPI in var/peers, on the same PostgreSQL (minutes; never in CI)",
    )
    command.set_defaults(run=bench)


def bench(options: argparse.Namespace) -> int:
    """Measure, print one table, write JSON; 1 when a module failed."""
    machine.prepare("dev")
    postgres = servers.Postgres()
    try:
        base = postgres.start()
    except CannotProvide as problem:
        postgres.stop()
        raise DevError(f"no PostgreSQL, no figures: {problem}") from None
    found = started()
    failed = False
    try:
        env = settings(base, sizes=options.sizes)
        for words in (("migrate", "--noinput"), ("collectstatic", "--noinput")):
            say(f"manage.py {words[0]}")
            run = run_quietly([machine.PYTHON, "manage.py", *words], env=env)
            if run.returncode:
                raise DevError(f"manage.py {words[0]} failed:\n{tail(run.stdout)}")
        for module in options.only:
            if why := why_not(module):
                print(NotRun(module, why), flush=True)
                continue
            say(f"measuring {module}")
            try:
                found[module] = measured(module, env)
            except DevError as error:
                failed = True
                say(str(error))
        if options.peers:
            try:
                found["peers"] = peers.measure(base, sizes=options.sizes)
            except CannotProvide as problem:
                print(NotRun("pretalx beside us", str(problem)), flush=True)
    finally:
        postgres.stop()
    found["load_at_the_end"] = load()
    if storm.RESULT.exists():  # played by itself, on the cluster
        found["storm"] = json.loads(storm.RESULT.read_text("utf-8"))
    print(f"\n{figure_table(found)}\n\n{targets.terminal(found)}\n", flush=True)
    if beside := peers.terminal(found):
        print(f"{beside}\n", flush=True)
    for path in (options.json, *([PUBLISHED] if options.publish else [])):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        say(f"figures: {path}")
    if options.publish:
        publish(found)
    return int(failed)


def why_not(module: str) -> str | None:
    """None when the module can be measured as users would meet it; otherwise why not. Papers need
    their libraries: without HarfBuzz's subsetting they take four times as long."""
    if not (FOLDER / f"{module}.py").exists():
        return "there is no such module in tests/benchmarks"
    if module not in ("papers", "signing"):
        return None
    return machine.why_no_pdf() or (why_no_faces() if module == "papers" else None)


def why_no_faces() -> str | None:
    """None when this machine has the faces that the baseline of the papers draws with."""
    if any(any(folder.rglob("NotoSerifCJK*")) for folder in FACES):
        return None
    try:
        debian.provide(["fonts-noto-cjk"], what="the faces the baseline draws with")
    except CannotProvide as problem:
        return str(problem)
    return None


def faces_conf(folder: Path) -> Path:
    """fontconfig's own settings, and what was unpacked beside the system."""
    made = folder / "faces.conf"
    more = "".join(f"<dir>{one}</dir>" for one in FACES)
    made.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include>{more}'
        f"<cachedir>{folder}/faces-cache</cachedir></fontconfig>",
        "utf-8",
    )
    return made


def started() -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "processors": os.cpu_count(),
        "load": load(),
    }


def load() -> list[float]:
    """How many processes wanted a processor over the last 1, 5 and 15 minutes."""
    return [round(one, 1) for one in os.getloadavg()]


def publish(found: Mapping[str, Any]) -> None:
    """Put the table between its marks in both READMEs."""
    for path, chinese in READMES.items():
        path.write_text(with_table(path.read_text("utf-8"), found, chinese=chinese), "utf-8")
        say(f"table: {path.name}")


def with_table(text: str, found: Mapping[str, Any], *, chinese: bool) -> str:
    """The text with its table anew. Raises ``DevError`` when the marks are gone."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DevError(f"the marks of the table are gone: {BEGIN} … {END}")
    first, last = found["load"][0], found["load_at_the_end"][0]
    sizes = [f"{one['filings']:,}" for one in found.get("pages", {}).get("sizes", ())] or ["0"]
    english = (
        f"{found['at']} UTC, {found['processors']} processors, load {first:g} to {last:g};"
        f" pages with up to {sizes[-1]} filings."
    )
    words = (
        f"{found['at']} UTC，{found['processors']} 个处理器，负载 {first:g} 至 {last:g}；"
        f"页面量至 {sizes[-1]} 份申报。"
    )
    line = words if chinese else english
    table = targets.markdown(found, chinese=chinese)
    return f"{before}{BEGIN}\n\n{line}\n\n{table}\n\n{END}{after}"


def settings(base: str, *, sizes: list[int]) -> dict[str, str]:
    env = machine.clean_env()
    folder = VAR / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return env | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": base,
        "JIEBANG_VAR": str(folder),
        "JIEBANG_SECRET_KEY": secrets.token_urlsafe(50),
        "JIEBANG_SECOND_FACTOR": "0",
        "EMAIL_URL": "filemail://",
        "JIEBANG_HOSTS": "testserver",
        "BENCH_FACES": str(faces_conf(folder)),
        "BENCH_SIZES": ",".join(map(str, sorted(sizes))),
    }


def measured(module: str, env: Mapping[str, str]) -> Any:
    """What one module found; its last line is JSON."""
    begun = time.monotonic()
    run = run_quietly([machine.PYTHON, "-m", "tests.benchmarks.one", module], env=env, seconds=3600)
    if run.returncode:
        raise DevError(f"{module} failed:\n{tail(run.stdout)}")
    for line in reversed(run.stdout.strip().splitlines()):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            return said | {"seconds": round(time.monotonic() - begun, 1)}
    raise DevError(f"{module} said nothing:\n{tail(run.stdout)}")


def figures(said: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every figure with the way to it: `sizes.0.office_list_ms`."""
    if isinstance(said, dict):
        for key, value in said.items():
            yield from figures(value, f"{name}.{key}" if name else str(key))
    elif isinstance(said, list) and any(isinstance(one, dict | list) for one in said):
        for place, value in enumerate(said):
            yield from figures(value, f"{name}.{place}")
    else:
        yield name, ", ".join(map(str, said)) if isinstance(said, list | tuple) else str(said)


def figure_table(found: Mapping[str, Any]) -> str:
    rows = list(figures(dict(found)))
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)
