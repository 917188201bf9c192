"""Bring Debian packages: installed as root, otherwise unpacked into `.sysroot/`.

An ordinary user cannot install, but may download: apt keeps a state of its own inside
`.sysroot/`, works out what is missing on this machine, checks signatures and hashes as always,
and `dpkg -x` unpacks the files. Children then find them through `environment()`.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from dev_tools.ground import SYSROOT, CannotProvide, run_quietly, say, tail

QUIET = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1", "LC_ALL": "C"}


def is_root() -> bool:
    return os.geteuid() == 0


def provide(packages: Sequence[str], *, what: str) -> None:
    """Bring the packages and all they need, or raise `CannotProvide` with the reason."""
    if not shutil.which("apt-get"):
        raise CannotProvide(f"{what} is missing and this is no Debian system; please install it")
    if is_root():
        say(f"installing {what}: apt-get install {' '.join(packages)}")
        _install(packages)
    else:
        say(f"unpacking {what} into .sysroot: {' '.join(packages)}")
        _unpack(packages)


def _apt(*words: str, seconds: float = 900) -> tuple[int, str]:
    done = run_quietly(["apt-get", *words], env={**os.environ, **QUIET}, seconds=seconds)
    return done.returncode, done.stdout


@cache
def _refreshed(options: tuple[str, ...]) -> None:
    """Fetch the package lists once. One repository out of reach is no reason to stop."""
    _apt(*options, "-q", "update", seconds=300)


def _install(packages: Sequence[str]) -> None:
    _refreshed(())
    code, said = _apt("-q", "-y", "--no-install-recommends", "install", *packages)
    if code:
        raise CannotProvide(f"apt-get install {' '.join(packages)} failed:\n{tail(said, lines=6)}")


def _unpack(packages: Sequence[str]) -> None:
    state = SYSROOT / ".apt"
    archives = state / "cache/archives"
    for folder in (state / "state/lists/partial", archives / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    options = (
        *("-o", f"Dir::State={state}/state"),
        *("-o", "Dir::State::status=/var/lib/dpkg/status"),
        *("-o", f"Dir::Cache={state}/cache"),
        *("-o", "Debug::NoLocking=1"),
    )
    _refreshed(options)
    code, said = _apt(
        *options, "-q", "-y", "--no-install-recommends", "--download-only", "install", *packages
    )
    if code:
        raise CannotProvide(
            f"the packages could not be downloaded (as root: apt-get install "
            f"{' '.join(packages)}):\n{tail(said, lines=6)}"
        )
    for archive in sorted(archives.glob("*.deb")):
        done = run_quietly(["dpkg", "-x", archive, SYSROOT])
        if done.returncode:
            raise CannotProvide(f"{archive.name} could not be unpacked:\n{tail(done.stdout)}")
        archive.unlink()


def _library_folders(root: Path) -> Iterator[Path]:
    """Folders of shared libraries, also the private ones that packages name by full path."""
    for top in (root / "usr/lib", root / "lib"):
        for folder in sorted(top.glob("*-linux-gnu*")):
            yield folder
            for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
                if any(inner.glob("lib*.so*")):
                    yield inner


def environment(root: Path = SYSROOT) -> dict[str, str]:
    """What children need to find what was unpacked; empty where nothing was."""
    if not (root / "usr").is_dir():
        return {}
    found: dict[str, str] = {}
    libraries = [str(folder) for folder in _library_folders(root)]
    if libraries:
        found["LD_LIBRARY_PATH"] = _joined(libraries, os.environ.get("LD_LIBRARY_PATH"))
    programs = [
        str(root / "usr" / name) for name in ("bin", "sbin") if (root / "usr" / name).is_dir()
    ]
    if programs:
        found["PATH"] = _joined([os.environ.get("PATH", os.defpath)], *programs)
    if (root / "etc/fonts/fonts.conf").exists() and not Path("/etc/fonts/fonts.conf").exists():
        found["FONTCONFIG_PATH"] = str(root / "etc/fonts")
    return found


def _joined(first: Sequence[str], *others: str | None) -> str:
    return os.pathsep.join([*first, *(other for other in others if other)])


def program(name: str) -> str | None:
    """Full path of a program of this machine or of `.sysroot`."""
    return shutil.which(name, path=environment().get("PATH") or None)


def newest_postgres() -> Path | None:
    """The folder with `initdb` and `postgres` of the newest PostgreSQL here, 13 or later."""
    places: list[tuple[int, Path]] = []
    for root in (Path("/"), SYSROOT):
        for folder in root.glob("usr/lib/postgresql/*/bin"):
            version = re.fullmatch(r"\d+", folder.parent.name)
            if version and int(version[0]) >= 13 and (folder / "initdb").exists():
                places.append((int(version[0]), folder))
    return max(places)[1] if places else None
