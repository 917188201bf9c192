"""Keys and passwords that must not stand in the source.

    python -m dev_tools.secrets_scan     one line a find; 1 when there is any

What is made up for tests and examples carries one of ``MADE_UP`` in the same line.
"""

import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = (
    *(".py", ".toml", ".yaml", ".yml", ".html", ".js", ".css", ".md", ".txt", ".in", ".cfg"),
    *(".ini", ".json", ".sh", ".env", ".svg", ".conf", ".csv", ".template"),
)
WITHOUT = {"Dockerfile", "run"}
"""Names of files without a suffix that carry settings or commands."""
LARGEST = 2_000_000
LEFT_OUT = ("static/vendor/", "assets/fonts/")

KINDS: dict[str, re.Pattern[str]] = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/]{20}"),
    "access key": re.compile(r"\b(?:AKIA|ASIA|LTAI)[A-Z0-9]{12,20}\b"),
    "token": re.compile(r"\b(?:ghp_|gho_|ghs_|glpat-|sk-|xox[abp]-)[A-Za-z0-9_-]{20,}"),
    "signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}"),
    "password in an address": re.compile(
        r"\b[a-z][a-z0-9+]*://[^\s:/@\"'{}<>$]+:([^\s@/\"'{}<>$]+)@"
    ),
    "named secret": re.compile(
        r"(?i)\b[\w-]*(?:secret|passwd|password|api_?key|token|private_?key)[\w-]*[\"']?\s*[:=]\s*"
        r"[\"']([A-Za-z0-9+/=_\-!@#$%^&*.]{16,})[\"']"
    ),
}
MADE_UP = (
    *("for-tests", "for tests", "example", "示例", "change-me", "0123456789abcdef"),
    *("jiebang:jiebang", "user:password", "scan: made up"),
)
CHAOS = 3.6
"""Bits a character from which a named secret looks drawn by chance and not written."""


def scan(text: str) -> Iterator[tuple[int, str]]:
    """Line number and kind of each find."""
    lines = text.splitlines()
    for kind, pattern in KINDS.items():
        for match in pattern.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            line = lines[number - 1] if number <= len(lines) else ""
            if any(word in line for word in MADE_UP):
                continue
            if kind == "named secret" and not by_chance(match[1]):
                continue
            yield number, kind


def by_chance(text: str) -> bool:
    """Whether a text looks like one that was drawn: many different signs, of several sorts."""
    sorts = (str.islower, str.isupper, str.isdigit)
    if sum(any(sort(c) for c in text) for sort in sorts) < 2:
        return False
    shares = [text.count(c) / len(text) for c in set(text)]
    return -sum(share * math.log2(share) for share in shares) >= CHAOS


def files() -> list[Path]:
    """What is kept in the repository and is text."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = done.stdout.split("\0") if done.returncode == 0 else _walked()
    return [
        ROOT / name
        for name in names
        if name
        and not name.startswith(LEFT_OUT)
        and (Path(name).suffix in SUFFIXES or Path(name).name in WITHOUT)
        and (ROOT / name).is_file()
        and (ROOT / name).stat().st_size <= LARGEST
    ]


def _walked() -> list[str]:
    """Without git: everything but what is made at run time."""
    top = ("var", ".venv", ".sysroot", ".git")
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [str(path) for path in found if path.parts[0] not in top]


def main() -> int:
    found = 0
    for path in files():
        for number, kind in scan(path.read_text(encoding="utf-8", errors="replace")):
            found += 1
            print(f"{path.relative_to(ROOT)}:{number}: {kind}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
