"""The scanner for viruses, where the house has one: any command that reads a file from its standard
input and ends with 0 for clean, 1 for infected (``clamdscan --no-summary -`` and kin).

Off until ``JIEBANG_SCANNER`` names it. A scanner that is away never stops a filing: the file is
taken, noted as not yet looked at, and looked at as soon as the scanner is back.
"""

import logging
import shlex
import subprocess
from datetime import datetime

from django.conf import settings

from core.errors import Refusal
from documents.models import Blob, VirusCheck

INFECTED = 1
log = logging.getLogger(__name__)


def is_on() -> bool:
    return bool(settings.JIEBANG_SCANNER)


def look(data: bytes) -> str | None:
    """What the scanner found, empty for nothing; None when it is off or gave no answer."""
    if not is_on():
        return None
    try:
        done = subprocess.run(
            shlex.split(settings.JIEBANG_SCANNER),
            input=data,
            capture_output=True,
            timeout=settings.JIEBANG_SCANNER_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        log.warning("the virus scanner is away: %s", error)
        return None
    if done.returncode == 0:
        return ""
    if done.returncode == INFECTED:
        return _named(done.stdout.decode("utf-8", "replace"))
    log.warning("the virus scanner failed with %s", done.returncode)
    return None


def _named(said: str) -> str:
    """The name in ``stream: Eicar-Test-Signature FOUND``."""
    line = next((one for one in said.splitlines() if one.endswith(" FOUND")), "")
    name = line.removesuffix(" FOUND").rpartition(": ")[2]
    return "".join(c for c in name if c.isprintable())[:200] or "未命名病毒"


def check_upload(data: bytes, name: str) -> str | None:
    """As ``look``, but a find is a ``Refusal`` ``infected-file``: nothing is stored."""
    found = look(data)
    if found:
        raise Refusal(
            "infected-file",
            f"文件“{name}”未通过病毒检查（{found}），没有保存。请在本机查杀后重新上传。",
            status=422,
        )
    return found


def note(blob: Blob, found: str, *, at: datetime) -> None:
    """Keep what the scanner said of these bytes."""
    VirusCheck.objects.update_or_create(
        blob=blob, defaults={"found": found[:200], "checked_at": at}
    )


def must_be_clean(blob: Blob, name: str) -> None:
    """Refuse to hand out a file in which something was found after it was taken."""
    found = VirusCheck.objects.filter(blob=blob).exclude(found="").first()
    if found is not None:
        raise Refusal(
            "infected-file",
            f"文件“{name}”在收下后的病毒检查中发现问题（{found.found}），已停止下载和预览。"
            "请申报单位移除后另传一份。",
            status=409,
        )
