"""A rehearsal in a process of its own, on a database that is made for it and thrown away.

The child gets an environment of its own: a temporary SQLite database, a temporary folder for
files, no broker, no mail, no scanner, no keys of the house. It cannot reach real data, since
nothing it is given says where that is; and it refuses to play in any other database.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import Refusal

SECONDS = 900
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""Of the house's environment the child sees only where programs and fonts are."""
LINE = re.compile(r"^@(\d+)/(\d+) (.+)$")

Tell = Callable[[int, int, str], None]


def told(done: int, total: int, title: str) -> str:
    """How the child says how far it is, as a line of its own."""
    return f"@{done}/{total} {title}"


def environment(folder: Path) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'rehearsal.sqlite3'}",
        "JIEBANG_VAR": str(folder),
        "JIEBANG_MEDIA": str(folder / "media"),
        "EMAIL_URL": "dummymail://",
        "BROKER_URL": "memory://",
        "JIEBANG_REHEARSAL": str(folder),
        "HOME": str(folder),
        "TMPDIR": str(folder),
    }


def run(
    payload: Mapping[str, Any], *, seconds: int = SECONDS, tell: Tell | None = None
) -> dict[str, Any]:
    """The report of a rehearsal. ``tell`` hears how far it is; what it raises ends the child.

    Raises ``Refusal``: ``rehearsal-slow``, ``rehearsal-failed``.
    """
    with tempfile.TemporaryDirectory(prefix="jiebang-rehearsal-") as name:
        folder = Path(name)
        (folder / "payload.json").write_text(json.dumps(payload), "utf-8")
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "play_rehearsal"]
        late = threading.Event()
        with (
            (folder / "payload.json").open("rb") as given,
            (folder / "report.json").open("wb") as answer,
            subprocess.Popen(
                command,
                stdin=given,
                stdout=answer,
                stderr=subprocess.PIPE,
                text=True,
                cwd=settings.BASE_DIR,
                env=environment(folder),
            ) as child,
        ):
            alarm = threading.Timer(seconds, _end, (child, late))
            alarm.start()
            try:
                fault = _listen(child, tell)
                child.wait()
            finally:
                alarm.cancel()
                child.kill()
        if late.is_set():
            words = f"演练超过 {seconds} 秒没有完成，已停止。请减少方向或稍后再试。"
            raise Refusal("rehearsal-slow", words)
        if child.returncode != 0:
            raise Refusal("rehearsal-failed", f"演练没有完成：{fault}。请与技术支持联系。")
        text = (folder / "report.json").read_text("utf-8")
        report: dict[str, Any] = json.loads(text.strip().rpartition("\n")[2])
        return report


def _end(child: subprocess.Popen[str], late: threading.Event) -> None:
    late.set()
    child.kill()


def _listen(child: subprocess.Popen[str], tell: Tell | None) -> str:
    """Pass on how far the child is, until it ends; the last of its other words."""
    last = ""
    for line in child.stderr or ():
        if said := LINE.match(line.strip()):
            if tell is not None:
                tell(int(said[1]), int(said[2]), said[3])
        elif line.strip():
            last = line.strip()[:300]
    return last
