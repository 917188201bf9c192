"""A rehearsal in a process of its own, on a database that is made for it and thrown away.

The child gets an environment of its own: a temporary SQLite database, a temporary folder for
files, no broker, no mail, no scanner, no keys of the house. It cannot reach real data.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import Refusal

SECONDS = 900
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""Of the house's environment the child sees only where programs and fonts are."""


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


def run(payload: Mapping[str, Any], *, seconds: int = SECONDS) -> dict[str, Any]:
    """The report of a rehearsal. Raises ``Refusal``: ``rehearsal-slow``, ``rehearsal-failed``."""
    with tempfile.TemporaryDirectory(prefix="jiebang-rehearsal-") as name:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "play_rehearsal"]
        try:
            done = subprocess.run(
                command,
                input=json.dumps(payload),
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
                cwd=settings.BASE_DIR,
                env=environment(Path(name)),
            )
        except subprocess.TimeoutExpired:
            words = f"演练超过 {seconds} 秒没有完成，已停止。请减少方向或稍后再试。"
            raise Refusal("rehearsal-slow", words) from None
        if done.returncode != 0:
            fault = done.stderr.strip().rpartition("\n")[2][:300]
            raise Refusal("rehearsal-failed", f"演练没有完成：{fault}。请与技术支持联系。")
        report: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
        return report
