"""Copy third-party front-end files into static/vendor/, with their licences.

    python scripts/vendor.py           fetch the pinned packages again and rewrite VENDOR.toml
    python scripts/vendor.py --check   only compare the files on disk with VENDOR.toml

The portal runs in closed networks, so every asset is served from here. What a style sheet
would load by itself (``data:`` images, source maps) is cut out, because the pages' Content
Security Policy allows no ``data:``. Standard library only; packages come from the
``npm`` client as it is configured on the machine.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
LIST = VENDOR / "VENDOR.toml"

DATA_URL = re.compile(r"""url\(\s*(?:"data:[^"]*"|'data:[^']*'|data:[^)]*)\s*\)""")
SOURCE_MAP = re.compile(r"(?:/\*[#@]\s*sourceMappingURL=[^*]*\*/|//[#@]\s*sourceMappingURL=\S*)\s*")


@dataclass(frozen=True)
class Package:
    """One pinned package: which of its files are taken, and under which licence."""

    name: str
    version: str
    licence: str
    files: tuple[str, ...]
    licence_file: str


PACKAGES = (
    Package("bootstrap", "5.3.8", "MIT", ("dist/css/bootstrap.min.css",), "LICENSE"),
    Package("echarts", "6.0.0", "Apache-2.0", ("dist/echarts.simple.min.js", "NOTICE"), "LICENSE"),
    Package("htmx.org", "2.0.11", "0BSD", ("dist/htmx.min.js",), "LICENSE"),
)


def cleaned(name: str, data: bytes) -> bytes:
    """The file without anything a browser would load from outside or from ``data:``."""
    if not name.endswith((".css", ".js")):
        return data
    text = data.decode("utf-8")
    if name.endswith(".css"):
        text = DATA_URL.sub("none", text)
    return (SOURCE_MAP.sub("", text).rstrip() + "\n").encode("utf-8")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(package: Package, work: Path) -> list[dict[str, str]]:
    """Take the package's files; returns what VENDOR.toml says of each."""
    spec = f"{package.name}@{package.version}"
    done = subprocess.run(
        ["npm", "pack", "--silent", spec], cwd=work, check=True, capture_output=True, text=True
    )
    archive = work / done.stdout.strip().splitlines()[-1]
    folder = VENDOR / package.name
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    with tarfile.open(archive) as tar:
        for inner in (*package.files, package.licence_file):
            member = tar.extractfile(f"package/{inner}")
            if member is None:
                raise SystemExit(f"{spec}: no file {inner}")
            target = folder / Path(inner).name
            target.write_bytes(cleaned(target.name, member.read()))
            rows.append(
                {
                    "path": target.relative_to(VENDOR).as_posix(),
                    "name": package.name,
                    "version": package.version,
                    "source": f"npm {spec} {inner}",
                    "licence": package.licence,
                    "sha256": sha256(target),
                }
            )
    return rows


def write_list(rows: list[dict[str, str]]) -> None:
    lines = ["# Written by scripts/vendor.py; do not edit by hand.", ""]
    for row in rows:
        lines.append("[[file]]")
        lines.extend(f'{key} = "{value}"' for key, value in row.items())
        lines.append("")
    LIST.write_text("\n".join(lines), encoding="utf-8")


def problems() -> list[str]:
    """Every difference between VENDOR.toml and the files on disk, in words."""
    listed = {row["path"]: row for row in tomllib.loads(LIST.read_text("utf-8"))["file"]}
    found = {
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file() and path != LIST
    }
    out = [f"{path}: not listed" for path in sorted(found - set(listed))]
    out += [f"{path}: listed but missing" for path in sorted(set(listed) - found)]
    out += [
        f"{path}: checksum differs"
        for path in sorted(found & set(listed))
        if sha256(VENDOR / path) != listed[path]["sha256"]
    ]
    return out


def main() -> int:
    if "--check" not in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as work:
            write_list([row for package in PACKAGES for row in fetch(package, Path(work))])
    found = problems()
    print("\n".join(found) or "vendored files agree with VENDOR.toml")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
