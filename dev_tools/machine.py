"""The virtual environment, the locked packages, and the libraries PDFs need."""

import fcntl
import importlib.util
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev_tools import debian
from dev_tools.ground import (
    ROOT,
    SYSROOT,
    VAR,
    VENV,
    CannotProvide,
    DevError,
    fingerprint,
    read_stamp,
    run_quietly,
    say,
    tail,
    write_stamp,
)

PYTHON = VENV / "bin/python"
STAMP = VENV / "jiebang-stamp.json"
LOCKS = {name: ROOT / f"requirements/{name}.txt" for name in ("base", "dev")}
PDF_PACKAGES = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz0b",
    "libharfbuzz-subset0",
    "libfontconfig1",
)
# Besides JIEBANG_*: settings of an installation that must reach neither demo nor tests.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "EMAIL_URL", "CONN_MAX_AGE")
FOREIGN_PYTHON = ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
PROBE = """
import sys, weasyprint
from weasyprint.text.ffi import harfbuzz_subset
page = weasyprint.HTML(string="<p>Jiebang</p>").write_pdf()
sys.exit(0 if page.startswith(b"%PDF") and harfbuzz_subset else 3)
"""


def child_env(**more: str) -> dict[str, str]:
    """The environment of everything we start: our `.venv` first, `.sysroot` last."""
    env = {**os.environ, **debian.environment()}
    env["PATH"] = os.pathsep.join([str(VENV / "bin"), env.get("PATH", os.defpath)])
    env["VIRTUAL_ENV"] = str(VENV)
    env["PYTHONUNBUFFERED"] = "1"
    # Without compiled files each process of a test run would compile all tests again: 20 s of each.
    for stray in (*FOREIGN_PYTHON, "DJANGO_SETTINGS_MODULE"):
        env.pop(stray, None)
    return env | more


def clean_env(**more: str) -> dict[str, str]:
    """As ``child_env``, without anything of an installation on this machine."""
    env = child_env()
    ours = [name for name in env if name.startswith("JIEBANG_")]
    return {name: value for name, value in env.items() if name not in {*FOREIGN, *ours}} | more


def wanted_stamp(name: str) -> dict[str, str]:
    """What the stamp must say for the lock `name` to count as installed."""
    return {
        "python": platform.python_version(),
        "at": str(VENV),
        name: fingerprint([LOCKS[name]]),
    }


def is_installed(name: str) -> bool:
    stamp = read_stamp(STAMP)
    return all(stamp.get(key) == value for key, value in wanted_stamp(name).items())


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together: the second waits and then finds all done."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(name: str) -> None:
    """Make `.venv` hold exactly what the lock `name` (base or dev) lists. Seconds when it does."""
    with _one_at_a_time():
        if _works() and is_installed(name):
            return
        if not _works():
            _make_venv()
        lock = LOCKS[name]
        count = len(re.findall(r"^[\w.-]+==", lock.read_text(encoding="utf-8"), re.M))
        say(f"installing {count} Python packages from {lock.relative_to(ROOT)} (hashes checked)")
        known = read_stamp(STAMP)
        STAMP.unlink(missing_ok=True)
        done = run_quietly(
            [
                *(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", lock),
            ],
            env=child_env(),
        )
        if done.returncode:
            raise DevError(f"the Python packages could not be installed:\n{tail(done.stdout)}")
        # The dev lock holds the whole base lock, so it is stamped for both.
        wanted = wanted_stamp(name) | (wanted_stamp("base") if name == "dev" else {})
        keep = {} if name == "dev" else {k: v for k, v in known.items() if k == "dev"}
        write_stamp(STAMP, keep | wanted)
        say("Python packages installed")


def _works() -> bool:
    """Whether `.venv` runs with this very Python version and has pip."""
    if not PYTHON.exists():
        return False
    ask = "import platform, pip; print(platform.python_version())"
    done = run_quietly([PYTHON, "-c", ask], env=child_env(), seconds=60)
    return done.returncode == 0 and done.stdout.strip() == platform.python_version()


def _make_venv() -> None:
    say(f"making .venv with Python {platform.python_version()}")
    if VENV.exists():
        shutil.rmtree(VENV)
    if importlib.util.find_spec("ensurepip") is None and debian.is_root():
        try:
            debian.provide(["python3-venv"], what="venv for Python")
        except CannotProvide as problem:
            raise DevError(
                f"Python's venv is missing and could not be installed: {problem}"
            ) from None
        importlib.invalidate_caches()
    bare = importlib.util.find_spec("ensurepip") is None
    command = [sys.executable, "-m", "venv", *(["--without-pip"] if bare else []), str(VENV)]
    done = run_quietly(command)
    if done.returncode:
        raise DevError(f"python3 -m venv failed:\n{tail(done.stdout)}")
    if bare:
        _bring_pip()


def _bring_pip() -> None:
    """Debian ships `ensurepip` in a package of its own; its pip wheel can be unpacked and run."""
    advice = "please let somebody run as root: apt-get install python3-venv"
    wheels = SYSROOT / "usr/share/python-wheels"
    try:
        debian.provide(["python3-pip-whl"], what="pip")
    except CannotProvide as problem:
        raise DevError(f"{advice}\n{problem}") from None
    wheel = next(wheels.glob("pip-*.whl"), None) or next(
        Path("/usr/share/python-wheels").glob("pip-*.whl"), None
    )
    if wheel is None:
        raise DevError(advice)
    done = run_quietly(
        [PYTHON, f"{wheel}/pip", "install", "--quiet", "--no-index", "--no-deps", wheel],
        env=child_env(),
    )
    if done.returncode:
        raise DevError(f"{advice}\n{tail(done.stdout)}")


def why_no_pdf() -> str | None:
    """None when PDFs can be rendered; otherwise why not, after having tried to mend it."""
    said = _probe()
    if said is None:
        return None
    try:
        debian.provide(PDF_PACKAGES, what="the libraries PDFs need")
    except CannotProvide as problem:
        return str(problem)
    return _probe()


def provide_pdf() -> None:
    """Bring what PDFs need, or say that there will be none. Whatever starts workers asks for it."""
    if why := why_no_pdf():
        say(f"没有 PDF：本机缺少所需的库。 Starting without PDFs: {why}")


def _probe() -> str | None:
    """Render a page in a child process: without fonts or libraries it may even crash."""
    with tempfile.TemporaryDirectory(prefix="jiebang-probe-") as folder:
        env = child_env()
        fonts = ROOT / "assets/fonts"
        if fonts.is_dir():
            config = Path(folder) / "fonts.conf"
            config.write_text(
                '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
                f"<dir>{fonts}</dir><cachedir>{folder}/cache</cachedir></fontconfig>",
                encoding="utf-8",
            )
            env["FONTCONFIG_FILE"] = str(config)
        done = run_quietly([PYTHON, "-c", PROBE], env=env, seconds=120)
    if done.returncode == 0:
        return None
    if done.returncode == 3:
        return "libharfbuzz-subset0 is missing (PDFs would take many times longer)"
    last = tail(done.stdout, lines=1).strip()
    return f"WeasyPrint cannot render here (exit code {done.returncode}): {last}"
